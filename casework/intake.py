"""Registers the dossiers of a file: all of them or none, and the same file twice changes nothing."""

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.act import Answer, act, one_at_a_time
from casework.actors import Actor, Territory, lineage
from casework.imports.columns import Imported
from casework.imports.dossiers import read_dossiers
from casework.imports.reading import Table
from casework.lookup import required
from casework.outbox import hand_over, release_held, resend
from casework.registration import register
from models.cycles import Cycle
from models.letters import Letter
from models.units import Unit
from ocop.errors import InvalidRows, NotYours, RowProblem, RuleViolation
from ocop.levels import Level
from ocop.phrase import Joined, Phrase
from ocop.working_days import day_of

Tell = Callable[[int, int], None]


def untold(done: int, total: int) -> None:
    """Tell nobody how far the work is."""


def import_dossiers(
    session: Session, table: Table, *, actor: Actor, at: datetime, key: str, tell: Tell = untold
) -> Imported:
    """Register every dossier of a file that is not registered yet; InvalidRows names each row that may not be.

    `tell` is told after each row how many were dealt with, of how many.
    """
    one_at_a_time(session, "import dossiers")  # the second reads what the first has registered
    rows = read_dossiers(session, table)
    problems: list[RowProblem] = []
    new = 0
    for number, row in enumerate(rows, start=2):
        tell(number - 2, len(rows))
        if row.registered:
            continue
        try:
            with session.begin_nested():
                register(
                    session, actor=actor, at=at, key=f"{key}/{row.cycle}/{row.product_code}", cycle=row.cycle,
                    producer=row.producer, product=row.product, kind=row.kind, proposed_star=row.proposed_star,
                    registered_on=row.registered_on, certificate=row.certificate_number, changes=row.changes,
                    evidence=row.evidence,
                )  # fmt: skip
        except RuleViolation as violation:
            reason = Joined(": ", (row.product_code, violation.told))
            problems.append(RowProblem("", number, "Mã sản phẩm", reason))
        new += 1
    if problems:
        raise InvalidRows(problems)
    return Imported(new=new, unchanged=len(rows) - new, changed=0)


@act("hand-over", "Ghi nhận đã trao thư giấy")
def record_hand_over(session: Session, *, actor: Actor, at: datetime, letters: Sequence[int]) -> Answer:
    """Mark printed letters as handed over, by whom and when; one that was handed over before keeps its first mark.

    The unit that hands them over may, and the units above it.
    """
    _may_handle(session, actor, letters, at)
    number = hand_over(session, letter_ids=list(letters), at=at, actor_name=actor.name)
    return {"message": Phrase("Đã ghi nhận trao %(n)s thư.", n=number), "letters": number}


@act("resend", "Gửi lại thư không gửi được")
def record_resend(session: Session, *, actor: Actor, at: datetime, letters: Sequence[int]) -> Answer:
    """Owe dead letters again, to the address that the recipient has now; the letters' unit may, and the units above it."""
    _may_handle(session, actor, letters, at)
    again = resend(session, letter_ids=list(letters), at=at)
    return {
        "message": Phrase(
            "Sẽ gửi lại %(n)s thư; %(hand)s thư chuyển sang trao tay.", n=again.owed, hand=again.to_hand_over
        )
    }


@act("release-letters", "Cho gửi thư của bản khôi phục")
def record_release(session: Session, *, actor: Actor, at: datetime, reason: str) -> Answer:
    """Let the letters of a restored copy go: a province says that this copy is now the one that counts."""
    held = Territory.of(session, actor, day_of(at)).posts
    if not actor.is_engine and not session.scalar(
        select(Unit.id).where(Unit.id.in_(list(held)), Unit.level == Level.PROVINCE).limit(1)
    ):
        raise NotYours(
            f"Chỉ cán bộ cấp tỉnh được cho gửi thư của bản khôi phục; {actor.name} không giữ nhiệm vụ ở tỉnh.",
            f"only officers of the province let the letters of a restored copy go; {actor.name} has no post at the province",
        )
    required(reason, "lý do cho gửi thư")
    return {"message": Phrase("Đã cho gửi %(n)s thư.", n=release_held(session, at=at))}


def _may_handle(session: Session, actor: Actor, letters: Sequence[int], at: datetime) -> None:
    """Raise NotYours unless the actor works where each letter is handed over, or above it; the cycle's province may always."""
    if actor.is_engine:
        return
    held = set(Territory.of(session, actor, day_of(at)).posts)
    rows = session.execute(
        select(Letter.id, Letter.unit_id, Cycle.province_id)
        .outerjoin(Cycle, Cycle.id == Letter.cycle_id)
        .where(Letter.id.in_(set(letters)))
        .order_by(Letter.id)
    ).all()
    paths = {unit: set(lineage(session, unit)) for unit in {row.unit_id for row in rows} if unit is not None}
    for row in rows:
        if not held & (paths.get(row.unit_id, set()) | {row.province_id}):
            raise NotYours(
                f"Thư số {row.id} thuộc đơn vị khác; {actor.name} không giữ nhiệm vụ ở đó hay ở cấp trên của đơn vị đó.",
                f"letter {row.id} belongs to another unit; {actor.name} has no post there or above it",
            )
