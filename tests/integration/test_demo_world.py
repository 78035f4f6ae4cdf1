"""The demo's invented world goes through the real imports, marked as invented, the same for the same seed."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from casework.imports.columns import Imported
from casework.imports.dossiers import read_dossiers
from casework.imports.history import import_history
from casework.imports.people import import_people
from casework.imports.reading import Table, read
from casework.imports.settings import ImportSettings
from casework.imports.units import import_units
from cli.demo.world import FIRST, RE_RECOGNITIONS, SHIPPED, UPGRADES, World, world
from models.cycles import Cycle
from models.results import Certificate
from models.session import transaction
from models.units import Person, Post, Producer, Product, Unit
from ocop.levels import DossierKind
from ocop.working_days import VIETNAM

pytestmark = pytest.mark.postgresql_long

AT = datetime(2025, 4, 8, 8, 0, tzinfo=VIETNAM)


@pytest.fixture(scope="module")
def made() -> World:
    return world(2025)


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    with transaction(engine) as opened:
        yield opened


def tables(made: World) -> dict[str, Table]:
    return {name: read(name, content, ImportSettings()) for name, content in made.files().items()}


def import_all(session: Session, files: dict[str, Table]) -> list[Imported]:
    return [
        import_units(session, files["don_vi.csv"]),
        import_people(session, files["can_bo.xlsx"], at=AT),
        import_history(session, files["da_cong_nhan.csv"], at=AT, after=lambda *_: None),
    ]


def test_one_seed_is_one_world(made: World) -> None:
    again = world(2025)
    assert (again.units, again.people, again.history, again.dossiers, again.vacant) == (
        made.units,
        made.people,
        made.history,
        made.dossiers,
        made.vacant,
    )
    assert world(7).dossiers != made.dossiers


def test_the_world_is_imported_from_its_files_and_a_second_time_changes_nothing(session: Session, made: World) -> None:
    files = tables(made)
    first = import_all(session, files)
    assert [outcome.new for outcome in first] == [187, len(made.people), len(made.history)]
    assert all(outcome.unchanged == outcome.changed == 0 for outcome in first)
    assert all(outcome.new == outcome.changed == 0 for outcome in import_all(session, files))


def test_the_published_recognitions_stand_beside_the_invented_ones(session: Session, made: World) -> None:
    import_all(session, tables(made))
    name = "recognitions_published.csv"
    published = read(name, (SHIPPED / name).read_bytes(), ImportSettings())
    assert import_history(session, published, at=AT, after=lambda *_: None) == Imported(4, 0, 0)


def test_every_commune_has_an_officer_but_six_and_one_rung_of_the_ladder_is_vacant(
    session: Session, made: World
) -> None:
    import_all(session, tables(made))
    held = Counter(session.execute(select(Unit.level, Post.role).join(Unit, Unit.id == Post.unit_id)).tuples().all())
    assert held == {
        ("commune", "officer"): 169,
        ("district", "officer"): 9,
        ("district", "head"): 8,
        ("district", "vice_chair"): 9,
        **{("province", role): 1 for role in ("officer", "head", "vice_chair", "coordinator_office", "department")},
        ("central", "officer"): 1,
    }
    on_paper = session.scalar(select(func.count()).select_from(Person).where(Person.email.is_(None)))
    assert 9 <= (on_paper or 0) <= 26


def test_everybody_and_everything_invented_says_so_and_has_an_address_that_nobody_has(
    session: Session, made: World
) -> None:
    import_all(session, tables(made))
    for table in (Person, Producer, Product):
        assert all("mô phỏng" in name for name in session.scalars(select(table.name)))
        assert all(session.scalars(select(table.simulated)))
    assert all(session.scalars(select(Certificate.simulated)))
    addresses = [
        *session.scalars(select(Person.email).where(Person.email.is_not(None))),
        *session.scalars(select(Producer.email).where(Producer.email.is_not(None))),
    ]
    assert all(str(address).endswith(".example") for address in addresses)
    assert len(set(addresses)) == len(addresses)
    assert all(str(row["phone"]).startswith("0000 ") for row in (*made.people, *made.dossiers))


def test_the_year_has_dossiers_of_all_three_kinds_that_the_import_takes(session: Session, made: World) -> None:
    files = tables(made)
    import_all(session, files)
    units = {
        unit.level: unit.id for unit in session.scalars(select(Unit).where(Unit.level.in_(("province", "central"))))
    }
    session.add(
        Cycle(
            code="ND-2025", title="Chu trình", province_id=units["province"], central_id=units["central"],
            procedure_key="qd148", plan="", plan_sha256="", opened_at=AT,
        )
    )  # fmt: skip
    session.flush()
    rows = read_dossiers(session, files["ho_so.xlsx"])
    assert Counter(row.kind for row in rows) == {
        DossierKind.FIRST: FIRST,
        DossierKind.UPGRADE: UPGRADES,
        DossierKind.RE_RECOGNITION: RE_RECOGNITIONS,
    }
    assert len({row.product_code for row in rows}) == len(rows)
    districts = {str(row["code"]): str(row["parent_code"]) for row in made.units}
    assert len({districts[row.commune_code] for row in rows}) == 9
    assert sum(row.proposed_star == 5 for row in rows) >= 1
    assert {row.commune_code for row in rows} & made.vacant


def test_the_expiry_sweep_has_work_before_within_and_after_the_year(session: Session, made: World) -> None:
    import_all(session, tables(made))
    ends = session.scalars(select(Certificate.valid_until).where(Certificate.replaced_on.is_(None))).all()
    assert any(end < date(2025, 4, 8) for end in ends)
    assert sum(date(2025, 4, 8) <= end <= date(2025, 12, 31) for end in ends) > 20
    assert any(end > date(2026, 12, 31) for end in ends)
    assert session.scalar(select(func.count()).where(Certificate.replaced_on.is_not(None)))
