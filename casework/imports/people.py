"""Imports the people who work at units, with their roles and the days between which they hold them."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from casework.accounts import follow_names
from casework.imports.batches import insert_batch
from casework.imports.columns import Column, Imported, Kind, Line, refuse
from casework.imports.reading import Table
from casework.imports.references import Places
from casework.imports.values import Wrong, choice, code, day, email, flag, phone, text
from models.units import Person, Post
from ocop.errors import RowProblem
from ocop.levels import PROVINCIAL_RUNGS, Level, Role
from ocop.phrase import Joined, Phrase
from ocop.working_days import day_of


@dataclass(frozen=True)
class PersonRow:
    """A person and one role, as a file gives them."""

    code: str
    name: str
    email: str | None
    phone: str | None
    unit_level: Level
    unit_code: str
    role: Role
    valid_from: date | None
    valid_to: date | None
    simulated: bool


PEOPLE = Kind(
    "people",
    "Cán bộ",
    PersonRow,
    (
        Column("code", "Mã cán bộ", code(60), True, example="cb-13636", note="do cơ quan đặt, mỗi người một mã"),
        Column("name", "Họ và tên", text(200), True, example="Nguyễn Văn Mẫu"),
        Column(
            "email", "Thư điện tử", email, example="mau@vixuyen.example", note="để trống thì thư được in và giao tay"
        ),
        Column("phone", "Điện thoại", phone, example="0912 345 678"),
        Column("unit_level", "Cấp đơn vị", choice(Level), True, example="xã", note="xã, huyện, tỉnh hoặc trung ương"),
        Column("unit_code", "Mã đơn vị", code(20), True, example="13636"),
        Column(
            "role",
            "Nhiệm vụ",
            choice(Role),
            True,
            example=Role.OFFICER.label,
            note=Joined("; ", (str(role.label) for role in Role)),  # the words that a file may have
        ),
        Column("valid_from", "Từ ngày", day, example="8/4/2025", note="để trống là từ ngày nhập"),
        Column("valid_to", "Đến hết ngày", day, note="ngày cuối giữ nhiệm vụ; để trống nếu đang giữ"),
        Column("simulated", "Mô phỏng", flag, default=False, example="không", note="có nếu là người mô phỏng"),
    ),
)

PostKey = tuple[str, int, Role, date]


def import_people(session: Session, table: Table, *, at: datetime) -> Imported:
    """Write people and their posts; raise InvalidRows, and write nothing, when any row is wrong.

    A person is known by the code, a post by person, unit, role and first day. A post without a first day is one that the
    person holds already, or begins on the day of import.
    """
    lines, problems = PEOPLE.parse(table)
    places = Places(session)
    codes = {line.row.code for line in lines}
    people = {p.code: p for p in session.scalars(select(Person).where(Person.code.in_(codes)))}
    held = session.execute(
        select(Person.code, Post).join(Person, Person.id == Post.person_id).where(Person.code.in_(codes))
    )
    posts: dict[PostKey, Post] = {(c, post.unit_id, Role(post.role), post.valid_from): post for c, post in held}

    first: dict[str, Line[PersonRow]] = {}
    rows: dict[PostKey, Line[PersonRow]] = {}
    for line in lines:
        problems += _disagreements(first.setdefault(line.row.code, line), line)
        try:
            key = _key(line.row, places, posts, day_of(at))
        except Wrong as error:
            problems.append(line.problem("unit_code", error.reason))
            continue
        if line.row.role in PROVINCIAL_RUNGS and line.row.unit_level is not Level.PROVINCE:
            provincial = Phrase("'%(role)s' chỉ có ở cấp tỉnh", role=line.row.role.label)
            problems.append(line.problem("role", provincial, Phrase("hãy sửa cấp hoặc nhiệm vụ")))
        if line.row.valid_to is not None and line.row.valid_to < key[3]:
            problems.append(
                line.problem("valid_to", Phrase("sớm hơn ngày bắt đầu"), Phrase("hãy sửa một trong hai ngày"))
            )
        if key in rows:
            problems.append(line.twice("code", rows[key].number))
        rows.setdefault(key, line)
    refuse(problems)

    changes = {c: _changes(people[c], line) for c, line in first.items() if c in people}
    ends = {
        key: line.row.valid_to
        for key, line in rows.items()
        if key in posts and posts[key].valid_to != line.row.valid_to
    }
    ids = {c: person.id for c, person in people.items()} | _insert(
        session, [r for c, r in first.items() if c not in people]
    )
    if renewed := [{"id": ids[c], **values} for c, values in changes.items() if values]:
        session.execute(update(Person), renewed)
        follow_names(session, {row["id"]: row["name"] for row in renewed if "name" in row})
    if ended := [{"id": posts[key].id, "valid_to": end} for key, end in ends.items()]:
        session.execute(update(Post), ended)
    new = [key for key in rows if key not in posts]
    if new:
        session.execute(insert(Post), [_post(key, ids, rows[key].row.valid_to) for key in new])
    changed = sum(1 for key in rows if key in posts and (key in ends or changes.get(key[0])))
    return Imported(len(new), len(rows) - len(new) - changed, changed)


def _key(row: PersonRow, places: Places, posts: dict[PostKey, Post], today: date) -> PostKey:
    unit = places.by_code(row.unit_level, row.unit_code, row.valid_from or today)
    held = [key for key in posts if key[:3] == (row.code, unit.id, row.role)] if row.valid_from is None else []
    return row.code, unit.id, row.role, row.valid_from or max((key[3] for key in held), default=today)


def _disagreements(first: Line[PersonRow], line: Line[PersonRow]) -> list[RowProblem]:
    """Return where two rows of one person differ."""
    differs = Phrase("khác với dòng %(line)s của cùng mã '%(code)s'", line=str(first.number), code=line.row.code)
    return [
        line.problem(key, differs, Phrase("hãy ghi giống nhau hoặc sửa mã"))
        for key in ("name", "email", "phone", "simulated")
        if getattr(first.row, key) != getattr(line.row, key)
    ]


def _changes(person: Person, line: Line[PersonRow]) -> dict[str, Any]:
    """Return what the file changes of a person; a column that it lacks changes nothing."""
    return {
        key: getattr(line.row, key)
        for key in ("name", "email", "phone", "simulated")
        if line.has(key) and getattr(person, key) != getattr(line.row, key)
    }


def _insert(session: Session, lines: list[Line[PersonRow]]) -> dict[str, int]:
    keys = ("code", "name", "email", "phone", "simulated")
    rows = [{key: getattr(line.row, key) for key in keys} for line in lines]
    return dict(zip((line.row.code for line in lines), insert_batch(session, Person, rows, ("code",)), strict=True))


def _post(key: PostKey, ids: dict[str, int], valid_to: date | None) -> dict[str, Any]:
    person, unit_id, role, valid_from = key
    return {
        "person_id": ids[person],
        "unit_id": unit_id,
        "role": role.value,
        "valid_from": valid_from,
        "valid_to": valid_to,
    }
