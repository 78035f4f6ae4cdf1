"""Files of an office taken in: the template, the upload, what it would do with every wrong row, and the confirmation."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, File, Response, UploadFile
from fastapi.responses import RedirectResponse

from casework.actors import Actor
from casework.exports import Sheet
from casework.importing import Sender, earlier
from casework.imports.keeping import Upload
from casework.imports.settings import ImportSettings
from casework.imports.templates import KINDS, template
from dashboard.acting import instant
from dashboard.import_work import ImportWork
from dashboard.rights import Kind
from dashboard.said import say
from dashboard.view import EXCEL, View, Viewed
from dashboard.who import Forbidden
from ocop.errors import NotFound, RowProblem, RuleViolation
from ocop.phrase import Phrase, phrases

router = APIRouter()

ABOUT: Mapping[str, str] = phrases({
    "units": "Xã, huyện, tỉnh với mã và ngày có hiệu lực. Nhập trước mọi tệp khác.",
    "successions": "Đơn vị nào kế thừa đơn vị nào, từ ngày nào, khi sắp xếp đơn vị. Nhập đơn vị mới trước, rồi xem trước “Sắp xếp đơn vị”.",
    "people": "Cán bộ, nhiệm vụ và thời gian giữ nhiệm vụ ở từng đơn vị.",
    "history": "Sản phẩm đã được công nhận các năm trước với giấy chứng nhận, để theo dõi hết hạn.",
    "dossiers": "Danh sách hồ sơ đăng ký của một chu trình đang mở.",
})  # fmt: skip
ADMINISTRATORS = frozenset({"units", "people"})
"""The kinds that an administrator takes in."""
SHOWN = 100
"""Wrong rows shown on the page; the workbook has them all."""
COLUMNS = ("Trang", "Dòng", "Cột", "Sai ở đâu", "Cách sửa")


def allowed(view: View) -> frozenset[str]:
    """Return the kinds of files that a reader may take in."""
    return frozenset(KINDS) if Kind.PROVINCE in view.reader.kinds else ADMINISTRATORS


def _kind(view: View, kind: str) -> str:
    if kind not in KINDS:
        raise NotFound("Không có loại tệp này.", "there is no such kind of file")
    if kind not in allowed(view):
        raise Forbidden(
            "Tài khoản quản trị chỉ nhập danh mục đơn vị và cán bộ; các tệp khác do cán bộ cấp tỉnh nhập.",
            "the account of an administrator imports units and people alone; other files are imported by officers of the province",
        )
    return kind


def _sender(view: View) -> Sender:
    reader = view.reader
    whole = Kind.ADMINISTRATOR in reader.kinds
    return Sender(Actor(reader.name, reader.person_id), reader.scope.provinces, whole)


def _work(view: View) -> ImportWork:
    work: ImportWork = view.request.app.state.imports
    return work


def _upload(view: View, kind: str, digest: str) -> Upload:
    return _work(view).uploads.find(_kind(view, kind), digest, sender=view.reader.account_id or 0, at=view.wall)


@router.get("/imports")
def show(view: Viewed) -> Response:
    """Show what may be taken in, and what was."""
    return _page(view)


def _page(view: View, *, error: str = "", wrong: str = "") -> Response:
    kinds = allowed(view)
    return view.page(
        "imports.html.j2",
        status=422 if error else 200,
        kinds=[kind for key, kind in KINDS.items() if key in kinds],
        about=ABOUT,
        earlier=earlier(view.session, kinds, view.reader.scope, whole=Kind.ADMINISTRATOR in view.reader.kinds),
        waiting=_work(view).uploads.waiting(sender=view.reader.account_id or 0, at=view.wall),
        titles={key: kind.title for key, kind in KINDS.items()},
        settings=ImportSettings(),
        error=error,
        wrong=wrong,
    )


@router.get("/imports/{kind}/template.xlsx")
def give_template(view: Viewed, kind: str) -> Response:
    """Give the workbook to fill in."""
    headers = {"Content-Disposition": f'attachment; filename="mau-{_kind(view, kind)}.xlsx"'}
    return Response(template(KINDS[kind]), media_type=EXCEL, headers=headers)


@router.post("/imports/{kind}")
def send(view: Viewed, kind: str, file: Annotated[UploadFile, File()]) -> Response:
    """Keep a file and look at what it would do."""
    work, name = _work(view), file.filename or ""
    content = file.file.read(ImportSettings().max_megabytes * 1024 * 1024 + 1)
    try:
        upload = work.uploads.keep(
            _kind(view, kind), name, content, sender=view.reader.account_id or 0, at=view.wall
        )  # fmt: skip
        work.look(upload, _sender(view), instant(view))
    except Forbidden:
        raise
    except RuleViolation as refused:
        return _page(view, error=refused.told, wrong=kind)
    return RedirectResponse(f"/imports/{kind}/{upload.sha256}", status_code=303)


@router.get("/imports/{kind}/{digest}")
def preview(view: Viewed, kind: str, digest: str) -> Response:
    """Show what a file would do, how far the work is, or what it did."""
    upload = _upload(view, kind, digest)
    return view.page(
        "import_file.html.j2",
        upload=upload,
        kind=KINDS[kind],
        cut_off=upload.cut_off(view.wall),
        shown=[_split(problem) for problem in upload.problems[:SHOWN]],
        refusal=upload.refusal,
        until=upload.kept_at + timedelta(days=1),
    )


@router.get("/imports/{kind}/{digest}/errors.xlsx")
def errors(view: Viewed, kind: str, digest: str) -> Response:
    """Give every wrong row of a file as a workbook."""
    upload = _upload(view, kind, digest)
    return view.excel(f"loi-{kind}", [Sheet("Chỗ sai", COLUMNS, [_split(problem) for problem in upload.problems])])


@router.post("/imports/{kind}/{digest}")
def confirm(view: Viewed, kind: str, digest: str) -> Response:
    """Take a file in as it was previewed, once; look at it again where the look was cut off."""
    upload = _upload(view, kind, digest)
    way = RedirectResponse(f"/imports/{kind}/{upload.sha256}", status_code=303)
    if upload.standing.running and not upload.cut_off(view.wall):
        say(way, view.request, Phrase("Tệp này đang được xử lý, xin đợi."), "info")
    elif upload.standing.value == "looked" and not upload.problems:
        _work(view).take(upload, _sender(view), instant(view))
    elif upload.standing.value != "taken":
        _work(view).look(upload, _sender(view), instant(view))
    return way


def _split(problem: RowProblem) -> Sequence[str | int]:
    """Return a wrong row as the columns of its list: what is wrong apart from what to do about it."""
    return problem.sheet, problem.row, problem.column, *problem.apart
