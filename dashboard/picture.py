"""The picture of a procedure: where its stages and moves lie on a sheet, level by level, from the table alone."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from dashboard.language import said
from ocop.levels import Level
from ocop.phrase import Opened, Phrase
from ocop.procedure import Back, Move, Procedure, Stage

COLUMN, WIDTH = 116, 98
"""From one column to the next, and how wide a stage is; both in the sheet's points."""
LINE, LETTERS = 13, 14
"""The height of a line of a stage's name, and how many letters it takes."""
COUNT = 22
"""The height of the number below the name."""
UNDER = 24
"""Between a stage and the one below it at its level."""
AISLE, TRACK = 38, 7
"""Between two levels: at least so much, and so much for each move that runs there."""
MARGIN = 9
"""How far a level's ground reaches around its stages."""
UNDRAWN = frozenset({"retract", "disqualify", "carry_over"})
"""Ways out from nearly everywhere: as arrows they would hide the others; the table has them."""


@dataclass(frozen=True)
class Box:
    """A stage on the sheet."""

    stage: Stage
    lines: Sequence[str]
    x: float
    y: float
    height: float

    @property
    def middle(self) -> float:
        """Where its centre is, from the left."""
        return self.x + WIDTH / 2

    @property
    def half(self) -> float:
        """Where its centre is, from the top."""
        return self.y + self.height / 2


@dataclass(frozen=True)
class Arrow:
    """A move on the sheet."""

    source: Stage
    target: Stage
    events: Sequence[str]
    path: str
    back: bool


@dataclass(frozen=True)
class Lane:
    """A level's part of the sheet."""

    label: str
    y: float
    height: float


@dataclass(frozen=True)
class Picture:
    """A procedure's sheet."""

    width: float
    height: float
    lanes: Sequence[Lane]
    boxes: Sequence[Box]
    arrows: Sequence[Arrow]


@dataclass
class _Place:
    lane: int
    column: int
    row: int = 0


@dataclass
class _Route:
    """A move that runs around other stages: down or up into an aisle, along it, and through a gap to its target's left."""

    arrow: tuple[str, str]
    aisle: int
    """The aisle above the lane of this number."""
    gap: int
    """The gap left of the column of this number."""
    track: int = 0
    lift: int = 0


@dataclass
class _Sheet:
    procedure: Procedure
    places: dict[str, _Place] = field(default_factory=dict)
    lanes: list[str] = field(default_factory=list)


def picture(procedure: Procedure) -> Picture:
    """Return the sheet of a procedure: levels one below the other, the way of a dossier from left to right."""
    sheet = _placed(procedure)
    moves = _drawn(procedure)
    routes = _routes(sheet, moves)
    lines = {stage.key: _wrapped(str(said(stage.label))) for stage in procedure.stages}
    height = max(map(len, lines.values())) * LINE + COUNT + 8
    tops, bottom = _tops(sheet, routes, height)
    boxes = {
        key: Box(
            procedure.stage(key), lines[key], place.column * COLUMN + (COLUMN - WIDTH) / 2,
            tops[place.lane] + place.row * (height + UNDER), height,
        )
        for key, place in sheet.places.items()
    }  # fmt: skip
    arrows = [_arrow(pair, events, sheet, boxes, routes.get(pair), tops) for pair, events in moves.items()]
    rows = _rows(sheet)
    lanes = [
        Lane(label, tops[lane] - MARGIN, rows[lane] * height + (rows[lane] - 1) * UNDER + 2 * MARGIN)
        for lane, label in enumerate(sheet.lanes)
    ]
    width = (1 + max(place.column for place in sheet.places.values())) * COLUMN
    return Picture(width, bottom, lanes, list(boxes.values()), arrows)


def _drawn(procedure: Procedure) -> dict[tuple[str, str], list[Move]]:
    """Return the moves that are drawn, those between the same two stages together."""
    found: dict[tuple[str, str], list[Move]] = defaultdict(list)
    for move in procedure.moves:
        if move.event not in UNDRAWN and move.back is not Back.DOCUMENT:
            found[move.source, move.target].append(move)
    return found


def _placed(procedure: Procedure) -> _Sheet:
    """Return each stage's level, column and row; those that end a dossier have a level of their own at the bottom."""
    levels = [level for level in Level if any(s.level is level and not s.final for s in procedure.stages)]
    sheet = _Sheet(procedure, lanes=[*(Opened(level.label) for level in levels), Phrase("Kết thúc")])
    columns = _columns(procedure)
    taken: set[tuple[int, int, int]] = set()
    for stage in sorted(procedure.stages, key=lambda stage: stage.supplement):
        lane = len(levels) if stage.final else levels.index(stage.level)
        place = _Place(lane, columns[stage.key])
        while (place.lane, place.column, place.row) in taken:
            place.row += 1
        taken.add((place.lane, place.column, place.row))
        sheet.places[stage.key] = place
    return sheet


def _columns(procedure: Procedure) -> dict[str, int]:
    """Return each stage's column: one further than what leads there at its level, below what leads there from another.

    A stage that waits for a supplement stands under the one that asked for it.
    """
    onward = [
        move
        for move in procedure.moves
        if move.event not in UNDRAWN and move.back in (None, Back.ONCE) and not procedure.stage(move.target).final
    ]
    columns = {stage.key: 0 for stage in procedure.stages}
    for _ in procedure.stages:
        for move in onward:
            source, target = procedure.stage(move.source), procedure.stage(move.target)
            step = 1 if source.level is target.level and not target.supplement else 0
            columns[target.key] = max(columns[target.key], columns[source.key] + step)
    last = max(columns.values())
    ways = {stage.key: [m for m in procedure.moves if m.target == stage.key] for stage in procedure.stages}
    ends = [stage for stage in procedure.stages if stage.final]
    columns |= {stage.key: -1 for stage in ends}
    beside = [stage for stage in ends if all(move.event in UNDRAWN for move in ways[stage.key])]
    for column, stage in enumerate(beside):
        columns[stage.key] = column
    for stage in ends:
        if stage not in beside:
            sources = [columns[m.source] for m in ways[stage.key] if m.event not in UNDRAWN]
            column = min(max(sources) + 1, last)
            while column in [columns[other.key] for other in ends if other is not stage]:
                column -= 1
            columns[stage.key] = max(column, len(beside))
    return columns


def _rows(sheet: _Sheet) -> list[int]:
    return [1 + max(p.row for p in sheet.places.values() if p.lane == lane) for lane in range(len(sheet.lanes))]


def _straight(sheet: _Sheet, source: _Place, target: _Place) -> bool:
    """Return whether nothing lies between two stages: beside each other at one level, or right below or above."""
    between = [place for place in sheet.places.values() if place is not source and place is not target]
    if source.lane == target.lane:
        if source.column == target.column:
            return abs(source.row - target.row) == 1
        low, high = sorted((source.column, target.column))
        blocked = any(p.lane == source.lane and p.row == source.row and low < p.column < high for p in between)
        return source.row == target.row and source.column < target.column and not blocked
    if source.column != target.column:
        return False
    upper, lower = sorted((source, target), key=lambda place: place.lane)
    return not any(
        place.column == source.column
        and (upper.lane < place.lane < lower.lane
             or (place.lane == upper.lane and place.row > upper.row)
             or (place.lane == lower.lane and place.row < lower.row))
        for place in between
    )  # fmt: skip


def _routes(sheet: _Sheet, moves: Mapping[tuple[str, str], Sequence[Move]]) -> dict[tuple[str, str], _Route]:
    """Return the ways around of the moves that cannot be drawn straight, none upon another."""
    found: dict[tuple[str, str], _Route] = {}
    along: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
    lifts: dict[int, dict[str, int]] = defaultdict(dict)
    for pair in moves:
        source, target = (sheet.places[key] for key in pair)
        if _straight(sheet, source, target):
            continue
        route = _Route(pair, source.lane + (1 if target.lane >= source.lane else 0), target.column)
        low, high = sorted((2 * source.column + 1, 2 * target.column))
        while any(track == route.track and low <= end and begin <= high for begin, end, track in along[route.aisle]):
            route.track += 1
        along[route.aisle].append((low, high, route.track))
        route.lift = lifts[route.gap].setdefault(pair[1], len(lifts[route.gap]))
        found[pair] = route
    return found


def _tops(sheet: _Sheet, routes: Mapping[tuple[str, str], _Route], height: float) -> tuple[list[float], float]:
    """Return where each level begins, and where the sheet ends."""
    tops, y = [], 0.0
    for lane, rows in enumerate(_rows(sheet)):
        y += _aisle(routes, lane)
        tops.append(y)
        y += rows * height + (rows - 1) * UNDER
    return tops, y + _aisle(routes, len(sheet.lanes)) - AISLE + 8


def _aisle(routes: Mapping[tuple[str, str], _Route], number: int) -> float:
    tracks = [route.track for route in routes.values() if route.aisle == number]
    return AISLE + (TRACK * (1 + max(tracks)) if tracks else 0)


def _arrow(
    pair: tuple[str, str], moves: Sequence[Move], sheet: _Sheet, boxes: Mapping[str, Box], route: _Route | None,
    tops: Sequence[float],
) -> Arrow:  # fmt: skip
    source, target = boxes[pair[0]], boxes[pair[1]]
    points = list(_straight_points(source, target) if route is None else _points(source, target, route, sheet, tops))
    path = "M" + " L".join(f"{x:g} {y:g}" for x, y in points)
    back = all(move.back is not None for move in moves)
    return Arrow(source.stage, target.stage, tuple(dict.fromkeys(move.event for move in moves)), path, back)


def _straight_points(source: Box, target: Box) -> Iterator[tuple[float, float]]:
    if source.x != target.x:
        yield source.x + WIDTH, source.half
        yield target.x, target.half
        return
    aside = 14 if source.y < target.y else -14  # two that lead to each other run beside each other
    down = source.y < target.y
    yield source.middle - aside, source.y + source.height if down else source.y
    yield target.middle - aside, target.y if down else target.y + target.height


def _points(
    source: Box, target: Box, route: _Route, sheet: _Sheet, tops: Sequence[float]
) -> Iterator[tuple[float, float]]:
    down = route.aisle > sheet.places[source.stage.key].lane
    below = tops[route.aisle] if route.aisle < len(tops) else max(tops) + source.height + AISLE
    y = below - MARGIN - 4 - TRACK * route.track
    x = target.x - 5 - 4 * route.lift
    start = source.middle + 22
    yield start, source.y + source.height if down else source.y
    yield start, y
    yield x, y
    yield x, target.half
    yield target.x, target.half


def _wrapped(label: str) -> list[str]:
    """Return a stage's name in lines."""
    lines = [""]
    for word in label.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > LETTERS:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".strip()
    return lines
