"""Reading a plan file: TOML in, a plan out, or every problem with its line, its key and its remedy."""

import json
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import Enum
from pathlib import Path
from types import MappingProxyType
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from ocop import text
from ocop.coarse_dates import FORMS
from ocop.errors import InvalidInput
from ocop.phrase import Joined, Phrase
from ocop.plan import CyclePlan, with_defaults_cited
from ocop.plan_faults import Fault, PlanFaults, dotted, meant
from ocop.plan_forms import Composed, compose, round_keys
from ocop.toml_lines import Key, line_numbers, value_at


@dataclass(frozen=True, order=True)
class PlanProblem:
    """One thing wrong in a plan file: on which line, at which key, what, and how to put it right."""

    line: int
    key: str
    problem: str
    remedy: str
    document: int = 0
    """Which of the documents: 0 is the plan, the others refine it."""

    def __str__(self) -> str:
        """Return the line as the command prints it."""
        return str(self.told)

    @property
    def told(self) -> Phrase:
        """The line as a refusal has it."""
        place = [Phrase("dòng %(line)s", line=str(self.line))]
        if self.document:
            place.insert(0, Phrase("văn bản làm rõ thứ %(number)s", number=self.document))
        if self.key:
            place.append(Phrase("khóa '%(key)s'", key=self.key))
        return Phrase(
            "%(place)s: %(problem)s. Cách sửa: %(remedy)s%(end)s",
            place=Joined(", ", place), problem=self.problem, remedy=self.remedy,
            end="" if self.remedy.endswith("?") else ".",
        )  # fmt: skip


class PlanErrors(InvalidInput):
    """A plan file was refused whole; every problem is named."""

    def __init__(self, problems: list[PlanProblem]) -> None:
        self.problems = tuple(sorted(problems))
        head = Phrase("Tệp kế hoạch có %(count)s chỗ sai, chưa dùng được:", count=str(len(problems)))
        super().__init__(
            Joined("\n", [head, *(problem.told for problem in self.problems)]),
            f"{len(problems)} problems in the plan file",
        )


def read_plan(source: Path | str, *refinements: Path | str, round_key: str = "") -> CyclePlan:
    """Return the plan in a file, or in TOML text given as `str`; one round of it where it has several.

    `refinements` are documents whose values hold over the plan's, the later over the earlier. Raises PlanErrors naming
    every problem; OSError when a file cannot be read.
    """
    documents = [parsed(part, number) for number, part in enumerate((source, *refinements))]
    composed = compose([raw for raw, _ in documents], round_key)
    lines = [line_numbers(toml) for _, toml in documents]
    problems = [placed(fault, lines[number], number) for number, fault in composed.faults]
    try:
        plan = CyclePlan.model_validate_json(json.dumps(with_defaults_cited(composed.raw), default=str))
    except ValidationError as error:
        problems += dict.fromkeys(problems_in(error, composed, lines))
    if problems:
        raise PlanErrors(problems)
    return plan


def rounds_in(source: Path | str) -> list[str]:
    """Return the keys of the rounds that a plan file has; none for a plan of one. Raises as `read_plan` does."""
    return round_keys(parsed(source, 0)[0])


def parsed(source: Path | str, number: int = 0) -> tuple[dict[str, Any], str]:
    """Return a document's values and its text in one normal form."""
    toml = _text_of(source) if isinstance(source, Path) else source
    toml = text.nfc(toml.removeprefix("\ufeff"))
    try:
        return tomllib.loads(toml, parse_float=_decimal), toml
    except (ValueError, RecursionError) as error:  # TOMLDecodeError, and numbers or brackets without measure
        raise PlanErrors([replace(_syntax_problem(str(error), toml), document=number)]) from error


def _decimal(digits: str) -> Decimal | str:
    """Return a fraction exactly; digits beyond every measure stay text, and are refused as such where they stand."""
    try:
        return Decimal(digits)
    except ArithmeticError:
        return digits


def _text_of(path: Path) -> str:
    data = path.read_bytes()
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        problem = PlanProblem(line, "", Phrase("có ký tự không phải UTF-8"), Phrase("lưu lại tệp với bảng mã UTF-8"))
        raise PlanErrors([problem]) from error


def _spoken(table: Mapping[str, tuple[str, str]]) -> Mapping[str, tuple[Phrase, Phrase]]:
    """Return a table of problems and remedies that can be said in another language."""
    return MappingProxyType({start: (Phrase(problem), Phrase(remedy)) for start, (problem, remedy) in table.items()})


# fmt: off
SYNTAX = _spoken({
    "Invalid statement": ("dòng không phải là khóa = giá trị, [bảng] hay chú thích", "đặt # trước lời chú thích"),
    "Expected '=' after a key": ("thiếu dấu '=' sau khóa", "viết khóa = giá trị; lời chú thích bắt đầu bằng #"),
    "Invalid initial character for a key": ("khóa bắt đầu bằng ký tự không được phép", "đặt khóa trong dấu ngoặc kép"),
    "Invalid value": ("giá trị không đọc được", 'đặt chữ trong dấu ngoặc kép "...", ngày viết 2025-06-15'),
    "Invalid date or datetime": ("ngày giờ không có trong lịch", "viết ngày theo dạng năm-tháng-ngày: 2025-06-15"),
    "Expected newline": ("thừa chữ sau giá trị", 'đặt cả giá trị trong một cặp dấu "..."'),
    "Cannot overwrite a value": ("khóa đã có ở trên trong cùng bảng", "giữ một dòng cho mỗi khóa"),
    "Duplicate inline table key": ("khóa đã có ở trên trong cùng bảng", "giữ một dòng cho mỗi khóa"),
    "Cannot declare": ("bảng đã được mở ở trên", "gộp hai bảng trùng tên làm một"),
    "Cannot mutate": ("khóa nằm trong một giá trị đã đóng", "bỏ khóa trùng ở một trong hai nơi"),
    "Cannot redefine namespace": ("khóa trùng tên với một bảng", "giữ một nơi"),
    "Expected ']": ("tên bảng thiếu dấu ']'", "viết [tên_bảng] hoặc [[deadlines]]"),
    "Unclosed array": ("danh sách thiếu dấu ']'", "đóng danh sách bằng ]"),
    "Unclosed inline table": ("bảng trong ngoặc thiếu dấu '}'", "đóng bảng bằng }"),
    "Unterminated string": ("chuỗi chữ thiếu dấu ngoặc kép đóng", 'đóng chuỗi bằng dấu "'),
    'Expected "\'': ("chuỗi chữ thiếu dấu ngoặc đơn đóng", "đóng chuỗi bằng dấu '"),
    "Illegal character '\\n'": ("chuỗi chữ thiếu dấu ngoặc kép đóng", 'đóng chuỗi bằng dấu " ở cuối dòng'),
    "Found invalid character '\\n'": ("chuỗi chữ thiếu dấu ngoặc đơn đóng", "đóng chuỗi bằng dấu ' ở cuối dòng"),
    "Illegal character": ("có ký tự điều khiển không nhìn thấy", "xóa và gõ lại dòng này"),
    "Found invalid character": ("có ký tự điều khiển không nhìn thấy", "xóa và gõ lại dòng này"),
    "Unescaped": ("dấu \\ trong chuỗi không đúng", "viết \\\\, hoặc đặt chuỗi trong dấu ngoặc đơn '...'"),
    "Invalid hex value": ("mã ký tự sau \\u hoặc \\x không đúng", "gõ thẳng chữ cần viết"),
    "Escaped character": ("mã ký tự sau \\u không phải là một chữ", "gõ thẳng chữ cần viết"),
})
# fmt: on
"""The reader's messages, by their beginning, as an officer understands them."""

_OF_TYPE = _spoken(
    {
        "int": ("phải là một số nguyên", "viết số, không có dấu ngoặc kép và phần thập phân, ví dụ %(example)s"),
        "bool": ("phải là đúng hoặc sai", "viết true hoặc false, không có dấu ngoặc kép"),
        "date": ("phải là một ngày có trong lịch", "viết năm-tháng-ngày, ví dụ 2025-06-15"),
        "time": ("phải là một giờ trong ngày", 'viết giờ và phút, ví dụ "07:30"'),
        "finite_number": ("phải là một số điểm", "viết số, ví dụ 70 hoặc 7.5"),
        "decimal": ("phải là một số điểm", "viết số với dấu chấm thập phân, ví dụ 70 hoặc 7.5"),
        "string_too_long": ("dài quá %(most)s ký tự", "rút gọn, giữ số, ký hiệu và phần được nêu"),
        "string_pattern": ("viết không đúng dạng", "viết như %(example)s"),
        "string_too_short": ("không được để trống", "viết như %(example)s"),
        "string": ("phải là chữ", "đặt trong dấu ngoặc kép, ví dụ %(example)s"),
        "tuple": (
            "phải là một danh sách",
            "viết trong ngoặc vuông, ví dụ [14, 7, 3, 1]; thời hạn viết thành các mục [[deadlines]]",
        ),
        "too_short": ("không được để trống", "ghi ít nhất một mục"),
        "too_long": ("dài quá mức cho phép", "bớt số mục"),
        "dict": ("phải là một bảng", "viết mỗi loại một dòng khóa = giá trị"),
        "model": ("phải là một bảng", "viết [%(key)s] rồi mỗi thiết lập một dòng"),
    }
)
"""Pydantic's error types, by their beginning; the first that fits is taken."""


def _syntax_problem(message: str, toml: str) -> PlanProblem:
    """Return what the TOML reader found, in Vietnamese, on the line where the broken value begins."""
    place = re.search(r"at line (\d+)", message)
    line, key = value_at(toml, int(place[1]) if place else None)
    found = next((told for start, told in SYNTAX.items() if message.startswith(start)), None)
    problem, remedy = found or (
        Phrase("cú pháp TOML không đúng"), Phrase("xem lại dòng này (%(message)s)", message=message)
    )  # fmt: skip
    return PlanProblem(line, ".".join(str(part) for part in key), problem, remedy)


def problems_in(
    error: ValidationError,
    composed: Composed,
    lines: Sequence[Mapping[Key, int]],
    root: type[BaseModel] = CyclePlan,
) -> Iterator[PlanProblem]:
    """Yield what a document was refused for, each where it stands."""

    def at(key: Key, problem: str, remedy: str) -> PlanProblem:
        document, place = composed.origin(key)
        return placed(Fault(place, problem, remedy), lines[document], document)

    for detail in error.errors(include_url=False):
        cause = detail.get("ctx", {}).get("error")
        if isinstance(cause, PlanFaults):
            for fault in cause.faults:
                yield at(fault.key, fault.problem, fault.remedy)
            continue
        if detail["type"] == "too_short" and detail["input"]:
            continue  # a list whose every entry was refused is not empty: the entries' own problems are named
        key = tuple(part for part in detail["loc"] if part != "[key]")
        problem, remedy = _told(detail, key, root)
        yield at(key, problem, remedy)


def placed(fault: Fault, lines: Mapping[Key, int], document: int = 0) -> PlanProblem:
    """Return a fault with its line in the document in which it stands."""
    return PlanProblem(_line(fault.key, lines), dotted(fault.key), fault.problem, fault.remedy, document)


def _line(key: Key, lines: Mapping[Key, int]) -> int:
    """Return the line of the key, or of the nearest table above it that is in the file."""
    while key and key not in lines:
        key = key[:-1]
    return lines.get(key, 1)


def _told(detail: ErrorDetails, key: Key, root: type[BaseModel] = CyclePlan) -> tuple[Phrase, Phrase]:
    """Return problem and remedy of one of Pydantic's findings."""
    kind, context = detail["type"], detail.get("ctx", {})
    model, field = _place(key, root)
    example = _example(field)
    match kind:
        case "missing":
            lacking = Phrase("thiếu %(setting)s", setting=_title(field))
            if key[:-1]:
                return lacking, _line_into(key[:-1], f"{key[-1]} = {example}")
            return lacking, Phrase("thêm bảng %(table)s", table=_as_table(key))
        case "extra_forbidden":
            near = text.nearest(str(key[-1]), _names(model))
            known = Phrase("các khóa dùng được: %(keys)s", keys=", ".join(_names(model)))
            return Phrase("không có thiết lập này"), meant(near) if near else known
        case "enum":
            choices = _choices(field, of_keys=detail["loc"][-1] == "[key]")
            near = text.nearest(str(detail["input"]), choices)
            values = Phrase("Các giá trị: %(values)s", values=", ".join(choices))
            remedy = Joined(" ", (meant(near), values)) if near else values
            return Phrase("không nhận giá trị '%(value)s'", value=str(detail["input"])), remedy
        case "greater_than_equal" | "less_than_equal":
            bound = context.get("ge", context.get("le"))
            problem, day, number = _BOUNDS[kind]
            remedy = day if isinstance(bound, str) else number
            return Phrase(problem, bound=str(bound)), Phrase(remedy, bound=str(bound))
    if key[:1] == ("deadlines",) and isinstance(detail["input"], str) and key[-1] == "date":
        problem = Phrase("không hiểu ngày '%(value)s'", value=detail["input"])
        return problem, Phrase("viết như 2025-06-15, hoặc không cụ thể: %(forms)s", forms=FORMS)
    if kind == "string_type" and key[0] == "sources":
        remedy = Phrase('đặt khóa có dấu chấm trong ngoặc kép, ví dụ "council.spread" = "..."')
        return Phrase("nguồn phải là chữ"), remedy
    for start, (wrong, right) in _OF_TYPE.items():
        if kind.startswith(start):
            return (
                Phrase(wrong.message, most=str(context.get("max_length"))),
                Phrase(right.message, example=example or "3", key=dotted(key)),
            )
    remedy = Phrase("viết như %(example)s", example=example) if example else Phrase("xem tệp kế hoạch mẫu")
    return Phrase("giá trị không dùng được (%(why)s)", why=detail["msg"]), remedy


_BOUNDS = {
    "greater_than_equal": (
        Phrase("phải không nhỏ hơn %(bound)s"), Phrase("ghi một ngày không nhỏ hơn %(bound)s"),
        Phrase("ghi một số không nhỏ hơn %(bound)s"),
    ),
    "less_than_equal": (
        Phrase("phải không lớn hơn %(bound)s"), Phrase("ghi một ngày không lớn hơn %(bound)s"),
        Phrase("ghi một số không lớn hơn %(bound)s"),
    ),
}  # fmt: skip
"""What is wrong with a value beyond a bound, and the remedy for a day and for a number."""


def _place(key: Key, root: type[BaseModel]) -> tuple[type[BaseModel] | None, FieldInfo | None]:
    """Return the section that a key lies in and the field that it names, as far as the schema knows them."""
    model: type[BaseModel] | None = root
    field: FieldInfo | None = None
    holder = model
    for part in key:
        if isinstance(part, str) and model is not None:
            holder, field = model, _fields(model).get(part)
            model = _model_in(field)
    return holder, field


def _fields(model: type[BaseModel] | None) -> dict[str, FieldInfo]:
    return {field.alias or name: field for name, field in model.model_fields.items()} if model else {}


def _names(model: type[BaseModel] | None) -> list[str]:
    return list(_fields(model))


def _model_in(field: FieldInfo | None) -> type[BaseModel] | None:
    """Return the section that a field holds, by itself or in a list."""
    if field is None:
        return None
    candidates = (field.annotation, *get_args(field.annotation))
    return next((kind for kind in candidates if isinstance(kind, type) and issubclass(kind, BaseModel)), None)


def _choices(field: FieldInfo | None, *, of_keys: bool) -> list[str]:
    """Return the values that a field takes from a fixed list; of a table by kind, its keys or its values."""
    named = (get_args(field.annotation) or (field.annotation,)) if field else ()
    kinds = [kind for kind in named if isinstance(kind, type) and issubclass(kind, Enum)]
    return [str(member.value) for member in kinds[0 if of_keys else -1]] if kinds else []


def _example(field: FieldInfo | None) -> str:
    extra = field.json_schema_extra if field and isinstance(field.json_schema_extra, dict) else {}
    return str(extra.get("example", ""))


def _title(field: FieldInfo | None) -> str:
    return Phrase("'%(title)s'", title=Phrase(field.title)) if field and field.title else Phrase("giá trị")


def _line_into(table: Key, line: str) -> Phrase:
    """Return the advice to add a line to a table, told as the file writes it."""
    named = f"[{dotted(table)}]"
    match table:
        case (*within, int(place)):
            named = Phrase("bảng [[%(table)s]] thứ %(n)s", table=dotted(tuple(within)), n=place + 1)
    return Phrase("thêm dòng %(line)s vào %(table)s", line=line, table=named)


def _as_table(key: Key) -> str:
    return "[[deadlines]]" if key == ("deadlines",) else f"[{dotted(key)}]"
