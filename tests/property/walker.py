"""Random acts of a whole office at random instants, refused or not, and what must hold after each of them."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import func, literal, select, union_all
from sqlalchemy.orm import Session

from casework.ballots import Score
from casework.chronicle import event_hash
from casework.corrections import Purpose
from casework.doctor import chains
from casework.doctor.checkup import INVARIANTS, examine
from casework.doctor.invariant import Look
from casework.evidence import NewEvidence
from casework.registration import Goods, Maker
from casework.submission import KeptBecause
from casework.timing import outstanding
from models.base import Base
from models.cycles import AgendaItem, Breach, Cycle, Deadline, Escalation
from models.dossiers import Complaint, Dossier
from models.letters import Letter
from models.record import Event
from models.results import Certificate, Decision, Evaluation
from models.session import transaction
from models.units import Product, Unit
from ocop import scoring
from ocop.errors import KeyReused, RuleViolation
from ocop.evidence import EvidenceKind
from ocop.levels import DossierKind, Level
from ocop.procedure import ROUTE
from ocop.procedures.qd148 import QD148
from ocop.scoring import Gate
from ocop.working_days import VIETNAM
from tests.factories import CYCLE, PLAN, UNITS, Office

MEANS = (
    "0",
    "29.999",
    "30",
    "49",
    "49.995",
    "50",
    "55",
    "69",
    "69.995",
    "70",
    "75",
    "89.999",
    "90",
    "95",
    "95",
    "95",
    "100",
)
EVENTS = sorted(
    {event for stage in QD148.stages for event in QD148.events_at(stage.key)} - {ROUTE, "revoke", "correct"}
)
COMMUNES = [code for level, code, *_ in UNITS if level is Level.COMMUNE]
PEOPLE = [f"{code}/officer" for _, code, *_ in UNITS] + ["36/coordinator_office", "36/department", "365/head"]
VIETNAMESE = set("ăâđêôơưàáảãạằắẳẵặầấẩẫậèéẻẽẹềếểễệìíỉĩịòóỏõọồốổỗộờớởỡợùúủũụừứửữựỳýỷỹỵ")


PLACE = {stage.key: number for number, stage in enumerate(QD148.stages)}
DUE = {(move.source, move.event, move.target): frozenset(move.letters) for move in QD148.moves}
DUE |= {(stage, note.event, stage): frozenset(note.letters) for note in QD148.notes for stage in note.stages}
"""The letters that each row of the table owes."""


@dataclass(frozen=True)
class Request:
    """What somebody asks the office to do."""

    act: str
    who: str
    body: dict[str, Any]
    on_behalf: str = ""


@dataclass
class Walk:
    """A walk of one seed: asks, looks at the answer, asks again under the same key, and checks the record."""

    office: Office
    random: Random
    steps: Iterator[int] = field(default_factory=lambda: iter(range(1, 1_000_000)))
    done: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)

    def step(self) -> None:
        """Let time pass or ask for one act, and check the record; letters, deadlines and results whenever time passes."""
        if self.random.random() < 0.15:
            self._check(whole=True)
            self._let_time_pass()
            self._check(whole=True)
        else:
            self._ask(self._request(), f"walk-{next(self.steps)}")
            self._check(whole=False)

    def end(self, files: Path) -> None:
        """Let the watch do what is due, and the doctor examine everything."""
        self.office.tick()
        self._check(whole=True)
        with transaction(self.office.engine) as session:
            look = Look(session, self.office.now, files)
            keys = [row.key for row in INVARIANTS if row.key != "letters_not_forgotten"]  # no mail leaves on a walk
            broken = {found.invariant.key: list(found.violations) for found in examine(look, keys) if not found.holds}
            assert not broken, broken
            assert not chains.verify(session).faults

    def _let_time_pass(self) -> None:
        hours = self.random.choices([1, 5, 15, 26, 49, 100, 400], [5, 5, 5, 5, 5, 2, 1])[0]
        self.office.now += timedelta(hours=hours)
        if self.random.random() < 0.6:
            self.office.tick()

    def _ask(self, request: Request, key: str) -> None:
        before = self._sizes()
        try:
            answer = self._perform(request, key)
        except RuleViolation as violation:
            self._refused(request, violation, before)
            return
        self.done[request.act] += 1
        after = self._sizes()
        assert after["requests"] == before["requests"] + 1
        assert self._perform(request, key) == {**answer, "replayed": True}
        with pytest.raises(KeyReused):
            self._perform(Request("set-target", "36/officer", {"cycle": "khác"}), key)
        assert self._sizes() == after, "a replay wrote something"

    def _refused(self, request: Request, violation: RuleViolation, before: dict[str, int]) -> None:
        told = violation.vietnamese
        assert set(told.lower()) & VIETNAMESE, told
        assert told.rstrip()[-1] in ".!?:;)", told
        assert violation.english
        assert self._sizes() == before, "a refused act wrote something"
        self.refused[request.act] += 1

    def _perform(self, request: Request, key: str) -> dict[str, Any]:
        return self.office.act(request.act, request.who, key=key, on_behalf=request.on_behalf, **request.body)

    def _sizes(self) -> dict[str, int]:
        """Return how many rows each table has, and what the changing ones add up to."""
        counts = [select(literal(table.name), func.count()).select_from(table) for table in Base.metadata.sorted_tables]
        counts.append(select(literal("versions"), func.coalesce(func.sum(Dossier.version), 0)))
        counts.append(select(literal("open breaches"), func.count()).where(Breach.closed_at.is_(None)))
        counts.append(select(literal("agenda open"), func.count()).where(AgendaItem.done_at.is_(None)))
        return dict(self.office.rows(union_all(*counts)))  # type: ignore[arg-type]

    # What is asked for.

    def _request(self) -> Request:
        dossiers = self.office.rows(
            select(Dossier.code, Dossier.stage, Unit.code, Dossier.open)
            .join(Unit, Unit.id == Dossier.holder_id)
            .order_by(Dossier.id)
        )
        if len(dossiers) < 2 or self.random.random() < 0.12:
            return self._registration()
        if self.random.random() < 0.08:
            return self._of_the_cycle()
        moving = [row for row in dossiers if row[3]] or dossiers
        furthest = [max(moving, key=lambda row: PLACE[row[1]])]
        code, stage, holder, _ = self.random.choice(self.random.choices([moving, furthest, dossiers], [5, 3, 1])[0])
        possible = [event for event in QD148.events_at(stage) if event in EVENTS]
        likely = self.random.choices([self._onward(code, stage), possible, EVENTS], [0.8, 0.14, 0.06])[0]
        event = self.random.choice(likely or possible)
        who = "36/officer" if event in {"accept_late", "record_central_result"} else f"{holder}/officer"
        if self.random.random() < 0.06:
            who = self.random.choice(PEOPLE)
        on_behalf = "Văn bản 3/UBND" if self.random.random() < 0.05 else ""
        return Request(event.replace("_", "-"), who, self._body(event, code, stage), on_behalf)

    def _onward(self, code: str, stage: str) -> list[str]:
        """Return what would take a dossier further."""
        if not QD148.stage(stage).evaluates:
            ends = {"retract", "disqualify", "carry_over", "annul"}
            return [move.event for move in QD148.moves if move.source == stage and move.event in set(EVENTS) - ends]
        judged = self.office.rows(
            select(Evaluation.id)
            .join(Dossier, Dossier.id == Evaluation.dossier_id)
            .where(Dossier.code == code, Evaluation.stage == stage, Evaluation.counts, Evaluation.annulled_on.is_(None))
        )
        return ["decide"] if judged or stage == "returned_to_district" else ["evaluate"] * 5 + ["request_supplement"]

    def _day(self) -> date:
        """Return mostly today, sometimes a day before it, seldom tomorrow."""
        back = self.random.choices([0, 1, 4, 9, -1], [0.85, 0.06, 0.04, 0.03, 0.02])[0]
        return self.office.now.astimezone(VIETNAM).date() - timedelta(days=back)

    def _body(self, event: str, code: str, stage: str) -> dict[str, Any]:
        day, reason, number = self._day(), "Theo đề nghị", f"{self.random.randint(1, 999)}/UBND"
        paper = {"document": number, "reason": reason}
        match event:
            case "receive":
                return {"dossiers": [code], "received_on": day}
            case "report":
                return {"dossiers": [code], "number": number, "reported_on": day, "findings": "Đủ nội dung."}
            case "request_supplement":
                return {"dossier": code, "reason": reason, "requested_on": day}
            case "supplement":
                return {"dossier": code, "supplemented_on": day, "note": reason, "evidence": self._papers()}
            case "evaluate":
                return self._ballot(code, day)
            case "decide" | "recognise":
                return {"dossiers": [code], "number": number, "signed_on": day, "signer": "Nguyễn Văn Ký"}
            case "submit" | "propose":
                return {"dossiers": [code], "number": number, "signed_on": day}
            case "keep":
                because = self.random.choice(list(KeptBecause))
                return {"dossiers": [code], "because": because, "reason": reason, "decided_on": day}
            case "forgo" | "carry_over":
                return {"dossiers": [code], "reason": reason, "decided_on": day}
            case "record_central_result":
                return {
                    "dossier": code, "held_on": day, "minutes": "1/BB", "mean": Decimal(self.random.choice(MEANS)),
                    "gates": self._gates(), "number": number, "signed_on": day, "signer": "Bộ trưởng",
                }  # fmt: skip
            case "retract":
                return {"dossier": code, "requested_on": day, "reason": reason}
            case "disqualify":
                return {"dossier": code, "found_on": day, **paper}
            case "annul":
                due_on = day + timedelta(days=self.random.choice([0, 3, 10, 40]))
                return {"dossier": code, "annulled_on": day, "due_on": due_on, **paper}
            case "accept_late":
                late = self.random.choice(
                    ["district_evaluation", "provincial_submission", "provincial_evaluation", stage]
                )
                return {"dossiers": [code], "stage": late, **paper}
            case "add_evidence":
                return {"dossier": code, "evidence": self._papers()}
            case "waive_evidence":
                return {"dossier": code, "title": "Phiếu kiểm nghiệm", "reason": reason}
            case "complain":
                return {"dossier": code, "received_on": day, "body": "Điểm chưa đúng"}
            case "answer_complaint":
                numbers = self.office.rows(
                    select(Complaint.id).join(Dossier, Dossier.id == Complaint.dossier_id).where(Dossier.code == code)
                )
                chosen = self.random.choice(numbers)[0] if numbers else 1
                return {"complaint": chosen, "answered_on": day, "answer": "Giữ nguyên", "document": number}
        raise AssertionError(f"the walk knows no body for {event}")

    def _papers(self) -> list[NewEvidence]:
        ends = self.random.choice([None, None, date(2025, 6, 1), date(2027, 1, 1)])
        return [NewEvidence(EvidenceKind.TEST_REPORT, "Phiếu kiểm nghiệm", expires_on=ends)][
            : self.random.randint(0, 1)
        ]

    def _ballot(self, code: str, day: date) -> dict[str, Any]:
        mean = Decimal(self.random.choice(MEANS))
        apart = self.random.choices([Decimal(0), Decimal("0.003"), Decimal(12)], [0.8, 0.12, 0.08])[0]
        totals = [mean] * 5 if not 12 <= mean <= 88 else [mean - apart, mean + apart, mean, mean, mean]
        scores = [Score(f"Ủy viên {number}", total, chair=number == 0) for number, total in enumerate(totals)]
        if self.random.random() < 0.08:
            scores[self.random.randint(0, 4)] = Score("Người nhà chủ thể", recused="Có quan hệ với chủ thể")
        return {"dossier": code, "held_on": day, "minutes": "01/BB-HĐ", "members": 5, "scores": scores,
                "gates": self._gates()}  # fmt: skip

    def _gates(self) -> list[Gate]:
        failed = self.random.choices([None, 3, 4, 5], [0.8, 0.05, 0.1, 0.05])[0]
        gates = [Gate(star, star != failed, "Thiếu chứng nhận" if star == failed else "") for star in (3, 4, 5)]
        return gates if self.random.random() < 0.97 else gates[:1]

    def _registration(self) -> Request:
        number, commune = next(self.office.keys), self.random.choice(COMMUNES)
        body: dict[str, Any] = {
            "cycle": CYCLE,
            "producer": Maker(f"CT-{number}", f"HTX {number}", commune, email=f"ct{number}@producer.example"),
            "product": Goods(f"SP-{number}", f"Nước mắm {number}", "Thực phẩm"),
            "kind": DossierKind.FIRST,
            "proposed_star": self.random.choice([3, 4, 5, 5, 4, 2]),
            "registered_on": self._day(),
            "evidence": self._papers(),
        }
        held = self.office.rows(
            select(Product.code, Certificate.number, Dossier.commune_id)
            .join(Product, Product.id == Certificate.product_id)
            .join(Dossier, Dossier.id == Certificate.dossier_id)
        )
        if held and self.random.random() < 0.4:
            product, certificate, commune_id = self.random.choice(held)
            commune = self.office.rows(select(Unit.code).where(Unit.id == commune_id))[0][0]
            producer = f"CT-{product.removeprefix('SP-')}"
            body |= {
                "producer": Maker(producer, "", commune), "product": Goods(product, ""), "certificate": certificate,
                "kind": self.random.choice([DossierKind.UPGRADE, DossierKind.RE_RECOGNITION]), "changes": "Bao bì mới",
            }  # fmt: skip
        carried = self.office.rows(
            select(Dossier.code, Product.code, Unit.code)
            .join(Product, Product.id == Dossier.product_id)
            .join(Unit, Unit.id == Dossier.commune_id)
            .where(Dossier.stage == "carried_over")
        )
        if carried and self.random.random() < 0.3:
            earlier, product, commune = self.random.choice(carried)
            producer = f"CT-{product.removeprefix('SP-')}"
            body |= {"producer": Maker(producer, "", commune), "product": Goods(product, ""), "carried_from": earlier}
        return Request("register", f"{commune}/officer", body)

    def _of_the_cycle(self) -> Request:
        """Return an act on the cycle, a decision or a certificate."""
        day, number = self._day(), f"{self.random.randint(1, 999)}/UBND"
        paper = {"document": number, "reason": "Theo đề nghị"}
        stage = self.random.choice(
            ["district_evaluation", "provincial_submission", "provincial_evaluation", "registered"]
        )
        who = self.random.choice(["36/officer", "36/officer", "365/officer"])
        held = self.office.rows(
            select(Certificate.number, Unit.code).join(Unit, Unit.id == Certificate.unit_id).order_by(Certificate.id)
        )
        signed = self.office.rows(
            select(Dossier.code, Decision.purpose, Unit.code)
            .join(Dossier, Dossier.id == Decision.dossier_id)
            .join(Unit, Unit.id == Decision.unit_id)
            .where(Decision.purpose.in_([purpose.value for purpose in Purpose]))
        )
        match self.random.choice(
            ["extend", "acknowledge", "set-target", "revoke", "correct", "decision", "close", "open"]
        ):
            case "extend":
                body = {
                    "cycle": CYCLE,
                    "stage": stage,
                    "day": day + timedelta(days=self.random.choice([0, 5, 20])),
                    **paper,
                }
                if self.random.random() < 0.6:
                    level = self.random.choice([Level.COMMUNE, Level.DISTRICT, Level.PROVINCE])
                    body |= {"level": level, "unit": self.random.choice([c for at, c, *_ in UNITS if at is level])}
                return Request("extend", who, body)
            case "acknowledge":
                unit = self.random.choice(["365", "366"])
                if climbed := self.office.rows(
                    select(Deadline.stage, Unit.code)
                    .join(Escalation, Escalation.deadline_id == Deadline.id)
                    .join(Unit, Unit.id == Escalation.unit_id)
                    .where(Unit.level == Level.DISTRICT.value, Escalation.acknowledged_at.is_(None))
                ):
                    stage, unit = self.random.choice(climbed)
                body = {"cycle": CYCLE, "stage": stage, "level": Level.DISTRICT, "unit": unit, "note": "Họp ngày mai"}
                return Request("acknowledge", f"{unit}/head", body)
            case "set-target":
                body = {"cycle": CYCLE, "level": Level.DISTRICT, "unit": "365", "planned": self.random.randint(-1, 9)}
                return Request("set-target", "365/officer", body)
            case "revoke" if held:
                certificate, unit = self.random.choice(held)
                return Request("revoke", f"{unit}/officer", {"certificate": certificate, "revoked_on": day, **paper})
            case "correct" if held:
                certificate, unit = self.random.choice(held)
                fresh = self.random.choice([f"GCN-{next(self.office.keys)}", held[0][0]])
                body = {"certificate": certificate, "number": fresh, **paper}
                return Request("correct-certificate", f"{unit}/officer", body)
            case "decision" if signed:
                code, purpose, unit = self.random.choice(signed)
                body = {"dossier": code, "purpose": Purpose(purpose), "number": number, "signed_on": day,
                        "signer": "Trần Thị Ký", **paper}  # fmt: skip
                return Request("correct-decision", f"{unit}/officer", body)
            case "open":
                return Request("open-cycle", "36/officer", {"code": CYCLE, "plan": PLAN})
            case "close":
                return Request("close-cycle", who, {"cycle": self.random.choice([CYCLE, "ND2024"])})
        return Request("complain", who, {"dossier": "ND2025-9999", "received_on": day, "body": "Điểm chưa đúng"})

    # What must hold.

    def _check(self, *, whole: bool) -> None:
        with transaction(self.office.engine) as session:
            dossiers = {row.id: row for row in session.scalars(select(Dossier).order_by(Dossier.id))}
            events: dict[str, list[Event]] = {}
            for event in session.scalars(select(Event).order_by(Event.chain, Event.number)):
                events.setdefault(event.chain, []).append(event)
            self._chains(session, dossiers, events)
            self._conservation(session, dossiers, events)
            if whole:
                self._letters(session, events)
                self._deadlines(session)
                self._results(session)

    def _chains(self, session: Session, dossiers: dict[int, Dossier], events: dict[str, list[Event]]) -> None:
        """Check that each chain is whole, and that stages are where the chains end, by moves of the table."""
        for cycle in session.scalars(select(Cycle)):
            chain = events[f"cycle/{cycle.id}"]
            assert (len(chain), chain[-1].hash) == (cycle.version, cycle.head)
        for chain in events.values():
            before = ""
            for number, event in enumerate(chain, start=1):
                assert (event.number, event.prev_hash) == (number, before)
                assert event.hash == event_hash(vars(event))
                before = event.hash
        for dossier in dossiers.values():
            chain = events[f"dossier/{dossier.id}"]
            assert (dossier.version, dossier.head, dossier.stage) == (len(chain), chain[-1].hash, chain[-1].to_stage)
            assert dossier.open is not QD148.stage(dossier.stage).final
            assert (chain[0].event, chain[0].from_stage) == ("register", "")
            for earlier, event in pairwise(chain):
                assert event.from_stage == earlier.to_stage
                assert QD148.permits(event.from_stage, event.event, event.to_stage)
                assert event.recorded_at >= earlier.recorded_at
            moves = [event for event in chain if event.from_stage != event.to_stage]
            assert dossier.stage_since == moves[-1].effective_at
            assert sum(event.to_stage == "submitted" for event in chain) <= 1, "one round, one way to the province"

    def _conservation(self, session: Session, dossiers: dict[int, Dossier], events: dict[str, list[Event]]) -> None:
        """Check that what each unit received is what it passed on, ended or still holds."""
        registered = session.scalars(select(Cycle.last_serial).where(Cycle.code == CYCLE)).one()
        by_stage = session.execute(select(Dossier.stage, func.count()).group_by(Dossier.stage)).all()
        assert sum(number for _, number in by_stage) == registered == len(dossiers)
        received: Counter[int] = Counter()
        outcomes: Counter[int] = Counter()
        for dossier in dossiers.values():
            chain = events[f"dossier/{dossier.id}"]
            holders = [event.unit_id for event in chain[1:]] + [dossier.holder_id]
            received[chain[0].unit_id] += 1
            assert holders[0] == chain[0].unit_id, "registration leaves the dossier where it was filed"
            for event, after in zip(chain, holders, strict=True):
                ended, reopened = QD148.stage(event.to_stage).final, event.from_stage == "not_ranked"
                if after != event.unit_id:
                    assert not ended
                    received[after] += 1
                    outcomes[event.unit_id] += not reopened
                elif event.from_stage != event.to_stage:
                    outcomes[event.unit_id] += ended
                    received[event.unit_id] += reopened
        holding = Counter(
            {
                unit: number
                for unit, number in session.execute(
                    select(Dossier.holder_id, func.count()).where(Dossier.open.is_(True)).group_by(Dossier.holder_id)
                )
            }
        )
        assert received == outcomes + holding

    def _letters(self, session: Session, events: dict[str, list[Event]]) -> None:
        """Check that each history line has the letters of its row, and no letter hangs on a line that is not there."""
        owed: dict[str, set[str]] = {}
        for cause, notice in session.execute(select(Letter.cause, Letter.notice)):
            owed.setdefault(cause, set()).add(notice)
        lines = {f"{event.chain}#{event.number}": event for chain in events.values() for event in chain}
        for cause, event in lines.items():
            due = DUE.get((event.from_stage, event.event, event.to_stage), frozenset())
            assert due <= owed.get(cause, set()), (event.event, due)
        for cause in owed:
            assert cause in lines or not cause.startswith("dossier/") or "#" not in cause

    def _deadlines(self, session: Session) -> None:
        """Check that a dossier is late exactly while it has an open breach of the deadline that holds for it."""
        for item in session.scalars(
            select(AgendaItem).where(AgendaItem.kind == "stroke", AgendaItem.done_at.is_not(None))
        ):
            deadline = session.get_one(Deadline, int(item.subject.split("/")[1]))
            cycle = session.get_one(Cycle, deadline.cycle_id)
            if cycle.closed_at is not None:
                continue
            late = set(session.scalars(select(Dossier.id).where(outstanding(session, cycle, deadline))))
            breaches = session.execute(
                select(Breach.dossier_id, Breach.closed_at).where(Breach.deadline_id == deadline.id)
            ).all()
            assert len({dossier for dossier, _ in breaches}) == len(breaches)
            open_ones = {dossier for dossier, closed_at in breaches if closed_at is None}
            # One that had passed the stroke and was sent back by a document since has a period of its own instead.
            sent_back = set(session.scalars(select(Event.dossier_id).where(
                Event.event == "annul", Event.recorded_at >= deadline.strikes_at
            )))  # fmt: skip
            assert open_ones <= late, (deadline.stage, deadline.kind, open_ones, late)
            assert late - open_ones <= sent_back, (deadline.stage, deadline.kind, open_ones, late)

    def _results(self, session: Session) -> None:
        """Check that stars follow from points and gates, and certificates from decisions."""
        for evaluation in session.scalars(select(Evaluation)):
            assert evaluation.stars_by_points == scoring.stars(evaluation.mean)
            assert evaluation.stars_after_gates <= evaluation.stars_by_points
        most = {"district": 3, "province": 4, "central": 5}
        for decision in session.scalars(select(Decision)):
            assert decision.stars_after_gates is not None
            assert decision.awarded_star is None or (
                3 <= decision.awarded_star <= min(decision.stars_after_gates, most[decision.level])
            )
        for certificate, decision in session.execute(
            select(Certificate, Decision).join(Decision, Decision.id == Certificate.decision_id)
        ):
            assert (certificate.star, certificate.product_id) == (decision.awarded_star, decision.product_id)
            assert decision.annulled_on is None or decision.corrects_id is not None
        recognised = select(func.count()).where(Dossier.stage == "recognised")
        given = select(func.count(func.distinct(Decision.dossier_id))).where(
            Decision.purpose == "recognition", Decision.annulled_on.is_(None)
        )
        assert (session.scalar(recognised) or 0) <= (session.scalar(given) or 0)
