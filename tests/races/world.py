"""An office on a database whose dossiers, cycles and letters are raced for, and those who contend."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy import Connection, Engine
from sqlalchemy.orm import Session

from casework.actors import person
from casework.acts import ACTS, EVENT_LABELS
from casework.agenda import DEADLINE_KINDS, catch_up
from casework.ballots import Score
from casework.registration import Goods, Maker
from casework.routing import route
from casework.rules import cycle_by_code, procedure_of
from models.session import perform, transaction
from models.settings import DatabaseSettings
from ocop.levels import DossierKind
from tests.factories import CYCLE, ROLES, UNITS, Office, all_gates, at, council, day
from tests.integration.mail_server import MailServer
from tests.races.shown import View, both
from tests.races.track import Contender

COMMUNE, DISTRICT, HEAD, PROVINCE = "14101/officer", "365/officer", "365/head", "36/officer"
NAMES = {f"{code}/{role.value}": f"{role.label} {name}" for level, code, name, _ in UNITS for role in ROLES[level]}
OPENING, FILING, MEETING = at("2025-06-11 09:00"), at("2025-06-12 09:00"), at("2025-06-13 09:00")
FILED, MET = FILING.date(), MEETING.date()
EVE, STROKE, LATER_STROKE = at("2025-06-14 20:00"), at("2025-06-15 00:00"), at("2025-06-16 00:00")
POSTING = at("2026-01-05 08:00")


@dataclass
class World:
    """What is raced for."""

    settings: DatabaseSettings
    office: Office
    mail: MailServer
    dossiers: list[str] = field(default_factory=list)
    """One for each round, registered by the imports; they go from race to race."""
    letters: list[int] = field(default_factory=list)
    """One for each round."""
    serials: Iterator[int] = field(default_factory=lambda: count(1))

    @property
    def engine(self) -> Engine:
        """The engine of whatever is no contender's."""
        return self.office.engine

    def act(self, name: str, who: str, when: datetime, **body: Any) -> dict[str, Any]:
        """Perform an act that is no contender's."""
        self.office.now = when
        return dict(self.office.act(name, who, **body))

    def settle(self, cycle: str, when: datetime) -> None:
        """Carry on what is ready in a cycle."""
        with transaction(self.engine) as session:
            route(session, cycle_by_code(session, cycle), when)

    def officer(self, says: str, act: str, who: str, when: datetime, event: str = "", **body: Any) -> Contender:
        """Return an officer who performs an act as the commands and pages do, under a key of their own.

        `event` is what the act writes where that is not its own name.
        """
        key = f"race-{next(self.serials)}"

        def work(session: Session) -> Any:
            return ACTS[act].perform(session, actor=person(session, who), at=when, key=key, **body)

        told = (NAMES[who], EVENT_LABELS[event or act.replace("-", "_")], f"{when:%H:%M ngày %d/%m/%Y}")
        return Contender(says, lambda engine: perform(engine, work), told)

    def look(self, *views: Callable[[Connection], View]) -> Callable[[], View]:
        """Return what reads several views of the record as one."""

        def read() -> View:
            with self.engine.connect().execution_options(ocop_reading=True) as connection:
                return both([view(connection) for view in views])

        return read


# The flows' tasks, without Prefect.

Sweep = Callable[[str, str, datetime], Contender]
"""Who sweeps a phase of a cycle at an instant."""


def watch(cycle: str, phase: str, when: datetime) -> Contender:
    """Return the hourly watch's task: the deadlines that are due, of all cycles."""
    del cycle, phase

    def work(session: Session) -> None:
        catch_up(session, when, DEADLINE_KINDS)

    return Contender("theo dõi hằng giờ", lambda engine: perform(engine, work))


def stage_flow(cycle: str, phase: str, when: datetime) -> Contender:
    """Return a stage flow's task that keeps the deadlines of its phase."""

    def work(session: Session) -> None:
        row = cycle_by_code(session, cycle, must_be_open=False)
        catch_up(session, when, DEADLINE_KINDS, row.id, procedure_of(row).phases[phase])

    return Contender("luồng của bước", lambda engine: perform(engine, work))


def carrying(says: str, stage: str, when: datetime) -> Contender:
    """Return a stage flow's task that carries on the dossiers of a stage; it answers how many moved and how many did not."""

    def work(session: Session) -> tuple[int, int]:
        row = cycle_by_code(session, CYCLE, must_be_open=False)
        carried = route(session, row, when, stage=stage)
        return carried.moved, len(carried.refused)

    return Contender(says, lambda engine: perform(engine, work))


# What acts are performed with.


def registration(cycle: str, name: str, on: date) -> dict[str, Any]:
    """Return the body of a registration of a new product."""
    return {
        "cycle": cycle, "producer": Maker(f"CT-{name}", "HTX mô phỏng", "14101", email=f"{name.lower()}@producer.example"),
        "product": Goods(f"SP-{name}", "Mật ong mô phỏng"), "kind": DossierKind.FIRST, "proposed_star": 3,
        "registered_on": on,
    }  # fmt: skip


def report(codes: Sequence[str], on: date = FILED) -> dict[str, Any]:
    """Return the body of a commune's report."""
    return {"dossiers": codes, "number": "12/BC-UBND", "reported_on": on, "findings": "Đủ nội dung đánh giá."}


def ballot(code: str, mean: str, on: date = MET, scores: Sequence[Score] = ()) -> dict[str, Any]:
    """Return the body of a session's record."""
    return {
        "dossier": code, "held_on": on, "minutes": "01/BB-HĐ", "members": 5, "scores": scores or council(mean),
        "gates": all_gates(),
    }  # fmt: skip


def paper(code: str, number: str, on: date = MET) -> dict[str, Any]:
    """Return the body of a signed decision or recognition."""
    return {"dossiers": [code], "number": number, "signed_on": on, "signer": "Nguyễn Văn Ký"}


def annulment(code: str) -> dict[str, Any]:
    """Return the body of an annulment; its own deadline lies behind all races."""
    return {
        "dossier": code, "document": "7/UBND", "reason": "Thành viên có quan hệ với chủ thể", "annulled_on": MET,
        "due_on": day("2025-12-31"),
    }  # fmt: skip


def retraction(code: str, when: datetime) -> dict[str, Any]:
    """Return the body of a retraction."""
    return {"dossier": code, "requested_on": when.date(), "reason": "Chủ thể xin rút"}


SECONDS = timedelta(seconds=1)
