"""One command for each act, made from its signature: what an officer can do is what the engine has."""

import dataclasses
import inspect
import uuid
from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, Parameter, Token
from sqlalchemy.orm import Session

from casework import attachments
from casework.act import Act, Answer, TextFile
from casework.act_words import ON_BEHALF_WORDS, PART_WORDS
from casework.actors import person
from casework.acts import ACTS, ROOMS
from casework.evidence import NewEvidence
from casework.registration import Goods, Maker
from cli.act_hints import act_words, option_words
from cli.context import OUT, database, moment, show, told
from cli.mistyped import day_typed
from models.session import perform, trial
from models.settings import DatabaseSettings
from ocop.levels import Level
from ocop.self_assessment import SelfAssessment
from ocop.text import fold
from ocop.working_days import VIETNAM

COMMON = {
    "by": (Annotated[str, Parameter(name="--as", help="Mã của người thực hiện.")], inspect.Parameter.empty),
    "at": (
        Annotated[str | None, Parameter(help="Thời điểm ghi, ví dụ '2025-06-13 09:00'; bỏ trống là bây giờ.")],
        None,
    ),
    "key": (
        Annotated[str | None, Parameter(help="Mã yêu cầu: lặp lại cùng mã không thực hiện hai lần.")],
        None,
    ),
    "on_behalf": (
        Annotated[str, Parameter(help=ON_BEHALF_WORDS)],
        "",
    ),
    "dry_run": (
        Annotated[bool, Parameter(negative="", help="Chạy thử: in kết quả rồi hoàn lại tất cả, không ghi gì.")],
        False,
    ),
}


def command(act: Act, *, english: bool = False) -> Callable[..., None]:
    """Return the function that the command line calls for an act; with the `english` sentences too for the papers."""

    def run(**given: Any) -> None:
        by, at, key, on_behalf, dry_run = (given.pop(name, default) for name, (_, default) in COMMON.items())
        with told():
            engine = database()
            instant = moment(engine, at, acting=True)
            body = {name: _read(act, name, value) for name, value in given.items()}

            def work(session: Session) -> Answer:
                actor = person(session, by, on_behalf)
                return act.perform(session, actor=actor, at=instant, key=key or f"cli-{uuid.uuid4()}", **body)

            if dry_run:
                OUT.print("Chạy thử, không ghi gì:", style="bold")
            show(trial(engine, work) if dry_run else perform(engine, work))

    parameters = [
        parameter.replace(annotation=_option(parameter), kind=inspect.Parameter.KEYWORD_ONLY)
        for parameter in act.signature.parameters.values()
    ]
    parameters += [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=annotation, default=default)
        for name, (annotation, default) in COMMON.items()
    ]
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    run.__name__ = act.name.replace("-", "_")
    run.__doc__ = f"{act.title}.\n\n{act_words(act.name)}" + (f"\n\n{act.doc}" if english else "")
    return run


def _option(parameter: inspect.Parameter) -> Any:
    """Return the annotation of an act's own argument as the command line reads it, with its words."""
    if parameter.annotation in (Maker, Goods):
        return _in_words(parameter.annotation)
    if parameter.annotation == SelfAssessment | None:
        return _in_words(SelfAssessment) | None
    return Annotated[_annotation(parameter.annotation), Parameter(help=option_words(parameter.name), negative="")]


def _annotation(annotation: Any) -> Any:
    if annotation in (TextFile, TextFile | None):
        return Path if annotation is TextFile else Path | None
    if annotation in (Level, Level | None):
        return Annotated[annotation, Parameter(converter=_level)]
    if annotation == datetime | None:
        return Annotated[annotation, Parameter(converter=_instant)]
    if annotation in (date, date | None):
        return Annotated[annotation, Parameter(converter=day_typed)]
    return annotation


def _in_words(kind: type) -> type:
    """Return the same kind of thing, its parts with words for the command line."""
    parts = {
        part.name: Annotated[part.type, Parameter(help=PART_WORDS[part.name], negative="")]
        for part in dataclasses.fields(kind)
    }
    defaults = {part.name: part.default for part in dataclasses.fields(kind) if part.default is not dataclasses.MISSING}
    named = {"__annotations__": parts, "__module__": __name__, **defaults}
    return dataclasses.dataclass(frozen=True)(type(kind.__name__, (kind,), named))


def _level(wanted: Any, tokens: Sequence[Token]) -> Level:
    """Return the level that a word names, as the engine keeps it or as lists print it: 'commune', 'xã'."""
    del wanted
    word = fold(tokens[0].value)
    for level in Level:
        if word in (level.value, fold(level.label)):
            return level
    raise ValueError(f"cấp '{tokens[0].value}' không có; các cấp: {', '.join(level.label for level in Level)}")


def _instant(wanted: Any, tokens: Sequence[Token]) -> datetime:
    """Return the instant in Việt Nam that a word names, 0 giờ where it names a day alone."""
    del wanted
    try:
        read = datetime.fromisoformat(tokens[0].value)
    except ValueError:
        raise ValueError(
            f"thời điểm '{tokens[0].value}' không đọc được; hãy ghi như 2025-06-13 hoặc '2025-06-13 09:00'"
        ) from None
    return read if read.tzinfo else read.replace(tzinfo=VIETNAM)


def _read(act: Act, name: str, value: Any) -> Any:
    if value is not None and act.signature.parameters[name].annotation in (TextFile, TextFile | None):
        return Path(value).read_text(encoding="utf-8")
    for part in value if isinstance(value, list | tuple) else ():
        if isinstance(part, NewEvidence) and part.file_sha256:
            attachments.hold(DatabaseSettings().files, part.file_sha256)
    return value


def add_acts(app: App, *, english: bool = False) -> None:
    """Add a command for every act, in the order of a dossier's way, whichever module was imported first."""
    place = {room.__name__: number for number, room in enumerate(ROOMS)}
    for act in sorted(ACTS.values(), key=lambda act: place[act.perform.__module__]):
        app.command(command(act, english=english), name=act.name, group="Nghiệp vụ")
