"""Invariants of letters: every event has those that it owes, none is without its event, none waits beyond its end."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, cast, exists, literal, or_, select, true, union_all

from casework import rebinding
from casework.doctor import lawbook
from casework.doctor.invariant import Look, Violation
from models.accounts import AccountKey
from models.cycles import AgendaItem, Cycle, Deadline, Escalation
from models.dossiers import Dossier
from models.findings import Finding
from models.letters import Letter, LetterState
from models.local_day import local_day
from models.record import Event
from models.results import Certificate
from models.successions import Binding, heirs
from models.units import Post, Unit
from ocop.levels import Role
from ocop.notices import Notice
from ocop.rulebook import PROCEDURES

GRACE = timedelta(hours=1)
"""The sender comes by every few minutes: a letter whose end has just come is not yet forgotten."""
BESIDES = (Notice.EVIDENCE_EXPIRING.value,)
"""Notices that a dossier's own facts add to what the table's row owes."""
CYCLE_NOTICES = {
    "open": Notice.CYCLE_OPENED,
    "close": Notice.CYCLE_CLOSED,
    "extend": Notice.DEADLINE_EXTENDED,
    "amend_plan": Notice.PLAN_AMENDED,
}


def _text(value: Any) -> ColumnElement[str]:
    return cast(value, String)


def _line() -> ColumnElement[str]:
    """Return the cause that an event is for its letters."""
    return Event.chain + "#" + _text(Event.number)


def _under_the_law(law: Any) -> ColumnElement[bool]:
    return and_(
        law.c.procedure == lawbook.PROCEDURE,
        law.c.event == Event.event,
        law.c.source == Event.from_stage,
        law.c.target == Event.to_stage,
    )


def events_have_their_letters(look: Look) -> Iterator[Violation]:
    """Yield events without a letter that their row of the table owes, escalations and revocations without theirs."""
    yield from _of_dossiers(look)
    for what, number, notice in look.session.execute(_of_cycles()):
        yield Violation(f"chu trình {what}", f"dòng {number} thiếu thư '{notice}'")
    for deadline, unit, rung in look.session.execute(
        select(Deadline.wording, Unit.name, Escalation.rung)
        .select_from(Escalation)
        .join(Deadline, Deadline.id == Escalation.deadline_id)
        .join(Unit, Unit.id == Escalation.unit_id)
        .where(
            ~exists().where(
                Letter.notice == Notice.OVERDUE.value,
                Letter.cause
                == literal("deadline/") + _text(Escalation.deadline_id) + "/unit/" + _text(Escalation.unit_id)
                + "/rung/" + _text(Escalation.rung),
            )
        )
        .order_by(Escalation.id)
    ):  # fmt: skip
        yield Violation(unit, f"bậc {rung + 1} của báo cáo vượt cấp ({deadline}) thiếu thư")
    for number in look.session.scalars(
        select(Certificate.number)
        .where(
            Certificate.revoked_on.is_not(None),
            ~exists().where(Letter.cause == literal("certificate/") + _text(Certificate.id) + "/revoked"),
        )
        .order_by(Certificate.id)
    ):
        yield Violation(f"giấy chứng nhận {number}", "đã thu hồi nhưng không có thư báo")


def _of_dossiers(look: Look) -> Iterator[Violation]:
    law, after = lawbook.letters(), heirs()
    unit = lawbook.unit_of(law.c.place, Event.unit_id)
    to_the_producer = Letter.recipient == literal("producer/") + _text(Dossier.producer_id)
    reads = Letter.recipient == literal("person/") + _text(Post.person_id)
    outer = (Letter, Event, Dossier, Cycle, Binding, law)
    works_there = exists().where(Post.unit_id == unit, reads).correlate(*outer)
    # A unit that has ended reads nothing: whoever took its place does.
    handed_on = or_(
        exists().where(after.c.unit_id == unit, after.c.heir_id == Letter.unit_id).correlate(*outer),
        exists().where(after.c.unit_id == unit, Post.unit_id == after.c.heir_id, reads).correlate(*outer),
    )
    to_the_unit = and_(Letter.recipient.not_like("producer/%"), or_(Letter.unit_id == unit, works_there, handed_on))
    written = exists().where(
        Letter.cause == _line(),
        Letter.notice == law.c.notice,
        or_(and_(law.c.place == lawbook.PRODUCER, to_the_producer), and_(law.c.place != lawbook.PRODUCER, to_the_unit)),
    )
    # Nobody works at the unit: the letter climbed, and the gap was told to the coordinator office, where there is one.
    vacant = exists().where(
        Letter.cause == literal("vacant/") + _text(unit) + f"/{Role.OFFICER}/" + _text(local_day(Event.effective_at))
    )
    nobody_to_tell = ~exists().where(
        Post.unit_id == lawbook.PROVINCE, Post.role == Role.COORDINATOR_OFFICE.value
    )  # fmt: skip
    rows = look.session.execute(
        select(Dossier.code, Event.number, Event.event, law.c.notice, law.c.place)
        .select_from(Event)
        .join(Dossier, Dossier.id == Event.dossier_id)
        .join(Cycle, Cycle.id == Event.cycle_id)
        .outerjoin(Binding, lawbook.bound())
        .join(law, _under_the_law(law))
        .where(
            ~written,
            or_(
                law.c.place == lawbook.PRODUCER,
                and_(unit.is_not(None), ~vacant, or_(~nobody_to_tell, unit == lawbook.PROVINCE)),
            ),
        )
        .order_by(Event.dossier_id, Event.number, law.c.notice)
    )
    for code, number, event, notice, place in rows:
        yield Violation(f"hồ sơ {code}", f"dòng {number} ('{event}') thiếu thư '{notice}' gửi {PLACES[place]}")


PLACES = {
    "producer": "chủ thể",
    "holder": "đơn vị đang giữ hồ sơ",
    "commune": "xã",
    "district": "huyện",
    "province": "tỉnh",
    "central": "trung ương",
}


def _of_cycles() -> Select[tuple[str, int, str]]:
    """Return the query of a cycle's own events without the letter to its coordinator office."""
    owed = [
        select(Cycle.code, Event.number, literal(notice.value).label("notice"))
        .select_from(Event)
        .join(Cycle, Cycle.id == Event.cycle_id)
        .where(
            Event.dossier_id.is_(None),
            Event.event == event,
            ~exists().where(
                Letter.notice == notice.value,
                Letter.cause.in_((_line(), _line() + "/unit/" + _text(Event.unit_id))),
            ),
        )
        for event, notice in CYCLE_NOTICES.items()
    ]
    found = union_all(*owed).subquery()
    return select(found.c.code, found.c.number, found.c.notice).order_by(found.c.code, found.c.number)


def letters_have_their_causes(look: Look) -> Iterator[Violation]:
    """Yield letters for which the record has no event, agenda item or certificate, or whose event does not owe them."""
    of_a_line = Letter.cause.like("dossier/%#%")
    its_line = and_(Event.dossier_id == Letter.dossier_id, Letter.cause == _line())
    causes = _causes().subquery("causes")
    # A concatenation has no type in SQLite, and what has none gets no index.
    known = select(_text(causes.c.cause).label("cause")).distinct().subquery("known")
    letters = select(Letter.id, Letter.notice, Letter.recipient_name, Letter.cause)
    statements = [
        letters.where(of_a_line, ~exists().where(its_line)),
        letters.outerjoin(known, known.c.cause == Letter.cause).where(~of_a_line, known.c.cause.is_(None)),
    ]
    step = (lawbook.PROCEDURE, Event.event, Event.from_stage, Event.to_stage, Letter.notice)
    written = (
        select(*step)
        .select_from(Letter)
        .join(Event, its_line)
        .join(Dossier, Dossier.id == Event.dossier_id)
        .outerjoin(Binding, lawbook.bound())
    )
    if unowed := [row for row in look.session.execute(written.distinct()) if not _owes(*row)]:
        either = or_(*(and_(*(part == value for part, value in zip(step, row, strict=True))) for row in unowed))
        lines = letters.join(Event, its_line).join(Dossier, Dossier.id == Event.dossier_id)
        statements.append(lines.outerjoin(Binding, lawbook.bound()).where(either))
    for statement in statements:
        for number, notice, reader, cause in look.session.execute(statement.order_by(Letter.id)):
            yield Violation(
                f"thư số {number}", f"'{notice}' gửi {reader}: sổ không có '{cause}' hoặc việc đó không gửi thư này"
            )


def _owes(procedure: str, event: str, source: str, target: str, notice: str) -> bool:
    """Return whether an event's row of the table owes a notice, or the dossier's own facts may."""
    if notice in BESIDES or procedure not in PROCEDURES:
        return True
    law = PROCEDURES[procedure]
    rows = (
        row
        for row in (*law.rows, *rebinding.rows(law))
        if (row.event, row.source, row.target) == (event, source, target)
    )
    return any(notice in row.letters for row in rows)


def _causes() -> Any:
    """Return every cause that the record knows besides the lines of dossiers."""
    done = AgendaItem.done_at.is_not(None)
    subject, number = AgendaItem.subject, _text(AgendaItem.number)
    unit = literal("/unit/") + _text(Unit.id)
    each_unit = true()
    of_dossier = AgendaItem.subject == literal("deadline/") + _text(Deadline.id)
    return union_all(
        select(_line().label("cause")).where(Event.dossier_id.is_(None)),
        select(_line() + unit).select_from(Event).join(Unit, each_unit).where(Event.dossier_id.is_(None)),
        select(subject + "/before/" + number + unit)
        .select_from(AgendaItem)
        .join(Unit, each_unit)
        .where(done, AgendaItem.kind.in_(("reminder", "inner"))),
        select(subject + "/" + AgendaItem.kind + "/" + number + "/dossier/" + _text(Deadline.dossier_id))
        .select_from(AgendaItem)
        .join(Deadline, of_dossier)
        .where(done, AgendaItem.kind.in_(("reminder", "stroke")), Deadline.dossier_id.is_not(None)),
        select(subject + "/rung/" + number).where(done, AgendaItem.kind == "rung"),
        select(subject + "/digest/" + number).where(done, AgendaItem.kind == "digest"),
        select(subject + "/before/" + number).where(done, AgendaItem.kind == "expiry"),
        select(literal("unit/") + _text(Unit.id) + "/expired/" + number)
        .select_from(AgendaItem)
        .join(Unit, each_unit)
        .where(done, AgendaItem.kind == "expired_list"),
        select(subject).where(done, AgendaItem.kind == "complaint"),
        select(literal("finding/") + _text(Finding.id)),
        select(literal("account/") + _text(AccountKey.account_id) + "/key/" + _text(AccountKey.id)),
        select(subject + "/due").where(done, AgendaItem.kind == "finding"),
        select(literal("certificate/") + _text(Certificate.id) + "/revoked").where(Certificate.revoked_on.is_not(None)),
        _gaps(),
    )


def _gaps() -> Select[tuple[str]]:
    """Return the causes of letters on vacant rungs of units that exist."""
    vacant = select(Letter.cause.label("cause")).where(Letter.notice == Notice.RUNG_VACANT.value).subquery("vacant")
    return select(vacant.c.cause).join(Unit, vacant.c.cause.like(literal("vacant/") + _text(Unit.id) + "/%"))


def letters_are_sent_or_given_up(look: Look) -> Iterator[Violation]:
    """Yield letters that are still waiting although their end has come and nobody was alerted."""
    rows = look.session.execute(
        select(Letter.id, Letter.notice, Letter.recipient_name, Letter.give_up_at, Letter.last_error)
        .where(Letter.state == LetterState.OWED.value, Letter.give_up_at < look.at - GRACE)
        .order_by(Letter.id)
    )
    for number, notice, reader, end, error in rows:
        yield Violation(
            f"thư số {number}", f"'{notice}' gửi {reader} phải xong trước {end:%d/%m/%Y}, {error or 'chưa gửi lần nào'}"
        )
