"""Certificates near their end and run out, by unit and as a list."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from sqlalchemy import ColumnElement

from casework.board.certificates import (
    buckets,
    by_unit,
    conditions,
    count_certificates,
    list_certificates,
)
from casework.exports import Cell, Sheet
from casework.rules import plan_of
from dashboard.kept import Shared
from dashboard.view import PageNumber, View, Viewed, pager
from ocop.plan_sections import Expiry
from ocop.working_days import day_of

router = APIRouter(route_class=Shared)
State = Annotated[str, Query(max_length=40)]
UnitNumber = Annotated[int | None, Query(ge=1, le=2_147_483_647)]
Words = Annotated[str, Query(max_length=200)]


def _days_before(view: View) -> Sequence[int]:
    return (plan_of(view.chosen).expiry if view.chosen else Expiry()).days_before


def _asked(view: View, state: str, unit: int | None, q: str) -> tuple[list[ColumnElement[bool]], list[str]]:
    return conditions(view.session, state, unit, q, _days_before(view), day_of(view.at), view.reader.scope)


@router.get("/certificates")
def certificates(
    view: Viewed, state: State = "", unit: UnitNumber = None, q: Words = "", page: PageNumber = 1
) -> Response:
    """Show certificates by unit and the list that the address asks for."""
    found, told = _asked(view, state, unit, q)
    total, units = by_unit(view.session, _days_before(view), day_of(view.at), view.reader.scope)
    cycle = view.chosen.code if view.chosen else None
    parameters = {"cycle": cycle, "state": state or None, "unit": unit, "q": q.strip() or None}
    pages = pager(view, "/certificates", count_certificates(view.session, found), page, **parameters)
    return view.page(
        "certificates.html.j2",
        buckets=buckets(_days_before(view), day_of(view.at)),
        total=total,
        units=units,
        words=told,
        rows=list_certificates(view.session, found, day_of(view.at), limit=view.settings.rows, offset=pages.offset),
        pager=pages,
        parameters=parameters,
        state=state,
        unit=unit,
        q=q,
    )


@router.get("/certificates.xlsx")
def certificates_excel(view: Viewed, state: State = "", unit: UnitNumber = None, q: Words = "") -> Response:
    """Give the whole list as Excel."""
    found, _ = _asked(view, state, unit, q)
    rows = [_row(row) for row in list_certificates(view.session, found, day_of(view.at))]
    return view.excel("giay-chung-nhan", [Sheet("Giấy chứng nhận", COLUMNS, rows)])


COLUMNS = (
    "Số giấy chứng nhận", "Sao", "Mã sản phẩm", "Sản phẩm", "Chủ thể", "Điện thoại", "Xã", "Ngày cấp", "Có giá trị đến",
    "Cơ quan cấp", "Đã nộp lại hồ sơ", "Thu hồi ngày", "Nguồn", "Mô phỏng",
)  # fmt: skip


def _row(row: Any) -> list[Cell]:
    held = row.Certificate
    return [
        held.number, held.star, row.product_code, row.product, row.producer, row.phone, row.commune, held.issued_on,
        held.valid_until, row.issuer, bool(row.filed_again), held.revoked_on, held.source, bool(row.simulated),
    ]  # fmt: skip
