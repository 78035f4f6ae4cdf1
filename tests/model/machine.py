"""Drives the engine and the reference model side by side, and compares them after each step."""

import asyncio
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import event, select

from benchmarks.simulation.faults import Fault
from benchmarks.simulation.mail import SETTINGS, VirtualServer
from casework.ballots import Score
from casework.doctor.checkup import examine
from casework.doctor.invariant import Look
from casework.registration import Goods, Maker
from casework.submission import KeptBecause
from models.dossiers import Complaint
from models.letters import Letter, LetterState
from models.results import Certificate
from models.session import make_engine, transaction
from models.settings import DatabaseSettings
from models.units import Product
from notifications.delivery import deliver
from ocop.errors import RuleViolation
from ocop.levels import DossierKind, Level
from ocop.scoring import Gate
from ocop.working_days import day_of
from tests.factories import CYCLE, UNITS, Office
from tests.model import law
from tests.model.comparing import compare
from tests.model.parts import ABOVE, COUNCILS, Refused, Settings
from tests.model.parts import Dossier as Known
from tests.model.reference import Model
from tests.model.turns import CRASH, LOST, PLAIN, TWICE, Turn, failed_gates, means, seeds, ways
from tests.plans import plan_with

COMMUNES = [code for level, code, *_ in UNITS if level is Level.COMMUNE]
DATED = ("district_evaluation", "provincial_submission", "provincial_evaluation")
ONWARD = {
    "registered": "receive", "filed_at_district": "receive", "commune_review": "report", "commune_supplement": "supplement",
    "district_supplement": "supplement", "provincial_submission": "submit", "provincial_supplement": "supplement",
    "returned_to_district": "decide", "district_recognition": "recognise", "provincial_recognition": "recognise",
    "central_proposal": "propose", "central_evaluation": "record_central_result",
}  # fmt: skip


class Offices(RuleBasedStateMachine):
    """An office beside its model; what one refuses the other refuses, and what one writes the other knows."""

    template: Path
    """A migrated SQLite file to begin from, given by the test."""
    done: Counter[str]
    """Acts by both, over all examples."""
    refused: Counter[str]
    """Acts by neither."""

    def __init__(self) -> None:
        """Begin in a folder of its own."""
        super().__init__()
        self.home = Path(tempfile.mkdtemp(prefix="ocop-model-", dir=self.template.parent))
        shutil.copy(self.template, self.home / "ocop.db")
        self.left: int | None = None
        self.random = Random(61)
        self.server = VirtualServer(self.random, 0.3)
        self._open()
        self.made = self.keys = 0

    def _open(self) -> None:
        self.engine = make_engine(DatabaseSettings(home=self.home, db_url=""))

        @event.listens_for(self.engine, "before_cursor_execute")
        def strike(*_: Any) -> None:
            if self.left is not None:
                self.left -= 1
                if self.left < 0:
                    self.left = None
                    raise Fault

    @initialize(
        inclusive=st.booleans(),
        after=st.sampled_from(("refuse", "next_round", "accept_late")),
        files_with=st.sampled_from(("commune", "district")),
        basis=st.sampled_from(("province_result", "district_result", "new_session")),
        to_province=st.sampled_from((65, 70)),
        compulsory=st.booleans(),
        asked_at_most=st.integers(1, 2),
        signed=st.booleans(),
    )
    def opened(self, *, inclusive: bool, after: str, files_with: str, basis: str, to_province: int, compulsory: bool,
               asked_at_most: int, signed: bool) -> None:  # fmt: skip
        """Open a cycle under a plan with drawn settings."""
        met_by = {"district_evaluation": "session_held", "provincial_submission": "letter_sent",
                  "provincial_evaluation": "decision_signed" if signed else "session_held"}  # fmt: skip
        back = timedelta(days=0 if inclusive else 1)
        last_days = {
            DATED[0]: date(2025, 6, 15) - back,
            DATED[1]: date(2025, 6, 20) - back,
            DATED[2]: date(2025, 7, 20) - back,
        }
        settings = Settings(last_days, met_by, after, files_with, basis, to_province, compulsory, asked_at_most)
        text = plan_with(
            ('boundary = "exclusive"', f'boundary = "{"inclusive" if inclusive else "exclusive"}"'),
            (
                'met_by = "session_held"\nafter_deadline = "refuse"',
                f'met_by = "session_held"\nafter_deadline = "{after}"',
            ),
            (
                'met_by = "letter_sent"\nafter_deadline = "refuse"',
                f'met_by = "letter_sent"\nafter_deadline = "{after}"',
            ),
            ('files_with = "commune"', f'files_with = "{files_with}"'),
            ('basis = "province_result"', f'basis = "{basis}"'),
            ("to_province_from = 70", f"to_province_from = {to_province}"),
            ("compulsory = false", f"compulsory = {str(compulsory).lower()}"),
            ("at_most = 3", f"at_most = {asked_at_most}"),
        )
        if signed:
            head, mark, tail = text.partition('stage = "provincial_evaluation"')
            text = head + mark + tail.replace("session_held", "decision_signed", 1)
        self.office = Office(self.engine).found().open_cycle(text)
        self.model = Model(settings, self.office.now)
        for commune in COMMUNES[:3]:
            self.register(commune, again=False, way=PLAIN)

    # Steps.

    @rule(commune=st.sampled_from(COMMUNES), again=st.booleans(), way=ways)
    def register(self, commune: str, again: bool, way: str) -> None:
        """File a dossier of a new product, or one more of a product that was there before."""
        self.made += 1
        product, known = f"SP-{self.made}", list(self.model.dossiers.values())
        if again and known:
            product, commune = known[-1].product, known[-1].commune
        code = f"{CYCLE}-{len(known) + 1:04d}"
        producer = product.replace("SP", "CT")
        wanted = {"cycle": CYCLE, "producer": Maker(producer, f"HTX {producer}", commune, email=f"{producer}@producer.example"),
                  "product": Goods(product, f"Trà {product}"), "kind": DossierKind.FIRST, "proposed_star": 3,
                  "registered_on": self.day}  # fmt: skip
        self.both("register", f"{commune}/officer", wanted, lambda: self.model.register(code, product, commune), way)

    def go_on(self, seed: int, turns: int = 6) -> None:
        """Do with some dossiers what they wait for, or at times what else the law has for them."""
        random = Random(seed)
        for turn in [Turn.drawn(random) for _ in range(turns)]:
            opened = [known for known in self.model.dossiers.values() if known.open]
            if len(opened) < 3:
                self.register(COMMUNES[turn.place % 4], again=turn.aside > 5, way=turn.way)
                self.same()
            if not opened:
                continue
            known = opened[turn.place % len(opened)]
            council = known.stage in COUNCILS and known.stage not in known.found
            judged_anew = known.stage != COUNCILS[2] or self.model.settings.basis == "new_session"
            happens = "evaluate" if council and judged_anew else ONWARD.get(known.stage, "decide")
            if turn.aside:
                possible = sorted(
                    {way.event for way in law.WAYS if way.source == known.stage} | {"complain", "accept_late"}
                )
                happens = possible[turn.aside % len(possible)]
            self.happen(known, happens, turn.mean, turn.failed, turn.apart, turn.way)
            self.same()

    @rule(seed=seeds)
    def work(self, seed: int) -> None:
        """Let a day's work be done."""
        self.go_on(seed, turns=12)

    @precondition(lambda self: self.model.dossiers)
    @rule(
        place=st.integers(0, 30), happens=st.sampled_from(sorted({way.event for way in law.WAYS} - {"route"} | {
            "evaluate", "complain", "accept_late"})),
        mean=means, failed=failed_gates, way=ways,
    )  # fmt: skip
    def do_anything(self, place: int, happens: str, mean: Decimal, failed: frozenset[int], way: str) -> None:
        """Do with a dossier whatever there is, mostly what may not be."""
        known = list(self.model.dossiers.values())
        self.happen(known[place % len(known)], happens, mean, failed, 0, way)

    @precondition(lambda self: self.model.dossiers)
    @rule(
        stage=st.sampled_from(DATED), days=st.integers(-2, 25), district=st.sampled_from(("", "365", "366")), way=ways
    )
    def extend(self, stage: str, days: int, district: str, way: str) -> None:
        """Give a stage a later day, for all or for a district."""
        last = max(self.day, self.model.settings.last_days[stage]) + timedelta(days=days)
        wanted = {"cycle": CYCLE, "stage": stage, "day": last, "document": "9/UBND", "reason": "Mưa lũ"}
        if district:
            wanted |= {"level": Level.DISTRICT, "unit": district}
        self.both("extend", "36/officer", wanted, lambda: self.model.extend(stage, last, district), way)

    @precondition(lambda self: any(deadline.climbed for deadline in self.model.deadlines))
    @rule(way=ways)
    def acknowledge(self, way: str) -> None:
        """Answer an escalation."""
        deadline = next(row for row in self.model.deadlines if row.climbed)
        unit = min(deadline.climbed)
        level = next(level for level, code, *_ in UNITS if code == unit)
        wanted = {"cycle": CYCLE, "stage": deadline.stage, "level": level, "unit": unit, "note": "Họp ngày mai"}
        self.both("acknowledge", f"{unit}/officer", wanted, lambda: self.model.acknowledge(deadline.stage, unit), way)

    @precondition(lambda self: self.model.complaints)
    @rule(number=st.integers(1, 5), way=ways)
    def answer(self, number: int, way: str) -> None:
        """Answer a complaint."""
        number = min(number, len(self.model.complaints))
        holder = self.model.dossiers[self.model.complaints[number][0]].holder
        ids = [row[0] for row in self.office.rows(select(Complaint.id).order_by(Complaint.id))]
        wanted = {"complaint": ids[number - 1], "answered_on": self.day, "answer": "Giữ nguyên", "document": "7/UBND"}
        self.both("answer-complaint", self.officer(holder), wanted, lambda: self.model.answer(number), way)

    @precondition(lambda self: self.model.certificates)
    @rule(way=ways)
    def revoke(self, way: str) -> None:
        """Take the newest certificate back."""
        product, (star, code) = list(self.model.certificates.items())[-1]
        ((number,),) = self.office.rows(
            select(Certificate.number)
            .join(Product, Product.id == Certificate.product_id)
            .where(Product.code == product, Certificate.replaced_on.is_(None), Certificate.revoked_on.is_(None))
        )
        issuer = {3: ABOVE[self.model.dossiers[code].commune], 4: "36", 5: "36"}[star]
        wanted = {"certificate": number, "revoked_on": self.day, "document": "5/UBND", "reason": "Dùng sai nhãn"}
        self.both("revoke", f"{issuer}/officer", wanted, lambda: self.model.revoke(product), way)

    @precondition(lambda self: len(self.model.dossiers) > 3)
    @rule(way=ways, finish=st.booleans())
    def close(self, way: str, finish: bool) -> None:
        """Close the cycle, at times after what is not finished was put off; where that may be."""
        for known in self.model.dossiers.values():
            if finish and known.open:
                self.happen(known, "carry_over", Decimal(0), frozenset(), 0, PLAIN)
        self.both("close-cycle", "36/officer", {"cycle": CYCLE}, self.model.close, way)

    @rule(hours=st.sampled_from((1, 5, 16, 24, 24, 72, 160, 400)), seed=seeds)
    def let_time_pass(self, hours: int, seed: int) -> None:
        """Drive the clock forward after some work; the watch comes late at times."""
        self.go_on(seed)
        if self.office.now + timedelta(hours=hours) < self.office.now.replace(year=2025, month=11, day=20):
            self.office.now += timedelta(hours=hours)
            self.settled()

    @rule(seed=seeds)
    def send(self, seed: int) -> None:
        """Work, then let a few letters leave by a server that refuses some and loses its answers to others; start again."""
        self.go_on(seed)
        asyncio.run(
            deliver(self.engine, SETTINGS, self.office.now, at_most=3, elapsed=lambda: 0.0, connect=self.server.connect)
        )
        self.start_again()

    def start_again(self) -> None:
        """Start the process again on the same file."""
        self.engine.dispose()
        self._open()
        self.office.engine = self.engine

    # How a step is taken by both.

    @property
    def day(self) -> date:
        """Today in Việt Nam."""
        return day_of(self.office.now)

    def officer(self, unit: str) -> str:
        """Return who acts for a unit; the province enters what happens at the centre."""
        return "36/officer" if unit == "00" else f"{unit}/officer"

    def happen(self, known: Known, happens: str, mean: Decimal, failed: frozenset[int], apart: int, way: str) -> None:
        """Let an event happen to a dossier in both."""
        model, day, code = self.model, self.day, known.code
        who, gates = (
            self.officer(known.holder),
            [Gate(star, star not in failed, "Thiếu" * (star in failed)) for star in (3, 4, 5)],
        )
        paper, one, many = {"document": "3/UBND", "reason": "Theo đề nghị"}, {"dossier": code}, {"dossiers": [code]}
        signed = {**many, "number": "12/QĐ", "signed_on": day}
        totals = [mean] * 4 + [mean - apart if mean > 50 else mean + apart]
        taken: dict[str, tuple[dict[str, Any], Callable[[], None]]] = {
            "receive": ({**many, "received_on": day}, lambda: model.simple(known, "receive")),
            "report": ({**many, "number": "1/BC", "reported_on": day, "findings": "Đủ"}, lambda: model.dated(known, "report")),
            "evaluate": (
                {**one, "held_on": day, "minutes": "1/BB", "members": 5, "gates": gates,
                 "scores": [Score(f"Ủy viên {at}", total, chair=at == 0) for at, total in enumerate(totals)]},
                lambda: model.evaluate(known, totals, failed),
            ),
            "decide": ({**signed, "signer": "Ký"}, lambda: model.decide(known)),
            "submit": (signed, lambda: model.dated(known, "submit")),
            "keep": (
                {**many, "because": KeptBecause.DECLINED if mean >= 70 else KeptBecause.NOT_SELECTED, "reason": "Ý chủ thể",
                 "decided_on": day},
                lambda: model.keep(known, mean >= 70),
            ),
            "recognise": ({**signed, "signer": "Ký"}, lambda: model.recognise(known)),
            "propose": (signed, lambda: model.dated(known, "propose")),
            "forgo": ({**many, "reason": "Chủ thể chưa muốn", "decided_on": day}, lambda: model.simple(known, "forgo")),
            "record_central_result": (
                {**one, "held_on": day, "minutes": "1/BB", "mean": mean, "gates": gates, "number": "3/QĐ", "signed_on": day,
                 "signer": "Ký"},
                lambda: model.central(known, mean, failed),
            ),
            "request_supplement": ({**one, "reason": "Thiếu giấy", "requested_on": day}, lambda: model.ask_supplement(known)),
            "supplement": ({**one, "supplemented_on": day, "note": "Đã nộp"}, lambda: model.simple(known, "supplement")),
            "annul": (
                {**one, "annulled_on": day, "due_on": day + timedelta(days=int(mean) % 30), **paper},
                lambda: model.annul(known, int(mean) % 30),
            ),
            "retract": ({**one, "requested_on": day, "reason": "Xin rút"}, lambda: model.simple(known, "retract")),
            "disqualify": ({**one, "found_on": day, **paper}, lambda: model.simple(known, "disqualify")),
            "carry_over": ({**many, "decided_on": day, "reason": "Chưa xong"}, lambda: model.simple(known, "carry_over")),
            "complain": ({**one, "received_on": day, "body": "Điểm chưa đúng"}, lambda: model.complain(known)),
            "accept_late": (
                {**many, "stage": DATED[int(mean) % 3], **paper},
                lambda: model.accept_late(known, DATED[int(mean) % 3]),
            ),
        }  # fmt: skip
        if happens == "accept_late" or (happens, known.stage) == ("annul", "returned_to_district"):
            who = "36/officer"
        wanted, also = taken[happens]
        self.both(happens.replace("_", "-"), who, wanted, also, way)

    def both(self, name: str, who: str, wanted: dict[str, Any], also: Callable[[], None], way: str) -> None:
        """Take a step in engine and model; the engine's is cut off, lost or sent twice as `way` says."""
        self.keys += 1
        key = f"step-{self.keys}"
        if way == CRASH:
            self.left = self.random.randrange(45)
        try:
            answer: dict[str, Any] | None = self.office.act(name, who, key=key, **wanted)
            if way == LOST:
                self.start_again()
                answer = self.answered(name, who, key, wanted)
        except Fault:
            self.left = None
            self.start_again()
            answer = self.answered(name, who, key, wanted)
        except RuleViolation:
            answer = None
        finally:
            self.left = None
        if way == TWICE and answer is not None:
            assert self.office.act(name, who, key=key, **wanted) == {**answer, "replayed": True}
        try:
            also()
            allowed = True
        except Refused:
            allowed = False
        assert (answer is not None) == allowed, f"{name} by {who}: the engine {'did' if answer else 'refused'} it"
        (self.done if allowed else self.refused)[name] += 1
        self.settled()

    def answered(self, name: str, who: str, key: str, wanted: dict[str, Any]) -> dict[str, Any] | None:
        """Ask again under the same key after a fault."""
        try:
            return self.office.act(name, who, key=key, **wanted)
        except RuleViolation:
            return None

    def settled(self) -> None:
        """Let both do what is due until now."""
        self.office.tick()
        self.model.go(self.office.now)

    # What both know.

    @invariant()
    def same(self) -> None:
        """Compare stage, holder, history, breaches, ballots, certificates and letters."""
        if not hasattr(self, "model"):
            return
        compare(self.office, self.model)

    def teardown(self) -> None:
        """Let the doctor look, compare what left with what arrived, and forget the record."""
        try:
            if hasattr(self, "model"):
                self.office.tick()
                with transaction(self.engine) as session:
                    look = Look(session, self.office.now, self.home)
                    broken = {
                        found.invariant.key: list(found.violations)
                        for found in examine(look)
                        if not found.holds and found.invariant.key != "letters_not_forgotten"
                    }
                assert not broken, broken
                sent = self.office.rows(select(Letter.message_id).where(Letter.state == LetterState.SENT.value))
                assert all(self.server.arrived[message] for (message,) in sent)
        finally:
            self.engine.dispose()
            shutil.rmtree(self.home)
