"""`ocop account`: the first administrator, and help for who is locked out."""

import re
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from casework import accounts
from cli.accounts import BY
from models.accounts import Account, AccountEvent, KeyPurpose
from models.secret import key_typed
from models.session import reading, transaction
from tests.factories import an_office
from tests.integration.signing_in import CHEAP, NOW, an_account
from tests.integration.test_list_commands import run


@pytest.fixture
def home(sqlite_engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("OCOP_HOME", str(tmp_path))
    monkeypatch.delenv("OCOP_WEB_ADDRESS", raising=False)
    an_office(sqlite_engine)
    return tmp_path


def said(capsys: pytest.CaptureFixture[str]) -> str:
    printed = capsys.readouterr()
    return " ".join((printed.out + printed.err).split())


def link(printed: str) -> str:
    found = re.search(r"(http\S+)/welcome/(\S+)", printed)
    assert found is not None
    return found[2]


def test_the_first_administrator_is_opened_and_sets_a_password(
    home: Path, sqlite_engine: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    assert home
    assert run("account", "open", "Quan-Tri", "--administrator", "--name", "Nguyễn Quản Trị") == 0
    printed = said(capsys)
    assert "Tài khoản 'quan-tri' (Nguyễn Quản Trị): liên kết để đặt mật khẩu, dùng một lần" in printed
    assert "http://127.0.0.1:4201/welcome/" in printed
    assert "trao liên kết tận tay" in printed
    with transaction(sqlite_engine) as session:
        account = accounts.set_password_by_key(session, key_typed(link(printed)), "bốn con ngựa xanh", NOW)
        assert (account.administrator, account.login) == (True, "quan-tri")
    with reading(sqlite_engine) as session:
        assert session.scalars(select(AccountEvent.by_name).order_by(AccountEvent.id)).all() == [BY, ""]


def test_a_person_of_a_unit_is_written_to_and_the_link_names_the_address_that_is_set(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert home
    monkeypatch.setenv("OCOP_WEB_ADDRESS", "https://ocop.tinh.example/")
    assert run("account", "open", "huyen", "--person", "365/officer") == 0
    printed = said(capsys)
    assert "https://ocop.tinh.example/welcome/" in printed
    assert "Thư có liên kết này cũng được gửi đến officer.365@office.example." in printed
    first = link(printed)
    assert run("account", "invite", "huyen") == 0
    assert link(said(capsys)) != first


def test_who_is_locked_out_is_helped(home: Path, sqlite_engine: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    assert home
    assert run("account", "open", "huyen", "--person", "365/officer") == 0
    an_account(sqlite_engine, "quan-tri")
    with transaction(sqlite_engine) as session:
        row = accounts.account_by_login(session, "huyen")
        row.password, row.second_factor, row.locked_until = CHEAP, "hat", NOW.replace(year=2100)
    for words in (
        ("reset", "huyen", "--second-factor"),
        ("reopen", "huyen"),
        ("administrator", "huyen"),
        ("administrator", "huyen", "--off"),
        ("close", "huyen"),
    ):
        ended = run("account", *words)
        printed = said(capsys)
        assert ended == 0, printed
    with reading(sqlite_engine) as session:
        row = accounts.account_by_login(session, "huyen")
        assert (row.second_factor, row.locked_until, row.closed_at is None) == (None, None, False)
        told = session.scalars(select(AccountEvent.event).where(AccountEvent.by_name == BY).order_by(AccountEvent.id))
        assert told.all() == [
            "invited", "second_factor_off", "opened", "administrator_on", "administrator_off", "closed",
        ]  # fmt: skip


def test_a_reset_prints_a_link_and_leaves_the_password_as_it_is_until_it_is_used(
    home: Path, sqlite_engine: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    assert home
    assert run("account", "open", "huyen", "--person", "365/officer") == 0
    with transaction(sqlite_engine) as session:
        accounts.account_by_login(session, "huyen").password = CHEAP
    said(capsys)
    assert run("account", "reset", "huyen") == 0
    token = key_typed(link(said(capsys)))
    with reading(sqlite_engine) as session:
        assert accounts.key_opens(session, token, KeyPurpose.RESET, NOW) is not None
        assert session.scalars(select(Account.password)).one() == CHEAP


def test_the_list_says_whose_accounts_are_and_where_they_stand(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert home
    assert run("account", "open", "quan-tri", "--administrator", "--name", "Trần Thị Quản") == 0
    assert run("account", "open", "huyen", "--person", "365/officer") == 0
    said(capsys)
    assert run("account", "list") == 0
    printed = said(capsys)
    assert "Tài khoản: 2" in printed
    assert "cán bộ phụ trách, Huyện Giao Thủy" in printed
    assert printed.count("đã mời, chưa đặt mật khẩu") == 2
    assert run("account", "list", "TRAN THI") == 0
    printed = said(capsys)
    assert "quan-tri" in printed
    assert "huyen" not in printed


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("open", "x"), "phải là của một cán bộ"),
        (("open", "x", "--person", "không có"), "Không có cán bộ mang mã 'không có'."),
        (("open", "x", "--producer", "không có"), "Không có chủ thể mang mã 'không có'."),
        (("close", "không có"), "Không có tài khoản 'không có'."),
        (("reset", "không có"), "Không có tài khoản 'không có'."),
    ],
)
def test_a_refusal_says_what_is_wrong(
    home: Path, words: tuple[str, ...], why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert home
    assert run("account", *words) == 1
    assert why in said(capsys)
