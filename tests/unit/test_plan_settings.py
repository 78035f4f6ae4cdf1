"""Every setting of a plan is shown with its name, its value in words and whom it quotes; each default of ours is one."""

from datetime import date, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from cli.papers import plan as papers
from ocop.evidence import EvidenceKind
from ocop.levels import Level
from ocop.phrase import Phrase
from ocop.plan import SECTIONS, CyclePlan
from ocop.plan_file import read_plan
from ocop.plan_sections import SOFTWARE, OutsideWindow, StageDeadline
from ocop.plan_settings import Setting, settings, told
from ocop.procedure import MetBy
from tests.unit.plan_texts import SHIPPED, SMALLEST, TOML

PLANS = Path(__file__).parents[1] / "data" / "plans"


@pytest.fixture(scope="module")
def shown(plan: CyclePlan) -> dict[str, Setting]:
    """Its settings as a page shows them, by key."""
    return {setting.key: setting for setting in settings(plan)}


def test_every_value_that_the_plan_has_is_shown_once(plan: CyclePlan, shown: dict[str, Setting]) -> None:
    stated = {
        f"{name}.{field.alias or key}"
        for name, section in SECTIONS.items()
        if name not in {"returned_to_province", "re_recognition"}  # QĐ 148 knows neither
        for key, field in section.model_fields.items()
        if (name, key) not in {("evidence", "expired"), ("plan", "refined_by")}
    }
    stated |= {f"evidence.expired.{kind}" for kind in EvidenceKind}
    stated |= {
        f"deadlines.{row.stage}.{field.alias or key}"
        for row in plan.deadlines
        for key, field in StageDeadline.model_fields.items()
        if key not in {"stage", "section"} and getattr(row, key) is not None
    }
    assert set(shown) == stated
    assert len(settings(plan)) == len(shown)


def test_what_a_plan_holds_several_of_is_shown_row_by_row_with_the_section_of_each() -> None:
    by_key = {
        setting.key: setting
        for name in ("batches_and_passes", "counts", "rule_set_changes")
        for setting in settings(read_plan(PLANS / f"{name}.toml"))
    }
    batch, planned, change = (by_key[key] for key in ("batches[2].date", "planned[1].products", "changes[1].procedure"))
    assert (batch.group, batch.value_text, batch.source) == (
        "Họp theo cụm 2", "30/5/2025", "Kế hoạch, mục tiến độ, cụm 2"
    )  # fmt: skip
    assert (planned.value_text, planned.source) == ("9", "Kế hoạch, phụ lục")
    assert change.value_text == "qd1489"
    assert by_key["passes[1].wording"].value_text == "lượt 1 chậm nhất ngày 04/7/2025"


@pytest.mark.parametrize("setting", settings(read_plan(TOML)), ids=lambda setting: setting.key)
def test_a_setting_has_a_group_a_name_a_value_in_words_and_a_source(setting: Setting) -> None:
    assert setting.group
    assert setting.label[0].isupper()
    assert setting.label != setting.key.rpartition(".")[2], "a name in Vietnamese and not the key"
    assert setting.value_text
    assert setting.source.strip()
    assert "None" not in setting.value_text
    assert "_" not in setting.value_text or setting.key == "plan.key"


# fmt: off
DEFAULTS = [
    # key                                        value in words                                    in domain.md, section 6
    ("deadlines.district_evaluation.met_by",     "ngày họp của hội đồng"),                       # the council's session
    ("deadlines.provincial_evaluation.met_by",   "ngày họp của hội đồng"),
    ("deadlines.provincial_submission.met_by",   "ngày của công văn gửi"),                       # the sending letter
    ("deadlines.district_evaluation.after_deadline",
     "từ chối; chỉ cơ quan ban hành kế hoạch được gia hạn hoặc chấp nhận hồ sơ muộn"),
    ("deadlines.district_evaluation.boundary",   "không kể ngày được nêu"),
    ("deadlines.district_evaluation.roll",       "không dời khi rơi vào ngày nghỉ"),
    ("returned_to_district.working_days",        "15 ngày làm việc"),                            # 15 working days
    ("returned_to_district.basis",               "kết quả của hội đồng cấp tỉnh"),               # province_result
    ("registration.after_deadline",              "từ chối, nêu tên hồ sơ"),
    ("registration.files_with",                  "xã"),
    ("supplement.working_days",                  "10 ngày làm việc"),
    ("supplement.at_most",                       "3 lần"),
    ("complaint.answer_working_days",            "15 ngày làm việc"),
    ("certificate.months",                       "36 tháng"),
    ("certificate.end",                          "hết ngày tương ứng (kể cả ngày đó)"),
    ("council.quorum_numerator",                 "3"),
    ("council.quorum_denominator",               "4"),
    ("council.chair_must_attend",                "có"),
    ("council.spread",                           "10 điểm"),
    ("council.dossier_notice_working_days",      "1 ngày làm việc"),
    ("forwarding.to_province_from",              "70 điểm"),
    ("forwarding.to_centre_from",                "90 điểm"),
    ("forwarding.compulsory",                    "không"),
    ("reminders.working_days_before",            "14, 7, 3, 1 ngày làm việc"),
    ("escalation.working_days_after",            "0, 2, 4, 6, 8 ngày làm việc"),
    ("notices.hour",                             "7 giờ 30"),
    ("expiry.days_before",                       "180, 120, 30, 0 ngày"),
    ("expiry.monthly_list_day",                  "1"),
    ("evidence.expired.test_report",             "giữ hồ sơ đến khi bổ sung hoặc được miễn có lý do"),
    ("targets.new_three_stars",                  "40 sản phẩm"),
    ("targets.five_stars_evaluated",             "1 sản phẩm"),
    ("plan.procedure",                           "Quy trình theo Quyết định 148/QĐ-TTg năm 2023"),
    ("plan.simulated",                           "không"),
    ("deadlines.district_evaluation.date",       "15/6/2025"),
    ("deadlines.provincial_submission.date",     "20/6/2025"),
    ("deadlines.provincial_evaluation.date",     "20/7/2025"),
]
# fmt: on


@pytest.mark.parametrize(("key", "value"), DEFAULTS)
def test_a_rule_that_the_law_leaves_open_is_a_setting_that_is_shown(
    shown: dict[str, Setting], key: str, value: str
) -> None:
    assert shown[key].value_text == value


def test_a_plan_that_says_only_what_it_must_shows_the_same_rules_as_defaults_of_the_software(
    shown: dict[str, Setting],
) -> None:
    head, _, _ = TOML.partition("[targets]")
    least = "\n".join(
        line for line in head.splitlines() if line.partition(" ")[0] not in {"boundary", "roll", "after_deadline"}
    )
    least += '\n[sources]\nplan = "Kế hoạch 61/KH-UBND"\n"deadlines.met_by" = "Kế hoạch 61/KH-UBND"\n'
    bare = {setting.key: setting for setting in settings(read_plan(least))}
    assert set(bare) == set(shown)
    for key, setting in bare.items():
        if not key.startswith(("plan.", "targets.")):
            assert setting.value_text == shown[key].value_text, key
    assert bare["returned_to_district.basis"].source == SOFTWARE
    assert bare["deadlines.district_evaluation.roll"].source == SOFTWARE
    assert bare["deadlines.district_evaluation.date"].source.startswith("Kế hoạch 61/KH-UBND")
    assert "148/QĐ-TTg" in bare["certificate.months"].source


def test_a_deadline_quotes_its_section_of_the_plan_and_its_rules_quote_the_software(shown: dict[str, Setting]) -> None:
    for stage in ("district_evaluation", "provincial_submission", "provincial_evaluation"):
        assert shown[f"deadlines.{stage}.date"].source.startswith("Kế hoạch 61/KH-UBND, nội dung")
        assert shown[f"deadlines.{stage}.wording"].source == shown[f"deadlines.{stage}.date"].source
        assert shown[f"deadlines.{stage}.boundary"].source.startswith(SOFTWARE)


@pytest.mark.parametrize(
    ("name", "shown", "left_out"),
    [
        ("ninh_binh_2027_renewal", {"re_recognition", "returned_to_province"}, {"returned_to_district"}),
        ("first_plan", {"returned_to_province"}, {"returned_to_district", "re_recognition"}),
    ],
)
def test_a_page_leaves_out_what_the_plans_procedure_never_asks(name: str, shown: set[str], left_out: set[str]) -> None:
    tables = {setting.key.partition(".")[0] for setting in settings(read_plan(SHIPPED.parent / f"{name}.toml"))}
    assert shown <= tables
    assert not left_out & tables


def test_the_settings_stand_in_the_order_of_the_file(plan: CyclePlan) -> None:
    groups = list(dict.fromkeys(setting.group for setting in settings(plan)))
    assert groups[:5] == ["Kế hoạch", "Huyện đánh giá", "Chờ gửi tỉnh", "Tỉnh đánh giá", "Chỉ tiêu"]
    assert groups[-1] == "Tài liệu minh chứng"


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [
        (True, "", "có"),
        (False, "", "không"),
        (MetBy.SESSION_HELD, "", "ngày họp của hội đồng"),
        (Level.COMMUNE, "", "xã"),
        (OutsideWindow.REFUSE, "", "từ chối, nêu tên sản phẩm và khoảng ngày được nộp"),
        (OutsideWindow.WARN, "", "vẫn nhận, cảnh báo"),
        (date(2025, 6, 5), "", "5/6/2025"),
        (time(7, 5), "", "7 giờ 05"),
        ((14, 7), "ngày", "14, 7 ngày"),
        ((), "ngày", "không ngày"),
        ((Level.COMMUNE, Level.PROVINCE), "", "xã, tỉnh"),
        (Decimal("7.50"), "điểm", "7,5 điểm"),
        (15, "ngày làm việc", "15 ngày làm việc"),
        ("nam_dinh_2025", "", "nam_dinh_2025"),
    ],
)
def test_a_value_is_shown_as_a_vietnamese_reader_expects_it(value: Any, unit: str, shown: str) -> None:
    assert told(value, unit) == shown


def test_what_expired_papers_do_is_shown_in_the_order_of_the_kinds_whichever_the_plan_states() -> None:
    keys = [setting.key for setting in settings(read_plan(SMALLEST)) if setting.key.startswith("evidence.")]
    assert keys == [f"evidence.expired.{kind}" for kind in EvidenceKind]


def test_a_row_shows_its_section_as_the_source_of_its_values_and_not_as_one_of_them() -> None:
    rows = [setting for setting in settings(read_plan(PLANS / "batches_and_passes.toml")) if "[" in setting.key]
    named = {
        row: [s.key.partition("].")[2] for s in rows if s.key.startswith(row)] for row in ("batches[1]", "passes[1]")
    }
    assert named == {
        "batches[1]": ["title", "stage", "units", "date", "wording", "boundary"],
        "passes[1]": ["title", "stage", "date", "wording", "boundary"],
    }


def test_how_a_coarse_date_was_read_is_shown_so_that_it_can_be_said_in_english() -> None:
    shown = {setting.key: setting.value_text for setting in settings(read_plan(PLANS / "coarse_dates.toml"))}
    reading, wording = (shown[f"deadlines.provincial_submission.{key}"] for key in ("reading", "wording"))
    assert (reading, wording) == ("'giữa tháng' là ngày 14", "gửi hồ sơ giữa tháng 11")
    assert isinstance(reading, Phrase)
    assert isinstance(wording, Phrase)
    assert reading.message == "'%(words)s' là %(reading)s", "English puts its own words in"
    assert wording.message == "%(value)s", "the plan's own words stay as they are"


@pytest.mark.parametrize(
    ("heading", "keys"),
    [
        ("## `[levels]` Các cấp", ["through", "three_stars", "four_stars", "five_stars"]),
        ("## `[closing]` Tổng kết", ["title", "date", "hour", "place"]),
    ],
)
def test_the_page_on_plan_files_explains_the_tables_that_a_plan_may_do_without(heading: str, keys: list[str]) -> None:
    _, found, after = papers.plan().partition(f"{heading}\n")
    assert found, heading
    rows = [line.split("`")[1] for line in after.partition("\n## ")[0].splitlines() if line.startswith("| `")]
    assert rows == keys
