"""Accounts: who gets one, what is kept of passwords, and what the record tells of it all."""

import pytest
from sqlalchemy import Engine, select, text, update
from sqlalchemy.exc import DBAPIError

from casework import accounts, api_keys, passwords, sign_ins
from casework.passwords import Compared
from models.accounts import AccountEvent, AccountKey, KeyPurpose
from models.secret import Secret, sha256
from models.session import perform, reading, transaction
from ocop.errors import AlreadyExists, InvalidInput, NotFound, NotPossibleNow
from tests.factories import Office
from tests.integration.signing_in import (
    CHEAP,
    NOW,
    PASSWORD,
    account,
    an_account,
    concluded,
    goes_on,
    happened,
    key,
    later,
    refused,
    signed_in,
    stepped,
    take,
    ticket_of,
    together,
    tried,
    whole_record,
    with_second_factor,
)

pytestmark = pytest.mark.postgresql_long


# Who gets an account


def test_an_account_is_of_a_person_a_producer_or_an_administrator(engine: Engine) -> None:
    Office(engine).found()
    with transaction(engine) as session:
        opened = accounts.open_account(
            session, login="  An.Nguyen@HaGiang.example ", owner=accounts.Owner(person="36/officer"), at=NOW, by="CLI"
        )
        assert (opened.login, opened.name) == ("an.nguyen@hagiang.example", "cán bộ phụ trách Tỉnh Nam Định")
    for owner, fault in (
        (accounts.Owner(), InvalidInput),
        (accounts.Owner("36/officer", "CT-1"), InvalidInput),
        (accounts.Owner("36/officer"), AlreadyExists),
        (accounts.Owner("không có"), NotFound),
        (accounts.Owner(producer="không có"), NotFound),
    ):
        with pytest.raises(fault), transaction(engine) as session:
            accounts.open_account(session, login="x", owner=owner, at=NOW, by="CLI")
    with pytest.raises(AlreadyExists, match=r"an\.nguyen"), transaction(engine) as session:
        accounts.open_account(
            session, login="AN.NGUYEN@hagiang.example", owner=accounts.Owner(administrator=True), at=NOW, by="CLI"
        )


@pytest.mark.parametrize("login", ["", "   ", "hai từ", "xuống\ndòng", "a" * 255])
def test_a_login_is_one_word(sqlite_engine: Engine, login: str) -> None:
    with pytest.raises(InvalidInput), transaction(sqlite_engine) as session:
        accounts.open_account(session, login=login, owner=accounts.Owner(administrator=True), at=NOW, by="CLI")


def test_a_closed_account_lets_nobody_in_until_it_is_opened_again(engine: Engine) -> None:
    an_account(engine, "kia")
    number = an_account(engine)
    token, invited = signed_in(engine), key(engine, number)
    with transaction(engine) as session:
        accounts.close_account(session, accounts.account_by_number(session, number), at=NOW, by="Quản trị")
    assert not goes_on(engine, token)
    assert refused(tried(engine)).vietnamese == sign_ins.WRONG
    with pytest.raises(NotFound):
        take(engine, invited)
    with pytest.raises(NotPossibleNow), transaction(engine) as session:
        accounts.close_account(session, accounts.account_by_number(session, number), at=NOW, by="Quản trị")
    with transaction(engine) as session:
        accounts.reopen_account(session, accounts.account_by_number(session, number), at=NOW, by="Quản trị")
    assert not goes_on(engine, token), "what was ended stays ended"
    with pytest.raises(NotFound):
        take(engine, invited)
    signed_in(engine)


def test_the_last_administrator_stays(engine: Engine) -> None:
    first, second = an_account(engine, "một"), an_account(engine, "hai", password=None)

    def close(number: int) -> None:
        perform(
            engine,
            lambda session: accounts.close_account(
                session, accounts.account_by_number(session, number, lock=True), at=NOW, by="x"
            ),
        )

    with pytest.raises(NotPossibleNow, match="duy nhất"):
        close(first)  # the other one has never taken up the invitation
    take(engine, key(engine, second))
    outcomes = together(lambda: close(first), lambda: close(second))
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["NoneType", "NotPossibleNow"]


def test_a_mere_administrator_is_closed_and_not_made_nobody(sqlite_engine: Engine) -> None:
    Office(sqlite_engine).found()
    number, officer = an_account(sqlite_engine), an_account(sqlite_engine, "cb", person="36/officer")
    with transaction(sqlite_engine) as session:
        row = accounts.account_by_number(session, officer)
        assert accounts.set_administrator(session, row, True, at=NOW, by="x")
        assert not accounts.set_administrator(session, row, True, at=NOW, by="x")
    with pytest.raises(NotPossibleNow, match="đóng tài khoản"), transaction(sqlite_engine) as session:
        accounts.set_administrator(session, accounts.account_by_number(session, number), False, at=NOW, by="x")
    with transaction(sqlite_engine) as session:
        accounts.set_administrator(session, accounts.account_by_number(session, officer), False, at=NOW, by="x")
    assert happened(sqlite_engine, officer) == ["invited", "administrator_on", "administrator_off"]


# Passwords


def test_a_password_is_kept_as_argon2id_with_a_salt_of_its_own_and_compared_in_composed_form() -> None:
    one, other = passwords.hashed(PASSWORD), passwords.hashed(PASSWORD)
    assert one.startswith("$argon2id$")
    assert one != other
    decomposed = "bô\u0301n con ngựa xanh"
    assert passwords.compare(decomposed, one) == Compared(True, None)
    assert not passwords.compare("Bốn con ngựa xanh", one).right


def test_a_hash_of_a_lower_cost_is_renewed_at_sign_in(engine: Engine) -> None:
    number = an_account(engine)
    concluded(engine, sign_ins.Candidate(number, CHEAP), passwords.compare(PASSWORD, CHEAP))
    kept = account(engine, number).password
    assert kept is not None
    assert kept != CHEAP
    assert passwords.compare(PASSWORD, kept) == Compared(True, None)


def test_where_nobody_has_the_login_a_hash_is_compared_all_the_same(
    sqlite_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared = []
    real = passwords.hasher().verify_and_update
    monkeypatch.setattr(
        passwords.hasher(), "verify_and_update", lambda typed, kept: (compared.append(kept), real(typed, kept))[1]
    )
    number = an_account(sqlite_engine, "kia", password=None)
    assert number
    for login in ("không có", "kia"):
        assert refused(tried(sqlite_engine, login=login)).vietnamese == sign_ins.WRONG
    assert len(compared) == 2
    assert {kept.partition("$m=")[2].partition("$")[0] for kept in compared} == {
        passwords.hashed(PASSWORD).partition("$m=")[2].partition("$")[0]
    }, "at the cost of a real one"


def test_too_many_passwords_at_once_are_told_to_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "WAIT_SECONDS", 0.0)
    taken = [passwords._room.acquire() for _ in range(passwords.AT_ONCE)]
    try:
        with pytest.raises(NotPossibleNow, match="quá nhiều người"):
            passwords.compare(PASSWORD, CHEAP)
    finally:
        for _ in taken:
            passwords._room.release()
    assert passwords.compare(PASSWORD, CHEAP).right


# What the record tells


def test_nothing_that_opens_stands_in_the_record(sqlite_engine: Engine, secret: Secret) -> None:
    number, telephone = with_second_factor(sqlite_engine, secret)
    ticket = ticket_of(sqlite_engine)
    session_token = stepped(sqlite_engine, secret, ticket, telephone.at(NOW)).token
    other = an_account(sqlite_engine, "khác", password=None)
    invitation, reset = key(sqlite_engine, other), key(sqlite_engine, number, KeyPurpose.RESET)
    with transaction(sqlite_engine) as session:
        program = api_keys.make_api_key(session, accounts.account_by_number(session, number), "cổng", NOW)
    refused(tried(sqlite_engine, "mật khẩu gõ nhầm", "tên gõ nhầm"))
    told = whole_record(sqlite_engine)
    for hidden in (PASSWORD, ticket, session_token, invitation, reset, program, telephone.secret, "gõ nhầm"):
        assert hidden not in told


def test_what_happened_to_an_account_is_never_changed(engine: Engine) -> None:
    an_account(engine)
    for change in (update(AccountEvent).values(event="signed_in"), text("DELETE FROM account_events")):
        with pytest.raises(DBAPIError, match="append-only"), transaction(engine) as session:
            session.execute(change)


def test_every_event_and_every_state_has_words(sqlite_engine: Engine) -> None:
    number = an_account(sqlite_engine, password=None)
    with transaction(sqlite_engine) as session:
        row = accounts.account_by_number(session, number)
        assert accounts.state(row, NOW) is accounts.State.INVITED
        row.password = CHEAP
        assert accounts.state(row, NOW) is accounts.State.OPEN
        row.locked_until = later(minutes=1)
        assert accounts.state(row, NOW) is accounts.State.LOCKED
        assert accounts.state(row, later(minutes=1)) is accounts.State.OPEN
        row.closed_at = NOW
        assert accounts.state(row, NOW) is accounts.State.CLOSED
    assert set(accounts.STATE_WORDS) == set(accounts.State)
    assert set(happened(sqlite_engine)) <= set(accounts.EVENT_WORDS)


def test_a_key_is_found_by_its_hash_alone(sqlite_engine: Engine) -> None:
    token = key(sqlite_engine, an_account(sqlite_engine))
    with reading(sqlite_engine) as session:
        assert session.scalars(select(AccountKey.token_sha256)).one() == sha256(token)
