"""Amendments in any order, at once or to come, among extensions and days that pass: the record stays sound."""

import hashlib
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select

from casework.acts import ACTS
from casework.doctor.checkup import examine
from casework.doctor.invariant import Look
from models.cycles import Breach, Cycle, Deadline
from models.plans import PlanVersion
from models.session import transaction
from ocop.errors import RuleViolation
from ocop.plan import dump
from ocop.plan_file import read_plan
from tests.factories import CYCLE, PLAN, Office, an_office, as_kept, at

KEYS = (
    "overdue_is_a_breach", "one_breach_per_miss", "due_was_done", "events_have_letters", "letters_have_causes", "chain_holds",
    "lines_are_numbered", "conservation", "actor_in_office",
)  # fmt: skip
BEGINS, ENDS = at("2025-06-02"), "2025-08-05"
STATED = ("2025-06-15", "2025-06-20", "2025-07-20")
SUBMISSION = PLAN.index('[[deadlines]]\nstage = "provincial_submission"')
SUBMISSION_ENDS = PLAN.index("[[deadlines]]", SUBMISSION + 1)


@dataclass(frozen=True)
class Amendment:
    """A plan's text with its instant, told from when it is recorded."""

    dates: tuple[date, ...]
    without_submission: bool
    reminders: str
    steps: str
    hour: str
    in_hours: int

    @property
    def text(self) -> str:
        """The whole plan."""
        text = PLAN[:SUBMISSION] + PLAN[SUBMISSION_ENDS:] if self.without_submission else PLAN
        for old, new in zip(STATED, self.dates, strict=True):
            text = text.replace(f"date = {old}", f"date = {new}")
        text = text.replace("[14, 7, 3, 1]", self.reminders).replace("[0, 2, 4, 6, 8]", self.steps)
        return text.replace('hour = "07:30"', f'hour = "{self.hour}"')


DAYS = st.integers(0, 60).map(lambda days: date(2025, 6, 4) + timedelta(days=days))
AMENDMENTS = st.builds(
    Amendment,
    dates=st.lists(DAYS, min_size=3, max_size=3).map(lambda days: tuple(sorted(days))),
    without_submission=st.booleans(),
    reminders=st.sampled_from(["[14, 7, 3, 1]", "[5, 2]", "[10]"]),
    steps=st.sampled_from(["[0, 2, 4, 6, 8]", "[1, 3]"]),
    hour=st.sampled_from(["07:30", "09:00"]),
    in_hours=st.integers(-72, 400),
)
EXTENSIONS = st.tuples(st.sampled_from(["district_evaluation", "provincial_evaluation"]), DAYS, st.booleans())
SPANS = st.integers(0, 12)
TURNS = st.lists(st.one_of(AMENDMENTS, AMENDMENTS, EXTENSIONS, SPANS), min_size=3, max_size=9)


@pytest.fixture
def office(sqlite_engine: Engine) -> Office:
    """A world in June with dossiers at several stages."""
    return Office(sqlite_engine)


def begin(office: Office) -> None:
    """Bring the record to where each example begins."""

    def make() -> None:
        made = an_office(office.engine).go("2025-06-02")
        made.at_district()
        made.at_district("14201")
        made.judged("75")
        made.register()

    as_kept(office.engine, "amendments begin", make)
    office.now = BEGINS


def sound(office: Office, keys: tuple[str, ...] = KEYS[:3]) -> None:
    """Assert what holds whatever was amended."""
    with transaction(office.engine) as session:
        look = Look(session, office.now, Path())
        assert [
            (found.invariant.key, one.where, one.what) for found in examine(look, keys) for one in found.violations
        ] == []
        versions = {row.number: row for row in session.scalars(select(PlanVersion))}
        for breach, deadline in session.execute(
            select(Breach, Deadline).join(Deadline, Deadline.id == Breach.deadline_id)
        ):
            in_force = versions[deadline.plan_version].in_force_at
            assert in_force is not None
            assert in_force < breach.struck_at  # nobody became late backwards in time
            if breach.closed_at is None:
                assert deadline.replaced_at is None


def take(office: Office, number: int, turn: Any) -> bool:
    """Do one turn; return whether it was done or refused."""
    key = f"turn-{number}"
    try:
        match turn:
            case Amendment():
                office.act(
                    "amend-plan", "36/officer", key=key, cycle=CYCLE, plan=turn.text, document=f"{number}/KH-UBND",
                    effective_at=office.now + timedelta(hours=turn.in_hours),
                )  # fmt: skip
            case (stage, until, one_unit):
                whose = {"level": "district", "unit": "365"} if one_unit and stage.startswith("district") else {}
                office.act(
                    "extend", "36/officer", key=key, cycle=CYCLE, stage=stage, day=until, document="70", reason="Bão", **whose
                )  # fmt: skip
            case days:
                office.go(timedelta(days=days, hours=5))
    except RuleViolation:
        return False
    return True


@settings(max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True)
@given(turns=TURNS)
def test_amendments_in_any_order_keep_the_record_sound_and_the_latest_effective_one_is_in_force(
    office: Office, turns: list[Any]
) -> None:
    holds(office, turns)


@pytest.mark.long
@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(turns=TURNS)
def test_many_more_amendments_in_any_order_keep_the_record_sound(office: Office, turns: list[Any]) -> None:
    holds(office, turns)


def holds(office: Office, turns: list[Any]) -> None:
    """Play turns and assert what must hold after each and at the end."""
    assert "amend-plan" in ACTS
    begin(office)
    accepted = {BEGINS - timedelta(days=365): PLAN}
    for number, turn in enumerate(turns):
        recorded_at = office.now
        if take(office, number, turn) and isinstance(turn, Amendment):
            accepted[recorded_at + timedelta(hours=turn.in_hours)] = turn.text
        sound(office)
    office.go(max(at(ENDS), office.now) - office.now)
    sound(office, KEYS)
    latest = accepted[max(accepted)]
    with transaction(office.engine) as session:
        cycle = session.scalars(select(Cycle)).one()
        assert cycle.plan_sha256 == hashlib.sha256(dump(read_plan(latest)).encode()).hexdigest()
