"""Letters that carry a link: the link leaves with the letter and stands nowhere else."""

import zipfile
from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select, update

from casework import accounts, backup, invitations, outbox, readdressing
from casework.doctor.checkup import examine
from casework.doctor.invariant import Look
from casework.invitations import Sender
from casework.lists.kinds import KINDS
from casework.succession import Successors
from models.accounts import AccountKey, KeyPurpose
from models.letters import Letter
from models.secret import Secret, in_fours, key_typed
from models.session import perform, reading, transaction
from models.units import Person, Producer, Unit
from notifications.delivery import deliver
from notifications.printing import print_letters
from notifications.rendering import render
from ocop.errors import InvalidInput, NotFound, NotPossibleNow
from tests.factories import Office, an_office, at
from tests.integration.mail_server import mail_server
from tests.integration.owed_letters import settings
from tests.integration.signing_in import CHEAP, happened, whole_record
from tests.merger import MERGED, learn

pytestmark = [pytest.mark.anyio, pytest.mark.postgresql_long]

NOW = at("2025-06-16 10:00")
"""A Monday in office hours."""
NIGHT = at("2025-06-16 22:00")
PAGES = "https://ocop.example"
WHO = "365/officer"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def office(engine: Engine) -> Iterator[Office]:
    return an_office(engine).go("2025-06-16")


def sender(home: Path, when: Any = NOW, by: str = "Quản trị tỉnh") -> Sender:
    return Sender(Secret(home), PAGES, when, when, by)


def invited(office: Office, home: Path, who: str = WHO, when: Any = NOW, **owner: str) -> invitations.Link:
    return perform(
        office.engine,
        lambda session: invitations.invite(
            session, login=who, owner=accounts.Owner(**(owner or {"person": who})), name="", sender=sender(home, when)
        ),
    )


def again(office: Office, home: Path, login: str, purpose: KeyPurpose, when: Any = NOW) -> invitations.Link:
    return perform(
        office.engine,
        lambda session: invitations.send(
            session, accounts.account_by_login(session, login, lock=True), purpose, sender(home, when)
        ),
    )


def forget(office: Office, home: Path, login: str, when: Any = NOW) -> None:
    perform(
        office.engine,
        lambda session: invitations.forgotten(session, login, sender(home, when, ""), address="10.36.0.7"),
    )


def without_email(office: Office, who: str = WHO) -> None:
    with transaction(office.engine) as session:
        session.execute(update(Person).where(Person.code == who).values(email=None))


def owed(office: Office) -> list[Letter]:
    return [row[0] for row in office.rows(select(Letter).where(Letter.recipient.like("account/%")).order_by(Letter.id))]


def text_of(mail: EmailMessage) -> str:
    return str(next(iter(mail.iter_parts())).get_content())


async def sent(office: Office, home: Path | None, when: Any = NOW) -> list[EmailMessage]:
    """Deliver what is due and return the mails to owners of accounts."""
    async with mail_server() as server:
        secret = None if home is None else Secret(home)
        await deliver(office.engine, settings(server), when, secret=secret)
    return [mail for mail in server.mails() if "tên đăng nhập" in mail["Subject"]]


async def test_an_invitation_arrives_with_its_link_and_the_record_never_has_it(office: Office, home: Path) -> None:
    link = invited(office, home)
    (mail,) = await sent(office, home)
    assert mail["To"].addresses[0].addr_spec == "officer.365@office.example"
    assert link.address in text_of(mail)
    assert link.address == f"{PAGES}/welcome/{in_fours(link.key)}"
    assert str(list(mail.iter_parts())[1].get_content()).count(link.address) == 2
    (letter,) = owed(office)
    assert letter.state == "sent"
    assert letter.body is not None
    assert "không hiện ở đây" in letter.body
    for text in (whole_record(office.engine), render(letter).html, str(letter.facts)):
        assert link.key not in text
        assert in_fours(link.key) not in text
    perform(office.engine, lambda session: accounts.take_key(session, link.key, CHEAP, NOW))
    assert happened(office.engine) == ["invited", "invitation_taken"]


async def test_neither_a_list_nor_a_backup_opens_an_account(office: Office, home: Path, tmp_path: Path) -> None:
    link = invited(office, home)
    await sent(office, home)
    with reading(office.engine) as session:
        for kind in ("letters", "letters-to-hand-over", "dead-letters", "requests"):
            wanted = KINDS[kind].wanted(session, NOW, day=None, cycle="", unit="", dossier="")
            assert link.key[:4] not in str([list(row) for row in KINDS[kind].sheet(session, wanted).rows])
        backup.back_up(session, home / "files", tmp_path / "sao-luu.zip", NOW)
    with zipfile.ZipFile(tmp_path / "sao-luu.zip") as whole:
        assert "secret" not in " ".join(whole.namelist())
        told = b"".join(whole.read(name) for name in whole.namelist())
    for hidden in (link.key, in_fours(link.key)):
        assert hidden.encode() not in told
    assert (home / "secret").read_bytes() not in told


async def test_a_newer_link_takes_the_place_of_a_letter_that_has_not_left(office: Office, home: Path) -> None:
    first = invited(office, home)
    second = again(office, home, WHO, KeyPurpose.INVITATION)
    (mail,) = await sent(office, home)
    assert second.address in text_of(mail)
    assert first.address not in text_of(mail)
    assert [letter.state for letter in owed(office)] == ["sent"]


async def test_a_letter_whose_link_was_used_already_does_not_leave(office: Office, home: Path) -> None:
    link = invited(office, home)
    perform(office.engine, lambda session: accounts.take_key(session, link.key, CHEAP, NOW))
    assert await sent(office, home) == []
    assert owed(office) == []


async def test_a_letter_whose_link_is_over_does_not_leave(office: Office, home: Path) -> None:
    invited(office, home)
    assert await sent(office, home, NOW + timedelta(days=7)) == []
    assert owed(office) == []


async def test_who_has_another_secret_sends_no_link_and_says_what_to_do(office: Office, home: Path) -> None:
    invited(office, home)
    assert await sent(office, home.with_name("nơi khác")) == []
    (letter,) = owed(office)
    assert letter.state == "dead"
    assert "tệp bí mật" in letter.last_error
    perform(office.engine, lambda session: outbox.resend(session, letter_ids=[letter.id], at=NOW))
    assert len(await sent(office, home)) == 1


async def test_a_dead_letter_is_sent_again_to_the_address_that_its_reader_has_now(office: Office, home: Path) -> None:
    link = invited(office, home)
    await sent(office, None)
    with transaction(office.engine) as session:
        session.execute(update(Person).where(Person.code == WHO).values(email="moi@giaothuy.example"))
        outbox.resend(
            session, letter_ids=session.scalars(select(Letter.id).where(Letter.state == "dead")).all(), at=NOW
        )
    (mail,) = await sent(office, home)
    assert mail["To"].addresses[0].addr_spec == "moi@giaothuy.example"
    assert link.address in text_of(mail)


async def test_who_has_no_email_gets_the_link_on_paper_for_the_server_s_own_people_alone(
    office: Office, home: Path
) -> None:
    without_email(office)
    link = invited(office, home)
    (letter,) = owed(office)
    assert (letter.state, letter.unit_id is None) == ("to_hand_over", False)
    with transaction(office.engine) as session:
        page = print_letters(session, [letter.id]).page
        assert link.key not in page.replace("-", "")
        assert "không hiện ở đây" in page
        page = print_letters(session, [letter.id], Secret(home)).page
        assert link.address in page
        assert f"gõ mã: {in_fours(link.key)}" in page
        told = print_letters(session, [letter.id], Secret(home.with_name("khác")))
        assert (told.numbers, [number for number, _ in told.unwritable]) == ([], [letter.id])
    assert link.key not in whole_record(office.engine).replace("-", "")


async def test_a_forgotten_password_is_answered_at_night_and_an_invitation_in_the_morning(
    office: Office, home: Path
) -> None:
    link = invited(office, home, when=NIGHT)
    perform(office.engine, lambda session: accounts.take_key(session, link.key, CHEAP, NIGHT))
    forget(office, home, WHO, NIGHT)
    invited(office, home, "366/officer", NIGHT)
    (mail,) = await sent(office, home, NIGHT)
    assert mail["Subject"].startswith("Đặt lại mật khẩu")
    assert "Có người vừa xin" in text_of(mail)
    assert "đến 23:00 ngày 16/6/2025" in text_of(mail)
    (mail,) = await sent(office, home, at("2025-06-17 08:00"))
    assert mail["Subject"].startswith("Mời dùng")


async def test_a_forgotten_password_is_written_down_whoever_it_is_about(office: Office, home: Path) -> None:
    without_email(office, "366/officer")
    for who in (WHO, "366/officer"):
        link = invited(office, home, who)
        perform(office.engine, lambda session, key=link.key: accounts.take_key(session, key, CHEAP, NOW))
    await sent(office, home)
    for login in (WHO, WHO, "366/officer", "không có", " 365/OFFICER "):
        forget(office, home, login)
    assert happened(office.engine)[4:] == ["reset_asked"] * 5
    assert len(await sent(office, home)) == 1, "one letter, not three; none for who has no address"
    forget(office, home, WHO, NOW + invitations.AGAIN_AFTER)
    assert len(await sent(office, home, NOW + invitations.AGAIN_AFTER)) == 1
    with reading(office.engine) as session:
        assert len(session.scalars(select(AccountKey.id).where(AccountKey.used_at.is_(None))).all()) == 1


async def test_who_never_took_up_the_invitation_is_invited_again_by_saying_it_was_forgotten(
    office: Office, home: Path
) -> None:
    invited(office, home)
    later = NOW + timedelta(hours=1)
    forget(office, home, WHO, later)
    (mail,) = await sent(office, home, later)
    assert mail["Subject"].startswith("Mời dùng")


async def test_a_closed_account_gets_no_link(office: Office, home: Path) -> None:
    invited(office, home)
    with transaction(office.engine) as session:
        accounts.close_account(session, accounts.account_by_login(session, WHO), at=NOW, by="x")
    forget(office, home, WHO, NOW + timedelta(hours=1))
    assert await sent(office, home, NOW + timedelta(hours=1)) == []
    for purpose in accounts.SETTING_PASSWORDS:
        with pytest.raises(NotPossibleNow, match="đã đóng"):
            again(office, home, WHO, purpose)


async def test_who_has_a_password_is_not_invited_again(office: Office, home: Path) -> None:
    link = invited(office, home)
    perform(office.engine, lambda session: accounts.take_key(session, link.key, CHEAP, NOW))
    with pytest.raises(NotPossibleNow, match="đặt lại mật khẩu"):
        again(office, home, WHO, KeyPurpose.INVITATION)
    reset = again(office, home, WHO, KeyPurpose.RESET)
    assert reset.ends_at == NOW + timedelta(hours=1)


async def test_a_reset_on_paper_lasts_as_long_as_paper_takes(office: Office, home: Path) -> None:
    without_email(office)
    link = invited(office, home)
    perform(office.engine, lambda session: accounts.take_key(session, link.key, CHEAP, NOW))
    assert again(office, home, WHO, KeyPurpose.RESET).ends_at == NOW + timedelta(days=7)


async def test_many_people_are_invited_at_once_each_with_what_became_of_it(office: Office, home: Path) -> None:
    without_email(office, "14101/officer")
    invited(office, home)
    with transaction(office.engine) as session:
        accounts.open_account(
            session, login="head.365@office.example", owner=accounts.Owner(administrator=True), at=NOW, by="x"
        )
    codes = [WHO, "365/head", "14101/officer", "không có", "36/officer", "36/officer"]
    found = perform(office.engine, lambda session: invitations.invite_people(session, codes, sender(home)))
    assert [(one.code, one.link is not None, one.refusal) for one in found] == [
        (WHO, False, "Đã có tài khoản."),
        ("365/head", True, ""),
        ("14101/officer", True, ""),
        ("không có", False, "Không có cán bộ mang mã 'không có'."),
        ("36/officer", True, ""),
    ]
    logins = [one.link.account.login for one in found if one.link]
    assert logins == ["365/head", "14101/officer", "officer.36@office.example"]
    assert [one.link.email for one in found if one.link] == [
        "head.365@office.example", None, "officer.36@office.example",
    ]  # fmt: skip
    assert len(await sent(office, home)) == 3
    repeated = perform(office.engine, lambda session: invitations.invite_people(session, codes, sender(home)))
    assert [one.refusal for one in repeated if one.code != "không có"] == ["Đã có tài khoản."] * 4
    with pytest.raises(InvalidInput, match="200"):
        perform(
            office.engine,
            lambda session: invitations.invite_people(session, [str(n) for n in range(201)], sender(home)),
        )


async def test_a_producer_and_an_administrator_are_written_to_as_well(office: Office, home: Path) -> None:
    maker = "CT-LUA"
    with transaction(office.engine) as session:
        commune = session.scalars(select(Unit.id).where(Unit.code == "14101")).one()
        session.add(Producer(code=maker, name="HTX Lúa", search="htx lua", commune_id=commune, email="htx@lua.example"))
    invited(office, home, "chu-the", producer=maker)
    invited(office, home, "con-gai@htx.example", producer=maker)
    perform(
        office.engine,
        lambda session: invitations.invite(
            session, login="may-chu@tinh.example", owner=accounts.Owner(administrator=True), name="Máy chủ",
            sender=sender(home),
        ),
    )  # fmt: skip
    mails = await sent(office, home)
    assert sorted(mail["To"].addresses[0].addr_spec for mail in mails) == sorted(
        ["htx@lua.example", "con-gai@htx.example", "may-chu@tinh.example"]
    )


async def test_the_doctor_finds_nothing_wrong_with_letters_of_accounts(office: Office, home: Path) -> None:
    invited(office, home)
    without_email(office, "366/officer")
    invited(office, home, "366/officer")
    await sent(office, home)
    with reading(office.engine) as session:
        look = Look(session, NOW, home / "files")
        assert [finding.invariant.key for finding in examine(look, ["letters_have_causes"]) if not finding.holds] == []
    with transaction(office.engine) as session:
        session.execute(update(Letter).where(Letter.recipient.like("account/%")).values(cause="account/7/key/999"))
    with reading(office.engine) as session:
        look = Look(session, NOW, home / "files")
        (finding,) = examine(look, ["letters_have_causes"])
        assert finding.total == 2


@pytest.mark.parametrize("damage", [{"cause": "account/x"}, {"facts": {}}, {"facts": []}, {"facts": {"seed": 7}}])
async def test_a_damaged_letter_with_a_link_stops_no_other(office: Office, home: Path, damage: dict[str, Any]) -> None:
    invited(office, home)
    other = invited(office, home, "366/officer")
    with transaction(office.engine) as session:
        session.execute(update(Letter).where(Letter.email == "officer.365@office.example").values(**damage))
    (mail,) = await sent(office, home)
    assert other.address in text_of(mail)
    assert [letter.state for letter in owed(office)] == ["dead", "sent"]


async def test_a_secret_that_cannot_be_read_stops_no_other_letter(office: Office, home: Path) -> None:
    invited(office, home)
    (home / "secret").write_bytes(b"x")
    async with mail_server() as server:
        told = await deliver(office.engine, settings(server), NOW, secret=Secret(home))
    assert (told.sent > 0, told.dead) == (True, 1)


async def test_where_a_unit_ends_nobody_else_becomes_the_reader_of_a_link(office: Office, home: Path) -> None:
    """A letter that waits for a unit's officer goes to the officer of the successor: with a link in it, it must not."""
    without_email(office)
    invited(office, home)
    invited(office, home, "365/head")
    learn(office)
    with transaction(office.engine) as session:
        readdressing.readdress(session, Successors(session, MERGED), NOW)
    on_paper, by_mail = owed(office)
    assert (on_paper.recipient_name, on_paper.state) == ("cán bộ phụ trách Huyện Giao Thủy", "to_hand_over")
    assert office.rows(select(Unit.code).where(Unit.id == on_paper.unit_id)) == [("37",)], "who hands it over"
    assert (by_mail.recipient_name, by_mail.email) == (
        "thủ trưởng đơn vị chuyên môn Huyện Giao Thủy",
        "head.365@office.example",
    )


@pytest.mark.parametrize(
    "typed", ["ABCD-EFGH-IJKL-MNOP-QRST-UVWX", " abcd efgh ijkl mnop qrst uvwx", "abcdefghijklmnopqrstuvwx", "A8CD-EFGH-1JKL-MN0P-QRST-UVWX"]
)  # fmt: skip
async def test_a_key_is_read_as_people_type_it(typed: str) -> None:
    expected = "ABCDEFGHIJKLMNOPQRSTUVWX"
    assert key_typed(typed) == expected
    assert key_typed("nothing of the kind") == "nothing of the kind"


async def test_a_key_that_is_typed_wrongly_opens_nothing(office: Office, home: Path) -> None:
    link = invited(office, home)
    wrong = ("B" if link.key[0] == "A" else "A") + link.key[1:]
    with pytest.raises(NotFound), transaction(office.engine) as session:
        accounts.password_key(session, wrong, NOW)
