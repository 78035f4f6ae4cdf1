"""A poison does not stop a flow's other cycles and units, and the run's state names it; a phase that fails is no success."""

import asyncio
from typing import Any

import pytest
from prefect import State
from sqlalchemy import Engine, text

from flows.deadline_watch import deadline_watch
from flows.evaluation_cycle import evaluation_cycle
from models.session import transaction
from tests.factories import Office, an_office, at
from tests.outages.test_poison import SECOND, damage, received, report, reported, reported_elsewhere

pytestmark = [pytest.mark.long, pytest.mark.usefixtures("prefect_server")]


@pytest.fixture
def office(flows_engine: Engine) -> Office:
    """Two cycles; in each a dossier that its commune has taken in."""
    return an_office(flows_engine).open_cycle(code=SECOND).go("2025-05-05")


def run(flow: Any, when: str) -> State[Any]:
    return asyncio.run(flow(at=at(when), return_state=True))  # type: ignore[no-any-return]


@pytest.mark.parametrize("flow", [deadline_watch, evaluation_cycle], ids=["watch", "cycle"])
@pytest.mark.parametrize("name", ["a dossier's procedure", "a cycle's plan", "a cycle's procedure"])
def test_a_run_goes_on_with_the_others_and_its_state_names_the_poison(office: Office, flow: Any, name: str) -> None:
    other = received(office, "14201")
    poisoned = (reported if "dossier" in name else reported_elsewhere)(office)
    mend = damage(office.engine, name, poisoned)
    report(office, other, "14201")
    state = run(flow, "2025-06-17 09:00")
    assert state.is_completed()
    assert office.stage(other) == "district_evaluation"
    named = f"hồ sơ {poisoned}" if "dossier" in name else f"chu trình {SECOND}"
    assert named in (state.message or "")
    mend()
    state = run(flow, "2025-06-17 10:00")
    assert "gác lại" not in (state.message or "")
    assert office.stage(poisoned) == "district_evaluation"


def test_a_dossier_whose_decision_is_damaged_is_named_with_the_reason(office: Office) -> None:
    code = office.at_district("14101")
    office.evaluate(code, "75")
    office.act("decide", "365/officer", dossiers=[code], number="4/QĐ", signed_on=office.now.date(), signer="Nguyễn Ký")
    mend = damage(office.engine, "a decision's points", code)
    for flow in (deadline_watch, evaluation_cycle):
        state = run(flow, "2025-05-06 09:00")
        assert state.is_completed()
        if flow is deadline_watch:
            assert f"{code}: Hồ sơ {code} có dữ liệu không xử lý được" in (state.message or "")
    mend()
    run(deadline_watch, "2025-05-06 10:00")
    assert office.stage(code) == "provincial_submission"


def test_a_phase_that_fails_makes_the_whole_run_one_that_failed(office: Office) -> None:
    code = office.at_district("14101")
    office.evaluate(code, "75")
    office.act("decide", "365/officer", dossiers=[code], number="4/QĐ", signed_on=office.now.date(), signer="Nguyễn Ký")
    with transaction(office.engine) as session:  # what the report of the phase reads
        session.execute(text("UPDATE deadlines SET strikes_at = 'x' WHERE stage = 'district_evaluation'"))
    state = run(evaluation_cycle, "2025-05-06 09:00")
    assert state.is_failed()
    assert "Failed" in (state.message or "")
