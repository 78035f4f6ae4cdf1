"""What people choose about letters: whether and when the digest of each morning comes; no other letter can be turned off."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from casework.assigned import in_office
from casework.directory import Directory, Found, Recipient
from models.preferences import Preference
from models.units import Person, Post
from ocop.errors import InvalidInput
from ocop.levels import Role
from ocop.plan_sections import Notices
from ocop.working_days import VIETNAM


@dataclass(frozen=True)
class Choice:
    """One person's choice about the digest."""

    digest: bool
    hour: time | None = None
    """From when it comes; None is the plan's hour."""


@dataclass(frozen=True)
class Reader:
    """Who gets a digest, and from when."""

    found: Found
    not_before: datetime | None


def choice_of(session: Session, person_id: int) -> Choice | None:
    """Return what a person chose, or None where they never did."""
    row = session.get(Preference, person_id)
    return None if row is None else Choice(row.digest, time.fromisoformat(row.digest_from) if row.digest_from else None)


def choose(session: Session, person_id: int, choice: Choice, notices: Notices, at: datetime) -> None:
    """Keep a person's choice; InvalidInput for an hour in which no letter leaves."""
    if choice.hour is not None and not notices.hour <= choice.hour < notices.until:
        raise InvalidInput(
            f"Thư chỉ rời máy từ {notices.hour:%H:%M} đến trước {notices.until:%H:%M}. Hãy chọn giờ trong khoảng đó.",
            f"letters leave only from {notices.hour:%H:%M} until before {notices.until:%H:%M}; choose an hour between them",
        )
    row = session.get(Preference, person_id)
    if row is None:
        row = Preference(person_id=person_id)
        session.add(row)
    row.digest, row.changed_at = choice.digest, at
    row.digest_from = f"{choice.hour:%H:%M}" if choice.hour else ""


def digest_readers(session: Session, directory: Directory, day: date, notices: Notices) -> Sequence[Reader]:
    """Return who gets the digest of a day: the coordinator office, and those of the province who asked for it.

    The office may leave it to others, but somebody always gets it: it carries the record's hash off this machine.
    """
    office = directory.find(directory.province_id, Role.COORDINATOR_OFFICE)
    rows = session.execute(_CHOICES, {"province": directory.province_id, "day": day}).all()
    chosen = {f"person/{person.id}": choice for person, choice in rows}
    found = {
        key: Found(
            Recipient(key, person.name, person.email, directory.province_id, person.phone or "", person.simulated)
        )
        for person, choice in rows
        if choice.digest and (key := f"person/{person.id}") != office.recipient.key
    }
    declined = office.recipient.key in chosen and not chosen[office.recipient.key].digest
    readers = [*([] if declined and found else [office]), *found.values()]
    return [Reader(reader, _hour(chosen.get(reader.recipient.key), day, notices)) for reader in readers]


_CHOICES = (
    select(Person, Preference)
    .join(Preference, Preference.person_id == Person.id)
    .join(Post, Post.person_id == Person.id)
    .where(Post.unit_id == bindparam("province"), in_office(bindparam("day")))
    .distinct()
    .order_by(Person.id)
)


def _hour(choice: Preference | None, day: date, notices: Notices) -> datetime | None:
    """Return from when a digest of a day comes to somebody; an hour that the plan has closed since counts for nothing."""
    if choice is None or not choice.digest_from:
        return None
    hour = time.fromisoformat(choice.digest_from)
    return datetime.combine(day, hour, VIETNAM) if notices.hour <= hour < notices.until else None
