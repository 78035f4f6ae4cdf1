"""Each sentence of the linter quotes the days, numbers and words that it is about, and says what to write instead."""

import pytest

from casework.calendar_seed import calendar_rows
from ocop.plan_file import read_plan
from ocop.plan_findings import Finding
from ocop.plan_lint import lint
from ocop.working_days import Calendar
from tests.unit.plan_texts import TOML

CALENDAR = Calendar(calendar_rows(2024, 2028))
RECOGNITION = """[[deadlines]]
stage = "provincial_recognition"
date = 2025-08-15
wording = "đến hết ngày 15/8/2025"
boundary = "inclusive"
met_by = "decision_signed"
after_deadline = "next_round"
section = "mục 9"

[targets]"""


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
            "cảnh báo, deadlines.district_evaluation.date: hạn của bước 'Huyện đánh giá' hết vào ngày 14/6/2025 là thứ Bảy; kế hoạch không dời, nên ngày làm việc cuối cùng còn kịp là 13/6/2025. Đề xuất: nêu ngày làm việc trong kế hoạch, hoặc ghi roll = \"next_working_day\" để được đến hết ngày 16/6/2025.",
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
            "lưu ý, deadlines.district_evaluation.boundary: kế hoạch ghi 'hoàn thành trước ngày 15/6/2025'; luật không định nghĩa 'trước ngày', quy tắc đang dùng không kể ngày được nêu, nên hạn cuối là 24 giờ ngày 14/6/2025. Đề xuất: ghi rõ trong kế hoạch có kể ngày đó hay không; hiểu ngược lại thì ghi boundary = \"inclusive\".",
        ],
    ),
    (
        "until, not counted",
        "before",
        [("trước ngày 15/6", "đến hết ngày 15/6")],
        [
            "cảnh báo, deadlines.district_evaluation.boundary: kế hoạch ghi 'hoàn thành đến hết ngày 15/6/2025' nhưng quy tắc đang dùng không kể ngày 15/6/2025. Đề xuất: ghi boundary = \"inclusive\".",
        ],
    ),
    (
        "before, counted",
        "before",
        [('boundary = "exclusive"', 'boundary = "inclusive"')],
        [
            "lưu ý, deadlines.district_evaluation.boundary: kế hoạch ghi 'hoàn thành trước ngày 15/6/2025'; luật không định nghĩa 'trước ngày', quy tắc đang dùng kể cả ngày được nêu, nên hạn cuối là 24 giờ ngày 15/6/2025. Đề xuất: ghi rõ trong kế hoạch có kể ngày đó hay không; hiểu ngược lại thì ghi boundary = \"exclusive\".",
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
            "cảnh báo, deadlines.provincial_evaluation.date: hạn của bước 'Tỉnh đánh giá' (19/7/2025) nằm sau ngày 5/7/2025, ngày cuối cùng Quyết định 148/QĐ-TTg còn được áp dụng nguyên văn. Đề xuất: chuẩn bị chuyển chu trình sang quy trình 'qd1489' từ ngày 6/7/2025.",
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
            "cảnh báo, forwarding.to_province_from: sản phẩm từ 70 đến dưới 72,5 điểm đủ điểm 4 sao nhưng không được chuyển lên, nên không ai công nhận 4 sao. Đề xuất: ghi to_province_from = 70 nếu kế hoạch không cố ý.",
        ],
    ),
    (
        "threshold below",
        "band",
        [("to_province_from = 70", "to_province_from = 65")],
        [
            "lưu ý, forwarding.to_province_from: sản phẩm từ 65 đến dưới 70 điểm được chuyển lên dù chưa đủ điểm 4 sao. Đề xuất: ghi to_province_from = 70 nếu kế hoạch không cố ý.",
        ],
    ),
    (
        "centre above",
        "band",
        [("to_centre_from = 90", "to_centre_from = 95")],
        [
            "cảnh báo, forwarding.to_centre_from: sản phẩm từ 90 đến dưới 95 điểm đủ điểm 5 sao nhưng không được chuyển lên, nên không ai công nhận 5 sao. Đề xuất: ghi to_centre_from = 90 nếu kế hoạch không cố ý.",
        ],
    ),
    (
        "centre below",
        "band",
        [("to_centre_from = 90", "to_centre_from = 85")],
        [
            "lưu ý, forwarding.to_centre_from: sản phẩm từ 85 đến dưới 90 điểm được chuyển lên dù chưa đủ điểm 5 sao. Đề xuất: ghi to_centre_from = 90 nếu kế hoạch không cố ý.",
        ],
    ),
    (
        "uncovered",
        "uncovered",
        [],
        [
            "lưu ý, deadlines.district_recognition: không thời hạn nào của kế hoạch bao trùm bước 'Chờ huyện công nhận' (huyện): hồ sơ đứng ở đó không bao giờ quá hạn và không ai được nhắc. Đề xuất: thêm [[deadlines]] với stage = \"district_recognition\" nếu kế hoạch hoặc văn bản khác có hạn.",
            "lưu ý, deadlines.provincial_recognition: không thời hạn nào của kế hoạch bao trùm bước 'Chờ tỉnh công nhận' (tỉnh): hồ sơ đứng ở đó không bao giờ quá hạn và không ai được nhắc. Đề xuất: thêm [[deadlines]] với stage = \"provincial_recognition\" nếu kế hoạch hoặc văn bản khác có hạn.",
            "lưu ý, deadlines.central_proposal: không thời hạn nào của kế hoạch bao trùm bước 'Chờ đề nghị trung ương' (tỉnh), 'Trung ương đánh giá' (trung ương): hồ sơ đứng ở đó không bao giờ quá hạn và không ai được nhắc. Đề xuất: thêm [[deadlines]] với stage = \"central_evaluation\" nếu kế hoạch hoặc văn bản khác có hạn.",
        ],
    ),
    (
        "no way out",
        "no_way_out",
        [("[targets]", RECOGNITION)],
        [
            'cảnh báo, deadlines.provincial_recognition.after_deadline: quy trình không cho chuyển đợt hồ sơ đang ở bước \'Chờ tỉnh công nhận\', nên hồ sơ quá hạn ở đó không có lối ra. Đề xuất: ghi after_deadline = "refuse" hoặc "accept_late".',
            "lưu ý, deadlines.provincial_recognition.after_deadline: hồ sơ muộn được chuyển sang đợt sau, nhưng kế hoạch không có đợt sau. Đề xuất: nêu đợt kế tiếp bằng next_round, hoặc hồ sơ chờ kế hoạch năm sau.",
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


def test_a_year_whose_holidays_are_unknown_is_named_once_each() -> None:
    plan = read_plan(TOML.replace("date = 2025-07-20", "date = 2026-01-20"))
    found = [finding for finding in lint(plan, Calendar()) if finding.check == "unknown_year"]
    assert [sentence(finding) for finding in found] == [
        f"cảnh báo, plan.year: lịch nghỉ lễ năm {year} chưa có nên các phép đếm ngày làm việc chưa tin được. "
        f"Đề xuất: nạp lịch năm {year} rồi kiểm tra lại."
        for year in (2025, 2026)
    ]
