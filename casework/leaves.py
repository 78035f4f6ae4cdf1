"""Somebody is away: their letters go to a substitute at the unit, who acts in their stead, or climb as over a vacant rung."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from casework.act import Answer, act
from casework.actors import Actor, Territory, lineage, unit_by_code
from casework.actors import person as person_by_code
from models.leaves import Leave
from models.units import Post, Unit
from ocop.errors import AlreadyExists, InvalidInput, NotPossibleNow, NotYours
from ocop.levels import Level, Role
from ocop.phrase import Phrase
from ocop.text import day as told
from ocop.working_days import day_of

_DAY = timedelta(days=1)


@act("leave", "Ghi cán bộ vắng mặt và người thay")
def leave(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    person: str,
    level: Level,
    unit: str,
    from_day: date,
    to_day: date,
    substitute: str = "",
    document: str = "",
) -> Answer:
    """Record that somebody is away from a unit between two days, with a substitute who works there.

    The substitute gets the letters and holds the posts meanwhile, shown as 'thay'. Without one the posts count as vacant:
    letters climb to the next rung and the coordinator office is told. The unit's own people record it, or a unit above.
    """
    found = unit_by_code(session, level, unit, from_day)
    _may(session, actor, found, day_of(at))
    if to_day < from_day:
        raise InvalidInput(
            f"Ngày cuối {told(to_day)} sớm hơn ngày đầu {told(from_day)}. Hãy sửa một trong hai ngày.",
            f"the last day, {told(to_day)}, lies before the first, {told(from_day)}. Correct one of them",
        )
    absent = person_by_code(session, person)
    posts = _posts(session, absent, found, from_day, to_day)
    if not posts:
        raise InvalidInput(
            f"{absent.name} không giữ nhiệm vụ tại {found.name} từ {told(from_day)} đến {told(to_day)}. "
            "Hãy xem “Đơn vị và người dùng”.",
            f"{absent.name} has no post at {found.name} from {told(from_day)} to {told(to_day)}; look at “Units and people”",
        )
    if known := _leaves(session, posts, from_day, to_day):
        raise AlreadyExists(
            f"{absent.name} đã được ghi vắng mặt từ {told(known[0].from_day)} đến {told(known[0].to_day)}. "
            "Muốn đổi thì dùng “Kết thúc việc vắng mặt sớm hơn” cho lần đó trước.",
            f"a leave of {absent.name} from {told(known[0].from_day)} to {told(known[0].to_day)} is recorded already. To change it, use "
            "“End a leave earlier” for that one first",
        )
    deputies = _deputies(session, absent, found, posts, from_day, to_day, substitute)
    session.add_all(
        Leave(
            post_id=post.id, deputy_post_id=deputy, from_day=from_day, to_day=to_day, document=document,
            recorded_by=actor.name, recorded_at=at,
        )
        for post, deputy in zip(posts, deputies, strict=True)
    )  # fmt: skip
    if substitute:
        stands_in = Phrase("người thay: %(who)s", who=person_by_code(session, substitute).name)
    else:
        stands_in = Phrase("không có người thay")
    return {
        "message": Phrase(
            "%(who)s (%(unit)s) vắng mặt từ %(first)s đến hết %(last)s, %(substitute)s.",
            who=absent.name, unit=found.name, first=from_day, last=to_day, substitute=stands_in,
        ),
        "posts": [post.role for post in posts],
        "warnings": []
        if substitute
        else [
            Phrase("Trong thời gian này thư của nhiệm vụ đi lên bậc kế tiếp và Văn phòng Điều phối được báo là khuyết.")
        ],
    }  # fmt: skip


@act("end-leave", "Kết thúc việc vắng mặt sớm hơn")
def end_leave(
    session: Session, *, actor: Actor, at: datetime, person: str, level: Level, unit: str, last_day: date
) -> Answer:
    """Record that somebody came back earlier: `last_day` is the last day away; a day before the first one takes it back."""
    found = unit_by_code(session, level, unit, day_of(at))
    _may(session, actor, found, day_of(at))
    absent = person_by_code(session, person)
    rows = session.scalars(
        select(Leave)
        .join(Post, Post.id == Leave.post_id)
        .where(Post.person_id == absent.person_id, Post.unit_id == found.id, Leave.to_day > last_day)
        .where(Leave.to_day >= Leave.from_day)
        .order_by(Leave.from_day, Leave.id)
    ).all()
    if not rows:
        raise NotPossibleNow(
            f"{absent.name} không có lần vắng mặt nào ở {found.name} kéo dài quá ngày {told(last_day)}.",
            f"no leave of {absent.name} at {found.name} lasts beyond {told(last_day)}",
        )
    first = rows[0].from_day
    ended = [row for row in rows if row.from_day == first]
    for row in ended:
        row.to_day = max(last_day, row.from_day - _DAY)
    session.flush()
    for number in sorted({row.deputy_post_id for row in ended if row.deputy_post_id is not None}):
        _end_deputy(session, session.get_one(Post, number), day_of(at))
    message = "%(who)s (%(unit)s): ngày vắng mặt cuối cùng là %(day)s."
    return {"message": Phrase(message, who=absent.name, unit=found.name, day=rows[0].to_day)}


def _may(session: Session, actor: Actor, unit: Unit, day: date) -> None:
    """Raise NotYours unless the actor works at the unit or at one above it."""
    if actor.is_engine or Territory.of(session, actor, day).posts.keys() & set(lineage(session, unit.id)):
        return
    raise NotYours(
        f"Việc vắng mặt ở {unit.name} do người của đơn vị đó hoặc của đơn vị cấp trên ghi; {actor.name} không thuộc các đơn vị "
        "này.",
        f"leaves at {unit.name} are recorded by its people or those of a unit above; {actor.name} belongs to neither",
    )


def _posts(session: Session, who: Actor, unit: Unit, from_day: date, to_day: date) -> Sequence[Post]:
    return session.scalars(
        select(Post)
        .where(
            Post.person_id == who.person_id,
            Post.unit_id == unit.id,
            Post.valid_from <= to_day,
            or_(Post.valid_to.is_(None), Post.valid_to >= from_day),
        )
        .order_by(Post.id)
    ).all()


def _leaves(session: Session, posts: Sequence[Post], from_day: date, to_day: date) -> Sequence[Leave]:
    return session.scalars(
        select(Leave).where(
            Leave.post_id.in_([post.id for post in posts]),
            Leave.from_day <= to_day,
            Leave.to_day >= from_day,
            Leave.to_day >= Leave.from_day,
        )
    ).all()


def _deputies(
    session: Session, absent: Actor, unit: Unit, posts: Sequence[Post], from_day: date, to_day: date, substitute: str
) -> list[int | None]:
    """Return the substitute's post for each of the absent one's, added where they do not hold the role anyway."""
    if not substitute:
        return [None for _ in posts]
    deputy = person_by_code(session, substitute)
    assert deputy.person_id is not None
    own = _posts(session, deputy, unit, from_day, to_day)
    if deputy.person_id == absent.person_id or not own:
        raise InvalidInput(
            f"Người thay phải là người khác cùng làm việc tại {unit.name}; {deputy.name} thì không. Hãy ghi mã người khác, hoặc "
            "để trống.",
            f"the substitute must be another person who works at {unit.name}; {deputy.name} is not. Give another code, or leave it "
            "empty",
        )
    if away := _leaves(session, own, from_day, to_day):
        raise InvalidInput(
            f"{deputy.name} cũng vắng mặt từ {told(away[0].from_day)} đến {told(away[0].to_day)}. Hãy chọn người thay khác.",
            f"{deputy.name} is away too, from {told(away[0].from_day)} to {told(away[0].to_day)}. Choose another substitute",
        )
    standing_in = set(
        session.scalars(select(Leave.deputy_post_id).where(Leave.deputy_post_id.in_([one.id for one in own])))
    )
    found: list[int | None] = []
    for post in posts:
        begins = max(from_day, post.valid_from)
        ends = to_day if post.valid_to is None else min(to_day, post.valid_to)
        covering = [
            one
            for one in own
            if one.role == post.role and one.valid_from <= begins and (one.valid_to is None or one.valid_to >= ends)
        ]
        if covering:  # a post held for somebody else who is away has to last for this one too
            found.append(None if any(one.id not in standing_in for one in covering) else covering[0].id)
            continue
        row = session.scalar(  # one that was taken back, or that ends earlier, may be there already
            select(Post).where(
                Post.person_id == deputy.person_id, Post.unit_id == unit.id, Post.role == post.role,
                Post.valid_from == begins,
            )
        )  # fmt: skip
        if row is None:
            row = Post(person_id=deputy.person_id, unit_id=unit.id, role=Role(post.role).value, valid_from=begins)
            session.add(row)
        row.valid_to = ends
        session.flush()
        found.append(row.id)
    return found


def _end_deputy(session: Session, deputy: Post, today: date) -> None:
    """End a substitute's post with the last leave that it stands for: what they did until today they did in office."""
    leaves = session.execute(
        select(Leave.to_day, Post.valid_to)
        .join(Post, Post.id == Leave.post_id)
        .where(Leave.deputy_post_id == deputy.id)
    ).all()
    last = max(to_day if until is None else min(to_day, until) for to_day, until in leaves)
    held = min(today, deputy.valid_to or today) if deputy.valid_from <= today else last
    deputy.valid_to = max(last, held)
