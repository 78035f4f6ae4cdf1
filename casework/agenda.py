"""Asks what is due, and does it in the order in which it fell due, each at its own instant."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from functools import partial

from sqlalchemy import ColumnElement, and_, bindparam, select
from sqlalchemy.orm import Session

from casework import amending, complaints_due, digest, expiry, findings_due, inner_dates, poison, strokes
from casework.routing import settle
from models.base import table_of
from models.cycles import AgendaItem
from ocop.phrase import Joined, Phrase, phrases

Handler = Callable[[Session, Sequence[AgendaItem], datetime], None]

HANDLERS: Mapping[str, Handler] = {
    amending.AMENDMENT: amending.take_force,
    "stroke": strokes.strike,
    "reminder": strokes.remind,
    inner_dates.INNER: inner_dates.remind,
    "rung": strokes.climb,
    "complaint": complaints_due.remind,
    findings_due.FINDING: findings_due.remind,
    "expiry": expiry.warn,
    "expired_list": expiry.list_expired,
    "digest": digest.send,
}
"""What is done with each kind; at one instant in this order."""

WORK_LABELS: Mapping[str, str] = phrases(
    {
        amending.AMENDMENT: "áp dụng kế hoạch sửa đổi",
        "stroke": "ghi quá hạn",
        "reminder": "nhắc việc",
        inner_dates.INNER: "nhắc việc theo kế hoạch riêng",
        "rung": "báo cáo vượt cấp",
        "complaint": "nhắc trả lời kiến nghị",
        findings_due.FINDING: "nhắc quyết định thu hồi",
        "expiry": "báo hết hạn giấy chứng nhận",
        "expired_list": "danh sách hết hạn hằng tháng",
        "digest": "bản tin ngày",
        "route": "chuyển bước",
    }
)
"""What a reader is told was done of each kind, and of what was carried on."""

DEADLINE_KINDS = frozenset({amending.AMENDMENT, "stroke", "reminder", inner_dates.INNER, "rung", "complaint"})
EXPIRY_KINDS = frozenset({findings_due.FINDING, "expiry", "expired_list"})
DIGEST_KINDS = frozenset({"digest"})
ALL_KINDS = frozenset(HANDLERS)
AMENDMENTS = frozenset({amending.AMENDMENT})
BATCH = 1000
LONGEST_OUTCOME = 200


def due(
    at: datetime, kinds: Collection[str] = ALL_KINDS, cycle_id: int | None = None, stages: Collection[str] | None = None
) -> ColumnElement[bool]:
    """Return the condition on AgendaItem for what is due at an instant and not done: of all cycles, one, or its stages."""
    # An expression of the kind is in no index: SQLite would else read all of a kind, done and to come, for what is due.
    of_kind = AgendaItem.kind.concat("").in_(sorted(kinds))
    conditions = [AgendaItem.done_at.is_(None), AgendaItem.due_at <= at, of_kind]
    if cycle_id is not None:
        conditions.append(AgendaItem.cycle_id == cycle_id)
    if stages is not None:
        conditions.append(AgendaItem.stage.in_(sorted(stages)))
    return and_(*conditions)


_ITEM = table_of(AgendaItem).c
_ANYTHING = select(_ITEM.id).where(_ITEM.done_at.is_(None), _ITEM.due_at <= bindparam("at")).limit(1)
"""What every act asks first, and nearly always nothing is due."""


def catch_up(
    session: Session,
    at: datetime,
    kinds: Collection[str] = ALL_KINDS,
    cycle_id: int | None = None,
    stages: Collection[str] | None = None,
) -> Counter[str]:
    """Do everything of these kinds that fell due until an instant and return how many of each kind.

    Every act does this first, and so does every watch: whoever comes first, however late, writes the same. What is ready
    is carried on before the first of them, as a watch on time would have done. Digests and lists tell what deadlines did,
    so they bring the deadlines that fell due before them along. An amended plan that takes force moves dates of every stage:
    what asks for some stages then does all of the cycle, in order.
    An item that cannot be done, because a row that it concerns fits no rule, is set aside and stops no other.
    On PostgreSQL the items are locked, so that a second runner waits and then finds them done.
    """
    if not DEADLINE_KINDS.issuperset(kinds):
        kinds = ALL_KINDS
    done: Counter[str] = Counter()
    if (kinds, cycle_id, stages) == (ALL_KINDS, None, None) and not session.execute(_ANYTHING, {"at": at}).first():
        return done
    if stages is not None and session.scalar(select(AgendaItem.id).where(due(at, AMENDMENTS, cycle_id)).limit(1)):
        stages = None
    order = {kind: place for place, kind in enumerate(HANDLERS)}
    aside: set[int] = set()
    waiting_now = due(at, kinds, cycle_id, stages)
    earliest = select(AgendaItem.due_at).where(waiting_now).order_by(AgendaItem.due_at).limit(1)
    if session.execute(earliest).scalar() is None:
        return done
    settle(session, at, cycle_id)
    while True:
        left = and_(waiting_now, AgendaItem.id.not_in(aside)) if aside else waiting_now
        first = session.execute(earliest.where(left)).scalar()
        if first is None:
            return done
        items = session.scalars(
            select(AgendaItem)
            .where(left, AgendaItem.due_at == first)
            .order_by(AgendaItem.id)
            .limit(BATCH)
            .with_for_update()
        ).all()
        waiting = [item for item in items if item.done_at is None]
        kind = min((item.kind for item in waiting), key=order.__getitem__, default=None)
        if kind is None:
            continue
        now = [item.id for item in waiting if item.kind == kind]
        failed = _apart(session, kind, now, at)
        aside.update(failed)
        if len(failed) < len(now):
            done[kind] += len(now) - len(failed)


def again(session: Session, ids: Collection[int], at: datetime) -> None:
    """Try items that were set aside again, each by itself, in the order in which they fell due; those that fail stay aside."""
    items = session.execute(
        select(AgendaItem.id, AgendaItem.kind)
        .where(AgendaItem.id.in_(ids), AgendaItem.done_at.is_(None), AgendaItem.due_at <= at)
        .order_by(AgendaItem.due_at, AgendaItem.id)
        .with_for_update()
    ).all()
    for number, kind in items:
        _apart(session, kind, [number], at)


def _apart(session: Session, kind: str, ids: Sequence[int], at: datetime) -> list[int]:
    """Do items of a kind together, or each by itself where one is unfit; set aside those that fail, and return them."""
    _, failed = poison.each_apart(session, kind, ids, partial(_do, session, kind, at))
    for number, fault in failed:
        session.get_one(AgendaItem, number).outcome = f"{poison.ASIDE}{poison.said(fault)}"[:LONGEST_OUTCOME]
    session.flush()
    return [number for number, _ in failed]


def in_words(done: Mapping[str, int]) -> Joined:
    """Return how many of each kind were done as a reader is told: 'ghi quá hạn 2, nhắc việc 3'; empty when none was."""
    known = [(label, number) for kind, label in WORK_LABELS.items() if (number := done.get(kind))]
    return Joined(", ", (Phrase("%(what)s %(number)s", what=label, number=str(number)) for label, number in known))


def _do(session: Session, kind: str, at: datetime, ids: Sequence[int]) -> Sequence[AgendaItem]:
    """Do items of a kind together, and write that they are done."""
    items = session.scalars(select(AgendaItem).where(AgendaItem.id.in_(ids)).order_by(AgendaItem.id)).all()
    HANDLERS[kind](session, items, at)
    for item in items:
        item.done_at = at
    session.flush()
    return items
