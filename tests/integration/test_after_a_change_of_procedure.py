"""A cycle that went over to another procedure: its plan may still be amended, its history still reads in words."""

from sqlalchemy import Engine, select

from models.cycles import Deadline
from tests.integration.test_amendments import amend, amended
from tests.integration.test_lists import rows
from tests.integration.test_procedure_change import change, summer
from tests.integration.test_reorganisation import sound

PROVINCE = "provincial_evaluation"


def test_a_plan_whose_text_still_has_the_districts_date_is_amended_where_the_procedure_has_the_stage(
    sqlite_engine: Engine,
) -> None:
    office, _ = summer(sqlite_engine)
    change(office)
    answer = amend(office, amended(("date = 2025-07-20", "date = 2025-08-05")))
    assert "1 thời hạn" in answer["message"]
    dates = office.rows(
        select(Deadline.stage, Deadline.day)
        .where(Deadline.scope == "all", Deadline.replaced_at.is_(None))
        .order_by(Deadline.stage)
    )
    assert [stage for stage, _ in dates] == [PROVINCE, "provincial_submission"], (
        "the districts' date binds nobody again"
    )
    assert dict(dates)[PROVINCE].isoformat() == "2025-08-05"
    sound(office)


def test_the_history_names_the_stages_that_a_dossier_stood_at_before(sqlite_engine: Engine) -> None:
    office, found = summer(sqlite_engine)
    change(office)
    ways = [str(row["Bước"]) for row in rows(office, "history", dossier=found["district"])]
    assert ways[-1] == "Huyện đánh giá → Tỉnh đánh giá"
    assert not [way for way in ways if "_" in way]
