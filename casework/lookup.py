"""Finds dossiers by their codes, and turns a batch's answers into one."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from casework.act import Answer
from casework.moves import Moved, Refused
from casework.rules import astray
from models.cycles import Cycle
from models.dossiers import Dossier
from ocop.errors import InvalidInput, NotFound
from ocop.phrase import Joined, Phrase
from ocop.working_days import day_of

_BY_CODE = (
    select(Dossier)
    .where(Dossier.code.in_(bindparam("codes", expanding=True)))
    .order_by(Dossier.id)
    .with_for_update()
    .execution_options(populate_existing=True)  # as they are now, not as they were read before
)


def dossiers_by_code(session: Session, codes: Sequence[str]) -> list[Dossier]:
    """Return dossiers in the order of their codes as given; NotFound names those that do not exist."""
    if not codes:
        raise InvalidInput(
            "Chưa nêu hồ sơ nào: cần ít nhất một mã hồ sơ.", "no dossier was named: give at least one dossier code"
        )
    unique = list(dict.fromkeys(codes))
    found = {row.code: row for row in session.scalars(_BY_CODE, {"codes": unique})}
    if missing := [code for code in unique if code not in found]:
        raise NotFound(
            f"Không có hồ sơ mang mã: {', '.join(missing)}. Hãy xem “Danh sách hồ sơ”.",
            f"no dossier has the code {', '.join(missing)}; look at the list of dossiers",
        )
    return [found[code] for code in unique]


def dossier_by_code(session: Session, code: str) -> tuple[Dossier, Cycle]:
    """Return a dossier and its cycle; raise the refusal of one whose stage its procedure does not know."""
    (dossier,) = dossiers_by_code(session, [code])
    if unfit := astray(dossier):
        raise unfit
    return dossier, session.get_one(Cycle, dossier.cycle_id)


def not_after_today(day: date, at: datetime, what: str) -> None:
    """Raise InvalidInput for a day that has not come yet."""
    if day > day_of(at):
        raise InvalidInput(
            Phrase(
                "%(what)s (%(day)s) muộn hơn hôm nay (%(today)s). Hãy kiểm tra lại ngày.",
                what=Phrase(what), day=day, today=day_of(at),
            ),
            f"{day} lies in the future",
        )  # fmt: skip


def required(value: str, what: str) -> str:
    """Return a text that must not be empty, stripped; InvalidInput names the field."""
    if not (stripped := value.strip()):
        raise InvalidInput(Phrase("Thiếu %(what)s. Hãy ghi rõ %(what)s.", what=Phrase(what)), f"{what} is missing")
    return stripped


def batch_answer(answers: Sequence[Moved | Refused], done: str, **extra: Any) -> Answer:
    """Return one answer for a batch: what was done, what was refused and why; raise when nothing was done."""
    moved = [answer for answer in answers if isinstance(answer, Moved)]
    refused = [answer for answer in answers if isinstance(answer, Refused)]
    if not moved and refused:
        raise refused[0].violation
    message = [Phrase("%(done)s: %(n)s hồ sơ.", done=done, n=len(moved))]
    if refused:
        message.append(Phrase("Không thực hiện được %(n)s hồ sơ, xem lý do từng hồ sơ.", n=len(refused)))
    answer: Answer = {
        "message": Joined(" ", message),
        "done": [{"dossier": item.code, "stage": item.target} for item in moved],
        "refused": [{"dossier": item.code, "reason": item.violation.told} for item in refused],
    }
    return answer | extra


def one_answer(moved: Moved, message: str, **extra: Any) -> Answer:
    """Return the answer of a single move."""
    return {"message": message, "dossier": moved.code, "stage": moved.target, "version": moved.version} | extra


def only(mapping: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    """Return some entries of a mapping."""
    return {key: mapping[key] for key in keys}
