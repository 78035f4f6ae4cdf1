"""The second factor, and the installation's secret that it is made from."""

from pathlib import Path

import pytest
from sqlalchemy import Engine

from casework import accounts, second_factor, sign_ins
from models.secret import FILE, Secret
from models.session import transaction
from ocop.errors import InvalidInput, NotPossibleNow
from tests.integration.signing_in import (
    NOW,
    account,
    an_account,
    goes_on,
    happened,
    later,
    refused,
    signed_in,
    stepped,
    ticket_of,
    together,
    tried,
    with_second_factor,
)

pytestmark = pytest.mark.postgresql_long

# The second factor


def test_the_password_alone_lets_nobody_in_where_a_second_factor_is_on(engine: Engine, secret: Secret) -> None:
    _, telephone = with_second_factor(engine, secret)
    ticket = ticket_of(engine)
    assert not goes_on(engine, ticket)
    wrong = refused(stepped(engine, secret, ticket, "000000" if telephone.at(NOW) != "000000" else "111111"))
    assert wrong.ticket == ticket, "it may be tried again"
    found = stepped(engine, secret, ticket, f" {telephone.at(NOW)[:3]} {telephone.at(NOW)[3:]} ")
    assert isinstance(found, sign_ins.SignedIn)
    assert goes_on(engine, found.token)
    assert refused(stepped(engine, secret, ticket, telephone.at(later(seconds=30)))).ticket == "", (
        "a ticket is used once"
    )


@pytest.mark.parametrize("step", [-1, 0, 1])
def test_digits_of_a_step_before_or_after_are_taken(sqlite_engine: Engine, secret: Secret, step: int) -> None:
    _, telephone = with_second_factor(sqlite_engine, secret)
    found = stepped(sqlite_engine, secret, ticket_of(sqlite_engine), telephone.at(later(seconds=30 * step)))
    assert isinstance(found, sign_ins.SignedIn)


@pytest.mark.parametrize("step", [-2, 2])
def test_digits_of_two_steps_away_are_not(sqlite_engine: Engine, secret: Secret, step: int) -> None:
    _, telephone = with_second_factor(sqlite_engine, secret)
    refused(stepped(sqlite_engine, secret, ticket_of(sqlite_engine), telephone.at(later(seconds=30 * step))))


@pytest.mark.parametrize("typed", ["", " ", "１２３４５６", "đ", "0" * 300])
def test_what_is_no_digits_is_refused_and_no_fault(sqlite_engine: Engine, secret: Secret, typed: str) -> None:
    with_second_factor(sqlite_engine, secret)
    refused(stepped(sqlite_engine, secret, ticket_of(sqlite_engine), typed))


def test_the_same_digits_open_one_session_even_at_the_same_moment(engine: Engine, secret: Secret) -> None:
    number, telephone = with_second_factor(engine, secret)
    ticket, digits = ticket_of(engine), telephone.at(NOW)
    outcomes = together(*[lambda: stepped(engine, secret, ticket, digits)] * 3)
    assert [isinstance(outcome, sign_ins.SignedIn) for outcome in outcomes].count(True) == 1
    refused(stepped(engine, secret, ticket_of(engine), digits))
    assert account(engine, number).second_factor_step == telephone.timecode(NOW)


def test_digits_of_an_earlier_step_than_the_last_are_not_taken(sqlite_engine: Engine, secret: Secret) -> None:
    _, telephone = with_second_factor(sqlite_engine, secret)
    assert isinstance(
        stepped(sqlite_engine, secret, ticket_of(sqlite_engine), telephone.at(later(seconds=30))), sign_ins.SignedIn
    )
    refused(stepped(sqlite_engine, secret, ticket_of(sqlite_engine), telephone.at(NOW)))


def test_wrong_digits_lock_the_account_as_wrong_passwords_do(engine: Engine, secret: Secret) -> None:
    number, telephone = with_second_factor(engine, secret)
    ticket = ticket_of(engine)
    for tries in range(1, sign_ins.LOCKED_AFTER + 1):
        wrong = refused(stepped(engine, secret, ticket, "không"))
        assert bool(wrong.ticket) == (tries < sign_ins.LOCKED_AFTER)
    assert refused(stepped(engine, secret, ticket, telephone.at(NOW))).ticket == ""
    assert refused(tried(engine)).vietnamese == sign_ins.WRONG
    assert happened(engine, number).count("locked") == 1


def test_a_second_step_waits_five_minutes(sqlite_engine: Engine, secret: Secret) -> None:
    _, telephone = with_second_factor(sqlite_engine, secret)
    ticket, late = ticket_of(sqlite_engine), later(minutes=5)
    assert "từ đầu" in refused(stepped(sqlite_engine, secret, ticket, telephone.at(late), at=late)).vietnamese


def test_wrong_first_digits_turn_nothing_on(sqlite_engine: Engine, secret: Secret) -> None:
    number = an_account(sqlite_engine)
    for seed, digits in ((second_factor.new_seed(), "123456x"), ("ngắn", "123456")):
        with pytest.raises(InvalidInput), transaction(sqlite_engine) as session:
            sign_ins.turn_on_second_factor(
                session, accounts.account_by_number(session, number), seed=seed, digits=digits, secret=secret, at=NOW,
                address="", agent="",
            )  # fmt: skip
    assert account(sqlite_engine, number).second_factor is None


def test_a_lost_telephone_is_taken_away_and_the_old_one_opens_nothing(sqlite_engine: Engine, secret: Secret) -> None:
    number, _ = with_second_factor(sqlite_engine, secret)
    with transaction(sqlite_engine) as session:
        row = accounts.account_by_number(session, number)
        sign_ins.turn_off_second_factor(session, row, at=NOW, by="Quản trị")
        assert not second_factor.fits(row, secret, "", NOW)
    signed_in(sqlite_engine)
    with pytest.raises(NotPossibleNow), transaction(sqlite_engine) as session:
        sign_ins.turn_off_second_factor(session, accounts.account_by_number(session, number), at=NOW)


def test_another_installations_secret_makes_other_digits(sqlite_engine: Engine, secret: Secret, tmp_path: Path) -> None:
    _, telephone = with_second_factor(sqlite_engine, secret)
    elsewhere = Secret(tmp_path / "khác")
    refused(stepped(sqlite_engine, elsewhere, ticket_of(sqlite_engine), telephone.at(NOW)))


# The installation's secret


def test_the_secret_is_a_file_that_its_own_user_reads(tmp_path: Path) -> None:
    home = tmp_path / "nhà"
    derived = Secret(home).derive("thử", "hạt")
    assert (home / FILE).stat().st_mode & 0o777 == 0o600
    assert [path.name for path in home.iterdir()] == [FILE], "no draft stays"
    assert Secret(home).derive("thử", "hạt") == derived
    assert len({derived, Secret(home).derive("thử", "khác"), Secret(home).derive("khác", "hạt")}) == 3
    assert Secret(tmp_path / "khác").derive("thử", "hạt") != derived


def test_of_several_who_make_the_secret_at_once_all_have_the_same(tmp_path: Path) -> None:
    assert len(set(together(*[lambda: Secret(tmp_path).derive("thử", "hạt")] * 6))) == 1


def test_a_secret_that_was_cut_off_is_a_fault_and_no_other_secret(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"ng\xe1\xba\xafn")
    with pytest.raises(ValueError, match="not the secret"):
        Secret(tmp_path).derive("thử", "hạt")
