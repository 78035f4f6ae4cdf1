"""A broken template, facts that do not fit it, or a damaged row stop no other letter, on the wire or on paper."""

import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select, text, update
from sqlalchemy.orm import Session

from models.letters import Letter, LetterState
from models.session import transaction
from notifications import rendering
from notifications.delivery import deliver
from notifications.printing import print_letters
from ocop.notices import Notice
from tests.integration.letter_facts import full
from tests.integration.mail_server import mail_server
from tests.outages.chaos_mail import AT, owe, settings

pytestmark = pytest.mark.anyio
BROKEN = 2
"""The letter that is broken, of three."""


def letters(engine: Engine) -> list[Any]:
    """Return number, state, reason and lease of all letters, without reading what is damaged."""
    with Session(engine) as session:
        columns = (Letter.id, Letter.state, Letter.last_error, Letter.lease_until, Letter.tries)
        return list(session.execute(select(*columns).order_by(Letter.id)))


def change(engine: Engine, **values: Any) -> None:
    with transaction(engine) as session:
        session.execute(update(Letter).where(Letter.id == BROKEN).values(values))


def damage(engine: Engine, column: str, value: str) -> None:
    """Write what no column of ours would write."""
    with transaction(engine) as session:
        session.execute(text(f"UPDATE letters SET {column} = :value WHERE id = :id"), {"value": value, "id": BROKEN})


async def only_the_broken_one_is_dead(engine: Engine, words: str) -> None:
    """Deliver and find two letters sent, and the broken one dead with a reason that says what to do."""
    async with mail_server() as server:
        told = await deliver(engine, settings(server.port, timeout=5), AT)
        assert (told.sent, told.dead, told.waiting, told.dead_in_all, len(told.alerts)) == (2, 1, 0, 1, 1)
        assert (await deliver(engine, settings(server.port, timeout=5), AT + timedelta(days=1))).sent == 0
    one, broken, other = letters(engine)
    assert (one.state, other.state) == (LetterState.SENT, LetterState.SENT)
    assert (broken.state, broken.lease_until) == (LetterState.DEAD, None)
    assert words in broken.last_error
    assert "gửi lại" in broken.last_error


@pytest.mark.parametrize(
    "wrong",
    [
        {"facts": full(Notice.RECEIVED) | {"reply_name": 7}},
        {"facts": ["không", "phải", "dữ kiện"]},
        {"facts": full(Notice.RECEIVED) | {"dossier": None}},
        {"message_id": "<1@letters.ocop.invalid>\r\nBcc: <khac@xa.example>"},
        {"facts": full(Notice.RECEIVED) | {"occurred_on": "x" * 5000}},
    ],
    ids=["a name that is a number", "a list", "no dossier", "a Message-ID with a line break", "a day that is none"],
)
async def test_facts_that_do_not_fit_stop_no_other_letter(sqlite_engine: Engine, wrong: dict[str, Any]) -> None:
    owe(sqlite_engine, 3, notice=Notice.RECEIVED.value, reply_to="canbo@xa.example")
    change(sqlite_engine, **({"facts": full(Notice.RECEIVED)} | wrong))
    with transaction(sqlite_engine) as session:
        session.execute(update(Letter).where(Letter.id != BROKEN).values(facts=full(Notice.RECEIVED)))
    await only_the_broken_one_is_dead(sqlite_engine, "Không soạn được thư")


@pytest.mark.parametrize(
    ("column", "words"),
    [("facts", "Không soạn được thư"), ("owed_at", "Không đọc được dòng dữ liệu của thư")],
)
async def test_a_damaged_row_stops_no_other_letter(sqlite_engine: Engine, column: str, words: str) -> None:
    owe(sqlite_engine, 3)
    damage(sqlite_engine, column, '{"half')
    await only_the_broken_one_is_dead(sqlite_engine, words)


async def test_damaged_facts_stop_no_other_letter_on_postgresql_either(postgres_engine: Engine) -> None:
    owe(postgres_engine, 3)
    damage(postgres_engine, "facts", '{"half')
    await only_the_broken_one_is_dead(postgres_engine, "Không soạn được thư")


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("body.txt.j2", b"{% extends "),
        pytest.param("body.html.j2", b"{{ facts_that_nobody_knows.ever }}", marks=pytest.mark.long),
        pytest.param("body.txt.j2", b"{{ 1|no_such_filter }}", marks=pytest.mark.long),
        pytest.param("subject.txt.j2", b"\xff\xfe", marks=pytest.mark.long),
        ("subject.txt.j2", b"{% include 'received/subject.txt.j2' %}"),
        pytest.param("body.html.j2", None, marks=pytest.mark.long),
    ],
    ids=["syntax", "unknown fact", "unknown filter", "not UTF-8", "endless", "missing"],
)
async def test_a_broken_template_stops_no_other_kind_of_letter(
    sqlite_engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str, content: bytes | None
) -> None:
    folder = tmp_path / "templates"
    shutil.copytree(rendering.TEMPLATES, folder)
    broken = folder / Notice.RECEIVED.value / file
    broken.unlink() if content is None else broken.write_bytes(content)
    monkeypatch.setattr(rendering, "TEMPLATES", folder)
    monkeypatch.setattr(rendering, "_TEMPLATES", rendering._environment())
    owe(sqlite_engine, 3, notice=Notice.REGISTERED.value)
    with transaction(sqlite_engine) as session:
        session.execute(update(Letter).values(facts=full(Notice.REGISTERED)))
    change(sqlite_engine, notice=Notice.RECEIVED.value)
    await only_the_broken_one_is_dead(sqlite_engine, "Không soạn được thư")


def test_a_letter_that_cannot_be_written_stops_no_other_on_paper(sqlite_engine: Engine) -> None:
    owe(sqlite_engine, 3, state=LetterState.TO_HAND_OVER.value, email=None)
    change(sqlite_engine, facts={"recipient_name": "A"})
    with transaction(sqlite_engine) as session:
        printed = print_letters(session, [1, 2, 3])
    assert printed.numbers == [1, 3]
    ((number, reason),) = printed.unwritable
    assert number == BROKEN
    assert "Hãy báo người quản trị phần mềm" in reason
    assert printed.page.count("<section>") == 2


def test_a_letter_that_was_printed_is_printed_again_whatever_became_of_its_facts(sqlite_engine: Engine) -> None:
    owe(sqlite_engine, 3, state=LetterState.TO_HAND_OVER.value, email=None)
    with transaction(sqlite_engine) as session:
        first = print_letters(session, [1, 2, 3])
    change(sqlite_engine, facts={"recipient_name": "A"})
    with transaction(sqlite_engine) as session:
        assert print_letters(session, [1, 2, 3]).page == first.page
