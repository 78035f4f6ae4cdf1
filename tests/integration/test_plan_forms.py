"""Each form of a real plan opens a cycle, and the day that it comes to is shown beside the words as given."""

import shutil
from datetime import date, datetime, time
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from casework.days import calendar
from casework.lists.listing import Wanted
from casework.lists.progress import COUNTS
from casework.registration import Goods, Maker
from casework.rules import cycle_by_code, facts_base, plan_of
from models.cycles import Cycle, Deadline
from models.session import make_engine, transaction
from models.settings import DatabaseSettings
from ocop.errors import InvalidInput, NotPossibleNow, TooLate
from ocop.levels import DossierKind
from ocop.plan import CyclePlan
from ocop.plan_file import read_plan
from ocop.text import day as shown
from ocop.working_days import VIETNAM
from tests.factories import Office, day

FORMS = Path(__file__).parents[1] / "data" / "plans"


def on(when: date) -> datetime:
    """Return nine in the morning of a day."""
    return datetime.combine(when, time(9), VIETNAM)


def form(name: str) -> str:
    """Return the text of a plan."""
    return (FORMS / f"{name}.toml").read_text(encoding="utf-8")


# fmt: off
SHOWN = (
    # plan, round, stage, the words, the last day, what stands beside them
    ("several_rounds", "dot_1", "provincial_submission", "chậm nhất ngày 09/5/2025", "2025-05-09", "kể cả ngày được nêu"),
    ("several_rounds", "dot_2", "provincial_evaluation", "chậm nhất ngày 27/02/2026", "2026-02-27", "kể cả ngày được nêu"),
    ("before_or_until", "", "district_evaluation", "trước ngày 15/6/2025 (kể cả ngày 15/6)", "2025-06-16", "dời sang ngày làm việc 16/6/2025"),
    ("before_or_until", "", "provincial_evaluation", "trước ngày 20/7/2025", "2025-07-19", "không kể ngày được nêu"),
    ("window", "", "district_evaluation", "từ ngày 01/6 đến trước ngày 15/6/2025", "2025-06-14", "chỉ được họp, ký từ ngày 1/6/2025"),
    ("window", "", "provincial_submission", "trước ngày 20/6/2025", "2025-06-19", "không kể ngày được nêu"),
    ("coarse_dates", "", "district_evaluation", "hoàn thành trong tháng 7", "2025-07-31", "kế hoạch nêu 'trong tháng 7', hiểu là ngày 31/7/2025"),
    ("coarse_dates", "", "provincial_submission", "gửi hồ sơ giữa tháng 11", "2025-11-14", "('giữa tháng' là ngày 14)"),
    ("coarse_dates", "", "central_evaluation", "hoàn thành trong quý I năm 2026", "2026-03-31", "('trong quý' là ngày cuối của quý)"),
    ("compulsory_threshold", "", "district_evaluation", "trước ngày 15/6/2025", "2025-06-14", "không dời"),
    ("no_district", "", "provincial_evaluation", "trước ngày 30/11/2025", "2025-11-29", "thứ Bảy"),
    ("no_commune", "", "district_evaluation", "trước ngày 15/6/2025", "2025-06-14", "thứ Bảy"),
    ("no_centre", "", "provincial_evaluation", "trước ngày 20/7/2025", "2025-07-19", "thứ Bảy"),
    ("other_year", "", "provincial_evaluation", "chậm nhất ngày 12/6/2026", "2026-06-12", "thứ Sáu"),
    ("rule_set_changes", "", "provincial_evaluation", "trước ngày 20/7/2025", "2025-07-19", "Chủ nhật"),
    ("batches_and_passes", "", "provincial_evaluation", "trước ngày 20/7/2025", "2025-07-19", "Chủ nhật"),
    ("counts", "", "district_evaluation", "trước ngày 15/6/2025", "2025-06-14", "Chủ nhật"),
    ("base", "", "provincial_evaluation", "tổ chức đánh giá giữa tháng 7", "2025-07-15", "kế hoạch nêu 'giữa tháng 7'"),
)
# fmt: on
REFINED = {"base": "refinement"}


Opened = dict[tuple[str, str], tuple[Cycle, CyclePlan, dict[str, tuple[str, str]]]]
"""By plan and round: the cycle, the plan that it keeps, and (words, rule) of each stage's deadline."""


@pytest.fixture(scope="module")
def opened(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Opened:
    """A cycle under every plan, each on its day and in a record of its own."""
    home = tmp_path_factory.mktemp("forms")
    shutil.copy(migrated_sqlite, home / "ocop.db")
    engine = make_engine(DatabaseSettings(home=home, db_url=""))
    Office(engine).found()
    engine.dispose()
    made: Opened = {}
    for number, (name, key) in enumerate(dict.fromkeys([(name, key) for name, key, *_ in SHOWN] + [("rolling", "")])):
        place = home / str(number)
        place.mkdir()
        shutil.copy(home / "ocop.db", place / "ocop.db")
        engine = make_engine(DatabaseSettings(home=place, db_url=""))
        office = Office(engine, on(read_plan(form(name), round_key=key).document.opens_on))
        refinement = form(REFINED[name]) if name in REFINED else None
        office.act("open-cycle", "36/officer", code=name, plan=form(name), refinement=refinement, round_key=key)
        with transaction(engine) as session:
            cycle = cycle_by_code(session, name)
            rows = session.execute(select(Deadline.stage, Deadline.wording, Deadline.rule)).all()
            made[name, key] = cycle, plan_of(cycle), {stage: (wording, rule) for stage, wording, rule in rows}
            session.expunge(cycle)
        engine.dispose()
    return made


@pytest.mark.parametrize(("name", "key", "stage", "wording", "last_day", "beside"), SHOWN)
def test_each_form_opens_a_cycle_and_shows_the_day_beside_the_words(
    opened: Opened, name: str, key: str, stage: str, wording: str, last_day: str, beside: str
) -> None:
    _, _, shown_beside = opened[name, key]
    said, rule = shown_beside[stage]
    assert said == wording
    assert shown(day(last_day)) in rule
    assert beside in rule


def test_a_cycle_keeps_the_round_that_it_is_and_names_the_next(opened: Opened) -> None:
    (first, first_plan, _), (_, second_plan, _) = (opened["several_rounds", key] for key in ("dot_1", "dot_2"))
    kept = [plan.round for plan in (first_plan, second_plan)]
    assert [(one.key, one.next_round) for one in kept if one] == [("dot_1", "dot_2"), ("dot_2", None)]
    assert first.title.endswith(": Đợt 1")
    assert second_plan.closing is not None
    assert (second_plan.closing.day, second_plan.closing.hour) == (day("2026-03-27"), time(14, 30))


def test_a_rolling_track_opens_without_a_date_beside_the_rounds(opened: Opened) -> None:
    assert opened["rolling", ""][2] == {}


def test_a_cycle_remembers_which_document_refined_its_plan_and_which_procedure_is_to_follow(opened: Opened) -> None:
    assert "812/SNN-PTNT" in str(opened["base", ""][1].document.refined_by)
    (change,) = opened["rule_set_changes", ""][1].changes
    assert (change.day, change.procedure) == (day("2025-07-06"), "qd1489")


def test_under_a_plan_without_a_centre_no_product_is_worth_the_centre(opened: Opened) -> None:
    assert facts_base(opened["no_centre", ""][1]).to_centre_from > 100
    assert facts_base(opened["no_district", ""][1]).to_centre_from == 90


def test_nothing_is_judged_before_the_window_opens(sqlite_engine: Engine) -> None:
    office = Office(sqlite_engine).found()
    office.now = on(day("2025-05-12"))
    office.open_cycle(form("window"))
    code = office.at_district()
    office.go("2025-06-03")
    with pytest.raises(NotPossibleNow, match="ngày 31/5/2025 sớm hơn ngày 1/6/2025"):
        office.evaluate(code, "55", held_on=day("2025-05-31"))
    assert office.evaluate(code, "55", held_on=day("2025-06-01"))["counts"] is True


def test_planned_registered_judged_and_recognised_are_counted_side_by_side(sqlite_engine: Engine) -> None:
    office = Office(sqlite_engine, on(day("2025-05-12"))).found().open_cycle(form("counts"))
    for mean in ("55", "45"):
        office.judged(mean)
    office.register("14201")
    with transaction(office.engine) as session:
        cycle = cycle_by_code(session, "ND2025")
        asked = Wanted(office.now, calendar(session), cycle=cycle)
        rows = {row.name: row for row in COUNTS.query(session, asked)}
    assert [
        (rows[name].planned, rows[name].registered, rows[name].judged, rows[name].recognised)
        for name in ("Huyện Giao Thủy", "Huyện Hải Hậu")
    ] == [(9, 2, 2, 0), (6, 1, 0, 0)]


def test_without_a_centre_a_product_of_95_points_ends_with_the_provinces_four_stars(sqlite_engine: Engine) -> None:
    office = Office(sqlite_engine, on(day("2025-05-12"))).found().open_cycle(form("no_centre"))
    code = office.at_province("95")
    office.evaluate(code, "95", "36/officer")
    office.decide(code, "36/officer", "700/QĐ-UBND")
    office.recognise(code, "36/officer", "701/QĐ-UBND")
    assert office.stage(code) == "recognised"


def test_a_late_registration_rolls_to_the_next_round_once_that_is_open(sqlite_engine: Engine) -> None:
    office = Office(sqlite_engine, on(day("2025-03-31"))).found()
    plan = form("several_rounds")
    office.act("open-cycle", "36/officer", code="ND-1", plan=plan, round_key="dot_1")
    office.now = on(day("2025-04-26"))
    with pytest.raises(TooLate, match=r"hãy đăng ký vào đợt sau \('dot_2'\) khi chu trình của đợt đó được mở"):
        office.register(cycle="ND-1")
    office.act("open-cycle", "36/officer", code="ND-2", plan=plan, round_key="dot_2")
    answer = office.act(
        "register", "14101/officer", cycle="ND-1", producer=Maker("CT-1", "HTX", "14101"),
        product=Goods("SP-1", "Mắm mô phỏng"), kind=DossierKind.FIRST, proposed_star=3, registered_on=day("2025-04-26"),
    )  # fmt: skip
    assert answer["dossier"] == "ND-2-0001"
    assert answer["warnings"][0] == "đăng ký sau hạn của chu trình ND-1: đã ghi vào đợt sau, chu trình ND-2"
    office.now = on(day("2025-11-29"))
    with pytest.raises(TooLate, match="chu trình ND-2"):
        office.register(cycle="ND-1")


def test_at_the_stroke_a_dossier_that_has_not_passed_is_carried_to_the_next_round(sqlite_engine: Engine) -> None:
    office = Office(sqlite_engine, on(day("2025-03-31"))).found()
    plan = form("several_rounds")
    office.act("open-cycle", "36/officer", code="ND2025", plan=plan, round_key="dot_1")
    late = office.register(product=Goods("SP-1", "Mắm mô phỏng", "Thực phẩm"), producer=Maker("CT-1", "HTX", "14101"))
    office.go("2025-04-28")
    assert office.stage(late) == "carried_over"
    office.act("open-cycle", "36/officer", code="ND-2", plan=plan, round_key="dot_2")
    again = office.register(
        cycle="ND-2", carried_from=late, product=Goods("SP-1", "Mắm mô phỏng", "Thực phẩm"),
        producer=Maker("CT-1", "HTX", "14101"),
    )  # fmt: skip
    assert again == "ND-2-0001"


def test_a_cycle_over_a_year_whose_holidays_nobody_entered_does_not_open(sqlite_engine: Engine) -> None:
    office = Office(sqlite_engine).found()
    office.now = on(day("2025-09-01"))
    late = form("other_year").replace("2026-06-12", "2029-06-12").replace("12/6/2026", "12/6/2029")
    with pytest.raises(InvalidInput, match=r"chưa có năm 2029.*“Nạp danh sách cả năm”"):
        office.open_cycle(late)
