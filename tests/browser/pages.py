"""Finds the pages that each reader can reach by links, from the first page on, and looks at each of them at both sizes."""

import re
from collections.abc import Collection, Mapping
from urllib.parse import urlsplit

from playwright.sync_api import Page
from starlette.routing import compile_path

from dashboard.language import COOKIE as LANGUAGE
from dashboard.rights import RIGHTS
from tests.browser.looking import cut_off, left_in_vietnamese, shut_out, untranslated
from tests.browser.served import DESK, PHONE, Console
from tests.browser.worlds import PRODUCER

READERS = (
    "36/coordinator_office", "36/officer", "365/officer", "14101/officer", "366/head", PRODUCER, "quan-tri", "",
)  # fmt: skip
"""Who looks at the pages: a person or a producer by code, the administrator, and nobody."""
PROGRAMS = re.compile(r"\.(xlsx|csv|json|zip|pdf|docx)$|^/(healthz|readyz|metrics)$|^/api/|/attachments/[^/]+$")
"""What is downloaded or read by programs, and is no page."""
UNLINKED: Mapping[str, str] = {
    "/sign-in": "/sign-in",
    "/api": "/api",
}
"""Pages that no link leads to, and the address at which they are looked at."""
MORE_FOR: Mapping[str, str] = {"quan-tri": "/users"}
"""A page known from another reader on which this one finds more links."""

ROUTES = sorted(
    (path for method, path in RIGHTS if method == "GET" and not PROGRAMS.search(path)),
    key=lambda path: (path.count("{"), -len(path)),
)
PATTERNS = [(compile_path(path)[0], path) for path in ROUTES]


def route_of(path: str) -> str | None:
    """Return the route that answers a path, as it stands in the table of rights; None for what is no page."""
    if PROGRAMS.search(path):
        return None
    return next((route for pattern, route in PATTERNS if pattern.match(path)), None)


FORMS = frozenset({"register", "evaluate", "recognise", "extend", "amend-plan", "complain"})
"""Acts whose forms have every kind of field between them; the others' are made of the same."""


def kind_of(address: str, *, forms: Collection[str] = FORMS) -> str | None:
    """Return what is looked at once: the route, and of the acts' forms those named, each for itself."""
    path = urlsplit(address).path
    route = route_of(path)
    if route != "/acts/{name}" or (forms and path.rpartition("/")[2] not in forms):
        return route
    return path


def looked_at(page: Page, *, thorough: bool = False, names: Collection[str] = ()) -> list[str]:
    """Return what is wrong with a page at both sizes; only a thorough look asks at both whom it shuts out.

    An English page is one in which these names alone are Vietnamese.
    """
    found = left_in_vietnamese(page, names) if names else untranslated(page)
    for size in (PHONE, DESK):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        shut = shut_out(page) if thorough or size is DESK else []
        found += [f"{size['width']}: {said}" for said in (*cut_off(page), *shut)]
    return found


def links(page: Page) -> list[str]:
    """Return the addresses of our own pages that a page leads to."""
    found: list[str] = page.eval_on_selector_all("a[href]", "all => all.map(one => one.getAttribute('href'))")
    return [link for link in found if link.startswith("/")]


def walk(
    console: Console, reader: str, known: set[str], *, forms: Collection[str] = FORMS, english: bool = False
) -> dict[str, list[str]]:
    """Follow a reader's links to every kind of page that is not known yet; return what is wrong, by address.

    Of the acts' forms those named are looked at; where none is named, all are, and every page thoroughly.
    """
    page = console.open(reader, "/")
    names = console.names() if english else ()
    if english:
        page.context.add_cookies([{"name": LANGUAGE, "value": "en", "url": console.url}])
    begin = [MORE_FOR[reader]] if reader in MORE_FOR else []
    waiting, wrong = ["/", *begin, *UNLINKED.values()], dict[str, list[str]]()
    met = set(known)
    while waiting:
        address = waiting.pop(0)
        answer = page.goto(address)
        assert answer is not None
        kind = kind_of(address, forms=forms)
        if answer.status >= 400:
            wrong[f"{reader} {address}"] = [f"answers {answer.status}: {page.inner_text('main')[:200]}"]
            continue
        if kind is not None and kind not in known:
            known.add(kind)
            if found := looked_at(page, thorough=not forms, names=names):
                wrong[f"{reader} {address}"] = found
        for link in links(page):
            found_kind = kind_of(link, forms=forms)
            if found_kind is not None and found_kind not in met:  # where each page is looked at once, so is each link
                met.add(found_kind)
                waiting.append(link)
    return wrong
