"""Keys of accounts: an invitation or a reset opens once, a key for programs until it is taken back."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from casework import accounts, api_keys, second_factor, sign_ins
from models.accounts import KeyPurpose
from models.session import reading, transaction
from ocop.errors import InvalidInput, NotFound, NotPossibleNow
from tests.integration.signing_in import (
    NOW,
    OTHER,
    PASSWORD,
    an_account,
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
