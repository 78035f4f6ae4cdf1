"""A rehearsal through the real flows against a real Prefect server says what one without them says."""

import pytest
from sqlalchemy import Engine

from cli.rehearsal.command import rehearse
from cli.serving.prefect_server import PrefectServer
from tests.factories import CYCLE, an_office, day
from tests.integration.test_rehearsal import without_prefect
from tests.records import record


@pytest.mark.long
def test_a_rehearsal_plays_the_real_flows_on_a_copy_and_leaves_the_record_alone(
    prefect_server: PrefectServer, sqlite_engine: Engine
) -> None:
    del prefect_server
    office = an_office(sqlite_engine).go("2025-06-09")
    office.at_district()
    before = record(sqlite_engine)
    until = day("2025-06-18")
    _, by_flows = rehearse(office.engine, at=office.now, cycle=CYCLE, until=until)
    _, by_hand = rehearse(office.engine, at=office.now, cycle=CYCLE, until=until, wake=without_prefect)
    assert [sorted(map(str, sheet.rows)) for sheet in by_flows] == [sorted(map(str, sheet.rows)) for sheet in by_hand]
    assert len(by_flows[2].rows) == 1
    assert record(sqlite_engine) == before
