"""Every act of the engine on a page: its form, its trial, what it answered, and how it is taken back."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.orm import Session
from starlette.background import BackgroundTask
from starlette.datastructures import UploadFile

from casework.act import Act, Answer
from casework.act_words import ACT_WORDS
from casework.acts import ACTS
from casework.attachments import plain_name
from casework.board.able import in_common, in_order
from casework.board.records import unreadable
from dashboard.acting import fresh_key, instant, key_of
from dashboard.forms import Form, form_of
from dashboard.forms_drawn import (
    begun,
    codes_of,
    dossiers_query,
    drawn,
    marked_rows,
    on_behalf_of,
    previewed_at,
)
from dashboard.forms_files import KeptFiles
from dashboard.forms_read import Filled, Sent, Upload, read_form
from dashboard.forms_undo import taking_back
from dashboard.nudge import CARRIES_ON, ask_for_run, waits_for_the_flow
from dashboard.view import View, Viewed
from dashboard.words import address
from models.session import perform, reading, trial
from ocop.errors import InvalidInput, KeyReused, NotFound, RuleViolation, SomeoneWasFaster
from ocop.phrase import Phrase
from ocop.rulebook import PROCEDURES, stage_of

router = APIRouter()
WITHIN = re.compile(r"/(?![/\\])[^\s\\]*")
"""An address of our own pages."""
UNREADABLE = 422
REFUSED = 409
GROUPS: Mapping[str, frozenset[str]] = {
    Phrase("Hồ sơ"): frozenset({"registration", "supplements", "evidence", "assignments", "endings", "complaints"}),
    Phrase("Đánh giá, công nhận"): frozenset(
        {"evaluation", "central", "submission", "recognition", "findings", "corrections"}
    ),
    Phrase("Kế hoạch, thời hạn"): frozenset(
        {"cycles", "extensions", "amendments", "nesting", "calendar_edits", "reminding"}
    ),
    Phrase("Đơn vị, cán bộ, quy trình"): frozenset({"leaves", "reorganisation", "suspensions", "procedure_change"}),
    Phrase("Thư"): frozenset({"intake"}),
}
"""The heads under which acts are listed, each with the modules whose acts stand there."""
OTHERS = Phrase("Việc khác")


async def sent_form(request: Request) -> Sent:
    """Return what a form carries, its files read."""
    sent = Sent()
    form = await request.form()
    for path, value in form.multi_items():
        if not isinstance(value, UploadFile):
            sent.values.setdefault(path, []).append(value)
        elif value.filename:
            sent.uploads[path] = Upload(plain_name(value.filename), await value.read())
    await form.close()
    return sent


SentForm = Annotated[Sent, Depends(sent_form)]
Codes = Annotated[list[str], Query(max_length=1000)]
Word = Annotated[str, Query(max_length=60)]


@dataclass
class Said:
    """What a form tells its reader beside its fields."""

    status: int = 200
    refusal: str = ""
    stale: bool = False
    """Whether somebody else was faster: what was typed is there still."""
    errors: Mapping[str, str] | None = None
    trial: Answer | None = None
    key: str = ""


@router.get("/acts")
def acts(view: Viewed, act: Word = "", dossiers: Codes = [], back: str = "") -> Response:  # noqa: B006
    """Show all acts, or those that fit some dossiers; go on to the one that a list's form chose."""
    if act:
        way = address(f"/acts/{_act(act).name}", back=_within(back))
        asked = dossiers_query(dossiers)
        return RedirectResponse(f"{way}{'&' if '?' in way else '?'}{asked}", status_code=303)
    rows = marked_rows(view.session, view.reader.scope, list(dict.fromkeys(dossiers)))
    found = [row for row, *_ in rows]
    common = in_common(view.session, found, actor=view.reader.actor, at=view.at) if found else None
    return view.page(
        "acts.html.j2",
        groups=grouped(),
        words=ACT_WORDS,
        marked=[row.code for row in found],
        common=common,
        back=_within(back),
        query=dossiers_query(row.code for row in found),
    )


@router.get("/acts/{name}")
def act_form(view: Viewed, name: str, request: Request) -> Response:
    """Show the form of an act, filled with what the address says."""
    form = form_of(_act(name).name)
    query = request.query_params
    asked = {path: query.getlist(path) for path in query if path not in {"back", "key"}}
    sent = begun(form, asked, view.chosen, view.at)
    sent.put("back", query.get("back", ""))
    return _form(view, form, sent, view.session, codes_of(Sent({**sent.values, **asked})), Said())


@router.post("/acts/{name}")
def act_done(view: Viewed, name: str, sent: SentForm, request: Request) -> Response:
    """Do an act once, or try it out; a form that cannot be done is shown again with all that was typed."""
    form = form_of(_act(name).name)
    key = key_of(sent.one("key"))
    codes = codes_of(sent)
    if sent.one("more") or sent.one("less"):
        return _form(view, form, _changed(form, sent), view.session, codes, Said(key=key))
    filled = read_form(form, sent, KeptFiles(view.reader.form_token))
    behalf, missing = on_behalf_of(sent)
    errors = {**filled.errors, **missing, **_unknown(view, form, codes)}
    if errors:
        return _form(view, form, sent, view.session, codes, Said(UNREADABLE, errors=errors, key=key))
    tried = sent.one("do") == "trial"
    try:
        answer = _perform(view, form.act, filled, replace(view.reader.actor, on_behalf=behalf), key, tried=tried)
    except RuleViolation as refusal:
        return _refused(view, form, sent, refusal, key, request)
    if tried:
        return _form(view, form, sent, view.session, codes, Said(trial=answer, key=key))
    return _answer(view, form, filled, answer, key)


def grouped() -> dict[str, list[Act]]:
    """Return all acts by the heads under which they are listed, in the order of a dossier's way."""
    found: dict[str, list[Act]] = {title: [] for title in (*GROUPS, OTHERS)}
    for act in in_order():
        room = act.perform.__module__.rpartition(".")[2]
        found[next((title for title, rooms in GROUPS.items() if room in rooms), OTHERS)].append(act)
    return {title: acts for title, acts in found.items() if acts}


def _act(name: str) -> Act:
    if name not in ACTS:
        raise NotFound(
            f"Không có việc '{name}'. Hãy chọn ở trang Nghiệp vụ.",
            f"there is no act '{name}'. Choose one on the page Acts",
        )
    return ACTS[name]


def _within(way: str) -> str:
    """Return an address of our own pages, or an empty text."""
    return way if WITHIN.fullmatch(way) else ""


def _unknown(view: View, form: Form, codes: list[str]) -> dict[str, str]:
    """Return what is wrong with codes that name nothing that the reader may know: whether they exist is not told."""
    field = form.dossiers
    if field is None or not (missing := unreadable(view.session, view.reader.scope, codes)):
        return {}
    message = "Không có hồ sơ mang mã: %(codes)s. Hãy xem lại mã ở trang Hồ sơ."
    return {field.name: Phrase(message, codes=", ".join(missing))}


def _perform(view: View, act: Act, filled: Filled, actor: Any, key: str, *, tried: bool) -> Answer:
    """Do an act in a transaction of its own, or try it out and take everything back."""
    at = instant(view)
    if tried:
        at = previewed_at(filled.body, act.name, at)
    seen = _seen(filled.sent)

    def work(session: Session) -> Answer:
        return act.perform(session, actor=actor, at=at, key=key, seen=seen, **filled.body)

    return (trial if tried else perform)(view.request.app.state.engine(), work)


def _seen(sent: Sent) -> dict[str, int]:
    """Return the version at which the form showed each dossier that the act is about."""
    typed = {code: sent.one(f"seen.{code}") for code in codes_of(sent)}
    return {code: int(version) for code, version in typed.items() if version.isascii() and version.isdigit()}


def _changed(form: Form, sent: Sent) -> Sent:
    """Return what was typed with a row more or less."""
    if (more := form.field(sent.one("more"))) is not None and more.parts:
        sent.put(f"{more.name}.{max(1, sent.rows(more.name))}.{more.parts[0].name}", "")
    name, _, number = sent.one("less").rpartition(".")
    return sent.without_row(name, int(number)) if number.isdigit() and form.field(name) else sent


def _refused(view: View, form: Form, sent: Sent, refusal: RuleViolation, key: str, request: Request) -> Response:
    """Show a form again whose act was refused, as the record stands now."""
    said = Said(REFUSED, refusal.told, key=key)
    if isinstance(refusal, KeyReused):
        said.key = fresh_key()
        said.refusal = Phrase(
            "Biểu mẫu này đã được gửi và ghi một lần với nội dung khác. Nếu muốn ghi thêm lần nữa, hãy xem lại rồi gửi lại."
        )
    elif isinstance(refusal, SomeoneWasFaster):
        said.stale = True
    elif isinstance(refusal, InvalidInput | NotFound):
        said.status = UNREADABLE
    with reading(request.app.state.engine()) as now:
        return _form(view, form, sent, now, codes_of(sent), said)


def _form(view: View, form: Form, sent: Sent, session: Session, codes: list[str], said: Said) -> Response:
    shown = drawn(
        session, form, sent, reader=view.reader.actor, scope=view.reader.scope, cycles=view.cycles, codes=codes, at=view.at
    )  # fmt: skip
    if shown.marked:
        view.chosen = next((cycle for cycle in view.cycles if cycle.id == shown.marked[0].cycle_id), view.chosen)
    return view.page(
        "act.html.j2",
        status=said.status,
        form=form,
        words=ACT_WORDS[form.act.name],
        shown=shown,
        sent=sent,
        told=said,
        errors=said.errors or {},
        key=said.key or fresh_key(),
        one_by_one=codes if form.field("dossier") and len(codes) > 1 else (),
        back=_within(sent.one("back")),
        stage=_stage,
    )


def _stage(key: str) -> str:
    """Return the name of a stage of whichever procedure."""
    law = next((law for law in PROCEDURES.values() if law.knows(key)), None)
    return stage_of(law, key).label if law else key


def _answer(view: View, form: Form, filled: Filled, answer: Answer, key: str) -> Response:
    """Show what an act has done, and nudge the flow that carries on what it left ready."""
    sent = filled.sent
    codes = [one["dossier"] for one in answer.get("done", ()) if "dossier" in one]
    codes += [answer["dossier"]] if isinstance(answer.get("dossier"), str) else []
    response = view.page(
        "act_answer.html.j2",
        form=form,
        answer=answer,
        stage=_stage,
        undo=taking_back(form.act.name, filled.body, answer),
        back=_within(sent.one("back")),
        codes=codes,
        more=f"/acts?{dossiers_query(codes)}",
    )
    if not answer.get("replayed") and waits_for_the_flow(answer):
        settings = view.settings
        response.background = BackgroundTask(
            ask_for_run, settings.prefect_url, settings.prefect_seconds, CARRIES_ON, {}, key
        )
    return response
