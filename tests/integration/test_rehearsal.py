"""A rehearsal plays on a copy what is to come: it sends nothing, leaves the record alone, and foretells what really comes."""

import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import Engine, select, update

from casework.acts import ACTS
from casework.agenda import catch_up
from casework.exports import Sheet, to_excel
from cli.rehearsal.command import rehearse, which
from cli.rehearsal.telling import Telling, TimeOver, within
from cli.waking import WAKES
from models.cycles import Breach, Deadline
from models.dossiers import Dossier
from models.letters import Letter
from models.session import perform, transaction
from ocop.errors import InvalidInput
from ocop.notices import Notice
from tasks.database import engine as of_the_environment
from tests.factories import CYCLE, PLAN, Office, an_office, at, day
from tests.records import record

FORMS = Path(__file__).parents[1] / "data" / "plans"


async def without_prefect(flow: str, parameters: dict[str, Any]) -> None:
    """Do what a flow does, on the database that the environment names, as the flow would find it."""
    kinds = dict(WAKES)[flow]
    perform(of_the_environment(), lambda session: catch_up(session, parameters["at"], kinds))


def an_office_in_june(engine: Engine) -> Office:
    """Return a world with dossiers at the commune, at the districts and ready for the province."""
    office = an_office(engine).go("2025-06-02")
    office.register()
    office.at_district()
    office.at_district("14201")
    office.judged("75")
    return office.go("2025-06-02 10:00")


def column(sheet: Sheet, *names: str) -> list[tuple[Any, ...]]:
    """Return some columns of a list."""
    places = [list(sheet.columns).index(name) for name in names]
    return [tuple(row[place] for place in places) for row in sheet.rows]


def test_a_rehearsal_foretells_every_letter_and_breach_that_comes_when_nobody_acts(sqlite_engine: Engine) -> None:
    office = an_office_in_june(sqlite_engine)
    before = {row.id for (row,) in office.rows(select(Letter))}
    said, (letters, _, late, ladder) = rehearse(office.engine, at=office.now, cycle=CYCLE, wake=without_prefect)
    assert any("không ai làm thêm" in sentence for sentence in said)
    office.go("2025-07-31 07:30")  # and so it comes: the last rung of the last deadline
    real = [row for (row,) in office.rows(select(Letter).order_by(Letter.send_from, Letter.id))]
    told = column(letters, "Gửi lúc", "Thư", "Người nhận")
    foretold = sorted((when, notice, reader) for when, notice, reader in told if when > at("2025-06-02 10:00"))
    came = sorted((row.send_from, Notice(row.notice).label, row.recipient_name) for row in real if row.id not in before)
    assert foretold == came
    assert len(told) - len(foretold) == len(before)  # what waited would leave at once
    struck = select(Breach.struck_at, Dossier.code).join(Dossier, Dossier.id == Breach.dossier_id)
    assert sorted(column(late, "Quá hạn từ", "Mã hồ sơ")) == sorted(tuple(row) for row in office.rows(struck))
    assert len(ladder.rows) == 3 * 3 * 5


def test_the_original_is_only_read(engine: Engine) -> None:
    office = an_office_in_june(engine)
    before = record(engine)
    rehearse(office.engine, at=office.now, cycle=CYCLE, until=day("2025-06-16"), wake=without_prefect)
    rehearse(office.engine, at=office.now, plan=PLAN, until=day("2025-06-16"), wake=without_prefect)
    assert record(engine) == before


def test_the_file_of_the_original_is_the_same_byte_by_byte(sqlite_engine: Engine) -> None:
    office = an_office_in_june(sqlite_engine)
    file = Path(str(sqlite_engine.url.database))
    files = [file, Path(f"{file}-wal")]
    before = [one.read_bytes() for one in files]
    rehearse(office.engine, at=office.now, cycle=CYCLE, until=day("2025-06-16"), wake=without_prefect)
    assert [one.read_bytes() for one in files] == before


def test_a_plan_that_nobody_opened_is_rehearsed_with_an_invented_dossier_at_each_commune(sqlite_engine: Engine) -> None:
    office = Office(sqlite_engine).found()
    plan = PLAN.replace("date = 2025-06-15", "date = 2025-06-17")
    said, (letters, dates, late, _) = rehearse(office.engine, at=office.now, plan=plan, wake=without_prefect)
    assert any("mỗi xã có một hồ sơ" in sentence for sentence in said)
    assert column(dates, "Ngày cuối cùng")[0] == (day("2025-06-16"),)
    assert len(late.rows) == 3 * 4
    kinds = {notice for (notice,) in column(letters, "Thư")}
    assert {"Mở chu trình", "Nhắc hạn", "Quá hạn, báo cáo vượt cấp", "Tình hình trong ngày"} <= kinds
    assert office.rows(select(Deadline.id)) == []


def test_an_amendment_that_waits_takes_force_in_the_rehearsal(sqlite_engine: Engine) -> None:
    assert "amend-plan" in ACTS
    office = an_office_in_june(sqlite_engine)
    office.act(
        "amend-plan", "36/officer", cycle=CYCLE, plan=PLAN.replace("date = 2025-06-15", "date = 2025-06-19"),
        document="99/KH-UBND", effective_at=at("2025-06-12"),
    )  # fmt: skip
    _, (_, _, late, _) = rehearse(
        office.engine, at=office.now, cycle=CYCLE, until=day("2025-06-19"), wake=without_prefect
    )
    assert {when for (when,) in column(late, "Quá hạn từ")} == {at("2025-06-19 00:00")}


def test_a_rehearsal_opens_in_excel(sqlite_engine: Engine, tmp_path: Path) -> None:
    office = an_office_in_june(sqlite_engine)
    _, found = rehearse(office.engine, at=office.now, cycle=CYCLE, until=day("2025-06-10"), wake=without_prefect)
    file = tmp_path / "dien-tap.xlsx"
    file.write_bytes(to_excel(found))
    book = load_workbook(file)
    assert book.sheetnames == ["Thư", "Thời hạn", "Quá hạn", "Báo cáo vượt cấp"]
    assert book["Thư"].max_row == 1 + len(found[0].rows)


def test_which_cycle_is_asked_where_it_is_not_the_only_one(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine)
    assert which(office.engine, "") == CYCLE
    office.act("open-cycle", "36/officer", code="KHAC", plan=PLAN)
    with pytest.raises(InvalidInput, match="ND2025, KHAC"):
        which(office.engine, "")


def test_a_rehearsal_tells_what_it_had_to_set_aside(sqlite_engine: Engine) -> None:
    office = an_office_in_june(sqlite_engine)
    with transaction(office.engine) as session:
        session.execute(update(Deadline).where(Deadline.stage == "district_evaluation").values(stage="không_có"))
    said, (_, _, late, _) = rehearse(
        office.engine, at=office.now, cycle=CYCLE, until=day("2025-06-23"), wake=without_prefect
    )
    (aside,) = [sentence for sentence in said if "gác lại" in sentence]
    assert "không_có" in aside
    assert {code for (code,) in column(late, "Thời hạn của bước")} == {"Chờ gửi tỉnh"}


def test_a_plan_of_rounds_is_rehearsed_round_by_round_over_the_new_year(sqlite_engine: Engine) -> None:
    office = Office(sqlite_engine).found()
    plan = (FORMS / "several_rounds.toml").read_text(encoding="utf-8")
    with pytest.raises(InvalidInput, match="chưa nói đợt nào"):
        rehearse(office.engine, at=office.now, plan=plan, wake=without_prefect)
    _, (letters, dates, late, _) = rehearse(
        office.engine, at=office.now, plan=plan, round_key="dot_2", wake=without_prefect
    )
    assert column(dates, "Ngày cuối cùng") == [(day("2025-11-28"),), (day("2026-02-27"),)]
    assert {when for (when,) in column(late, "Quá hạn từ")} == {at("2025-11-29 00:00"), at("2026-02-28 00:00")}
    climbed = [when for when, notice in column(letters, "Gửi lúc", "Thư") if notice == "Quá hạn, báo cáo vượt cấp"]
    assert min(climbed) == at("2025-12-01 07:30")  # 29/11 is a Saturday
    assert max(climbed) == at("2026-03-12 07:30")


def test_a_plan_is_rehearsed_with_the_document_that_refines_it(sqlite_engine: Engine) -> None:
    office = Office(sqlite_engine).found()
    plan, refinement = ((FORMS / f"{name}.toml").read_text(encoding="utf-8") for name in ("base", "refinement"))
    _, (_, dates, late, _) = rehearse(
        office.engine, at=office.now, plan=plan, refinement=refinement, wake=without_prefect
    )
    assert column(dates, "Ngày cuối cùng") == [(day("2025-06-14"),), (day("2025-06-19"),), (day("2025-07-15"),)]
    assert {when for (when,) in column(late, "Quá hạn từ")} == {
        at("2025-06-15 00:00"), at("2025-06-20 00:00"), at("2025-07-16 00:00"),
    }  # fmt: skip


def test_a_rehearsal_ends_when_its_time_is_over_and_when_it_is_asked_to() -> None:
    tidied = []
    for number, ended in ((signal.SIGALRM, TimeOver), (signal.SIGTERM, SystemExit)):
        with pytest.raises(ended), within(1):
            try:
                os.kill(os.getpid(), number)
                signal.pause()
            finally:
                tidied.append(number)
    assert tidied == [signal.SIGALRM, signal.SIGTERM]
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    with within(None):
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


def test_what_a_rehearsal_tells_is_there_whole_with_the_columns_of_a_glance(tmp_path: Path) -> None:
    telling = Telling(tmp_path)
    telling.step(at("2025-06-15 00:00"))
    telling.step(at("2025-06-16 07:30"))
    assert json.loads((tmp_path / "progress.json").read_text())["instants"] == 2
    telling.report(["Một câu."], [Sheet("Thư", ("A", "B", "C"), [("a", day("2025-06-15"), None)])], {"Thư": ("C", "B")})
    told = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert told == {
        "sentences": ["Một câu."], "sheets": [{"title": "Thư", "columns": ["C", "B"], "rows": [["", "15/06/2025"]]}],
    }  # fmt: skip
    assert [cell.value for cell in load_workbook(tmp_path / "report.xlsx").worksheets[0][1]] == ["A", "B", "C"]
    assert not list(tmp_path.glob(".*"))
    Telling(None).refuse("nobody reads it")
