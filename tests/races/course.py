"""The table of races: in which world each is run, who contends, and what of the record shows how it ended."""

import asyncio
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from itertools import count
from typing import Any

from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from casework.act import ACTS
from casework.actors import person
from casework.agenda import DEADLINE_KINDS, catch_up
from casework.ballots import Score
from casework.corrections import Purpose
from casework.imports.columns import Imported
from casework.imports.reading import read
from casework.imports.settings import ImportSettings
from casework.intake import import_dossiers
from casework.lists.progress import EVENT_LABELS
from casework.moves import Moved
from casework.routing import route
from casework.rules import cycle_by_code, procedure_of
from models.dossiers import Dossier
from models.letters import Letter, LetterState
from models.record import Request
from models.session import perform, transaction
from models.settings import DatabaseSettings
from models.units import Producer, Product
from notifications.delivery import deliver
from notifications.settings import MailSettings, StartTls
from tests.factories import CYCLE, PLAN, ROLES, UNITS, Office, all_gates, at, council, day
from tests.integration.mail_server import HOST, MailServer
from tests.races.shown import View, both, of_ballots, of_cycle, of_dossier, rows
from tests.races.track import Contender, Heat, Results, Track

COMMUNE, DISTRICT, PROVINCE = "14101/officer", "365/officer", "36/officer"
HEAD = "365/head"
NAMES = {f"{code}/{role.value}": f"{role.label} {name}" for level, code, name, _ in UNITS for role in ROLES[level]}

FILING = at("2025-05-05 09:00")
MEETING = at("2025-05-12 09:00")
FILED, MET = FILING.date(), MEETING.date()
BEFORE_MIDNIGHT = timedelta(seconds=-2)
EVE, STROKE, LATER_STROKE = at("2025-06-14 20:00"), at("2025-06-15 00:00"), at("2025-06-16 00:00")
POSTING = at("2026-01-05 08:00")
PLAN_OF_TWO_NIGHTS = re.sub(
    r'(stage = "provincial_submission"\ndate = )\S+(\nwording = )"[^"]*"',
    r'\g<1>2025-06-16\g<2>"trước ngày 16/6/2025"',
    PLAN,
)
"""The plan of 2025 with the submission's deadline one night after the evaluation's: nothing else falls due between them."""


@dataclass
class World:
    """An office on a database, the dossiers and cycles in which races are run, and a mail server."""

    settings: DatabaseSettings
    office: Office
    mail: MailServer
    serials: Iterator[int] = field(default_factory=lambda: count(1))
    dossiers: list[str] = field(default_factory=list)
    """Registered by the imports, one for each round; they go from race to race."""
    retracting: list[str] = field(default_factory=list)
    letters: list[int] = field(default_factory=list)

    @property
    def engine(self) -> Engine:
        """The engine of whatever is no race."""
        return self.office.engine

    def act(self, name: str, who: str, when: datetime, **body: Any) -> dict[str, Any]:
        """Perform an act that is no contender's."""
        self.office.now = when
        return dict(self.office.act(name, who, **body))

    def officer(self, says: str, act: str, who: str, when: datetime, **body: Any) -> Contender:
        """Return an officer who performs an act as the commands and pages do, under a key of their own."""
        key = f"race-{next(self.serials)}"

        def work(session: Session) -> Any:
            return ACTS[act].perform(session, actor=person(session, who), at=when, key=key, **body)

        label = EVENT_LABELS[{"open-cycle": "open"}.get(act, act).replace("-", "_")]
        return Contender(says, lambda engine: perform(engine, work), NAMES[who], label, f"{when:%H:%M ngày %d/%m/%Y}")


Sweep = Callable[[str, str, datetime], Contender]
"""Who sweeps a phase of a cycle at an instant."""


def watch(cycle: str, phase: str, when: datetime) -> Contender:
    """Return the hourly watch's task: the deadlines that are due, of all cycles."""
    del cycle, phase

    def work(session: Session) -> None:
        catch_up(session, when, DEADLINE_KINDS)

    return Contender("theo dõi hằng giờ", lambda engine: perform(engine, work))


def stage_flow(cycle: str, phase: str, when: datetime) -> Contender:
    """Return a stage flow's task that keeps the deadlines of its phase."""

    def work(session: Session) -> None:
        row = cycle_by_code(session, cycle, must_be_open=False)
        catch_up(session, when, DEADLINE_KINDS, row.id, procedure_of(row).phases[phase])

    return Contender("luồng của bước", lambda engine: perform(engine, work))


def routing(says: str, world: World, stage: str, when: datetime) -> Contender:
    """Return a stage flow's task that carries a unit's dossiers on."""

    def work(session: Session) -> tuple[int, int]:
        row = cycle_by_code(session, CYCLE, lock=True, must_be_open=False)
        answers = route(session, row, when, stage=stage)
        moved = sum(isinstance(answer, Moved) for answer in answers)
        return moved, len(answers) - moved

    return Contender(says, lambda engine: perform(engine, work))


# The races.


def two_imports(world: World, number: int) -> Heat:
    """Two officers import the same file of two dossiers."""
    makers = [f"CT-{number}-{which}" for which in (1, 2)]
    lines = [
        "cycle,producer_code,producer_name,commune_code,email,product_code,product_name,kind,proposed_star,registered_on"
    ]
    lines += [
        f"{CYCLE},{maker},HTX mô phỏng {maker},14101,{maker.lower()}@producer.example,SP-{maker},Mắm mô phỏng,lần đầu,3,5/5/2025"
        for maker in makers
    ]
    content = "\n".join(lines).encode()

    def importing(says: str, who: str) -> Contender:
        def work(session: Session) -> Imported:
            table = read("ho_so.csv", content, ImportSettings())
            return import_dossiers(session, table, actor=person(session, who), at=FILING, key=f"import/{number}")

        return Contender(says, lambda engine: perform(engine, work))

    products = select(Product.id).where(Product.code.in_([f"SP-{maker}" for maker in makers]))
    filed = select(Dossier.code).where(Dossier.product_id.in_(products)).order_by(Dossier.product_id)

    def view() -> View:
        codes = [code for (code,) in rows(world.engine, filed)]
        requests = select(Request.act).where(Request.key.startswith(f"import/{number}/"))
        dossiers = [of_dossier(world.engine, code) for code in codes]
        if len(codes) == 2:
            world.dossiers.append(codes[0])
            world.retracting.append(codes[1])
        return {
            "history": [],
            "dossiers": [str(dossier) for dossier in dossiers],
            "requests": rows(world.engine, requests),
            "producers": rows(world.engine, select(Producer.kind).where(Producer.code.in_(makers))),
            "products": rows(world.engine, select(Product.group).where(Product.id.in_(products))),
        }

    return Heat((importing("người nhập tệp", DISTRICT), importing("người cùng nhập", DISTRICT)), view)


def retracting(world: World, code: str, when: datetime) -> Contender:
    return world.officer("người rút", "retract", HEAD, when, dossier=code, requested_on=when.date(), reason="Xin rút")


def retract_and_report(world: World, number: int) -> Heat:
    """The producer retracts while the commune reports."""
    code = world.retracting[number]
    return Heat(
        (
            world.officer("người rút", "retract", "14101/head", FILING, dossier=code, requested_on=FILED, reason="Xin rút"),
            world.officer("người báo cáo", "report", COMMUNE, FILING, **_report([code])),
        ),
        lambda: of_dossier(world.engine, code),
    )  # fmt: skip


def retract_and_route(world: World, number: int) -> Heat:
    """The producer retracts while the flow carries the dossier from its commune to the district."""
    code = world.retracting[number]
    world.act("report", COMMUNE, FILING, **_report([code]))
    when = FILING + timedelta(hours=1)
    return Heat(
        (
            retracting(world, code, when),
            routing("luồng của xã", world, "commune_reported", when),
        ),
        lambda: of_dossier(world.engine, code),
    )  # fmt: skip


def retract_and_submit(world: World, number: int) -> Heat:
    """The producer retracts while the district signs the list for the province."""
    code = world.retracting[number]
    world.act("report", COMMUNE, FILING, **_report([code]))
    world.act("evaluate", DISTRICT, MEETING, **_session(code, "75"))
    world.act("decide", DISTRICT, MEETING, **_paper([code], f"{number}/QĐ"))
    _settle(world, MEETING)
    return Heat(
        (
            retracting(world, code, MEETING),
            world.officer("người ký gửi tỉnh", "submit", DISTRICT, MEETING, dossiers=[code], number="88/UBND-NN", signed_on=MET),
        ),
        lambda: of_dossier(world.engine, code),
    )  # fmt: skip


def two_recordings(world: World, number: int) -> Heat:
    """One officer records a session with all its members, the other with one of them withdrawn."""
    code = world.dossiers[number]
    fewer = [*council("56", 4), Score("Ủy viên 5", recused="Có quan hệ với chủ thể")]
    return Heat(
        (
            world.officer("người ghi đủ", "evaluate", DISTRICT, MEETING, **_session(code, "55")),
            world.officer("người ghi vắng một", "evaluate", HEAD, MEETING, **_session(code, "56", scores=fewer)),
        ),
        lambda: {**of_dossier(world.engine, code), "ballots": of_ballots(world.engine, code)},
    )


def withdraw_and_close(world: World, number: int) -> Heat:
    """A member turns out to be concerned and the ballot is annulled, while the decision on it is signed."""
    code = world.dossiers[number]
    return Heat(
        (
            world.officer("người hủy lượt chấm", "annul", HEAD, MEETING, **_annulment(code)),
            world.officer("người ký", "decide", DISTRICT, MEETING, **_paper([code], "1/QĐ")),
        ),
        lambda: of_dossier(world.engine, code),
    )


def two_decisions(world: World, number: int) -> Heat:
    """Two officers sign a decision each on one dossier."""
    code = world.dossiers[number]
    return Heat(
        (
            world.officer("cán bộ ký", "decide", DISTRICT, MEETING, **_paper([code], "2/QĐ")),
            world.officer("thủ trưởng ký", "decide", HEAD, MEETING, **_paper([code], "3/QĐ")),
        ),
        lambda: of_dossier(world.engine, code),
    )


def two_flows(world: World, number: int) -> Heat:
    """Two runs of one stage flow carry the same decided dossier on."""
    code = world.dossiers[number]
    return Heat(
        (routing("luồng thứ nhất", world, "district_decided", MEETING), routing("luồng thứ hai", world, "district_decided", MEETING)),
        lambda: of_dossier(world.engine, code),
    )  # fmt: skip


def correct_and_issue(world: World, number: int) -> Heat:
    """The district annuls its result by a document while its head signs the recognition."""
    code = world.dossiers[number]
    return Heat(
        (
            world.officer("người hủy kết quả", "annul", DISTRICT, MEETING, **_annulment(code)),
            world.officer("người công nhận", "recognise", HEAD, MEETING, **_paper([code], "500/QĐ")),
        ),
        lambda: of_dossier(world.engine, code),
    )


def rectify_and_issue(world: World, number: int) -> Heat:
    """The district rectifies its decision's number while its head signs the recognition on it: both may."""
    code = world.dossiers[number]
    return Heat(
        (
            world.officer(
                "người đính chính", "correct-decision", DISTRICT, MEETING, dossier=code, purpose=Purpose.RESULT, number="2a/QĐ",
                signed_on=MET, signer="Nguyễn Văn Ký", document="9/UBND", reason="Ghi nhầm số",
            ),
            world.officer("người công nhận", "recognise", HEAD, MEETING, **_paper([code], "500/QĐ")),
        ),
        lambda: of_dossier(world.engine, code),
    )  # fmt: skip


def two_openings(world: World, number: int) -> Heat:
    """The province's officer and its coordinator office open the cycle of the year."""
    code = f"ND-{number}"
    return Heat(
        (
            world.officer("cán bộ tỉnh", "open-cycle", PROVINCE, EVE, code=code, plan=PLAN_OF_TWO_NIGHTS),
            world.officer("văn phòng điều phối", "open-cycle", "36/coordinator_office", EVE, code=code, plan=PLAN_OF_TWO_NIGHTS),
        ),
        lambda: of_cycle(world.engine, code),
    )  # fmt: skip


def extension_and_sweep(sweep: Sweep, world: World, number: int) -> Heat:
    """The province extends a deadline two seconds before it strikes, while a flow that woke on time sweeps."""
    cycle, code = _in_cycle(number)
    world.act("register", COMMUNE, EVE, **(_registration(number) | {"cycle": cycle}))
    world.act("receive", COMMUNE, EVE, dossiers=[code], received_on=EVE.date())
    world.act("report", COMMUNE, EVE, **_report([code], EVE.date()))
    extending = world.officer(
        "người gia hạn", "extend", PROVINCE, STROKE + BEFORE_MIDNIGHT, cycle=cycle, stage="district_evaluation",
        day=STROKE.date(), document="70/UBND", reason="Mưa bão",
    )  # fmt: skip
    return Heat((extending, sweep(cycle, "district_evaluation", STROKE)), _in_view(world, number))


def session_and_sweep(sweep: Sweep, world: World, number: int) -> Heat:
    """The session that meets a deadline is recorded two seconds before it strikes, while a flow sweeps."""
    cycle, code = _in_cycle(number)
    when = LATER_STROKE + BEFORE_MIDNIGHT
    recording = world.officer("người ghi phiên họp", "evaluate", DISTRICT, when, **_session(code, "55", on=when.date()))
    return Heat((recording, sweep(cycle, "district_evaluation", LATER_STROKE)), _in_view(world, number))


def decision_and_sweep(sweep: Sweep, world: World, number: int) -> Heat:
    """The decision that lets a dossier pass a deadline is signed two seconds before it strikes, while a flow sweeps."""
    cycle, code = _in_cycle(number)
    when = LATER_STROKE + BEFORE_MIDNIGHT
    world.act("evaluate", DISTRICT, when, **_session(code, "55", on=when.date()))
    deciding = world.officer("người ký", "decide", DISTRICT, when, **_paper([code], "4/QĐ", when.date()))
    view = _in_view(world, number)

    def carried_on() -> View:
        with transaction(world.engine) as session:
            route(session, cycle_by_code(session, cycle), LATER_STROKE)
        return view()

    return Heat((deciding, sweep(cycle, "provincial_submission", LATER_STROKE)), carried_on)


def _in_cycle(number: int) -> tuple[str, str]:
    return f"ND-{number}", f"ND-{number}-0001"


def _in_view(world: World, number: int) -> Callable[[], View]:
    cycle, code = _in_cycle(number)
    return lambda: both(of_dossier(world.engine, code), of_cycle(world.engine, cycle))


def two_deliveries(world: World, number: int) -> Heat:
    """Two senders are woken for the one letter that is due."""
    letter, when = world.letters[number], POSTING + timedelta(minutes=number)
    mail = MailSettings(
        host=HOST,
        port=world.mail.port,
        starttls=StartTls.NEVER,
        sender_address="ocop@office.example",
        connections=1,
        timeout=30,
    )

    def sending(says: str) -> Contender:
        def run(engine: Engine) -> Any:
            told = asyncio.run(deliver(engine, mail, when))
            return told.sent, told.retried, told.dead, told.marked_late, told.away

        return Contender(says, run)

    def view() -> View:
        ((message_id, *rest),) = rows(
            world.engine,
            select(Letter.message_id, Letter.state, Letter.tries, Letter.unconfirmed).where(Letter.id == letter),
        )
        taken = [mail["Message-ID"] for mail in world.mail.mails()[number:]]
        return {"history": [], "letter": [tuple(rest)], "received": [identity == message_id for identity in taken]}

    return Heat((sending("người gửi"), sending("người cùng gửi")), view)


def _report(codes: Sequence[str], on: date = FILED) -> dict[str, Any]:
    return {"dossiers": codes, "number": "12/BC-UBND", "reported_on": on, "findings": "Đủ nội dung đánh giá."}


def _session(code: str, mean: str, *, on: date = MET, scores: Sequence[Score] = ()) -> dict[str, Any]:
    return {
        "dossier": code, "held_on": on, "minutes": "01/BB-HĐ", "members": 5, "scores": scores or council(mean),
        "gates": all_gates(),
    }  # fmt: skip


def _paper(codes: Sequence[str], number: str, on: date = MET) -> dict[str, Any]:
    return {"dossiers": codes, "number": number, "signed_on": on, "signer": "Nguyễn Văn Ký"}


def _annulment(code: str) -> dict[str, Any]:
    return {
        "dossier": code, "document": "7/UBND", "reason": "Thành viên có quan hệ với chủ thể", "annulled_on": MET,
        "due_on": day("2025-06-10"),
    }  # fmt: skip


def _registration(number: int) -> dict[str, Any]:
    from casework.registration import Goods, Maker
    from ocop.levels import DossierKind

    return {
        "producer": Maker(f"CT-C-{number}", "HTX mô phỏng", "14101", email=f"c{number}@producer.example"),
        "product": Goods(f"SP-C-{number}", "Mật ong mô phỏng"), "kind": DossierKind.FIRST, "proposed_star": 3,
        "registered_on": EVE.date(),
    }  # fmt: skip


def _settle(world: World, when: datetime) -> None:
    with transaction(world.engine) as session:
        route(session, cycle_by_code(session, CYCLE), when)


# What comes between the laps.


def nothing(world: World) -> None:
    """Begin a lap as the one before has left the world."""


def received(world: World) -> None:
    """Let the commune receive what was imported, and report on what goes on to the council."""
    world.act("receive", COMMUNE, FILING, dossiers=world.dossiers + world.retracting, received_on=FILED)


def reported(world: World) -> None:
    """Let the commune report on the dossiers that go on to the council."""
    world.act("report", COMMUNE, FILING, **_report(world.dossiers))
    _settle(world, FILING)


def judged_again(world: World) -> None:
    """Let the council score once more what was annulled."""
    for code in world.dossiers:
        world.act("evaluate", DISTRICT, MEETING, **_session(code, "55"))


def caught_up(world: World) -> None:
    """Come to the eve of the strokes."""
    perform(world.engine, lambda session: catch_up(session, EVE))


def posted(world: World, letters: int = 100_000) -> None:
    """Leave as many letters to be sent as there are rounds, one due each minute."""
    with transaction(world.engine) as session:
        perform_catch_up = session.scalars(
            select(Letter.id).where(Letter.state == LetterState.OWED.value).order_by(Letter.id)
        ).all()
        world.letters = list(perform_catch_up[: len(world.dossiers)])
        session.execute(
            update(Letter)
            .where(Letter.state == LetterState.OWED.value, Letter.id.not_in(world.letters))
            .values(state=LetterState.TO_HAND_OVER.value)
        )
        for number, letter in enumerate(world.letters):
            due = POSTING + timedelta(minutes=number)
            session.execute(
                update(Letter)
                .where(Letter.id == letter)
                .values(send_from=due, next_try_at=due, give_up_at=due + timedelta(days=3))
            )


@dataclass(frozen=True)
class Race:
    """A row of the table: a race, and every how many rounds it is run."""

    name: str
    heat: Callable[[World, int], Heat]
    every: int = 1
    turn: int = 0


@dataclass(frozen=True)
class Lap:
    """Races that are run one after the other in each round, and what has to be done before the first round."""

    before: Callable[[World], None]
    races: tuple[Race, ...]


# fmt: off
LAPS = (
    Lap(nothing, (Race("hai lần nhập một tệp", two_imports),)),
    Lap(received, (
        Race("rút hồ sơ và báo cáo của xã", retract_and_report, 3, 0),
        Race("rút hồ sơ và luồng chuyển lên", retract_and_route, 3, 1),
        Race("rút hồ sơ và ký gửi tỉnh", retract_and_submit, 3, 2),
    )),
    Lap(reported, (
        Race("hai lần ghi một phiên họp", two_recordings),
        Race("thành viên rút và ký quyết định", withdraw_and_close),
    )),
    Lap(judged_again, (
        Race("hai cán bộ ký quyết định", two_decisions),
        Race("hai luồng của một bước", two_flows),
        Race("hủy kết quả và công nhận", correct_and_issue, 2, 0),
        Race("đính chính và công nhận", rectify_and_issue, 2, 1),
    )),
    Lap(caught_up, (
        Race("hai lần mở một chu trình", two_openings),
        Race("gia hạn và theo dõi hằng giờ", partial(extension_and_sweep, watch), 2, 0),
        Race("gia hạn và luồng của bước", partial(extension_and_sweep, stage_flow), 2, 1),
        Race("ghi phiên họp và theo dõi hằng giờ", partial(session_and_sweep, watch), 4, 0),
        Race("ghi phiên họp và luồng của bước", partial(session_and_sweep, stage_flow), 4, 1),
        Race("ký quyết định và theo dõi hằng giờ", partial(decision_and_sweep, watch), 4, 2),
        Race("ký quyết định và luồng của bước", partial(decision_and_sweep, stage_flow), 4, 3),
    )),
    Lap(posted, (Race("hai lần gửi một thư", two_deliveries),)),
)
# fmt: on
RACES = tuple(race.name for lap in LAPS for race in lap.races)
SPARE = 2 * max(race.every for lap in LAPS for race in lap.races)
"""Rounds run one contender after the other, that show how both orders end."""
END = POSTING + timedelta(days=30)


def run(world: World, track: Track, rounds: int) -> dict[str, Results]:
    """Run every race of the table so many rounds, and return what became of each."""
    found: dict[str, Results] = {}
    for lap in LAPS:
        lap.before(world)
        for number in range(rounds + SPARE):
            for race in lap.races:
                if number % race.every != race.turn:
                    continue
                heat = race.heat(world, number)
                names = tuple(contender.name for contender in heat.contenders)
                results = found.setdefault(race.name, Results(race.name, (names[0], names[1])))
                if len(results.serial) < 2:
                    results.serial.append(track.one_after_the_other(race.name, heat, len(results.serial)))
                else:
                    track.race(results, heat)
    return found
