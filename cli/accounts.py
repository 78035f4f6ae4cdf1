"""Commands of accounts, for the server's own people: the first administrator is opened so, and who is locked out is helped."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated

from cyclopts import App, Parameter
from sqlalchemy.orm import Session

from casework import accounts, invitations, sign_ins
from casework.board.accounts import AccountFilter, account_rows, find_accounts
from cli.context import OUT, database, installation_secret, moment, table, told
from cli.settings import ServeSettings
from dashboard.settings import WebSettings
from models.accounts import Account, KeyPurpose
from models.session import perform, reading
from ocop.working_days import VIETNAM

BY = "Người quản trị máy chủ"
"""Whom the record names for what is done on the server itself."""
Login = Annotated[str, Parameter(help="Tên đăng nhập.")]


def add_accounts(app: App) -> None:
    """Add the commands."""
    account = App(name="account", help="Tài khoản đăng nhập vào các trang.", group="Tài khoản")
    app.command(account)

    @account.command(name="open")
    def open_one(
        login: Annotated[str, Parameter(help="Tên đăng nhập: địa chỉ thư điện tử hoặc mã, không có khoảng trắng.")],
        *,
        person: Annotated[str, Parameter(help="Mã cán bộ mà tài khoản là của người đó (ocop list people).")] = "",
        producer: Annotated[str, Parameter(help="Mã chủ thể mà tài khoản là của họ (ocop list producers).")] = "",
        administrator: Annotated[bool, Parameter(negative="", help="Giao quyền quản trị.")] = False,
        name: Annotated[str, Parameter(help="Tên hiển thị, khi không phải của cán bộ.")] = "",
    ) -> None:
        """Mở tài khoản và in liên kết dùng một lần để chủ tài khoản đặt mật khẩu.

        Tài khoản đầu tiên là của người quản trị: ocop account open quan-tri --administrator.
        """
        owner = accounts.Owner(person, producer, administrator)
        _linked(lambda session, sender: invitations.invite(session, login=login, owner=owner, name=name, sender=sender))

    @account.command(name="invite")
    def invite(login: Login) -> None:
        """In liên kết mời mới cho tài khoản chưa đặt mật khẩu; liên kết trước hết dùng được."""
        _linked(_link(login, KeyPurpose.INVITATION))

    @account.command(name="reset")
    def reset(
        login: Login,
        *,
        second_factor: Annotated[
            bool, Parameter(negative="", help="Tắt xác thực hai bước (mất điện thoại); mật khẩu giữ nguyên.")
        ] = False,
    ) -> None:
        """In liên kết dùng một lần để đặt lại mật khẩu; với --second-factor thì chỉ tắt xác thực hai bước."""
        if second_factor:
            _done(
                login, "đã tắt xác thực hai bước",
                lambda session, row, at: sign_ins.turn_off_second_factor(session, row, at=at, by=BY),
            )  # fmt: skip
        else:
            _linked(_link(login, KeyPurpose.RESET))

    @account.command(name="close")
    def close(login: Login) -> None:
        """Đóng tài khoản: không đăng nhập được nữa, các phiên làm việc kết thúc; việc đã làm vẫn còn ghi."""
        _done(login, "đã đóng", lambda session, row, at: accounts.close_account(session, row, at=at, by=BY))

    @account.command(name="reopen")
    def reopen(login: Login) -> None:
        """Mở lại tài khoản đã đóng, hoặc bỏ tạm khóa vì gõ sai mật khẩu."""
        _done(login, "đã mở lại", lambda session, row, at: accounts.reopen_account(session, row, at=at, by=BY))

    @account.command(name="administrator")
    def administrator(
        login: Login, *, off: Annotated[bool, Parameter(negative="", help="Thôi quản trị.")] = False
    ) -> None:
        """Giao quyền quản trị cho một tài khoản, hoặc thôi quản trị."""
        _done(
            login, "thôi quản trị" if off else "được giao quản trị",
            lambda session, row, at: accounts.set_administrator(session, row, not off, at=at, by=BY),
        )  # fmt: skip

    @account.command(name="list")
    def list_accounts(
        words: Annotated[str, Parameter(help="Chỉ in tài khoản có tên hoặc tên đăng nhập chứa chữ này.")] = "",
    ) -> None:
        """In các tài khoản: của ai, đang thế nào, đăng nhập lần cuối khi nào."""
        with told(), reading(database()) as session:
            at = datetime.now(UTC)
            found = account_rows(session, find_accounts(session, AccountFilter(q=words), at), at)
            table(
                f"Tài khoản: {len(found)}",
                ["Tên đăng nhập", "Tên", "Là ai", "Quản trị", "Trạng thái", "Đăng nhập lần cuối"],
                [
                    (
                        row.account.login, row.account.name, row.whose, "có" if row.account.administrator else "",
                        accounts.STATE_WORDS[row.state],
                        f"{row.signed_in_at.astimezone(VIETNAM):%H:%M %d/%m/%Y}" if row.signed_in_at else "",
                    )
                    for row in found
                ],
            )  # fmt: skip


def _link(login: str, purpose: KeyPurpose) -> Callable[[Session, invitations.Sender], invitations.Link]:
    def work(session: Session, sender: invitations.Sender) -> invitations.Link:
        return invitations.send(session, accounts.account_by_login(session, login, lock=True), purpose, sender)

    return work


def _linked(work: Callable[[Session, invitations.Sender], invitations.Link]) -> None:
    """Make a link and print it, this once."""
    with told():
        engine = database()
        sender = invitations.Sender(installation_secret(), page_address(), datetime.now(UTC), moment(engine, None), BY)
        link = perform(engine, lambda session: work(session, sender))
        OUT.print(
            f"Tài khoản '{link.account.login}' ({link.account.name}): liên kết để đặt mật khẩu, dùng một lần, đến "
            f"{link.ends_at.astimezone(VIETNAM):%H:%M ngày %d/%m/%Y}:",
            markup=False,
        )
        OUT.print(f"  {link.address}", markup=False)
        OUT.print(
            f"Thư có liên kết này cũng được gửi đến {link.email}."
            if link.email
            else "Tài khoản không có thư điện tử: hãy trao liên kết tận tay. Ai có liên kết thì đặt được mật khẩu.",
            markup=False,
        )


def _done(login: str, words: str, work: Callable[[Session, Account, datetime], object]) -> None:
    """Change an account and say so."""
    with told():
        at = datetime.now(UTC)
        perform(
            database(),
            lambda session: work(session, accounts.account_by_login(session, login, lock=True), at),
        )
        OUT.print(f"Tài khoản '{accounts.login_of(login)}' {words}.", markup=False)


def page_address() -> str:
    """Return the address under which people reach the pages."""
    return WebSettings().address.rstrip("/") or f"http://127.0.0.1:{ServeSettings().console_port}"
