"""Tabler's sheet dresses no page before ours has come: its marks are pictures within the sheet, which our policy does not let in."""

from playwright.sync_api import Route

from tests.browser.served import Console

OFFICE = "36/coordinator_office"


def test_a_page_whose_own_sheet_comes_late_asks_for_none_of_the_kit_s_pictures(console: Console) -> None:
    page = console.open(OFFICE, "/heat")
    held: list[Route] = []
    page.route("**/static/page.css", lambda route: held.append(route))
    page.goto("/dossiers", wait_until="commit")
    page.locator("select").first.wait_for(state="attached")
    assert page.evaluate("[...document.querySelectorAll('select')].map(one => getComputedStyle(one).backgroundImage)")
    assert held
    held[0].continue_()
    page.wait_for_load_state()
