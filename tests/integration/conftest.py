"""What tests share: a database for a whole file that only reads it, one walked year and its backup, empty databases."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, make_url, text

from casework import backup
from models.secret import Secret
from models.session import make_engine, reading
from models.settings import DatabaseSettings
from tests.walked import Walked, walked

Opened = Callable[[str], AbstractContextManager[Engine]]
"""Opens an empty database without tables, of a kind, for as long as a test needs it."""


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def shared_engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """A migrated database of either kind that all tests of a file share."""
    if request.param == "sqlite":
        home = tmp_path_factory.mktemp("shared")
        shutil.copy(request.getfixturevalue("migrated_sqlite"), home / "ocop.db")
        engine = make_engine(DatabaseSettings(home=home, db_url=""))
        yield engine
        engine.dispose()
        return
    address = request.getfixturevalue("postgres_address")
    name = f"shared_{request.module.__name__.rpartition('.')[2]}"
    admin = create_engine(address, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE template_ocop"))
    url = make_url(address).set(database=name)
    engine = make_engine(DatabaseSettings(db_url=url.render_as_string(hide_password=False)))
    yield engine
    engine.dispose()
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


@pytest.fixture(scope="session")
def walked_year(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walked]:
    """A year in which dossiers went every way there is, on SQLite; nobody may write to it."""
    home = tmp_path_factory.mktemp("year")
    shutil.copy(migrated_sqlite, home / "ocop.db")
    settings = DatabaseSettings(home=home, db_url="")
    engine = make_engine(settings)
    yield walked(engine, settings.files)
    engine.dispose()


@pytest.fixture(scope="session")
def year_archive(walked_year: Walked, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """That year as a backup."""
    target = tmp_path_factory.mktemp("backup") / "year.zip"
    with reading(walked_year.office.engine) as session:
        backup.back_up(session, walked_year.files, target, walked_year.office.now)
    return target


@pytest.fixture(scope="session")
def an_empty_database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Opened:
    """What opens databases to restore into."""
    numbers = count()

    @contextmanager
    def sqlite() -> Iterator[Engine]:
        made = make_engine(DatabaseSettings(home=tmp_path_factory.mktemp("empty"), db_url=""))
        try:
            yield made
        finally:
            made.dispose()

    @contextmanager
    def postgresql() -> Iterator[Engine]:
        address, name = request.getfixturevalue("postgres_address"), f"empty_{next(numbers)}"
        admin = create_engine(address, isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name} TEMPLATE template0"))
        url = make_url(address).set(database=name)
        made = make_engine(DatabaseSettings(db_url=url.render_as_string(hide_password=False)))
        try:
            yield made
        finally:
            made.dispose()
            with admin.connect() as connection:
                connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
            admin.dispose()

    return lambda kind: {"sqlite": sqlite, "postgresql": postgresql}[kind]()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The test's own folder, in which pages and commands keep their files."""
    monkeypatch.setenv("OCOP_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def secret(tmp_path: Path) -> Secret:
    """The secret of an installation in the test's own folder."""
    return Secret(tmp_path)
