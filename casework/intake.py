"""Registers the dossiers of a file: all of them or none, and the same file twice changes nothing."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from casework.act import Answer, act
from casework.actors import Actor
from casework.imports.columns import Imported
from casework.imports.dossiers import read_dossiers
from casework.imports.reading import Table
from casework.lookup import required
from casework.outbox import hand_over, release_held, resend
from casework.registration import register
from ocop.errors import InvalidRows, RowProblem, RuleViolation


def import_dossiers(session: Session, table: Table, *, actor: Actor, at: datetime, key: str) -> Imported:
    """Register every dossier of a file that is not registered yet; InvalidRows names each row that may not be."""
    rows = read_dossiers(session, table)
    problems: list[RowProblem] = []
    new = 0
    for number, row in enumerate(rows, start=2):
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
            problems.append(RowProblem("", number, "Mã sản phẩm", f"{row.product_code}: {violation.vietnamese}"))
        new += 1
    if problems:
        raise InvalidRows(problems)
    return Imported(new=new, unchanged=len(rows) - new, changed=0)


@act("hand-over", "Ghi nhận đã trao thư giấy")
def record_hand_over(session: Session, *, actor: Actor, at: datetime, letters: Sequence[int]) -> Answer:
    """Mark printed letters as handed over, by whom and when; one that was handed over before keeps its first mark."""
    number = hand_over(session, letter_ids=list(letters), at=at, actor_name=actor.name)
    return {"message": f"Đã ghi nhận trao {number} thư.", "letters": number}


@act("resend", "Gửi lại thư không gửi được")
def record_resend(session: Session, *, actor: Actor, at: datetime, letters: Sequence[int]) -> Answer:
    """Owe dead letters again, to the address that the recipient has now."""
    del actor
    again = resend(session, letter_ids=list(letters), at=at)
    return {"message": f"Sẽ gửi lại {again.owed} thư; {again.to_hand_over} thư chuyển sang trao tay."}


@act("release-letters", "Cho gửi thư của bản khôi phục")
def record_release(session: Session, *, actor: Actor, at: datetime, reason: str) -> Answer:
    """Let the letters of a restored copy go: the office says that this copy is now the one that counts."""
    del actor
    required(reason, "lý do cho gửi thư")
    return {"message": f"Đã cho gửi {release_held(session, at=at)} thư."}
