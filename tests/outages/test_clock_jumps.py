"""A clock that was set back or forward starts nothing by itself: watches and acts ask a person, who can say that it is right."""

import os
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from sqlalchemy import Engine, select

from cli.main import command
from models.cycles import AgendaItem
from models.dossiers import Dossier
from models.record import Event
from tests.factories import CYCLE, Office, an_office, at
from tests.records import record

Typed = Callable[..., tuple[int, str]]
REGISTER = (
    "register", "--as=14101/officer", f"--cycle={CYCLE}", "--kind=first", "--proposed-star=3", "--registered-on=2025-05-06",
    '--producer={"code": "CT-X", "name": "HTX mô phỏng X", "commune": "14101", "simulated": true}',
    '--product={"code": "SP-X", "name": "Muối mô phỏng", "group": "Thực phẩm"}',
)  # fmt: skip


@pytest.fixture
def office(sqlite_engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Office:
    """A small world whose watch ran at nine on 5/5/2025."""
    monkeypatch.setitem(os.environ, "OCOP_HOME", str(tmp_path))
    monkeypatch.delenv("OCOP_DB_URL", raising=False)
    office = an_office(sqlite_engine).go("2025-05-05 08:30")
    office.at_district()
    return office


@pytest.fixture
def typed(office: Office, capsys: pytest.CaptureFixture[str]) -> Typed:
    """What types a command while the machine's clock stands at an instant."""
    del office

    def run(wall: datetime, *words: str) -> tuple[int, str]:
        ended = 0
        with time_machine.travel(wall, tick=False):
            try:
                command()(list(words), exit_on_error=False, print_error=False)
            except SystemExit as stop:
                ended = int(stop.code or 0)
        said = capsys.readouterr()
        return ended, said.out + said.err

    assert run(at("2025-05-05 09:00"), "reconcile")[0] == 0
    return run


@pytest.mark.parametrize(
    ("wall", "said"),
    [(at("2026-05-05"), "“Đồng hồ máy chủ đúng, làm bù các việc”"), (at("2025-05-04"), "chậm hơn sự kiện cuối cùng")],
    ids=["a year ahead", "a day behind"],
)
@pytest.mark.parametrize(
    "words",
    [("reconcile",), pytest.param(("deliver",), marks=pytest.mark.long), REGISTER],
    ids=["watch", "delivery", "act"],
)
def test_a_clock_that_jumped_is_refused_in_words_and_nothing_is_written(
    office: Office, typed: Typed, wall: datetime, said: str, words: tuple[str, ...]
) -> None:
    before = record(office.engine)
    ended, told = typed(wall, *words)
    assert (ended, said in told) == (1, True), told
    assert record(office.engine) == before


def test_an_explicit_instant_passes_a_clock_that_jumped(office: Office, typed: Typed) -> None:
    ended, told = typed(at("2026-05-05"), *REGISTER, "--at=2025-05-06 09:00")
    assert ended == 0, told
    assert typed(at("2026-05-05"), "reconcile", "--at=2025-05-07")[0] == 0
    assert office.rows(select(Event.recorded_at).order_by(Event.id.desc()).limit(1)) == [(at("2025-05-06 09:00"),)]


def test_a_clock_that_is_right_after_all_is_accepted_and_everything_is_caught_up(office: Office, typed: Typed) -> None:
    forward = at("2025-06-20")
    assert typed(forward, "reconcile")[0] == 1
    assert typed(forward, "clock", "accept")[0] == 0
    assert typed(forward, "reconcile")[0] == 0
    assert office.rows(select(AgendaItem.id).where(AgendaItem.done_at.is_(None), AgendaItem.due_at <= forward)) == []


def test_a_clock_set_right_again_needs_nobody(office: Office, typed: Typed) -> None:
    assert typed(at("2026-05-05"), "reconcile")[0] == 1
    assert typed(at("2025-05-04"), "reconcile")[0] == 1
    assert typed(at("2025-05-05 10:00"), "reconcile")[0] == 0
    assert typed(at("2025-05-06"), *REGISTER)[0] == 0


def test_while_the_watches_are_away_for_weeks_people_go_on_and_their_acts_tell_the_time(
    office: Office, typed: Typed
) -> None:
    for days in (6, 12, 18, 24):
        wall = at("2025-05-05") + timedelta(days=days)
        words = [word.replace("-X", f"-{days}").replace("2025-05-06", "2025-05-11") for word in REGISTER]
        ended, told = typed(wall, *words)
        assert ended == 0, told
    assert typed(wall, "reconcile")[0] == 1, "the watch itself asks after its long silence"
    assert len(office.rows(select(Dossier.id))) == 5
