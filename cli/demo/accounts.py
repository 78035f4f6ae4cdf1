"""Who may sign in to the demo: an account for each kind of reader, invented, with one password made for this demo alone."""

import os
import secrets
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from casework import accounts
from casework.accounts import Owner
from cli.context import OUT, table
from cli.demo.councils import PROVINCE
from models.accounts import Account, KeyPurpose
from models.dossiers import Dossier
from models.session import make_engine, reading, transaction
from models.settings import DatabaseSettings
from models.units import Person, Post, Producer, Unit
from ocop.levels import Role

PASSWORD = "mat-khau-trinh-dien.txt"
"""Where the demo keeps the password of its accounts, for the eyes of the folder's owner."""
DISTRICT = "366"
"""The district whose officers may sign in: on the morning it has dossiers in a commune, to judge, to send up, and recognised."""
DOES: Mapping[str, str] = {
    "dieu-phoi": "mở trang Hôm nay: còn bao lâu, gọi ai, nhắc ai",
    "tinh": "họp hội đồng tỉnh, công nhận, gia hạn",
    "huyen": "họp hội đồng huyện, quyết định, gửi tỉnh",
    "lanh-dao-huyen": "xem huyện mình chậm ở đâu, xác nhận",
    "xa": "nhận hồ sơ, báo cáo huyện",
    "chu-the": "xem hồ sơ của mình, nộp bổ sung, khiếu nại",
    "quan-tri": "mời người dùng, khóa và mở tài khoản",
}
"""What each account is for, by its login."""
SYLLABLES = (
    "gao", "muoi", "nep", "che", "tre", "cau", "sen", "lua", "mam", "tom", "dua", "khoai", "mia", "cam", "ngo", "vai",
)  # fmt: skip


def open_accounts(engine: Engine, home: Path, at: datetime) -> None:
    """Open the demo's accounts with a password that is made now and kept in the folder, readable by its owner alone."""
    password = "-".join([*secrets.SystemRandom().sample(SYLLABLES, 5), str(secrets.randbelow(9000) + 1000)])
    (home / PASSWORD).unlink(missing_ok=True)
    with os.fdopen(os.open(home / PASSWORD, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as kept:
        kept.write(f"{password}\n")
    with transaction(engine) as session:
        owners = _owners(session)
        for login in DOES:
            opened = accounts.open_account(
                session, login=login, owner=owners[login], at=at, by="Bản trình diễn", simulated=True,
                name="Người quản trị (mô phỏng)" if owners[login].administrator else "",
            )  # fmt: skip
            key = accounts.make_key(session, opened, KeyPurpose.INVITATION, at)
            accounts.set_password_by_key(session, key, password, at)


def _owners(session: Session) -> Mapping[str, Owner]:
    """Return whose the accounts are; commune and producer are those of one dossier, under way where there is one."""
    commune, producer = session.execute(
        select(Unit.code, Producer.code)
        .select_from(Dossier)
        .join(Unit, Unit.id == Dossier.commune_id)
        .join(Person, Person.code == Unit.code + "-officer")
        .join(Producer, Producer.id == Dossier.producer_id)
        .where(Dossier.district_id.in_(select(Unit.id).where(Unit.code == DISTRICT)), Producer.email.is_not(None))
        .order_by(Dossier.open.desc(), Dossier.stage.startswith("commune").desc(), Dossier.id)
        .limit(1)
    ).one()
    return {
        "dieu-phoi": Owner(f"36-{Role.COORDINATOR_OFFICE}"),
        "tinh": Owner(PROVINCE),
        "huyen": Owner(f"{DISTRICT}-{Role.OFFICER}"),
        "lanh-dao-huyen": Owner(f"{DISTRICT}-{Role.HEAD}"),
        "xa": Owner(f"{commune}-{Role.OFFICER}"),
        "chu-the": Owner(producer=producer),
        "quan-tri": Owner(administrator=True),
    }


def is_demo(settings: DatabaseSettings) -> bool:
    """Return whether the record is a demo's: its folder has the password of the demo's accounts."""
    return not settings.db_url and (settings.home / PASSWORD).exists()


def tell_accounts(settings: DatabaseSettings) -> None:
    """Print who may sign in to the demo of a folder, and the password; nothing where the record is no demo's."""
    if not is_demo(settings):
        return
    file = settings.home / PASSWORD
    with reading(make_engine(settings)) as session:
        found = session.execute(
            select(Account.login, Account.name, Unit.name, Post.role)
            .outerjoin(Post, Post.person_id == Account.person_id)
            .outerjoin(Unit, Unit.id == Post.unit_id)
            .where(Account.simulated, Account.closed_at.is_(None), Account.login.in_(DOES))
            .order_by(Account.id)
        ).all()
    rows = [
        (login, f"{name}, {Role(role).label}, {unit}" if role else name, DOES[login])
        for login, name, unit, role in found
    ]
    table("Ai đăng nhập được vào bản trình diễn (tài khoản mô phỏng)", ["Tên đăng nhập", "Là ai", "Làm gì"], rows)
    OUT.print(f"Mật khẩu chung: {file.read_text(encoding='utf-8').strip()}   (giữ trong {file})\n", markup=False)
