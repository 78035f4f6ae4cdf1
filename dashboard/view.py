"""What every page needs: a consistent view of the record, the instant it shows, the cycle it is about, and how it is drawn."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import Depends, Query, Request, Response
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlalchemy.orm import Session

from casework.board.cycles import cycles, has_simulated
from casework.exports import Sheet, to_excel
from dashboard import words
from dashboard.language import asked, gettext, pgettext, said, spoken
from dashboard.menu import Entry
from dashboard.rights import RIGHTS
from dashboard.said import forget, heard
from dashboard.settings import WebSettings
from dashboard.who import Admission, Reader
from models.cycles import Cycle
from ocop.errors import NotFound
from ocop.text import fold
from ocop.working_days import day_of

HERE = Path(__file__).parent
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class NoCycle(Exception):
    """No cycle was opened yet."""


def environment() -> Environment:
    """Return the templates: nothing undefined passes, everything is escaped."""
    found = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        extensions=["jinja2.ext.i18n"],
        finalize=said,
    )
    found.policies["ext.i18n.trimmed"] = True
    found.newstyle_gettext = True  # type: ignore[attr-defined]
    found.filters.update(words.FILTERS)
    found.globals["gettext"] = gettext
    found.globals["pgettext"] = pgettext
    found.globals["address"] = words.address
    return found


TEMPLATES = environment()


@dataclass
class View:
    """One request's view of the record."""

    request: Request
    reader: Reader
    session: Session
    settings: WebSettings
    wall: datetime
    driven: datetime | None
    cycles: Sequence[Cycle]
    chosen: Cycle | None

    @property
    def at(self) -> datetime:
        """The instant that the page shows."""
        return self.driven or self.wall

    @property
    def menu(self) -> tuple[Entry, ...]:
        """The navigation of this reader."""
        return self.reader.menu

    @property
    def cycle(self) -> Cycle:
        """The cycle that the page is about; NoCycle when there is none."""
        if self.chosen is None:
            raise NoCycle
        return self.chosen

    def page(self, template: str, **context: Any) -> Response:
        """Return a page, or 304 when the one who asks has it already."""
        today = day_of(self.at)
        simulated = self.chosen is not None and has_simulated(self.session, self.chosen)
        return draw(
            self.request, template, view=self, at=self.at, today=today, driven=self.driven, cycles=self.cycles,
            cycle=self.chosen, simulated=simulated, refresh=self.settings.refresh_seconds, **context,
        )  # fmt: skip

    def excel(self, name: str, sheets: Sequence[Sheet]) -> Response:
        """Return lists as a workbook to keep."""
        file = f"{fold(name).replace(' ', '-')}-{day_of(self.at).isoformat()}.xlsx"
        return Response(
            to_excel(sheets), media_type=EXCEL, headers={"Content-Disposition": f'attachment; filename="{file}"'}
        )


def draw(request: Request, template: str, *, status: int = 200, **context: Any) -> Response:
    """Render a template; a page that has not changed since it was given out is answered with 304."""
    path = request.url.path
    reader = getattr(request.state, "reader", None) or Reader()
    told = heard(request)
    language = asked(request)
    with spoken(language):
        html = TEMPLATES.get_template(template).render(
            path=path, here=_here(request), language=language, reader=reader, menu=reader.menu, said=told, **context
        )
    tag = f'"{hashlib.sha256(html.encode()).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    if status == 200 and request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    page = HTMLResponse(html, status_code=status, headers=headers)
    if told:
        forget(page)
    return page


def _here(request: Request) -> str:
    """Return where a reader comes back to: the page, or for the answer to a form what can be opened nearest above it."""
    path, query = quote(request.scope["path"]), request.scope["query_string"].decode("latin-1")
    route = request.scope.get("route")
    if request.method == "GET" or route is None or ("GET", route.path) in RIGHTS:
        return f"{path}?{query}" if query else path
    known = route.path
    while known and ("GET", known) not in RIGHTS:
        known, path = known.rpartition("/")[0], path.rpartition("/")[0]
    return path or "/"


def view(request: Request, admission: Admission, cycle: Annotated[str, Query(max_length=60)] = "") -> View:
    """Return the view of a request: of the cycle named in the address, or the open one that is newest."""
    session, reader = admission.session, admission.reader
    known = [row for row in cycles(session) if reader.scope.whole or row.province_id in reader.scope.provinces]
    chosen = next((row for row in known if not cycle or row.code == cycle), None)
    if cycle and chosen is None:
        raise NotFound(f"Không có chu trình mang mã '{cycle}'.", f"there is no cycle '{cycle}'")
    settings = request.app.state.settings
    return View(request, reader, session, settings, admission.wall, admission.driven, known, chosen)


Viewed = Annotated[View, Depends(view)]
PageNumber = Annotated[int, Query(ge=1, le=100_000)]


@dataclass(frozen=True)
class Pager:
    """Where a list stands: which page of how many, and the addresses of the others."""

    total: int
    number: int
    rows: int
    path: str
    parameters: dict[str, Any]

    @property
    def pages(self) -> int:
        """How many pages there are; an empty list has one."""
        return max(1, ceil(self.total / self.rows))

    @property
    def offset(self) -> int:
        """How many rows come before this page."""
        return (self.number - 1) * self.rows

    @property
    def first(self) -> int:
        """The number of this page's first row."""
        return min(self.offset + 1, self.total)

    @property
    def last(self) -> int:
        """The number of this page's last row."""
        return min(self.offset + self.rows, self.total)

    def to(self, number: int) -> str:
        """Return the address of a page."""
        return words.address(self.path, **self.parameters, page=number if number > 1 else None)


def pager(view: View, path: str, total: int, number: int, **parameters: Any) -> Pager:
    """Return the pager of a list; NotFound for a page behind its end."""
    found = Pager(total, number, view.settings.rows, path, parameters)
    if number > found.pages:
        raise NotFound(f"Danh sách chỉ có {found.pages} trang.", f"the list has only {found.pages} pages")
    return found
