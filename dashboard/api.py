"""The API: the record for other programs to read, and every act, with the same rights and keys as on the pages."""

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema
from sqlalchemy.orm import Session

from casework import clock
from casework.act import Act, Answer
from casework.act_words import ACT_WORDS
from casework.acts import ACTS, ROOMS
from casework.board import certificates as board_of_certificates
from casework.board import letters as board_of_letters
from casework.board.dossier import story
from casework.board.own import known_to_producer
from casework.board.records import (
    certificates_after,
    cycle_records,
    deadline_records,
    dossier_record,
    dossiers_after,
    letters_after,
    unreadable,
)
from casework.board.selection import select_dossiers
from casework.rules import plan_of
from casework.scope import Scope
from casework.settings import ClockSettings
from dashboard import api_models as told
from dashboard.api_bodies import KEY, LARGEST, Asked, body_of, values_of
from dashboard.api_problems import MEDIA_TYPE, TITLES, ApiRoute, FileRoute
from dashboard.forms_files import KeptFiles
from dashboard.forms_read import Upload
from dashboard.pages.certificates import State, UnitNumber, Words
from dashboard.pages.dossiers import Filters
from dashboard.pages.letters import Filters as LetterFilters
from dashboard.rights import OFFICERS, RIGHTS
from dashboard.view import Viewed, draw
from dashboard.who import Admission, Admitted
from models.session import perform, trial
from ocop.errors import NotFound
from ocop.plan_sections import Expiry
from ocop.text import nfc
from ocop.working_days import day_of

VERSION = "1"
BASE = "/api/v1"
DESCRIPTION = (
    "Đọc hồ sơ, giấy chứng nhận, thư, thời hạn của chu trình OCOP và thực hiện mọi việc nghiệp vụ, với đúng quyền của tài khoản. "
    "Mỗi yêu cầu mang khóa của tài khoản: Authorization: Bearer KHÓA. Thời điểm ghi kèm múi giờ; điểm ghi bằng chuỗi để "
    "không mất chữ số."
)
REFUSALS = (401, 403, 404, 422, 503)
REFUSALS_TO_ACTS = (400, 401, 403, 404, 409, 413, 415, 422, 503)

router = APIRouter(route_class=ApiRoute)
After = Annotated[int, Query(ge=0, le=LARGEST, description="Giá trị next của lần đọc trước.")]
Limit = Annotated[int, Query(ge=1, le=500, description="Số dòng nhiều nhất.")]
Code = Annotated[str, Path(min_length=1, max_length=60)]
Key = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=200,
        pattern=KEY,
        description="Mã yêu cầu do chương trình tự đặt: lặp lại cùng mã không thực hiện hai lần mà nhận lại câu trả lời cũ.",
    ),
]
DryRun = Annotated[bool, Query(description="Chạy thử: trả lời như thật rồi hoàn lại tất cả, không ghi gì.")]
Item = TypeVar("Item", bound=BaseModel)


@router.get("/api", include_in_schema=False)
def guide(request: Request) -> Response:
    """Show how another program signs in, with an example."""
    return draw(request, "api.html.j2", base=str(request.base_url).rstrip("/") + BASE)


@router.get(f"{BASE}/openapi.json", include_in_schema=False)
def openapi(request: Request) -> Response:
    """Give the description of the API."""
    return JSONResponse(described())


@router.get(f"{BASE}/cycles", tags=["Đọc"], summary="Chu trình")
def cycles(view: Viewed) -> list[told.Cycle]:
    """Các chu trình mà tài khoản được xem, chu trình đang mở trước."""
    return _read(told.Cycle, cycle_records(view.session, view.cycles))


@router.get(f"{BASE}/dossiers", tags=["Đọc"], summary="Hồ sơ")
def dossiers(view: Viewed, filters: Filters, after: After = 0, limit: Limit = 100) -> told.Page[told.Dossier]:
    """Hồ sơ của một chu trình, theo các bộ lọc như ở trang Hồ sơ; không nêu chu trình thì là chu trình mở gần nhất."""
    if view.chosen is None:
        return told.Page[told.Dossier](items=[], next=None)
    asked = select_dossiers(view.session, view.chosen, filters, view.reader.scope).conditions
    found = dossiers_after(view.session, view.chosen, asked, view.at, after=after, limit=limit)
    return told.Page[told.Dossier](items=_read(told.Dossier, found.items), next=found.next)


@router.get(f"{BASE}/dossiers/{{code:path}}", tags=["Đọc"], summary="Một hồ sơ với lịch sử")
def dossier(view: Viewed, code: Code) -> told.WholeDossier:
    """Một hồ sơ đầy đủ: kết quả, quyết định, tài liệu, kiến nghị, quá hạn và từng dòng lịch sử."""
    whole = story(view.session, code, view.at, view.reader.scope)
    found = dossier_record(view.session, whole)
    if view.reader.kinds.isdisjoint(OFFICERS):
        found = known_to_producer(found, whole)
    return told.WholeDossier(**found)


@router.get(f"{BASE}/certificates", tags=["Đọc"], summary="Giấy chứng nhận")
def certificates(
    view: Viewed, state: State = "", unit: UnitNumber = None, q: Words = "", after: After = 0, limit: Limit = 100
) -> told.Page[told.Certificate]:
    """Giấy chứng nhận, theo các bộ lọc như ở trang Giấy chứng nhận."""
    days_before = (plan_of(view.chosen).expiry if view.chosen else Expiry()).days_before
    asked, _ = board_of_certificates.conditions(
        view.session, state, unit, q, days_before, day_of(view.at), view.reader.scope
    )
    found = certificates_after(view.session, asked, view.at, after=after, limit=limit)
    return told.Page[told.Certificate](items=_read(told.Certificate, found.items), next=found.next)


@router.get(f"{BASE}/letters", tags=["Đọc"], summary="Thư")
def letters(view: Viewed, filters: LetterFilters, after: After = 0, limit: Limit = 100) -> told.Page[told.Letter]:
    """Thư của các chu trình và đơn vị thuộc tỉnh, theo các bộ lọc như ở trang Thư."""
    asked = board_of_letters.conditions(view.session, filters, view.reader.scope)
    found = letters_after(view.session, asked, after=after, limit=limit)
    return told.Page[told.Letter](items=_read(told.Letter, found.items), next=found.next)


@router.get(f"{BASE}/deadlines", tags=["Đọc"], summary="Thời hạn")
def deadlines(view: Viewed) -> list[told.Deadline]:
    """Thời hạn của một chu trình theo kế hoạch và các lần gia hạn, kèm quy tắc áp dụng và nguồn."""
    if view.chosen is None:
        return []
    return _read(told.Deadline, deadline_records(view.session, view.chosen, view.reader.scope, view.at))


async def _sent(request: Request) -> bytes:
    return await request.body()


FILE_BODY = {
    "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    "required": True,
}


def file(
    admission: Admission,
    content: Annotated[bytes, Depends(_sent)],
    name: Annotated[str, Query(min_length=1, max_length=300)],
) -> told.Kept:
    """Giữ một tệp để đính kèm vào tài liệu minh chứng; tên tệp cho biết loại tệp, nội dung được đối chiếu với tên."""
    ticket = KeptFiles(admission.reader.form_token).keep(Upload(nfc(name), content))
    return told.Kept(file=ticket, size=len(content))


router.routes.append(
    FileRoute(
        f"{BASE}/files", file, methods=["POST"], tags=["Tệp"], summary="Gửi một tệp", openapi_extra={"requestBody": FILE_BODY},
        operation_id="files",
    )
)  # fmt: skip


def _read(model: type[Item], rows: Sequence[Mapping[str, Any]]) -> list[Item]:
    return [model(**row) for row in rows]


def _require_readable(session: Session, scope: Scope, codes: Iterable[str]) -> None:
    """Raise NotFound for dossiers that are not in a reader's part of the record: whether they exist is not told."""
    if missing := unreadable(session, scope, codes):
        raise NotFound(f"Không có hồ sơ mang mã: {', '.join(missing)}.", f"no dossiers {missing}")


def add_acts() -> None:
    """Add a route for every act, in the order of a dossier's way."""
    place = {room.__name__: number for number, room in enumerate(ROOMS)}
    for act in sorted(ACTS.values(), key=lambda act: place[act.perform.__module__]):
        router.add_api_route(
            f"{BASE}/acts/{act.name}",
            _asked_of(act),
            methods=["POST"],
            response_model=told.Answer,
            tags=["Nghiệp vụ"],
            summary=act.title,
            description=ACT_WORDS[act.name],
            operation_id=act.name,
        )


def _asked_of(act: Act) -> Callable[..., Any]:
    """Return the function that answers for an act, with its own body in its signature."""

    def answered(admission: Admitted, request: Request, asked: Asked, key: str, *, dry_run: bool) -> Answer:
        body = values_of(act.name, asked, KeptFiles(admission.reader.form_token))
        named = [*asked.seen, *([body["dossier"]] if "dossier" in body else []), *body.get("dossiers", [])]
        reader = admission.reader
        _require_readable(admission.session, reader.scope, map(nfc, named))
        actor = replace(reader.actor, on_behalf=nfc(asked.on_behalf))
        at = clock.acting(admission.session, datetime.now(UTC), ClockSettings().longest_gap)

        def work(session: Session) -> Answer:
            return act.perform(session, actor=actor, at=at, key=key, seen=asked.seen, **body)

        return (trial if dry_run else perform)(request.app.state.engine(), work)

    given = inspect.Parameter.KEYWORD_ONLY
    answered.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [
            inspect.Parameter("admission", given, annotation=Admission),
            inspect.Parameter("request", given, annotation=Request),
            inspect.Parameter("asked", given, annotation=body_of(act.name)),
            inspect.Parameter("key", given, annotation=Key),
            inspect.Parameter("dry_run", given, annotation=DryRun, default=False),
        ]
    )
    return answered


add_acts()


@lru_cache(maxsize=1)
def described() -> dict[str, Any]:
    """Return the description of the API as OpenAPI has it: who signs in how, what is asked and answered, every refusal."""
    routes = {
        route.path_format: route for route in router.routes if isinstance(route, APIRoute) and route.include_in_schema
    }
    found = get_openapi(title="Chu trình OCOP", version=VERSION, description=DESCRIPTION, routes=list(routes.values()))
    components = found["components"]
    for unused in ("HTTPValidationError", "ValidationError"):
        components["schemas"].pop(unused, None)
    _, problem = models_json_schema([(told.Problem, "serialization")], ref_template="#/components/schemas/{model}")
    components["schemas"] |= problem["$defs"]
    components["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
    for path, methods in found["paths"].items():
        for method, operation in methods.items():
            operation["security"] = [{"key": []}]
            operation["x-who"] = sorted(RIGHTS[method.upper(), routes[path].path])
            for status in REFUSALS_TO_ACTS if method == "post" else REFUSALS:
                operation["responses"][str(status)] = _refusal(status)
    return found


def _refusal(status: int) -> dict[str, Any]:
    return {
        "description": TITLES[status],
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
