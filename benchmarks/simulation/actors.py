"""Who does what next: producers, officers of each level, councils, signers, importers, and those who err."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from benchmarks.simulation.bodies import body, papers
from benchmarks.simulation.office import Office
from benchmarks.simulation.shadow import Known
from benchmarks.simulation.world import PROVINCES, plan_text
from casework.corrections import Purpose
from casework.registration import Goods, Maker
from models.cycles import Breach, Cycle, Deadline, Escalation
from models.dossiers import Complaint, Dossier
from models.letters import Letter, LetterState
from models.results import Certificate, Decision
from models.units import Producer, Product, Unit
from ocop.levels import DossierKind, Level
from ocop.text import day as told_day
from ocop.working_days import day_of
from tests.model import law

SINGLE = frozenset({
    "evaluate", "request_supplement", "supplement", "record_central_result", "retract", "disqualify", "annul",
    "add_evidence", "waive_evidence", "complain",
})  # fmt: skip
"""Acts on one dossier at a time; a council sits over many of them in one sitting."""
BATCH = 250
SITTING = 40
# fmt: off
USUAL: dict[str, dict[str, float]] = {
    "registered":              {"receive": 30, "retract": 0.4, "carry_over": 0.1},
    "filed_at_district":       {"receive": 30, "retract": 0.4},
    "commune_review":          {"report": 20, "request_supplement": 4, "disqualify": 0.3, "retract": 0.3, "add_evidence": 0.5},
    "commune_supplement":      {"supplement": 20, "retract": 0.5, "carry_over": 0.2},
    "district_evaluation":     {"evaluate": 30, "request_supplement": 2, "retract": 0.3, "waive_evidence": 2, "complain": 0.4},
    "district_supplement":     {"supplement": 20, "carry_over": 0.2},
    "provincial_submission":   {"submit": 20, "keep": 1.5, "annul": 0.3, "retract": 0.2},
    "provincial_evaluation":   {"evaluate": 30, "request_supplement": 2, "waive_evidence": 2, "complain": 0.4},
    "provincial_supplement":   {"supplement": 20, "carry_over": 0.2},
    "returned_to_district":    {"decide": 20, "evaluate": 10, "annul": 0.3, "retract": 0.2},
    "district_recognition":    {"recognise": 20, "annul": 0.5, "retract": 0.2, "complain": 0.4},
    "provincial_recognition":  {"recognise": 20, "annul": 0.4, "disqualify": 0.2},
    "central_proposal":        {"propose": 20, "forgo": 4},
    "central_evaluation":      {"record_central_result": 20},
}
# fmt: on
"""What happens to a dossier at each stage, and how often."""
HEADER = (
    "cycle", "producer_code", "producer_name", "commune_code", "email", "product_code", "product_name", "group", "kind",
    "proposed_star", "certificate_number", "changes", "registered_on", "simulated", "evidence_test_report",
)  # fmt: skip


@dataclass
class Actors:
    """Chooses an actor and an act at each step; all that it draws comes from the office's source."""

    office: Office
    size: int
    """How many dossiers a province means to register in a year."""
    planned: dict[int, int] = field(default_factory=dict)
    """Dossiers still to come, by cycle."""
    open_cycles: dict[int, tuple[str, str]] = field(default_factory=dict)
    """Code and province of each cycle that is not closed."""
    opened: set[str] = field(default_factory=set)
    _numbers: int = 0

    @property
    def day(self) -> date:
        """Today in Việt Nam."""
        return day_of(self.office.now)

    def step(self) -> None:
        """Let somebody act."""
        draw = self.office.random
        kinds: list[tuple[float, Callable[[], None]]] = [
            (6, self.office.watch), (3, self.office.send), (3, self._cycle), (3, self._oversee), (3, self._set_right),
            (2, self._err), (2, self._letters),
        ]  # fmt: skip
        if any(self.planned.values()) and self._season():
            kinds.append((12, self._register))
        if self.office.shadow.open_in():
            kinds.append((60, self._work))
        weights, acts = zip(*kinds, strict=True)
        draw.choices(acts, weights)[0]()
        busy = self.office.shadow.open_in() or (any(self.planned.values()) and self._season())
        waits = (2, 15, 45, 180, 900) if busy else (300, 1440, 4000, 8000)
        self.office.now += timedelta(minutes=draw.choice(waits))

    def _season(self) -> bool:
        return (4, 8) <= (self.day.month, self.day.day) <= (6, 20)

    # Registrations.

    def _register(self) -> None:
        draw = self.office.random
        cycle_id = draw.choice([cycle for cycle, left in self.planned.items() if left])
        code, province = self.open_cycles[cycle_id]
        if draw.random() < 0.25:
            self._one(cycle_id, code, province)
            return
        rows = [self._row(code, province) for _ in range(min(self.planned[cycle_id], draw.randint(1, BATCH)))]
        rows += [row for row in self._held(code, province, rows) if draw.random() < 0.7]
        self.office.bring(f"{province}/officer", HEADER, rows)
        # What was refused, as outside the window of filing, is not brought again.
        self.planned[cycle_id] = max(0, self.planned[cycle_id] - len(rows))

    def _one(self, cycle_id: int, code: str, province: str) -> None:
        """Let a producer file a dossier, again where an earlier one was carried over."""
        draw = self.office.random
        commune = draw.choice(self.office.world.communes(province)).code
        number = self._number()
        more: dict[str, Any] = {}
        maker, goods = (
            Maker(f"CT-{number}", f"HTX {number}", commune, simulated=True),
            Goods(f"SP-{number}", f"Trà {number}"),
        )
        if carried := self.office.rows(
            select(Dossier.code, Product.code, Producer.code, Unit.code)
            .join(Product, Product.id == Dossier.product_id)
            .join(Producer, Producer.id == Dossier.producer_id)
            .join(Unit, Unit.id == Dossier.commune_id)
            .where(Dossier.stage == "carried_over", Dossier.kind == "first", Unit.code.startswith(province))
            .order_by(Dossier.id.desc())
            .limit(20)
        ):
            more["carried_from"], product, producer, commune = draw.choice(carried)
            maker, goods = Maker(producer, "", commune), Goods(product, "")
        who, on_behalf = self.office.world.officer(commune)
        self.office.ask(
            "register", who,
            {"cycle": code, "producer": maker, "product": goods, "kind": DossierKind.FIRST,
             "proposed_star": draw.randint(3, 5), "registered_on": self.day, "evidence": papers(self.day, draw), **more},
            on_behalf,
        )  # fmt: skip
        self.planned[cycle_id] -= 1

    def _row(self, code: str, province: str) -> tuple[str, ...]:
        draw, number = self.office.random, self._number()
        commune = draw.choice(self.office.world.communes(province)).code
        email = f"ct{number}@producer.example" if draw.random() < 0.9 else ""
        paper = told_day(self.day + timedelta(days=draw.choice((30, 60, 700)))) if draw.random() < 0.3 else ""
        return (
            code, f"CT-{number}", f"HTX {number}", commune, email, f"SP-{number}", f"Gạo {number}", "Thực phẩm",
            DossierKind.FIRST.label, str(draw.randint(3, 5)), "", "", told_day(self.day), "x", paper,
        )  # fmt: skip

    def _held(self, code: str, province: str, rows: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
        """Return rows for products whose certificate ends soon or ended: re-recognitions, and upgrades to more stars."""
        draw = self.office.random
        open_one = (
            select(Dossier.id).where(Dossier.product_id == Certificate.product_id, Dossier.open.is_(True)).exists()
        )
        here = (
            select(Dossier.id)
            .join(Cycle, Cycle.id == Dossier.cycle_id)
            .where(Dossier.product_id == Certificate.product_id, Cycle.code == code)
            .exists()
        )
        held = self.office.rows(
            select(Certificate.number, Certificate.star, Product.code, Product.name, Producer.code, Producer.name, Unit.code)
            .join(Product, Product.id == Certificate.product_id)
            .join(Producer, Producer.id == Product.producer_id)
            .join(Unit, Unit.id == Certificate.commune_id)
            .where(
                Certificate.replaced_on.is_(None), Certificate.revoked_on.is_(None), ~open_one, ~here,
                Certificate.valid_until < self.day + timedelta(days=200), Unit.code.startswith(province),
            )
            .order_by(Certificate.valid_until, Certificate.id)
            .limit(len(rows))
        )  # fmt: skip
        found = []
        for number, star, product, name, producer, maker, commune in held:
            upgrade = star < 5 and draw.random() < 0.4
            kind = DossierKind.UPGRADE if upgrade else DossierKind.RE_RECOGNITION
            found.append(
                (code, producer, maker, commune, "", product, name, "Thực phẩm", kind.label,
                 str(draw.randint(star + 1, 5) if upgrade else star), number, "Bao bì mới", told_day(self.day), "x", "")
            )  # fmt: skip
        return found

    def _number(self) -> int:
        self._numbers += 1
        return self._numbers

    # The daily work.

    def _work(self) -> None:
        standing = {key: found for key, found in self.office.shadow.standing.items() if found and key[1] in USUAL}
        if not standing:
            self.office.watch()
            return
        draw = self.office.random
        key = draw.choices(list(standing), [len(found) for found in standing.values()])[0]
        chosen = list(standing[key].values())
        start = draw.randrange(len(chosen))
        chosen = (chosen[start:] + chosen[:start])[:BATCH]
        usual = dict(USUAL[key[1]])
        if any(known.judged for known in chosen) and "evaluate" in usual:
            judged = [known for known in chosen if known.judged]
            if len(judged) == len(chosen) or draw.random() < 0.7:
                chosen, usual = judged, {"decide": 20, "annul": 0.3, "complain": 0.4, "evaluate": 0.2}
            else:
                chosen = [known for known in chosen if not known.judged]
        event = draw.choices(list(usual), list(usual.values()))[0]
        if not self.act(event, chosen, key[2]) and draw.random() < 0.3:
            self.accept(key[0], key[1], chosen)

    def accept(self, cycle_id: int, stage: str, chosen: list[Known]) -> None:
        """Let the province accept late what stands at a stage whose deadline has struck."""
        struck = self.office.rows(
            select(Deadline.id)
            .where(Deadline.cycle_id == cycle_id, Deadline.stage == stage, Deadline.strikes_at <= self.office.now)
            .where(Deadline.dossier_id.is_(None))
            .limit(1)
        )
        if struck:
            wanted = {"dossiers": [known.code for known in chosen], "stage": stage, "document": "1/UBND",
                      "reason": "Hoàn thành chu trình"}  # fmt: skip
            self.office.ask("accept-late", f"{chosen[0].commune[:2]}/officer", wanted)

    def act(self, event: str, chosen: list[Known], unit: str) -> bool:
        """Let a unit's officer do something to dossiers that stand there; tell whether any of it was done."""
        office = self.office
        who, on_behalf = office.world.officer(unit)
        if unit == "00":
            who = f"{office.world.units[office.world.units[chosen[0].commune].above or ''].above}/officer"
            chosen = [known for known in chosen if known.commune.startswith(who[:2])]
        sitting = {"evaluate": SITTING, "supplement": 10, "record_central_result": 20}.get(event, 1)
        name = event.replace("_", "-")
        if event in SINGLE and sitting > 1:
            bodies = [body(event, [known], self.day, office.random) for known in chosen[:sitting]]
            return office.ask_each(name, who, bodies, on_behalf) > 0
        return office.ask(name, who, body(event, chosen, self.day, office.random), on_behalf) is not None

    # Cycles.

    def _cycle(self) -> None:
        """Open a cycle that is due, or close one that may be."""
        for province in PROVINCES:
            code = f"{province}-{self.day.year}"
            if code not in self.opened and (4, 8) <= (self.day.month, self.day.day) < (6, 1):
                self.open(code, province)
                return
        if self.day.month >= 9 or self.day.month < 4:
            self.close()

    def open(self, code: str, province: str) -> None:
        """Open a cycle under a plan with drawn settings."""
        text = plan_text(province, self.day.year, self.office.random)
        if self.office.ask("open-cycle", f"{province}/officer", {"code": code, "plan": text}) is not None:
            self.opened.add(code)
            ((cycle_id,),) = self.office.rows(select(Cycle.id).where(Cycle.code == code))
            self.open_cycles[cycle_id] = (code, province)
            self.planned[cycle_id] = self.office.random.randint(self.size // 2, self.size)

    def close(self) -> None:
        """Close the cycles in which nothing waits below the centre, put off what nobody finished in time."""
        for cycle_id, (code, province) in list(self.open_cycles.items()):
            left = [
                (key, list(found.values()))
                for key, found in self.office.shadow.standing.items()
                if key[0] == cycle_id and found and law.LEVEL[key[1]] != law.CENTRE
            ]
            for (_, stage, unit), found in left:
                if stage in law.CARRIED and self.office.random.random() < 0.5:
                    self.act("carry_over", found[:BATCH], unit)
            if not left and self.office.ask("close-cycle", f"{province}/officer", {"cycle": code}) is not None:
                del self.open_cycles[cycle_id]
                self.planned.pop(cycle_id, None)

    # The province, and those who set right what went wrong.

    def _oversee(self) -> None:
        """Extend a deadline, accept late dossiers, answer an escalation, plan a number."""
        if not self.open_cycles:
            return
        draw = self.office.random
        cycle_id, (code, province) = draw.choice(list(self.open_cycles.items()))
        paper = {"document": f"{draw.randint(1, 999)}/UBND", "reason": "Theo đề nghị của huyện"}
        kind = draw.choices(("extend", "accept-late", "acknowledge", "set-target"), (1, 6, 2, 1))[0]
        if kind == "extend":
            stage = draw.choice(("district_evaluation", "provincial_submission", "provincial_evaluation"))
            wanted = {"cycle": code, "stage": stage, "day": self.day + timedelta(days=draw.randint(3, 20)), **paper}
            if draw.random() < 0.6:
                wanted |= {"level": Level.DISTRICT, "unit": f"{province}{draw.choice('56')}"}
            self.office.ask(kind, f"{province}/officer", wanted)
        elif kind == "accept-late":
            late = self.office.rows(
                select(Deadline.stage, Dossier.code)
                .join(Breach, Breach.deadline_id == Deadline.id)
                .join(Dossier, Dossier.id == Breach.dossier_id)
                .where(Breach.closed_at.is_(None), Deadline.cycle_id == cycle_id, Deadline.dossier_id.is_(None))
                .order_by(Deadline.id, Dossier.id)
                .limit(200)
            )
            for stage in dict.fromkeys(stage for stage, _ in late):
                codes = [dossier for at, dossier in late if at == stage]
                self.office.ask(kind, f"{province}/officer", {"dossiers": codes, "stage": stage, **paper})
        elif kind == "acknowledge":
            for stage, unit, level in self.office.rows(
                select(Deadline.stage, Unit.code, Unit.level)
                .join(Escalation, Escalation.deadline_id == Deadline.id)
                .join(Unit, Unit.id == Escalation.unit_id)
                .where(Deadline.cycle_id == cycle_id, Escalation.acknowledged_at.is_(None))
                .order_by(Escalation.id)
                .limit(1)
            ):
                wanted = {"cycle": code, "stage": stage, "level": Level(level), "unit": unit, "note": "Họp ngày mai"}
                self.office.ask(kind, f"{unit}/head", wanted)
        else:
            unit = f"{province}{draw.choice('56')}"
            wanted = {"cycle": code, "level": Level.DISTRICT, "unit": unit, "planned": draw.randint(0, 90)}
            self.office.ask(kind, f"{unit}/officer", wanted)

    def _set_right(self) -> None:
        """Correct a decision or a certificate, revoke one, annul a result, answer a complaint."""
        draw, day = self.office.random, self.day
        paper = {"document": f"{draw.randint(1, 999)}/UBND", "reason": "Sai sót khi ghi"}
        kind = draw.choice(("correct-decision", "correct-certificate", "revoke", "answer-complaint", "annul"))
        if kind in ("correct-certificate", "revoke"):
            for number, unit in self._some(select(Certificate.number, Unit.code).join(Unit, Unit.id == Certificate.unit_id)
                                           .where(Certificate.replaced_on.is_(None), Certificate.revoked_on.is_(None)),
                                           Certificate.id):  # fmt: skip
                who, on_behalf = self.office.world.officer(unit)
                more = {"revoked_on": day} if kind == "revoke" else {"number": f"{number}-{self._number()}"}
                self.office.ask(kind, who, {"certificate": number, **paper, **more}, on_behalf)
        elif kind == "correct-decision":
            for code, purpose, unit in self._some(
                select(Dossier.code, Decision.purpose, Unit.code)
                .join(Decision, Decision.dossier_id == Dossier.id)
                .join(Unit, Unit.id == Decision.unit_id)
                .where(Decision.annulled_on.is_(None), Decision.purpose.in_([purpose.value for purpose in Purpose])),
                Decision.id,
            ):
                wanted = {"dossier": code, "purpose": Purpose(purpose), "number": f"{self._number()}/QĐ", "signed_on": day,
                          "signer": "Trần Thị Ký", **paper}  # fmt: skip
                self.office.ask(kind, self.office.world.officer(unit)[0], wanted)
        elif kind == "answer-complaint":
            for number, unit in self._some(
                select(Complaint.id, Unit.code)
                .join(Dossier, Dossier.id == Complaint.dossier_id)
                .join(Unit, Unit.id == Dossier.holder_id)
                .where(Complaint.answered_on.is_(None)),
                Complaint.id,
            ):
                who, on_behalf = self.office.world.officer(unit)
                wanted = {
                    "complaint": number,
                    "answered_on": day,
                    "answer": "Giữ nguyên",
                    "document": paper["document"],
                }
                self.office.ask(kind, who, wanted, on_behalf)
        else:
            ended = [known for known in self.office.shadow.dossiers.values() if known.stage == "not_ranked"][-30:]
            if ended:
                known = draw.choice(ended)
                self.act("annul", [known], known.holder)

    def _some(self, statement: Any, key: Any) -> list[Any]:
        """Return one row of a query, of the newest twenty; none where there is none."""
        rows = self.office.rows(statement.order_by(key.desc()).limit(20))
        return [self.office.random.choice(rows)] if rows else []

    def _err(self) -> None:
        """Do what may not be: somebody else's dossier, an act out of turn, a day that has not come."""
        draw, world = self.office.random, self.office.world
        known = self._anyone()
        if known is None:
            return
        event = draw.choice(sorted({way.event for way in law.WAYS} - {"route"}))
        unit = draw.choice((known.holder, draw.choice(list(world.units))))
        written = body(event, [known], self.day + timedelta(days=draw.choice((0, 0, 1, -40))), draw)
        self.office.ask(event.replace("_", "-"), world.officer(unit)[0], written)

    def _anyone(self) -> Known | None:
        dossiers = self.office.shadow.dossiers
        return (
            None if not dossiers else dossiers[self.office.random.randint(max(1, len(dossiers) - 500), len(dossiers))]
        )

    def _letters(self) -> None:
        """Hand over what lies on paper and send dead letters again, province by province."""
        for state, kind in ((LetterState.TO_HAND_OVER, "hand-over"), (LetterState.DEAD, "resend")):
            for province in PROVINCES:
                numbers = self.office.rows(
                    select(Letter.id)
                    .join(Unit, Unit.id == Letter.unit_id)
                    .where(Letter.state == state.value, Unit.code.startswith(province))
                    .order_by(Letter.id)
                    .limit(200)
                )
                if numbers:
                    wanted = {"letters": [number for (number,) in numbers]}
                    self.office.ask(kind, f"{province}/officer", wanted)
