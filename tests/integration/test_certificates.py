"""Certificates beside each other, their ends, and the watch over them."""

from decimal import Decimal

import pytest
from sqlalchemy import Engine, select

from casework import expiry
from casework.imports.history import import_history
from casework.imports.reading import read
from casework.imports.settings import ImportSettings
from casework.registration import Goods, Maker
from models.cycles import AgendaItem
from models.results import Certificate, Decision
from models.session import transaction
from ocop.errors import AlreadyExists, InvalidInput, NotFound, NotPossibleNow, NotYours
from ocop.levels import DossierKind
from ocop.validity import in_force, valid_until
from tests.factories import Office, all_gates, an_office, at, day
from tests.holdings import certified
from tests.plans import plan_with
from tests.records import letters, read_all, readers

pytestmark = pytest.mark.postgresql_long


def held(office: Office) -> list[tuple[str, int, str, str, str]]:
    """Return (number, star, issued, valid until, replaced on) of every certificate."""
    columns = (
        Certificate.number,
        Certificate.star,
        Certificate.issued_on,
        Certificate.valid_until,
        Certificate.replaced_on,
    )
    return [
        (number, star, str(issued), str(until), str(replaced or "-"))
        for number, star, issued, until, replaced in office.rows(select(*columns).order_by(Certificate.id))
    ]


def refiled(
    office: Office, number: str, kind: DossierKind, *, mean: str, commune: str = "14101", **more: object
) -> str:
    """Take an upgrade or a re-recognition of a certificate's product through the district."""
    changes = {"changes": "Thêm dây chuyền chế biến"} if kind is DossierKind.UPGRADE else {}
    return office.judged(
        mean, commune, kind=kind, certificate=number, producer=Maker(f"CT-{number}", f"HTX mô phỏng {number}", commune),
        product=Goods(f"SP-{number}", f"Chả cá mô phỏng {number}"), **changes, **more,
    )  # fmt: skip


# --- one in force ------------------------------------------------------------------------------------------------------


def test_a_new_certificate_replaces_the_old_on_its_issue_date(engine: Engine) -> None:
    office = an_office(engine).go("2025-05-05")
    certified(office, "14101", star=3, issued_on=day("2022-07-01"), number="GCN-1")
    code = refiled(office, "GCN-1", DossierKind.RE_RECOGNITION, mean="55")
    assert held(office) == [("GCN-1", 3, "2022-07-01", "2025-07-01", "-")]
    office.go("2025-05-20")
    office.recognise(code)
    assert held(office) == [
        ("GCN-1", 3, "2022-07-01", "2025-07-01", "2025-05-20"),
        (f"{code}/GCN-3", 3, "2025-05-20", "2028-05-20", "-"),
    ]
    assert in_force(day("2022-07-01"), day("2025-07-01"), day("2025-05-19"), None, day("2025-05-20"))
    assert not in_force(day("2022-07-01"), day("2025-07-01"), day("2025-05-20"), None, day("2025-05-20"))


def at_the_centre(office: Office) -> str:
    """Take a new dossier of 4 stars to the centre."""
    code = office.at_province("92")
    office.evaluate(code, "91", "36/officer")
    office.decide(code, "36/officer")
    office.recognise(code, "36/officer")
    office.act("propose", "36/officer", dossiers=[code], number="90/TTr", signed_on=office.now.date())
    office.tick()
    return code


def central_result(office: Office, code: str, mean: str, **more: object) -> None:
    """Record what the centre found today."""
    body = {"dossier": code, "held_on": office.now.date(), "minutes": "7/BB", "mean": Decimal(mean), "gates": all_gates(),
            "number": "2000/QĐ", "signed_on": office.now.date(), "signer": "Bộ trưởng"}  # fmt: skip
    office.act("record-central-result", "36/officer", **(body | more))
    office.tick()


def test_a_central_certificate_runs_36_months_from_the_central_decision_and_replaces_the_4_star_one_that_day(
    engine: Engine,
) -> None:
    office = an_office(engine).go("2025-05-05")
    code = at_the_centre(office)
    office.now = at("2025-12-10")
    central_result(office, code, "93", signed_on=day("2025-12-08"), held_on=day("2025-12-01"))
    assert held(office) == [
        (f"{code}/GCN-4", 4, "2025-05-05", "2028-05-05", "2025-12-08"),
        (f"{code}/GCN-5", 5, "2025-12-08", "2028-12-08", "-"),
    ]
    assert office.stage(code) == "recognised"
    assert {letter.dossier_id for letter in letters(office, "central_result", "central_completed")} == {1}
    read_all(office)


@pytest.mark.parametrize(
    ("mean", "gates"), [("89.99", None), ("40", None), ("95", {5: "Chưa có thị trường xuất khẩu"})]
)
def test_a_central_failure_changes_nothing(sqlite_engine: Engine, mean: str, gates: dict[int, str] | None) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    code = at_the_centre(office)
    before = held(office)
    office.now = at("2025-12-10")
    central_result(office, code, mean, gates=all_gates(gates))
    assert held(office) == before
    assert office.stage(code) == "recognised"
    assert office.rows(select(Decision.awarded_star).where(Decision.purpose == "central")) == [(None,)]
    read_all(office)


def test_a_product_recognised_at_4_stars_may_be_left_there_with_a_reason(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    code = office.at_province("92")
    office.evaluate(code, "91", "36/officer")
    office.decide(code, "36/officer")
    office.recognise(code, "36/officer")
    with pytest.raises(InvalidInput):
        office.act("forgo", "36/officer", dossiers=[code], reason=" ", decided_on=office.now.date())
    office.act("forgo", "36/officer", dossiers=[code], reason="Chủ thể chưa sẵn sàng", decided_on=office.now.date())
    assert office.stage(code) == "recognised"
    assert [row[1] for row in held(office)] == [4]


def test_an_upgrade_that_reaches_more_replaces_the_old(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    certified(office, "14101", star=3, issued_on=day("2024-05-05"), number="GCN-1")
    code = refiled(office, "GCN-1", DossierKind.UPGRADE, mean="75")
    office.act("submit", "365/officer", dossiers=[code], number="88", signed_on=office.now.date())
    office.tick()
    office.evaluate(code, "75", "36/officer")
    office.decide(code, "36/officer")
    office.recognise(code, "36/officer")
    assert [(row[1], row[4]) for row in held(office)] == [(3, "2025-05-05"), (4, "-")]


@pytest.mark.parametrize(
    ("mean", "stage"), [("55", "recognised"), ("45", "not_ranked")], ids=["reaches the star held", "fails"]
)
def test_an_upgrade_that_reaches_no_more_leaves_the_old_to_its_end_and_its_letter_says_so(
    sqlite_engine: Engine, mean: str, stage: str
) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    certified(office, "14101", star=3, issued_on=day("2024-05-05"), number="GCN-1")
    code = refiled(office, "GCN-1", DossierKind.UPGRADE, mean=mean)
    if stage == "recognised":
        answer = office.recognise(code)
        assert answer["certificates"] == [{"dossier": code, "star": 3, "certificate": None}]
        (letter, *_) = letters(office, "recognised")
        assert letter.facts["certificate"]["number"] == "GCN-1"
        assert letter.facts["certificate"]["valid_until"] == "2027-05-05"
    assert office.stage(code) == stage
    assert held(office) == [("GCN-1", 3, "2024-05-05", "2027-05-05", "-")]
    read_all(office)


def test_an_upgrade_of_a_certificate_that_ended_meanwhile_gets_a_new_one_at_the_same_star(
    sqlite_engine: Engine,
) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    certified(office, "14101", star=3, issued_on=day("2022-05-10"), number="GCN-1")
    code = refiled(office, "GCN-1", DossierKind.UPGRADE, mean="55")
    office.go("2025-05-12")
    office.recognise(code)
    assert [(row[1], row[4]) for row in held(office)] == [(3, "2025-05-12"), (3, "-")]


def test_expired_before_its_result_a_certificate_is_shown_expired_from_its_date_without_any_job(
    sqlite_engine: Engine,
) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    certified(office, "14101", star=3, issued_on=day("2022-05-10"), number="GCN-1")
    refiled(office, "GCN-1", DossierKind.RE_RECOGNITION, mean="55")
    ((issued, until, revoked, replaced),) = office.rows(
        select(Certificate.issued_on, Certificate.valid_until, Certificate.revoked_on, Certificate.replaced_on)
    )
    assert in_force(issued, until, day("2025-05-10"), revoked, replaced)
    assert not in_force(issued, until, day("2025-05-11"), revoked, replaced)


@pytest.mark.parametrize(
    ("issued", "inclusive", "day_before"),
    [
        ("2024-02-29", "2027-02-28", "2027-02-27"),
        ("2025-03-31", "2028-03-31", "2028-03-30"),
        ("2022-05-05", "2025-05-05", "2025-05-04"),
    ],
)
def test_a_certificate_is_valid_to_the_same_day_36_months_on(
    sqlite_engine: Engine, issued: str, inclusive: str, day_before: str
) -> None:
    office = an_office(sqlite_engine)
    certified(office, "14101", star=3, issued_on=day(issued), number="GCN-1")
    assert held(office)[0][3] == inclusive
    other = plan_with(('end = "inclusive"', 'end = "day_before"')).replace('key = "nam_dinh_2025"', 'key = "khac"')
    office.open_cycle(other, code="ND2025B")
    office.now = at("2025-05-05")
    with transaction(sqlite_engine) as session:
        province = session.scalars(select(Certificate)).one()
        rules, *_ = expiry.standing_rules(
            session, expiry.provinces_of(session, [province.commune_id])[province.commune_id]
        )
        assert valid_until(day(issued), rules.months, rules.end) == day(day_before)


def test_the_plans_end_of_a_certificate_is_used_at_recognition(sqlite_engine: Engine) -> None:
    office = (
        Office(sqlite_engine)
        .found()
        .open_cycle(plan_with(('end = "inclusive"', 'end = "day_before"')))
        .go("2025-05-05")
    )
    office.recognise(office.judged("55"))
    assert held(office)[0][3] == "2028-05-04"


# --- one open dossier, across cycles -----------------------------------------------------------------------------------


def test_one_open_dossier_per_product_across_cycles(engine: Engine) -> None:
    office = an_office(engine).go("2025-05-05")
    office.open_cycle(code="ND2025B")
    maker, goods = Maker("CT-1", "HTX mô phỏng", "14101"), Goods("SP-1", "Nước mắm mô phỏng")
    first = office.register(producer=maker, product=goods)
    with pytest.raises(AlreadyExists, match=first):
        office.register(producer=maker, product=goods)
    with pytest.raises(AlreadyExists, match=first):
        office.register(producer=maker, product=goods, cycle="ND2025B")
    office.act("retract", "14101/officer", dossier=first, requested_on=office.now.date(), reason="Xin rút")
    assert office.register(producer=maker, product=goods, cycle="ND2025B").startswith("ND2025B")


def test_a_carried_over_dossier_is_registered_anew_in_the_next_cycle_and_names_the_old(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    maker, goods = Maker("CT-1", "HTX mô phỏng", "14101"), Goods("SP-1", "Nước mắm mô phỏng")
    first = office.register(producer=maker, product=goods)
    office.open_cycle(code="ND2025B")
    with pytest.raises(AlreadyExists):
        office.register(producer=maker, product=goods, cycle="ND2025B", carried_from=first)
    office.act("carry-over", "14101/officer", dossiers=[first], decided_on=office.now.date(), reason="Chờ giấy tờ")
    other = office.register()
    with pytest.raises(InvalidInput):
        office.register(producer=maker, product=goods, cycle="ND2025B", carried_from=other)
    office.register(producer=maker, product=goods, cycle="ND2025B", carried_from=first)


# --- the three kinds ---------------------------------------------------------------------------------------------------


def test_a_first_dossier_names_no_certificate_and_is_not_for_a_recognised_product(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    certified(office, "14101", star=3, issued_on=day("2022-07-01"), number="GCN-1")
    goods = Goods("SP-GCN-1", "Chả cá mô phỏng GCN-1")
    maker = Maker("CT-GCN-1", "HTX mô phỏng GCN-1", "14101")
    with pytest.raises(InvalidInput, match="lần đầu"):
        office.register(certificate="GCN-1")
    with pytest.raises(InvalidInput, match="nâng hạng hoặc công nhận lại"):
        office.register(producer=maker, product=goods)


@pytest.mark.parametrize("kind", [DossierKind.UPGRADE, DossierKind.RE_RECOGNITION])
def test_an_upgrade_and_a_re_recognition_name_the_certificate_they_follow(
    sqlite_engine: Engine, kind: DossierKind
) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    certified(office, "14101", star=3, issued_on=day("2022-07-01"), number="GCN-1")
    certified(office, "14101", star=3, issued_on=day("2022-07-01"), number="GCN-2")
    body = {
        "producer": Maker("CT-GCN-1", "HTX", "14101"),
        "product": Goods("SP-GCN-1", "Chả cá"),
        "kind": kind,
        "changes": "Mới",
    }
    with pytest.raises(InvalidInput):
        office.register(**body)
    for wrong in ("GCN-9", "GCN-2"):
        with pytest.raises(NotFound):
            office.register(certificate=wrong, **body)
    office.register(certificate="GCN-1", **body)


def test_an_upgrade_says_what_changed(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    certified(office, "14101", star=3, issued_on=day("2024-07-01"), number="GCN-1")
    body = {
        "producer": Maker("CT-GCN-1", "HTX", "14101"),
        "product": Goods("SP-GCN-1", "Chả cá"),
        "certificate": "GCN-1",
    }
    with pytest.raises(InvalidInput, match="thay đổi"):
        office.register(kind=DossierKind.UPGRADE, **body)


def test_a_replaced_certificate_is_not_followed(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    certified(office, "14101", star=3, issued_on=day("2022-07-01"), number="GCN-1")
    office.recognise(refiled(office, "GCN-1", DossierKind.RE_RECOGNITION, mean="55"))
    body = {"producer": Maker("CT-GCN-1", "HTX", "14101"), "product": Goods("SP-GCN-1", "Chả cá")}
    with pytest.raises(NotPossibleNow, match="đã được thay"):
        office.register(kind=DossierKind.RE_RECOGNITION, certificate="GCN-1", **body)


def test_a_product_whose_certificate_was_revoked_begins_anew_as_if_for_the_first_time(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    certified(office, "14101", star=3, issued_on=day("2024-07-01"), number="GCN-1")
    revoked = {"certificate": "GCN-1", "revoked_on": office.now.date(), "document": "5/QĐ", "reason": "Ngừng sản xuất"}
    office.act("revoke", "365/officer", **revoked)
    body = {"producer": Maker("CT-GCN-1", "HTX", "14101"), "product": Goods("SP-GCN-1", "Chả cá")}
    with pytest.raises(NotPossibleNow, match="như lần đầu"):
        office.register(kind=DossierKind.RE_RECOGNITION, certificate="GCN-1", **body)
    office.register(**body)


# --- revocation --------------------------------------------------------------------------------------------------------


def test_after_recognition_only_the_body_that_issued_revokes_with_document_and_reason(engine: Engine) -> None:
    office = an_office(engine).go("2025-05-05")
    code = office.judged("55")
    office.recognise(code)
    body = {
        "certificate": f"{code}/GCN-3",
        "revoked_on": office.now.date(),
        "document": "5/QĐ",
        "reason": "Giấy tờ giả",
    }
    for wrong in ("36/officer", "366/officer", "14101/officer"):
        with pytest.raises(NotYours):
            office.act("revoke", wrong, **body)
    for missing in ("document", "reason"):
        with pytest.raises(InvalidInput):
            office.act("revoke", "365/officer", **(body | {missing: " "}))
    office.act("revoke", "365/officer", **body)
    with pytest.raises(NotPossibleNow):
        office.act("revoke", "365/officer", **body)
    ((revoked, until),) = office.rows(select(Certificate.revoked_on, Certificate.valid_until))
    assert revoked == office.now.date()
    assert not in_force(day("2025-05-05"), until, office.now.date(), revoked)
    told = letters(office, "revoked")
    assert len(told) == len(readers(told)) == 3  # producer, commune, coordinator office: one each
    assert office.stage(code) == "recognised"
    read_all(office)


def test_a_4_star_certificate_is_revoked_also_while_its_product_is_on_its_way_to_the_centre(
    sqlite_engine: Engine,
) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    code = at_the_centre(office)
    body = {"certificate": f"{code}/GCN-4", "revoked_on": office.now.date(), "document": "5/QĐ", "reason": "Vi phạm"}
    office.act("revoke", "36/officer", **body)
    assert [row[0] for row in office.rows(select(Certificate.revoked_on))] == [office.now.date()]
    read_all(office)


def test_what_happens_to_a_certificate_of_the_centre_is_entered_by_the_province_as_its_result_was(
    sqlite_engine: Engine,
) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    code = at_the_centre(office)
    central_result(office, code, "93")
    paper = {"document": "5/QĐ-BNNMT", "reason": "Ghi sai số"}
    for stranger in ("365/officer", "14101/officer"):
        with pytest.raises(NotYours):
            office.act("correct-certificate", stranger, certificate=f"{code}/GCN-5", number="TW-1", **paper)
    office.act("correct-certificate", "36/officer", certificate=f"{code}/GCN-5", number="TW-1", **paper)
    office.act("revoke", "36/officer", certificate="TW-1", revoked_on=office.now.date(), **paper)
    assert held(office)[-1][0] == "TW-1"
    assert office.rows(select(Certificate.number).where(Certificate.revoked_on.is_not(None))) == [("TW-1",)]
    read_all(office)


# --- the watch over the end --------------------------------------------------------------------------------------------


def warnings(office: Office) -> list[tuple[str, str]]:
    """Return (day, notice) of every warning owed to a producer."""
    found = letters(office, "expiry_warning", "expired")
    return [(str(letter.owed_at.astimezone(at("2025-01-01").tzinfo).date()), letter.notice) for letter in found
            if letter.recipient.startswith("producer/")]  # fmt: skip


def test_holders_are_warned_180_120_30_and_0_days_before_the_end(engine: Engine) -> None:
    # Valid to 20/12/2025: 180 days before is 23/6, 120 is 22/8, 30 is 20/11.
    office = an_office(engine)
    certified(office, "14101", star=3, issued_on=day("2022-12-20"), number="GCN-1")
    for instant in ("2025-06-23 07:29", "2025-06-23 07:30", "2025-12-19", "2026-01-10"):
        office.go(instant)
        if instant.endswith("07:29"):
            assert warnings(office) == []
    assert warnings(office) == [
        ("2025-06-23", "expiry_warning"),
        ("2025-08-22", "expiry_warning"),
        ("2025-11-20", "expiry_warning"),
        ("2025-12-20", "expired"),
    ]
    assert {letter.facts["days_left"] for letter in letters(office, "expiry_warning")} == {180, 120, 30}
    assert all(letter.send_from == letter.owed_at for letter in letters(office, "expiry_warning"))  # a legal notice
    read_all(office)


def test_warnings_that_lie_behind_an_import_are_not_sent(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-07-01")
    certified(office, "14101", star=3, issued_on=day("2022-12-20"), number="GCN-1")
    office.go("2026-01-10")
    assert [row[0] for row in warnings(office)] == ["2025-08-22", "2025-11-20", "2025-12-20"]


def test_warnings_stop_when_a_re_recognition_is_filed_and_begin_again_when_it_is_given_up(
    sqlite_engine: Engine,
) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    certified(office, "14101", star=3, issued_on=day("2022-09-10"), number="GCN-1")  # 120: 13/5; 30: 11/8
    code = office.register(
        kind=DossierKind.RE_RECOGNITION, certificate="GCN-1", producer=Maker("CT-GCN-1", "HTX", "14101"),
        product=Goods("SP-GCN-1", "Chả cá"),
    )  # fmt: skip
    office.go("2025-06-01")
    assert warnings(office) == []
    office.act("retract", "14101/officer", dossier=code, requested_on=office.now.date(), reason="Xin rút")
    office.go("2025-09-11")
    assert [row[0] for row in warnings(office)] == ["2025-08-11", "2025-09-10"]


def test_replaced_or_revoked_a_certificate_is_no_longer_warned_of(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    certified(office, "14101", star=3, issued_on=day("2022-07-01"), number="GCN-1")
    certified(office, "14101", star=3, issued_on=day("2022-07-01"), number="GCN-2")
    office.recognise(refiled(office, "GCN-1", DossierKind.RE_RECOGNITION, mean="55"))
    revoked = {"certificate": "GCN-2", "revoked_on": office.now.date(), "document": "5/QĐ", "reason": "Ngừng sản xuất"}
    office.act("revoke", "365/officer", **revoked)
    office.go("2025-07-10")
    assert warnings(office) == []


def test_each_month_units_get_the_list_of_what_ran_out_and_was_not_filed_again(engine: Engine) -> None:
    office = an_office(engine)
    certified(office, "14101", star=3, issued_on=day("2022-04-20"), number="GCN-1")  # ran out on 20/4
    certified(office, "14201", star=4, issued_on=day("2022-05-20"), number="GCN-2")  # ran out on 20/5
    certified(office, "14102", star=3, issued_on=day("2022-05-31"), number="GCN-3")  # last day 31/5
    certified(office, "14202", star=3, issued_on=day("2022-06-01"), number="GCN-4")  # still valid on 1/6
    office.go("2025-05-01 07:30")
    first = letters(office, "expired_list")
    assert {(letter.recipient_name, letter.facts["total"]) for letter in first} == {
        ("cán bộ phụ trách Xã Giao Xuân", 1), ("cán bộ phụ trách Huyện Giao Thủy", 1),
    }  # fmt: skip
    office.go("2025-06-02")
    june = [letter for letter in letters(office, "expired_list") if letter.owed_at == at("2025-06-01 07:30")]
    assert {(letter.recipient_name, letter.facts["total"]) for letter in june} == {
        ("cán bộ phụ trách Xã Giao Xuân", 1), ("cán bộ phụ trách Huyện Giao Thủy", 2), ("cán bộ phụ trách Xã Giao Hải", 1),
        ("cán bộ phụ trách Xã Hải Minh", 1), ("cán bộ phụ trách Huyện Hải Hậu", 1),
    }  # fmt: skip
    assert all(letter.send_from == at("2025-06-02 07:30") for letter in june)  # 1/6 is a Sunday
    read_all(office)


HISTORY = """Mã sản phẩm;Tên sản phẩm;Mã chủ thể;Tên chủ thể;Mã xã;Số sao;Ngày quyết định;Cấp công nhận;Số giấy chứng nhận;Mô phỏng
SP1;Gạo nếp mô phỏng;CT1;HTX mô phỏng Thủy;14101;3;15/6/2022;huyện;GCN-1;có
"""


def test_imported_history_is_watched_like_any_other_certificate(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine)
    with transaction(sqlite_engine) as session:
        import_history(
            session, read("lich_su.csv", HISTORY.encode(), ImportSettings()), at=office.now,
            after=lambda opened, written: expiry.schedule(opened, written, office.now),
        )  # fmt: skip
    office.go("2025-07-02")
    assert office.rows(select(AgendaItem.number).where(AgendaItem.kind == "expiry").order_by(AgendaItem.number)) == [
        (0,),
        (30,),
    ]
    assert {letter.notice for letter in letters(office)} >= {"expiry_warning", "expired", "expired_list"}
    read_all(office)
