"""Every test of imports begins with a database that holds Nam Định's units."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from casework.imports.units import import_units
from models.migrate import upgrade
from models.session import make_engine, transaction
from models.settings import DatabaseSettings
from tests.integration.imports.files import shipped


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with Nam Định's units, to copy from."""
    home = tmp_path_factory.mktemp("migrated")
    engine = make_engine(DatabaseSettings(home=home))
    upgrade(engine)
    with transaction(engine) as session:
        import_units(session, shipped("nam_dinh_units_2025H1.csv"))
        import_units(session, shipped("nam_dinh_units_before_2024-09-01.csv"))
    engine.dispose()
    return home


@pytest.fixture
def engine(migrated: Path, tmp_path: Path) -> Iterator[Engine]:
    """A copy of it for one test."""
    shutil.copytree(migrated, tmp_path / "home")
    made = make_engine(DatabaseSettings(home=tmp_path / "home"))
    yield made
    made.dispose()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    """A transaction on that copy."""
    with transaction(engine) as opened:
        yield opened
