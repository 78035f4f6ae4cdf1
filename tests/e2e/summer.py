"""The summer of 2025 in Nam Định: real units and their real successors, people and dossiers invented."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select

from casework.calendar_seed import calendar_rows
from casework.imports.reading import read
from casework.imports.settings import ImportSettings
from casework.imports.successions import import_successions
from casework.imports.units import import_units
from models.cycles import CalendarDay
from models.session import transaction
from models.units import Person, Post, Unit
from ocop.levels import Level, Role
from tests.factories import Office

DATA = Path(__file__).parents[2] / "deployments" / "data"
BEFORE, AFTER = "nam_dinh_units_2025H1.csv", "ninh_binh_units_from_2025-07-01.csv"
SUCCESSIONS = "nam_dinh_successions_2025-07-01.csv"
GIAO_THUY, HAI_HAU = "365", "366"
ROLES = {
    Level.PROVINCE: (Role.OFFICER, Role.COORDINATOR_OFFICE, Role.DEPARTMENT),
    Level.DISTRICT: (Role.OFFICER, Role.HEAD, Role.VICE_CHAIR),
    Level.COMMUNE: (Role.OFFICER,),
}
NUMBER = "Nghị quyết sắp xếp đơn vị hành chính (mô phỏng)"


def take(session: Any, name: str, importer: Any, rows: Iterable[str] | None = None) -> None:
    """Import a shipped file, whole or with some of its lines left out."""
    content = (DATA / name).read_bytes() if rows is None else "\n".join(rows).encode()
    importer(session, read(name, content, ImportSettings()))


def successions(without: Iterable[str] = ()) -> list[str]:
    """Return the lines of the shipped file of successors, without those of some communes."""
    lost = set(without)
    lines = (DATA / SUCCESSIONS).read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line.split(",")[1] not in lost]


@dataclass
class Summer(Office):
    """The office of Nam Định with its nine districts and 175 communes."""

    post: Callable[[], object] = lambda: None
    """Sends what may leave, whenever the clock moves on."""

    def go(self, when: str | timedelta) -> "Summer":
        """Drive the clock; first what people did until now is sent, then what fell due."""
        self.post()
        super().go(when)
        self.post()
        return self

    def found(self) -> "Summer":
        """Import the units as they were until 30/6, with an officer everywhere, and the calendar."""
        with transaction(self.engine) as session:
            take(session, BEFORE, import_units)
            for unit in session.scalars(select(Unit).where(Unit.level != Level.CENTRAL.value)).all():
                for role in ROLES[Level(unit.level)]:
                    who = Person(code=f"{unit.code}/{role.value}", name=f"Cán bộ mô phỏng {unit.code}", simulated=True)
                    who.email = f"{role.value}.{unit.code}@office.example"
                    session.add(who)
                    session.flush()
                    session.add(Post(person_id=who.id, unit_id=unit.id, role=role.value, valid_from=date(2021, 1, 1)))
            session.execute(
                insert(CalendarDay),
                [
                    {"day": row.day, "kind": row.kind.value, "name": row.name, "source": row.source}
                    for row in calendar_rows(2024, 2028)
                ],
            )
        return self

    def learn_of_the_merger(self, without: Iterable[str] = ()) -> "Summer":
        """Import the new units and who follows whom."""
        with transaction(self.engine) as session:
            take(session, AFTER, import_units)
            take(session, SUCCESSIONS, import_successions, successions(without))
        return self

    def district_of(self, commune: str) -> str:
        """Return the officer of a commune's district."""
        with transaction(self.engine) as session:
            parent = select(Unit.parent_id).where(Unit.code == commune, Unit.valid_to == date(2025, 6, 30))
            return f"{session.scalars(select(Unit.code).where(Unit.id.in_(parent))).one()}/officer"

    def to_district(self, commune: str, mean: str = "") -> str:
        """Bring a new dossier to the district; with a mean, have it judged and decided there."""
        code = self.at_district(commune)
        if mean:
            who = self.district_of(commune)
            self.evaluate(code, mean, who)
            self.decide(code, who)
        return code

    def to_province(self, commune: str, mean: str = "75") -> str:
        """Bring a new dossier of 70 points and more to the province."""
        code = self.to_district(commune, mean)
        self.act("submit", self.district_of(commune), dossiers=[code], number="88/UBND", signed_on=self.now.date())
        self.tick()
        return code

    def province_finds(self, code: str, mean: str) -> str:
        """Let the province's council judge a dossier and sign the result."""
        self.evaluate(code, mean, "36/officer")
        self.decide(code, "36/officer", number="900/QĐ-UBND")
        return code


GIAO_XUAN, GIAO_HAI, HONG_QUANG = "14197", "14203", "13876"
"""Two communes of Giao Thủy that become one, and one of Ý Yên."""
GIAO_PHUC, Y_YEN = "14203", "13795"
"""What they become."""
AT_DISTRICTS = (
    "district_evaluation", "district_supplement", "provincial_submission", "district_recognition", "returned_to_district",
    "after_return",
)  # fmt: skip
"""The dossiers that stand at a district on 30/6, by the stage or by what happened to them."""


def until_the_end_of_june(office: Summer) -> dict[str, str]:
    """Play the cycle until the evening of 30/6, after the offices have closed; return a dossier for each stage at which one can rest, by its name."""
    a, b, c = GIAO_XUAN, GIAO_HAI, HONG_QUANG
    office.open_cycle()
    office.go("2025-05-12")
    found = {
        "district_evaluation": office.to_district(a),
        "district_supplement": office.to_district(b),
        "provincial_submission": office.to_district(c, "80"),
        "district_recognition": office.to_district(a, "60"),
        "not_ranked": office.to_district(b, "45"),
    }
    upper = (
        "provincial_evaluation", "provincial_supplement", "returned_to_district", "sent_back_in_july", "after_return",
        "provincial_recognition", "central_proposal", "central_evaluation", "recognised", "disqualified",
    )  # fmt: skip
    found |= {name: office.to_province(c, "92") for name in upper}
    lower = ("registered", "commune_review", "commune_supplement", "retracted", "carried_over")
    found |= {name: office.register(b) for name in lower}
    of_b, received = f"{b}/officer", [found["commune_review"], found["commune_supplement"]]
    office.act("receive", of_b, dossiers=received, received_on=office.now.date())
    office.act("retract", of_b, dossier=found["retracted"], requested_on=office.now.date(), reason="Chủ thể xin rút.")
    office.act("carry-over", of_b, dossiers=[found["carried_over"]], decided_on=office.now.date(), reason="Chưa đủ.")
    office.go("2025-06-23")
    today, province = office.now.date(), "36/officer"
    office.province_finds(found["after_return"], "62")
    office.decide(found["after_return"], office.district_of(c), number="77/QĐ-UBND")
    for name, mean in (("provincial_recognition", "82"), ("central_proposal", "94"), ("central_evaluation", "95"),
                       ("recognised", "78")):  # fmt: skip
        office.province_finds(found[name], mean)
    for name in ("central_proposal", "central_evaluation", "recognised"):
        office.recognise(found[name], province, number=f"{name}/QĐ")
    office.act("propose", province, dossiers=[found["central_evaluation"]], number="5/TTr", signed_on=today)
    office.act(
        "disqualify", province, dossier=found["disqualified"], found_on=today, reason="Giấy tờ giả.", document="7/BB"
    )
    office.go("2025-06-26")
    for name, who in (("district_supplement", office.district_of(b)), ("provincial_supplement", province),
                      ("commune_supplement", of_b)):  # fmt: skip
        office.act(
            "request-supplement", who, dossier=found[name], reason="Thiếu phiếu.", requested_on=office.now.date()
        )
    office.go("2025-06-27").go("2025-06-30 18:30")
    office.province_finds(found["returned_to_district"], "64")
    return found
