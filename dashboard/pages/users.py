"""Units as a tree with their people, telephones and accounts, and the list of units; people are invited here."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query, Response
from sqlalchemy import func, select

from casework import invitations
from casework.accounts import STATE_WORDS
from casework.board.people import (
    PeopleFilter,
    UnitFilter,
    find_people,
    held,
    officers_of,
    place,
    units,
)
from casework.exports import Sheet
from dashboard.pages.sign_in import HIDDEN
from dashboard.rights import Kind
from dashboard.view import PageNumber, View, Viewed, pager
from dashboard.who import page_address
from models.session import perform
from ocop.errors import RuleViolation
from ocop.levels import Level
from ocop.phrase import Phrase
from ocop.working_days import VIETNAM

router = APIRouter()
Words = Annotated[str, Query(max_length=100)]
UNIT_COLUMNS = ("Cấp", "Mã", "Tên", "Thuộc", "Từ ngày", "Đến hết ngày", "Cán bộ phụ trách", "Điện thoại", "Thư điện tử")
PEOPLE_COLUMNS = (
    "Đơn vị", "Mã cán bộ", "Họ và tên", "Nhiệm vụ", "Từ ngày", "Đến hết ngày", "Điện thoại", "Thư điện tử", "Tên đăng nhập",
    "Tài khoản", "Đăng nhập lần cuối",
)  # fmt: skip


def whole(view: View) -> bool:
    """Return whether the reader sees every unit."""
    return Kind.ADMINISTRATOR in view.reader.kinds


def people_wanted(
    unit: Annotated[int | None, Query(ge=1, le=2**31 - 1)] = None,
    whole: bool = False,
    q: Words = "",
    without: bool = False,
) -> PeopleFilter:
    """Return the filters of an address."""
    return PeopleFilter(unit, whole, q.strip(), without)


People = Annotated[PeopleFilter, Depends(people_wanted)]


@router.get("/users")
def users(view: Viewed, filters: People, page: PageNumber = 1) -> Response:
    """Show a unit with those below it and its people."""
    found = find_people(view.session, view.reader.scope, filters, view.at, whole=whole(view))
    pages = pager(view, "/users", len(found), page, **filters.parameters)
    return view.page(
        "users.html.j2",
        place=place(view.session, view.reader.scope, filters, view.at, whole=whole(view)),
        filters=filters,
        rows=held(view.session, found[pages.offset : pages.offset + view.settings.rows], view.wall),
        pager=pages,
        states=STATE_WORDS,
        may_invite=view.reader.may("POST", "/users/invite"),
        most=invitations.MOST_AT_ONCE,
    )


@router.get("/users.xlsx")
def users_as_excel(view: Viewed, filters: People) -> Response:
    """Return the list of people as a workbook."""
    found = find_people(view.session, view.reader.scope, filters, view.at, whole=whole(view))
    rows = [
        (
            row.unit.name, row.person.code, row.person.name, row.role.label, row.valid_from, row.valid_to, row.person.phone,
            row.person.email, row.account.login if row.account else "", STATE_WORDS[row.state] if row.state else "chưa có",
            row.signed_in_at.astimezone(VIETNAM) if row.signed_in_at else None,
        )
        for row in held(view.session, found, view.wall)
    ]  # fmt: skip
    return view.excel("Người dùng", [Sheet("Người dùng", PEOPLE_COLUMNS, rows)])


@router.post("/users/invite")
def invite(view: Viewed, codes: Annotated[list[str], Form(max_length=300)] = []) -> Response:  # noqa: B006
    """Invite people, each with what became of it; who has no e-mail gets the link from the administrator's hand."""
    sender = sender_of(view)
    try:
        found = perform(
            view.request.app.state.engine(),
            lambda session: invitations.invite_people(session, codes, sender),
        )
        error: str = "" if codes else Phrase("Chưa chọn ai. Hãy đánh dấu những người cần mời rồi gửi lại.")
    except RuleViolation as refusal:
        found, error = [], refusal.told
    page = view.page("invited.html.j2", status=422 if error else 200, found=found, error=error)
    page.headers.update(HIDDEN)
    return page


def sender_of(view: View) -> invitations.Sender:
    """Return the reader as who makes links."""
    state = view.request.app.state
    return invitations.Sender(state.secret, page_address(view.request), view.wall, view.at, view.reader.name)


def units_wanted(q: Words = "", level: Annotated[str, Query(max_length=20)] = "", ended: bool = False) -> UnitFilter:
    """Return the filters of an address."""
    return UnitFilter(q.strip(), level, ended)


Units = Annotated[UnitFilter, Depends(units_wanted)]


@router.get("/units")
def show_units(view: Viewed, filters: Units, page: PageNumber = 1) -> Response:
    """Show the list of units; the search minds neither marks nor case."""
    asked = units(view.reader.scope, filters, view.at, whole=whole(view))
    total = view.session.scalar(select(func.count()).select_from(asked.order_by(None).subquery())) or 0
    pages = pager(view, "/units", total, page, **filters.parameters)
    rows = view.session.execute(asked.limit(view.settings.rows).offset(pages.offset)).all()
    return view.page(
        "units.html.j2",
        rows=rows,
        officers=officers_of(view.session, [unit.id for unit, _ in rows], view.at),
        pager=pages,
        filters=filters,
        levels=[(level.value, level.label) for level in reversed(Level)],
    )


@router.get("/units.xlsx")
def units_as_excel(view: Viewed, filters: Units) -> Response:
    """Return the list of units as a workbook."""
    rows = view.session.execute(units(view.reader.scope, filters, view.at, whole=whole(view))).all()
    officers = officers_of(view.session, [unit.id for unit, _ in rows], view.at)
    told = []
    for unit, above in rows:
        officer = officers.get(unit.id)
        told.append(
            (
                Level(unit.level).label, unit.code, unit.name, above or "", unit.valid_from, unit.valid_to,
                officer.name if officer else "", officer.phone if officer else "", officer.email if officer else "",
            )
        )  # fmt: skip
    return view.excel("Đơn vị", [Sheet("Đơn vị", UNIT_COLUMNS, told)])
