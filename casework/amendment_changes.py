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
from ocop.levels import LADDER
from ocop.notices import Notice
from ocop.plan_settings import settings
from ocop.procedure import MetBy
from ocop.text import day as told
from ocop.working_days import VIETNAM, day_of

ORDER = ("Thiết lập", "Thời hạn", "Hồ sơ", "Việc đến hạn", "Thư")
"""The headings under which changes are listed."""
NEXT_DIGEST = "Tình hình trong ngày"
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
    return [f"{notice.label}, gửi {name}: thêm, {_instant(send_from)}" for name, send_from in letters]


def _differences(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[str]:
    for name in dict.fromkeys((*before, *after)):
        was, now = before.get(name), after.get(name)
        if was == now:
            continue
        if was is None:
            yield f"{name}: thêm, {now}"
        elif now is None:
            yield f"{name}: bỏ, trước đây {was}"
        else:
            yield f"{name}: {was} → {now}"


def picture(session: Session, cycle: Cycle, since: datetime) -> Picture:
    """Return how a cycle stands: its settings, dates, dossiers, what is to come since an instant and to whom letters will go."""
    session.flush()
    scene = _Scene(session, cycle, since)
    return Picture(
        {
            "Thiết lập": {
                f"{one.group}: {one.label}": one.value_text
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
        return f"{label} ({whose})" if whose else label

    def dates(self) -> Iterator[tuple[str, str]]:
        """Yield the dates that hold for all or for a unit."""
        for (_, scope), row in sorted(self.in_force.items(), key=lambda item: (item[1].strikes_at, item[1].id)):
            if not scope.startswith("dossier/"):
                yield self._named(row), f"hạn cuối {told(last_day(row))} ({row.wording})"

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
                name = f"{dossier.code} ({self.units[dossier.holder_id]}), {self.procedure.stage(stage).label}"
                yield name, f"{told(last_day(row))}{', đang quá hạn' if (dossier.id, stage) in late else ''}"

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
                named = f"{self.procedure.stage(row.stage).label} ({InnerKind(row.kind).label}: {row.title})"
                before = f"trước hạn {item.number} ngày làm việc" if item.number != LAST_DAY else "vào ngày cuối"
                yield item, row, f"Nhắc {before}, {named}"

    def work(self) -> Iterator[tuple[str, str]]:
        """Yield what is still to come: reminders, strokes, rungs, and the next digest."""
        for item, row in self._to_come():
            yield f"{self._task(item)}, {self._named(row)}{self._unit(item)}", _instant(item.due_at)
        for item, inner, named in self._inner_to_come():
            yield f"{named}, {self.units[inner.unit_id]}", _instant(item.due_at)
        for item in self.items:
            if item.kind == DIGEST:
                yield NEXT_DIGEST, _instant(item.due_at)

    def letters(self) -> Iterator[tuple[str, str]]:
        """Yield the letters that reminders and rungs will owe as things stand, by the unit that they go to."""
        for item, row in self._to_come():
            if item.kind == REMINDER and row.dossier_id is None:
                for unit_id, ids in reminded(self.session, self.cycle, row).items():
                    name = f"{self._task(item)}, {self._named(row)}, gửi {self.units[unit_id]}"
                    yield name, f"{_instant(item.due_at)} ({len(ids)} hồ sơ)"
            elif item.kind == RUNG:
                yield (
                    f"{self._task(item)}, {self._named(row)}, về {self._unit(item).strip(' ()')}",
                    _instant(item.due_at),
                )
        behind: dict[int, int] = {}
        for item, inner, named in self._inner_to_come():
            if inner.id not in behind:
                still = select(func.count()).select_from(Dossier).where(waiting(self.cycle, inner))
                behind[inner.id] = self.session.scalar(still) or 0
            if behind[inner.id]:
                yield (
                    f"{named}, gửi {self.units[inner.unit_id]}",
                    f"{_instant(item.due_at)} ({behind[inner.id]} hồ sơ)",
                )

    def _task(self, item: AgendaItem) -> str:
        if item.kind == REMINDER:
            return f"Nhắc trước hạn {item.number} ngày làm việc"
        return f"Báo cáo vượt cấp đến {LADDER[item.number].label}" if item.kind == RUNG else "Ghi quá hạn"

    def _unit(self, item: AgendaItem) -> str:
        parts = item.subject.split("/")
        return f" ({self.units.get(int(parts[3]), '')})" if len(parts) > 3 else ""


def _instant(at: datetime) -> str:
    return f"{at.astimezone(VIETNAM):%H:%M} {told(day_of(at))}"
