"""A cycle that a plan would open, in a copy of the record: one invented dossier at each commune, so that every unit shows."""

from datetime import datetime, time
from typing import Any

from sqlalchemy import Engine, delete
from sqlalchemy.orm import Session

from casework import calendar_table
from casework.act import TextFile
from casework.actors import ENGINE
from casework.acts import ACTS
from casework.below import units_under
from casework.calendar_seed import calendar_rows
from casework.days import calendar
from casework.registration import Goods, Maker
from casework.rules import cycle_by_code
from models.cycles import AgendaItem
from models.session import perform
from ocop.errors import RuleViolation
from ocop.levels import DossierKind, Level
from ocop.phrase import Phrase
from ocop.plan_file import read_plan
from ocop.working_days import VIETNAM

CYCLE = "DIEN-TAP"
HOUR = time(9)


def open_assumed(engine: Engine, plan: str, refinement: str = "", round_key: str = "") -> tuple[datetime, list[str]]:
    """Open a plan's cycle in a copy on its first day, with a dossier at each commune; return when, and what to know of it.

    Other cycles' work is taken off the copy's agenda. Raises a refusal when the plan cannot be opened with these units.
    """
    read = read_plan(plan, *([refinement] if refinement else []), round_key=round_key)
    at = datetime.combine(read.document.opens_on, HOUR, VIETNAM)

    def opening(session: Session) -> None:
        for year in {read.document.year, at.year, *(row.day.year for row in read.deadlines)}:
            if not calendar(session).knows_year(year):
                calendar_table.seed(session, calendar_rows(year, year))
        session.execute(delete(AgendaItem).where(AgendaItem.cycle_id.is_not(None)))
        session.execute(delete(AgendaItem).where(AgendaItem.due_at < at, AgendaItem.done_at.is_(None)))
        body: dict[str, Any] = {"code": CYCLE, "plan": TextFile(plan), "round_key": round_key}
        if refinement:
            body["refinement"] = TextFile(refinement)
        ACTS["open-cycle"].perform(session, actor=ENGINE, at=at, key=f"{CYCLE}/open", **body)

    perform(engine, opening)
    try:
        number = perform(engine, lambda session: _file(session, at))
    except RuleViolation as reason:
        return at, [Phrase("Không lập được hồ sơ giả định nên chỉ có thư của kế hoạch: %(reason)s", reason=reason.told)]
    return at, [
        Phrase(
            "Giả định thêm: mỗi xã có một hồ sơ đăng ký ngay ngày mở chu trình (%(number)s hồ sơ).", number=str(number)
        )
    ]


def _file(session: Session, at: datetime) -> int:
    """Register an invented dossier at each commune of the cycle's province and return how many."""
    row = cycle_by_code(session, CYCLE)
    communes = [unit for unit in units_under(session, row.province_id, at) if unit.level == Level.COMMUNE]
    for unit in communes:
        ACTS["register"].perform(
            session, actor=ENGINE, at=at, key=f"{CYCLE}/{unit.code}", cycle=CYCLE,
            producer=Maker(f"{CYCLE}/{unit.code}", f"Chủ thể giả định {unit.name}", unit.code, simulated=True),
            product=Goods(f"{CYCLE}/{unit.code}", f"Sản phẩm giả định {unit.name}"), kind=DossierKind.FIRST,
            proposed_star=3, registered_on=at.date(),
        )  # fmt: skip
    return len(communes)
