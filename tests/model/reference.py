"""The life of dossiers under Decision 148 as the papers have it: acts, deadlines, breaches, results, letters owed."""

from collections import Counter
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from tests.model import law
from tests.model.parts import (
    ABOVE,
    COUNCILS,
    HERE,
    MORNING,
    RUNGS,
    Deadline,
    Dossier,
    Result,
    Settings,
    ahead,
    need,
    working_days_on,
)


class Model:
    """The office as the papers have it: every act is a method that changes it or raises Refused."""

    def __init__(self, settings: Settings, now: datetime) -> None:
        """Open the cycle: every unit and the coordinator office are told."""
        self.settings, self.now, self.closed = settings, now, False
        self.dossiers: dict[str, Dossier] = {}
        self.certificates: dict[str, tuple[int, str]] = {}
        """Star and dossier of the certificate in force, by product."""
        self.letters: Counter[tuple[str, str]] = Counter(
            {("cycle_opened", "officer"): 7, ("cycle_opened", RUNGS[3]): 1}
        )
        self.complaints: dict[int, tuple[str, bool]] = {}
        self.agenda: list[tuple[datetime, int, int, Any]] = []
        self.deadlines: list[Deadline] = []
        self._added = 0
        for stage, last in settings.last_days.items():
            strikes = datetime.combine(last + timedelta(days=1), time(), HERE)
            self._date(Deadline(stage, strikes, settings.met_by[stage], settings.after))
        self._due(self._morning(now), 6, self._digest)

    @property
    def today(self) -> date:
        """The day in Việt Nam."""
        return self.now.astimezone(HERE).date()

    # Time.

    def go(self, now: datetime) -> None:
        """Let time pass: what falls due is done in its order; at one instant strokes come before reminders and rungs."""
        while self.agenda and min(self.agenda, key=lambda item: item[:3])[0] <= now:
            first = min(self.agenda, key=lambda item: item[:3])
            self.agenda.remove(first)
            self.now = first[0]
            first[3]()
        self.now = now

    def _due(self, at: datetime, place: int, what: Any) -> None:
        self._added += 1
        self.agenda.append((at, place, self._added, what))

    def _morning(self, at: datetime) -> datetime:
        local = at.astimezone(HERE)
        day = local.date() + timedelta(days=local.time() >= MORNING)
        return datetime.combine(working_days_on(day, 0), MORNING, HERE)

    def _digest(self) -> None:
        if not self.closed:
            self.letters["daily_digest", "coordinator_office"] += 1
            self._due(self._morning(self.now), 6, self._digest)

    def _date(self, deadline: Deadline) -> None:
        self.deadlines.append(deadline)
        self._due(deadline.strikes, 0, lambda: self._strike(deadline))
        last = deadline.strikes.date() - timedelta(days=1)
        for days in (14, 7, 3, 1):
            at = datetime.combine(working_days_on(last, -days), MORNING, HERE)
            if at > self.now:
                self._due(at, 1, lambda: self._remind(deadline))

    def _in_force(self, dossier: Dossier, stage: str) -> Deadline | None:
        covering = [
            row
            for row in self.deadlines
            if row.stage == stage and row.dossier in ("", dossier.code) and row.unit in ("", ABOVE[dossier.commune])
        ]
        # Of two that end on one day the one given later holds.
        return max(reversed(covering), key=lambda row: row.strikes, default=None)

    def _missing(self, deadline: Deadline) -> list[Dossier]:
        """Return who has not met a deadline that holds for it."""
        return [
            dossier
            for dossier in self.dossiers.values()
            if dossier.stage in ahead(deadline.stage, deadline.kind)
            and dossier.registered < deadline.strikes
            and self._in_force(dossier, deadline.stage) is deadline
            and not (deadline.met_by == "session_held" and deadline.stage in dossier.found)
        ]

    def _strike(self, deadline: Deadline) -> None:
        if self.closed:
            return
        missed = self._missing(deadline)
        for dossier in missed:
            dossier.open_breaches[deadline] = dossier.holder
            if deadline.kind == "supplement":
                self.letters["supplement_overdue", "producer"] += 1
                self.letters["supplement_overdue", "officer"] += 1
        if deadline.kind != "supplement":
            for unit in {dossier.holder for dossier in missed}:
                for rung, days in enumerate((0, 2, 4, 6, 8)):
                    day = working_days_on(working_days_on(deadline.strikes.date(), 0), days)
                    at = datetime.combine(day, MORNING, HERE)
                    self._due(at, 2, lambda unit=unit, rung=rung: self._climb(deadline, unit, rung))
        if deadline.after == "next_round":
            for dossier in missed:
                self._move(dossier, "carry_over")

    def _climb(self, deadline: Deadline, unit: str, rung: int) -> None:
        late = any(dossier.open_breaches.get(deadline) == unit for dossier in self.dossiers.values())
        if late and not self.closed and unit not in deadline.answered:
            self.letters["overdue", RUNGS[rung]] += 1
            deadline.climbed.add(unit)

    def _remind(self, deadline: Deadline) -> None:
        if self.closed:
            return
        missing = self._missing(deadline)
        if deadline.kind == "supplement":
            self.letters["supplement_reminder", "producer"] += len(missing)
            return
        own = {dossier.unit(law.LEVEL[deadline.stage]) for dossier in missing}
        self.letters["deadline_reminder", "officer"] += len(own | {dossier.holder for dossier in missing})

    # How a dossier goes on.

    def _line(self, dossier: Dossier, event: str, target: str) -> None:
        notice, readers = law.letters_of(dossier.stage, event, target)
        if target != dossier.stage:
            dossier.stage = target
            if dossier.open:
                dossier.holder = dossier.unit(law.LEVEL[target])
            for deadline in list(dossier.open_breaches):
                if target not in ahead(deadline.stage, deadline.kind):
                    del dossier.open_breaches[deadline]
        dossier.lines += 1
        units = {"C": dossier.commune, "D": ABOVE[dossier.commune], "T": "36", "H": dossier.holder}
        self.letters[notice, "producer"] += "P" in readers
        self.letters[notice, "officer"] += len({units[reader] for reader in readers if reader in units})
        self.letters[notice, "coordinator_office"] += "O" in readers

    def _move(self, dossier: Dossier, event: str, result: Result | None = None) -> None:
        """Take the first way whose need is met, then whatever follows by itself."""
        ways = law.ways(event, dossier.stage)
        need(bool(ways))
        self._line(dossier, event, next(way for way in ways if self._met(way.need, dossier, result)).target)
        if way := law.ways("route", dossier.stage):
            purpose = {
                "district_decided": "district",
                "provincial_decided": "province",
                "return_decided": "after_return",
            }
            self._move(dossier, "route", dossier.decided.get(purpose.get(way[0].source, "")))
            if dossier.stage == "returned_to_district":
                self._own(dossier, "return", working_days_on(self.today, 15), "decision_signed")

    def _met(self, condition: str, dossier: Dossier, result: Result | None) -> bool:
        if condition == "after_return":
            return "after_return" in dossier.decided
        if not condition or result is None:
            return not condition
        threshold = self.settings.to_province
        return {
            "province": result.mean >= threshold and result.stars >= min(4, law.star(Decimal(threshold))),
            "three": result.stars >= 3,
            "four": result.stars >= 4,
            "centre": result.mean >= 90 and result.stars >= 5,
        }[condition]

    def _own(self, dossier: Dossier, kind: str, last: date, met_by: str) -> None:
        strikes = datetime.combine(last + timedelta(days=1), time(), HERE)
        self._date(Deadline(dossier.stage, strikes, met_by, "accept_late", kind, dossier=dossier.code))

    def _in_time(self, dossier: Dossier, act: str) -> None:
        deadline = self._in_force(dossier, dossier.stage)
        if deadline and deadline.met_by == act and self.now >= deadline.strikes and deadline.after != "accept_late":
            need(dossier.stage in dossier.accepted)

    # What people do.

    def register(self, code: str, product: str, commune: str) -> None:
        """File a dossier: before the first deadline, one open at a time, no certificate in force as for the first time."""
        need(
            not self.closed
            and not any(dossier.product == product and dossier.open for dossier in self.dossiers.values())
        )
        need(product not in self.certificates)
        ends: dict[str, datetime] = {}
        for row in self.deadlines:
            if not row.unit and not row.dossier:
                ends[row.stage] = max(row.strikes, ends.get(row.stage, row.strikes))
        need(self.now < min(ends.values()))
        start = "registered" if self.settings.files_with == "commune" else "filed_at_district"
        dossier = self.dossiers[code] = Dossier(code, product, commune, self.now, holder=commune)
        self._line(dossier, "register", start)

    def simple(self, dossier: Dossier, event: str) -> None:
        """Receive, retract, disqualify, carry over, keep, propose, forgo, supplement: the table alone decides."""
        self._move(dossier, event)

    def keep(self, dossier: Dossier, selected: bool) -> None:
        """Keep at the district; where going up is compulsory only the producer may decline."""
        need(selected or not self.settings.compulsory)
        self._move(dossier, "keep")

    def dated(self, dossier: Dossier, event: str) -> None:
        """Report, submit or propose by a letter, whose date may have to meet a deadline."""
        need(bool(law.ways(event, dossier.stage)))
        self._in_time(dossier, "letter_sent")
        self._move(dossier, event)

    def ask_supplement(self, dossier: Dossier) -> None:
        """Return for completion, so often at most; ten working days."""
        need(dossier.asked[dossier.stage] < self.settings.asked_at_most)
        asked = dossier.stage
        self._move(dossier, "request_supplement")
        dossier.asked[asked] += 1
        self._own(dossier, "supplement", working_days_on(self.today, 10), "supplemented")

    def evaluate(self, dossier: Dossier, totals: list[Decimal], failed: frozenset[int]) -> None:
        """Record a session; totals more than ten points apart are kept and do not count."""
        stage = dossier.stage
        need(stage in COUNCILS and stage not in dossier.found)
        need(stage != "returned_to_district" or self.settings.basis == "new_session")
        self._in_time(dossier, "session_held")
        passages = dossier.ballots.setdefault(stage, [0])
        if dossier.voided.pop(stage, False):
            passages.append(0)
        passages[-1] += 1
        self._line(dossier, "evaluate", stage)
        if max(totals) - min(totals) <= 10:
            mean = sum(totals, Decimal(0)) / len(totals)
            dossier.found[stage] = Result(mean, law.after_gates(law.star(mean), failed))
            for deadline in list(dossier.open_breaches):
                if deadline.stage == stage and deadline.met_by == "session_held":
                    del dossier.open_breaches[deadline]

    def decide(self, dossier: Dossier) -> None:
        """Sign the result; after the return on what the plan names, three stars at most."""
        stage = dossier.stage
        need(stage in COUNCILS)
        sources = {"district_result": COUNCILS[0], "province_result": COUNCILS[1], "new_session": COUNCILS[2]}
        basis = dossier.found.get(sources[self.settings.basis] if stage == COUNCILS[2] else stage)
        need(basis is not None)
        assert basis is not None
        self._in_time(dossier, "decision_signed")
        purpose = {COUNCILS[0]: "district", COUNCILS[1]: "province"}.get(stage, "after_return")
        dossier.decided[purpose] = basis if stage != COUNCILS[2] else Result(basis.mean, min(basis.stars, 3))
        self._move(dossier, "decide")

    def recognise(self, dossier: Dossier) -> None:
        """Award the star of the result, the district three at most, the province four; the certificate begins."""
        need(dossier.stage in ("district_recognition", "provincial_recognition"))
        self._in_time(dossier, "decision_signed")
        at_province = dossier.stage == "provincial_recognition"
        result = (
            dossier.decided["province"]
            if at_province
            else dossier.decided.get("after_return") or dossier.decided["district"]
        )
        self._move(dossier, "recognise", result)
        self.certificates[dossier.product] = (min(result.stars, 4 if at_province else 3), dossier.code)

    def central(self, dossier: Dossier, mean: Decimal, failed: frozenset[int]) -> None:
        """Record the centre's result: five stars replace four, anything less changes nothing."""
        self._move(dossier, "record_central_result")
        if law.after_gates(law.star(mean), failed) >= 5:
            self.certificates[dossier.product] = (5, dossier.code)

    def annul(self, dossier: Dossier, days: int) -> None:
        """Annul a result by a document: the dossier is judged again until a day that the document names."""
        need(days > 0)
        stage = dossier.stage
        if stage in COUNCILS[:2]:
            need(bool(dossier.ballots.get(stage)) and not dossier.voided.get(stage, False))
            self._line(dossier, "correct", stage)
        else:
            ways = law.ways("annul", stage)
            need(bool(ways))
            target = next(way for way in ways if self._met(way.need, dossier, None)).target
            purpose = {COUNCILS[0]: "district", COUNCILS[1]: "province", COUNCILS[2]: "after_return"}[target]
            need(purpose in dossier.decided)
            self._move(dossier, "annul")
            del dossier.decided[purpose]
        dossier.found.pop(dossier.stage, None)
        if dossier.ballots.get(dossier.stage):
            dossier.voided[dossier.stage] = True
        self._own(dossier, "correction", self.today + timedelta(days=days), "session_held")

    def revoke(self, product: str) -> None:
        """Take a certificate back; producer, commune and coordinator office are told."""
        need(product in self.certificates)
        _, code = self.certificates.pop(product)
        self._line(self.dossiers[code], "revoke", self.dossiers[code].stage)
        for reader in ("producer", "officer", "coordinator_office"):
            self.letters["revoked", reader] += 1

    def complain(self, dossier: Dossier) -> None:
        """Take a complaint: it stops nothing, and is told of when nobody answers in fifteen working days."""
        self._line(dossier, "complain", dossier.stage)
        number = len(self.complaints) + 1
        self.complaints[number] = (dossier.code, False)
        last = working_days_on(self.today, 15)
        at = self._morning(datetime.combine(last + timedelta(days=1), time(), HERE))
        self._due(at, 3, lambda: self._unanswered(number))

    def _unanswered(self, number: int) -> None:
        if not self.complaints[number][1]:
            self.letters["complaint_due", "officer"] += 1
            self.letters["complaint_due", "coordinator_office"] += 1

    def answer(self, number: int) -> None:
        """Answer a complaint, once."""
        need(number in self.complaints and not self.complaints[number][1])
        code = self.complaints[number][0]
        self.complaints[number] = (code, True)
        self._line(self.dossiers[code], "answer_complaint", self.dossiers[code].stage)

    # What the province does about deadlines.

    def accept_late(self, dossier: Dossier, stage: str) -> None:
        """Let a dossier be late at a stage; the breach stays until the act."""
        need(dossier.stage in ahead(stage, "plan"))
        if stage not in dossier.accepted:
            dossier.accepted.add(stage)
            self._line(dossier, "accept_late", dossier.stage)

    def extend(self, stage: str, last: date, district: str) -> None:
        """Give all or a district a later day; open breaches of the older one are closed."""
        need(not self.closed)
        current = [
            row for row in self.deadlines if row.stage == stage and not row.dossier and row.unit in ("", district)
        ]
        need(bool(current))
        before = max(current, key=lambda row: row.strikes)
        strikes = datetime.combine(last + timedelta(days=1), time(), HERE)
        need(strikes > before.strikes and strikes > self.now)
        deadline = Deadline(stage, strikes, before.met_by, before.after, "extension", district)
        self._date(deadline)
        for dossier in self.dossiers.values():
            if district in ("", ABOVE[dossier.commune]):
                for missed in list(dossier.open_breaches):
                    if missed.stage == stage and missed.strikes < strikes:
                        del dossier.open_breaches[missed]
        units = {dossier.holder for dossier in self._missing(deadline)} | ({district} if district else set())
        self.letters["deadline_extended", "officer"] += len(units)
        self.letters["deadline_extended", "coordinator_office"] += 1

    def acknowledge(self, stage: str, unit: str) -> None:
        """Answer the escalations of a unit at a stage: the ladder ends."""
        reached = [row for row in self.deadlines if row.stage == stage and unit in row.climbed]
        need(bool(reached))
        for deadline in reached:
            deadline.climbed.discard(unit)
            deadline.answered.add(unit)

    def close(self) -> None:
        """Close the cycle when nothing is open below the centre."""
        below = [row for row in self.dossiers.values() if row.open and law.LEVEL[row.stage] != law.CENTRE]
        need(not self.closed and not below)
        self.closed = True
        self.letters["cycle_closed", "officer"] += 3
        self.letters["cycle_closed", "coordinator_office"] += 1
