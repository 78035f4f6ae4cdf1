"""What makes a function an act: a name, an idempotency key, and everything due done before it."""

import hashlib
import inspect
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, is_dataclass
from datetime import datetime
from functools import wraps
from typing import Any, Concatenate, NewType, ParamSpec, Protocol

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from casework.actors import Actor, standing_in
from casework.agenda import catch_up
from casework.events import name_event
from casework.gate import faster
from casework.producers import require_their_own
from casework.routing import settle
from models.base import canonical, table_of
from models.bulk import execute_many, insert_into
from models.dossiers import Dossier
from models.record import Request
from ocop.errors import InvalidInput, KeyReused
from ocop.phrase import Phrase
from ocop.text import nfc
from ocop.working_days import day_of

P = ParamSpec("P")
TextFile = NewType("TextFile", str)
"""The text of a document; on the command line its file is named."""
Answer = dict[str, Any]
"""What an act answers, JSON values; `message` is the sentence for the officer."""


LONGEST: Mapping[str, tuple[str, int]] = {
    "document": (Phrase("Số văn bản"), 200),
    "minutes": (Phrase("Số biên bản"), 100),
    "number": (Phrase("Số, ký hiệu"), 100),
    "signer": (Phrase("Tên người ký"), 200),
}
"""How many characters the record keeps of what an act quotes, with its name in Vietnamese."""


class Performed(Protocol):
    """An act as callers see it: session, then actor, instant and key by name, then its own arguments by name."""

    def __call__(
        self,
        session: Session,
        /,
        *,
        actor: Actor,
        at: datetime,
        key: str,
        seen: Mapping[str, int] | None = None,
        **body: Any,
    ) -> Answer:
        """Perform the act, or return the answer given before under the same key.

        `seen` gives the version at which the actor saw each dossier, by its code: one that changed since is refused.
        """
        ...


@dataclass(frozen=True)
class Act:
    """An act that officers have, for the command line, the console and the table in the docs."""

    name: str
    title: str
    perform: Performed
    signature: inspect.Signature
    """The act's own arguments, without session, actor, instant and key."""
    doc: str


ACTS: dict[str, Act] = {}
"""Every act by its command name, filled where acts are defined."""


def act(name: str, title: str) -> Callable[[Callable[Concatenate[Session, P], Answer]], Performed]:
    """Make a function an act: `title` says in Vietnamese what an officer does.

    Before the body runs, everything that fell due until the instant is done and what is ready is carried on, so that an
    act finds what a watch on time would have left. The answer is kept with a hash of the
    request under the key, in the same transaction: the same key and body give the same answer, another body is refused.
    """

    def wrap(function: Callable[..., Answer]) -> Performed:
        @wraps(function)
        def perform(
            session: Session,
            /,
            *,
            actor: Actor,
            at: datetime,
            key: str,
            seen: Mapping[str, int] | None = None,
            **body: Any,
        ) -> Answer:
            asked = {part: _plain(value) for part, value in body.items() if value is not None}
            body_sha256 = hashlib.sha256(canonical([name, actor.key, actor.on_behalf, asked]).encode()).hexdigest()
            one_at_a_time(session, key)
            known = session.execute(_KNOWN, {"key": key}).one_or_none()
            if known is not None:
                if known.body_sha256 != body_sha256:
                    raise KeyReused(
                        f"Mã yêu cầu '{key}' đã dùng cho một việc khác ({known.act}). Hãy dùng mã mới.",
                        f"the key '{key}' was used for another request ({known.act}); use a new one",
                    )
                return {**known.answer, "replayed": True}
            require_their_own(actor, name, body, at)
            _fits(body)
            _as_seen(session, seen or {})
            catch_up(session, at)
            settle(session, at)
            actor = standing_in(session, actor, day_of(at))
            answer = function(session, actor=actor, at=at, **{part: _nfc(value) for part, value in body.items()})
            session.flush()
            execute_many(
                session,
                _KEEP,
                [
                    {
                        "key": key,
                        "act": name,
                        "body_sha256": body_sha256,
                        "answer": answer,
                        "actor_name": actor.name,
                        "recorded_at": at,
                    }
                ],
            )
            return {**_as_read(answer), "replayed": False}

        signature = inspect.signature(function)
        own = [
            parameter
            for parameter in signature.parameters.values()
            if parameter.name not in {"session", "actor", "at", "key"}
        ]
        named = title if isinstance(title, Phrase) else Phrase(title)
        name_event(name, named)
        ACTS[name] = Act(name, named, perform, signature.replace(parameters=own), inspect.getdoc(function) or "")
        return perform

    return wrap


_REQUESTS = table_of(Request)
_KNOWN = select(_REQUESTS.c.act, _REQUESTS.c.body_sha256, _REQUESTS.c.answer).where(_REQUESTS.c.key == bindparam("key"))
_KEEP = insert_into(_REQUESTS, ("key", "act", "body_sha256", "answer", "actor_name", "recorded_at"))


def one_at_a_time(session: Session, key: str) -> None:
    """Let a second transaction that names the same key wait until the first is done, and then find what it wrote.

    SQLite has one writer at a time anyway.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(key, 0))))


def _fits(body: Mapping[str, Any]) -> None:
    """Raise InvalidInput for a number or name that no paper bears and no column holds."""
    for part, (label, most) in LONGEST.items():
        given = body.get(part)
        if isinstance(given, str) and len(nfc(given).strip()) > most:
            raise InvalidInput(
                Phrase(
                    "%(field)s dài %(given)s ký tự, phần mềm chỉ giữ %(most)s. Hãy ghi số, ký hiệu hoặc tên ngắn gọn; nội dung dài "
                    "ghi vào phần lý do.",
                    field=label, given=len(given), most=most,
                ),
                f"{part} is longer than {most} characters",
            )  # fmt: skip


def _as_seen(session: Session, seen: Mapping[str, int]) -> None:
    """Lock the dossiers that an actor saw; raise SomeoneWasFaster, who did what, when, if one changed since."""
    if not seen:
        return
    rows = session.execute(
        select(Dossier.id, Dossier.code, Dossier.version)
        .where(Dossier.code.in_(seen))
        .order_by(Dossier.id)
        .with_for_update()
    )
    for dossier_id, code, version in rows.all():
        if version != seen[code]:
            raise faster(session, dossier_id, code)


def _as_read(value: Any) -> Any:
    """Return an answer as it would be read back, but for its sentences, which can still be said in another language."""
    if isinstance(value, Mapping):
        return {str(part): _as_read(item) for part, item in value.items()}
    if isinstance(value, list | tuple):
        return [_as_read(item) for item in value]
    return value if isinstance(value, Phrase) else json.loads(canonical(value))


def _plain(value: Any) -> Any:
    """Return a value as its request is hashed."""
    if is_dataclass(value) and not isinstance(value, type):
        return {part: _plain(item) for part, item in asdict(value).items()}
    if isinstance(value, Mapping):
        return {str(part): _plain(item) for part, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return nfc(value) if isinstance(value, str) else value


def _nfc(value: Any) -> Any:
    """Return texts normalised to NFC, also inside lists."""
    if isinstance(value, str):
        return nfc(value)
    if isinstance(value, list | tuple):
        return type(value)(_nfc(item) for item in value)
    return value
