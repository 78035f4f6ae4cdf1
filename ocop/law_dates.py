"""The dates that the law itself sets: when each rule set is in force, and the rounds that Decision 26/2026 orders."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from ocop.phrase import Phrase


@dataclass(frozen=True)
class InForce:
    """The days, both included, on which a rule set is the law; `last` is None while it is the law of today."""

    document: str
    first: date
    last: date | None = None

    def __contains__(self, day: date) -> bool:
        """Return whether the rule set is the law on a day."""
        return self.first <= day and (self.last is None or day <= self.last)


IN_FORCE: Mapping[str, InForce] = {
    "qd148": InForce("Quyết định 148/QĐ-TTg", date(2023, 2, 24), date(2025, 7, 5)),
    "qd1489": InForce("Quyết định 148/QĐ-TTg, sửa đổi bởi Quyết định 1489/QĐ-TTg", date(2025, 7, 6), date(2026, 7, 21)),
    "qd26": InForce("Quyết định 26/2026/QĐ-TTg", date(2026, 5, 22)),
    "qd26_renewal": InForce("Quyết định 26/2026/QĐ-TTg", date(2026, 5, 22)),
}
"""By procedure. The first was amended; with its amendment it lapses on 21/7/2026, at the end of the transition from 22/5/2026 on."""


@dataclass(frozen=True)
class LawRound:
    """A yearly round: what was proposed before one day is evaluated before another of the same year; (day, month)."""

    stage: str
    name: str
    proposed_before: tuple[int, int]
    judged_before: tuple[int, int]

    def proposals_end(self, year: int) -> date:
        """Return the day before which proposals of a year belong to the round."""
        day, month = self.proposed_before
        return date(year, month, day)

    def judgement_ends(self, year: int) -> date:
        """Return the day before which proposals of that year are judged."""
        day, month = self.judged_before
        return date(year, month, day)


ROUNDS: Mapping[str, tuple[LawRound, ...]] = {
    "qd26": (
        LawRound("provincial_evaluation", Phrase("đợt 1 của tỉnh"), (30, 4), (30, 6)),
        LawRound("provincial_evaluation", Phrase("đợt 2 của tỉnh"), (30, 10), (30, 12)),
        LawRound("central_evaluation", Phrase("đợt 1 của Bộ"), (30, 1), (30, 3)),
        LawRound("central_evaluation", Phrase("đợt 2 của Bộ"), (30, 7), (30, 9)),
    )
}
"""By procedure. A province may add rounds by its regulation and plan (Quyết định 26/2026/QĐ-TTg), so a round beside these
is worth a note, a later date for the law's own a warning."""


def law_round(procedure: str, stage: str, proposals_end: date) -> tuple[LawRound, date] | None:
    """Return the first of the law's rounds that must take in what is proposed until a day, with the day before which it ends."""
    candidates = [
        (found.judgement_ends(year), found)
        for found in ROUNDS.get(procedure, ())
        if found.stage == stage
        for year in (proposals_end.year, proposals_end.year + 1)
        if proposals_end <= found.proposals_end(year)
    ]
    if not candidates:
        return None
    ends, found = min(candidates, key=lambda candidate: candidate[0])
    return found, ends
