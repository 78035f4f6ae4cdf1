"""What the model of the law is made of: working days, settings of a plan, deadlines, results, dossiers."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import NamedTuple

from tests.model import law

HERE = timezone(timedelta(hours=7))
OFF = {date(2025, 4, 30), date(2025, 5, 1), date(2025, 5, 2), date(2025, 9, 1), date(2025, 9, 2)}
"""Public holidays of 2025 from April on, with the one taken for a Saturday."""
SATURDAYS_WORKED = {date(2025, 4, 26)}
MORNING = time(7, 30)
RUNGS = ("officer", "head", "vice_chair", "coordinator_office", "department")
COUNCILS = ("district_evaluation", "provincial_evaluation", "returned_to_district")
ABOVE = {"14101": "365", "14102": "365", "14201": "366", "14202": "366", "365": "36", "366": "36", "36": "00"}


def works(day: date) -> bool:
    """Tell whether offices are open on a day."""
    return day in SATURDAYS_WORKED or (day.weekday() < 5 and day not in OFF)


def working_days_on(day: date, number: int) -> date:
    """Return the day so many working days later, or earlier; a day off counts to the next one for none at all."""
    step = timedelta(days=1 if number >= 0 else -1)
    while number:
        day += step
        number -= works(day) * (1 if number > 0 else -1)
    while not works(day):
        day += timedelta(days=1)
    return day


@dataclass(frozen=True)
class Settings:
    """What the plan of the year may choose."""

    last_days: dict[str, date]
    """The last day in time of each stage that has a deadline."""
    met_by: dict[str, str]
    after: str = "refuse"
    files_with: str = "commune"
    basis: str = "province_result"
    to_province: int = 70
    compulsory: bool = False
    asked_at_most: int = 3


@dataclass(eq=False)
class Deadline:
    """A date for a stage: of all, of one district, or of one dossier."""

    stage: str
    strikes: datetime
    met_by: str
    after: str
    kind: str = "plan"
    unit: str = ""
    dossier: str = ""
    answered: set[str] = field(default_factory=set)
    """Units that answered an escalation."""
    climbed: set[str] = field(default_factory=set)
    """Units with an escalation that waits for an answer."""


class Result(NamedTuple):
    """What a council found or a body decided."""

    mean: Decimal
    stars: int


@dataclass(eq=False)
class Dossier:
    """One product's dossier."""

    code: str
    product: str
    commune: str
    registered: datetime
    stage: str = ""
    holder: str = ""
    lines: int = 0
    found: dict[str, Result] = field(default_factory=dict)
    """The council's result that counts, by stage."""
    ballots: dict[str, list[int]] = field(default_factory=dict)
    """Ballots of each passage, by stage."""
    voided: dict[str, bool] = field(default_factory=dict)
    """Stages whose last passage was annulled: the next ballot begins another."""
    decided: dict[str, Result] = field(default_factory=dict)
    """Decisions in force: 'district', 'province', 'after_return'."""
    asked: Counter[str] = field(default_factory=Counter)
    accepted: set[str] = field(default_factory=set)
    open_breaches: dict[Deadline, str] = field(default_factory=dict)
    """The unit that held it, by deadline missed."""

    @property
    def open(self) -> bool:
        """Whether it has not ended."""
        return self.stage in law.LEVEL

    def unit(self, level: str) -> str:
        """Return its unit at a level."""
        district = ABOVE[self.commune]
        return {law.COMMUNE: self.commune, law.DISTRICT: district, law.PROVINCE: ABOVE[district], law.CENTRE: "00"}[
            level
        ]


class Refused(Exception):
    """The law says no."""


def need(holds: bool) -> None:
    """Refuse unless something holds."""
    if not holds:
        raise Refused


def ahead(stage: str, kind: str) -> frozenset[str]:
    """Return where a dossier may stand that has not passed a stage: there, or on its way; what was asked is owed there alone."""
    if kind == "return" or stage.endswith("_supplement"):
        return frozenset({stage})
    reached = {stage}
    while more := {way.source for way in law.WAYS if way.target in reached and way.event != "annul"} - reached:
        reached |= more
    return frozenset(reached)
