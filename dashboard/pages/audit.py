"""The audit: who did what, when; filters stay in the address, older lines are a link away."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from casework.board.audit import KINDS, AuditFilter, Line, Place, audit_lines, kinds_for, whats
from casework.exports import Sheet
from casework.imports import values
from dashboard.language import said_to
from dashboard.rights import Kind
from dashboard.view import View, Viewed
from dashboard.words import address
from ocop.errors import InvalidInput, RuleViolation
from ocop.text import count, fold
from ocop.working_days import VIETNAM

router = APIRouter()
Word = Annotated[str, Query(max_length=100)]
COLUMNS = ("Lúc", "Ai", "Việc", "Hồ sơ", "Chu trình", "Đơn vị, tài khoản", "Nội dung", "Địa chỉ mạng", "Loại")
MOST = 20_000
"""Lines of a workbook."""


def _day(text: str, what: str, english: str) -> date | None:
    try:
        return values.day(text) if text else None
    except ValueError:
        raise InvalidInput(
            f"{what} không đọc được: '{text}'. Hãy ghi như 2025-06-13.",
            f"the {english} day cannot be read: '{text}'. Write it like 2025-06-13",
        ) from None


def wanted(
    kind: Word = "", since: Word = "", until: Word = "", who: Word = "", what: Word = "", dossier: Word = ""
) -> AuditFilter:
    """Return the filters of an address."""
    days = _day(since, "Ngày đầu", "first"), _day(until, "Ngày cuối", "last")
    return AuditFilter(kind, *days, who.strip(), what, dossier.strip())


Filters = Annotated[AuditFilter, Depends(wanted)]


@router.get("/audit")
def audit(view: Viewed, filters: Filters, before: Annotated[str, Query(max_length=300)] = "") -> Response:
    """Show lines from the newest back."""
    rows: int = view.settings.rows
    error: str = ""
    try:
        lines = _lines(view, filters, rows + 1, Place.read(before) if before else None)
    except RuleViolation as refusal:
        lines, error = [], refusal.told
    older = address("/audit", **filters.parameters, before=str(lines[rows - 1].place)) if len(lines) > rows else ""
    return view.page(
        "audit.html.j2",
        status=422 if error else 200,
        lines=lines[:rows],
        older=older,
        before=before,
        filters=filters,
        error=error,
        kinds=kinds_for(whole=_whole(view)),
        whats=sorted(whats(), key=lambda pair: fold(said_to(view.request, pair[1]))),
        whole=_whole(view),
        opens={
            "dossier": view.reader.may("GET", "/dossiers/{code:path}"),
            "cycle": view.reader.may("GET", "/plan"),
            "account": view.reader.may("GET", "/users/accounts/{number}"),
        },
    )


def _whole(view: View) -> bool:
    """Return whether the reader sees what every province did, and the requests."""
    return Kind.ADMINISTRATOR in view.reader.kinds


def _lines(view: View, filters: AuditFilter, limit: int, before: Place | None = None) -> list[Line]:
    return audit_lines(view.session, filters, view.reader.scope, whole=_whole(view), limit=limit, before=before)


@router.get("/audit.xlsx")
def audit_as_excel(view: Viewed, filters: Filters) -> Response:
    """Return the lines as a workbook, the newest of them where there are very many."""
    lines = _lines(view, filters, MOST + 1)
    rows = [
        (
            line.at.astimezone(VIETNAM), line.who, line.what, line.dossier, line.cycle, line.about, line.detail, line.address,
            KINDS[line.kind],
        )
        for line in lines[:MOST]
    ]  # fmt: skip
    title = "Nhật ký" if len(lines) <= MOST else f"Nhật ký, {count(MOST)} dòng mới nhất"
    return view.excel("Nhật ký", [Sheet(title, COLUMNS, rows)])
