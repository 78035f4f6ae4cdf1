"""The coordinator office's morning: sign in, read how it stands, open what a number says, see it change, all by the keyboard too.

And the administrator's: let somebody in, and shut them out.
"""

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from casework.actors import person
from casework.acts import ACTS
from models.dossiers import Dossier
from models.session import perform
from tests.browser.pages import looked_at
from tests.browser.served import Console
from tests.browser.worlds import MORNING
from tests.factories import at
from tests.integration.signing_in import PASSWORD

OFFICE = "36/coordinator_office"
NEW_PASSWORD = "cau tre dua nuoc mam"


@pytest.fixture(scope="module")
def login(console: Console) -> str:
    """The login of the office's account."""
    console.session_of(OFFICE)
    return OFFICE


def sign_in(page: Page, login: str, password: str = PASSWORD) -> None:
    """Type what the form asks for."""
    page.get_by_label("Tên đăng nhập").fill(login)
    page.get_by_label("Mật khẩu").fill(password)
    page.get_by_role("button", name="Đăng nhập").click()


def test_the_office_signs_in_to_the_page_it_asked_for_and_out_again(console: Console, login: str) -> None:
    console.expected = ("401 (Unauthorized)",)
    page = console.open(path="/late")
    expect(page).to_have_title("Đăng nhập – Chu trình OCOP")
    sign_in(page, login, "sai mật khẩu rồi")
    expect(page.get_by_role("alert")).to_contain_text("tên đăng nhập hoặc mật khẩu không đúng")
    assert page.get_by_label("Tên đăng nhập").input_value() == login
    sign_in(page, login)
    expect(page).to_have_url(f"{console.url}/late")
    page.locator("summary", has_text="Văn phòng Điều phối").click()
    page.get_by_role("button", name="Đăng xuất").click()
    expect(page).to_have_url(f"{console.url}/sign-in")
    page.goto("/late")
    expect(page).to_have_title("Đăng nhập – Chu trình OCOP")


def test_a_number_of_today_opens_the_list_of_as_many(console: Console) -> None:
    page = console.open(OFFICE)
    expect(page.locator("main")).to_contain_text("Còn 3 ngày làm việc đến hạn “Huyện đánh giá”")
    number = page.locator("a.n").first
    said = int(number.inner_text().replace(".", ""))
    number.click()
    expect(page.locator(".pager b").first).to_have_text(str(said))
    assert page.locator("table.list tbody tr").count() == said


def test_an_open_page_shows_what_others_did_without_being_loaded_again(console: Console) -> None:
    page = console.open(OFFICE)
    page.evaluate("window.sameDocument = true")
    before = page.locator("#figures, main").first.inner_text()
    (code,) = console.rows(select(Dossier.code).where(Dossier.stage == "district_evaluation").limit(1))[0]
    perform(
        console.engine,
        lambda session: ACTS["retract"].perform(
            session, actor=person(session, "365/officer"), at=at(MORNING), key="browser", dossier=code,
            reason="đổi bao bì", requested_on=at(MORNING).date(),
        ),
    )  # fmt: skip
    expect(page.locator(".changed").first).to_be_visible()
    assert page.locator("#figures, main").first.inner_text() != before
    assert page.evaluate("window.sameDocument")


def test_the_keyboard_alone_reaches_the_contents_and_every_place_it_stands_on_is_seen(console: Console) -> None:
    page = console.open(OFFICE)
    page.keyboard.press("Tab")
    skip = page.locator("a.skip")
    expect(skip).to_be_focused()
    assert skip.bounding_box()["y"] >= 0  # type: ignore[index]
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")
    for _ in range(12):
        seen = page.evaluate(
            """() => { const style = getComputedStyle(document.activeElement);
                 return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2 || style.boxShadow !== 'none'; }"""
        )
        assert seen, page.evaluate("document.activeElement.outerHTML.slice(0, 200)")
        page.keyboard.press("Tab")


def test_without_script_the_office_signs_in_and_reads(console: Console, login: str) -> None:
    page = console.open(path="/", java_script_enabled=False)
    sign_in(page, login)
    page.locator("a.n").first.click()
    expect(page.locator("table.list tbody tr").first).to_be_visible()
    page.locator("table.list tbody tr a").first.click()
    expect(page.locator("h1").first).to_be_visible()


def test_the_administrator_invites_somebody_who_sets_a_password_and_is_shut_out_again(console: Console) -> None:
    page = console.open("quan-tri", "/users/accounts")
    page.get_by_label("Tên đăng nhập").fill("quan-tri-hai")
    page.get_by_label("Tên người dùng").fill("Lê Văn Trực")
    page.get_by_role("button", name="Mở tài khoản và gửi lời mời").click()
    link = page.locator("#invited code").inner_text()  # nobody has an e-mail address here: it is handed over on paper
    invited = console.open(path=urlsplit(link).path)
    assert looked_at(invited) == []
    invited.get_by_label("Mật khẩu mới", exact=True).fill(NEW_PASSWORD)
    invited.get_by_label("Gõ lại mật khẩu mới").fill(NEW_PASSWORD)
    invited.get_by_role("button", name="Đặt mật khẩu").click()
    invited.locator("main").get_by_role("link", name="Đăng nhập").click()
    invited.get_by_label("Tên đăng nhập").fill("quan-tri-hai")
    invited.get_by_label("Mật khẩu").fill(NEW_PASSWORD)
    invited.get_by_role("button", name="Đăng nhập").click()
    invited.goto("/users")
    expect(invited.locator("h1")).to_have_text("Đơn vị và người dùng")
    page.goto("/users/accounts?q=quan-tri-hai")
    page.get_by_role("link", name="quan-tri-hai").click()
    page.get_by_role("button", name="Đóng tài khoản").click()
    expect(page.locator("#said")).to_be_visible()
    invited.goto("/users")
    expect(invited).to_have_title("Đăng nhập – Chu trình OCOP")
