"""An amendment in a cycle that goes over to another procedure: dates of stages that are no more bind nobody."""

import re
from typing import Any

from sqlalchemy import Engine, select

from models.cycles import Deadline
from tests.factories import Office, at
from tests.integration.test_amendments import amend, amended, lines, sound
from tests.integration.test_procedure_change import change, summer

PROVINCE = ("date = 2025-07-20", "date = 2025-07-31")


def dates(office: Office) -> list[tuple[Any, ...]]:
    """Return (stage, day) of what holds for all."""
    rows = select(Deadline.stage, Deadline.day).where(Deadline.scope == "all", Deadline.replaced_at.is_(None))
    return [(stage, fixed.isoformat()) for stage, fixed in office.rows(rows.order_by(Deadline.strikes_at, Deadline.id))]


def without_districts(*changes: tuple[str, str]) -> str:
    """Return the plan as its issuer words it under Decision 1489: no date for a district."""
    text = amended(*changes, ('procedure = "qd148"', 'procedure = "qd1489"'))
    parts = re.split(r"(?=^\[)", text, flags=re.MULTILINE)
    return "".join(
        part for part in parts if not (part.startswith("[[deadlines]]") and "provincial_evaluation" not in part)
    )


def test_an_amendment_that_waited_over_a_change_of_procedure_moves_only_stages_that_are_still_there(
    sqlite_engine: Engine,
) -> None:
    office, _ = summer(sqlite_engine)
    later = amended(PROVINCE, ("date = 2025-06-15", "date = 2025-07-14"), ("date = 2025-06-20", "date = 2025-07-15"))
    amend(office, later, effective_at=at("2025-07-08"))
    change(office)
    assert dates(office) == [("provincial_evaluation", "2025-07-20"), ("provincial_submission", "2025-07-20")]
    office.go("2025-07-09")
    assert dates(office) == [("provincial_submission", "2025-07-15"), ("provincial_evaluation", "2025-07-31")]
    answer = amend(office, without_districts(("date = 2025-07-20", "date = 2025-08-04")), document="100/KH-UBND")
    assert lines(answer, "Thời hạn")[0].startswith("Chờ gửi tỉnh: bỏ")
    assert dates(office) == [("provincial_evaluation", "2025-08-04")]
    office.go("2025-08-20")
    assert sound(office) == []
