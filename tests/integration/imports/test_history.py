"""Files of earlier recognitions: producers, products, decisions and certificates that follow each other."""

import unicodedata
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import Engine, event, func, select
from sqlalchemy.orm import Session

from casework.imports.columns import Imported
from casework.imports.history import import_history
from dashboard.language import Language, said_in
from models.results import Certificate, Decision
from models.session import transaction
from models.units import Producer, Product, Unit
from ocop.errors import InvalidRows
from tests.integration.imports.files import AT, HISTORY, RICE, changed, history, problems, shipped, table


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


@pytest.mark.parametrize(
    ("language", "told"),
    [(Language.VIETNAMESE, "69,50 điểm chỉ được xếp 3 sao"), (Language.ENGLISH, "69.50 points earn only 3 stars")],
)
def test_points_that_earn_fewer_stars_are_written_as_their_reader_writes_them(
    session: Session, language: Language, told: str
) -> None:
    row = (*changed(RICE, star="4", by="tỉnh"), "69,5")
    with pytest.raises(InvalidRows) as refused:
        import_history(session, table((*HISTORY, "Điểm trung bình"), row), at=AT, after=lambda *_: None)
    assert [told in said_in(language, problem.reason) for problem in refused.value.problems] == [True]


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
