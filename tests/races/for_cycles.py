"""Races for a cycle of its own: who opens it, extends its deadlines, meets them before the stroke, and who sweeps."""

import re
from collections.abc import Callable
from functools import partial

from tests.factories import PLAN
from tests.races.shown import View, of_cycle, of_dossier
from tests.races.track import Heat
from tests.races.world import (
    COMMUNE,
    DISTRICT,
    EVE,
    HEAD,
    LATER_STROKE,
    PROVINCE,
    SECONDS,
    STROKE,
    Sweep,
    World,
    ballot,
    paper,
    registration,
    report,
    retraction,
)

PLAN_OF_TWO_NIGHTS = re.sub(
    r'(stage = "provincial_submission"\ndate = )\S+(\nwording = )"[^"]*"',
    r'\g<1>2025-06-16\g<2>"trước ngày 16/6/2025"',
    PLAN,
)
"""The plan of 2025 with the submission's deadline one night after the evaluation's: nothing else falls due between them."""
BEFORE_MIDNIGHT = -2 * SECONDS


def two_openings(world: World, number: int) -> Heat:
    """The province's officer and its coordinator office open the cycle of the year."""
    cycle, _ = _names(number)
    body = {"event": "open", "code": cycle, "plan": PLAN_OF_TWO_NIGHTS}
    return Heat(
        (
            world.officer("cán bộ tỉnh", "open-cycle", PROVINCE, EVE, **body),
            world.officer("văn phòng điều phối", "open-cycle", "36/coordinator_office", EVE, **body),
        ),
        world.look(partial(of_cycle, code=cycle)),
    )


def extension_and_sweep(sweep: Sweep, world: World, number: int) -> Heat:
    """The province extends a deadline two seconds before it strikes, while a flow that woke on time sweeps."""
    cycle, code = _names(number)
    world.act("register", COMMUNE, EVE, **registration(cycle, f"C-{number}", EVE.date()))
    world.act("receive", COMMUNE, EVE, dossiers=[code], received_on=EVE.date())
    world.act("report", COMMUNE, EVE, **report([code], EVE.date()))
    extending = world.officer(
        "người gia hạn", "extend", PROVINCE, STROKE + BEFORE_MIDNIGHT, cycle=cycle, stage="district_evaluation",
        day=STROKE.date(), document="70/UBND", reason="Mưa bão",
    )  # fmt: skip
    return Heat((extending, sweep(cycle, "district_evaluation", STROKE)), _view(world, number))


def session_and_sweep(sweep: Sweep, world: World, number: int) -> Heat:
    """The session that meets a deadline is recorded two seconds before it strikes, while a flow sweeps."""
    cycle, code = _names(number)
    when = LATER_STROKE + BEFORE_MIDNIGHT
    recording = world.officer("người ghi phiên họp", "evaluate", DISTRICT, when, **ballot(code, "75", when.date()))
    return Heat((recording, sweep(cycle, "district_evaluation", LATER_STROKE)), _view(world, number))


def decision_and_sweep(sweep: Sweep, world: World, number: int) -> Heat:
    """The decision that lets a dossier pass a deadline is signed two seconds before it strikes, while a flow sweeps."""
    cycle, code = _names(number)
    when = LATER_STROKE + BEFORE_MIDNIGHT
    world.act("evaluate", DISTRICT, when, **ballot(code, "55", when.date()))
    deciding = world.officer("người ký", "decide", DISTRICT, when, **paper(code, "4/QĐ", when.date()))
    view = _view(world, number)

    def carried_on() -> View:
        world.settle(cycle, LATER_STROKE)
        return view()

    return Heat((deciding, sweep(cycle, "provincial_submission", LATER_STROKE)), carried_on)


def retract_and_submit(world: World, number: int) -> Heat:
    """The producer retracts while the district signs the list for the province."""
    cycle, code = _names(number)
    when = LATER_STROKE + SECONDS
    signed_on = (LATER_STROKE + BEFORE_MIDNIGHT).date()
    world.act("decide", DISTRICT, when, **paper(code, "5/QĐ", signed_on))
    world.settle(cycle, when)
    return Heat(
        (
            world.officer("người rút", "retract", HEAD, when, **retraction(code, when)),
            world.officer("người ký gửi tỉnh", "submit", DISTRICT, when, dossiers=[code], number="88/UBND", signed_on=signed_on),
        ),
        _view(world, number),
    )  # fmt: skip


def _names(number: int) -> tuple[str, str]:
    return f"ND-{number}", f"ND-{number}-0001"


def _view(world: World, number: int) -> Callable[[], View]:
    cycle, code = _names(number)
    return world.look(partial(of_dossier, code=code), partial(of_cycle, code=cycle))
