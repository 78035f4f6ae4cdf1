"""Owes letters: one row for each cause, notice and recipient, however often it is asked."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from casework import outbox
from casework.directory import Directory, Found, Recipient
from models.base import table_of
from models.bulk import execute_many, insert_missing
from models.letters import Letter, LetterState
from ocop.levels import Role
from ocop.notices import AT_ANY_HOUR, Notice
from ocop.plan_sections import Notices
from ocop.quiet_hours import leaves_from
from ocop.working_days import VIETNAM, Calendar, day_of

_ON_PAPER = LetterState.TO_HAND_OVER.value


class Draft(NamedTuple):
    """A letter before it has a row."""

    notice: Notice
    cause: str
    found: Found
    facts: Mapping[str, Any]
    owed_at: datetime
    cycle_id: int | None = None
    dossier_id: int | None = None
    reply_unit_id: int | None = None
    simulated: bool = False
    for_unit: int | None = None
    """The unit it stands for, where that is not the recipient's."""
    not_before: datetime | None = None
    """From when its reader wants it, in hours in which letters leave."""


def send_from(at: datetime, notice: Notice, calendar: Calendar, notices: Notices) -> datetime:
    """Return when a letter of an instant may leave: at once in office hours, else at the hour of the next working day.

    What the law makes due on its day, or its reader waits for, passes quiet hours.
    """
    return at if notice in AT_ANY_HOUR else leaves_from(at, calendar, notices.hour, notices.until)


def give_up_at(start: datetime, notice: Notice, calendar: Calendar, notices: Notices) -> datetime:
    """Return after what a letter is given up that may leave from an instant: never in hours in which it could not leave."""
    end = start + timedelta(days=notices.retry_for_days)
    return end if notice in AT_ANY_HOUR else leaves_from(end, calendar, notices.hour, notices.until)


def morning(at: datetime, calendar: Calendar, notices: Notices, working_days: int = 0) -> datetime:
    """Return the notice hour of the first working day on or after an instant's day, so many working days later."""
    local = at.astimezone(VIETNAM)
    first = local.date()
    if local.time() > notices.hour:
        first += timedelta(days=1)
    day = calendar.next_working(first)
    if working_days:
        day = calendar.add_working_days(day, working_days)
    return datetime.combine(day, notices.hour, VIETNAM)


def next_morning(at: datetime, calendar: Calendar, notices: Notices) -> datetime:
    """Return the first notice hour of a working day that lies after an instant."""
    return morning(at + timedelta(minutes=1), calendar, notices)


def owe(session: Session, drafts: Iterable[Draft], calendar: Calendar, notices: Notices, directory: Directory) -> int:
    """Write the letters that are not there yet and return how many drafts were given.

    A vacant rung adds one letter a day to the coordinator office, for each unit and role. In a restored copy whose letters
    are held, new ones are held too: the installation that it was copied from may have sent them.
    """
    drafts = list(drafts)
    if not drafts:
        return 0
    drafts += _gaps(drafts, directory)
    waiting = (LetterState.HELD if outbox.is_held(session) else LetterState.OWED).value
    times: dict[tuple[datetime, bool, datetime | None], _Times] = {}
    rows = []
    for draft in drafts:
        any_hour = draft.notice in AT_ANY_HOUR
        when = times.get((draft.owed_at, any_hour, draft.not_before))
        if when is None:
            start = send_from(draft.owed_at, draft.notice, calendar, notices)
            if draft.not_before is not None:
                start = max(start, send_from(draft.not_before, draft.notice, calendar, notices))
            when = _Times(start, give_up_at(start, draft.notice, calendar, notices), day_of(draft.owed_at).isoformat())
            times[draft.owed_at, any_hour, draft.not_before] = when
        rows.append(_row(draft, when, directory, waiting))
    execute_many(session, insert_missing(_LETTERS, tuple(rows[0]), ("key",), session.get_bind().dialect.name), rows)
    return len(rows)


_LETTERS = table_of(Letter)


class _Times(NamedTuple):
    """When a letter of an instant may leave, when it is given up, and the day it is owed on, as its facts tell it."""

    send_from: datetime
    give_up_at: datetime
    owed_on: str


def _row(draft: Draft, when: _Times, directory: Directory, waiting: str) -> dict[str, Any]:
    recipient = draft.found.recipient
    unit_id, reply_unit_id = _present(directory, recipient.unit_id), _present(directory, draft.reply_unit_id)
    key = f"{draft.cause}/{draft.notice.value}/{recipient.key}"
    facts = {
        "recipient_name": recipient.name,
        "unit_name": directory.name(recipient.unit_id),
        "reply_name": directory.name(draft.reply_unit_id),
        "owed_on": when.owed_on,
        "simulated": draft.simulated,
        **draft.facts,
    }
    return {
        "key": key,
        "notice": draft.notice.value,
        "cause": draft.cause,
        "cycle_id": draft.cycle_id,
        "dossier_id": draft.dossier_id,
        "unit_id": unit_id,
        "reply_unit_id": reply_unit_id,
        "recipient": recipient.key,
        "recipient_name": recipient.name,
        "email": recipient.email,
        "reply_to": directory.reply_to(draft.reply_unit_id),
        "facts": facts,
        "state": waiting if recipient.email is not None else _ON_PAPER,
        "owed_at": draft.owed_at,
        "send_from": when.send_from,
        "give_up_at": when.give_up_at,
        "next_try_at": when.send_from,
        "tries": 0,
        "lease_by": "",
        "last_error": "",
        "unconfirmed": 0,
        "handed_over_by": "",
        "message_id": f"<{hashlib.sha256(key.encode()).hexdigest()[:32]}@letters.ocop.invalid>",
        "simulated": draft.simulated,
    }


def _present(directory: Directory, unit_id: int | None) -> int | None:
    """Return the unit that stands for one on the letter's day: an old paper of a unit that ended is read by its successor."""
    return None if unit_id is None else directory.now(unit_id)


def _gaps(drafts: Sequence[Draft], directory: Directory) -> list[Draft]:
    """Return one letter to the coordinator office for each vacant rung met, a day."""
    office = directory.at(directory.province_id, Role.COORDINATOR_OFFICE)
    gaps: dict[str, Draft] = {}
    for draft in drafts:
        if not draft.found.vacant:
            continue
        unit_id = draft.for_unit if draft.for_unit is not None else draft.found.recipient.unit_id
        for role in draft.found.vacant:
            if office is None or unit_id is None or role is Role.COORDINATOR_OFFICE:
                continue
            cause = f"vacant/{unit_id}/{role}/{day_of(draft.owed_at)}"
            gaps.setdefault(
                cause,
                Draft(
                    Notice.RUNG_VACANT,
                    cause,
                    Found(office),
                    unit_facts(
                        directory, unit_id, cycle_title=str(draft.facts.get("cycle_title", "")), role_label=role.label
                    ),
                    draft.owed_at,
                    draft.cycle_id,
                    reply_unit_id=directory.province_id,
                    simulated=draft.simulated,
                ),
            )
    return list(gaps.values())


def unit_facts(directory: Directory, unit_id: int | None, **known: Any) -> dict[str, Any]:
    """Return the facts of a letter about a unit, every optional one present."""
    officer = directory.at(unit_id, Role.OFFICER) if unit_id is not None else None
    facts: dict[str, Any] = {
        "cycle_title": "",
        "deadline": None,
        "unit": directory.name(unit_id),
        "unit_phone": officer.phone if officer else "",
        "rung": 0,
        "role_label": "",
        "dossiers": [],
        "total": 0,
        "plan": None,
        "counts": [],
        "certificates": [],
        "health": [],
        "root": "",
        "changes": [],
        "effective_from": "",
        "reason": "",
        "document": "",
    }
    return facts | known


def producer(producer_id: int, name: str, contact: str, email: str | None, commune_id: int) -> Recipient:
    """Return a producer as a recipient; without an address its commune hands the letter over."""
    return Recipient(f"producer/{producer_id}", f"{contact} ({name})" if contact else name, email, commune_id)
