"""What a producer does online: which acts, with which dossiers, on which day, and how history names them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from casework.actors import LONGEST_NAME, Actor
from casework.timing import InForce, last_day
from models.dossiers import Dossier
from models.units import Producer
from ocop.errors import InvalidInput, NotYours, TooLate
from ocop.procedure import MetBy
from ocop.text import day as told
from ocop.working_days import day_of

PRODUCER_ACTS: Mapping[str, str] = {
    "register": "registered_on",
    "supplement": "supplemented_on",
    "add-evidence": "",
    "retract": "requested_on",
    "complain": "received_on",
}
"""The acts that are a producer's own, each with the value that says its day: what is filed online is of that very day."""
EVENTS = frozenset(act.replace("-", "_") for act in PRODUCER_ACTS)
NAMED = "Chủ thể: "
"""How the name of a producer begins in history."""


def producer_actor(session: Session, producer_id: int, by: str = "") -> Actor:
    """Return a producer as an actor, named with whoever of their people is signed in."""
    name = session.get_one(Producer, producer_id).name
    who = f" ({by})" if by and by != name else ""
    return Actor(f"{NAMED}{name}{who}"[:LONGEST_NAME], producer_id=producer_id)


def require_their_own(actor: Actor, act: str, body: Mapping[str, Any], at: datetime) -> None:
    """Raise the refusal of an act that is not a producer's, or that a producer dates on another day than its own."""
    if actor.producer_id is None:
        return
    if act not in PRODUCER_ACTS:
        raise NotYours(
            "Chủ thể chỉ tự làm được các việc: đăng ký, bổ sung, thêm tài liệu, rút hồ sơ và kiến nghị. Việc này của cơ quan "
            "đang giữ hồ sơ.",
            f"{act} is no act of a producer: they register, supplement, add papers, retract and complain themselves, and the rest "
            "is done by the unit that holds the dossier",
        )
    if actor.on_behalf:
        raise InvalidInput(
            "Chủ thể tự làm việc của mình nên không ghi văn bản nhập thay. Hãy bỏ trống phần đó.",
            "a producer acts on nobody's behalf: leave the document for it empty",
        )
    dated = PRODUCER_ACTS[act]
    if dated and body.get(dated) != day_of(at):
        raise InvalidInput(
            f"Việc nộp qua mạng được ghi vào chính ngày nộp, {told(day_of(at))}. Hãy tải lại trang rồi gửi lại.",
            f"what is filed online is recorded on the day itself, {told(day_of(at))}; load the page anew and send it again",
        )


def require_supplement_in_time(session: Session, row: Dossier, at: datetime) -> None:
    """Raise TooLate for a supplement filed online after its last day: from then on the unit says whether it takes it."""
    deadline = InForce(session, [row]).of(row)
    if deadline is not None and deadline.met_by == MetBy.SUPPLEMENTED and at >= deadline.strikes_at:
        raise TooLate(
            f"Hạn bổ sung hồ sơ {row.code} đã hết ngày {told(last_day(deadline))} nên không nộp qua mạng được nữa. Hãy liên hệ "
            "cơ quan đang giữ hồ sơ: cơ quan đó quyết định có nhận bổ sung muộn hay không.",
            f"the deadline to supplement dossier {row.code} ended on {told(last_day(deadline))}, so it cannot be filed online any "
            "more; contact the unit that holds the dossier: it decides whether it takes a late supplement",
        )


def not_theirs(actor: Actor, event: str, row: Row[Any] | Dossier) -> NotYours | None:
    """Return why a producer may not do something with a dossier, or None where it is theirs."""
    if row.producer_id != actor.producer_id:
        return NotYours(f"Hồ sơ {row.code} không phải của chủ thể này.", f"dossier {row.code} is another producer's")
    if event not in EVENTS:
        return NotYours(
            f"Hồ sơ {row.code}: việc này không phải của chủ thể.", f"dossier {row.code}: this is no act of a producer"
        )
    return None
