"""The units, people, calendar and plans of a simulated country; the record lies in memory where the system has such a disk."""

import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from casework.calendar_seed import calendar_rows
from casework.calendar_table import seed
from models import migrate
from models.session import make_engine, transaction
from models.settings import DatabaseSettings
from models.units import Person, Post, Unit
from ocop.levels import Level, Role

PLAN = (Path(__file__).parents[2] / "deployments" / "plans" / "nam_dinh_2025.toml").read_text(encoding="utf-8")
FIRST_YEAR = 2025
PROVINCES = ("36", "37")
_FOUNDED = date(2000, 1, 1)
_STAFF = {
    Level.CENTRAL: (Role.OFFICER,),
    Level.PROVINCE: (Role.OFFICER, Role.COORDINATOR_OFFICE, Role.DEPARTMENT),
    Level.DISTRICT: (Role.OFFICER, Role.HEAD, Role.VICE_CHAIR),
    Level.COMMUNE: (Role.OFFICER, Role.HEAD, Role.VICE_CHAIR),
}


@dataclass(frozen=True)
class Place:
    """A unit with its code, its level and its place in the tree."""

    id: int
    level: Level
    code: str
    above: str | None
    staffed: bool
    """Somebody is its officer; where nobody is, the unit above enters its acts by a document."""


@dataclass
class World:
    """The units by code and by id."""

    units: dict[str, Place] = field(default_factory=dict)
    by_id: dict[int, Place] = field(default_factory=dict)

    @classmethod
    def laid_out(cls) -> "World":
        """Return a centre and two provinces, each with two districts of three communes, one without an officer."""
        world = cls()
        world._add(Level.CENTRAL, "00", None)
        for province in PROVINCES:
            world._add(Level.PROVINCE, province, "00")
            for district in (f"{province}5", f"{province}6"):
                world._add(Level.DISTRICT, district, province)
                for number in (1, 2, 3):
                    world._add(Level.COMMUNE, f"{district}{number:02d}", district)
        return world

    def _add(self, level: Level, code: str, above: str | None) -> None:
        place = Place(len(self.units) + 1, level, code, above, not (level is Level.COMMUNE and code.endswith("503")))
        self.units[code] = self.by_id[place.id] = place

    def communes(self, province: str) -> list[Place]:
        """Return the communes of a province."""
        return [at for at in self.units.values() if at.level is Level.COMMUNE and at.code.startswith(province)]

    def officer(self, code: str) -> tuple[str, str]:
        """Return who acts for a unit, and the document by which somebody above does."""
        place = self.units[code]
        if place.level is Level.CENTRAL:
            return f"{PROVINCES[0]}/officer", ""
        return (
            (f"{code}/officer", "") if place.staffed else (f"{place.above}/officer", "Văn bản 7/UBND, ông Nguyễn Văn A")
        )

    def write(self, session: Session, last_year: int) -> None:
        """Write units, people, posts and the calendar."""
        for place in self.units.values():
            session.add(
                Unit(
                    id=place.id, level=place.level.value, code=place.code, name=f"{place.level.label} {place.code}",
                    search=place.code, parent_id=self.units[place.above].id if place.above else None,
                    valid_from=_FOUNDED, source="simulated",
                )
            )  # fmt: skip
            session.flush()
            for role in _STAFF[place.level]:
                if role is Role.OFFICER and not place.staffed:
                    continue
                code = f"{place.code}/{role.value}"
                who = Person(code=code, name=f"{role.label} {place.code}", phone="0900000000", simulated=True)
                who.email = f"{role.value}.{place.code}@office.example"
                session.add(who)
                session.flush()
                session.add(Post(person_id=who.id, unit_id=place.id, role=role.value, valid_from=_FOUNDED))
        seed(session, calendar_rows(FIRST_YEAR - 1, last_year))


@contextmanager
def home(last_year: int) -> Iterator[tuple[World, Path]]:
    """Give the world and a folder whose 'template' has its empty record."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(prefix="ocop-sim-", dir=memory if memory.is_dir() else None) as folder:
        world = World.laid_out()
        engine = open_record(Path(folder) / "template")
        migrate.upgrade(engine)
        with transaction(engine) as session:
            world.write(session, last_year)
        engine.dispose()
        yield world, Path(folder)


def fresh(folder: Path, name: str) -> Path:
    """Return a new home with a copy of the empty record."""
    new = folder / name
    new.mkdir()
    shutil.copy(folder / "template" / "ocop.db", new / "ocop.db")
    return new


def open_record(place: Path) -> Engine:
    """Return an engine on a record that need not outlive the machine."""
    engine = make_engine(DatabaseSettings(home=place, db_url=""))

    @event.listens_for(engine, "connect")
    def hurry(connection: Any, record: Any) -> None:
        del record
        connection.execute("PRAGMA synchronous=OFF")

    return engine


def plan_text(province: str, year: int, random: Random) -> str:
    """Return the shipped plan for a province and a year, with settings drawn from what a plan may say."""
    drawn = {
        "key": f'"simulated_{province}_{year}"',
        "title": f'"Chu trình mô phỏng {province}/{year}"',
        "province": f'"{province}"',
        "year": f"{year}",
        "simulated": "true",
        "compulsory": random.choice(("true", "false")),
        "to_province_from": random.choice(("65", "70", "70", "75")),
        "files_with": random.choice(('"commune"', '"commune"', '"district"')),
        "basis": random.choice(('"district_result"', '"province_result"', '"new_session"')),
        "at_most": random.choice(("1", "2", "3")),
        "spread": random.choice(("5", "10", "15")),
        "months": random.choice(("12", "24", "36")),
        "end": random.choice(('"inclusive"', '"day_before"')),
        "test_report": random.choice(('"hold"', '"warn"')),
        "retry_for_days": random.choice(("2", "3", "5")),
    }
    text = PLAN.replace("2025-", f"{year}-")
    for key, value in drawn.items():
        text, found = re.subn(rf"^{key} = .*$", f"{key} = {value}", text, flags=re.MULTILINE)
        assert found == 1, key
    for key, values in (
        ("boundary", ('"exclusive"', '"inclusive"')),
        ("roll", ('"none"', '"next_working_day"', '"previous_working_day"')),
        ("after_deadline", ('"refuse"', '"refuse"', '"next_round"', '"accept_late"')),
    ):
        head, registration, tail = text.partition("[registration]")
        head = re.sub(
            rf"^{key} = .*$", lambda _, k=key, v=values: f"{k} = {random.choice(v)}", head, flags=re.MULTILINE
        )
        text = head + registration + tail
    return text
