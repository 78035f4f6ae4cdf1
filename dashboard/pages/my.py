"""A producer's own pages: products, dossiers with the next step, letters, and what they may do with a dossier themselves."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from unicodedata import category

from fastapi import APIRouter, Request, Response
from sqlalchemy.orm import Session

from casework.act import ACTS, Answer
from casework.board.able import abilities
from casework.board.dossier import dossier_in_scope, story
from casework.board.own import (
    count_letters,
    own_certificates,
    own_dossiers,
    own_letter,
    own_letters,
    own_products,
    signed_results,
    told_history,
)
from casework.filing import filings
from casework.producers import PRODUCER_ACTS, require_supplement_in_time
from dashboard.acting import instant
from dashboard.pages.attachments import REFUSED, UNREADABLE, Number, SentForm, kinds_and_limits, typed_in
from dashboard.pages.letters import words_of
from dashboard.said import send_on
from dashboard.view import PageNumber, View, Viewed, pager
from dashboard.words import OCCASIONS, segment
from models.dossiers import Dossier
from models.session import perform
from models.units import Producer
from ocop.errors import KeyReused, NotFound, RuleViolation
from ocop.levels import DossierKind
from ocop.phrase import Joined, Phrase
from ocop.working_days import day_of

router = APIRouter()
SHOWN = 5
"""Letters on the first page."""
LONGEST = 5000
SEEN = re.compile(r"\d{1,9}")

TYPED: Mapping[str, tuple[str, str, str]] = {
    "supplement": ("note", Phrase("Nội dung đã bổ sung"), Phrase("Thiếu nội dung đã bổ sung. Hãy ghi rõ.")),
    "retract": ("reason", Phrase("Lý do rút hồ sơ"), Phrase("Thiếu lý do rút hồ sơ. Hãy ghi rõ.")),
    "complain": ("body", Phrase("Nội dung kiến nghị"), Phrase("Thiếu nội dung kiến nghị. Hãy ghi rõ.")),
}
"""What a producer types for each act of a dossier's page: the act's value, what the form calls it, and what it says without it."""


def producer_of(view: View) -> int:
    """Return whose pages these are; the table of rights lets nobody else come here."""
    assert view.reader.producer_id is not None
    return view.reader.producer_id


def done(view: View, request: Request, work: Callable[[Session], Answer], way: Callable[[Answer], str]) -> Response:
    """Perform an act in a transaction of its own, and send the browser on to a page that says what it answered."""
    answer = perform(view.request.app.state.engine(), work)
    warnings = answer.get("warnings", ())
    words = Joined(" ", (answer["message"], *warnings))
    return send_on(request, way(answer), words, "warning" if warnings else "success")


@router.get("/my")
def my(view: Viewed) -> Response:
    """Show a producer's own: what they must do, their dossiers, products, certificates and newest letters."""
    producer_id, session = producer_of(view), view.session
    provinces = view.chosen.province_id if view.chosen else next(iter(view.reader.scope.provinces), None)
    return view.page(
        "my.html.j2",
        producer=session.get_one(Producer, producer_id),
        dossiers=own_dossiers(session, producer_id, view.at),
        products=own_products(session, producer_id),
        certificates=own_certificates(session, producer_id, provinces, view.at),
        letters=own_letters(session, producer_id, limit=SHOWN),
        letters_total=count_letters(session, producer_id),
        filings=filings(session, list(view.cycles), view.at),
    )


@router.get("/my/letters")
def my_letters(view: Viewed, page: PageNumber = 1) -> Response:
    """Show all letters to a producer."""
    producer_id = producer_of(view)
    pages = pager(view, "/my/letters", count_letters(view.session, producer_id), page)
    rows = own_letters(view.session, producer_id, limit=view.settings.rows, offset=pages.offset)
    return view.page("my_letters.html.j2", letters=rows, pager=pages)


@router.get("/my/letters/{number}")
def my_letter(view: Viewed, number: Number) -> Response:
    """Show one letter to a producer."""
    letter = own_letter(view.session, producer_of(view), number)
    subject, body, fault = words_of(letter)
    return view.page("my_letter.html.j2", letter=letter, subject=subject, body=body, fault=fault)


@dataclass
class Acting:
    """What a form of a dossier's page says back when its act was not done."""

    act: str = ""
    text: str = ""
    error: str = ""
    refusal: str = ""
    status: int = 200


@router.get("/my/dossiers/{code:path}")
def my_dossier(view: Viewed, code: str) -> Response:
    """Show one dossier as its producer may see it, with what they may do."""
    return _dossier(view, code, Acting())


@router.post("/my/dossiers/{code:path}")
def act_on_dossier(view: Viewed, code: str, form: SentForm, request: Request) -> Response:
    """Supplement, retract or complain; a form that cannot be done is shown again with what was typed."""
    act, text = typed_in(form, "act"), typed_in(form, "text")
    if act not in TYPED:
        raise NotFound(
            "Trang này không có việc đó. Hãy mở lại trang hồ sơ.",
            f"this page has no act '{act}'; open the dossier's page again",
        )
    value, called, missing = TYPED[act]
    dossier = dossier_in_scope(view.session, code, view.reader.scope)
    if wrong := _wrong(act, called, missing, text, sure=bool(typed_in(form, "sure"))):
        return _dossier(view, code, Acting(act, text, wrong, status=UNREADABLE))
    version = typed_in(form, "seen")
    seen = int(version) if SEEN.fullmatch(version) else dossier.version
    at = instant(view)
    body = {"dossier": code, value: text, PRODUCER_ACTS[act]: day_of(at)}

    def work(session: Session) -> Answer:
        return ACTS[act].perform(
            session, actor=view.reader.actor, at=at, key=_key(view, dossier, seen, act),
            seen=None if act == "complain" else {code: seen}, **body,
        )  # fmt: skip

    try:
        return done(view, request, work, lambda answer: f"/my/dossiers/{segment(code)}")
    except KeyReused:
        said = Phrase("Biểu mẫu này đã được gửi và ghi một lần. Dưới đây là hồ sơ hiện nay; muốn ghi thêm thì gửi lại.")
        return _dossier(view, code, Acting(act, text, refusal=said, status=REFUSED))
    except RuleViolation as refusal:
        return _dossier(view, code, Acting(act, text, refusal=refusal.told, status=REFUSED))


def _wrong(act: str, called: str, missing: str, text: str, *, sure: bool) -> str:
    """Return what is wrong with what was typed, or an empty text."""
    if not text:
        return missing
    if any(category(sign) == "Cc" and sign not in "\r\n\t" for sign in text):
        return Phrase("%(field)s có ký tự điều khiển không in được. Hãy gõ lại.", field=called)
    if len(text) > LONGEST:
        return Phrase("%(field)s dài quá %(most)s ký tự. Hãy viết ngắn lại.", field=called, most=str(LONGEST))
    return Phrase("Hãy đánh dấu ô xác nhận rút hồ sơ.") if act == "retract" and not sure else ""


def _key(view: View, dossier: Dossier, seen: int, act: str) -> str:
    """Return the idempotency key of what a person does to a dossier as they saw it: sent twice, it acts once."""
    return f"my/{dossier.id}/{seen}/{act}/{view.reader.account_id}"


def _dossier(view: View, code: str, acting: Acting) -> Response:
    told = story(view.session, code, view.at, view.reader.scope)
    (own,) = own_dossiers(view.session, producer_of(view), view.at, code)
    view.chosen = told.cycle
    return view.page(
        "my_dossier.html.j2",
        status=acting.status,
        own=own,
        story=told,
        results=signed_results(view.session, told),
        history=told_history(told),
        refusals=_refusals(view, told.dossier),
        acting=acting,
        kinds=lambda kind: DossierKind(kind).label,
        occasion=lambda key: OCCASIONS.get(key, key),
        **kinds_and_limits(view),
    )


def _refusals(view: View, dossier: Dossier) -> dict[str, str | None]:
    """Return, for each act that the dossier's stage knows, why the producer may not do it now, or None."""
    acts = [ACTS[name] for name in (*TYPED, "add-evidence")]
    found = abilities(view.session, [dossier], acts, actor=view.reader.actor, at=view.at)[dossier.id]
    told: dict[str, Any] = {one.act: one.refusal.told if one.refusal else None for one in found}
    if told.get("supplement", "") is None:
        try:
            require_supplement_in_time(view.session, dossier, view.at)
        except RuleViolation as late:
            told["supplement"] = late.told
    return told
