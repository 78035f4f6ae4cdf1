"""Lists of dossiers by the filters in their address, as a page or as Excel, and one dossier whole."""

from collections.abc import Iterable
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from casework.board.able import Offer, acts_on_dossiers, offer
from casework.board.dossier import story
from casework.board.dossiers import ORDERS, Line, all_of, count_dossiers, page_of
from casework.board.selection import ANY, RESULTS, Wanted, select_dossiers
from casework.doctor.chains import dossier_fault
from casework.exports import Cell, Sheet
from casework.rules import procedure_of
from dashboard.kept import Shared
from dashboard.view import PageNumber, View, Viewed, pager
from dashboard.words import OCCASIONS
from models.dossiers import Dossier
from ocop.errors import NotFound
from ocop.evidence import EVIDENCE_LABELS
from ocop.levels import DossierKind

router = APIRouter(route_class=Shared)
Word = Annotated[str, Query(max_length=60)]
Number = Annotated[int | None, Query(ge=1, le=2_147_483_647)]


def wanted(
    stage: Word = "",
    phase: Word = "",
    unmet: Word = "",
    met: Word = "",
    deadline: Number = None,
    alone_by: Word = "",
    overdue: Word = "",
    late_unit: Number = None,
    unit: Number = None,
    holder: Number = None,
    result: Word = "",
    star: Annotated[int | None, Query(ge=1, le=5)] = None,
    kind: Word = "",
    q: Annotated[str, Query(max_length=200)] = "",
) -> Wanted:
    """Return the filters of an address."""
    return Wanted(
        stage, phase, unmet, met, deadline, alone_by, overdue, late_unit, unit, holder, result, star, kind, q.strip()
    )  # fmt: skip


Filters = Annotated[Wanted, Depends(wanted)]


@router.get("/dossiers")
def dossiers(view: Viewed, filters: Filters, order: Word = "code", page: PageNumber = 1) -> Response:
    """Show a list of dossiers."""
    if order not in ORDERS:
        raise NotFound(f"Không sắp xếp được theo '{order}'.", f"a list cannot be sorted by '{order}'")
    cycle = view.cycle
    selection = select_dossiers(view.session, cycle, filters, view.reader.scope)
    total = count_dossiers(view.session, selection)
    parameters = {"cycle": cycle.code, **filters.parameters}
    pages = pager(view, "/dossiers", total, page, order=order if order != "code" else None, **parameters)
    lines = page_of(view.session, cycle, selection, view.at, order=order, limit=view.settings.rows, offset=pages.offset)
    return view.page(
        "dossiers.html.j2",
        words=selection.words,
        lines=lines,
        pager=pages,
        filters=filters,
        parameters=parameters,
        order=order,
        orders={key: label for key, (label, _) in ORDERS.items()},
        stages=procedure_of(cycle).stages,
        kinds=list(DossierKind),
        results={key: label for key, (label, _) in RESULTS.items()},
        any_overdue=ANY,
        bulk=acts_on_dossiers(bulk=True, law=procedure_of(cycle)) if view.reader.may("GET", "/acts") else (),
    )


@router.get("/dossiers.xlsx")
def dossiers_excel(view: Viewed, filters: Filters) -> Response:
    """Give the whole list as Excel."""
    selection = select_dossiers(view.session, view.cycle, filters, view.reader.scope)
    lines = all_of(view.session, view.cycle, selection, view.at)
    return view.excel("ho-so", [Sheet("Hồ sơ", COLUMNS, rows(lines))])


COLUMNS = (
    "Mã hồ sơ", "Sản phẩm", "Chủ thể", "Loại hồ sơ", "Xã", "Huyện", "Bước", "Từ lúc", "Đơn vị đang giữ",
    "Ngày đăng ký", "Hạn tiếp theo", "Của bước", "Quá hạn", "Điểm trung bình", "Sao được công nhận", "Mô phỏng",
)  # fmt: skip


def rows(lines: Iterable[Line]) -> list[list[Cell]]:
    """Return lines as a sheet has them."""
    return [
        [
            line.code, line.product, line.producer, line.kind, line.commune, line.district, line.stage, line.since,
            line.holder, line.registered_on, line.due.last_day if line.due else None,
            line.due.label if line.due else None, line.overdue, line.mean, line.star, line.simulated,
        ]
        for line in lines
    ]  # fmt: skip


@router.get("/dossiers/{code:path}")
def dossier(view: Viewed, code: str, verify: bool = False) -> Response:
    """Show one dossier whole, and where it is asked for whether its history is still as it was written."""
    told = story(view.session, code, view.at, view.reader.scope)
    view.chosen = told.cycle
    return view.page(
        "dossier.html.j2",
        story=told,
        kinds=lambda kind: DossierKind(kind).label,
        evidence=lambda kind: EVIDENCE_LABELS.get(kind, kind),
        occasion=lambda key: OCCASIONS.get(key, key),
        offered=_offered(view, told.dossier),
        verified=verify,
        fault=dossier_fault(view.session, told.dossier) if verify else None,
    )


def _offered(view: View, row: Dossier) -> Offer | None:
    """Return what an officer may do with a dossier now; None for a reader who is none."""
    if view.reader.person_id is None:
        return None
    return offer(view.session, row, actor=view.reader.actor, at=view.at)
