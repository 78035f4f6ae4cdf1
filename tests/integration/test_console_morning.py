"""What the office opens in the morning: whom to call first and why, whether all keeps up, and where the dossiers stand."""

import re

import httpx
import pytest
from sqlalchemy import Engine
from starlette.testclient import TestClient

from casework import accounts
from casework.clock import accept, set_mark
from casework.health import CHECKED
from dashboard import prefect_runs
from dashboard.language import COOKIE
from dashboard.prefect_runs import Run, Runs, Watched
from models.session import transaction
from models.units import Person
from ocop.levels import Level
from tests.factories import CYCLE, an_office, day
from tests.integration.console_pages import console, numbers, shown, sign_in, text, total

pytestmark = pytest.mark.postgresql_long


def called(client: TestClient) -> list[str]:
    """Return the units of the list of calls, in order."""
    html = client.get("/").text
    part = html[html.index('id="calls"') : html.index('id="keeps-up"')]
    return re.findall(r"<h3>([^<]+)</h3>", part)


def part_of(client: TestClient, address: str, section: str) -> str:
    """Return one section of a page."""
    return client.get(address).text.split(f'id="{section}"')[1].split("</section>")[0]


def test_who_has_most_undone_before_the_next_deadline_is_called_first_with_name_telephone_and_list(
    engine: Engine,
) -> None:
    office = an_office(engine).go("2025-06-10")
    office.at_district("14101")
    for _ in range(2):
        office.at_district("14201")
    client = shown(office)
    assert called(client) == ["Huyện Hải Hậu", "Huyện Giao Thủy"]
    said = text(client)
    assert "cán bộ phụ trách Huyện Hải Hậu cán bộ phụ trách 0900000000 2 hồ sơ chưa xong" in said
    assert "2 hồ sơ chưa xong bước “Huyện đánh giá”: còn 3 ngày làm việc, hết ngày 14/6/2025." in said
    calls = part_of(client, "/", "calls")
    assert '<a href="tel:0900000000">' in calls
    counted = numbers(calls)
    assert [number for _, number in counted] == [2, 1]
    assert [total(client.get(href).text) for href, _ in counted] == [2, 1]


def test_who_is_overdue_comes_before_who_has_more_to_do(engine: Engine) -> None:
    office = an_office(engine).go("2025-05-05")
    office.at_district("14201")
    for _ in range(2):
        office.judged("75")
    office.go("2025-06-17 09:00")
    client = shown(office)
    assert called(client) == ["Huyện Hải Hậu", "Huyện Giao Thủy"]
    said = text(client)
    assert "1 hồ sơ quá hạn bước “Huyện đánh giá”, lâu nhất đã 2 ngày làm việc." in said
    assert "2 hồ sơ chưa xong bước “Chờ gửi tỉnh”: còn 2 ngày làm việc, hết ngày 19/6/2025." in said
    (late, *_) = numbers(part_of(client, "/", "calls"))
    assert total(client.get(late[0]).text) == 1


def test_a_unit_with_an_extension_is_called_for_its_own_day(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    office.at_district("14101")
    office.go("2025-06-10")
    office.act(
        "extend", "36/officer", cycle=CYCLE, stage="district_evaluation", day=day("2025-06-18"), document="99/UBND-VP",
        reason="huyện bị bão", level=Level.DISTRICT, unit="365",
    )  # fmt: skip
    office.go("2025-06-16 09:00")
    client = shown(office)
    assert "1 hồ sơ chưa xong bước “Huyện đánh giá” được gia hạn: còn 2 ngày làm việc, hết ngày 18/6/2025." in text(
        client
    )
    assert "hạn&nbsp;18/6" in client.get("/heat").text


def test_an_extension_for_all_is_the_day_for_which_units_are_called_before_the_plans_own_day_too(
    sqlite_engine: Engine,
) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    office.at_district("14101")
    office.go("2025-06-10")
    office.act(
        "extend", "36/officer", cycle=CYCLE, stage="district_evaluation", day=day("2025-06-18"), document="99/UBND-VP",
        reason="tỉnh bị bão",
    )  # fmt: skip
    client = shown(office)
    assert "1 hồ sơ chưa xong bước “Huyện đánh giá”: còn 6 ngày làm việc, hết ngày 18/6/2025." in text(client)
    assert "“gia hạn đến ngày 18/6/2025, kể cả ngày được nêu”" in text(client)
    ((href, number),) = numbers(part_of(client, "/", "calls"))
    assert (total(client.get(href).text), number) == (1, 1)
    client.cookies.set(COOKIE, "en")
    assert "by the deadline “extended to 18/6/2025, the day named counts”" in text(client, href)
    assert "gia hạn" not in text(client, href)


def test_a_dossiers_own_period_is_told_a_working_week_ahead_and_no_earlier(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    waiting = office.at_district()
    office.act(
        "request-supplement", "365/officer", dossier=waiting, reason="thiếu phiếu kiểm nghiệm",
        requested_on=office.now.date(),
    )  # fmt: skip
    assert "hạn riêng đến" not in text(shown(office))  # ten working days are left
    office.go("2025-05-14 09:00")
    client = shown(office)
    assert "1 hồ sơ có hạn riêng đến hết ngày 21/5/2025." in text(client)
    (alone,) = (href for href, _ in numbers(client.get("/").text) if "alone_by" in href)
    assert "có hạn riêng đến hết ngày 21/5/2025" in text(client, alone)
    assert total(client.get(alone).text) == 1
    assert client.get("/dossiers?alone_by=mai").status_code == 404
    office.go("2025-05-20 09:00")
    assert total(shown(office).get(alone).text) == 0  # missed: overdue by now, and called for that
    assert "1 hồ sơ quá hạn bước “Chờ bổ sung (huyện)”" in text(shown(office))


def test_a_unit_without_its_officer_is_called_at_the_next_rung_and_one_without_telephone_says_so(
    sqlite_engine: Engine,
) -> None:
    office = an_office(sqlite_engine).go("2025-06-10")
    office.at_district("14101")
    with transaction(sqlite_engine) as session:
        for person in session.query(Person):
            person.phone = ""
    assert "chưa có số điện thoại" in text(shown(office))


def test_nobody_is_called_where_nothing_waits(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    office.recognise(office.judged("55"))
    assert "Hôm nay không phải gọi đơn vị nào" in text(shown(office))


def test_health_in_a_line_counts_the_equation_letters_and_prefects_runs(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    office.register()
    client = shown(office)
    said = text(client)
    assert "Sổ cân đối" in said
    assert "0 thư không gửi được" in said
    assert "Đồng hồ mô phỏng" in said
    assert "Prefect không trả lời" in said
    failed = Run("r", "Gửi thư", "hỏng", bad=True, started=None, seconds=1.0, message="", url="http://127.0.0.1:9/r")
    client = shown(office)  # a server of its own, which keeps no page of before
    client.app.state.prefect._known = (float("inf"), Runs([failed]))
    assert "1 trong 1 lượt gần nhất hỏng, mới nhất Gửi thư" in text(client)


def test_a_record_that_does_not_balance_says_so_first_thing(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    office.register()
    with transaction(sqlite_engine) as session:
        set_mark(session, CHECKED, '{"broken": ["conservation_holds"], "faulty_chains": 0}', office.now)
    said = text(shown(office))
    assert "Sổ có chỗ sai, kiểm tra 09:00 5/5/2025" in said
    assert "1 quy tắc không giữ được" in said


def test_prefect_is_asked_once_however_many_pages_want_to_know(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def answer(server: str, seconds: float) -> Runs:
        asked.append(server)
        return Runs([], f"{seconds}")

    monkeypatch.setattr(prefect_runs, "last_runs", answer)
    watched = Watched("http://127.0.0.1:9", 1.5, keep=600.0)
    assert [watched.runs().fault for _ in range(3)] == ["1.5"] * 3
    assert len(asked) == 1


def test_the_first_page_and_that_of_the_engine_ask_prefect_together(
    sqlite_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def answer(server: str, _seconds: float) -> Runs:
        asked.append(server)
        return Runs([], "Prefect nghỉ.")

    monkeypatch.setattr(prefect_runs, "last_runs", answer)
    client = shown(an_office(sqlite_engine), refresh_seconds=600)
    assert "Prefect không trả lời" in text(client)
    assert "Prefect nghỉ." in text(client, "/health")
    assert len(asked) == 1


def test_a_run_names_the_states_of_its_flows_in_an_officers_words(monkeypatch: pytest.MonkeyPatch) -> None:
    message = "4 bước có việc: Closed, Not started, Overdue, Failed; phải gác lại 1: hạn (Open)"
    run = {
        "id": "1",
        "flow_id": "2",
        "name": "evaluation-cycle-ND",
        "start_time": None,
        "state": {"type": "FAILED", "message": message},
    }

    def answer(url: str, **_asked: object) -> httpx.Response:
        rows = [run] if "flow_runs" in url else [{"id": "2", "name": "evaluation-cycle"}]
        return httpx.Response(200, json=rows, request=httpx.Request("POST", url))

    monkeypatch.setattr(httpx, "post", answer)
    (told,) = prefect_runs.last_runs("http://127.0.0.1:9", 1).runs
    assert told.message == (
        "4 bước có việc: đã xong bước, chưa bắt đầu, có hồ sơ quá hạn, hỏng; phải gác lại 1: hạn (Open)"
    )


def test_a_clock_that_stood_still_is_told_on_the_first_page_and_on_that_of_the_engine(
    sqlite_engine: Engine,
) -> None:
    office = an_office(sqlite_engine)
    client = console(office.engine)
    with transaction(sqlite_engine) as session:
        accept(session, office.now)
    assert "máy chủ: lần theo dõi gần nhất đã quá lâu" in text(client)
    assert "đã quá lâu: hãy kiểm tra đồng hồ máy chủ và báo người quản trị xác nhận" in text(client, "/health")
    client = console(office.engine, "")
    with transaction(sqlite_engine) as session:
        sign_in(client, session, accounts.Owner(administrator=True))
    assert "rồi bấm “Đồng hồ máy chủ đúng, làm bù các việc”" in text(client, "/health")
    assert 'href="/operations#work"' in client.get("/health").text
    assert "Đồng hồ máy chủ đúng, làm bù các việc" in text(client, "/operations").partition("Làm việc đến hạn ngay")[2]


def test_the_heat_map_tells_how_many_how_long_and_until_when(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    office.at_district("14101")
    office.at_district("14201")
    office.go("2025-05-12")
    client = shown(office)
    html = client.get("/heat").text
    assert re.search(r"Huyện đánh giá<br><span class=\"due\">hạn 14/6</span>", html)
    assert html.count("5&nbsp;ngày") == 2
    assert html.count('class="num heat-1"') == 2
    assert sorted(number for _, number in numbers(html)) == [1, 1, 1, 1, 2, 2]
