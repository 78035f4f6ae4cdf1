"""One database for a whole file: for tests that only read what was played once."""

import shutil
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, create_engine, make_url, text

from models.session import make_engine
from models.settings import DatabaseSettings


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
