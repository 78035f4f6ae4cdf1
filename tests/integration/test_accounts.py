"""Accounts: who gets one, keys that open once, passwords, lock-out, the second factor, sessions, and all of it twice at once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from threading import Barrier
from typing import Any

import pyotp
import pytest
from sqlalchemy import Engine, func, select, text, update
from sqlalchemy.exc import DBAPIError

from casework import accounts, api_keys, passwords, second_factor, sign_ins
from casework.passwords import Compared
from models.accounts import AccountEvent, AccountKey, KeyPurpose, SignIn
from models.secret import FILE, Secret, sha256
from models.session import perform, reading, transaction
from ocop.errors import AlreadyExists, InvalidInput, NotFound, NotPossibleNow
from tests.factories import Office
from tests.integration.signing_in import (
    ADDRESS,
    CHEAP,
    NOW,
    PASSWORD,
    account,
    an_account,
    concluded,
    goes_on,
    happened,
    later,
    signed_in,
    tried,
    whole_record,
)

OTHER = "ghế đá sân trường cũ"


def refused(found: object) -> sign_ins.SignInRefused:
    assert isinstance(found, sign_ins.SignInRefused)
    return found


def key(engine: Engine, number: int, purpose: KeyPurpose = KeyPurpose.INVITATION, at: datetime = NOW) -> str:
    with transaction(engine) as session:
        return accounts.make_key(session, accounts.account_by_number(session, number, lock=True), purpose, at)


def take(engine: Engine, token: str, at: datetime = NOW, kept: str = CHEAP) -> int:
    return perform(engine, lambda session: accounts.take_key(session, token, kept, at).id)


def together(*work: Callable[[], Any]) -> list[Any]:
    """Do several things at the same moment, and return what each gave or raised."""
    start = Barrier(len(work))

    def begun(each: Callable[[], Any]) -> Any:
        start.wait()
        try:
            return each()
        except (NotFound, NotPossibleNow) as refusal:
            return refusal

    with ThreadPoolExecutor(len(work)) as pool:
        return list(pool.map(begun, work))


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


# Invitations and resets


def test_an_invitation_sets_the_password_once(engine: Engine) -> None:
    number = an_account(engine, password=None)
    assert refused(tried(engine)).vietnamese == sign_ins.WRONG, "nobody can sign in before"
    token = key(engine, number)
    with transaction(engine) as session:
        accounts.set_password_by_key(session, token, PASSWORD, NOW)
    signed_in(engine)
    with pytest.raises(NotFound, match="đã dùng rồi"), transaction(engine) as session:
        accounts.set_password_by_key(session, token, OTHER, NOW)
    signed_in(engine)


@pytest.mark.parametrize(("purpose", "lasts"), [(p, accounts.LASTS[p]) for p in accounts.SETTING_PASSWORDS])
def test_a_key_opens_until_its_end_and_not_after(sqlite_engine: Engine, purpose: KeyPurpose, lasts: timedelta) -> None:
    number = an_account(sqlite_engine)
    token = key(sqlite_engine, number, purpose)
    with pytest.raises(NotFound):
        take(sqlite_engine, token, NOW + lasts)
    take(sqlite_engine, token, NOW + lasts - timedelta(seconds=1))


@pytest.mark.parametrize("first", accounts.SETTING_PASSWORDS)
@pytest.mark.parametrize("second", accounts.SETTING_PASSWORDS)
def test_a_newer_key_ends_the_one_before(sqlite_engine: Engine, first: KeyPurpose, second: KeyPurpose) -> None:
    number = an_account(sqlite_engine)
    before, after = key(sqlite_engine, number, first), key(sqlite_engine, number, second)
    with pytest.raises(NotFound):
        take(sqlite_engine, before)
    take(sqlite_engine, after)


@pytest.mark.parametrize("purpose", [KeyPurpose.API, KeyPurpose.SECOND_STEP])
def test_no_other_key_sets_a_password(sqlite_engine: Engine, purpose: KeyPurpose) -> None:
    token = key(sqlite_engine, an_account(sqlite_engine), purpose)
    with pytest.raises(NotFound):
        take(sqlite_engine, token)


def test_a_reset_ends_all_sessions_and_a_lock_but_not_the_second_factor(engine: Engine, tmp_path: Path) -> None:
    number = an_account(engine)
    token = signed_in(engine)
    with transaction(engine) as session:
        row = accounts.account_by_number(session, number)
        second_factor.begin(row, second_factor.new_seed())
        row.locked_until, row.failures = later(minutes=10), 3
    take(engine, key(engine, number, KeyPurpose.RESET))
    assert not goes_on(engine, token)
    assert isinstance(tried(engine), sign_ins.CodeNeeded), "who reads the letters alone does not get in"
    assert happened(engine, number)[-1] == "reset_done"


def test_of_two_who_come_with_the_same_key_at_once_one_sets_the_password(engine: Engine) -> None:
    token = key(engine, an_account(engine, password=None))
    outcomes = together(*[lambda: take(engine, token)] * 4)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["NotFound"] * 3 + ["int"]


def test_of_two_invitations_made_at_once_one_opens(engine: Engine) -> None:
    number = an_account(engine, password=None)
    made = together(*[lambda: key(engine, number)] * 3)
    with reading(engine) as session:
        opening = [token for token in made if accounts.key_opens(session, token, KeyPurpose.INVITATION, NOW)]
    assert len(opening) == 1


@pytest.mark.parametrize("password", ["ngắn", "matkhau123456789", "quan-tri-quan-tri", "x" * 129])
def test_a_weak_password_is_refused_and_the_key_still_opens(sqlite_engine: Engine, password: str) -> None:
    token = key(sqlite_engine, an_account(sqlite_engine, password=None))
    with pytest.raises(InvalidInput), transaction(sqlite_engine) as session:
        accounts.set_password_by_key(session, token, password, NOW)
    take(sqlite_engine, token)


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


# The second factor


@pytest.fixture
def secret(tmp_path: Path) -> Secret:
    return Secret(tmp_path)


def with_second_factor(engine: Engine, secret: Secret) -> tuple[int, pyotp.TOTP]:
    number, seed = an_account(engine), second_factor.new_seed()
    with transaction(engine) as session:
        row = accounts.account_by_number(session, number)
        telephone = pyotp.TOTP(second_factor.key_of(row, secret, seed))
        sign_ins.turn_on_second_factor(
            session, row, seed=seed, digits=telephone.at(later(hours=-1)), secret=secret, at=later(hours=-1),
            address=ADDRESS, agent="",
        )  # fmt: skip
    return number, telephone


def stepped(engine: Engine, secret: Secret, ticket: str, digits: str, at: datetime = NOW) -> Any:
    return perform(
        engine,
        lambda session: sign_ins.second_step(
            session, ticket, digits, secret=secret, at=at, address=ADDRESS, agent="Kiểm thử"
        ),
    )


def ticket_of(engine: Engine, at: datetime = NOW) -> str:
    found = tried(engine, at=at)
    assert isinstance(found, sign_ins.CodeNeeded)
    return found.ticket


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


# Sessions


def test_a_session_ends_after_twelve_hours_and_after_two_unused(engine: Engine) -> None:
    an_account(engine)
    token = signed_in(engine)
    assert goes_on(engine, token, later(hours=1, minutes=59))
    assert not goes_on(engine, token, later(hours=2))
    for hours in range(1, 12):
        with transaction(engine) as session:
            found = sign_ins.session_of(session, token, later(hours=hours))
            assert found is not None
            sign_ins.seen(session, found[0].id, later(hours=hours))
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


# Keys for programs


def test_a_key_for_programs_opens_until_it_is_taken_back(engine: Engine) -> None:
    number, other = an_account(engine), an_account(engine, "khác")
    with transaction(engine) as session:
        token = api_keys.make_api_key(session, accounts.account_by_number(session, number), " Cổng  dữ liệu ", NOW)
        (made,) = api_keys.api_keys(session, number, NOW)
        assert made.label == "Cổng dữ liệu"
        opened = accounts.key_opens(session, token, KeyPurpose.API, later(days=364))
        assert opened is not None
        assert opened[1].id == number
        assert accounts.key_opens(session, token, KeyPurpose.API, later(days=365)) is None
        assert accounts.key_opens(session, token, KeyPurpose.RESET, NOW) is None
    with pytest.raises(NotFound), transaction(engine) as session:
        api_keys.end_api_key(session, accounts.account_by_number(session, other), made.id, NOW)
    with transaction(engine) as session:
        api_keys.end_api_key(session, accounts.account_by_number(session, number), made.id, NOW)
        session.flush()
        assert accounts.key_opens(session, token, KeyPurpose.API, NOW) is None
    assert happened(engine, number) == ["invited", "key_made", "key_ended"]


def test_an_account_has_ten_keys_for_programs_each_with_a_name(sqlite_engine: Engine) -> None:
    number = an_account(sqlite_engine)
    for label in (" ", "x" * 101):
        with pytest.raises(InvalidInput), transaction(sqlite_engine) as session:
            api_keys.make_api_key(session, accounts.account_by_number(session, number), label, NOW)
    with transaction(sqlite_engine) as session:
        for each in range(api_keys.API_KEYS):
            api_keys.make_api_key(session, accounts.account_by_number(session, number), f"khóa {each}", NOW)
    with pytest.raises(NotPossibleNow), transaction(sqlite_engine) as session:
        api_keys.make_api_key(session, accounts.account_by_number(session, number), "thừa", NOW)


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
