"""The walked year restored on either database, and copies of it that a test may break."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from casework import archive, backup, outbox
from models.session import transaction
from tests.integration.doctor.broken_year import Broken
from tests.walked import Walked


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def copy(
    request: pytest.FixtureRequest, walked_year: Walked, year_archive: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Engine, Path]]:
    """The walked year on either database, restored from its backup, and its folder of attachments."""
    files = tmp_path_factory.mktemp("copy") / "files"
    with request.getfixturevalue("an_empty_database")(request.param) as engine:
        with archive.reading(year_archive) as source, transaction(engine) as session:
            backup.restore(session, files, source, walked_year.office.now)
            outbox.release_held(session, at=walked_year.office.now)
        yield engine, files


@pytest.fixture
def broken(copy: tuple[Engine, Path], walked_year: Walked) -> Iterator[Broken]:
    """A copy to break; nothing of it stays."""
    engine, files = copy
    with engine.connect() as connection, connection.begin() as kept, Session(connection) as session:
        yield Broken(session, files, walked_year)
        session.close()
        kept.rollback()
