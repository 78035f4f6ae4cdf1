"""Files of an office taken into the record: whole or not at all, and twice the same as once."""

import csv
import io
import shutil
import unicodedata
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import Engine, event, func, select
from sqlalchemy.orm import Session

from casework.imports.columns import Imported
from casework.imports.dossiers import read_dossiers
from casework.imports.history import import_history
from casework.imports.people import import_people
from casework.imports.reading import Table, read
from casework.imports.settings import ImportSettings
from casework.imports.units import import_units
from models.cycles import Cycle
from models.migrate import upgrade
from models.results import Certificate, Decision
from models.session import make_engine, transaction
from models.settings import DatabaseSettings
from models.units import Person, Post, Producer, Product, Unit
from ocop.errors import InvalidRows
from ocop.levels import DossierKind
from ocop.working_days import VIETNAM

AT = datetime(2025, 4, 8, 8, 0, tzinfo=VIETNAM)
SHIPPED = Path(__file__).parents[2] / "deployments" / "data"


def table(*rows: Sequence[object]) -> Table:
    """Return what the reader makes of these rows as a .csv."""
    sheet = io.StringIO()
    csv.writer(sheet).writerows([["" if cell is None else str(cell) for cell in row] for row in rows])
    return read("tep.csv", sheet.getvalue().encode(), ImportSettings())


def shipped(name: str) -> Table:
    return read(name, (SHIPPED / name).read_bytes(), ImportSettings())


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with Nam Định's units."""
    home = tmp_path_factory.mktemp("migrated")
    engine = make_engine(DatabaseSettings(home=home))
    upgrade(engine)
    with transaction(engine) as session:
        import_units(session, shipped("nam_dinh_units_2025H1.csv"))
        import_units(session, shipped("nam_dinh_units_before_2024-09-01.csv"))
    engine.dispose()
    return home


@pytest.fixture
def engine(migrated: Path, tmp_path: Path) -> Iterator[Engine]:
    shutil.copytree(migrated, tmp_path / "home")
    made = make_engine(DatabaseSettings(home=tmp_path / "home"))
    yield made
    made.dispose()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    with transaction(engine) as opened:
        yield opened


def problems(refused: pytest.ExceptionInfo[InvalidRows]) -> list[tuple[int, str, str]]:
    return [(problem.row, problem.column, problem.reason) for problem in refused.value.problems]


# --- units -----------------------------------------------------------------------------------------------------------

UNIT = ("Cấp", "Mã đơn vị", "Tên đơn vị", "Mã đơn vị cấp trên", "Có hiệu lực từ", "Đến hết ngày")


def test_the_shipped_units_are_a_province_of_9_districts_and_175_communes(session: Session) -> None:
    day = date(2025, 4, 8)
    found = session.execute(
        select(Unit.level, func.count())
        .where(Unit.valid_from <= day, (Unit.valid_to.is_(None)) | (Unit.valid_to >= day))
        .group_by(Unit.level)
    )
    assert dict(found.tuples().all()) == {"central": 1, "province": 1, "district": 9, "commune": 175}
    assert session.scalar(select(func.count()).where(Unit.parent_id.is_(None))) == 1


def test_the_same_units_again_change_nothing(session: Session) -> None:
    assert import_units(session, shipped("nam_dinh_units_2025H1.csv")) == Imported(new=0, unchanged=186, changed=0)


def test_a_unit_is_changed_under_its_code_and_first_day_and_a_successor_is_another(session: Session) -> None:
    imported = import_units(
        session,
        table(
            UNIT,
            ("xã", "13636", "Phường Vị Xuyên mới", "356", "2021-01-01", "31/3/2025"),
            ("xã", "13636", "Phường Vị Xuyên mở rộng", "356", "1/4/2025", ""),
            ("huyện", "999", "Huyện mới", "36", "1/4/2025", ""),
            ("xã", "99901", "Xã mới", "999", "1/4/2025", ""),
        ),
    )
    assert imported == Imported(new=3, unchanged=0, changed=1)
    rows = session.scalars(select(Unit).where(Unit.code == "13636").order_by(Unit.valid_from)).all()
    assert [(row.name, row.valid_to) for row in rows] == [
        ("Phường Vị Xuyên mới", date(2025, 3, 31)),
        ("Phường Vị Xuyên mở rộng", None),
    ]
    commune = session.scalars(select(Unit).where(Unit.code == "99901")).one()
    assert session.get_one(Unit, commune.parent_id).name == "Huyện mới"


def test_a_commune_may_move_to_a_parent_that_the_same_file_brings(session: Session) -> None:
    new_district = ("huyện", "888", "Huyện khác", "36", "2021-01-01", "2025-06-30")
    moved = ("xã", "13636", "Phường Vị Xuyên", "888", "2021-01-01", "2025-06-30")
    assert import_units(session, table(UNIT, moved, new_district)) == Imported(new=1, unchanged=0, changed=1)
    assert import_units(session, table(UNIT, moved, new_district)) == Imported(new=0, unchanged=2, changed=0)


BAD_UNITS = [
    #  row                                                                column                 what the officer reads
    (("xóm", "1", "Xóm 1", "356", "1/1/2025", ""), "Cấp", "hãy ghi một trong: xã, huyện, tỉnh, trung ương"),
    (("xã", "", "Xã không mã", "356", "1/1/2025", ""), "Mã đơn vị", "để trống; hãy điền"),
    (("xã", "1 2", "Xã hai mã", "356", "1/1/2025", ""), "Mã đơn vị", "khoảng trắng"),
    (
        ("xã", "77777", "Xã lạc", "777", "1/1/2025", ""),
        "Mã đơn vị cấp trên",
        "không có đơn vị cấp cao hơn mang mã '777'",
    ),
    (("xã", "77777", "Xã mồ côi", "", "1/1/2025", ""), "Mã đơn vị cấp trên", "đơn vị cấp xã phải có đơn vị cấp trên"),
    (("huyện", "777", "Huyện ngược", "13636", "1/1/2025", ""), "Mã đơn vị cấp trên", "không có đơn vị cấp cao hơn"),
    (("xã", "77777", "Xã mới", "356", "2025", ""), "Có hiệu lực từ", "không phải ngày đầy đủ"),
    (("xã", "77777", "Xã mới", "356", "1/7/2026", ""), "Mã đơn vị cấp trên", "vào ngày 1/7/2026"),
    (("xã", "77777", "Xã mới", "356", "1/1/2025", "31/12/2024"), "Đến hết ngày", "sớm hơn ngày bắt đầu"),
    (("xã", "13636", "Phường Vị Xuyên", "356", "1/1/2025", ""), "Có hiệu lực từ", "chưa kết thúc trước ngày 1/1/2025"),
]


@pytest.mark.parametrize(("row", "column", "reason"), BAD_UNITS)
def test_a_bad_unit_is_named_by_row_column_and_remedy(
    session: Session, row: tuple[str, ...], column: str, reason: str
) -> None:
    with pytest.raises(InvalidRows) as refused:
        import_units(session, table(UNIT, row))
    [(number, where, why)] = problems(refused)
    assert (number, where) == (2, column)
    assert reason in why


def test_all_bad_rows_are_named_together_and_nothing_is_imported(session: Session) -> None:
    before = session.scalar(select(func.count()).select_from(Unit))
    good = ("xã", "88888", "Xã tốt", "356", "1/1/2025", "")
    with pytest.raises(InvalidRows) as refused:
        import_units(session, table(UNIT, good, *(row for row, _, _ in BAD_UNITS[:3]), good))
    assert [row for row, _, _ in problems(refused)] == [3, 4, 5, 6]
    assert "Tệp có 4 chỗ sai, chưa nhập dòng nào" in str(refused.value)
    assert "dòng 6, cột 'Mã đơn vị': trùng với dòng 2" in str(refused.value)
    assert session.scalar(select(func.count()).select_from(Unit)) == before


# --- people ----------------------------------------------------------------------------------------------------------

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


# --- history ---------------------------------------------------------------------------------------------------------

HISTORY = ("Mã sản phẩm", "Tên sản phẩm", "Mã chủ thể", "Tên chủ thể", "Mã xã", "Tên xã", "Tên huyện", "Số sao",
           "Ngày quyết định", "Cấp công nhận", "Số giấy chứng nhận", "Mô phỏng")  # fmt: skip
RICE = ("SP1", "Gạo nếp mô phỏng", "CT1", "HTX mô phỏng Thủy", "13636", "", "", "3", "15/6/2022", "huyện", "", "có")


def history(session: Session, *rows: Sequence[object], at: datetime = AT) -> tuple[Imported, list[str]]:
    """Import recognitions, and return with the outcome the numbers of the certificates that were passed on."""
    passed: list[str] = []
    outcome = import_history(
        session,
        table(HISTORY, *rows),
        at=at,
        after=lambda _, certificates: passed.extend(c.number for c in certificates),
    )
    session.expire_all()
    return outcome, passed


def changed(row: Sequence[str], **cells: str) -> tuple[str, ...]:
    """Return a row with other cells, named by the column's place in words."""
    places = {"product": 0, "product_name": 1, "producer": 2, "producer_name": 3, "code": 4, "commune": 5, "district": 6,
              "star": 7, "on": 8, "by": 9, "number": 10}  # fmt: skip
    made = list(row)
    for name, cell in cells.items():
        made[places[name]] = cell
    return tuple(made)


def test_a_recognition_becomes_producer_product_decision_and_certificate(session: Session) -> None:
    assert history(session, RICE) == (Imported(1, 0, 0), ["GCN-SP1-20220615"])
    certificate, decision, product, producer = session.execute(
        select(Certificate, Decision, Product, Producer)
        .join(Decision, Decision.id == Certificate.decision_id)
        .join(Product, Product.id == Certificate.product_id)
        .join(Producer, Producer.id == Product.producer_id)
    ).one()
    assert (certificate.star, certificate.issued_on, certificate.valid_until) == (
        3,
        date(2022, 6, 15),
        date(2025, 6, 15),
    )
    assert (certificate.replaced_on, certificate.revoked_on, certificate.simulated) == (None, None, True)
    assert (decision.purpose, decision.level, decision.awarded_star, decision.mean) == ("imported", "district", 3, None)
    assert session.get_one(Unit, decision.unit_id).name == "Thành phố Nam Định"
    assert session.get_one(Unit, certificate.commune_id).code == "13636"
    assert (product.search, producer.search) == ("gao nep mo phong", "htx mo phong thuy")


def test_the_same_history_again_changes_nothing_and_schedules_nothing(session: Session) -> None:
    history(session, RICE)
    assert history(session, RICE) == (Imported(0, 1, 0), [])


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_each_certificate_replaces_the_one_before_on_its_issue_day_in_whatever_order_they_come(
    session: Session, order: tuple[int, ...]
) -> None:
    rows = [
        RICE,
        changed(RICE, on="20/8/2023", star="4", by="tỉnh"),
        changed(RICE, on="1/2/2025", star="5", by="trung ương"),
    ]
    for place in order:
        history(session, rows[place])
    lines = session.scalars(select(Certificate).order_by(Certificate.issued_on)).all()
    assert [line.replaced_on for line in lines] == [date(2023, 8, 20), date(2025, 2, 1), None]
    assert [line.replaced_by_id for line in lines] == [lines[1].id, lines[2].id, None]
    assert history(session, *rows) == (Imported(0, 3, 0), [])


def test_a_revoked_certificate_is_neither_replaced_nor_a_successor(session: Session) -> None:
    history(session, RICE)
    old = session.scalars(select(Certificate)).one()
    old.revoked_on = date(2023, 1, 1)
    session.flush()
    history(session, changed(RICE, on="20/8/2023"))
    session.refresh(old)
    assert (old.replaced_on, old.replaced_by_id) == (None, None)


def test_two_communes_of_one_name_are_told_apart_by_district_or_code(session: Session) -> None:
    twice = changed(RICE, code="", commune="xã Hồng Quang")
    with pytest.raises(InvalidRows) as refused:
        history(session, twice)
    assert "có 2 xã cùng tên 'xã Hồng Quang': 13876 (Huyện Ý Yên), 13984 (Huyện Nam Trực); hãy ghi mã xã" in str(
        refused.value
    )
    history(session, changed(twice, district="Nam Trực"))
    assert session.get_one(Unit, session.scalars(select(Certificate.commune_id)).one()).code == "13984"


@pytest.mark.parametrize("spelling", ["Thị trấn Giao Thủy", "thị trấn Giao Thuỷ", "Giao Thủy", "GIAO THUỶ"])
def test_a_commune_is_found_however_its_marks_are_placed(session: Session, spelling: str) -> None:
    history(session, changed(RICE, code="", commune=unicodedata.normalize("NFD", spelling)))
    assert session.get_one(Unit, session.scalars(select(Certificate.commune_id)).one()).code == "14167"


def test_names_are_kept_as_typed_in_one_normal_form(session: Session) -> None:
    history(session, changed(RICE, producer_name=unicodedata.normalize("NFD", "HTX mô phỏng Thuỷ")))
    assert session.scalars(select(Producer.name)).one() == "HTX mô phỏng Thuỷ"
    assert history(session, changed(RICE, producer_name="HTX mô phỏng Thủy"))[0] == Imported(0, 1, 0)


def test_an_old_certificate_keeps_its_commune_and_its_producer_stands_where_it_is_now(session: Session) -> None:
    import_history(session, shipped("recognitions_published.csv"), at=AT, after=lambda *_: None)
    old = session.scalars(select(Certificate).where(Certificate.number == "GCN-CB-001-20211213")).one()
    producer = session.scalars(select(Producer).where(Producer.code == "CB-CT-001")).one()
    assert session.get_one(Unit, old.commune_id).name == "Xã Nghĩa Bình"
    assert session.get_one(Unit, producer.commune_id).name == "Thị trấn Quỹ Nhất"
    assert old.valid_until == date(2024, 12, 13)
    assert old.source.endswith("(độ tin cậy B)")
    assert all(session.scalars(select(Certificate.simulated)))


def test_points_come_with_a_decimal_comma_and_give_the_stars_by_points(session: Session) -> None:
    rows = table((*HISTORY, "Điểm trung bình"), (*RICE, "69,995"))
    import_history(session, rows, at=AT, after=lambda *_: None)
    decision = session.scalars(select(Decision)).one()
    assert (decision.mean, decision.stars_by_points) == (Decimal("69.995"), 3)


def test_contacts_of_a_known_producer_are_renewed_by_a_file_and_never_emptied(session: Session) -> None:
    history(session, RICE)
    rows = table((*HISTORY, "Thư điện tử"), (*RICE, "moi@htx.example"))
    assert import_history(session, rows, at=AT, after=lambda *_: None) == Imported(0, 0, 1)
    assert history(session, RICE)[0] == Imported(0, 1, 0)
    assert session.scalars(select(Producer.email)).one() == "moi@htx.example"


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        (changed(RICE, star="2"), "Số sao", "hãy ghi số nguyên từ 3 đến 5"),
        (changed(RICE, star="4"), "Số sao", "cấp huyện chỉ công nhận đến 3 sao"),
        (changed(RICE, by="xã"), "Cấp công nhận", "hãy ghi một trong: huyện, tỉnh, trung ương"),
        (changed(RICE, on="02/2025"), "Ngày quyết định", "không phải ngày đầy đủ"),
        (changed(RICE, on="9/4/2025"), "Ngày quyết định", "sau ngày nhập 8/4/2025"),
        (changed(RICE, code=""), "Mã xã", "hãy ghi mã xã, hoặc tên xã cùng tên huyện"),
        (changed(RICE, code="3636"), "Mã xã", "nếu Excel bỏ số 0 ở đầu"),
        (changed(RICE, code="13933", on="1/10/2024"), "Mã xã", "không còn hoặc chưa có vào ngày 1/10/2024"),
        (changed(RICE, code="13933"), "producer_commune_code", "Xã Nghĩa Bình nay không còn, hãy ghi mã xã hiện nay"),
        (changed(RICE, code="", commune="Xã Không Có"), "Tên xã", "không có xã nào tên 'Xã Không Có'"),
    ],
)
def test_a_bad_recognition_is_named_by_row_column_and_remedy(
    session: Session, row: tuple[str, ...], column: str, reason: str
) -> None:
    with pytest.raises(InvalidRows) as refused:
        history(session, row)
    [(number, where, why)] = problems(refused)
    assert (number, where) == (2, column)
    assert reason in why
    assert session.scalar(select(func.count()).select_from(Producer)) == 0


def test_rows_that_contradict_the_record_or_each_other_are_named(session: Session) -> None:
    history(session, RICE)
    wine = changed(RICE, product="SP2", product_name="Rượu mô phỏng", number="12/GCN")
    rows = [
        changed(RICE, star="4", by="tỉnh"),
        changed(RICE, number="99/GCN"),
        changed(RICE, product_name="Rượu mô phỏng", on="1/1/2024"),
        changed(RICE, producer="CT2", on="1/2/2024"),
        wine,
        changed(wine, product="SP3", product_name="Mắm mô phỏng"),
        changed(wine, producer_name="HTX khác", on="1/3/2024", number=""),
    ]
    with pytest.raises(InvalidRows) as refused:
        history(session, *rows)
    found = {(row, column): reason for row, column, reason in problems(refused)}
    assert "đã có trong sổ: sản phẩm SP1, 3 sao" in found[2, "Số giấy chứng nhận"]
    assert "đã có giấy chứng nhận 'GCN-SP1-20220615' cùng ngày" in found[3, "Số giấy chứng nhận"]
    assert "mã 'SP1' trong sổ là 'Gạo nếp mô phỏng'" in found[4, "Mã sản phẩm"]
    assert "trong sổ thuộc chủ thể mã 'CT1'" in found[5, "Mã chủ thể"]
    assert "số '12/GCN' đã có ở dòng 6" in found[7, "Số giấy chứng nhận"]
    assert "mã 'CT1' trong sổ là 'HTX mô phỏng Thủy'" in found[8, "Mã chủ thể"]


def test_3000_recognitions_take_as_few_statements_as_one(engine: Engine) -> None:
    rows = [
        changed(RICE, product=f"SP{n}", product_name=f"Gạo mô phỏng số {n}", producer=f"CT{n % 700}",
                producer_name=f"HTX mô phỏng số {n % 700}")
        for n in range(3000)
    ]  # fmt: skip
    filed = table(HISTORY, *rows)
    statements: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *call: statements.append(call[2]))
    with transaction(engine) as session:
        assert import_history(session, filed, at=AT, after=lambda *_: None) == Imported(3000, 0, 0)
        assert import_history(session, filed, at=AT, after=lambda *_: None) == Imported(0, 3000, 0)
    assert len(statements) < 40


# --- dossiers --------------------------------------------------------------------------------------------------------

DOSSIER = ("Chu trình", "Mã chủ thể", "Tên chủ thể", "Mã xã", "Mã sản phẩm", "Tên sản phẩm", "Loại hồ sơ", "Số sao đề nghị",
           "Số giấy chứng nhận đã có", "Nội dung thay đổi", "Ngày đăng ký",
           "Minh chứng: công bố chất lượng sản phẩm", "Minh chứng: câu chuyện sản phẩm")  # fmt: skip
FIRST = (
    "ND-2025",
    "CT9",
    "HTX mô phỏng",
    "13636",
    "SP9",
    "Mắm mô phỏng",
    "lần đầu",
    "3",
    "",
    "",
    "10/4/2025",
    "31/12/2025",
    "x",
)
UPGRADE = ("ND-2025", "CT1", "HTX mô phỏng Thủy", "13636", "SP1", "Gạo nếp mô phỏng", "nâng hạng", "4", "GCN-SP1-20220615",
           "thêm vùng nguyên liệu", "10/4/2025", "", "")  # fmt: skip


@pytest.fixture
def cycle(session: Session) -> Cycle:
    """An open cycle of Nam Định, and a product recognised before."""
    history(session, RICE)
    units = {
        unit.level: unit.id for unit in session.scalars(select(Unit).where(Unit.level.in_(("province", "central"))))
    }
    opened = Cycle(code="ND-2025", title="Chu trình", province_id=units["province"], central_id=units["central"],
                   procedure_key="qd148", plan="", plan_sha256="", opened_at=AT)  # fmt: skip
    session.add(opened)
    session.flush()
    return opened


def test_a_dossier_is_read_with_its_papers_and_their_ends(session: Session, cycle: Cycle) -> None:
    first, upgrade = read_dossiers(session, table(DOSSIER, FIRST, UPGRADE))
    assert (first.kind, first.proposed_star, first.registered_on) == (DossierKind.FIRST, 3, date(2025, 4, 10))
    assert [(paper.kind.value, paper.expires_on) for paper in first.evidence] == [
        ("story", None),
        ("quality_declaration", date(2025, 12, 31)),
    ]
    assert (upgrade.kind, upgrade.certificate_number) == (DossierKind.UPGRADE, "GCN-SP1-20220615")
    assert (first.producer.commune, first.product.code, first.registered) == ("13636", "SP9", "")


@pytest.mark.parametrize(
    ("row", "changes", "column", "reason"),
    [
        (FIRST, {0: "ND-2024"}, "Chu trình", "không có chu trình 'ND-2024'"),
        (FIRST, {3: "13933"}, "Mã xã", "không còn hoặc chưa có vào ngày 10/4/2025"),
        (FIRST, {8: "12/GCN"}, "Số giấy chứng nhận đã có", "hồ sơ lần đầu không ghi giấy chứng nhận"),
        (FIRST, {11: "sắp có"}, "Minh chứng: công bố chất lượng sản phẩm", "không phải ngày đầy đủ"),
        (FIRST, {7: "6"}, "Số sao đề nghị", "hãy ghi số nguyên từ 3 đến 5"),
        (UPGRADE, {6: "lần đầu", 8: ""}, "Loại hồ sơ", "đã có giấy chứng nhận GCN-SP1-20220615"),
        (UPGRADE, {8: ""}, "Số giấy chứng nhận đã có", "hồ sơ nâng hạng phải ghi số giấy chứng nhận"),
        (UPGRADE, {8: "12/GCN"}, "Số giấy chứng nhận đã có", "không có giấy chứng nhận '12/GCN'"),
        (UPGRADE, {9: ""}, "Nội dung thay đổi", "phải ghi nội dung thay đổi"),
        (UPGRADE, {7: "3"}, "Số sao đề nghị", "giấy đã có là 3 sao"),
        (UPGRADE, {2: "HTX khác"}, "Mã chủ thể", "trong sổ là 'HTX mô phỏng Thủy'"),
    ],
)
def test_a_bad_dossier_is_named_by_row_column_and_remedy(
    session: Session, cycle: Cycle, row: tuple[str, ...], changes: dict[int, str], column: str, reason: str
) -> None:
    bad = tuple(changes.get(place, cell) for place, cell in enumerate(row))
    with pytest.raises(InvalidRows) as refused:
        read_dossiers(session, table(DOSSIER, bad))
    [(number, where, why)] = problems(refused)
    assert (number, where) == (2, column)
    assert reason in why


def test_a_closed_cycle_takes_no_dossier_and_a_product_is_listed_once(session: Session, cycle: Cycle) -> None:
    cycle.closed_at = AT
    session.flush()
    with pytest.raises(InvalidRows) as refused:
        read_dossiers(session, table(DOSSIER, FIRST, FIRST))
    assert [(row, column) for row, column, _ in problems(refused)] == [
        (2, "Chu trình"),
        (3, "Mã sản phẩm"),
        (3, "Chu trình"),
    ]
