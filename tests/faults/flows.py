"""Each flow as it is tried: its body with its tasks as the functions that they are, in a world where it has little to do."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import import_module
from typing import Any

import pytest
from prefect import Flow, State, Task
from sqlalchemy import func, select

from casework.settings import BackupSettings
from flows import conservation_check, evaluation_cycle, phase
from models.cycles import AgendaItem
from models.settings import DatabaseSettings
from tasks import backup, checking, database, letters, reconciling, runs
from tests.cases import found_by_the_centre
from tests.factories import CYCLE, Office, at, day
from tests.faults.later_laws import LATER, a_return_of_the_ministry_that_is_late, opinions_that_are_late
from tests.faults.worlds import World
from tests.holdings import certified
from tests.walked import sent


def a_report(office: Office) -> datetime:
    """A commune has reported, and its dossier waits to be carried on to the district."""
    code = office.go("2025-05-05").register()
    office.act("receive", "14101/officer", dossiers=[code], received_on=office.now.date())
    office.act("report", "14101/officer", dossiers=[code], number="1/BC", reported_on=office.now.date(), findings="Đủ.")
    return at("2025-05-05 10:00")


def a_stroke_at_the_district(office: Office) -> datetime:
    """A district has decided one dossier in time and not judged another when its day is over."""
    office.go("2025-06-11")
    office.at_district("14201")
    decided = office.at_district()
    office.evaluate(decided, "72")
    office.go("2025-06-14")
    office.act("decide", "365/officer", dossiers=[decided], number="7/QĐ", signed_on=day("2025-06-13"), signer="Ký")
    return at("2025-06-15 00:05")


def a_stroke_at_the_submission(office: Office) -> datetime:
    """A district has signed its list for the province in time, without one product."""
    office.go("2025-06-11")
    office.judged("80", "14201")
    listed = office.judged("75")
    office.go("2025-06-19")
    office.act("submit", "365/officer", dossiers=[listed], number="88/UBND-NN", signed_on=office.now.date())
    return at("2025-06-20 00:05")


def a_stroke_at_the_province(office: Office) -> datetime:
    """The province has decided one dossier, which goes back, and not judged another when its day is over."""
    office.go("2025-06-11")
    office.at_province("80", "14201")
    decided = office.at_province()
    office.evaluate(decided, "65", "36/officer")
    office.go("2025-07-19")
    office.act("decide", "36/officer", dossiers=[decided], number="9/QĐ", signed_on=office.now.date(), signer="Ký")
    return at("2025-07-20 00:05")


def a_stroke_after_the_return(office: Office) -> datetime:
    """A district lets the period pass in which it decides on what the province sent back, but for one dossier."""
    office.go("2025-06-11")
    codes = [office.at_province(), office.at_province()]
    for code in codes:
        office.evaluate(code, "65", "36/officer")
        office.decide(code, "36/officer")
    (over,) = office.rows(
        select(func.max(AgendaItem.due_at)).where(AgendaItem.stage == "returned_to_district", AgendaItem.kind == "stroke")
    )[0]  # fmt: skip
    office.now = over - timedelta(hours=1)
    office.tick()
    office.act("decide", "365/officer", dossiers=codes[:1], number="9/QĐ", signed_on=day("2025-06-12"), signer="Ký")
    return over + timedelta(minutes=5)


def a_result_of_the_centre(office: Office) -> datetime:
    """The centre's result is recorded and its dossier waits to be carried on."""
    office.go("2025-05-05")
    case = found_by_the_centre(office)
    office.act("record-central-result", case.who, **case.body)
    return at("2025-05-05 10:00")


def an_end_that_nears(office: Office) -> datetime:
    """A certificate ends in 30 days, and a product that ran out stands in the list of the month."""
    office.go("2025-05-31")
    certified(office, "14101", star=3, issued_on=day("2022-07-01"), number="GCN-CŨ")
    certified(office, "14201", star=3, issued_on=day("2022-05-10"), number="GCN-HẾT")
    office.tick()
    return at("2025-06-01 07:35")


def a_morning(office: Office) -> datetime:
    """A working morning comes."""
    office.go("2025-05-05").at_district()
    return at("2025-05-06 07:35")


@dataclass(frozen=True)
class Flowing:
    """A flow with the world in which it is tried."""

    prepare: Callable[[Office], datetime]
    """Brings a world to where the flow has something to do, and returns the instant that it is called for."""
    given: tuple[str, ...] = ()
    told: Callable[[State[Any]], Any] = lambda state: state.name
    """What has to be the same however often it was cut off before; how much there was left to do may differ."""


def backups(state: State[Any]) -> Any:
    """Return what lies in the folder of backups, half-written things too."""
    folder = BackupSettings().place(DatabaseSettings().home)
    return state.name, sorted(path.name for path in folder.iterdir())


def whatever(state: State[Any]) -> None:
    """A run that finds less to do tells of fewer phases."""
    del state


FLOWS: dict[str, Flowing] = {
    "commune_review": Flowing(a_report, (CYCLE,)),
    "district_evaluation": Flowing(a_stroke_at_the_district, (CYCLE,)),
    "provincial_submission": Flowing(a_stroke_at_the_submission, (CYCLE,)),
    "provincial_evaluation": Flowing(a_stroke_at_the_province, (CYCLE,)),
    "returned_to_district": Flowing(a_stroke_after_the_return, (CYCLE,)),
    "central_evaluation": Flowing(a_result_of_the_centre, (CYCLE,)),
    "written_opinion": Flowing(opinions_that_are_late, (LATER,)),
    "returned_to_province": Flowing(a_return_of_the_ministry_that_is_late, (LATER,)),
    "evaluation_cycle": Flowing(a_stroke_at_the_province, told=whatever),
    "deadline_watch": Flowing(a_stroke_at_the_district),
    "expiry_sweep": Flowing(an_end_that_nears),
    "daily_digest": Flowing(a_morning),
    "backup": Flowing(a_morning, told=backups),
    "conservation_check": Flowing(a_report),
}
"""Every flow that writes the record by statements alone."""
LETTERS = "letter_delivery"
"""Talks with the mail server between its commits."""
PREFECTS_OWN = frozenset({"forget_old_runs"})
"""Asks Prefect alone, and never the record: `test_forgetting.py` cuts it off around each request."""


@contextmanager
def as_functions(world: World) -> Iterator[None]:
    """Let tasks and flows be the functions that they wrap, on the engine of a world.

    What a run publishes in Prefect is Prefect's own; `tests/flows/` runs the flows with it.
    """

    async def publish(**artifact: Any) -> None:
        del artifact

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OCOP_HOME", str(world.settings.home))
        patch.setenv("OCOP_DB_URL", world.settings.db_url)
        patch.setattr(database, "_engine", lambda url, home: world.engine)
        rooms = [import_module(f"flows.{name}") for name in (*FLOWS, LETTERS)]
        for room in (*rooms, backup, checking, letters, reconciling, runs):
            for name, value in list(vars(room).items()):
                if isinstance(value, Task):
                    patch.setattr(room, name, value.fn)
        for name, flow in evaluation_cycle.PHASES.items():
            patch.setitem(evaluation_cycle.PHASES, name, _body(flow))
        patch.setattr(phase, "acreate_table_artifact", publish)
        patch.setattr(conservation_check, "acreate_table_artifact", publish)
        yield


def _body(flow: Flow[..., Any]) -> Any:
    async def body(*given: Any, return_state: bool) -> Any:
        assert return_state
        return await flow.fn(*given)

    return body


def run(name: str, *given: str, moment: datetime | None) -> State[Any]:
    """Run a flow's body for an instant, or for the clock's."""
    flow = getattr(import_module(f"flows.{name}"), name)
    return asyncio.run(flow.fn(*given, at=moment))


def prepared_flow(world: World, name: str) -> tuple[datetime, Callable[[Any], Any]]:
    """Bring a world to where a flow has something to do; return its instant, and the flow."""
    flowing = FLOWS[name]
    office = Office(world.engine).found().open_cycle()
    moment = flowing.prepare(office)
    sent(office)
    world.keep()
    return moment, lambda engine: flowing.told(run(name, *flowing.given, moment=moment))
