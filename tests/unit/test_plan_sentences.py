"""Each refusal of a plan whose values do not fit together, in full: where, what with its numbers, and what to write."""

from pathlib import Path

import pytest

from ocop.plan_file import read_plan
from tests.unit.plan_texts import TOML, problems_of

FORMS = Path(__file__).parents[1] / "data" / "plans"


def changed(name: str, changes: list[tuple[str, str]]) -> str:
    """Return the text of the shipped plan, or of one of the forms, with some words changed."""
    toml = TOML if name == "shipped" else (FORMS / f"{name}.toml").read_text(encoding="utf-8")
    for old, new in changes:
        assert old in toml, old
        toml = toml.replace(old, new, 1)
    return toml


DATABLE = (
    "registered, filed_at_district, commune_review, commune_reported, district_evaluation, district_decided, "
    "provincial_submission, submitted, provincial_evaluation, provincial_decided, return_decided, district_recognition, "
    "provincial_recognition, central_proposal, proposed, central_evaluation, central_decided"
)
"""The stages that take a date of the plan, as a refusal lists them."""

TOLD = [
    # what is wrong, in which plan, with which words changed, and what is told
    (
        "year far away",
        "shipped",
        [("year = 2025", "year = 2027")],
        [
            "khóa 'plan.opens_on': ngày mở 8/4/2025 cách xa năm 2027 của chu trình. Cách sửa: sửa opens_on hoặc year.",
        ],
    ),
    (
        "unknown procedure",
        "shipped",
        [('procedure = "qd148"', 'procedure = "qd99"')],
        [
            'khóa \'plan.procedure\': không có quy trình \'qd99\'. Cách sửa: ghi một trong: "qd148", "qd1489", "qd26", "qd26_renewal".',
        ],
    ),
    (
        "final stage",
        "shipped",
        [('stage = "provincial_evaluation"', 'stage = "recognised"')],
        [
            "khóa 'deadlines[3].stage': giai đoạn 'recognised' không nhận mốc ngày của kế hoạch. Cách sửa: bỏ mục này; mốc ngày dùng cho: (DATABLE).",
            'khóa \'deadlines[3].met_by\': giai đoạn \'recognised\' không được hoàn thành bằng ngày họp của hội đồng. Cách sửa: ghi "letter_sent" hoặc "decision_signed"; "session_held" chỉ dùng cho giai đoạn có hội đồng.',
        ],
    ),
    (
        "unknown stage",
        "shipped",
        [('stage = "provincial_evaluation"', 'stage = "zzzzzz"')],
        [
            "khóa 'deadlines[3].stage': quy trình qd148 không có giai đoạn 'zzzzzz'. Cách sửa: ghi một trong: (DATABLE).",
        ],
    ),
    (
        "stage twice",
        "shipped",
        [('stage = "provincial_evaluation"', 'stage = "district_evaluation"')],
        [
            "khóa 'deadlines[2].date': hạn 20/6/2025 của 'provincial_submission' sớm hơn hạn 20/7/2025 của 'district_evaluation' đi trước trong quy trình. Cách sửa: sửa để không sớm hơn 20/7/2025.",
            "khóa 'deadlines[3].stage': giai đoạn 'district_evaluation' có hai thời hạn. Cách sửa: giữ một mục [[deadlines]] cho mỗi giai đoạn.",
        ],
    ),
    (
        "session without council",
        "shipped",
        [('met_by = "letter_sent"', 'met_by = "session_held"')],
        [
            'khóa \'deadlines[2].met_by\': giai đoạn \'provincial_submission\' không được hoàn thành bằng ngày họp của hội đồng. Cách sửa: ghi "letter_sent" hoặc "decision_signed"; "session_held" chỉ dùng cho giai đoạn có hội đồng.',
        ],
    ),
    (
        "met by a supplement",
        "shipped",
        [('met_by = "letter_sent"', 'met_by = "supplemented"')],
        [
            'khóa \'deadlines[2].met_by\': giai đoạn \'provincial_submission\' không được hoàn thành bằng ngày nộp bổ sung. Cách sửa: ghi "letter_sent" hoặc "decision_signed"; "session_held" chỉ dùng cho giai đoạn có hội đồng.',
        ],
    ),
    (
        "filed at the province",
        "shipped",
        [('files_with = "commune"', 'files_with = "province"')],
        [
            "khóa 'registration.files_with': quy trình qd148 không nhận hồ sơ ở cấp tỉnh. Cách sửa: ghi một trong: commune, district.",
        ],
    ),
    (
        "over when it opens",
        "shipped",
        [("date = 2025-06-15", "date = 2025-04-08")],
        [
            "khóa 'deadlines[1].date': hạn 8/4/2025 đã qua khi chu trình mở ngày 8/4/2025. Cách sửa: sửa date của thời hạn này hoặc opens_on của [plan].",
        ],
    ),
    (
        "out of order",
        "shipped",
        [("date = 2025-06-20", "date = 2025-06-14")],
        [
            "khóa 'deadlines[2].date': hạn 14/6/2025 của 'provincial_submission' sớm hơn hạn 15/6/2025 của 'district_evaluation' đi trước trong quy trình. Cách sửa: sửa để không sớm hơn 15/6/2025.",
        ],
    ),
    (
        "begins after its end",
        "window",
        [("opens_on = 2025-06-01", "opens_on = 2025-06-15")],
        [
            "khóa 'deadlines[1].opens_on': ngày bắt đầu 15/6/2025 muộn hơn ngày cuối 14/6/2025. Cách sửa: ghi ngày không muộn hơn 14/6/2025.",
        ],
    ),
    (
        "thresholds equal",
        "shipped",
        [("to_province_from = 70", "to_province_from = 90")],
        [
            "khóa 'forwarding.to_centre_from': ngưỡng lên trung ương 90 không cao hơn ngưỡng lên tỉnh 90. Cách sửa: ghi số lớn hơn to_province_from.",
        ],
    ),
    (
        "quorum over all",
        "shipped",
        [("quorum_numerator = 3", "quorum_numerator = 5")],
        [
            "khóa 'council.quorum_numerator': không thể đòi 5/4 số thành viên. Cách sửa: ghi tử số không lớn hơn mẫu số, ví dụ 3 và 4.",
        ],
    ),
    (
        "ladder too long",
        "shipped",
        [("[0, 2, 4, 6, 8]", "[0, 2, 4, 6, 8, 10]")],
        [
            "khóa 'escalation.working_days_after': có 6 bước nhưng thang báo cáo chỉ có 5 bậc. Cách sửa: bỏ bớt, mỗi bậc một số: cán bộ phụ trách, thủ trưởng đơn vị chuyên môn, phó chủ tịch Ủy ban nhân dân, Văn phòng Điều phối nông thôn mới, Sở Nông nghiệp và Môi trường.",
        ],
    ),
    (
        "reminders too far",
        "shipped",
        [("[14, 7, 3, 1]", "[1, 251]")],
        [
            "khóa 'reminders.working_days_before': các số phải giảm dần và không lặp lại. Cách sửa: ghi [1].",
            "khóa 'reminders.working_days_before': có số lớn hơn 250. Cách sửa: ghi các số không quá 250.",
        ],
    ),
    (
        "reminder on the day itself",
        "shipped",
        [("[14, 7, 3, 1]", "[3, 0]")],
        [
            "khóa 'reminders.working_days_before': có số nhỏ hơn 1. Cách sửa: ghi các số từ 1 trở lên.",
        ],
    ),
    (
        "warnings outside ten years",
        "shipped",
        [("[180, 120, 30, 0]", "[3651, -1]")],
        [
            "khóa 'expiry.days_before': có số lớn hơn 3650. Cách sửa: ghi các số không quá 3650.",
            "khóa 'expiry.days_before': có số nhỏ hơn 0. Cách sửa: ghi các số từ 0 trở lên.",
        ],
    ),
    (
        "reports out of bounds and order",
        "shipped",
        [("[0, 2, 4, 6, 8]", "[251, -1]")],
        [
            "khóa 'escalation.working_days_after': các số phải tăng dần và không lặp lại. Cách sửa: ghi các số từ 0 đến 250.",
            "khóa 'escalation.working_days_after': có số lớn hơn 250. Cách sửa: ghi các số không quá 250.",
            "khóa 'escalation.working_days_after': có số nhỏ hơn 0. Cách sửa: ghi các số từ 0 trở lên.",
        ],
    ),
    (
        "no hour for letters",
        "shipped",
        [("[notices]", "[notices]\nuntil = 07:30:00")],
        [
            "khóa 'notices.until': giờ ngừng gửi thư 07:30 không muộn hơn giờ bắt đầu 07:30. Cách sửa: ghi giờ muộn hơn hour, ví dụ 18:00.",
        ],
    ),
    (
        "value without source",
        "shipped",
        [('complaint = "mặc định của phần mềm"\n', "")],
        [
            'khóa \'complaint.answer_working_days\': giá trị không ghi nguồn. Cách sửa: thêm vào [sources] dòng "complaint.answer_working_days" = "..." hoặc "complaint" = "...".',
        ],
    ),
    (
        "rule without source",
        "shipped",
        [('"deadlines.met_by" = "mặc định của phần mềm"\n', "")],
        [
            'khóa \'deadlines[1].met_by\': giá trị không ghi nguồn. Cách sửa: thêm vào [sources] dòng "deadlines.district_evaluation.met_by" = "..." hoặc "deadlines.met_by" = "...".',
            'khóa \'deadlines[2].met_by\': giá trị không ghi nguồn. Cách sửa: thêm vào [sources] dòng "deadlines.provincial_submission.met_by" = "..." hoặc "deadlines.met_by" = "...".',
            'khóa \'deadlines[3].met_by\': giá trị không ghi nguồn. Cách sửa: thêm vào [sources] dòng "deadlines.provincial_evaluation.met_by" = "..." hoặc "deadlines.met_by" = "...".',
        ],
    ),
    (
        "source of nothing",
        "shipped",
        [('"certificate.end" =', '"zzzzzz" =')],
        [
            'khóa \'certificate.end\': giá trị không ghi nguồn. Cách sửa: thêm vào [sources] dòng "certificate.end" = "..." hoặc "certificate" = "...".',
            "khóa 'sources.zzzzzz': kế hoạch không có thiết lập 'zzzzzz'. Cách sửa: bỏ dòng này.",
        ],
    ),
    (
        "empty source",
        "shipped",
        [('evidence = "mặc định của phần mềm"', 'evidence = " "')],
        [
            "khóa 'sources.evidence': nguồn để trống. Cách sửa: ghi phần của kế hoạch, văn bản, hoặc 'mặc định của phần mềm'.",
        ],
    ),
    (
        "district left out",
        "no_district",
        [('procedure = "qd1489"', 'procedure = "qd148"')],
        [
            "khóa 'levels.through': quy trình qd148 đi qua cấp huyện, kế hoạch thì không. Cách sửa: sửa through, hoặc chọn quy trình khác: qd148, qd1489, qd26, qd26_renewal.",
            "khóa 'levels.three_stars': quy trình qd148 giao cấp huyện công nhận 3 sao, kế hoạch ghi cấp tỉnh. Cách sửa: ghi \"district\", hoặc chọn quy trình khác: qd148, qd1489, qd26, qd26_renewal.",
        ],
    ),
    (
        "district too many",
        "no_district",
        [('["commune", "province"', '["commune", "district", "province"')],
        [
            "khóa 'levels.through': quy trình qd1489 không đi qua cấp huyện. Cách sửa: sửa through, hoặc chọn quy trình khác: qd148, qd1489, qd26, qd26_renewal.",
        ],
    ),
    (
        "stars of other levels",
        "no_district",
        [
            ('three_stars = "province"', 'three_stars = "central"'),
            ('four_stars = "province"', 'four_stars = "commune"'),
            ('five_stars = "central"', 'five_stars = "province"'),
        ],
        [
            "khóa 'levels.three_stars': quy trình qd1489 giao cấp tỉnh công nhận 3 sao, kế hoạch ghi cấp trung ương. Cách sửa: ghi \"province\", hoặc chọn quy trình khác: qd148, qd1489, qd26, qd26_renewal.",
            "khóa 'levels.four_stars': quy trình qd1489 giao cấp tỉnh công nhận 4 sao, kế hoạch ghi cấp xã. Cách sửa: ghi \"province\", hoặc chọn quy trình khác: qd148, qd1489, qd26, qd26_renewal.",
            "khóa 'levels.five_stars': quy trình qd1489 giao cấp trung ương công nhận 5 sao, kế hoạch ghi cấp tỉnh. Cách sửa: ghi \"central\", hoặc chọn quy trình khác: qd148, qd1489, qd26, qd26_renewal.",
        ],
    ),
    (
        "commune left out",
        "no_district",
        [('["commune", "province", "central"]', '["province"]')],
        [
            "khóa 'levels.through': quy trình qd1489 đi qua cấp xã, kế hoạch thì không. Cách sửa: sửa through, hoặc chọn quy trình khác: qd148, qd1489, qd26, qd26_renewal.",
        ],
    ),
    (
        "change to nothing",
        "rule_set_changes",
        [('procedure = "qd1489"', 'procedure = "qd99"')],
        [
            'khóa \'changes[1].procedure\': không có quy trình \'qd99\'. Cách sửa: ghi một trong: "qd148", "qd1489", "qd26", "qd26_renewal".',
        ],
    ),
    (
        "change on the opening day",
        "rule_set_changes",
        [("date = 2025-07-06", "date = 2025-02-03")],
        [
            "khóa 'changes[1].date': ngày đổi quy trình 3/2/2025 không sau ngày 3/2/2025. Cách sửa: ghi ngày sau ngày mở chu trình, các lần đổi theo thứ tự thời gian.",
        ],
    ),
    (
        "two changes on a day",
        "rule_set_changes",
        [("[sources]", '[[changes]]\ndate = 2025-07-06\nprocedure = "qd26"\nsection = "mục 9"\n\n[sources]')],
        [
            "khóa 'changes[2].date': ngày đổi quy trình 6/7/2025 không sau ngày 6/7/2025. Cách sửa: ghi ngày sau ngày mở chu trình, các lần đổi theo thứ tự thời gian.",
        ],
    ),
    (
        "batch before the opening",
        "batches_and_passes",
        [("date = 2025-05-16", "date = 2025-02-02")],
        [
            "khóa 'batches[1].date': ngày cuối 2/2/2025 nằm ngoài khoảng từ ngày mở 3/2/2025 đến hạn của bước 'district_evaluation' 14/6/2025. Cách sửa: sửa ngày cho nằm trong khoảng đó.",
        ],
    ),
    (
        "batch after the deadline",
        "batches_and_passes",
        [("date = 2025-05-30", "date = 2025-06-15")],
        [
            "khóa 'batches[2].date': ngày cuối 15/6/2025 nằm ngoài khoảng từ ngày mở 3/2/2025 đến hạn của bước 'district_evaluation' 14/6/2025. Cách sửa: sửa ngày cho nằm trong khoảng đó.",
        ],
    ),
    (
        "unit in two batches",
        "batches_and_passes",
        [('units = ["366"]', 'units = ["366", "365"]')],
        [
            "khóa 'batches[2].units': đơn vị '365' đứng ở hai cụm. Cách sửa: giữ mỗi đơn vị ở một cụm.",
        ],
    ),
    (
        "pass of a stage without deadline",
        "batches_and_passes",
        [('stage = "provincial_evaluation"\ndate = 2025-07-04', 'stage = "central_evaluation"\ndate = 2025-07-04')],
        [
            "khóa 'passes[1].stage': kế hoạch không đặt hạn cho bước 'central_evaluation'. Cách sửa: ghi một trong: district_evaluation, provincial_evaluation.",
        ],
    ),
    (
        "pass after the deadline",
        "batches_and_passes",
        [("date = 2025-07-04", "date = 2025-07-20")],
        [
            "khóa 'passes[1].date': ngày cuối 20/7/2025 nằm ngoài khoảng từ ngày mở 3/2/2025 đến hạn của bước 'provincial_evaluation' 19/7/2025. Cách sửa: sửa ngày cho nằm trong khoảng đó.",
        ],
    ),
    (
        "unit planned twice",
        "counts",
        [('unit = "366"', 'unit = "365"')],
        [
            "khóa 'planned[2].unit': đơn vị '365' cấp huyện có hai dòng. Cách sửa: giữ một dòng.",
        ],
    ),
    (
        "nothing between the filing days",
        "shipped",
        [
            ("\n[expiry]", "\n[re_recognition]\nearliest_days = 120\nlatest_days = 120\n\n[expiry]"),
            ("\n[sources]", '\n[sources]\nre_recognition = "mục 9"'),
        ],
        [
            "khóa 're_recognition.latest_days': không có ngày nào để nộp: muộn nhất 120 ngày, sớm nhất 120 ngày trước khi hết hạn. Cách sửa: ghi số nhỏ hơn earliest_days."
        ],
    ),
]


@pytest.mark.parametrize(("name", "changes", "sentences"), [row[1:] for row in TOLD], ids=[row[0] for row in TOLD])
def test_a_refusal_is_told_in_full(name: str, changes: list[tuple[str, str]], sentences: list[str]) -> None:
    problems = problems_of(changed(name, changes))
    assert [told.removeprefix(f"dòng {line}, ") for line, _, told in problems] == [
        s.replace("(DATABLE)", DATABLE) for s in sentences
    ]


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("shipped", "year = 2025", "year = 2024"),
        ("shipped", "year = 2025", "year = 2026"),
        ("shipped", "date = 2025-06-15", "date = 2025-04-09"),
        ("shipped", "date = 2025-06-20", "date = 2025-06-15"),
        ("window", "opens_on = 2025-06-01", "opens_on = 2025-06-14"),
        ("shipped", "to_province_from = 70", "to_province_from = 89.99"),
        ("shipped", "quorum_numerator = 3", "quorum_numerator = 4"),
        ("shipped", "[notices]", "[notices]\nuntil = 07:31:00"),
        ("shipped", "[14, 7, 3, 1]", "[250, 1]"),
        ("shipped", "[180, 120, 30, 0]", "[3650, 0]"),
        ("shipped", "[0, 2, 4, 6, 8]", "[0, 250]"),
        ("rule_set_changes", "date = 2025-07-06", "date = 2025-02-04"),
        ("batches_and_passes", "date = 2025-05-16", "date = 2025-02-03"),
        ("batches_and_passes", "date = 2025-05-30", "date = 2025-06-14"),
        ("batches_and_passes", "date = 2025-07-04", "date = 2025-07-19"),
        ("batches_and_passes", "date = 2025-07-04", 'date = 2025-07-20\nboundary = "exclusive"'),
        ("counts", 'level = "district"\nunit = "366"', 'level = "commune"\nunit = "365"'),
        ("no_district", 'three_stars = "province"\n', ""),
        ("no_district", '["commune", "province", "central"]', '["commune", "province"]'),
    ],
)
def test_a_plan_at_the_bound_is_read(name: str, old: str, new: str) -> None:
    assert read_plan(changed(name, [(old, new)])).deadlines


@pytest.mark.parametrize(
    "name", ["deadlines", "round", "batches", "passes", "planned", "changes", "sources", "document"]
)
def test_what_names_its_section_in_each_row_has_no_source_of_its_own(name: str) -> None:
    told = problems_of(changed("rolling", [("[sources]", f'[sources]\n{name} = "mục 9"')]))
    assert [key for _, key, _ in told] == [f"sources.{name}"]


def test_the_levels_of_a_procedure_that_nobody_knows_are_not_judged() -> None:
    told = problems_of(changed("no_district", [('procedure = "qd1489"', 'procedure = "qd99"')]))
    assert [key for _, key, _ in told] == ["plan.procedure"]
