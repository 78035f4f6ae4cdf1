"""What everybody may open without signing in: the products in force, and how one certificate stands."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response

from casework.board.public import (
    STARS,
    Sought,
    certificate_by_number,
    conditions,
    count_products,
    list_products,
    places,
)
from casework.exports import Sheet
from dashboard.view import PageNumber, Viewed, pager

router = APIRouter()


def _chosen(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def asked(
    q: Annotated[str, Query(max_length=200)] = "",
    star: Annotated[str, Query(max_length=10)] = "",
    unit: Annotated[str, Query(max_length=10)] = "",
) -> Sought:
    """Return the filters of an address; a choice that was left empty is none."""
    return Sought("".join(sign for sign in q if sign.isprintable()), _chosen(star), _chosen(unit))


Filters = Annotated[Sought, Depends(asked)]


@router.get("/public")
def products(view: Viewed, filters: Filters, page: PageNumber = 1) -> Response:
    """Show the products whose certificate is in force."""
    found, words = conditions(view.session, filters, view.at)
    pages = pager(view, "/public", count_products(view.session, found), page, **filters.parameters)
    return view.page(
        "public.html.j2",
        rows=list_products(view.session, found, view.at, limit=view.settings.rows, offset=pages.offset),
        pager=pages,
        words=words,
        filters=filters,
        places=places(view.session, filters.unit),
        stars=STARS,
    )


@router.get("/public.xlsx")
def products_excel(view: Viewed, filters: Filters) -> Response:
    """Give the whole list as Excel."""
    found, _ = conditions(view.session, filters, view.at)
    rows = [
        [
            row.product, row.group, row.producer, row.star, row.commune, row.above, row.number, row.issued_on, row.valid_until,
            bool(row.simulated),
        ]
        for row in list_products(view.session, found, view.at)
    ]  # fmt: skip
    return view.excel("san-pham-ocop", [Sheet("Sản phẩm OCOP", COLUMNS, rows)])


COLUMNS = (
    "Sản phẩm", "Nhóm", "Chủ thể", "Sao", "Xã", "Thuộc", "Số giấy chứng nhận", "Ngày cấp", "Có giá trị đến", "Mô phỏng",
)  # fmt: skip


@router.get("/public/{number:path}")
def certificate(view: Viewed, number: Annotated[str, Path(max_length=100)]) -> Response:
    """Show how one certificate stands."""
    return view.page("public_certificate.html.j2", shown=certificate_by_number(view.session, number, view.at))
