"""What becomes of the posts at units that end, and of leaves from them: who was away stays away at the successor."""

from collections import defaultdict
from datetime import date, datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from casework.succession import MOVE, Successors
from models.leaves import Leave
from models.record import Event
from models.units import Post
from ocop.working_days import day_of, start_of


def posts(session: Session, found: Successors) -> None:
    """End the posts at units that end, and let those that move begin at the successor; one held there already stays.

    Who acted after the day, before the reorganisation was entered, held the post until then: no act is left without one.
    """
    held: dict[tuple[int, int, str], list[Post]] = defaultdict(list)
    for post in session.scalars(select(Post).where(or_(Post.valid_to.is_(None), Post.valid_to >= found.day))):
        held[post.person_id, post.unit_id, post.role].append(post)
    acted, moved = _last_acts(session, found), dict[int, Post]()
    not_begun = [post for post, _ in found.posts if post.valid_from >= found.day]
    for post, _ in found.posts:
        if found.rule_for(post) == MOVE:
            there = held[post.person_id, found.after(post.unit_id), post.role]
            moved[post.id] = _moved(session, found, post, there)
        if post.valid_from < found.day:
            last = max(found.last_day, acted.get(post.person_id, found.last_day))
            post.valid_to = last if post.valid_to is None else min(last, post.valid_to)
    session.flush()
    _leaves(session, found, {old: post.id for old, post in moved.items()})
    for post in not_begun:  # nobody ever held it
        session.delete(post)
    session.flush()


def _last_acts(session: Session, found: Successors) -> dict[int, date]:
    """Return when those who held posts at units that end acted last, by person, where that was on the day or after it."""
    people = {post.person_id for post, _ in found.posts}
    rows: list[tuple[int, datetime]] = [
        (person, at)
        for person, at in session.execute(
            select(Event.actor_id, func.max(Event.recorded_at))
            .where(Event.actor_id.in_(people), Event.recorded_at >= start_of(found.day))
            .group_by(Event.actor_id)
        )
    ]
    return {person: day_of(at) for person, at in rows}


def _moved(session: Session, found: Successors, post: Post, there: list[Post]) -> Post:
    """Return the post at the successor that goes on with one: held there already, made longer, or new."""
    begins, until = max(found.day, post.valid_from), post.valid_to
    for one in there:
        if one.valid_from <= begins and _end(one.valid_to) >= _end(until):
            return one
    for one in there:
        if one.valid_from == begins:
            one.valid_to = until
            return one
    after = Post(
        person_id=post.person_id, unit_id=found.after(post.unit_id), role=post.role, valid_from=begins, valid_to=until
    )
    session.add(after)
    there.append(after)
    return after


def _end(day: date | None) -> date:
    return day or date.max


def _leaves(session: Session, found: Successors, moved: dict[int, int]) -> None:
    """Let leaves that last beyond the day go on at the successor; those from a post that ends, end with it."""
    ending = [post.id for post, _ in found.posts]
    rows = session.scalars(
        select(Leave)
        .where(or_(Leave.post_id.in_(ending), Leave.deputy_post_id.in_(ending)))
        .where(or_(Leave.from_day >= found.day, Leave.to_day >= found.day))
        .order_by(Leave.id)
    ).all()
    for leave in rows:
        post, deputy = moved.get(leave.post_id), moved.get(leave.deputy_post_id or 0)
        if leave.from_day >= found.day:
            if post is None:
                session.delete(leave)
            else:
                leave.post_id, leave.deputy_post_id = post, deputy
            continue
        if post is not None:
            session.add(
                Leave(
                    post_id=post, deputy_post_id=deputy, from_day=found.day, to_day=leave.to_day, document=leave.document,
                    recorded_by=leave.recorded_by, recorded_at=leave.recorded_at,
                )
            )  # fmt: skip
        leave.to_day = found.last_day
    session.flush()
