"""Invents, always alike for one seed, who works, who produces and what was recognised before in Nam Định in 2025."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import product
from pathlib import Path
from random import Random
from typing import Any

from casework.exports import Cell, Sheet, to_csv, to_excel
from casework.imports.columns import Kind, refuse
from casework.imports.reading import read
from casework.imports.settings import ImportSettings
from casework.imports.templates import KINDS
from casework.imports.units import UNITS, UnitRow
from cli.demo import words
from cli.demo.words import SIMULATED
from ocop.evidence import EvidenceKind
from ocop.levels import DossierKind, Level, Role

SHIPPED = Path(__file__).parents[2] / "deployments" / "data"
OPENING = date(2025, 4, 8)
LAW_148 = date(2023, 2, 24)
"""Before this day the province recognised 3 stars as well."""

Row = Mapping[str, Cell]
"""A row of an import file, by the columns' keys."""

FIRST, UPGRADES, RE_RECOGNITIONS = 84, 22, 26
"""How many dossiers of each kind the year has."""
PRODUCERS = 120
EARLIER_ONLY = 60
"""Products recognised before for which nobody files this year: what the expiry sweep finds."""
VACANT_COMMUNES, VACANT_COMMUNES_WITH_PRODUCERS = 6, 2
VACANT_POST = (Level.DISTRICT, "364", Role.HEAD)
"""A rung of the ladder that nobody holds: its letters go to the next one."""
WITHOUT_EMAIL = 0.1

UPGRADES_TO_FIVE = 3
"""Upgrades of a product that holds 4 stars."""
ROLES: Mapping[Level, Sequence[Role]] = {
    Level.COMMUNE: (Role.OFFICER,),
    Level.DISTRICT: (Role.OFFICER, Role.HEAD, Role.VICE_CHAIR),
    Level.PROVINCE: tuple(Role),
    Level.CENTRAL: (Role.OFFICER,),
}
CHANGES = (
    "thêm vùng nguyên liệu liên kết",
    "có chứng nhận hệ thống quản lý chất lượng",
    "đổi bao bì, thêm truy xuất nguồn gốc",
)
REGISTRATION_DAYS = tuple(
    day
    for day in (date(2025, 4, 10) + timedelta(days=after) for after in range(35))
    if day.weekday() < 5 and not date(2025, 4, 30) <= day <= date(2025, 5, 2)
)

PROVINCIAL_DAYS = (date(2021, 11, 26), date(2022, 5, 20), date(2022, 6, 28), date(2022, 8, 12), date(2022, 12, 19),
                   date(2023, 12, 20), date(2024, 7, 15), date(2024, 12, 25))  # fmt: skip
DISTRICT_DAYS = (date(2023, 6, 30), date(2023, 11, 20), date(2024, 6, 14), date(2024, 11, 29))


@dataclass(frozen=True)
class World:
    """What the demo imports, as rows of the product's own import files."""

    units: Sequence[Row]
    people: Sequence[Row]
    history: Sequence[Row]
    dossiers: Sequence[Row]
    vacant: frozenset[str]
    """The codes of the communes without an officer: the level above enters their acts."""

    def files(self) -> dict[str, bytes]:
        """Return the four import files by name, two as Excel and two as .csv, headed in Vietnamese."""
        return {
            "don_vi.csv": to_csv(sheet(KINDS["units"], self.units)),
            "can_bo.xlsx": to_excel([sheet(KINDS["people"], self.people)]),
            "da_cong_nhan.csv": to_csv(sheet(KINDS["history"], self.history)),
            "ho_so.xlsx": to_excel([sheet(KINDS["dossiers"], self.dossiers)]),
        }


def world(seed: int = 2025, cycle: str = "ND-2025") -> World:
    """Return the world of a seed; `cycle` is the code under which its dossiers are filed.

    Units are the real ones, living on past 30/6/2025, because the plan is played as written. Everybody and everything
    else is invented and says so in its name.
    """
    chance = Random(seed)
    units = _units()
    communes = [unit for unit in units if unit.level is Level.COMMUNE and unit.valid_to is None]
    homes = chance.sample(communes, PRODUCERS)
    others = [commune for commune in communes if commune not in homes]
    vacant = frozenset(
        commune.code
        for commune in (
            *homes[:VACANT_COMMUNES_WITH_PRODUCERS],
            *chance.sample(others, VACANT_COMMUNES - VACANT_COMMUNES_WITH_PRODUCERS),
        )
    )
    products = _products(chance, _producers(chance, homes))
    filed, earlier = products[: FIRST + UPGRADES + RE_RECOGNITIONS], products[FIRST + UPGRADES + RE_RECOGNITIONS :]
    history = [*_certificates(chance, filed[FIRST:]), *_older(chance, earlier)]
    for number, row in enumerate(history, start=1):
        row["certificate_number"] = f"{number:03d}/GCN-MP"
    return World(
        [_unit_row(unit) for unit in units],
        _people(chance, units, vacant),
        history,
        _dossiers(chance, filed, {str(row["product_code"]): row for row in history}, cycle),
        vacant,
    )


@dataclass(frozen=True)
class _Producer:
    code: str
    name: str
    kind: str
    brand: str
    commune: UnitRow
    contact: str
    email: str | None
    phone: str


@dataclass(frozen=True)
class _Product:
    code: str
    name: str
    group: str
    producer: _Producer

    @property
    def cells(self) -> dict[str, Cell]:
        """What every row on this product says of it and of its producer."""
        return {
            "product_code": self.code,
            "product_name": self.name,
            "group": self.group,
            "producer_code": self.producer.code,
            "producer_name": self.producer.name,
            "producer_kind": self.producer.kind,
            "commune_code": self.producer.commune.code,
            "contact": self.producer.contact,
            "email": self.producer.email,
            "phone": self.producer.phone,
            "simulated": True,
        }


def _units() -> list[UnitRow]:
    """Return the shipped units; those that ended with the districts on 30/6/2025 live on."""
    rows: list[UnitRow] = []
    for name in ("nam_dinh_units_2025H1.csv", "nam_dinh_units_before_2024-09-01.csv"):
        lines, problems = UNITS.parse(read(name, (SHIPPED / name).read_bytes(), ImportSettings()))
        refuse(problems)
        rows += [line.row for line in lines]
    return [replace(row, valid_to=None) if row.valid_to and row.valid_to > OPENING else row for row in rows]


def _unit_row(unit: UnitRow) -> Row:
    return {
        "level": unit.level.label,
        "code": unit.code,
        "name": unit.name,
        "parent_code": unit.parent_code,
        "valid_from": unit.valid_from,
        "valid_to": unit.valid_to,
        "source": unit.source,
    }


def _people(chance: Random, units: Sequence[UnitRow], vacant: frozenset[str]) -> list[Row]:
    """Return who works where; the code of a person is the unit's code and the role, such as '356-head'."""
    rows: list[Row] = []
    for unit in units:
        for role in ROLES[unit.level]:
            if unit.valid_to is not None or unit.code in vacant or (unit.level, unit.code, role) == VACANT_POST:
                continue
            on_paper = unit.level is Level.COMMUNE and chance.random() < WITHOUT_EMAIL
            rows.append(
                {
                    "code": f"{unit.code}-{role}",
                    "name": _person(chance),
                    "email": None if on_paper else f"{role.replace('_', '-')}.{unit.code.lower()}@namdinh.example",
                    "phone": _phone(chance),
                    "unit_level": unit.level.label,
                    "unit_code": unit.code,
                    "role": role.label,
                    "valid_from": date(2025, 1, 1),
                    "simulated": True,
                }
            )
    return rows


def _producers(chance: Random, homes: Sequence[UnitRow]) -> list[_Producer]:
    brands = [f"{start} {end}" for start, end in product(words.BRAND_STARTS, words.BRAND_ENDS)]
    made = []
    for number, (commune, brand) in enumerate(zip(homes, chance.sample(brands, len(homes)), strict=True), start=1):
        kind, beginning = chance.choice(words.PRODUCER_KINDS)
        email = None if chance.random() < WITHOUT_EMAIL else f"lienhe@chuthe{number:03d}.example"
        name = f"{beginning} {SIMULATED} {brand}"
        made.append(_Producer(f"CT-{number:03d}", name, kind, brand, commune, _person(chance), email, _phone(chance)))
    return made


def _products(chance: Random, producers: Sequence[_Producer]) -> list[_Product]:
    """Return the products, the first of every producer before the others'; a producer's are of different kinds."""
    wanted = FIRST + UPGRADES + RE_RECOGNITIONS + EARLIER_ONLY
    kinds: dict[str, list[tuple[str, str]]] = {}
    for producer in producers:
        table = words.RICE_AND_SEA if producer.commune.parent_code in words.COAST else words.FIELDS_AND_CRAFTS
        kinds[producer.code] = chance.sample(table, 2)
    second = chance.sample(list(producers), wanted - len(producers))
    made = []
    for number, producer in enumerate((*producers, *second), start=1):
        group, kind = kinds[producer.code].pop()
        made.append(_Product(f"SP-{number:03d}", f"{kind} {producer.brand} ({SIMULATED})", group, producer))
    return made


def _certificates(chance: Random, filed: Sequence[_Product]) -> list[dict[str, Cell]]:
    """Return what the year's upgrades and re-recognitions follow: certificates in force, or ending within the year."""
    upgrades = [_recognition(chance, p, 4, PROVINCIAL_DAYS[-3:]) for p in filed[:UPGRADES_TO_FIVE]]
    upgrades += [_recognition(chance, p, 3, DISTRICT_DAYS) for p in filed[UPGRADES_TO_FIVE:UPGRADES]]
    ending = [_recognition(chance, p, chance.choice((3, 3, 4)), PROVINCIAL_DAYS[1:5]) for p in filed[UPGRADES:]]
    return upgrades + ending


def _older(chance: Random, earlier: Sequence[_Product]) -> list[dict[str, Cell]]:
    """Return recognitions for which nobody files: run out, running out within the year, replaced, or good for long."""
    rows = []
    for number, made in enumerate(earlier):
        star = chance.choice((3, 3, 4))
        if number % 6 == 0:  # recognised twice: the second certificate replaces the first
            rows.append(_recognition(chance, made, 3, PROVINCIAL_DAYS[:2]))
            rows.append(_recognition(chance, made, 4, PROVINCIAL_DAYS[-2:]))
        elif number % 2:
            rows.append(_recognition(chance, made, star, PROVINCIAL_DAYS[:5]))
        else:
            rows.append(_recognition(chance, made, star, DISTRICT_DAYS if star == 3 else PROVINCIAL_DAYS[-3:]))
    return rows


def _recognition(chance: Random, made: _Product, star: int, days: Sequence[date]) -> dict[str, Cell]:
    on = chance.choice(days)
    level = Level.DISTRICT if star == 3 and on >= LAW_148 else Level.PROVINCE
    authority = made.producer.commune.parent_code if level is Level.DISTRICT else "36"
    serial = Random(f"{authority}/{on}").randint(200, 2999)
    return {
        **made.cells,
        "star": star,
        "decision_number": f"{serial}/QĐ-UBND ({SIMULATED})",
        "decision_date": on,
        "authority_level": level.label,
        "source": f"dữ liệu {SIMULATED} của bản trình diễn",
    }


def _dossiers(chance: Random, filed: Sequence[_Product], certificates: Mapping[str, Row], cycle: str) -> list[Row]:
    rows: list[Row] = []
    for number, made in enumerate(filed):
        kind = _kind(number)
        held = certificates.get(made.code)
        star = int(str(held["star"])) if held else chance.choice((3, 3, 4))
        rows.append(
            {
                "cycle": cycle,
                **made.cells,
                "kind": kind.label,
                "proposed_star": star + 1 if kind is DossierKind.UPGRADE else star,
                "certificate_number": held["certificate_number"] if held else None,
                "changes": chance.choice(CHANGES) if kind is DossierKind.UPGRADE else None,
                "registered_on": chance.choice(REGISTRATION_DAYS),
                **_papers(chance, number),
            }
        )
    return rows


def _kind(number: int) -> DossierKind:
    if number < FIRST:
        return DossierKind.FIRST
    return DossierKind.UPGRADE if number < FIRST + UPGRADES else DossierKind.RE_RECOGNITION


def _papers(chance: Random, number: int) -> dict[str, Cell]:
    """Return a dossier's papers; every 25th test report runs out before the district council's last day."""
    ends_early = number % 25 == 7
    first = date(2025, 5, 26) if ends_early else date(2025, 10, 1)
    return {
        f"evidence_{EvidenceKind.BUSINESS_REGISTRATION}": "x",
        f"evidence_{EvidenceKind.PRODUCTION_CONDITIONS}": date(2027, 6, 30),
        f"evidence_{EvidenceKind.QUALITY_DECLARATION}": "x",
        f"evidence_{EvidenceKind.TEST_REPORT}": first + timedelta(days=chance.randrange(10 if ends_early else 180)),
        f"evidence_{EvidenceKind.STORY}": "x",
    }


def _person(chance: Random) -> str:
    parts = (chance.choice(words.FAMILY_NAMES), chance.choice(words.MIDDLE_NAMES), chance.choice(words.GIVEN_NAMES))
    return f"{' '.join(parts)} ({SIMULATED})"


def _phone(chance: Random) -> str:
    """Return a number that nobody has: no Vietnamese number begins like this."""
    return f"0000 {chance.randrange(1000):03d} {chance.randrange(1000):03d}"


def sheet(kind: Kind[Any], rows: Sequence[Row]) -> Sheet:
    """Return rows under the Vietnamese headers of their kind, without the columns that no row has."""
    used = set().union(*rows)
    columns = [column for column in kind.columns if column.key in used]
    return Sheet(kind.title, [c.vietnamese for c in columns], [[row.get(c.key) for c in columns] for row in rows])
