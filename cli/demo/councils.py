"""What every council of the invented year does, and what the year's officers have in common."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from casework.corrections import Purpose
from casework.evidence import NewEvidence
from cli.demo.fates import Twist, ballot, gates
from cli.demo.steps import Planned, Step, hour, one, products
from ocop.evidence import EvidenceKind
from ocop.working_days import Calendar

LATE_DISTRICT = "364"
"""Holds its second session after the deadline, when the province has extended it."""
PROVINCE = "36-officer"
SIGNER = "Người ký mô phỏng"


@dataclass(frozen=True)
class Councils:
    """The councils of one invented year; `chance` gives their scores."""

    chance: Random
    days: Calendar

    def evaluation(
        self, dossier: Planned, recorded: datetime, held: date, sitting: int, who: str, *, too_far: bool = False
    ) -> Step:
        """Return the record of a session on one dossier."""
        at_province = who == PROVINCE
        span = dossier.fate.province if at_province else dossier.fate.district
        assert span is not None
        failed = dossier.fate.failed if at_province or dossier.fate.province is None else {}
        minutes = f"{sitting:02d}/BB-HĐ ({'tỉnh' if at_province else 'huyện'} {dossier.district}, mô phỏng)"
        return one(
            dossier, recorded.date(), "evaluate", {"who": who}, clock=f"{recorded:%H:%M}", held_on=held, minutes=minutes,
            members=7, scores=ballot(self.chance, span, too_far=too_far), gates=gates(failed),
        )  # fmt: skip

    def recognise(self, who: str, dossiers: Sequence[Planned], day: date, number: str) -> Iterator[Step]:
        """Yield the recognition of dossiers by one decision, and what is rectified of it a week later."""
        if not dossiers:
            return
        yield Step(
            hour(day, "15:00"), "recognise", who,
            {"number": f"{number}/QĐ-UBND (mô phỏng)", "signed_on": day, "signer": SIGNER}, products(dossiers),
        )  # fmt: skip
        for dossier in dossiers:
            if dossier.fate.twist is Twist.CORRECTED:
                yield one(
                    dossier, day + timedelta(days=7), "correct-decision", {"who": who}, purpose=Purpose.RECOGNITION,
                    number=f"{number}a/QĐ-UBND (mô phỏng)", signed_on=day, signer=SIGNER, reason="Ghi nhầm số quyết định",
                    document="40/UBND-NN (mô phỏng)",
                )  # fmt: skip

    @staticmethod
    def annulled(dossier: Planned, day: date, who: str, *, due_on: date) -> Step:
        """Return the act by which a result falls and must be judged again by a day."""
        return one(dossier, day, "annul", {"who": who}, document="33/QĐ-UBND (mô phỏng)", annulled_on=day,
                   reason="Thành viên hội đồng có liên quan đến chủ thể", due_on=due_on)  # fmt: skip

    @staticmethod
    def report_runs_out(dossier: Planned, session: date) -> bool:
        """Tell whether the test report handed in with a dossier has expired on the day of a session."""
        expires = dossier.row[f"evidence_{EvidenceKind.TEST_REPORT}"]
        return isinstance(expires, date) and expires < session

    @staticmethod
    def new_report(dossier: Planned, day: date, who: str) -> Step:
        """Return the act that hands in a new test report, good for a year."""
        paper = NewEvidence(
            EvidenceKind.TEST_REPORT, EvidenceKind.TEST_REPORT.label, issued_on=day, expires_on=date(2026, 5, 31)
        )
        return one(dossier, day, "add-evidence", {"who": who}, evidence=[paper])
