"""A producer's own registration: a product, why it is filed, their own points, and papers with their files."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from fastapi import APIRouter, Request, Response
from sqlalchemy.orm import Session
from starlette.datastructures import FormData, UploadFile

from casework import attachments
from casework.act import ACTS, Answer
from casework.board.own import own_certificates, own_products
from casework.filing import Filing, filings, own_goods, own_maker
from dashboard.acting import fresh_key, instant, key_of
from dashboard.forms import Field, Form, Shape, form_of
from dashboard.forms_files import KeptFiles
from dashboard.forms_read import Sent, read_form
from dashboard.pages.attachments import REFUSED, UNREADABLE, SentForm, kinds_and_limits
from dashboard.pages.my import done, producer_of
from dashboard.view import View, Viewed
from dashboard.words import segment
from ocop.errors import InvalidInput, KeyReused, NotFound, RuleViolation
from ocop.levels import DossierKind
from ocop.phrase import Phrase
from ocop.self_assessment import PARTS
from ocop.working_days import day_of

router = APIRouter()
ROWS = 3
"""Papers that a new form has room for."""
MOST_ROWS = 30


def _form(view: View, open_now: Sequence[Filing]) -> Form:
    """Return what a registration asks of its producer: the act's own fields, with what is theirs to choose from."""
    producer_id = producer_of(view)
    act = form_of("register")
    kinds = {kind.value for filing in open_now for kind in filing.kinds}
    certificates = own_certificates(view.session, producer_id, None, view.at)
    standing = [one for one in certificates if not one.certificate.revoked_on and not one.certificate.replaced_on]

    def asked(name: str, **more: Any) -> Field:
        found = act.field(name)
        assert found is not None
        return replace(found, **more)

    return Form(
        act.act,
        (
            Field("cycle", Shape.CHOICE, Phrase("Đợt đánh giá"), choices=tuple((one.cycle.code, one.cycle.title) for one in open_now)),
            Field(
                "known", Shape.CHOICE, Phrase("Sản phẩm đã có"), required=False,
                choices=tuple((one.product.code, one.product.name) for one in own_products(view.session, producer_id)),
            ),
            Field("name", Shape.TEXT, Phrase("Tên sản phẩm mới"), required=False, longest=300),
            Field("group", Shape.TEXT, Phrase("Nhóm sản phẩm"), required=False, longest=100),
            asked("kind", choices=tuple((kind.value, kind.label) for kind in DossierKind if kind.value in kinds)),
            asked("proposed_star", label=Phrase("Hạng sao đề nghị")),
            asked(
                "certificate", shape=Shape.CHOICE, label=Phrase("Giấy chứng nhận hiện có"),
                choices=tuple(
                    (
                        one.certificate.number,
                        Phrase(
                            "%(number)s, %(product)s, %(stars)s sao",
                            number=one.certificate.number, product=one.product, stars=one.certificate.star,
                        ),
                    )
                    for one in standing
                ),
            ),
            asked("changes", label=Phrase("Nội dung thay đổi của sản phẩm")),
            asked("self_assessment", label=Phrase("Điểm tự đánh giá")),
            asked("evidence"),
        ),
    )  # fmt: skip


def _sent(form: FormData, files: KeptFiles) -> tuple[Sent, dict[str, str]]:
    """Return what a form carries; its files are kept by now, so that nobody sends them twice, with what is wrong with any."""
    sent = Sent()
    wrong: dict[str, str] = {}
    for path, value in form.multi_items():
        if isinstance(value, str):
            sent.values.setdefault(path, []).append(value)
    for path, value in form.multi_items():
        if isinstance(value, UploadFile) and value.filename:
            name = attachments.plain_name(value.filename)
            try:
                sent.put(path, files.keep_file(name, value.file))
                sent.put(f"{path.rpartition('.')[0]}.file_name", name)
            except InvalidInput as refused:
                sent.put(path, "")
                wrong[path] = refused.told
    return sent, wrong


@router.get("/my/new")
def new_dossier(view: Viewed, request: Request) -> Response:
    """Show the form, filled with the product that the address names."""
    open_now = filings(view.session, list(view.cycles), view.at)
    query = request.query_params
    asked = {name: [query[name][:100]] for name in ("known", "kind", "certificate") if name in query}
    return _page(view, _form(view, open_now), open_now, Sent(asked))


@router.post("/my/new")
def file_dossier(view: Viewed, form: SentForm, request: Request) -> Response:
    """File the dossier once; a form that cannot be filed is shown again with all that was typed and sent."""
    open_now = filings(view.session, list(view.cycles), view.at)
    asked, files = _form(view, open_now), KeptFiles(view.reader.form_token)
    sent, wrong = _sent(form, files)
    key = key_of(sent.one("key"))
    if sent.one("more"):
        return _page(view, asked, open_now, sent, key=key, rows=_rows(sent) + 1, errors=wrong)
    filled = read_form(asked, sent, files)
    errors = {**filled.errors, **wrong, **_product(filled.body)}
    if errors:
        return _page(view, asked, open_now, sent, key=key, status=UNREADABLE, errors=errors)
    try:
        return done(view, request, _register(view, dict(filled.body), key), _way)
    except KeyReused:
        refusal = Phrase(
            "Biểu mẫu này đã được gửi và hồ sơ đã được đăng ký một lần; xem ở trang Của tôi. Muốn đăng ký sản phẩm khác thì gửi lại."
        )
        return _page(view, asked, open_now, sent, status=REFUSED, refusal=refusal)
    except RuleViolation as refused:
        status = UNREADABLE if isinstance(refused, InvalidInput | NotFound) else REFUSED
        return _page(view, asked, open_now, sent, key=key, status=status, refusal=refused.told)


def _way(answer: Answer) -> str:
    return f"/my/dossiers/{segment(answer['dossier'])}"


def _product(body: Mapping[str, Any]) -> dict[str, str]:
    """Return what is wrong with the choice of a product."""
    if body.get("known") and body.get("name"):
        return {"name": Phrase("Hãy chọn sản phẩm đã có, hoặc ghi tên sản phẩm mới, không cả hai.")}
    if not body.get("known") and not body.get("name"):
        return {"name": Phrase("Hãy chọn sản phẩm đã có ở trên, hoặc ghi tên sản phẩm mới.")}
    return {}


def _register(view: View, body: dict[str, Any], key: str) -> Any:
    """Return the work that files what a form says, for the producer whose pages these are."""
    producer_id, actor, at = producer_of(view), view.reader.actor, instant(view)
    known, name, group = (body.pop(part, "") for part in ("known", "name", "group"))

    def work(session: Session) -> Answer:
        return ACTS["register"].perform(
            session, actor=actor, at=at, key=key, registered_on=day_of(at), producer=own_maker(session, producer_id),
            product=own_goods(session, producer_id, code=known, name=name, group=group), **body,
        )  # fmt: skip

    return work


def _rows(sent: Sent) -> int:
    return min(MOST_ROWS, max(ROWS, sent.rows("evidence")))


def _page(
    view: View, form: Form, open_now: Sequence[Filing], sent: Sent, *, key: str = "", rows: int = 0, status: int = 200,
    errors: Mapping[str, str] | None = None, refusal: str = "",
) -> Response:  # fmt: skip
    return view.page(
        "my_new.html.j2",
        status=status,
        form={one.name: one for one in form.fields},
        filings=open_now,
        sent=sent,
        key=key or fresh_key(),
        rows=min(MOST_ROWS, rows or _rows(sent)),
        most_rows=MOST_ROWS,
        errors=errors or {},
        refusal=refusal,
        parts_of_assessment=PARTS,
        **kinds_and_limits(view),
    )
