"""Each sentence of the linter quotes the days, numbers and words that it is about, and says what to write instead."""

from pathlib import Path

import pytest

from casework.calendar_seed import calendar_rows
from ocop.plan_file import read_plan
from ocop.plan_findings import Finding, Severity
from ocop.plan_lint import lint
from ocop.working_days import Calendar
from tests.unit.plan_texts import RECOGNITION, TOML

FORMS = Path(__file__).parents[1] / "data" / "plans"
CALENDAR = Calendar(calendar_rows(2024, 2028))


def sentence(found: Finding) -> str:
    """Return a finding as it is told, without the section that it stands in."""
    return str(found).replace(f" ({found.section})", "", 1)


TOLD = [
    # what is told, by which check, of the plan of 2025 with which words changed
    (
        "a day off",
        "day_off",
        [],
        [
            "cảnh báo, deadlines.district_evaluation.date: hạn của bước 'Huyện đánh giá' hết vào ngày 14/6/2025 là thứ Bảy; kế hoạch không dời, nên ngày làm việc cuối cùng còn kịp là 13/6/2025. Đề xuất: nêu ngày làm việc trong kế hoạch, hoặc cho dời sang ngày làm việc kế tiếp để được đến hết ngày 16/6/2025 (trong tệp: roll = \"next_working_day\").",
        ],
    ),
    (
        "a day off that is moved",
        "day_off",
        [('roll = "none"', 'roll = "next_working_day"')],
        [
            "lưu ý, deadlines.district_evaluation.date: hạn của bước 'Huyện đánh giá' hết vào ngày 14/6/2025 là thứ Bảy; theo quy tắc của kế hoạch dời thành ngày 16/6/2025. Đề xuất: ghi thẳng ngày làm việc đó vào kế hoạch.",
        ],
    ),
    (
        "before",
        "before",
        [],
        [
            "lưu ý, deadlines.district_evaluation.boundary: kế hoạch ghi 'hoàn thành trước ngày 15/6/2025'; luật không định nghĩa 'trước ngày', quy tắc đang dùng không kể ngày được nêu, nên hạn cuối là 24 giờ ngày 14/6/2025. Đề xuất: ghi rõ trong kế hoạch có kể ngày đó hay không; hiểu ngược lại thì ghi quy tắc kể cả ngày được nêu (trong tệp: boundary = \"inclusive\").",
        ],
    ),
    (
        "until, not counted",
        "before",
        [("trước ngày 15/6", "đến hết ngày 15/6")],
        [
            "cảnh báo, deadlines.district_evaluation.boundary: kế hoạch ghi 'hoàn thành đến hết ngày 15/6/2025' nhưng quy tắc đang dùng không kể ngày 15/6/2025. Đề xuất: ghi quy tắc kể cả ngày được nêu (trong tệp: boundary = \"inclusive\").",
        ],
    ),
    (
        "before, counted",
        "before",
        [('boundary = "exclusive"', 'boundary = "inclusive"')],
        [
            "lưu ý, deadlines.district_evaluation.boundary: kế hoạch ghi 'hoàn thành trước ngày 15/6/2025'; luật không định nghĩa 'trước ngày', quy tắc đang dùng kể cả ngày được nêu, nên hạn cuối là 24 giờ ngày 15/6/2025. Đề xuất: ghi rõ trong kế hoạch có kể ngày đó hay không; hiểu ngược lại thì ghi quy tắc không kể ngày được nêu (trong tệp: boundary = \"exclusive\").",
        ],
    ),
    (
        "no time for a supplement",
        "too_short",
        [("opens_on = 2025-04-08", "opens_on = 2025-06-03")],
        [
            "cảnh báo, deadlines.district_evaluation.date: từ ngày mở chu trình (3/6/2025) đến hạn của bước 'Huyện đánh giá' (14/6/2025) có 8 ngày làm việc, cần 10 (một lần bổ sung hồ sơ 10 ngày). Đề xuất: lùi hạn để kể cả ngày 17/6/2025.",
        ],
    ),
    (
        "no time for a letter",
        "too_short",
        [("date = 2025-06-20", "date = 2025-06-16")],
        [
            "cảnh báo, deadlines.provincial_submission.date: từ hạn của bước 'Huyện đánh giá' (14/6/2025) đến hạn của bước 'Chờ gửi tỉnh' (15/6/2025) có 0 ngày làm việc, cần 1 (ký kết quả và công văn 1 ngày). Đề xuất: lùi hạn để kể cả ngày 16/6/2025.",
        ],
    ),
    (
        "past the year",
        "past_the_year",
        [("date = 2025-07-20", "date = 2025-12-20")],
        [
            "cảnh báo, returned_to_district.working_days: hồ sơ đến bước 'Tỉnh trả về huyện' vào ngày cuối (19/12/2025) còn 15 ngày làm việc, đến 12/1/2026, quá ngày 31/12/2025. Đề xuất: đặt hạn của bước trước đó sớm hơn.",
        ],
    ),
    (
        "council",
        "council_notice",
        [("dossier_notice_working_days = 1", "dossier_notice_working_days = 21")],
        [
            "cảnh báo, council.dossier_notice_working_days: hồ sơ phải đến thành viên trước phiên họp 21 ngày làm việc, nhưng bước 'Tỉnh đánh giá' chỉ có 21 ngày làm việc (19/6/2025 đến 19/7/2025). Đề xuất: lùi hạn của bước 'Tỉnh đánh giá' thêm ít nhất 1 ngày làm việc, hoặc bớt thời gian gửi hồ sơ.",
        ],
    ),
    (
        "reminder",
        "reminder",
        [],
        [
            "lưu ý, reminders.working_days_before: thư nhắc hạn của bước 'Chờ gửi tỉnh' trước 14 ngày (30/5/2025), 7 ngày (10/6/2025) rơi vào lúc hạn của bước 'Huyện đánh giá' (14/6/2025) chưa qua. Đề xuất: bỏ 14, 7 khỏi danh sách nếu không muốn nhắc sớm như vậy.",
        ],
    ),
    (
        "reminder before the opening",
        "reminder",
        [("[14, 7, 3, 1]", "[60, 55, 1]")],
        [
            "cảnh báo, reminders.working_days_before: thư nhắc hạn của bước 'Huyện đánh giá' trước 60 ngày (19/3/2025), 55 ngày (26/3/2025) rơi vào lúc bước 'Huyện đánh giá' chưa mở (8/4/2025). Đề xuất: bỏ 60, 55 khỏi danh sách nếu không muốn nhắc sớm như vậy.",
            "cảnh báo, reminders.working_days_before: thư nhắc hạn của bước 'Chờ gửi tỉnh' trước 60 ngày (24/3/2025), 55 ngày (31/3/2025) rơi vào lúc bước 'Chờ gửi tỉnh' chưa mở (8/4/2025). Đề xuất: bỏ 60, 55 khỏi danh sách nếu không muốn nhắc sớm như vậy.",
            "lưu ý, reminders.working_days_before: thư nhắc hạn của bước 'Tỉnh đánh giá' trước 60 ngày (24/4/2025), 55 ngày (5/5/2025) rơi vào lúc hạn của bước 'Chờ gửi tỉnh' (19/6/2025) chưa qua. Đề xuất: bỏ 60, 55 khỏi danh sách nếu không muốn nhắc sớm như vậy.",
        ],
    ),
    (
        "law",
        "law",
        [],
        [
            "cảnh báo, deadlines.provincial_evaluation.date: hạn của bước 'Tỉnh đánh giá' (19/7/2025) nằm sau ngày 5/7/2025, ngày cuối cùng Quyết định 148/QĐ-TTg còn được áp dụng nguyên văn. Đề xuất: chuẩn bị chuyển chu trình sang quy trình theo Quyết định 148/QĐ-TTg, sửa đổi bởi Quyết định 1489/QĐ-TTg, từ ngày 6/7/2025 (trong tệp: [[changes]] với procedure = \"qd1489\").",
        ],
    ),
    (
        "law not yet",
        "law",
        [("opens_on = 2025-04-08", "opens_on = 2023-02-23"), ("year = 2025", "year = 2023")],
        [
            "cảnh báo, plan.procedure: chu trình mở ngày 23/2/2023 nhưng Quyết định 148/QĐ-TTg không có hiệu lực vào ngày đó. Đề xuất: ghi quy trình có hiệu lực ngày 23/2/2023.",
        ],
    ),
    (
        "threshold above",
        "band",
        [("to_province_from = 70", "to_province_from = 72.5")],
        [
            "cảnh báo, forwarding.to_province_from: sản phẩm từ 70 đến dưới 72,5 điểm đủ điểm 4 sao nhưng không được chuyển lên, nên không ai công nhận 4 sao. Đề xuất: chuyển lên tỉnh từ 70 điểm nếu kế hoạch không chủ ý quy định khác (trong tệp: to_province_from = 70).",
        ],
    ),
    (
        "threshold below",
        "band",
        [("to_province_from = 70", "to_province_from = 65")],
        [
            "lưu ý, forwarding.to_province_from: sản phẩm từ 65 đến dưới 70 điểm được chuyển lên dù chưa đủ điểm 4 sao. Đề xuất: chuyển lên tỉnh từ 70 điểm nếu kế hoạch không chủ ý quy định khác (trong tệp: to_province_from = 70).",
        ],
    ),
    (
        "centre above",
        "band",
        [("to_centre_from = 90", "to_centre_from = 95")],
        [
            "cảnh báo, forwarding.to_centre_from: sản phẩm từ 90 đến dưới 95 điểm đủ điểm 5 sao nhưng không được chuyển lên, nên không ai công nhận 5 sao. Đề xuất: chuyển lên trung ương từ 90 điểm nếu kế hoạch không chủ ý quy định khác (trong tệp: to_centre_from = 90).",
        ],
    ),
    (
        "centre below",
        "band",
        [("to_centre_from = 90", "to_centre_from = 85")],
        [
            "lưu ý, forwarding.to_centre_from: sản phẩm từ 85 đến dưới 90 điểm được chuyển lên dù chưa đủ điểm 5 sao. Đề xuất: chuyển lên trung ương từ 90 điểm nếu kế hoạch không chủ ý quy định khác (trong tệp: to_centre_from = 90).",
        ],
    ),
    (
        "uncovered",
        "uncovered",
        [],
        [
            "lưu ý, deadlines.district_recognition: không thời hạn nào của kế hoạch bao trùm bước 'Chờ huyện công nhận' (huyện): hồ sơ đứng ở đó không bao giờ quá hạn và không ai được nhắc. Đề xuất: thêm thời hạn của bước 'Chờ huyện công nhận' nếu kế hoạch hoặc văn bản khác có hạn (trong tệp: [[deadlines]] với stage = \"district_recognition\").",
            "lưu ý, deadlines.provincial_recognition: không thời hạn nào của kế hoạch bao trùm bước 'Chờ tỉnh công nhận' (tỉnh): hồ sơ đứng ở đó không bao giờ quá hạn và không ai được nhắc. Đề xuất: thêm thời hạn của bước 'Chờ tỉnh công nhận' nếu kế hoạch hoặc văn bản khác có hạn (trong tệp: [[deadlines]] với stage = \"provincial_recognition\").",
            "lưu ý, deadlines.central_proposal: không thời hạn nào của kế hoạch bao trùm bước 'Chờ đề nghị trung ương' (tỉnh), 'Trung ương đánh giá' (trung ương): hồ sơ đứng ở đó không bao giờ quá hạn và không ai được nhắc. Đề xuất: thêm thời hạn của bước 'Trung ương đánh giá' nếu kế hoạch hoặc văn bản khác có hạn (trong tệp: [[deadlines]] với stage = \"central_evaluation\").",
        ],
    ),
    (
        "no way out",
        "no_way_out",
        [("[targets]", RECOGNITION)],
        [
            'cảnh báo, deadlines.provincial_recognition.after_deadline: quy trình không cho chuyển đợt hồ sơ đang ở bước \'Chờ tỉnh công nhận\', nên hồ sơ quá hạn ở đó không có lối ra. Đề xuất: từ chối hồ sơ quá hạn, hoặc vẫn nhận và ghi là muộn (trong tệp: after_deadline = "refuse" hoặc "accept_late").',
            'lưu ý, deadlines.provincial_recognition.after_deadline: hồ sơ muộn được chuyển sang đợt sau, nhưng kế hoạch không có đợt sau. Đề xuất: nêu đợt kế tiếp, hoặc hồ sơ chờ kế hoạch năm sau (trong tệp: next_round = "...").',
        ],
    ),
]


@pytest.mark.parametrize(("check", "changes", "sentences"), [row[1:] for row in TOLD], ids=[row[0] for row in TOLD])
def test_a_finding_is_told_in_full(check: str, changes: list[tuple[str, str]], sentences: list[str]) -> None:
    toml = TOML
    for old, new in changes:
        assert old in toml, old
        toml = toml.replace(old, new, 1)
    found = [finding for finding in lint(read_plan(toml), CALENDAR) if finding.check == check]
    assert [sentence(finding) for finding in found][: len(sentences)] == sentences
    assert all(finding.section for finding in found)


def found(check: str, *changes: tuple[str, str], toml: str = TOML) -> list[Finding]:
    """Return what one check finds in a plan with some words changed."""
    for old, new in changes:
        assert old in toml, old
        toml = toml.replace(old, new, 1)
    return [finding for finding in lint(read_plan(toml), CALENDAR) if finding.check == check]


@pytest.mark.parametrize("phrase", ["đến hết", "hết ngày", "chậm nhất", "muộn nhất", "không quá", "Không quá"])
def test_words_that_count_the_day_itself_contradict_a_rule_that_does_not(phrase: str) -> None:
    (first, *_) = found("before", ("trước ngày 15/6", f"{phrase} 15/6"))
    assert (first.severity, first.written) == (Severity.WARNING, 'boundary = "inclusive"')


def test_the_reading_of_a_coarse_date_is_told_as_a_note() -> None:
    (first, *_) = found("coarse", toml=(FORMS / "coarse_dates.toml").read_text(encoding="utf-8"))
    assert sentence(first) == (
        "lưu ý, deadlines.district_evaluation.date: kế hoạch chỉ nêu 'trong tháng 7'; theo quy tắc đang dùng ('trong tháng' là "
        "ngày cuối của tháng) hiểu là ngày 31/7/2025. Đề xuất: nêu ngày cụ thể trong kế hoạch hoặc trong văn bản làm rõ."
    )


CENTRE = RECOGNITION.replace("provincial_recognition", "central_evaluation").replace("2025-08-15", "2025-12-30")


@pytest.mark.parametrize(
    ("changes", "past"),
    [
        ([("date = 2025-07-20", "date = 2025-12-11")], False),  # 15 working days end on 31/12
        ([("date = 2025-07-20", "date = 2025-12-12")], True),
        ([("date = 2025-07-20", "date = 2026-01-20")], False),  # the plan runs into the next year itself
        ([("[targets]", CENTRE)], False),  # nothing comes back to the district from the centre
    ],
)
def test_a_period_may_end_with_the_year_of_the_last_deadline(changes: list[tuple[str, str]], past: bool) -> None:
    assert bool(found("past_the_year", *changes)) is past


RENEWAL = """[[deadlines]]
stage = "provincial_recognition"
date = 2027-12-20
wording = "đến hết ngày 20/12/2027"
boundary = "inclusive"
met_by = "decision_signed"
section = "mục 2"

[sources]
"deadlines.met_by" = "mục 2"
"deadlines.boundary" = "mục 2"
"""


def test_forty_five_days_of_the_calendar_are_not_counted_as_working_days() -> None:
    rolling = (FORMS / "rolling.toml").read_text(encoding="utf-8").replace("deadlines = []\n", "")
    plan = rolling.replace("[sources]\n", RENEWAL).replace("opens_on = 2027-01-11", "opens_on = 2027-12-14")
    (short,) = found("too_short", toml=plan)
    assert "có 4 ngày làm việc, cần 31 (" in short.problem
    assert (
        "bước 'Xã đánh giá' 15 ngày; bước 'Trung ương trả về tỉnh' 15 ngày; ký kết quả và công văn 1 ngày"
        in short.problem
    )
    early = plan.replace('"provincial_recognition"', '"provincial_submission"')
    assert [finding.key for finding in found("past_the_year", toml=early)] == ["returned_to_province.working_days"]


@pytest.mark.parametrize(
    ("check", "key", "changes"),
    [
        ("reminder", "reminders.working_days_before", []),
        ("council_notice", "council.dossier_notice_working_days", [("dossier_notice_working_days = 1", "dossier_notice_working_days = 21")]),
        ("past_the_year", "returned_to_district", [("date = 2025-07-20", "date = 2025-12-20")]),
        ("band", "forwarding", [("to_province_from = 70", "to_province_from = 75")]),
        ("no_way_out", "registration.after_deadline", [('files_with = "commune"\nafter_deadline = "refuse"', 'files_with = "commune"\nafter_deadline = "next_round"')]),
        ("law", "plan.procedure", [("opens_on = 2025-04-08", "opens_on = 2023-02-23"), ("year = 2025", "year = 2023")]),
    ],
)  # fmt: skip
def test_a_finding_about_a_setting_quotes_where_the_setting_is_from(
    check: str, key: str, changes: list[tuple[str, str]]
) -> None:
    cited, own = TOML.index("[sources]"), f'"{key}" = "mục của riêng nó"'
    lines = [line for line in TOML[cited:].splitlines() if line.partition(" = ")[0].strip('"') != key]
    (first, *_) = found(check, *changes, toml=TOML[:cited] + "\n".join([*lines, own, ""]))
    assert first.section == "mục của riêng nó"


def test_a_period_of_the_law_that_runs_past_the_year_quotes_the_law() -> None:
    plan = (
        (FORMS / "rolling.toml").read_text(encoding="utf-8").replace("deadlines = []\n", "")
        .replace('procedure = "qd26_renewal"', 'procedure = "qd26"')
        .replace("[sources]\n", RENEWAL.replace('"provincial_recognition"', '"registered"'))
    )  # fmt: skip
    (review, back) = found("past_the_year", toml=plan)
    assert (review.key, back.key) == ("plan.procedure, commune_review", "returned_to_province.working_days")
    assert review.section == ("Quyết định 26/2026/QĐ-TTg, cấp xã đánh giá trong 15 ngày làm việc kể từ ngày nhận hồ sơ")


EARLY = (
    "lưu ý, reminders.working_days_before: thư nhắc hạn của bước 'Huyện đánh giá' trước 47 ngày (8/4/2025) rơi vào lúc "
    "ngày mở chu trình (8/4/2025) chưa qua. Đề xuất: bỏ 47 khỏi danh sách nếu không muốn nhắc sớm như vậy."
)
VAIN = (
    "cảnh báo, reminders.working_days_before: thư nhắc hạn của bước 'Huyện đánh giá' trước 14 ngày (27/5/2025) rơi vào lúc "
    "bước 'Huyện đánh giá' chưa mở (5/6/2025). Đề xuất: bỏ 14 khỏi danh sách nếu không muốn nhắc sớm như vậy."
)


def test_a_reminder_on_the_first_day_is_early_and_one_before_it_is_in_vain() -> None:
    assert sentence(found("reminder", ("[14, 7, 3, 1]", "[47]"))[0]) == EARLY
    assert sentence(found("reminder", ("date = 2025-06-15", "opens_on = 2025-06-05\ndate = 2025-06-15"))[0]) == VAIN


LATER = ("[targets]", RECOGNITION.replace("2025-08-15", "2025-08-29").replace("next_round", "refuse"))


@pytest.mark.parametrize(
    ("changes", "keys"),
    [
        ([("date = 2025-07-20", "date = 2025-07-06")], []),  # ends on the last day of the law
        ([("date = 2025-07-20", "date = 2025-07-07")], ["provincial_evaluation"]),
        ([LATER], ["provincial_evaluation", "provincial_recognition"]),
        ([("opens_on = 2025-04-08", "opens_on = 2025-07-05"), ("date = 2025-06-15", "date = 2025-08-01"), ("date = 2025-06-20", "date = 2025-08-01"), ("date = 2025-07-20", "date = 2025-08-01")],
         ["district_evaluation", "provincial_submission", "provincial_evaluation"]),
        ([("opens_on = 2025-04-08", "opens_on = 2025-07-06"), ("date = 2025-06-15", "date = 2025-08-01"), ("date = 2025-06-20", "date = 2025-08-01"), ("date = 2025-07-20", "date = 2025-08-01")],
         ["plan.procedure"]),  # opened when the law was over: told once
        ([("[targets]", '[[changes]]\ndate = 2025-07-06\nprocedure = "qd1489"\nsection = "mục 9"\n\n[targets]')], []),
        ([("[targets]", '[[changes]]\ndate = 2025-07-07\nprocedure = "qd1489"\nsection = "mục 9"\n\n[targets]')], ["provincial_evaluation"]),
    ],
)  # fmt: skip
def test_a_deadline_after_the_last_day_of_the_law_is_warned_of(changes: list[tuple[str, str]], keys: list[str]) -> None:
    told = [finding.key.removeprefix("deadlines.").removesuffix(".date") for finding in found("law", *changes)]
    assert told == keys


def test_a_year_whose_holidays_are_unknown_is_named_once_each() -> None:
    plan = read_plan(
        TOML.replace("opens_on = 2025-04-08", "opens_on = 2023-12-29")
        .replace("year = 2025", "year = 2024")
        .replace("\n[sources]", '\n[sources]\n"plan.year" = "mục 1"')
    )
    found = [finding for finding in lint(plan, Calendar()) if finding.check == "unknown_year"]
    assert [sentence(finding) for finding in found] == [
        f"cảnh báo, plan.year: lịch nghỉ lễ năm {year} chưa có nên các phép đếm ngày làm việc chưa tin được. "
        f"Đề xuất: nạp lịch năm {year} rồi kiểm tra lại."
        for year in (2023, 2025)
    ]
    assert {finding.section for finding in found} == {"mục 1"}
