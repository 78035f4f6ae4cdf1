"""What the API answers when it does not do what it was asked: problem documents (RFC 9457), in Vietnamese with English for logs."""

import re
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any, ClassVar

from fastapi import Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from sqlalchemy.exc import DataError, DBAPIError
from starlette.exceptions import HTTPException

from dashboard.api_bodies import PATTERN_WORDS
from dashboard.language import Language, said_in
from dashboard.who import Forbidden, NoAccount, NotMigrated, SignInNeeded
from ocop.errors import InvalidInput, NotFound, NotYours, RuleViolation

MEDIA_TYPE = "application/problem+json"
JSON = re.compile(r"application/json\s*(;.*)?", re.IGNORECASE)
OCTETS = re.compile(r"application/octet-stream", re.IGNORECASE)

TITLES: Mapping[int, str] = {
    400: "Không đọc được yêu cầu",
    401: "Cần đăng nhập",
    403: "Không có quyền",
    404: "Không tìm thấy",
    405: "Không có việc này",
    409: "Không thực hiện được",
    413: "Yêu cầu quá lớn",
    415: "Không nhận loại dữ liệu này",
    422: "Giá trị không hợp lệ",
    500: "Phần mềm gặp lỗi",
    503: "Chưa phục vụ được",
}
DETAILS: Mapping[int, str] = {
    400: "Nội dung gửi lên không phải JSON đọc được. Hãy gửi một đối tượng JSON, mã hóa UTF-8.",
    401: "Hãy gửi khóa giao diện lập trình còn hiệu lực ở dòng đầu thư Authorization: Bearer KHÓA.",
    404: "Không có địa chỉ này. Xem danh sách ở /api/v1/openapi.json.",
    405: "Địa chỉ này không nhận cách gọi đó. Xem danh sách ở /api/v1/openapi.json.",
    413: "Nội dung gửi lên quá lớn. Hãy chia nhỏ rồi gửi lại.",
    415: "Việc nghiệp vụ chỉ nhận dữ liệu JSON, tệp chỉ nhận application/octet-stream. Hãy ghi đúng dòng đầu thư Content-Type.",
    422: "Một số giá trị chưa đúng. Hãy sửa theo từng lỗi được nêu rồi gửi lại.",
    500: "Lỗi đã được ghi vào nhật ký. Hãy báo người quản trị phần mềm.",
    503: "Cơ sở dữ liệu chưa trả lời hoặc chưa được chuẩn bị. Hãy thử lại sau ít phút.",
}
STATUSES: Sequence[tuple[type[RuleViolation], int]] = (
    (NotFound, 404),
    (NotYours, 403),
    (InvalidInput, 422),
    (RuleViolation, 409),
)
"""The status of a refusal, the first that fits."""


def problem(
    status: int,
    detail: str = "",
    *,
    english: str,
    code: str,
    errors: Sequence[Mapping[str, Any]] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return a problem document."""
    body = {
        "type": "about:blank",
        "title": TITLES.get(status, TITLES[400]),
        "status": status,
        "detail": detail or DETAILS.get(status, DETAILS[400]),
        "english": english,
        "code": code,
        "errors": list(errors),
    }
    return JSONResponse(body, status, headers, MEDIA_TYPE)


def problem_of(error: Exception) -> Response | None:
    """Return the problem document of an exception; None for a fault, which is the server's own affair."""
    if isinstance(error, SignInNeeded | NoAccount):
        return problem(401, english="no valid key", code="not_signed_in", headers={"WWW-Authenticate": "Bearer"})
    if isinstance(error, Forbidden):
        told = "Khóa này không có quyền làm việc đó. Nếu cần, hãy hỏi người quản trị."
        return problem(403, told, english=error.english, code="not_yours")
    if isinstance(error, RuleViolation):
        status = next(status for kind, status in STATUSES if isinstance(error, kind))
        return problem(status, error.vietnamese, english=error.english, code=_code(error))
    if isinstance(error, RequestValidationError):
        return _invalid(error)
    if isinstance(error, HTTPException):
        headers = dict(error.headers or {})
        english = said_in(Language.ENGLISH, error.detail)
        return problem(error.status_code, english=english, code=f"http_{error.status_code}", headers=headers)
    if isinstance(error, NotMigrated):
        return problem(503, english="the database has not the tables of this version", code="not_migrated")
    if isinstance(error, DataError):
        return problem(422, english="a value that no column holds", code="invalid_input")
    if isinstance(error, DBAPIError):
        return problem(503, english=f"database: {type(error.orig).__name__}", code="no_database")
    return None


def api_said(status: int) -> Response:
    """Return the problem document of a request that no route of the API answered, or that ended in a fault."""
    return problem(status, english=HTTPStatus(status).phrase, code=f"http_{status}")


def _code(error: Exception) -> str:
    """Return a refusal's word for programs: 'too_late'."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", type(error).__name__).lower()


SAID: Mapping[str, str] = {
    "missing": "Thiếu giá trị bắt buộc.",
    "extra_forbidden": "Không có giá trị mang tên này.",
    "string_type": "Phải là một chuỗi ký tự.",
    "string_unicode": "Có ký tự không đọc được.",
    "string_too_long": "Dài quá {max_length} ký tự.",
    "string_too_short": "Phải có ít nhất {min_length} ký tự.",
    "int_type": "Phải là một số nguyên.",
    "int_parsing": "Phải là một số nguyên.",
    "int_parsing_size": "Số quá lớn.",
    "int_from_float": "Phải là một số nguyên.",
    "bool_type": "Phải là true hoặc false.",
    "bool_parsing": "Phải là true hoặc false.",
    "greater_than_equal": "Phải từ {ge} trở lên.",
    "less_than_equal": "Nhiều nhất là {le}.",
    "enum": "Phải là một trong: {expected}.",
    "literal_error": "Phải là một trong: {expected}.",
    "list_type": "Phải là một danh sách.",
    "dict_type": "Phải là một đối tượng JSON.",
    "model_type": "Phải là một đối tượng JSON.",
    "model_attributes_type": "Phải là một đối tượng JSON.",
    "too_long": "Nhiều nhất {max_length} mục.",
    "too_short": "Phải có ít nhất {min_length} mục.",
    "json_invalid": "Nội dung không phải JSON đọc được.",
    "value_error": "{error}.",
}
"""What is wrong with a value, by pydantic's word for it."""


def _invalid(error: RequestValidationError) -> Response:
    found = [{"loc": list(wrong["loc"]), "message": said(wrong)} for wrong in error.errors()]
    names = sorted({str(wrong["loc"][-1]) for wrong in found if wrong["loc"]})
    return problem(422, english=f"invalid: {', '.join(names)}", code="invalid_input", errors=found)


def _queried(dependant: Dependant) -> Iterator[str]:
    """Yield the names that a route reads from its address, its dependencies' included."""
    for parameter in dependant.query_params:
        yield parameter.alias
    for below in dependant.dependencies:
        yield from _queried(below)


def _unknown(names: Sequence[str]) -> Response:
    """Return the problem document of parameters that a route has not."""
    errors = [{"loc": ["query", name], "message": "Không có tham số mang tên này."} for name in names]
    return problem(422, english=f"unknown parameters: {', '.join(names)}", code="invalid_input", errors=errors)


def said(wrong: Mapping[str, Any]) -> str:
    """Return one of pydantic's findings in Vietnamese."""
    facts = {name: str(value) for name, value in (wrong.get("ctx") or {}).items()}
    if "expected" in facts:
        facts["expected"] = facts["expected"].replace(" or ", " hoặc ")
    if wrong["type"] == "string_pattern_mismatch":
        return PATTERN_WORDS.get(facts["pattern"], "Không đúng dạng.")
    sentence = SAID.get(wrong["type"], "Giá trị không hợp lệ.").format_map(facts)
    return sentence[:1].upper() + sentence[1:]


class ApiRoute(APIRoute):
    """A route whose refusals are problem documents, which takes JSON alone, and whose answers nobody keeps."""

    takes: ClassVar[re.Pattern[str]] = JSON

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return what answers a request."""
        handle = super().get_route_handler()
        known = frozenset(_queried(self.dependant))

        async def answered(request: Request) -> Response:
            if unknown := sorted(request.query_params.keys() - known):
                response = _unknown(unknown)  # a mistyped filter would give the whole list
            elif request.method == "POST" and not self.takes.fullmatch(request.headers.get("content-type", "")):
                response = problem(415, english=f"the body is not {self.takes.pattern}", code="other_media_type")
            else:
                try:
                    response = await handle(request)
                except (
                    RuleViolation,
                    RequestValidationError,
                    HTTPException,
                    DBAPIError,
                    SignInNeeded,
                    NoAccount,
                    NotMigrated,
                ) as error:
                    told = problem_of(error)
                    assert told is not None
                    response = told
            response.headers["Cache-Control"] = "no-store"
            return response

        return answered


class FileRoute(ApiRoute):
    """The same for a file as it is."""

    takes: ClassVar[re.Pattern[str]] = OCTETS
