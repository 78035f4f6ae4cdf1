"""Letters in every state, and the requests that were answered."""

from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from casework.acts import ACTS
from casework.exports import Cell
from casework.lists.listing import Column, ListKind, Wanted, narrowed, simulated, streamed
from casework.outbox import STATE_LABELS
from models.cycles import Cycle
from models.dossiers import Dossier
from models.letters import Letter, LetterState
from models.record import Request
from models.units import Unit
from ocop.notices import Notice


def _letters(*conditions: ColumnElement[bool], newest_first: bool = True) -> Callable[[Session, Wanted], Iterator[Any]]:
    def query(session: Session, wanted: Wanted) -> Iterator[Any]:
        statement = (
            select(
                Letter.id, Letter.notice, Letter.recipient_name, Letter.email, Letter.reply_to, Letter.state,
                Letter.subject, Letter.owed_at, Letter.send_from, Letter.next_try_at, Letter.tries, Letter.sent_at,
                Letter.handed_over_at, Letter.handed_over_by, Letter.last_error, Letter.unconfirmed, Letter.message_id,
                Letter.simulated, Unit.level, Unit.code.label("unit_code"), Unit.name.label("unit"),
                Dossier.code.label("dossier"), Cycle.code.label("cycle"),
            )
            .outerjoin(Unit, Unit.id == Letter.unit_id)
            .outerjoin(Dossier, Dossier.id == Letter.dossier_id)
            .outerjoin(Cycle, Cycle.id == Letter.cycle_id)
            .where(*conditions)
            .order_by(*((Letter.owed_at.desc(), Letter.id.desc()) if newest_first else (Letter.owed_at, Letter.id)))
        )  # fmt: skip
        return streamed(
            session,
            narrowed(statement, wanted, cycle=Letter.cycle_id, unit=Letter.unit_id, dossier=Letter.dossier_id),
        )

    return query


def _notice(row: Any, wanted: Wanted) -> Cell:
    del wanted
    return Notice(row.notice).label


def _unit(row: Any, wanted: Wanted) -> Cell:
    """Return a unit as `--unit` takes it."""
    del wanted
    return f"{row.level}:{row.unit_code}" if row.unit_code else ""


NUMBER = Column("Số thư", "id")
ABOUT = (
    Column("Loại thư", _notice),
    Column("Người nhận", "recipient_name"),
)
UNIT = (
    Column("Mã đơn vị", _unit, only_in_file=True),
    Column("Đơn vị", "unit"),
)
DOSSIER = Column("Mã hồ sơ", "dossier")
LETTERS = ListKind(
    "letters",
    "Thư",
    _letters(),
    (
        NUMBER,
        *ABOUT,
        Column("Thư điện tử", "email", only_in_file=True),
        *UNIT,
        DOSSIER,
        Column("Chu trình", "cycle", only_in_file=True),
        Column("Tiêu đề", "subject", only_in_file=True),
        Column("Trạng thái", lambda row, wanted: STATE_LABELS[LetterState(row.state)]),
        Column("Phát sinh lúc", "owed_at"),
        Column("Được gửi từ", "send_from", only_in_file=True),
        Column("Gửi lúc", "sent_at"),
        Column("Trao lúc", "handed_over_at", only_in_file=True),
        Column("Người trao", "handed_over_by", only_in_file=True),
        Column("Trả lời về", "reply_to", only_in_file=True),
        Column("Số lần thử", "tries", only_in_file=True),
        Column("Có thể gửi trùng", "unconfirmed", only_in_file=True),
        Column("Lỗi gần nhất", "last_error", only_in_file=True),
        Column("Message-ID", "message_id", only_in_file=True),
        Column("Ghi chú", simulated),
    ),
    by=frozenset({"cycle", "unit", "dossier"}),
)
TO_HAND_OVER = ListKind(
    "letters-to-hand-over",
    "Thư phải trao tay",
    _letters(Letter.state == LetterState.TO_HAND_OVER.value, newest_first=False),
    (NUMBER, *ABOUT, *UNIT, DOSSIER, Column("Phát sinh lúc", "owed_at"), Column("Ghi chú", simulated)),
    by=frozenset({"cycle", "unit", "dossier"}),
)
"""The numbers are those of `ocop hand-over --letters`, the units those of `ocop print-letters --unit`."""
DEAD = ListKind(
    "dead-letters",
    "Thư không gửi được",
    _letters(Letter.state == LetterState.DEAD.value),
    (
        NUMBER,
        *ABOUT,
        Column("Thư điện tử", "email"),
        *UNIT,
        DOSSIER,
        Column("Phát sinh lúc", "owed_at", only_in_file=True),
        Column("Số lần thử", "tries", only_in_file=True),
        Column("Vì sao, phải làm gì", "last_error"),
        Column("Ghi chú", simulated),
    ),
    by=frozenset({"cycle", "unit", "dossier"}),
)
"""The numbers are those of `ocop resend --letters`."""


def _requests(session: Session, wanted: Wanted) -> Iterator[Any]:
    del wanted
    statement = select(Request.key, Request.act, Request.actor_name, Request.recorded_at, Request.answer)
    return streamed(session, statement.order_by(Request.recorded_at.desc(), Request.key))


REQUESTS = ListKind(
    "requests",
    "Yêu cầu đã thực hiện",
    _requests,
    (
        Column("Mã yêu cầu", "key"),
        Column("Việc", lambda row, wanted: ACTS[row.act].title if row.act in ACTS else row.act),
        Column("Người thực hiện", "actor_name"),
        Column("Ghi lúc", "recorded_at"),
        Column("Trả lời", lambda row, wanted: str(row.answer.get("message", ""))),
    ),
)

MAIL = (LETTERS, TO_HAND_OVER, DEAD, REQUESTS)
