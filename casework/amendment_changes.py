"""What an amendment changes for whom: how a cycle stands before it and after it, compared line by line."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casework.digest import DIGEST
from casework.inner_dates import INNER, LAST_DAY, InnerKind, waiting
from casework.rules import plan_of, procedure_of
from casework.strokes import reminded
from casework.timing import REMINDER, RUNG, ahead_of, last_day, scopes
from models.cycles import AgendaItem, Breach, Cycle, Deadline
from models.dossiers import Dossier
from models.inner_dates import InnerDate
from models.letters import Letter
from models.results import Evaluation
from models.units import Unit
from ocop.deadlines import recalled
from ocop.levels import LADDER
from ocop.notices import Notice
from ocop.phrase import Phrase
from ocop.plan_settings import settings
from ocop.procedure import MetBy
from ocop.text import day as told
from ocop.working_days import VIETNAM, day_of

ORDER = (Phrase("Thiết lập"), Phrase("Thời hạn"), Phrase("Hồ sơ"), Phrase("Việc đến hạn"), Phrase("Thư"))
"""The headings under which changes are listed."""
NEXT_DIGEST = Phrase("Tình hình trong ngày")
"""How the next digest is named among what is to come."""


@dataclass(frozen=True)
class Picture:
    """How a cycle stands: what each thing is, by its name, under each heading."""

    parts: Mapping[str, Mapping[str, str]]

    def against(self, earlier: "Picture") -> dict[str, list[str]]:
        """Return the lines that differ from an earlier picture, under each heading."""
        return {heading: list(_differences(earlier.parts[heading], self.parts[heading])) for heading in ORDER}


def letters_owed(session: Session, notice: Notice, cause: str) -> list[str]:
    """Return the letters that an event has just owed, as lines under the last heading."""
    letters = session.execute(
        select(Letter.recipient_name, Letter.send_from)
        .where(Letter.cause.startswith(f"{cause}/", autoescape=True))
        .order_by(Letter.id)
    )
    return [
        Phrase(_ADDED, name=Phrase(_SENT, what=notice.label, to=name), now=_instant(send_from))
        for name, send_from in letters
    ]


_ADDED, _SENT = "%(name)s: thêm, %(now)s", "%(what)s, gửi %(to)s"


def _differences(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[str]:
    for name in dict.fromkeys((*before, *after)):
        was, now = before.get(name), after.get(name)
        if was == now:
            continue
        if was is None:
            yield Phrase(_ADDED, name=name, now=now)
        elif now is None:
            yield Phrase("%(name)s: bỏ, trước đây %(was)s", name=name, was=was)
        else:
            yield Phrase("%(name)s: %(was)s → %(now)s", name=name, was=was, now=now)


def picture(session: Session, cycle: Cycle, since: datetime) -> Picture:
    """Return how a cycle stands: its settings, dates, dossiers, what is to come since an instant and to whom letters will go."""
    session.flush()
    scene = _Scene(session, cycle, since)
    return Picture(
        {
            "Thiết lập": {
                Phrase("%(group)s: %(setting)s", group=one.group, setting=one.label): one.value_text
                for one in settings(plan_of(cycle))
                if not one.key.startswith("deadlines.")
            },
            "Thời hạn": dict(scene.dates()),
            "Hồ sơ": dict(scene.dossiers()),
            "Việc đến hạn": dict(scene.work()),
            "Thư": dict(scene.letters()),
        }
    )


class _Scene:
    """A cycle's dates in force with its dossiers, read once."""

    def __init__(self, session: Session, cycle: Cycle, since: datetime) -> None:
        self.session, self.cycle, self.since, self.procedure = session, cycle, since, procedure_of(cycle)
        self.rows = {
            row.id: row
            for row in session.scalars(
                select(Deadline)
                .where(Deadline.cycle_id == cycle.id, Deadline.replaced_at.is_(None))
                .order_by(Deadline.strikes_at, Deadline.id)
            )
        }
        self.in_force = {(row.stage, row.scope): row for row in self.rows.values()}
        self.inner = {
            row.id: row
            for row in session.scalars(
                select(InnerDate).where(InnerDate.cycle_id == cycle.id, InnerDate.replaced_at.is_(None))
            )
            if self.procedure.knows(row.stage)
        }
        self.items = session.scalars(
            select(AgendaItem)
            .where(AgendaItem.cycle_id == cycle.id, AgendaItem.done_at.is_(None), AgendaItem.due_at >= since)
            .order_by(AgendaItem.due_at, AgendaItem.id)
        ).all()
        self.units = dict(session.execute(select(Unit.id, Unit.name)).tuples().all())
        self.codes: dict[int, str] = dict(
            session.execute(select(Dossier.id, Dossier.code).where(Dossier.cycle_id == cycle.id)).tuples().all()
        )

    def _named(self, row: Deadline) -> str:
        """Return a date's name: the stage, and for whom it is where not for all."""
        whose = self.units.get(row.unit_id or 0) or self.codes.get(row.dossier_id or 0)
        label = self.procedure.stage(row.stage).label
        return Phrase("%(stage)s (%(whose)s)", stage=label, whose=whose) if whose else label

    def dates(self) -> Iterator[tuple[str, str]]:
        """Yield the dates that hold for all or for a unit."""
        for (_, scope), row in sorted(self.in_force.items(), key=lambda item: (item[1].strikes_at, item[1].id)):
            if not scope.startswith("dossier/"):
                yield (
                    self._named(row),
                    Phrase("hạn cuối %(last)s (%(wording)s)", last=last_day(row), wording=recalled(row.wording)),
                )

    def dossiers(self) -> Iterator[tuple[str, str]]:
        """Yield, for each open dossier and each stage still ahead of it, by when it has to be passed, and whether it is late."""
        held = {
            (dossier_id, stage)
            for dossier_id, stage in self.session.execute(
                select(Evaluation.dossier_id, Evaluation.stage)
                .join(Dossier, Dossier.id == Evaluation.dossier_id)
                .where(Dossier.cycle_id == self.cycle.id, Evaluation.counts.is_(True), Evaluation.annulled_on.is_(None))
            )
        }
        late = {
            (dossier_id, stage)
            for dossier_id, stage in self.session.execute(
                select(Breach.dossier_id, Deadline.stage)
                .join(Deadline, Deadline.id == Breach.deadline_id)
                .where(Deadline.cycle_id == self.cycle.id, Breach.closed_at.is_(None))
            )
        }
        stages = dict.fromkeys(stage for stage, _ in self.in_force)
        for dossier in self.session.execute(
            select(
                Dossier.id, Dossier.code, Dossier.stage, Dossier.registered_at, Dossier.holder_id, Dossier.commune_id,
                Dossier.district_id, Dossier.province_id,
            )
            .where(Dossier.cycle_id == self.cycle.id, Dossier.open.is_(True))
            .order_by(Dossier.id)
        ):  # fmt: skip
            for stage in stages:
                row = self._of(dossier, stage)
                if row is None or (row.met_by == MetBy.SESSION_HELD and (dossier.id, stage) in held):
                    continue
                name = Phrase(
                    "%(dossier)s (%(unit)s), %(stage)s",
                    dossier=dossier.code, unit=self.units[dossier.holder_id], stage=self.procedure.stage(stage).label,
                )  # fmt: skip
                last = told(last_day(row))
                yield name, Phrase("%(last)s, đang quá hạn", last=last) if (dossier.id, stage) in late else last

    def _of(self, dossier: Any, stage: str) -> Deadline | None:
        """Return the date of a stage that a dossier has still to meet."""
        covering = [row for scope in scopes(dossier) if (row := self.in_force.get((stage, scope)))]
        if not covering:
            return None
        latest = max(covering, key=lambda row: (row.strikes_at, row.id))
        ahead = dossier.stage in ahead_of(self.procedure, stage, latest.kind)
        return latest if ahead and dossier.registered_at < latest.strikes_at else None

    def _to_come(self) -> Iterator[tuple[AgendaItem, Deadline]]:
        for item in self.items:
            kind, _, number = item.subject.partition("/")
            if kind == "deadline" and (row := self.rows.get(int(number.split("/")[0]))):
                yield item, row

    def _inner_to_come(self) -> Iterator[tuple[AgendaItem, InnerDate, str]]:
        """Yield the reminders of dates inside the deadlines, each with its name."""
        for item in self.items:
            row = self.inner.get(int(item.subject.split("/")[1])) if item.kind == INNER else None
            if row is not None:
                named = Phrase(
                    "%(stage)s (%(kind)s: %(title)s)",
                    stage=self.procedure.stage(row.stage).label, kind=InnerKind(row.kind).label, title=row.title,
                )  # fmt: skip
                if item.number == LAST_DAY:
                    yield item, row, Phrase("Nhắc vào ngày cuối, %(what)s", what=named)
                else:
                    yield item, row, Phrase(_OF, task=_reminding(item), what=named)

    def work(self) -> Iterator[tuple[str, str]]:
        """Yield what is still to come: reminders, strokes, rungs, and the next digest."""
        for item, row in self._to_come():
            what, unit = Phrase(_OF, task=self._task(item), what=self._named(row)), self._unit(item)
            yield Phrase("%(what)s (%(unit)s)", what=what, unit=unit) if unit else what, _instant(item.due_at)
        for item, inner, named in self._inner_to_come():
            yield Phrase("%(what)s, %(unit)s", what=named, unit=self.units[inner.unit_id]), _instant(item.due_at)
        for item in self.items:
            if item.kind == DIGEST:
                yield NEXT_DIGEST, _instant(item.due_at)

    def letters(self) -> Iterator[tuple[str, str]]:
        """Yield the letters that reminders and rungs will owe as things stand, by the unit that they go to."""
        for item, row in self._to_come():
            if item.kind == REMINDER and row.dossier_id is None:
                for unit_id, ids in reminded(self.session, self.cycle, row).items():
                    what = Phrase(_OF, task=self._task(item), what=self._named(row))
                    yield Phrase(_SENT, what=what, to=self.units[unit_id]), _of_dossiers(item, len(ids))
            elif item.kind == RUNG:
                about = Phrase(
                    "%(task)s, %(what)s, về %(unit)s",
                    task=self._task(item), what=self._named(row), unit=self._unit(item),
                )  # fmt: skip
                yield about, _instant(item.due_at)
        behind: dict[int, int] = {}
        for item, inner, named in self._inner_to_come():
            if inner.id not in behind:
                still = select(func.count()).select_from(Dossier).where(waiting(self.cycle, inner))
                behind[inner.id] = self.session.scalar(still) or 0
            if behind[inner.id]:
                sent = Phrase(_SENT, what=named, to=self.units[inner.unit_id])
                yield sent, _of_dossiers(item, behind[inner.id])

    def _task(self, item: AgendaItem) -> str:
        if item.kind == REMINDER:
            return _reminding(item)
        if item.kind == RUNG:
            return Phrase("Báo cáo vượt cấp đến %(role)s", role=LADDER[item.number].label)
        return Phrase("Ghi quá hạn")

    def _unit(self, item: AgendaItem) -> str:
        parts = item.subject.split("/")
        return self.units.get(int(parts[3]), "") if len(parts) > 3 else ""


_OF = "%(task)s, %(what)s"


def _reminding(item: AgendaItem) -> Phrase:
    return Phrase("Nhắc trước hạn %(days)s ngày làm việc", days=item.number)


def _of_dossiers(item: AgendaItem, number: int) -> Phrase:
    return Phrase("%(at)s (%(number)s hồ sơ)", at=_instant(item.due_at), number=str(number))


def _instant(at: datetime) -> str:
    return f"{at.astimezone(VIETNAM):%H:%M} {told(day_of(at))}"
