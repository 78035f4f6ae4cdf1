"""Who may sign in to the demo is told with its password, opens nothing anywhere else, and finds the morning that was kept."""

import os
import shutil
import smtplib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from casework import clock, passwords
from casework.actors import person
from cli.demo import accounts as demo
from cli.demo.morning import MORNING, WHOLE, keep_morning, return_to_morning
from cli.demo.play import CYCLE, caught_letters, found_office, plan_text
from cli.demo.player import Played, Player, enact
from cli.demo.steps import FILING_DAYS, Step, hour
from cli.demo.story import OPENS
from cli.demo.world import world
from models.accounts import Account
from models.session import make_engine, perform, reading
from models.settings import DatabaseSettings

NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def home(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a demo that stands on the evening of its first file of dossiers."""
    folder = tmp_path_factory.mktemp("demo")
    shutil.copy(migrated_sqlite, folder / "ocop.db")
    engine = make_engine(DatabaseSettings(home=folder, db_url=""))
    made = world(cycle=CYCLE)
    found_office(engine, folder, made, [].append)
    enact(engine, Step(OPENS, "open-cycle", "36-officer", {"code": CYCLE, "plan": plan_text()}), "open", {})
    player = Player(engine, folder, CYCLE, made.dossiers, [], Played(folder), [].append)
    player.take_in(Step(hour(FILING_DAYS[0], "16:00"), "import", "36-officer"))
    demo.open_accounts(engine, folder, NOW)
    engine.dispose()
    return folder


@pytest.fixture
def engine(home: Path) -> Iterator[Engine]:
    opened = make_engine(DatabaseSettings(home=home, db_url=""))
    yield opened
    opened.dispose()


def test_each_account_opens_with_the_password_that_only_the_folders_owner_reads(home: Path, engine: Engine) -> None:
    file = home / demo.PASSWORD
    assert file.stat().st_mode & 0o777 == 0o600
    password = file.read_text(encoding="utf-8").strip()
    with reading(engine) as session:
        kept = dict(session.execute(select(Account.login, Account.password)).tuples().all())
        assert set(kept) == set(demo.DOES)
        assert len(set(kept.values())) == len(kept)
        assert [login for login, hashed in kept.items() if not passwords.compare(password, hashed).right] == []
        assert all(session.scalars(select(Account.simulated)))


def test_the_demo_tells_who_may_sign_in_and_what_for(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    demo.tell_accounts(DatabaseSettings(home=home, db_url=""))
    told = capsys.readouterr().out
    assert all(login in told and does in told for login, does in demo.DOES.items())
    assert (home / demo.PASSWORD).read_text(encoding="utf-8").strip() in told
    assert "Văn phòng Điều phối nông thôn mới, Tỉnh Nam Định" in told
    assert "Huyện Hải Hậu" in told


def test_an_office_is_told_of_no_account_of_a_demo(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    demo.tell_accounts(DatabaseSettings(home=tmp_path, db_url=""))
    demo.tell_accounts(DatabaseSettings(home=home, db_url="postgresql+psycopg://office/ocop"))
    assert capsys.readouterr().out == ""


def test_the_console_opens_on_the_morning_and_the_years_end_lies_beside_it(home: Path, tmp_path: Path) -> None:
    shutil.copy(home / "ocop.db", tmp_path / "ocop.db")
    end = MORNING + timedelta(days=200)
    playing = make_engine(DatabaseSettings(home=tmp_path, db_url=""))
    perform(playing, lambda session: clock.drive(session, MORNING))
    keep_morning(tmp_path)
    perform(playing, lambda session: clock.drive(session, end))
    with reading(playing) as session:
        assert person(session, "366-officer").name
    return_to_morning(tmp_path)  # while the flows' own connections are open
    for folder, stands in ((tmp_path, MORNING), (tmp_path / WHOLE, end)):
        found = make_engine(DatabaseSettings(home=folder, db_url=""))
        with reading(found) as session:
            assert clock.driven(session) == stands
            assert session.scalar(select(Account.login).where(Account.login == "huyen"))
        found.dispose()
    playing.dispose()
    assert sorted(path.name for path in tmp_path.glob("*.db")) == ["ocop.db"]


def test_what_a_served_demo_sends_is_kept_in_its_folder_and_an_offices_goes_its_way(home: Path, tmp_path: Path) -> None:
    before = dict(os.environ)
    with (
        caught_letters(DatabaseSettings(home=home, db_url="")),
        smtplib.SMTP(os.environ["OCOP_SMTP_HOST"], int(os.environ["OCOP_SMTP_PORT"])) as mail,
    ):
        mail.sendmail("ocop@namdinh.example", ["huyen@namdinh.example"], b"Subject: nhac viec\r\n\r\nxin nhac")
    assert [b"nhac viec" in kept.read_bytes() for kept in (home / "letters").glob("*.eml")] == [True]
    with caught_letters(DatabaseSettings(home=tmp_path, db_url="")):
        assert dict(os.environ) == before
    assert dict(os.environ) == before
