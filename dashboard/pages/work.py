"""The first page of an officer: what waits for them, in sections by urgency, and what to do with several dossiers at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Response
from fastapi.responses import RedirectResponse

from casework.act import Answer
from casework.acts import ACTS
from casework.board.desks import OF_DOSSIERS, Desk, Section, colleagues, desk_of
from casework.board.owed import Owed
from casework.board.records import unreadable
from casework.board.work import Work, has_own
from casework.board.work_lines import bulk_acts, dossiers, owed
from dashboard.acting import fresh_key, performed
from dashboard.forms_drawn import dossiers_query
from dashboard.kept import Shared
from dashboard.said import send_on
from dashboard.view import PageNumber, View, Viewed, pager
from dashboard.words import address
from ocop.errors import NotFound, RuleViolation
from ocop.phrase import Joined, Phrase

router = APIRouter(route_class=Shared)
MINE, UNIT = "mine", "unit"
MOST = 500
"""Dossiers marked at a time."""
GIVING = {"claim", "assign", "release"}
MARKED = (*OF_DOSSIERS, Section.FREE)
Word = Annotated[str, Query(max_length=60)]
Typed = Annotated[str, Form(max_length=60)]


@dataclass(frozen=True)
class Place:
    """Which list is looked at: whose, the section, and the stage that it is narrowed to."""

    of: str
    section: Section
    stage: str

    @property
    def parameters(self) -> dict[str, str]:
        """What stands in its address."""
        return {"of": self.of, "section": self.section.value, "stage": self.stage}


def _section(word: str) -> Section | None:
    if word and word not in set(Section):
        raise NotFound(f"Danh sách việc không có mục '{word}'.", f"the work list has no section '{word}'")
    return Section(word) if word else None


@router.get("/work")
def work(view: Viewed, of: Word = "", section: Word = "", stage: Word = "", page: PageNumber = 1) -> Response:
    """Show what waits for the reader, and the list of one section."""
    asked = _section(section)
    desk = desk_of(view.session, view.reader.actor.person_id or 0, view.at)
    if of not in {MINE, UNIT}:
        of = MINE if not desk.leads and has_own(view.session, desk, view.at) else UNIT
    shown, owing = Work(view.session, desk, view.at, mine=of == MINE), Owed(view.session, desk)
    counts = shown.counts() | owing.counts()
    place = Place(of, asked or next((one for one in Section if counts[one]), Section.LATER), stage)
    return view.page(
        "work.html.j2", desk=desk, counts=counts, place=place, **_list(view, shown, owing, counts, place, page)
    )


def _list(
    view: View, shown: Work, owing: Owed, counts: Mapping[Section, int], place: Place, page: int
) -> dict[str, object]:
    """Return what the template needs for the list of a section."""
    marked = place.section in MARKED
    everything = shown.parts(place.section) if marked else []
    stages = {part.group.stage: part.group.at.label for part in everything}
    if place.stage and place.stage not in stages:
        stages[place.stage] = place.stage
    parts = [part for part in everything if place.stage in ("", part.group.stage)]
    total = sum(part.number for part in parts) if marked else counts[place.section]
    cycle = view.chosen.code if view.chosen else None
    pages = pager(view, "/work", total, page, cycle=cycle, **place.parameters)
    rows = view.settings.rows
    if marked:
        lines = dossiers(shown, place.section, stage=place.stage, limit=rows, offset=pages.offset)
    else:
        lines = owed(shown, owing, place.section, limit=rows, offset=pages.offset)
    on_desk = any(line.mine for line in lines)
    return {
        "lines": lines,
        "pager": pages,
        "stages": stages,
        "bulk": bulk_acts(shown.desk, [part.group for part in parts]) if on_desk else [],
        "people": colleagues(view.session, shown.desk, view.at) if on_desk else [],
        "labels": {section: section.label for section in Section},
    }


@router.post("/work")
def work_done(
    view: Viewed,
    do: Typed = "",
    dossiers: Annotated[list[str], Form(max_length=MOST)] = [],  # noqa: B006
    person: Typed = "",
    note: Annotated[str, Form(max_length=500)] = "",
    act: Typed = "",
    of: Typed = "",
    section: Typed = "",
    stage: Typed = "",
) -> Response:
    """Take, give or put back the marked dossiers with a result for each, or go on to the form of another act."""
    _section(section)
    back = address("/work", of=of if of in {MINE, UNIT} else None, section=section, stage=stage)
    codes = list(dict.fromkeys(code.strip() for code in dossiers))
    desk = desk_of(view.session, view.reader.actor.person_id or 0, view.at)
    if (wrong := _wrong(view, desk, do, codes, person, act)) is not None:
        return send_on(view.request, back, wrong, "warning")
    if do == "act":
        way = address("/acts", act=act, back=back)
        return RedirectResponse(f"{way}&{dossiers_query(codes)}", status_code=303)
    more: dict[str, Any] = {"person": person, "note": note} if do == "assign" else {}
    try:
        answer = performed(view, do, fresh_key(), dossiers=codes, **more)
    except RuleViolation as refusal:
        return send_on(view.request, back, refusal.told, "warning")
    return _told(view, back, do, answer)


def _wrong(view: View, desk: Desk, do: str, codes: list[str], person: str, act: str) -> Phrase | None:
    """Return what is missing in a form or names nothing that the reader may know, or None."""
    if do not in {*GIVING, "act"} or (do == "act" and act not in ACTS):
        return Phrase("Chưa chọn việc. Hãy chọn việc cần làm với các hồ sơ đã đánh dấu.")
    if not codes:
        return Phrase("Chưa đánh dấu hồ sơ nào. Hãy đánh dấu ở đầu dòng của những hồ sơ cần làm.")
    if missing := unreadable(view.session, view.reader.scope, codes):
        return Phrase(
            "Không có hồ sơ mang mã: %(codes)s. Hãy tải lại trang rồi đánh dấu lại.", codes=", ".join(missing)
        )
    if do == "assign" and person not in {one.code for one in colleagues(view.session, desk, view.at)}:
        return Phrase("Chưa chọn người nhận. Hãy chọn một người của đơn vị trong danh sách.")
    return None


def _told(view: View, back: str, do: str, answer: Answer) -> Response:
    """Go back with a sentence where all was done; else show the result of each dossier."""
    if not answer["refused"]:
        warnings = answer.get("warnings") or []
        return send_on(
            view.request, back, Joined(" ", [answer["message"], *warnings]), "warning" if warnings else "success"
        )
    return view.page(
        "work_done.html.j2",
        title=ACTS[do].title,
        answer=answer,
        reasons=[(one["dossier"], one["reason"]) for one in answer["refused"]],
        back=back,
    )
