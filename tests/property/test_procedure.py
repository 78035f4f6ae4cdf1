"""More points never mean fewer stars, and no walk leaves the table, runs in circles or reaches the province twice."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocop.procedure import ROUTE, Back, Facts, Move
from ocop.procedures.qd148 import QD148
from ocop.scoring import GATED_STARS, Gate, mean, missing_gates, stars, stars_after_gates
from tests.property.walks import left_for_good

POINTS = st.decimals(0, 100, places=3, allow_nan=False)
GATES = st.fixed_dictionaries({star: st.booleans() for star in GATED_STARS}).map(
    lambda passed: [Gate(star, held, "" if held else "thiếu") for star, held in passed.items()]
)
RESULTS = [("49", 2), ("55", 3), ("75", 4), ("75", 3), ("95", 5), ("95", 4)]
"""A mean and its stars after gates for each way that a result can go."""


@given(POINTS, POINTS)
def test_more_points_never_mean_fewer_stars(some: Decimal, others: Decimal) -> None:
    fewer, more = sorted((some, others))
    assert stars(fewer) <= stars(more)


@given(POINTS, POINTS, GATES)
def test_more_points_never_mean_fewer_stars_under_the_same_gates(
    some: Decimal, others: Decimal, gates: list[Gate]
) -> None:
    fewer, more = sorted((some, others))
    assert stars_after_gates(stars(fewer), gates) <= stars_after_gates(stars(more), gates)


@given(POINTS, GATES)
def test_gates_never_raise_a_star(points: Decimal, gates: list[Gate]) -> None:
    by_points = stars(points)
    assert 1 <= stars_after_gates(by_points, gates) <= by_points
    assert not missing_gates(by_points, gates)


@given(POINTS, GATES, st.sampled_from(GATED_STARS))
def test_passing_one_more_gate_never_costs_a_star(points: Decimal, gates: list[Gate], star: int) -> None:
    lifted = [replace(gate, passed=True) if gate.star == star else gate for gate in gates]
    assert stars_after_gates(stars(points), gates) <= stars_after_gates(stars(points), lifted)


@given(POINTS, GATES)
def test_a_certified_star_has_all_its_gates(points: Decimal, gates: list[Gate]) -> None:
    awarded = stars_after_gates(stars(points), gates)
    passed = {gate.star for gate in gates if gate.passed}
    assert {star for star in GATED_STARS if star <= awarded} <= passed


@given(st.lists(POINTS, min_size=1, max_size=15), st.integers(0, 14), POINTS)
def test_a_member_who_gives_more_never_lowers_the_stars(totals: list[Decimal], place: int, total: Decimal) -> None:
    raised = list(totals)
    raised[place % len(totals)] = max(total, totals[place % len(totals)])
    assert mean(totals) <= mean(raised)
    assert stars(mean(totals)) <= stars(mean(raised))
    assert min(totals) <= mean(totals) <= max(totals)


@given(POINTS, POINTS, GATES, st.sampled_from(["district_decided", "provincial_decided", "return_decided"]))
def test_more_points_never_lead_to_a_lower_place(some: Decimal, others: Decimal, gates: list[Gate], stage: str) -> None:
    order = [
        "not_ranked",
        "returned_to_district",
        "district_recognition",
        "provincial_submission",
        "provincial_recognition",
    ]
    fewer, more = (
        QD148.move(stage, ROUTE, Facts(points, stars_after_gates(stars(points), gates)))
        for points in sorted((some, others))
    )
    assert isinstance(fewer, Move)
    assert isinstance(more, Move)
    assert order.index(fewer.target) <= order.index(more.target)


@dataclass(frozen=True)
class Standing:
    """A dossier on a walk: where it is, its results in force, and how often each bounded move was taken."""

    stage: str
    results: tuple[tuple[str, str, int], ...] = ()
    """(stage decided at, mean, stars) of the decisions in force, the newest last."""
    used: tuple[tuple[str, int], ...] = ()
    arrivals: int = 0
    """How often it was sent to the province."""

    @property
    def facts(self) -> Facts:
        """What a condition may look at."""
        found = self.results[-1] if self.results else None
        after_return = any(stage == "returned_to_district" for stage, *_ in self.results)
        return Facts(after_return=after_return) if found is None else Facts(
            Decimal(found[1]), found[2], after_return=after_return
        )  # fmt: skip

    def taken(self, key: str) -> int:
        """Return how often a bounded move was taken."""
        return dict(self.used).get(key, 0)


SUPPLEMENTS = ANNULMENTS = 1


def onward(at: Standing) -> Iterator[tuple[str, Standing]]:
    """Yield each event that may happen and where the dossier stands then, every bound kept."""
    for event in QD148.events_at(at.stage):
        outcomes = RESULTS if event == "decide" else [None]
        for outcome in outcomes:
            facts = at.facts
            move = QD148.move(at.stage, event, facts)
            assert isinstance(move, Move)
            if not move.moves:
                continue
            results, used = at.results, dict(at.used)
            if move.back is not None:
                key = {Back.ONCE: "once", Back.DOCUMENT: "document"}.get(move.back, f"supplement {move.target}")
                allowed = {Back.ONCE: 1 + at.taken("province annulled"), Back.DOCUMENT: ANNULMENTS}.get(
                    move.back, SUPPLEMENTS
                )
                if at.taken(key) >= allowed:
                    continue
                used[key] = used.get(key, 0) + 1
                if move.back is Back.DOCUMENT:
                    results = tuple(row for row in results if row[0] != move.target)
                    if move.source == "returned_to_district":
                        used["province annulled"] = used.get("province annulled", 0) + 1
            if outcome is not None:
                results = (*results, (at.stage, *outcome))
            sent = at.arrivals + (event == "submit")
            yield event, Standing(move.target, results, tuple(sorted(used.items())), sent)


@cache
def everywhere() -> tuple[set[Standing], dict[Standing, list[Standing]]]:
    """Return every standing that a dossier can come to, and the standings after each."""
    start = [Standing(stage) for stage in QD148.starts.values()]
    seen, open_ends, after = set(start), list(start), {}
    while open_ends:
        at = open_ends.pop()
        after[at] = [there for _, there in onward(at)]
        fresh = set(after[at]) - seen
        seen |= fresh
        open_ends += fresh
    return seen, after


def test_no_walk_reaches_the_province_twice_in_one_round() -> None:
    seen, _ = everywhere()
    assert {at.arrivals for at in seen} == {0, 1}


def test_every_walk_ends() -> None:
    """Each standing is left for good: with its bounds kept, no walk comes back to where everything is as it was."""
    _, after = everywhere()
    assert left_for_good(after) == len(after), "some standings lie on a circle"


def test_every_stage_is_reached_and_every_walk_can_end() -> None:
    seen, after = everywhere()
    assert {at.stage for at in seen} == {stage.key for stage in QD148.stages}
    stuck = {at.stage for at in seen if not after[at] and not QD148.stage(at.stage).final}
    assert not stuck


def test_without_its_back_moves_the_table_has_no_loop() -> None:
    forward: dict[str, set[str]] = {}
    for move in QD148.moves:
        if move.back is None:
            forward.setdefault(move.source, set()).add(move.target)
    order: list[str] = []
    left = {stage.key for stage in QD148.stages}
    while left:
        free = {stage for stage in left if not any(stage in forward.get(before, ()) for before in left)}
        assert free, f"a loop among {sorted(left)}"
        order += sorted(free)
        left -= free
    assert len(order) == len(QD148.stages)


def test_every_move_that_goes_back_is_marked_and_bounded() -> None:
    place = {stage.key: number for number, stage in enumerate(QD148.stages)}
    to_lower_level = {
        (move.source, move.event, move.target): move.back
        for move in QD148.moves
        if place[move.target] < place[move.source] and not QD148.stage(move.target).final
    }
    bounds = {
        "supplement": Back.SUPPLEMENT,
        "annul": Back.DOCUMENT,
        "route": Back.ONCE,
    }
    for (source, event, target), back in to_lower_level.items():
        if (source, event) == ("provincial_submission", "keep"):
            continue
        assert back is bounds[event], (source, event, target)
    marked = {move.event for move in QD148.moves if move.back is not None}
    assert marked == set(bounds)
    (returned,) = [move for move in QD148.moves if move.back is Back.ONCE]
    assert (returned.source, returned.target) == ("provincial_decided", "returned_to_district")


@given(st.data())
def test_every_random_walk_stays_in_the_table_and_ends_in_a_final_stage_or_waits(data: st.DataObject) -> None:
    at = Standing(data.draw(st.sampled_from(sorted(QD148.starts.values()))))
    for _ in range(40):
        ways = list(onward(at))
        if not ways:
            break
        event, there = data.draw(st.sampled_from(ways))
        assert QD148.permits(at.stage, event, there.stage)
        assert at.stage in QD148.still_ahead(at.stage)
        at = there
    assert QD148.stage(at.stage).final or list(onward(at))


@pytest.mark.long
def test_all_paths_of_twelve_moves_stay_in_the_table() -> None:
    standings = {Standing(stage) for stage in QD148.starts.values()}
    for _ in range(12):
        reached = set()
        for at in standings:
            for event, there in onward(at):
                assert QD148.permits(at.stage, event, there.stage)
                assert there.arrivals <= 1
                reached.add(there)
        standings = reached
    assert standings


@pytest.mark.long
def test_every_thousandth_of_a_point_is_worth_what_its_band_says() -> None:
    order = ["not_ranked", "district_recognition", "provincial_submission"]
    before = (1, 0)
    for thousandths in range(100_001):
        points = Decimal(thousandths) / 1000
        star = 1 + sum(points >= floor for floor in (30, 50, 70, 90))
        assert stars(points) == star
        move = QD148.move("district_decided", ROUTE, Facts(points))
        assert isinstance(move, Move)
        now = (star, order.index(move.target))
        assert now >= before
        before = now


@pytest.mark.long
def test_every_council_of_three_to_five_around_a_floor_is_judged_by_the_exact_mean() -> None:
    for floor, members in product((30, 50, 70, 90), (3, 4, 5)):
        around = [Decimal(floor) + Decimal(step) / 1000 for step in range(-3, 4)]
        for totals in product(around, repeat=members):
            exact = sum(int(total * 1000) for total in totals)
            assert (stars(mean(totals)) >= {30: 2, 50: 3, 70: 4, 90: 5}[floor]) == (exact >= floor * 1000 * members)
