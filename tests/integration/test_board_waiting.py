"""What the first page counts from an index says the same as the conditions that its lists use."""

from collections import Counter

from sqlalchemy import Engine, func, select

from casework.board.calls import coming
from casework.board.selection import UNIT_COLUMNS, unmet
from casework.board.waiting import Waiting
from casework.rules import cycle_by_code
from casework.timing import outstanding
from models.cycles import Deadline
from models.dossiers import Dossier
from models.session import reading
from ocop.levels import Level
from tests.factories import CYCLE, Office, an_office
from tests.merger import suspended


def under_way(engine: Engine) -> Office:
    """Return a world with dossiers before and after their sessions, those at the districts suspended."""
    office = an_office(engine).go("2025-05-05")
    office.register("14102")
    office.at_district("14101")
    office.at_district("14201")
    office.evaluate(office.at_district("14101"), "75")
    office.evaluate(office.at_district("14201"), "75", "366/officer")
    office.judged("80", "14201")
    office.at_province("72")
    who, body, _ = suspended(office)
    office.act("suspend", who, **body)
    office.register("14201")
    return office


def test_counts_by_unit_and_by_holder_are_those_of_the_lists(sqlite_engine: Engine) -> None:
    office = under_way(sqlite_engine)
    with reading(sqlite_engine) as session:
        cycle = cycle_by_code(session, CYCLE)
        waiting, seen = Waiting(session, cycle), 0
        for deadline in session.scalars(select(Deadline).where(Deadline.dossier_id.is_(None))).all():
            for level in (Level.COMMUNE, Level.DISTRICT, Level.PROVINCE):
                column = UNIT_COLUMNS[level]
                rows = session.execute(
                    select(column, func.count())
                    .where(Dossier.cycle_id == cycle.id, unmet(cycle, deadline.stage, deadline.met_by))
                    .group_by(column)
                )
                assert waiting.by_unit(deadline, level) == Counter({unit: number for unit, number in rows})
            held = session.execute(
                select(Dossier.holder_id, func.count())
                .where(outstanding(session, cycle, deadline))
                .group_by(Dossier.holder_id)
            )
            assert waiting.by_holder(deadline) == Counter({unit: number for unit, number in held})
            seen += sum(row.number for row in waiting.held(deadline))
        assert seen == 2
        assert [row.stage for row in coming(session, cycle, office.now)] == ["district_evaluation"]
