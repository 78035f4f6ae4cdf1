"""The files of a dossier's papers: one is sent with the paper that it belongs to, and given out to those who may read the dossier."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import IO, Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Path, Request, Response
from fastapi.responses import FileResponse
from sqlalchemy.orm import Session
from starlette.datastructures import FormData, UploadFile

from casework import attachments
from casework.act import ACTS, Answer
from casework.attachment_kinds import media_type
from casework.board.papers import paper_with_file, papers_of
from casework.evidence import NewEvidence
from casework.imports import values as cells
from casework.settings import AttachmentSettings
from dashboard.acting import fresh_key, instant, key_of
from dashboard.forms_read import why
from dashboard.said import send_on
from dashboard.view import View, Viewed
from models.session import perform
from models.settings import DatabaseSettings
from ocop.errors import InvalidInput, RuleViolation
from ocop.evidence import EVIDENCE_LABELS, EvidenceKind
from ocop.phrase import Phrase
from ocop.text import fold, nfc

router = APIRouter()
UNREADABLE, REFUSED = 422, 409
LONGEST_TITLE = 300


async def sent_form(request: Request) -> FormData:
    """Return what a form carries, after the reader was let in; its files lie on disk, and are gone with the request."""
    return await request.form()


SentForm = Annotated[FormData, Depends(sent_form)]
Number = Annotated[int, Path(ge=1, le=2_147_483_647)]


@dataclass
class Typed:
    """What was typed into the form of a paper, and what is wrong at each field."""

    kind: str = ""
    title: str = ""
    issued_on: str = ""
    expires_on: str = ""
    file: UploadFile | None = None
    errors: dict[str, str] = field(default_factory=dict)
    paper: NewEvidence | None = None
    """What the act takes, without its file; None where something is wrong."""


def typed_in(form: FormData, name: str) -> str:
    """Return what was typed into a field, in composed form; an empty text where there is no such field."""
    value = form.get(name)
    return nfc(value).strip() if isinstance(value, str) else ""


def read_paper(form: FormData) -> Typed:
    """Return what a form says of a paper, read and checked field by field."""
    kind, title, issued_on, expires_on = (typed_in(form, name) for name in ("kind", "title", "issued_on", "expires_on"))
    found = Typed(kind, title, issued_on, expires_on)
    upload = form.get("file")
    found.file = upload if isinstance(upload, UploadFile) and upload.filename else None
    read: dict[str, Any] = {}
    for name, called, reader in (
        ("title", Phrase("Tên tài liệu"), cells.text(LONGEST_TITLE)),
        ("issued_on", Phrase("Ngày cấp"), cells.day),
        ("expires_on", Phrase("Ngày hết hạn"), cells.day),
    ):
        try:
            read[name] = reader(text) if (text := getattr(found, name)) else None
        except ValueError as wrong:
            found.errors[name] = Phrase("%(field)s: %(wrong)s.", field=called, wrong=why(wrong))
    if found.kind not in set(EvidenceKind):
        found.errors["kind"] = Phrase("Hãy chọn loại tài liệu.")
    if not found.title:
        found.errors["title"] = Phrase("Thiếu tên tài liệu. Hãy ghi tên như trên giấy.")
    if read.get("issued_on") and read.get("expires_on") and read["expires_on"] < read["issued_on"]:
        found.errors["expires_on"] = Phrase("Ngày hết hạn sớm hơn ngày cấp. Hãy kiểm tra lại hai ngày.")
    if not found.errors:
        found.paper = NewEvidence(EvidenceKind(found.kind), read["title"], read["issued_on"], read["expires_on"])
    return found


@router.get("/dossiers/{code:path}/attachments")
def show_attachments(view: Viewed, code: str) -> Response:
    """Show the files of a dossier's papers, and the form for another one."""
    return _page(view, code, Typed())


@router.post("/dossiers/{code:path}/attachments")
def add_attachment(view: Viewed, code: str, form: SentForm, request: Request) -> Response:
    """Add a paper with its file: both or neither; a form that cannot be done is shown again with what was typed."""
    typed, key = read_paper(form), key_of(typed_in(form, "key"))
    papers_of(view.session, code, view.reader.scope)
    if typed.file is None:
        typed.errors.setdefault("file", Phrase("Hãy chọn tệp: bản chụp hoặc bản quét của tài liệu."))
    if typed.file is None or typed.paper is None or typed.errors:
        return _page(view, code, typed, key, status=UNREADABLE)
    try:
        answer = _file(view, code, typed.paper, typed.file.filename or "", typed.file.file, key)
    except InvalidInput as wrong:
        typed.errors["file"] = wrong.told
        return _page(view, code, typed, key, status=UNREADABLE)
    except RuleViolation as refusal:
        return _page(view, code, typed, key, status=REFUSED, refusal=refusal.told)
    return send_on(request, _way_back(view, code), answer["message"])


def _file(view: View, code: str, paper: NewEvidence, name: str, source: IO[bytes], key: str) -> Answer:
    """Perform the act and keep the file at its end, in one transaction: no paper without its file, no file of a refused act."""
    actor, at = view.reader.actor, instant(view)
    shown = attachments.plain_name(name)
    with attachments.incoming(DatabaseSettings().files, shown, source, AttachmentSettings()) as file:
        filed = NewEvidence(paper.kind, paper.title, paper.issued_on, paper.expires_on, shown, file.sha256)

        def work(session: Session) -> Answer:
            answer = ACTS["add-evidence"].perform(session, actor=actor, at=at, key=key, dossier=code, evidence=[filed])
            file.keep()
            return answer

        return perform(view.request.app.state.engine(), work)


@router.get("/dossiers/{code:path}/attachments/{number}")
def attachment(view: Viewed, code: str, number: Number) -> Response:
    """Give out one file, whose content is still what was filed, under its own name."""
    paper = paper_with_file(view.session, code, number, view.reader.scope)
    kept = attachments.read(DatabaseSettings().files, paper.file_sha256)
    name = paper.file_name or paper.title
    return FileResponse(
        kept,
        media_type=media_type(name),
        headers={"Content-Disposition": disposition(name), "Cache-Control": "private, no-cache"},
    )


def disposition(name: str) -> str:
    """Return the header under whose name a browser saves a file: in plain letters, and in Vietnamese (RFC 8187)."""
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", fold(name)).strip("-.") or "tep"
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def _way_back(view: View, code: str) -> str:
    return f"/my/dossiers/{quote(code)}" if view.reader.producer_id is not None else f"/dossiers/{quote(code)}"


def _page(view: View, code: str, typed: Typed, key: str = "", *, status: int = 200, refusal: str = "") -> Response:
    found = papers_of(view.session, code, view.reader.scope)
    view.chosen = found.cycle
    return view.page(
        "attachments.html.j2",
        status=status,
        found=found,
        typed=typed,
        refusal=refusal,
        key=key or fresh_key(),
        way_back=_way_back(view, code),
        **kinds_and_limits(view),
    )


def kinds_and_limits(view: View) -> Mapping[str, Any]:
    """Return what every form for a paper says: the kinds of paper, the kinds of file, how large one may be."""
    settings = AttachmentSettings()
    return {
        "paper_kinds": [("", Phrase("chọn loại")), *((kind.value, kind.label) for kind in EvidenceKind)],
        "evidence": lambda kind: EVIDENCE_LABELS.get(kind, kind),
        "file_kinds": sorted(settings.endings),
        "megabytes": min(settings.max_megabytes, view.settings.upload_mb),
    }
