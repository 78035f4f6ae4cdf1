"""Reorganises units on a day: old ones end, and what they held goes to their successors, all of it or nothing."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import and_, func, or_, select, update
from sqlalchemy.orm import Session

from casework import handing_on, handing_on_posts, ledger, suspensions
from casework.act import Answer, act
from casework.actors import Actor, Territory
from casework.chronicle import append_cycle_event
from casework.doctor.balance import conservation
from casework.lookup import required
from casework.moves import ProposedMove
from casework.readdressing import readdress, waiting
from casework.rebinding import TERRITORY, TRANSFER, anew
from casework.succession import END, MOVE, Place, Successors
from models.cycles import Cycle
from models.dossiers import Dossier
from models.record import Event
from models.units import Post, Producer, Unit
from ocop.errors import InvalidInput, NotFound, NotPossibleNow, NotYours
from ocop.levels import ROLE_LABELS, Level, Role
from ocop.phrase import Joined, Phrase, phrases
from ocop.rulebook import PROCEDURES
from ocop.text import day as told
from ocop.working_days import day_of, start_of


class Roles(StrEnum):
    """What becomes of posts at units that end, where the file does not say."""

    MOVE = MOVE
    END = END


class Clocks(StrEnum):
    """What becomes of a dossier's own periods when it goes to another unit."""

    KEEP = "keep"
    RESTART = "restart"


CLOCK_LABELS = phrases({
    Clocks.KEEP: "thời hạn riêng của hồ sơ giữ nguyên",
    Clocks.RESTART: "thời hạn riêng của hồ sơ tính lại từ đầu ở đơn vị mới; ngày ấn định trong kế hoạch không tính lại",
})  # fmt: skip


@dataclass(frozen=True)
class Going:
    """A dossier on its way and where it goes."""

    dossier: Dossier
    place: Place
    holder_id: int


@act("reorganise", "Sắp xếp đơn vị hành chính")
def reorganise(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    day: date,
    document: str,
    roles: Roles | None = None,
    clocks: Clocks = Clocks.KEEP,
    suspend: Level | None = None,
) -> Answer:
    """End the units that have successors from a day, and hand on what they held: posts, dossiers, deadlines, letters.

    Import the new units and the successors first, then try with `--dry-run`: it tells what changes and writes nothing; before
    the day, with `--at` on that day. Nothing is changed while a unit, a commune or a post is without a rule: each is named.
    `suspend` names a level at which no body is competent from that day on. Old records keep the old unit.
    """
    document = required(document, "số văn bản sắp xếp")
    found = Successors(session, day, roles.value if roles else "")
    if not found.parts:
        raise NotFound(
            f"Chưa có đơn vị kế thừa nào từ ngày {told(day)}. Hãy dùng “Nhập đơn vị kế thừa” trước.",
            f"no unit has a successor from {told(day)} yet. Use “Import successor units” first",
        )
    _may(session, found, actor, at)
    dossiers = _on_their_way(session, found)
    unmapped = found.unmapped(dossiers)
    if unmapped:
        first = Phrase("Chưa sắp xếp được, chưa thay đổi gì: %(n)s chỗ chưa có quy tắc.", n=len(unmapped))
        raise NotPossibleNow(
            Joined("\n- ", [first, *unmapped]),
            f"{len(unmapped)} units, communes or posts are unmapped",
        )
    if day_of(at) < day:
        raise InvalidInput(
            f"Ngày {told(day)} chưa đến. Hãy dùng “Xem trước” để thấy kết quả như của ngày đó.",
            f"{told(day)} has not come yet. Use the preview to see the outcome as of that day",
        )
    going = [bound_for(found, dossier) for dossier in dossiers]
    report = _report(session, found, going, clocks, at)
    numbers = _apply(session, found, going, document, clocks, suspend, actor, at)
    return {
        "message": Phrase(
            "Đã sắp xếp %(units)s đơn vị từ ngày %(day)s theo %(document)s; %(n)s hồ sơ được chuyển.",
            units=len(found.parts), day=day, document=document, n=len(going),
        ),
        "report": report,
        **numbers,
    }  # fmt: skip


def _may(session: Session, found: Successors, actor: Actor, at: datetime) -> None:
    """Raise NotYours unless the actor works at a province that the units belong to, before or after."""
    if actor.is_engine:
        return
    ends = set(found.parts) | {part.successor_id for parts in found.parts.values() for part in parts}
    provinces = {found.above(unit).get(Level.PROVINCE) for unit in ends}
    if not provinces & set(Territory.of(session, actor, day_of(at)).posts):
        raise NotYours(
            f"Chỉ cán bộ của tỉnh được sắp xếp đơn vị; {actor.name} không giữ nhiệm vụ ở tỉnh đó trong ngày này.",
            f"only people of the province reorganise its units; {actor.name} has no post there on this day",
        )


def _on_their_way(session: Session, found: Successors) -> list[Dossier]:
    """Return the open dossiers of which a unit ends, locked: whoever is at work on one is waited for."""
    units = (Dossier.commune_id, Dossier.district_id, Dossier.province_id)
    ending = and_(Dossier.open.is_(True), or_(*(unit.in_(found.parts) for unit in units)))
    of_them = Cycle.id.in_(select(Dossier.cycle_id).where(ending))
    session.execute(select(Cycle.id).where(of_them).order_by(Cycle.id).with_for_update(key_share=True))
    return list(session.scalars(suspensions.held_fast(ending)))


def bound_for(found: Successors, dossier: Dossier) -> Going:
    """Return where a dossier goes, and who will hold it."""
    place = found.place(dossier)
    assert place is not None, "an unmapped dossier was refused before"
    level = PROCEDURES[dossier.procedure_key].stage(dossier.stage).level
    held = {
        Level.COMMUNE: place.commune_id,
        Level.DISTRICT: place.district_id,
        Level.PROVINCE: place.province_id,
        Level.CENTRAL: dossier.holder_id,
    }[level]
    assert held is not None, "a dossier at a level has a unit there"
    return Going(dossier, place, held)


def transfer(found: Successors, item: Going, document: str, clocks: Clocks) -> ProposedMove:
    """Return the move of one dossier to the units of its place; refused when somebody moved it since it was read."""
    return ProposedMove(
        item.dossier.id, TRANSFER, found.day, document=document, effective_at=start_of(found.day),
        version=item.dossier.version,
        details={"from": found.name(item.dossier.holder_id), "to": found.name(item.holder_id), "clocks": clocks.value},
        rebind=anew(item.dossier, str(TERRITORY), commune_id=item.place.commune_id,
                    district_id=item.place.district_id, province_id=item.place.province_id),
    )  # fmt: skip


def _report(session: Session, found: Successors, going: Sequence[Going], clocks: Clocks, at: datetime) -> list[Phrase]:
    """Return what changes, a sentence for each unit, stage, post and kind of thing."""
    levels = Counter(Level(found.units[unit].level).label for unit in found.parts)
    lines = [Phrase("Đơn vị kết thúc sau ngày %(day)s: %(units)s", day=found.last_day, units=_counted(levels))]
    moves = Counter((item.dossier.holder_id, item.dossier.stage, item.holder_id) for item in going)
    labels = {
        item.dossier.stage: PROCEDURES[item.dossier.procedure_key].stage(item.dossier.stage).label for item in going
    }
    for (before, stage, after), number in sorted(moves.items()):
        if before == after:
            where = Phrase("vẫn ở %(unit)s", unit=found.name(after))
        else:
            where = Phrase("%(before)s sang %(after)s", before=found.name(before), after=found.name(after))
        lines.append(Phrase("Bước '%(stage)s': %(n)s hồ sơ, %(where)s", stage=labels[stage], n=number, where=where))
    posts = Counter(found.rule_for(post) for post, _ in found.posts)
    lines.append(Phrase("Nhiệm vụ cán bộ: chuyển %(moved)s, kết thúc %(ended)s", moved=posts[MOVE], ended=posts[END]))
    lines += [
        Phrase(
            "Kết thúc nhiệm vụ: %(who)s, %(role)s, %(unit)s",
            who=name, role=ROLE_LABELS[Role(post.role)], unit=found.name(post.unit_id),
        )
        for post, name in found.posts
        if found.rule_for(post) == END
    ]  # fmt: skip
    lines += _vacant(session, found, going)
    producers = session.scalar(select(func.count()).select_from(Producer).where(Producer.commune_id.in_(found.parts)))
    lines.append(
        Phrase(
            "Chủ thể chuyển sang xã mới: %(producers)s; thư chưa gửi đổi nơi nhận: %(letters)s; %(clocks)s",
            producers=producers or 0, letters=len(waiting(session, found.parts.keys(), at)), clocks=CLOCK_LABELS[clocks],
        )
    )  # fmt: skip
    return [*lines, *handing_on.foreseen(session, found, [item.dossier for item in going])]


def _vacant(session: Session, found: Successors, going: Sequence[Going]) -> list[Phrase]:
    """Return a sentence for each unit that will hold dossiers and has no officer, by the record and by what moves."""
    holders = {item.holder_id for item in going}
    staffed = set(
        session.scalars(
            select(Post.unit_id).where(
                Post.unit_id.in_(holders), Post.role == Role.OFFICER.value, Post.valid_from <= found.day,
                or_(Post.valid_to.is_(None), Post.valid_to >= found.day),
            )
        )
    )  # fmt: skip
    staffed |= {
        found.after(post.unit_id)
        for post, _ in found.posts
        if post.role == Role.OFFICER and found.rule_for(post) == MOVE
    }
    return [
        Phrase("Chưa có cán bộ phụ trách: %(unit)s; hãy nhập nhiệm vụ bằng “Nhập cán bộ”", unit=found.name(unit))
        for unit in sorted(holders - staffed)
        if found.units[unit].level != Level.CENTRAL
    ]


def _counted(numbers: Counter[str]) -> Phrase:
    return Joined(", ", [Phrase("%(n)s %(level)s", n=n, level=label) for label, n in sorted(numbers.items())])


def _apply(
    session: Session, found: Successors, going: Sequence[Going], document: str, clocks: Clocks, suspend: Level | None,
    actor: Actor, at: datetime,
) -> dict[str, Any]:  # fmt: skip
    """Carry a reorganisation out, and see that no dossier was lost and every unit's equation holds."""
    ids = [item.dossier.id for item in going]
    before, stood = _standing(session, ids), {item.dossier.id: item.dossier.holder_id for item in going}
    old = {
        item.dossier.id: (item.dossier.commune_id, item.dossier.district_id, item.dossier.province_id) for item in going
    }
    cycles = session.scalars(
        select(Cycle)
        .where(
            or_(
                Cycle.id.in_({item.dossier.cycle_id for item in going}),
                Cycle.id.in_({row.cycle_id for row in handing_on.planned(session, found)}),
                Cycle.province_id.in_(found.parts),
            )
        )
        .order_by(Cycle.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)  # as they are now, not as they were read before
    ).all()
    if suspend is not None and all(cycle.closed_at is not None for cycle in cycles):
        raise NotPossibleNow(
            f"Không có chu trình đang mở nào được sắp xếp lúc này nên không tạm dừng cấp {suspend.label} cùng lúc được. Hãy "
            "để trống cấp tạm dừng, rồi dùng “Tạm dừng hồ sơ, chờ xác định thẩm quyền” cho từng chu trình.",
            f"no open cycle is reorganised now, so the level {suspend.value} cannot be suspended with it. Leave the level empty, then use "
            "“Suspend dossiers until competence is settled” for each cycle",
        )
    handing_on_posts.posts(session, found)
    planned = handing_on.targets(session, found)
    moves = [transfer(found, item, document, clocks) for item in going]
    suspensions.all_or_nothing(ledger.advance(session, moves, actor=actor, at=at))
    for cycle in cycles:
        cycle.province_id = found.after(cycle.province_id)
    _end_units(session, found)
    session.flush()
    moved = session.scalars(select(Dossier).where(Dossier.id.in_(ids)).order_by(Dossier.id)).all()
    handing_on.extensions(session, old, moved, document, at)
    handing_on.breaches(session, found, moved, at)
    if clocks is Clocks.RESTART:
        handing_on.restart(session, [row for row in moved if row.holder_id != stood[row.id]], found.day, document, at)
    letters = readdress(session, found, at)
    for cycle in cycles:
        _record(session, found, cycle, moved, letters, document, clocks, planned.get(cycle.id, []), actor, at)
        if suspend is not None and cycle.closed_at is None:
            suspensions.begin(
                session, cycle, suspend, found.day, document=document, actor=actor, at=at,
                reason=f"Từ ngày {told(found.day)} không còn cơ quan nào có thẩm quyền ở cấp {suspend.label}.",
            )  # fmt: skip
    session.flush()
    if _standing(session, ids) != before:
        raise RuntimeError("a reorganisation changed how many dossiers stand at a stage")
    balances = [balance for cycle in cycles for balance in conservation(session, cycle)]
    if broken := [balance for balance in balances if not balance.holds]:
        raise RuntimeError(
            f"after a reorganisation the equation of {broken[0].unit} does not hold: {broken[0].equation}"
        )
    return {
        "letters": letters,
        "conservation": [f"{balance.unit}: {balance.equation}" for balance in balances if balance.transferred],
    }


def _standing(session: Session, ids: Sequence[int]) -> dict[tuple[int, str], int]:
    """Return how many of the dossiers stand at each stage, by cycle; others go on meanwhile."""
    rows = session.execute(
        select(Dossier.cycle_id, Dossier.stage, func.count())
        .where(Dossier.id.in_(ids))
        .group_by(Dossier.cycle_id, Dossier.stage)
    )
    return {(cycle, stage): number for cycle, stage, number in rows}


def _end_units(session: Session, found: Successors) -> None:
    """Write the last day of units that end, and bring producers to the commune that theirs became."""
    session.execute(
        update(Unit)
        .where(Unit.id.in_(found.parts), or_(Unit.valid_to.is_(None), Unit.valid_to > found.last_day))
        .values(valid_to=found.last_day)
    )
    for unit_id in found.parts:
        if found.units[unit_id].level == Level.COMMUNE:
            session.execute(
                update(Producer).where(Producer.commune_id == unit_id).values(commune_id=found.after(unit_id))
            )


def _record(
    session: Session, found: Successors, cycle: Cycle, moved: Sequence[Dossier], letters: int, document: str,
    clocks: Clocks, planned: Sequence[str], actor: Actor, at: datetime,
) -> None:  # fmt: skip
    """Write a reorganisation into a cycle's own history and tell those who hold its dossiers now; a second one says nothing."""
    mine = [row for row in moved if row.cycle_id == cycle.id]
    before = select(Event.id).where(
        Event.cycle_id == cycle.id, Event.event == "reorganise", Event.occurred_on == found.day
    )
    if not mine and not planned and session.scalar(before.limit(1)) is not None:
        return
    cause = append_cycle_event(
        session, cycle, "reorganise", actor=actor, at=at, occurred_on=found.day, rule=document,
        details={
            "units": len(found.parts), "dossiers": len(mine), "letters": letters, "clocks": clocks.value,
            "stages": dict(Counter(row.stage for row in mine)), handing_on.TARGETS: list(planned),
        },
    )  # fmt: skip
    if cycle.closed_at is None or mine:
        suspensions.tell(
            session, cycle, cause, [row.id for row in mine], at, document=document,
            reason=f"Sắp xếp đơn vị hành chính từ ngày {told(found.day)}.",
        )  # fmt: skip
