"""The page of the plan: what the linter finds, extensions, the calendar of its year, and what happened to the cycle."""

import re
from pathlib import Path

from sqlalchemy import Engine, select

from casework import accounts, calendar_table
from casework.registration import Maker
from models.cycles import CalendarDay
from models.session import transaction
from ocop.levels import Level
from ocop.working_days import DayKind
from tests.factories import CYCLE, Office, an_office, at, day
from tests.integration.console_pages import numbers, shown, sign_in, text, total
from tests.merger import IN_FORCE, reorganised

FORMS = Path(__file__).parents[1] / "data" / "plans"


def test_the_plan_is_read_as_an_experienced_officer_would_with_a_proposal(sqlite_engine: Engine) -> None:
    said = text(shown(an_office(sqlite_engine)), "/plan")
    assert (
        "cảnh báo Hạn của bước 'Huyện đánh giá' hết vào ngày 14/6/2025 là thứ Bảy; kế hoạch không dời, nên ngày làm việc "
        "cuối cùng còn kịp là 13/6/2025. Đề xuất: nêu ngày làm việc trong kế hoạch" in said
    )
    assert "(kế hoạch không có phần nào nêu)" in said
    assert "(central_evaluation)" not in said
    assert "Đề xuất: thêm thời hạn của bước 'Chờ huyện công nhận' nếu kế hoạch hoặc văn bản khác có hạn." in said
    found = said.partition("Điều cần biết khi theo kế hoạch này")[2].partition("Diễn biến của chu trình")[0]
    assert not re.search(r"[a-z]+_[a-z]+|qd1489|boundary", found), "the keys of the file are for its author alone"


def test_the_calendar_shows_holidays_and_days_worked_in_exchange_and_asks_for_a_year_that_nobody_entered(
    sqlite_engine: Engine,
) -> None:
    office = an_office(sqlite_engine)
    with transaction(sqlite_engine) as session:
        calendar_table.set_day(session, day("2025-11-20"), DayKind.HOLIDAY, "Nghỉ bão", "Công điện 12")
    said = text(shown(office), "/plan")
    assert "26/4/2025 thứ Bảy ngày làm bù" in said
    assert "20/11/2025 thứ Năm ngày nghỉ Nghỉ bão Công điện 12" in said
    with transaction(sqlite_engine) as session:
        for entered in session.scalars(select(CalendarDay.day)).all():
            calendar_table.unset_day(session, entered)
    assert "Chưa có lịch năm 2025: Tết và ngày lễ đang bị tính là ngày làm việc." in text(shown(office), "/plan")


def test_an_extension_stands_with_its_document_reason_and_the_list_that_it_holds_for(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    office.at_district("14101")
    office.act(
        "extend", "36/officer", cycle=CYCLE, stage="district_evaluation", day=day("2025-06-18"), document="99/UBND-VP",
        reason="huyện bị bão", level=Level.DISTRICT, unit="365",
    )  # fmt: skip
    said = text(shown(office), "/plan")
    assert "Gia hạn: 1" in said
    assert "Huyện đánh giá Huyện Giao Thủy 18/6/2025 99/UBND-VP huyện bị bão" in said
    assert "Bước “Huyện đánh giá” của Huyện Giao Thủy đến ngày 18/6/2025 (huyện bị bão) 99/UBND-VP" in said


def test_a_producer_reads_the_plan_and_not_who_did_what_in_its_cycle(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    office.register(producer=Maker("CT-DOC", "Hộ đọc kế hoạch", "14101"))
    officer, producer = shown(office), shown(office, "không ai")
    with transaction(sqlite_engine) as session:
        sign_in(producer, session, accounts.Owner(producer="CT-DOC"))
    assert "Diễn biến của chu trình" in text(officer, "/plan")
    said = text(producer, "/plan")
    assert "Các mốc thời gian và căn cứ" in said
    assert "Diễn biến của chu trình" not in said
    assert "Người ghi" not in said


def test_a_units_own_plan_is_told_by_the_units_name(sqlite_engine: Engine) -> None:
    office = Office(sqlite_engine, at("2025-04-08")).found()
    office.open_cycle((FORMS / "batches_and_passes.toml").read_text(encoding="utf-8"))
    own = (FORMS / "nested" / "district.toml").read_text(encoding="utf-8")
    office.act("adopt-plan", "365/officer", cycle=CYCLE, level=Level.DISTRICT, unit="365", plan=own)
    assert "Ghi kế hoạch riêng của đơn vị Kế hoạch riêng của Huyện Giao Thủy, 2 mốc 25/KH-UBND" in text(
        shown(office), "/plan"
    )


def test_a_reorganisation_and_a_change_of_law_are_told_on_the_plan_and_on_the_picture(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    who, body, _ = reorganised(office)
    office.act("reorganise", who, **body)
    office.go("2025-07-06 08:00")
    office.act("change-procedure", who, cycle=CYCLE, procedure="qd1489", from_day=IN_FORCE, document="QĐ 1489/QĐ-TTg")
    client = shown(office)
    said = text(client, "/plan")
    assert "hồ sơ chuyển cho đơn vị kế thừa" in said
    assert "Từ Quy trình theo Quyết định 148/QĐ-TTg năm 2023 sang" in said
    drawn = text(client, "/procedure")
    assert "Chu trình đã đổi quy trình từ ngày 6/7/2025: từ Quy trình theo Quyết định 148/QĐ-TTg năm 2023 sang" in drawn
    for address in ("/", "/heat", "/procedure"):
        for href, number in numbers(client.get(address).text):
            assert total(client.get(href).text) == number, href
    assert "Chu trình ND2025 không theo quy trình này" in text(client, "/procedure?law=qd148")
