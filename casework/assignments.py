"""Who takes a dossier at a unit, gives it to a colleague, or puts it back.

It is the office's own order of work: nothing moves, no letter is owed and no right changes, so the dossier's history does not
carry it. Its rows tell who had a dossier from when to when, and the request tells who asked for it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, select, update
from sqlalchemy.orm import Session

from casework.act import Answer, act
from casework.actors import Actor
from casework.actors import person as person_by_code
from casework.assigned import LEADERS, away, holds, posts_of, stood_for
from casework.lookup import dossiers_by_code
from models.assignments import Assignment
from models.base import table_of
from models.bulk import execute_many, insert_into
from models.dossiers import Dossier
from models.units import Person, Unit
from ocop.errors import NotPossibleNow, NotYours, RuleViolation
from ocop.levels import Level
from ocop.phrase import Joined, Phrase
from ocop.text import day as told
from ocop.working_days import day_of

NOT_CLAIMED = (
    "Không nhận được hồ sơ nào, xem lý do từng hồ sơ.",
    "Không nhận được %(n)s hồ sơ, xem lý do từng hồ sơ.",
)
NOT_ASSIGNED = (
    "Không giao được hồ sơ nào, xem lý do từng hồ sơ.",
    "Không giao được %(n)s hồ sơ, xem lý do từng hồ sơ.",
)
NOT_RELEASED = (
    "Không trả lại được hồ sơ nào, xem lý do từng hồ sơ.",
    "Không trả lại được %(n)s hồ sơ, xem lý do từng hồ sơ.",
)
"""What an answer says of dossiers with which nothing was done: of all, and of some."""


@act("claim", "Nhận xử lý hồ sơ")
def claim(session: Session, *, actor: Actor, at: datetime, dossiers: Sequence[str]) -> Answer:
    """Take dossiers that stand at one of the actor's own units and on which nobody works; one taken before stays theirs."""
    tasks = Tasks(session, actor, dossiers, at)
    for task in tasks:
        has = task.held
        if refusal := tasks.elsewhere(task):
            tasks.refuse(task, refusal)
        elif has is not None and has.person_id != actor.person_id:
            tasks.refuse(
                task,
                NotPossibleNow(
                    f"Hồ sơ {task.code} đã do {has.name} nhận từ ngày {told(day_of(has.begun_at))}. Muốn chuyển thì người đó "
                    "hoặc lãnh đạo đơn vị giao lại hồ sơ.",
                    f"dossier {task.code} was taken on by {has.name} on {told(day_of(has.begun_at))}; that person or the unit's leaders "
                    "assign it",
                ),
            )
        else:
            tasks.give(task, actor, "")
    return tasks.answer(NOT_CLAIMED, "Đã nhận %(n)s hồ sơ để xử lý.")


@act("assign", "Giao hồ sơ cho người xử lý")
def assign(
    session: Session, *, actor: Actor, at: datetime, dossiers: Sequence[str], person: str, note: str = ""
) -> Answer:
    """Give dossiers to somebody of the unit where they stand, or hand them over from whoever has them.

    The unit's people give what is theirs or nobody's, and what they look after for somebody away; its head, vice chair or
    office also what a colleague has.
    """
    to = person_by_code(session, person)
    tasks = Tasks(session, actor, dossiers, at)
    theirs = posts_of(session, to.person_id, tasks.day)
    for task in tasks:
        if refusal := tasks.elsewhere(task) or tasks.colleagues(task):
            tasks.refuse(task, refusal)
        elif task.unit.id not in theirs:
            tasks.refuse(
                task,
                NotYours(
                    f"Hồ sơ {task.code} do {task.unit.name} giải quyết; {to.name} không giữ nhiệm vụ ở đó. Hãy chọn người "
                    "khác của đơn vị.",
                    f"dossier {task.code} is at {task.unit.name}; {to.name} has no post there. Choose somebody else of the unit",
                ),
            )
        else:
            tasks.give(task, to, note.strip())
    warnings = [
        Phrase(
            "%(who)s đang vắng mặt đến hết ngày %(day)s; người thay thấy các hồ sơ này trong danh sách của mình.",
            who=to.name,
            day=until,
        )
        for (_, unit), until in away(session, [to.person_id or 0], tasks.day).items()
        if unit in {task.unit.id for task in tasks.given}
    ]
    return tasks.answer(NOT_ASSIGNED, "Đã giao %(n)s hồ sơ cho %(who)s.", who=to.name) | {"warnings": warnings[:1]}


@act("release", "Thôi xử lý hồ sơ đã nhận")
def release(session: Session, *, actor: Actor, at: datetime, dossiers: Sequence[str]) -> Answer:
    """Put dossiers back among those that nobody of the unit works on; who has them may, who stands in, and the unit's head."""
    tasks = Tasks(session, actor, dossiers, at)
    for task in tasks:
        if refusal := tasks.elsewhere(task) or tasks.colleagues(task):
            tasks.refuse(task, refusal)
        elif task.held is None:
            tasks.refuse(
                task, NotPossibleNow(f"Hồ sơ {task.code} chưa có ai nhận.", f"nobody has taken on dossier {task.code}")
            )
        else:
            tasks.put_back(task)
    return tasks.answer(NOT_RELEASED, "Đã trả lại %(n)s hồ sơ; các hồ sơ này đang chờ người nhận.")


@dataclass(frozen=True)
class Task:
    """A dossier with the unit that has to act on it, and who works on it there."""

    code: str
    dossier: Dossier
    unit: Unit
    held: Row[Any] | None
    """The assignment that holds."""
    running: int | None
    """The number of the assignment that was not ended yet, whether it holds or lapsed."""


class Tasks:
    """The dossiers of one request, locked, what becomes of each, and what the actor may do at their units."""

    def __init__(self, session: Session, actor: Actor, codes: Sequence[str], at: datetime) -> None:
        if actor.person_id is None:
            raise NotYours(
                "Chỉ người của đơn vị nhận hoặc giao hồ sơ.", "only people of a unit take on or assign dossiers"
            )
        self.session, self.actor, self.at, self.day = session, actor, at, day_of(at)
        self._all = self._read(dossiers_by_code(session, codes))
        self._posts = posts_of(session, actor.person_id, self.day)
        self._stands_for = {(one.person_id, one.unit_id) for one in stood_for(session, actor.person_id, self.day)}
        self.given: list[Task] = []
        self._ended: list[dict[str, Any]] = []
        self._begun: list[dict[str, Any]] = []
        self._done: list[dict[str, str]] = []
        self._refused: list[tuple[Task, RuleViolation]] = []

    def __iter__(self) -> Any:
        """Yield the dossiers in the order in which they were named."""
        return iter(self._all)

    def _read(self, rows: Sequence[Dossier]) -> list[Task]:
        units = {
            unit.id: unit
            for unit in self.session.scalars(
                select(Unit).where(Unit.id.in_({row.holder_id for row in rows} | {row.province_id for row in rows}))
            )
        }
        running = {
            row.dossier_id: row
            for row in self.session.execute(
                select(
                    Assignment.id, Assignment.dossier_id, Assignment.person_id, Assignment.begun_at, Person.name,
                    holds(self.day).label("holds"),
                )
                .join(Dossier, Dossier.id == Assignment.dossier_id)
                .join(Person, Person.id == Assignment.person_id)
                .where(Assignment.dossier_id.in_([row.id for row in rows]), Assignment.ended_at.is_(None))
            )
        }  # fmt: skip
        found = []
        for row in rows:
            unit, has = units[row.holder_id], running.get(row.id)
            if unit.level == Level.CENTRAL:
                unit = units[row.province_id]
            found.append(Task(row.code, row, unit, has if has and has.holds else None, has.id if has else None))
        return found

    def elsewhere(self, task: Task) -> RuleViolation | None:
        """Return why nobody works on a dossier any more, or why the actor's unit does not, or None."""
        if not task.dossier.open:
            return NotPossibleNow(
                f"Hồ sơ {task.code} đã kết thúc nên không còn việc để nhận hoặc giao.",
                f"dossier {task.code} has ended, so there is nothing to take on or assign",
            )
        if task.unit.id not in self._posts:
            return NotYours(
                f"Hồ sơ {task.code} do {task.unit.name} giải quyết; {self.actor.name} không giữ nhiệm vụ ở đó nên không nhận "
                "hoặc giao được.",
                f"dossier {task.code} is at {task.unit.name}; {self.actor.name} has no post there and cannot take it on or assign it",
            )
        return None

    def colleagues(self, task: Task) -> RuleViolation | None:
        """Return why the actor may not take a dossier from whoever has it, or None."""
        has = task.held
        if (
            has is None
            or has.person_id == self.actor.person_id
            or (has.person_id, task.unit.id) in self._stands_for
            or self._posts[task.unit.id] & LEADERS
        ):
            return None
        return NotYours(
            f"Hồ sơ {task.code} do {has.name} xử lý; chỉ người đó, người thay hoặc lãnh đạo đơn vị giao lại hay trả lại.",
            f"dossier {task.code} is {has.name}'s; only they, their substitute or the unit's leaders assign it or give it back",
        )

    def refuse(self, task: Task, why: RuleViolation) -> None:
        """Note why nothing is done with a dossier."""
        self._refused.append((task, why))

    def give(self, task: Task, to: Actor, note: str) -> None:
        """Let somebody work on a dossier from now on; whoever had it does not any more."""
        self._done.append({"dossier": task.code, "person": to.name})
        self.given.append(task)
        if task.held is not None and task.held.person_id == to.person_id:
            return
        self._end(task)
        self._begun.append(
            {
                "dossier_id": task.dossier.id, "unit_id": task.unit.id, "person_id": to.person_id,
                "number": task.dossier.version, "begun_at": self.at, "begun_by": self.actor.name, "note": note,
                "ended_by": "",
            }
        )  # fmt: skip

    def put_back(self, task: Task) -> None:
        """Let nobody work on a dossier."""
        self._done.append({"dossier": task.code, "person": ""})
        self._end(task)

    def _end(self, task: Task) -> None:
        if task.running is not None:
            by = self.actor.name if task.held is not None else ""
            self._ended.append({"b_id": task.running, "b_at": self.at, "b_by": by})

    def answer(self, undone: tuple[str, str], message: str, **values: str) -> Answer:
        """Write what was noted and return it for each dossier; a single one that was refused raises its refusal."""
        if len(self._all) == 1 and self._refused:
            raise self._refused[0][1]
        execute_many(self.session, _END, self._ended)
        execute_many(self.session, _BEGIN, self._begun)
        none, some = undone
        said = [Phrase(message, n=len(self._done), **values) if self._done else Phrase(none)]
        if self._done and self._refused:
            said.append(Phrase(some, n=len(self._refused)))
        return {
            "message": Joined(" ", said),
            "done": self._done,
            "refused": [{"dossier": task.code, "reason": why.told} for task, why in self._refused],
        }


_ROWS = table_of(Assignment)
_END = (
    update(_ROWS).where(_ROWS.c.id == bindparam("b_id")).values(ended_at=bindparam("b_at"), ended_by=bindparam("b_by"))
)
_BEGIN = insert_into(
    _ROWS, ("dossier_id", "unit_id", "person_id", "number", "begun_at", "begun_by", "note", "ended_by")
)
