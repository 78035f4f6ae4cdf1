"""Every page of every reader, at both sizes: nobody is shut out, nothing is cut off, nothing is left in another language."""

from collections.abc import Mapping

import pytest

from tests.browser.pages import READERS, ROUTES, route_of, walk
from tests.browser.served import Console

REFRESH_SECONDS = 3600
"""What is looked at stays as it is meanwhile."""
NOT_VISITED: Mapping[str, str] = {
    "/welcome/{key}": "only a letter leads there: test_morning looks at it",
    "/letters/{number}/html": "a letter as its reader's mail program shows it, within the page /letters/{number}",
}
"""Routes of pages that this walk does not reach, each with the reason."""


def told(wrong: Mapping[str, list[str]]) -> str:
    """Return what is wrong, a line each."""
    return "\n".join(f"{address}\n    " + "\n    ".join(found) for address, found in wrong.items())


@pytest.mark.long
def test_each_page_is_for_everybody_whole_and_vietnamese(console: Console) -> None:
    known, wrong = set[str](), dict[str, list[str]]()
    for reader in READERS:
        wrong |= walk(console, reader, known)
    assert not wrong, told(wrong)
    assert set(ROUTES) - set(map(route_of, known)) == set(NOT_VISITED)


@pytest.mark.long
def test_each_page_is_whole_in_english(console: Console) -> None:
    known, wrong = set[str](), dict[str, list[str]]()
    for reader in READERS:
        wrong |= walk(console, reader, known, english=True)
    assert not wrong, told(wrong)


@pytest.mark.long
@pytest.mark.parametrize("reader", READERS)
def test_each_page_of_each_reader_is_for_everybody_whole_and_vietnamese(console: Console, reader: str) -> None:
    wrong = walk(console, reader, set(), forms=())
    assert not wrong, told(wrong)
