"""Files of people and their posts: written once, renewed, ended, refused by row and column."""

from datetime import date, datetime

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casework.imports.columns import Imported
from casework.imports.people import import_people
from models.units import Person, Post, Unit
from ocop.errors import InvalidRows
from ocop.working_days import VIETNAM
from tests.integration.imports.files import AT, problems, table

PERSON = ("code", "name", "email", "phone", "unit_level", "unit_code", "role", "valid_from", "valid_to")
OFFICER = ("cb1", "Trần Thị Mẫu", "mau@nd.example", "0912 345 678", "xã", "13636", "cán bộ phụ trách", "8/4/2025", "")


def test_a_person_and_a_post_are_written_once(session: Session) -> None:
    assert import_people(session, table(PERSON, OFFICER), at=AT) == Imported(1, 0, 0)
    assert import_people(session, table(PERSON, OFFICER), at=AT) == Imported(0, 1, 0)
    person, post, unit = session.execute(
        select(Person, Post, Unit).join(Post, Post.person_id == Person.id).join(Unit, Unit.id == Post.unit_id)
    ).one()
    assert (person.name, person.email, unit.name) == ("Trần Thị Mẫu", "mau@nd.example", "Phường Vị Xuyên")
    assert (post.role, post.valid_from, post.valid_to) == ("officer", date(2025, 4, 8), None)


def test_a_second_post_a_new_address_and_the_end_of_a_post_are_told_apart(session: Session) -> None:
    import_people(session, table(PERSON, OFFICER), at=AT)
    renewed = (*OFFICER[:2], "moi@nd.example", *OFFICER[3:8], "30/6/2025")
    second = (
        *OFFICER[:2],
        "moi@nd.example",
        OFFICER[3],
        "huyện",
        "356",
        "thủ trưởng đơn vị chuyên môn",
        "1/5/2025",
        "",
    )
    assert import_people(session, table(PERSON, renewed, second), at=AT) == Imported(new=1, unchanged=0, changed=1)
    session.expire_all()
    assert session.scalars(select(Person.email)).all() == ["moi@nd.example"]
    assert session.scalars(select(Post.valid_to).order_by(Post.id)).all() == [date(2025, 6, 30), None]


def test_a_person_without_email_keeps_letters_on_paper_and_without_the_column_nothing_is_lost(session: Session) -> None:
    import_people(session, table(PERSON, OFFICER), at=AT)
    columns = [place for place, name in enumerate(PERSON) if name not in ("email", "phone")]
    shorter = table([PERSON[place] for place in columns], [OFFICER[place] for place in columns])
    assert import_people(session, shorter, at=AT) == Imported(0, 1, 0)
    empty = (*OFFICER[:2], "", *OFFICER[3:])
    assert import_people(session, table(PERSON, empty), at=AT) == Imported(0, 0, 1)
    session.expire_all()
    assert session.scalars(select(Person.email)).all() == [None]


def test_a_post_without_first_day_begins_with_the_import_and_is_known_again_later(session: Session) -> None:
    undated = (*OFFICER[:7], "", "")
    assert import_people(session, table(PERSON, undated), at=AT) == Imported(1, 0, 0)
    later = datetime(2025, 5, 20, 8, 0, tzinfo=VIETNAM)
    assert import_people(session, table(PERSON, undated), at=later) == Imported(0, 1, 0)
    assert session.scalars(select(Post.valid_from)).all() == [date(2025, 4, 8)]


@pytest.mark.parametrize(
    ("changes", "column", "reason"),
    [
        ({"email": "không có"}, "email", "không phải địa chỉ thư điện tử"),
        ({"unit_code": "36"}, "unit_code", "không có đơn vị cấp xã mang mã '36'"),
        ({"unit_code": "13933"}, "unit_code", "không còn hoặc chưa có vào ngày 8/4/2025"),
        ({"role": "department"}, "role", "chỉ có ở cấp tỉnh"),
        ({"role": "trưởng thôn"}, "role", "cán bộ phụ trách"),
        ({"valid_to": "1/4/2025"}, "valid_to", "sớm hơn ngày bắt đầu"),
        ({"phone": "hỏi văn thư"}, "phone", "số điện thoại"),
    ],
)
def test_a_bad_person_is_named_by_row_column_and_remedy(
    session: Session, changes: dict[str, str], column: str, reason: str
) -> None:
    row = tuple(changes.get(key, cell) for key, cell in zip(PERSON, OFFICER, strict=True))
    with pytest.raises(InvalidRows) as refused:
        import_people(session, table(PERSON, row), at=AT)
    [(number, where, why)] = problems(refused)
    assert (number, where) == (2, column)
    assert reason in why
    assert session.scalar(select(func.count()).select_from(Person)) == 0


def test_two_rows_of_one_person_must_agree(session: Session) -> None:
    other = (OFFICER[0], "Lê Văn Khác", *OFFICER[2:4], "huyện", "356", "officer", "8/4/2025", "")
    with pytest.raises(InvalidRows) as refused:
        import_people(session, table(PERSON, OFFICER, other, OFFICER), at=AT)
    assert [(row, column) for row, column, _ in problems(refused)] == [(3, "name"), (4, "code")]
