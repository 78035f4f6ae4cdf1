"""Every act under its key: the second time nothing changes, and another request under the key is refused."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select

from casework.acts import ACTS
from models.base import Base
from models.results import Certificate
from models.session import transaction
from ocop.errors import KeyReused
from tests.cases import CASES, TODAY, prepared
from tests.factories import an_office, at
from tests.faults.acts import prepared_act
from tests.faults.trials import around_the_commit, try_points
from tests.faults.worlds import OnSqlite, World

pytestmark = pytest.mark.postgresql_long


def contents(engine: Engine) -> dict[str, list[Any]]:
    """Return every row of every table."""
    with transaction(engine) as session:
        return {
            table.name: sorted(session.execute(select(table)).all(), key=repr) for table in Base.metadata.sorted_tables
        }


def test_every_act_has_a_case_here() -> None:
    assert set(CASES) == set(ACTS)


@pytest.mark.parametrize("name", ACTS)
def test_an_act_replayed_under_its_key_answers_the_same_and_changes_nothing(engine: Engine, name: str) -> None:
    office, case = prepared(engine, name)
    before = contents(engine)
    first = office.act(name, case.who, key="một mã", **case.body)
    after = contents(engine)
    assert first.pop("replayed") is False
    assert first["message"]
    assert {table for table in after if after[table] != before[table]} > {"requests"}

    office.now = at("2025-09-01")
    second = office.act(name, case.who, key="một mã", **case.body)
    assert second.pop("replayed") is True
    assert second == first
    assert contents(engine) == after, "a replay does nothing, not even what fell due meanwhile"

    with pytest.raises(KeyReused, match="đã dùng cho một việc khác"):
        office.act(name, case.who, key="một mã", **case.body | case.other)
    with pytest.raises(KeyReused):
        office.act(name, case.who, key="một mã", on_behalf="Văn bản 1", **case.body)
    with pytest.raises(KeyReused):
        office.act(name, "366/officer", key="một mã", **case.body)
    assert contents(engine) == after


@pytest.fixture(scope="module")
def world(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A SQLite file that is brought back after every fault."""
    world = OnSqlite(migrated_sqlite, tmp_path_factory.mktemp("world"))
    yield world
    world.close()


@pytest.mark.parametrize("name", ACTS)
def test_an_act_that_fails_around_its_commit_is_whole_when_asked_again(
    world: World, name: str, record_property: Callable[[str, object], None]
) -> None:
    """`tests/faults/` tries every point, with processes that end and on PostgreSQL too."""
    office, work = prepared_act(world, name)
    record_property("crash points tried", try_points(world, work, office.now, choose=around_the_commit, examined=False))


def test_a_key_of_one_act_is_refused_to_another(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    code = office.register()
    office.act("receive", "14101/officer", key="k", dossiers=[code], received_on=TODAY)
    with pytest.raises(KeyReused):
        office.act("report", "14101/officer", key="k", dossiers=[code], number="1", reported_on=TODAY, findings="Đủ")


def test_a_refused_act_leaves_its_key_free(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    code = office.judged("55")
    before = contents(sqlite_engine)
    with pytest.raises(Exception, match="không giữ nhiệm vụ"):
        office.act(
            "recognise", "366/officer", key="k", dossiers=[code], number="1", signed_on=TODAY, signer="Nguyễn Văn Ký"
        )
    assert contents(sqlite_engine) == before
    office.act(
        "recognise", "365/officer", key="k", dossiers=[code], number="1", signed_on=TODAY, signer="Nguyễn Văn Ký"
    )
    assert office.rows(select(Certificate.star)) == [(3,)]
