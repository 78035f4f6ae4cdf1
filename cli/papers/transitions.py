"""What binds a dossier anew, as the page on stages tells it: events beside every procedure, and the images of stages."""

from collections.abc import Callable, Iterator

from casework.rebinding import DETERMINED, LETTERS, PENDING, RESUME, SUSPEND, TERRITORY, TRANSFER
from cli.papers.markdown import code, table
from ocop.procedure import Condition
from ocop.rulebook import PROCEDURES
from ocop.text import day
from ocop.transitions import CHANGE, TRANSITIONS, Transition

RULES = {TRANSFER: TERRITORY, SUSPEND: PENDING, RESUME: DETERMINED}
BY = {
    TRANSFER: "`ocop reorganise`",
    SUSPEND: "`ocop suspend`, or on arrival at a suspended level",
    RESUME: "`ocop resume`",
    CHANGE: "`ocop change-procedure`",
}


def parts(condition: Callable[[Condition], str]) -> Iterator[str]:
    """Yield the parts of the page; `condition` says a condition in words."""
    yield "## Between procedures and units"
    yield (
        "Four events bind a dossier anew while it is on its way. They stand beside every procedure, at each open stage, and "
        "are the province's; `transfer`, `suspend` and `resume` leave it at its stage."
    )
    yield table(
        ("event", "by", "letters", "source"),
        [(code(event), BY[event], code(*LETTERS[event]), str(RULES.get(event, "the table below"))) for event in BY],
    )
    for way in TRANSITIONS:
        yield f"### From `{way.source}` to `{way.target}`"
        yield f"From {day(way.from_day)} on. {way.rule}."
        yield _images(way, condition)


def _images(way: Transition, condition: Callable[[Condition], str]) -> str:
    old, new = PROCEDURES[way.source], PROCEDURES[way.target]
    return table(
        ("stage", "in Vietnamese", "goes on at", "in Vietnamese", "when"),
        [
            (
                code(image.source), old.stage(image.source).label, code(image.target), new.stage(image.target).label,
                condition(image.when),
            )
            for image in way.images
        ],
    )  # fmt: skip
