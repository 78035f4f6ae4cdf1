"""The instant to act for: the wall clock, guarded against jumps, or the driven clock of a demo or rehearsal."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.record import Event, Mark
from ocop.errors import NotPossibleNow
from ocop.working_days import VIETNAM

DRIVEN = "driven_clock"
"""Mark of an installation whose clock is driven; its value is the instant."""
LAST_TICK = "last_tick"
"""Mark of the last instant at which a watch ran."""


def set_mark(session: Session, name: str, value: str, at: datetime) -> None:
    """Write or overwrite a fact about this installation."""
    mark = session.get(Mark, name)
    if mark is None:
        session.add(Mark(name=name, value=value, set_at=at))
    else:
        mark.value, mark.set_at = value, at


def driven(session: Session) -> datetime | None:
    """Return the instant of a driven clock, or None where the wall clock counts."""
    mark = session.get(Mark, DRIVEN)
    return None if mark is None else datetime.fromisoformat(mark.value)


def now(session: Session, wall: datetime) -> datetime:
    """Return the instant that pages show and plain commands act for."""
    return driven(session) or wall


def drive(session: Session, at: datetime) -> None:
    """Set the driven clock."""
    set_mark(session, DRIVEN, at.isoformat(), at)


def tick(session: Session, wall: datetime, longest_gap: timedelta) -> datetime:
    """Return the instant for a watch that the wall clock woke, and remember it.

    Raises NotPossibleNow when the clock stands behind the last event or more than the longest gap after the last tick: then
    a person looks at the clock and says `ocop clock accept`. A driven clock needs no guard.
    """
    if instant := driven(session):
        return instant
    _not_behind(session, wall)
    mark = session.get(Mark, LAST_TICK)
    if mark is not None:
        _not_far(datetime.fromisoformat(mark.value), wall, longest_gap)
    accept(session, wall)
    return wall


def acting(session: Session, wall: datetime, longest_gap: timedelta) -> datetime:
    """Return the instant for what a person does now, guarded against jumps like a watch.

    While the watches are away what people do shows as well that the clock goes on: their last event counts like a tick. An
    installation whose watches never ran asks nobody. Raises NotPossibleNow.
    """
    if instant := driven(session):
        return instant
    last_event = _not_behind(session, wall)
    mark = session.get(Mark, LAST_TICK)
    if mark is not None:
        seen = datetime.fromisoformat(mark.value)
        _not_far(max(seen, last_event or seen), wall, longest_gap)
    return wall


def _not_behind(session: Session, wall: datetime) -> datetime | None:
    last_event = session.scalar(select(Event.recorded_at).order_by(Event.id.desc()).limit(1))
    if last_event is not None and wall < last_event:
        raise NotPossibleNow(
            f"Đồng hồ máy chủ ({wall.astimezone(VIETNAM):%H:%M %d/%m/%Y}) chậm hơn sự kiện cuối cùng đã ghi "
            f"({last_event.astimezone(VIETNAM):%H:%M %d/%m/%Y}). Hãy chỉnh lại đồng hồ.",
            "the clock stands behind the last event",
        )
    return last_event


def _not_far(seen: datetime, wall: datetime, longest_gap: timedelta) -> None:
    if wall - seen > longest_gap:
        raise NotPossibleNow(
            f"Lần theo dõi gần nhất đã cách đây hơn {longest_gap.days} ngày ({seen.astimezone(VIETNAM):%d/%m/%Y}), đồng hồ "
            f"máy chủ đang là {wall.astimezone(VIETNAM):%H:%M %d/%m/%Y}. Nếu đồng hồ đúng, "
            "hãy báo người quản trị dùng “Đồng hồ máy chủ đúng, làm bù các việc”.",
            f"more than {longest_gap.days} days since the last tick",
        )


def accept(session: Session, wall: datetime) -> None:
    """Take the wall clock as right: the next watch acts for all the time until then."""
    set_mark(session, LAST_TICK, wall.isoformat(), wall)
