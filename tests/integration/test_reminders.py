"""Reminders leave so many working days before the last day of a deadline, to whoever is behind."""

import pytest
from sqlalchemy import Engine, select

from models.cycles import AgendaItem
from tests.factories import Office, an_office, at
from tests.integration.deadline_facts import an_office_under
from tests.plans import deadline_with
from tests.records import letters, read_all, readers

pytestmark = pytest.mark.postgresql_long


def reminders(office: Office) -> list[str]:
    """Return when the reminders of the districts' deadline were owed."""
    found = office.rows(
        select(AgendaItem.due_at)
        .where(AgendaItem.kind == "reminder", AgendaItem.stage == "district_evaluation")
        .order_by(AgendaItem.due_at)
    )
    return [f"{row[0].astimezone(at('2025-01-01').tzinfo):%d/%m %H:%M}" for row in found]


def test_reminders_leave_14_7_3_and_1_working_days_before_the_last_day(sqlite_engine: Engine) -> None:
    # The last day is Saturday 14/6: 13/6 is one working day before it, 11/6 three, 5/6 seven, 27/5 fourteen.
    office = an_office(sqlite_engine)
    assert reminders(office) == ["27/05 07:30", "05/06 07:30", "11/06 07:30", "13/06 07:30"]


def test_reminders_count_over_the_holidays_of_30_april_and_the_saturday_worked_for_2_may(sqlite_engine: Engine) -> None:
    # Before 8/5: last day Wednesday 7/5. 1: 6/5. 3: 29/4, as 30/4, 1/5, 2/5 and the weekend are off.
    # 5 would be Saturday 26/4, worked for 2/5; 7: Thursday 24/4. 14: Tuesday 15/4.
    office = an_office_under(
        sqlite_engine, deadline_with("district_evaluation", ("date = 2025-06-15", "date = 2025-05-08"))
    )
    assert reminders(office) == ["15/04 07:30", "24/04 07:30", "29/04 07:30", "06/05 07:30"]


def test_the_worked_saturday_is_itself_a_day_for_a_reminder(sqlite_engine: Engine) -> None:
    # Before 30/4 with the day itself excluded: last day 29/4. 1: 28/4, 3: 25/4, with Saturday 26/4 between them.
    plan = deadline_with("district_evaluation", ("date = 2025-06-15", "date = 2025-04-30")).replace(
        "working_days_before = [14, 7, 3, 1]", "working_days_before = [3, 2, 1]"
    )
    office = an_office_under(sqlite_engine, plan)
    assert reminders(office) == ["25/04 07:30", "26/04 07:30", "28/04 07:30"]


def test_reminders_that_lie_behind_the_opening_are_not_sent(sqlite_engine: Engine) -> None:
    office = Office(sqlite_engine).found()
    office.now = at("2025-06-06")
    office.open_cycle()
    assert reminders(office) == ["11/06 07:30", "13/06 07:30"]


def test_a_reminder_goes_to_the_holder_and_to_the_stages_own_unit_with_what_is_outstanding(
    sqlite_engine: Engine,
) -> None:
    office = an_office(sqlite_engine).go("2025-06-12 12:00")
    waiting = office.register("14201")
    done = office.at_district("14101")
    office.evaluate(done, "55")
    office.go("2025-06-13 07:30")
    told = [letter for letter in letters(office, "deadline_reminder") if letter.owed_at == at("2025-06-13 07:30")]
    assert readers(told) == {"cán bộ phụ trách Xã Hải Minh", "cán bộ phụ trách Huyện Hải Hậu"}
    assert {row["code"] for letter in told for row in letter.facts["dossiers"]} == {waiting}
    assert told[0].facts["deadline"]["working_days_left"] == 0  # 14/6 is a Saturday: no working day is left after today
    read_all(office)
