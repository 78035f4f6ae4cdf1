"""An open page renews itself: it takes only what changed, keeps what a person opened or stands on, rests unseen, says when it is cut off."""

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from casework.actors import person
from casework.acts import ACTS
from models.dossiers import Dossier
from models.session import perform
from tests.browser.served import PHONE, Console
from tests.browser.worlds import MORNING
from tests.factories import at

OFFICE = "36/coordinator_office"


def withdraw_one(console: Console, key: str) -> None:
    """Let another officer record that a producer retracts, which changes figures and owes letters."""
    code = console.rows(select(Dossier.code).where(Dossier.stage == "district_evaluation").limit(1))[0][0]
    perform(
        console.engine,
        lambda session: ACTS["retract"].perform(
            session, actor=person(session, "365/officer"), at=at(MORNING), key=key, dossier=code, reason="đổi bao bì",
            requested_on=at(MORNING).date(),
        ),
    )  # fmt: skip


def answers_of(page: Page) -> list[int]:
    """Return a list that grows by the status of each answer to the page's own asking."""
    found: list[int] = []
    page.on("response", lambda answer: found.append(answer.status) if answer.request.resource_type == "fetch" else None)
    return found


def test_what_a_person_opened_and_stands_on_is_the_same_after_figures_changed(console: Console) -> None:
    page = console.open(OFFICE, "/letters")
    page.locator("summary", has_text="Số thư theo loại").click()
    link = page.locator("#states a.n").first
    link.focus()
    before = page.locator("#states h1").inner_text(), link.get_attribute("href")
    withdraw_one(console, "renewed")
    expect(page.locator(".changed").first).to_be_visible()
    expect(page.locator("details", has_text="Số thư theo loại")).to_have_attribute("open", "")
    assert page.evaluate("document.activeElement.getAttribute('href')") == before[1]
    expect(page.locator("[data-status]")).to_have_text("đang cập nhật")


@pytest.mark.long
def test_a_page_that_says_the_same_is_not_sent_again_and_one_that_nobody_sees_does_not_ask(console: Console) -> None:
    page = console.open(OFFICE, "/heat")
    asked = answers_of(page)
    page.wait_for_event("response", lambda answer: answer.status == 304)
    assert asked[1:] == [304] * len(asked[1:])
    unseen = console.open(OFFICE, "/heat")
    unseen.evaluate("Object.defineProperty(document, 'hidden', {get: () => true})")
    silent = answers_of(unseen)
    page.wait_for_event("response", lambda answer: answer.status == 304)
    page.wait_for_event("response", lambda answer: answer.status == 304)
    assert silent == []


def test_a_page_that_is_cut_off_says_since_when_and_that_it_is_back(console: Console) -> None:
    console.expected = ("ERR_INTERNET_DISCONNECTED", "htmx:error: Failed to fetch")
    page = console.open(OFFICE, "/heat")
    expect(page.locator("[data-status]")).to_have_text("đang cập nhật")
    page.context.set_offline(True)
    expect(page.locator("[data-status]")).to_contain_text("mất kết nối từ")
    page.context.set_offline(False)
    expect(page.locator("[data-status]")).to_have_text("đang cập nhật")


def test_the_menu_opens_on_a_telephone_without_script_and_covers_nothing_once_it_is_closed(console: Console) -> None:
    page = console.open(OFFICE, size=PHONE, java_script_enabled=False)
    page.get_by_role("button", name="Danh mục").click()
    page.get_by_role("link", name="Hồ sơ", exact=True).click()
    expect(page).to_have_title("Hồ sơ – Chu trình OCOP")
    expect(page.get_by_role("navigation", name="Các trang")).to_be_hidden()


def test_a_menu_of_the_bar_closes_when_a_person_turns_away(console: Console) -> None:
    page = console.open(OFFICE)
    person_menu = page.locator("summary", has_text="Văn phòng")
    person_menu.click()
    expect(page.get_by_role("button", name="Đăng xuất")).to_be_visible()
    page.locator("main h1").click()
    expect(page.get_by_role("button", name="Đăng xuất")).to_be_hidden()
    person_menu.click()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Đăng xuất")).to_be_hidden()
    expect(person_menu).to_be_focused()
