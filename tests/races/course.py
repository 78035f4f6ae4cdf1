"""The table of races, in the order in which one world goes through them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from casework.agenda import catch_up
from models.session import perform
from tests.factories import CYCLE
from tests.races.for_cycles import (
    decision_and_sweep,
    extension_and_sweep,
    retract_and_submit,
    session_and_sweep,
    two_openings,
)
from tests.races.for_dossiers import (
    annul_and_issue,
    rectify_and_issue,
    retract_and_report,
    retract_and_route,
    two_decisions,
    two_flows,
    two_imports,
    two_recordings,
    withdraw_and_close,
)
from tests.races.for_letters import posted, two_deliveries
from tests.races.track import ORDERS, Heat, Results, Track
from tests.races.world import (
    COMMUNE,
    DISTRICT,
    EVE,
    FILED,
    FILING,
    MEETING,
    World,
    ballot,
    report,
    stage_flow,
    watch,
)

Fair = Callable[[Sequence[Any]], bool]
"""Whether answers may be what two contenders are given."""


def either(answers: Sequence[Any]) -> bool:
    """Whether nobody was refused, or one of them."""
    return sum(isinstance(answer, Exception) for answer in answers) < 2


def one(answers: Sequence[Any]) -> bool:
    """Whether just one was refused."""
    return sum(isinstance(answer, Exception) for answer in answers) == 1


def one_did_it(answers: Sequence[Any]) -> bool:
    """Whether one did what the other then found done: registered, carried on, sent."""
    return sorted(answer[0] for answer in answers if isinstance(answer, tuple)) == [0, 1]


@dataclass(frozen=True)
class Race:
    """A row of the table: a race, what is fair in it, and in which of every so many rounds it is run."""

    name: str
    heat: Callable[[World, int], Heat]
    fair: Fair = either
    every: int = 1
    turns: tuple[int, ...] = (0,)


@dataclass(frozen=True)
class Lap:
    """Races that are run one after the other in each round, and what has to be done before the first round."""

    before: Callable[[World], None]
    races: tuple[Race, ...]


def begun(world: World) -> None:
    """Begin with an office in which nothing was filed."""
    assert not world.dossiers


def filed(world: World) -> None:
    """Let the commune receive what was imported."""
    world.act("receive", COMMUNE, FILING, dossiers=world.dossiers, received_on=FILED)


def reported(world: World) -> None:
    """Let the commune report, and carry the dossiers on to the council."""
    world.act("report", COMMUNE, FILING, **report(world.dossiers))
    world.settle(CYCLE, FILING)


def judged_again(world: World) -> None:
    """Let the council score once more what was annulled."""
    for code in world.dossiers:
        world.act("evaluate", DISTRICT, MEETING, **ballot(code, "55"))


def evening(world: World) -> None:
    """Come to the eve of the strokes."""
    perform(world.engine, lambda session: catch_up(session, EVE))


# fmt: off
LAPS = (
    Lap(begun, (Race("hai lần nhập một tệp", two_imports, one_did_it),)),
    Lap(filed, (
        Race("rút hồ sơ, báo cáo của xã", retract_and_report, every=4),
        Race("rút hồ sơ, luồng chuyển lên", retract_and_route, every=4, turns=(1,)),
    )),
    Lap(reported, (
        Race("hai lần ghi một phiên họp", two_recordings, one),
        Race("thành viên rút, ký quyết định", withdraw_and_close),
    )),
    Lap(judged_again, (
        Race("hai cán bộ ký quyết định", two_decisions, one),
        Race("hai luồng của một bước", two_flows, one_did_it),
        Race("hủy kết quả, công nhận", annul_and_issue, one, 2, (0,)),
        Race("đính chính, công nhận", rectify_and_issue, every=2, turns=(1,)),
    )),
    Lap(evening, (
        Race("hai lần mở một chu trình", two_openings, one),
        Race("gia hạn, theo dõi hằng giờ", partial(extension_and_sweep, watch), every=2, turns=(0,)),
        Race("gia hạn, luồng của bước", partial(extension_and_sweep, stage_flow), every=2, turns=(1,)),
        Race("ghi phiên họp, theo dõi hằng giờ", partial(session_and_sweep, watch), every=4, turns=(0,)),
        Race("ký quyết định, luồng của bước", partial(decision_and_sweep, stage_flow), every=4, turns=(1,)),
        Race("ghi phiên họp, luồng của bước", partial(session_and_sweep, stage_flow), every=4, turns=(2,)),
        Race("ký quyết định, theo dõi hằng giờ", partial(decision_and_sweep, watch), every=4, turns=(3,)),
        Race("rút hồ sơ, ký gửi tỉnh", retract_and_submit, one, 4, (0, 2)),
    )),
    Lap(posted, (Race("hai lần gửi một thư", two_deliveries, one_did_it),)),
)
# fmt: on
RACES = {race.name: race for lap in LAPS for race in lap.races}
SPARE = len(ORDERS) * max(race.every for race in RACES.values())
"""The first rounds, in which one contender follows the other: they show how each order ends."""


def run(world: World, track: Track, rounds: int, spare: int) -> dict[str, Results]:
    """Run every race of the table so many rounds after some spare ones, and return what became of each."""
    found = {name: Results(name, race.fair) for name, race in RACES.items()}
    for lap in LAPS:
        lap.before(world)
        for number in range(rounds + spare):
            for race in lap.races:
                if number % race.every not in race.turns:
                    continue
                results, heat = found[race.name], race.heat(world, number)
                if spare and len(results.orders) < len(ORDERS):
                    results.orders.append(track.one_after_the_other(results, heat))
                else:
                    track.race(results, heat)
    return found
