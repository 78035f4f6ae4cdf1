"""Under the laws after QĐ 148: every walk ends, the ministry is asked once in a round, more points never lead lower."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocop.procedure import ROUTE, Back, Facts, Move, Procedure
from ocop.rulebook import PROCEDURES
from ocop.scoring import GATED_STARS, Gate, stars, stars_after_gates
from tests.property.walks import left_for_good

LATER = sorted(set(PROCEDURES) - {"qd148"})
EACH = pytest.mark.parametrize("key", LATER)
POINTS = st.decimals(0, 100, places=3, allow_nan=False)
GATES = st.fixed_dictionaries({star: st.booleans() for star in GATED_STARS}).map(
    lambda passed: [Gate(star, held, "" if held else "thiếu") for star, held in passed.items()]
)
RESULTS = [("49", 2), ("55", 3), ("75", 4), ("75", 3), ("95", 5), ("95", 4)]
SUPPLEMENTS = ANNULMENTS = 1


@dataclass(frozen=True)
class Standing:
    """A dossier on a walk: where it is, the result that is looked at, and how often each bounded move was taken."""

    stage: str
    result: tuple[str, int] | None = None
    after_return: bool = False
    used: tuple[tuple[str, int], ...] = ()
    asked: int = 0
    """How often it came to the centre."""
    annulled: int = 0


def onward(law: Procedure, at: Standing) -> Iterator[tuple[Move, Standing]]:
    """Yield each move that may happen and where the dossier stands then, every bound kept."""
    for event in law.events_at(at.stage):
        for outcome in RESULTS if event in ("decide", "record_central_result") else [at.result]:
            mean, after_gates = outcome or (None, None)
            move = law.move(
                at.stage, event, Facts(Decimal(mean) if mean else None, after_gates, after_return=at.after_return)
            )
            assert isinstance(move, Move)
            if not move.moves:
                continue
            used = dict(at.used)
            if move.back:
                bound = {Back.ONCE: 1 + at.annulled, Back.DOCUMENT: ANNULMENTS}.get(move.back, SUPPLEMENTS)
                name = "document" if move.back is Back.DOCUMENT else f"{event} {move.target}"
                if used.get(name, 0) >= bound:
                    continue
                used[name] = used.get(name, 0) + 1
            target = law.stage(move.target)
            result = outcome if move.back is not Back.DOCUMENT else None
            after = at.after_return or target.result == "after_return"
            yield move, Standing(
                move.target, result, after and move.back is not Back.DOCUMENT, tuple(sorted(used.items())),
                at.asked + (move.target == "central_evaluation"), at.annulled + (move.back is Back.DOCUMENT),
            )  # fmt: skip


@cache
def everywhere(key: str) -> dict[Standing, list[Standing]]:
    """Return every standing that a dossier can come to, with those after it."""
    law = PROCEDURES[key]
    open_ends = [Standing(stage) for stage in law.starts.values()]
    after: dict[Standing, list[Standing]] = {}
    while open_ends:
        at = open_ends.pop()
        if at not in after:
            after[at] = [there for _, there in onward(law, at)]
            open_ends += after[at]
    return after


@EACH
def test_every_walk_ends(key: str) -> None:
    after = everywhere(key)
    assert left_for_good(after) == len(after), "some standings lie on a circle"


@EACH
def test_every_stage_is_reached_and_every_walk_can_end(key: str) -> None:
    law, after = PROCEDURES[key], everywhere(key)
    assert {at.stage for at in after} == {stage.key for stage in law.stages}
    assert not {at.stage for at, ways in after.items() if not ways and not law.stage(at.stage).final}


@EACH
def test_the_centre_is_asked_once_in_a_round_unless_a_document_annulled_what_came_before(key: str) -> None:
    assert {at.asked for at in everywhere(key) if not at.annulled} == {0, 1}
    assert all(at.asked <= 1 + at.annulled for at in everywhere(key))


@pytest.mark.parametrize("key", [key for key in LATER if PROCEDURES[key].knows("returned_to_province")])
def test_what_the_ministry_sent_back_never_goes_there_again(key: str) -> None:
    law, after = PROCEDURES[key], everywhere(key)
    reached, open_ends = set(), [at for at in after if at.stage == "returned_to_province" and not at.annulled]
    while open_ends:
        at = open_ends.pop()
        if at not in reached and not at.annulled:
            reached.add(at)
            open_ends += after[at]
    assert {at.stage for at in reached} == {
        "returned_to_province", "return_decided", "provincial_recognition", "recognised", "not_ranked", "retracted",
        "disqualified",
    }  # fmt: skip
    assert law.most_stars(law.stage("provincial_recognition").level) == 4


ORDER = ("not_ranked", "returned_to_province", "provincial_recognition", "central_proposal", "recognised")


@given(POINTS, POINTS, GATES, st.sampled_from([
    (key, stage) for key in LATER for stage in PROCEDURES[key].routed if PROCEDURES[key].stage(stage).result
]))  # fmt: skip
def test_more_points_never_lead_to_a_lower_place(
    some: Decimal, others: Decimal, gates: list[Gate], where: tuple[str, str]
) -> None:
    key, stage = where
    fewer, more = (
        PROCEDURES[key].move(stage, ROUTE, Facts(points, stars_after_gates(stars(points), gates)))
        for points in sorted((some, others))
    )
    assert isinstance(fewer, Move)
    assert isinstance(more, Move)
    assert ORDER.index(fewer.target) <= ORDER.index(more.target)
