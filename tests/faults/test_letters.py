"""A delivery is cut off at every statement, around each commit and around each word with the mail server: every letter arrives."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from email import message_from_bytes
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from models.letters import Letter, LetterState
from models.session import reading, transaction
from notifications.letterbox import Letterbox, start_letterbox
from tests.factories import Office
from tests.faults.flows import LETTERS, a_morning, as_functions, run
from tests.faults.points import GONE, Fault, in_a_child, watched_mail
from tests.faults.worlds import World, contents

pytestmark = pytest.mark.long

NUMBER = 3
"""Letters that wait to leave."""
LATER = timedelta(minutes=10)
"""Longer than a lease and than the first waits between tries."""
OF_TRIES = frozenset(
    {"tries", "next_try_at", "last_error", "unconfirmed", "sent_at", "lease_until", "lease_by"}
)  # fmt: skip
"""Columns that tell how often and when a letter was tried: what a fault may change, and nothing else."""


@pytest.fixture
def box(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Letterbox]:
    """A mail server in a process of its own, which outlives its clients."""
    with start_letterbox(tmp_path_factory.mktemp("mail")) as box:
        for name, value in {
            "HOST": "127.0.0.1", "PORT": box.port, "STARTTLS": "never", "SENDER_ADDRESS": "ocop@namdinh.example",
            "TIMEOUT": 5, "LEASE_SECONDS": 60,
        }.items():  # fmt: skip
            monkeypatch.setenv(f"OCOP_SMTP_{name}", str(value))
        yield box


def waiting(world: World) -> datetime:
    """Let a few letters wait and the others have left; return the instant of the delivery."""
    moment = a_morning(Office(world.engine).found().open_cycle())
    with transaction(world.engine) as session:
        some = session.scalars(
            select(Letter.id).where(Letter.email.is_not(None)).order_by(Letter.id.desc()).limit(NUMBER)
        )
        session.execute(
            update(Letter).where(Letter.id.not_in(some.all())).values(state=LetterState.SENT, sent_at=Letter.send_from)
        )
    world.keep()
    return moment


def rows(world: World) -> list[dict[str, Any]]:
    """Return the letters without what tells of tries."""
    with reading(world.engine) as session:
        found = session.execute(select(Letter.__table__).order_by(Letter.id)).mappings()
        return [{name: value for name, value in row.items() if name not in OF_TRIES} for row in found]


def arrived(box: Letterbox) -> Counter[str]:
    """Return how often each Message-ID arrived."""
    return Counter(str(message_from_bytes(path.read_bytes())["Message-ID"]) for path in box.letters())


def emptied(folder: Path) -> None:
    """Take the letters out of a letterbox."""
    for path in folder.iterdir():
        path.unlink()


@pytest.mark.parametrize("connections", [1, 2])
@pytest.mark.parametrize("fault", [Fault.FAIL, Fault.EXIT])
def test_a_delivery_cut_off_at_any_point_brings_every_letter_and_counts_what_may_be_double(
    world: World,
    box: Letterbox,
    fault: Fault,
    connections: int,
    monkeypatch: pytest.MonkeyPatch,
    record_property: Callable[[str, object], None],
) -> None:
    monkeypatch.setenv("OCOP_SMTP_CONNECTIONS", str(connections))
    with as_functions(world), watched_mail(world.points):
        moment = waiting(world)
        run(LETTERS, moment=moment)
        expected, ids = rows(world), set(arrived(box))
        assert len(ids) == NUMBER
        mailed = set[str]()
        for number in count(1):
            world.again()
            emptied(box.folder)
            cut = _ended(world, moment, number) if fault is Fault.EXIT else _failed(world, moment, number, mailed)
            if not cut:  # the run came to its end before the point
                break
            left = moment
            while run(LETTERS, moment=left).name != "Sent":
                left += LATER
                assert left < moment + 6 * LATER, number
            assert rows(world) == expected, number
            got = arrived(box)
            assert set(got) == ids, number
            with reading(world.engine) as session:
                unconfirmed = dict(session.execute(select(Letter.message_id, Letter.unconfirmed)).all())
            assert {name: times for name, times in got.items() if times - 1 > unconfirmed[name]} == {}, number
            world.assert_sound(contents(world.engine), left)
        record_property("crash points tried", number - 1)
        record_property("crash points tried at the mail server", len(mailed))


def _failed(world: World, moment: datetime, number: int, mailed: set[str]) -> bool:
    """Run into a fault at a point; the database's is heard of, the mail server's is a letter's."""
    world.points.begin(number)
    heard = False
    try:
        run(LETTERS, moment=moment)
    except* OperationalError:
        heard = True
    fired = world.points.fired
    if "SMTP" in fired:
        mailed.add(f"{number} {fired}")
    assert heard == (bool(fired) and "SMTP" not in fired), (number, fired)
    world.points.begin()
    return bool(fired)


def _ended(world: World, moment: datetime, number: int) -> bool:
    """Let a child run into its end at a point."""

    def child() -> None:
        world.engine.dispose(close=False)  # its connections are the parent's
        world.points.begin(number, Fault.EXIT)
        run(LETTERS, moment=moment)

    status = in_a_child(child)
    assert status in (0, GONE), number
    return status == GONE
