"""Sign-ins: who guesses is locked out, and a session ends in time or at once."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, func, select

from casework import accounts, passwords, sign_ins
from casework.passwords import Compared
from models.accounts import KeyPurpose, SignIn
from models.session import perform, reading, transaction
from ocop.errors import NotFound
from tests.integration.signing_in import (
    ADDRESS,
    CHEAP,
    NOW,
    OTHER,
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
    take,
    together,
    tried,
)

pytestmark = pytest.mark.postgresql_long

# Lock-out


def test_every_refusal_says_the_same_so_that_nobody_learns_who_has_an_account(engine: Engine) -> None:
    an_account(engine, "khác")
    locked, closed, invited = an_account(engine), an_account(engine, "đóng"), an_account(engine, "mời", password=None)
    with transaction(engine) as session:
        accounts.account_by_number(session, locked).locked_until = later(minutes=5)
        accounts.close_account(session, accounts.account_by_number(session, closed), at=NOW, by="x")
    assert invited
    said = {
        refused(tried(engine, password, login, address=f"10.0.0.{number}")).vietnamese
        for number, (login, password) in enumerate(
            (login, password) for login in ("quan-tri", "đóng", "mời", "không có") for password in (PASSWORD, "sai")
        )
    }
    said.add(refused(tried(engine, "sai", "khác")).vietnamese)
    assert said == {sign_ins.WRONG}
    assert happened(engine).count("failed") == 9, "each try is kept although it was refused"


def test_five_wrong_passwords_lock_an_account_for_a_quarter_of_an_hour(engine: Engine) -> None:
    number = an_account(engine)
    for _ in range(sign_ins.LOCKED_AFTER - 1):
        refused(tried(engine, "sai"))
    signed_in(engine)
    assert account(engine, number).failures == 0, "a right one begins anew"
    for _ in range(sign_ins.LOCKED_AFTER):
        refused(tried(engine, "sai"))
    assert refused(tried(engine)).vietnamese == sign_ins.WRONG
    assert refused(tried(engine, at=later(minutes=14, seconds=59))).vietnamese == sign_ins.WRONG
    signed_in(engine, at=later(minutes=15))
    assert happened(engine, number).count("locked") == 1


def test_of_many_guesses_at_once_no_more_than_five_are_looked_at(engine: Engine) -> None:
    """All are compared before any is written down: a right one among them must not tell itself from the others."""
    number = an_account(engine)
    with reading(engine) as session:
        known = sign_ins.candidate(session, "quan-tri", at=NOW, address=ADDRESS)
    assert isinstance(known, sign_ins.Candidate)
    for _ in range(sign_ins.LOCKED_AFTER):
        refused(concluded(engine, known, Compared(False)))
    assert refused(concluded(engine, known, Compared(True))).vietnamese == sign_ins.WRONG
    assert "signed_in" not in happened(engine, number)


def test_wrong_passwords_at_the_same_moment_are_all_counted(engine: Engine) -> None:
    number = an_account(engine)
    known = sign_ins.Candidate(number, CHEAP)
    together(*[lambda: concluded(engine, known, Compared(False))] * 4)
    assert account(engine, number).failures == 4
    together(*[lambda: concluded(engine, known, Compared(False))] * 4)
    assert account(engine, number).locked_until == NOW + sign_ins.LOCKED_FOR
    assert happened(engine, number).count("locked") == 1
    assert happened(engine, number).count("failed") == 8


def test_a_password_changed_between_comparing_and_writing_lets_nobody_in(engine: Engine) -> None:
    number = an_account(engine)
    known = sign_ins.Candidate(number, CHEAP)
    take(engine, key(engine, number, KeyPurpose.RESET), kept=passwords.hashed(OTHER))
    assert refused(concluded(engine, known, Compared(True))).vietnamese == sign_ins.WRONG


def test_thirty_wrong_sign_ins_in_ten_minutes_shut_out_an_address_and_no_other(engine: Engine) -> None:
    an_account(engine)
    with transaction(engine) as session:
        for number in range(sign_ins.TRIES_OF_AN_ADDRESS):
            accounts.note(session, None, "failed", later(seconds=number), address=ADDRESS)
    assert "đợi 10 phút" in refused(tried(engine, at=later(minutes=1))).vietnamese
    signed_in(engine, at=later(minutes=1), address="10.36.0.8")
    signed_in(engine, at=later(minutes=11))


# Sessions


def test_a_use_of_a_session_that_is_gone_hinders_no_other(engine: Engine) -> None:
    an_account(engine)
    token = signed_in(engine)
    with transaction(engine) as session:
        found = sign_ins.session_of(session, token, NOW)
        assert found is not None
        sign_ins.seen(session, {found[0].id + 100: later(hours=1), found[0].id: later(hours=1)})
    assert goes_on(engine, token, later(hours=2, minutes=59))


def test_a_session_ends_after_twelve_hours_and_after_two_unused(engine: Engine) -> None:
    an_account(engine)
    token = signed_in(engine)
    assert goes_on(engine, token, later(hours=1, minutes=59))
    assert not goes_on(engine, token, later(hours=2))
    for hours in range(1, 12):
        with transaction(engine) as session:
            found = sign_ins.session_of(session, token, later(hours=hours))
            assert found is not None
            sign_ins.seen(session, {found[0].id: later(hours=hours)})
    assert goes_on(engine, token, later(hours=11, minutes=59))
    assert not goes_on(engine, token, later(hours=12))


def test_a_new_password_ends_every_session_and_gives_this_one_a_new_token(engine: Engine) -> None:
    number = an_account(engine)
    mine, other, reset = signed_in(engine), signed_in(engine), key(engine, number, KeyPurpose.RESET)
    kept, new = account(engine, number).password, passwords.hashed(OTHER)

    def work(session: Any) -> str:
        row = sign_ins.confirmed(session, number, kept, Compared(True), at=NOW, address=ADDRESS)
        assert not isinstance(row, sign_ins.SignInRefused)
        return sign_ins.change_password(session, row, new, at=NOW, address=ADDRESS, agent="")

    token = perform(engine, work)
    assert [goes_on(engine, each) for each in (mine, other, token)] == [False, False, True]
    with pytest.raises(NotFound):
        take(engine, reset)
    signed_in(engine, password=OTHER)


def test_who_holds_a_session_cannot_try_passwords_without_end(engine: Engine) -> None:
    number = an_account(engine)

    def confirm(right: bool) -> Any:
        return perform(
            engine,
            lambda session: sign_ins.confirmed(session, number, CHEAP, Compared(right), at=NOW, address=ADDRESS),
        )

    for _ in range(sign_ins.LOCKED_AFTER):
        assert "không đúng" in refused(confirm(False)).vietnamese
    assert "15 phút" in refused(confirm(True)).vietnamese
    assert happened(engine, number).count("failed") == sign_ins.LOCKED_AFTER


def test_own_sessions_are_listed_and_ended_one_by_one_and_nobody_elses(engine: Engine) -> None:
    number, other = an_account(engine), an_account(engine, "khác")
    mine, theirs = [signed_in(engine), signed_in(engine)], signed_in(engine, login="khác")
    with reading(engine) as session:
        last, first = (row.id for row in sign_ins.sessions(session, number, NOW))
        (foreign,) = (row.id for row in sign_ins.sessions(session, other, NOW))
    with pytest.raises(NotFound), transaction(engine) as session:
        sign_ins.end_session(session, number, foreign, NOW)
    with transaction(engine) as session:
        sign_ins.end_session(session, number, first, NOW)
    assert [goes_on(engine, token) for token in (*mine, theirs)] == [False, True, True]
    with transaction(engine) as session:
        sign_ins.sign_out(session, mine[1], NOW)
        sign_ins.sign_out(session, mine[1], NOW)
        sign_ins.sign_out(session, "nothing", NOW)
    assert not goes_on(engine, mine[1])
    assert happened(engine, number).count("signed_out") == 1
    assert last > first


def test_sessions_that_are_long_over_are_forgotten(sqlite_engine: Engine) -> None:
    an_account(sqlite_engine)
    signed_in(sqlite_engine)
    signed_in(sqlite_engine, at=later(days=1))
    signed_in(sqlite_engine, at=NOW + sign_ins.KEPT_FOR + sign_ins.SESSION_LASTS + timedelta(hours=1))
    with reading(sqlite_engine) as session:
        assert session.scalar(select(func.count()).select_from(SignIn)) == 2
