"""Whether an act met its deadline: by the day of the act itself, not by the day on which it was typed in."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import cached_property

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from casework.gate import suspended
from casework.rules import cycles_of, plan_of
from casework.timing import InForce, last_day
from models.cycles import Breach, Deadline, LateAcceptance
from models.dossiers import Dossier
from ocop.deadlines import recalled
from ocop.errors import NotPossibleNow, TooLate
from ocop.phrase import Phrase, phrases
from ocop.plan_sections import AfterDeadline
from ocop.procedure import MetBy
from ocop.text import day as told
from ocop.working_days import start_of

REMEDIES = phrases(
    {
        AfterDeadline.REFUSE: "Chỉ cơ quan ban hành kế hoạch được gia hạn hoặc chấp nhận hồ sơ muộn bằng văn bản.",
        AfterDeadline.NEXT_ROUND: "Kế hoạch quy định chuyển hồ sơ sang đợt sau.",
    }
)
"""What a refused unit can do."""

DAYS: Mapping[str, MetBy] = {
    "report": MetBy.LETTER_SENT,
    "evaluate": MetBy.SESSION_HELD,
    "decide": MetBy.DECISION_SIGNED,
    "submit": MetBy.LETTER_SENT,
    "propose": MetBy.LETTER_SENT,
    "recognise": MetBy.DECISION_SIGNED,
}
"""By the act's name, what its day is: an act that is not here meets no deadline of the plan."""


class Punctuality:
    """Whether acts on some dossiers meet the deadlines of the stages where these stand; read once for all of them."""

    def __init__(self, session: Session, dossiers: Sequence[Dossier]) -> None:
        """Read the deadlines."""
        self._session, self._ids = session, [dossier.id for dossier in dossiers]
        self._in_force = InForce(session, dossiers)
        self._cycles = cycles_of(session, dossiers)

    @cached_property
    def _accepted(self) -> frozenset[tuple[int, str]]:
        """The dossiers accepted late, each with the stage."""
        rows = self._session.execute(
            select(LateAcceptance.dossier_id, LateAcceptance.stage).where(LateAcceptance.dossier_id.in_(self._ids))
        )
        return frozenset((dossier_id, stage) for dossier_id, stage in rows)

    def in_time(self, dossier: Dossier, act: MetBy, day: date, at: datetime) -> bool:
        """Return whether an act held in time is recorded after the stroke; raise TooLate for one that was not in time.

        Only the act that the deadline of the dossier's stage names meets it; the day of any other is free. The plan may
        accept late acts, and its issuer may accept named dossiers late; a unit never extends its own deadline. Nothing is
        judged or signed before the day on which the plan opens the stage.
        """
        self._opened(dossier, day)
        if dossier.suspended_at is not None:
            raise suspended(dossier)
        deadline = self._in_force.of(dossier)
        if deadline is None or deadline.met_by != act:
            return False
        if start_of(day) < deadline.strikes_at:
            return at >= deadline.strikes_at
        accepted = (dossier.id, dossier.stage) in self._accepted
        if accepted or deadline.after_deadline == AfterDeadline.ACCEPT_LATE:
            return False
        remedy = REMEDIES[AfterDeadline(deadline.after_deadline)]
        raise TooLate(
            Phrase(
                "Hồ sơ %(code)s: ngày %(day)s đã quá hạn (%(wording)s; hạn cuối %(last)s). %(remedy)s",
                code=dossier.code, day=day, wording=recalled(deadline.wording), last=last_day(deadline), remedy=remedy,
            ),
            f"{day} lies on or after the deadline {deadline.strikes_at.isoformat()}",
        )  # fmt: skip

    def _opened(self, dossier: Dossier, day: date) -> None:
        """Raise NotPossibleNow for an act dated before its stage opens under the plan."""
        stated = plan_of(self._cycles[dossier.cycle_id]).deadline(dossier.stage)
        if stated is not None and stated.opens_on is not None and day < stated.opens_on:
            raise NotPossibleNow(
                f"Hồ sơ {dossier.code}: ngày {told(day)} sớm hơn ngày {told(stated.opens_on)}, ngày kế hoạch cho bắt đầu bước này. "
                "Hãy họp, ký từ ngày đó trở đi.",
                f"dossier {dossier.code}: {told(day)} lies before {told(stated.opens_on)}, the day on which the plan opens this stage. Meet "
                "and sign from that day on",
            )


def close_met(session: Session, dossier_ids: Sequence[int], stage: str, by: str, at: datetime) -> None:
    """Close the open breaches of a stage that a session meets, for dossiers whose session was recorded."""
    for breach in session.scalars(_MET, {"ids": dossier_ids, "stage": stage}):
        breach.closed_at, breach.closed_by = at, by
    session.flush()


_MET = (
    select(Breach)
    .join(Deadline, Deadline.id == Breach.deadline_id)
    .where(
        Breach.dossier_id.in_(bindparam("ids", expanding=True)),
        Deadline.stage == bindparam("stage"),
        Deadline.met_by == MetBy.SESSION_HELD,
        Breach.closed_at.is_(None),
    )
)
