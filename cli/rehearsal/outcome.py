"""What a rehearsal showed: every letter with its reader and day, every deadline, breach and rung, as lists."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from casework import poison
from casework.days import calendar
from casework.exports import Sheet
from casework.lists.kinds import KINDS
from casework.lists.listing import Wanted
from casework.rules import cycle_by_code
from cli.rehearsal.play import Played
from models.cycles import Breach, Deadline
from models.letters import Letter, LetterState
from models.units import Unit
from notifications.rendering import render
from ocop.notices import Notice
from ocop.phrase import Joined, Phrase

LETTERS = ("Gửi lúc", "Thư", "Người nhận", "Đơn vị", "Cách gửi", "Tiêu đề")
NAMED = 5
"""How many things that were set aside are named."""
ON_PAPER = Phrase("in, trao tay")
WAITING = (LetterState.HELD.value, LetterState.TO_HAND_OVER.value)


@dataclass(frozen=True)
class Before:
    """What the record held before the rehearsal."""

    last_letter: int
    waiting: frozenset[int]
    """Letters that had not left: they leave in the rehearsal too."""
    last_breach: int


def before(session: Session) -> Before:
    """Return what a copy holds whose letters have just been held."""
    held = session.scalars(select(Letter.id).where(Letter.state == LetterState.HELD.value))
    last, last_breach = (session.scalar(select(func.max(table.id))) or 0 for table in (Letter, Breach))
    return Before(last, frozenset(held), last_breach)


def sheets(session: Session, cycle: str, stood: Before, played: Played) -> Sequence[Sheet]:
    """Return the lists of a rehearsal, the letters first."""
    row = cycle_by_code(session, cycle, must_be_open=False)
    wanted = Wanted(played.ends, calendar(session), cycle=row)
    kept = [KINDS[kind].sheet(session, wanted) for kind in ("deadlines", "breaches", "escalations")]
    return [_letters(session, stood, played.begins), *kept]


def _letters(session: Session, stood: Before, begins: datetime) -> Sheet:
    """Return the letters that would leave, in that order: one that waits already leaves at once."""
    rows = session.execute(
        select(Letter, Unit.name)
        .outerjoin(Unit, Unit.id == Letter.unit_id)
        .where(Letter.state.in_(WAITING), or_(Letter.id > stood.last_letter, Letter.id.in_(stood.waiting)))
        .order_by(Letter.send_from, Letter.id)
    )
    return Sheet(
        "Thư",
        LETTERS,
        [
            (
                max(letter.send_from, begins), Notice(letter.notice).label, letter.recipient_name, unit or "",
                letter.email or ON_PAPER, render(letter).subject,
            )
            for letter, unit in sorted(rows, key=lambda row: max(row[0].send_from, begins))
        ],
    )  # fmt: skip


def sentences(session: Session, cycle: str, stood: Before, played: Played, found: Sequence[Sheet]) -> list[str]:
    """Return what a reader should know first: the assumption, the span, the numbers."""
    row = cycle_by_code(session, cycle, must_be_open=False)
    new = session.scalar(
        select(func.count(Breach.id))
        .join(Deadline, Deadline.id == Breach.deadline_id)
        .where(Deadline.cycle_id == row.id, Breach.id > stood.last_breach)
    )
    letters = found[0].rows
    on_paper = sum(line[4] == ON_PAPER for line in letters)
    numbers = Phrase(
        "Chu trình %(cycle)s, đi qua %(instants)s thời điểm có việc đến hạn; %(letters)s thư (%(on_paper)s thư in, trao tay), "
        "%(late)s lượt quá hạn mới.",
        cycle=cycle, instants=str(len(played.instants)), letters=str(len(letters)), on_paper=str(on_paper), late=str(new),
    )  # fmt: skip
    return [
        Phrase("Diễn tập trên bản sao: không thư nào được gửi, sổ gốc không đổi."),
        Phrase(
            "Giả định: từ lúc bắt đầu không ai làm thêm việc gì (trường hợp xấu nhất); việc thật sẽ làm bớt thư và quá hạn."
        ),
        numbers,
        *_set_aside(session),
    ]


def _set_aside(session: Session) -> list[str]:
    """Return a sentence on what no rule fits: the rehearsal went on without it, so its lists are not whole."""
    found = [Phrase("%(which)s (%(why)s)", which=which, why=why) for which, why in poison.named(session)]
    if not found:
        return []
    told = found[:NAMED]
    if more := len(found) - len(told):
        told.append(Phrase("và %(more)s việc khác", more=str(more)))
    return [
        Phrase(
            "Các danh sách chưa đủ, phải gác lại %(number)s việc không xử lý được: %(named)s. Hãy báo người quản trị dùng “Kiểm "
            "tra sổ”.",
            number=str(len(found)), named=Joined("; ", told),
        )
    ]  # fmt: skip
