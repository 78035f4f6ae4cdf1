"""A broken plan is refused with line, key and remedy."""

from pathlib import Path

import pytest

from ocop.plan_faults import Fault, PlanFaults
from ocop.plan_file import PlanErrors, _told, read_plan
from tests.unit.plan_texts import TOML, problems_of


def test_the_faults_of_a_plan_are_told_to_a_programmer_with_their_places() -> None:
    faults = PlanFaults([Fault(("deadlines", 1, "date"), "sai", "sửa"), Fault(("plan", "year"), "xa", "sửa")])
    assert str(faults) == "deadlines[2].date: sai; plan.year: xa"


# fmt: off
BROKEN = [
    # what is wrong           replace                                  by                                        at the line with              key                                  problem                             remedy
    ("unknown key",           "at_most = 3",                           "at_mots = 3",                            "at_mots",                    "supplement.at_mots",                "không có thiết lập này",           "có phải «at_most»?"),
    ("unknown far key",       "at_most = 3",                           "zzz = 3",                                "zzz",                        "supplement.zzz",                    "không có thiết lập này",           "working_days, at_most"),
    ("unknown section",       "[reminders]",                           "[remindrs]",                             "[remindrs]",                 "remindrs",                          "không có thiết lập này",           "có phải «reminders»?"),
    ("unknown deadline key",  'wording = "trước ngày 20/7/2025"',      'word = "trước ngày 20/7/2025"',          "word =",                     "deadlines[3].word",                 "không có thiết lập này",           "có phải «wording»?"),
    ("text for a number",     "working_days = 10",                     'working_days = "10"',                    'working_days = "10"',        "supplement.working_days",           "phải là một số nguyên",            "không có dấu ngoặc kép"),
    ("true for a number",     "at_most = 3",                           "at_most = true",                         "at_most",                    "supplement.at_most",                "phải là một số nguyên",            "viết số"),
    ("a fraction of a day",   "working_days = 10",                     "working_days = 10.5",                    "working_days = 10.5",        "supplement.working_days",           "phải là một số nguyên",            "phần thập phân"),
    ("number for a yes",      "chair_must_attend = true",              "chair_must_attend = 1",                  "chair_must_attend",          "council.chair_must_attend",         "phải là đúng hoặc sai",            "true hoặc false"),
    ("number for text",       'province = "36"',                       "province = 36",                          "province = 36",              "plan.province",                     "phải là chữ",                      '"36"'),
    ("short province",        'province = "36"',                       'province = "6"',                         'province = "6"',             "plan.province",                     "viết không đúng dạng",             '"36"'),
    ("text for a date",       "issued_on = 2025-04-08",                'issued_on = "8/4/2025"',                 'issued_on = "8/4',           "plan.issued_on",                    "phải là một ngày",                 "năm-tháng-ngày"),
    ("date with a time",      "opens_on = 2025-04-08",                 "opens_on = 2025-04-08T07:00:00",         "opens_on",                   "plan.opens_on",                     "phải là một ngày",                 "năm-tháng-ngày"),
    ("a wrong hour",          'hour = "07:30"',                        'hour = "7 giờ 30"',                      "hour =",                     "notices.hour",                      "phải là một giờ",                  '"07:30"'),
    ("text for points",       "spread = 10",                           'spread = "mười"',                        "spread",                     "council.spread",                    "phải là một số điểm",              "70 hoặc 7.5"),
    ("points that are none",  "spread = 10",                           "spread = nan",                           "spread",                     "council.spread",                    "phải là một số điểm",              "70 hoặc 7.5"),
    ("yes for points",        "spread = 10",                           "spread = true",                          "spread",                     "council.spread",                    "phải là một số điểm",              "70 hoặc 7.5"),
    ("points over 100",       "to_centre_from = 90",                   "to_centre_from = 900",                   "to_centre_from",             "forwarding.to_centre_from",         "phải không lớn hơn 100",           "ghi một số không lớn hơn 100"),
    ("negative target",       "new_three_stars = 40",                  "new_three_stars = -1",                   "new_three_stars",            "targets.new_three_stars",           "phải không nhỏ hơn 0",             "ghi một số không nhỏ hơn 0"),
    ("month without the day", "monthly_list_day = 1",                  "monthly_list_day = 31",                  "monthly_list_day",           "expiry.monthly_list_day",           "phải không lớn hơn 28",            "không lớn hơn 28"),
    ("unknown choice",        'basis = "province_result"',             'basis = "provincial_result"',            "basis",                      "returned_to_district.basis",        "không nhận giá trị",               "có phải «province_result»?"),
    ("unknown one of a list", 'basis = "province_result"',             'basis = "province_result"\n[levels]\nthrough = ["provinc"]', "through", "levels.through[1]",    "không nhận giá trị 'provinc'",     "có phải «province»?"),
    ("unknown evidence",      'test_report = "hold"',                  'test_reports = "hold"',                  "test_reports",               "evidence.expired.test_reports",     "không nhận giá trị",               "có phải «test_report»?"),
    ("unknown evidence rule", 'story = "hold"',                        'story = "held"',                         'story = "held"',             "evidence.expired.story",            "không nhận giá trị 'held'",        "có phải «hold»?"),
    ("number for a list",     "days_before = [180, 120, 30, 0]",       "days_before = 180",                      "days_before = 180",          "expiry.days_before",                "phải là một danh sách",            "ngoặc vuông"),
    ("text in a list",        "[14, 7, 3, 1]",                         '[14, "7", 3, 1]',                        "working_days_before",        "reminders.working_days_before[2]",  "phải là một số nguyên",            "viết số"),
    ("empty ladder",          "working_days_after = [0, 2, 4, 6, 8]",  "working_days_after = []",                "working_days_after",         "escalation.working_days_after",     "không được để trống",              "ít nhất một mục"),
    ("empty title",           'number = "61/KH-UBND"',                 'number = ""',                            "number",                     "plan.number",                       "không được để trống",              '"61/KH-UBND"'),
    ("missing value",         "issued_on = 2025-04-08\n",              "",                                       "[plan]",                     "plan.issued_on",                    "thiếu 'Ngày ban hành'",            "thêm dòng issued_on = 2025-04-08 vào [plan]"),
    ("missing act",           'met_by = "letter_sent"\n',              "",                                       "[[deadlines]]#2",            "deadlines[2].met_by",               "thiếu 'Việc được tính là đúng hạn'", 'thêm dòng met_by = "session_held" vào bảng [[deadlines]] thứ 2'),
    ("missing section",       "section = \"Kế hoạch 61/KH-UBND, nội dung: đánh giá, phân hạng sản phẩm ở cấp tỉnh\"\n", "", "[[deadlines]]#3", "deadlines[3].section", "thiếu 'Phần của kế hoạch'",        "thêm dòng section"),
    ("unknown stage",         'stage = "provincial_evaluation"',       'stage = "province_evaluation"',          'stage = "province_',         "deadlines[3].stage",                "không có giai đoạn",               "có phải «provincial_evaluation»?"),
    ("final stage",           'stage = "provincial_evaluation"',       'stage = "recognised"',                   'stage = "recognised',        "deadlines[3].stage",                "không nhận mốc ngày",              "mốc ngày dùng cho"),
    ("stage with own period", 'stage = "provincial_evaluation"',       'stage = "returned_to_district"',         'stage = "returned_to',       "deadlines[3].stage",                "không nhận mốc ngày",              "bỏ mục này"),
    ("stage of a supplement", 'stage = "provincial_evaluation"',       'stage = "provincial_supplement"',        'stage = "provincial_supp',   "deadlines[3].stage",                "không nhận mốc ngày",              "bỏ mục này"),
    ("act of a supplement",   'met_by = "letter_sent"',                'met_by = "supplemented"',                'met_by = "supplemented"',    "deadlines[2].met_by",               "không được hoàn thành bằng ngày nộp bổ sung", '"letter_sent"'),
    ("two years off",         "year = 2025",                           "year = 2027",                            "opens_on",                   "plan.opens_on",                     "cách xa năm 2027",                 "sửa opens_on hoặc year"),
    ("stage twice",           'stage = "provincial_evaluation"',       'stage = "district_evaluation"',          'stage = "district_evaluation"#2', "deadlines[3].stage",           "có hai thời hạn",                  "giữ một mục"),
    ("out of order",          "date = 2025-06-20",                     "date = 2025-06-10",                      "date = 2025-06-10",          "deadlines[2].date",                 "sớm hơn hạn 15/6/2025",            "không sớm hơn 15/6/2025"),
    ("before the opening",    "date = 2025-06-15",                     "date = 2025-04-01",                      "date = 2025-04-01",          "deadlines[1].date",                 "đã qua khi chu trình mở",          "opens_on"),
    ("on the opening day",    "date = 2025-06-15",                     "date = 2025-04-08",                      "date = 2025-04-08",          "deadlines[1].date",                 "đã qua khi chu trình mở",          "opens_on"),
    ("session without council", 'met_by = "letter_sent"',              'met_by = "session_held"',                'met_by = "session_held"#2',  "deadlines[2].met_by",               "không được hoàn thành bằng ngày họp", '"letter_sent"'),
    ("unknown procedure",     'procedure = "qd148"',                   'procedure = "qd99"',                     "procedure",                  "plan.procedure",                    "không có quy trình 'qd99'",        'một trong: "qd148"'),
    ("year far away",         "year = 2025",                           "year = 2052",                            "opens_on",                   "plan.opens_on",                     "cách xa năm 2052",                 "sửa opens_on hoặc year"),
    ("filed at the province", 'files_with = "commune"',                'files_with = "province"',                "files_with",                 "registration.files_with",           "không nhận hồ sơ ở cấp tỉnh",      "commune, district"),
    ("thresholds turned",     "to_centre_from = 90",                   "to_centre_from = 60",                    "to_centre_from",             "forwarding.to_centre_from",         "không cao hơn ngưỡng lên tỉnh 70", "lớn hơn to_province_from"),
    ("thresholds equal",      "to_province_from = 70",                 "to_province_from = 90",                  "to_centre_from",             "forwarding.to_centre_from",         "không cao hơn ngưỡng lên tỉnh 90", "lớn hơn to_province_from"),
    ("quorum over all",       "quorum_numerator = 3",                  "quorum_numerator = 5",                   "quorum_numerator",           "council.quorum_numerator",          "không thể đòi 5/4",                "3 và 4"),
    ("ladder too long",       "[0, 2, 4, 6, 8]",                       "[0, 2, 4, 6, 8, 10]",                    "working_days_after",         "escalation.working_days_after",     "có 6 bước",                        "bỏ bớt"),
    ("ladder not rising",     "[0, 2, 4, 6, 8]",                       "[0, 2, 2, 6, 8]",                        "working_days_after",         "escalation.working_days_after",     "phải tăng dần",                    "ghi [0, 2, 6, 8]"),
    ("reminders not falling", "[14, 7, 3, 1]",                         "[1, 3, 7, 14]",                          "working_days_before",        "reminders.working_days_before",     "phải giảm dần",                    "ghi [14, 7, 3, 1]"),
    ("reminder at zero",      "[14, 7, 3, 1]",                         "[14, 7, 3, 0]",                          "working_days_before",        "reminders.working_days_before",     "có số nhỏ hơn 1",                  "từ 1 trở lên"),
    ("warning after the end", "[180, 120, 30, 0]",                     "[180, 120, 30, -5]",                     "days_before = [180",         "expiry.days_before",                "có số nhỏ hơn 0",                  "từ 0 trở lên"),
    ("value without source",  'complaint = "mặc định của phần mềm"\n', "",                                       "answer_working_days",        "complaint.answer_working_days",     "không ghi nguồn",                  '"complaint" = "..."'),
    ("rule without source",   '"deadlines.met_by" = "mặc định của phần mềm"\n', "",                              'met_by = "session_held"',    "deadlines[1].met_by",               "không ghi nguồn",                  '"deadlines.met_by" = "..."'),
    ("source of nothing",     '"certificate.end" =',                   '"certificate.ends" =',                   "certificate.ends",           "sources.certificate.ends",          "không có thiết lập",               "có phải «certificate.end»?"),
    ("empty source",          'evidence = "mặc định của phần mềm"',    'evidence = " "',                         'evidence = " "',             "sources.evidence",                  "nguồn để trống",                   "ghi phần của kế hoạch"),
    ("source key unquoted",   '"deadlines.roll" =',                    "deadlines.roll =",                       "deadlines.roll",             "sources.deadlines",                 "nguồn phải là chữ",                "trong ngoặc kép"),
    ("no quotes",             'issuer = "Ủy ban nhân dân tỉnh Nam Định"', "issuer = Ủy ban",                     "issuer",                     "issuer",                            "giá trị không đọc được",           "dấu ngoặc kép"),
    ("quote not closed",      'number = "61/KH-UBND"',                 'number = "61/KH-UBND',                   "number",                     "number",                            "thiếu dấu ngoặc kép đóng",         "đóng chuỗi"),
    ("no equals sign",        "year = 2025",                           "year 2025",                              "year 2025",                  "",                                  "thiếu dấu '='",                    "khóa = giá trị"),
    ("day outside the month", "opens_on = 2025-04-08",                 "opens_on = 2025-04-31",                  "opens_on",                   "opens_on",                          "không có trong lịch",              "năm-tháng-ngày"),
    ("key twice",             "at_most = 3",                           "at_most = 3\nat_most = 4",               "at_most = 4",                "at_most",                           "khóa đã có ở trên",                "một dòng cho mỗi khóa"),
    ("table twice",           "[complaint]",                           "[supplement]",                           "[supplement]#2",             "",                                  "bảng đã được mở",                  "gộp hai bảng"),
    ("bracket not closed",    "[council]",                             "[council",                               "[council",                   "",                                  "thiếu dấu ']'",                    "[tên_bảng]"),
    ("list not closed",       "[14, 7, 3, 1]",                         "[14, 7, 3, 1",                           "working_days_before",        "working_days_before",               "danh sách thiếu dấu ']'",          "đóng danh sách"),
    ("stray sign",            "year = 2025",                           "= 2025",                                 "= 2025#1",                   "",                                  "không phải là khóa = giá trị",     "đặt #"),
    ("long text not closed",  'issuer = "Ủy ban',                      'issuer = """Ủy ban',                     "issuer",                     "issuer",                            "thiếu dấu ngoặc kép đóng",         "đóng chuỗi"),
    ("apostrophe not closed", 'number = "61/KH-UBND"',                 "number = '61/KH-UBND",                   "number",                     "number",                            "thiếu dấu ngoặc đơn đóng",         "đóng chuỗi"),
    ("a number without end",  "spread = 10",                           "spread = 1e99999999999999999999",        "spread",                     "council.spread",                    "phải là một số điểm",              "70 hoặc 7.5"),
    ("remark without a sign", "# Mỗi số là",                           "Mỗi số là",                              "Mỗi số là",                  "",                                  "thiếu dấu '='",                    "bắt đầu bằng #"),
]
# fmt: on


@pytest.mark.parametrize(
    ("old", "new", "marker", "key", "problem", "remedy"), [row[1:] for row in BROKEN], ids=[row[0] for row in BROKEN]
)
def test_a_broken_plan_is_refused_with_line_key_and_remedy(
    old: str, new: str, marker: str, key: str, problem: str, remedy: str
) -> None:
    assert old in TOML
    toml = TOML.replace(old, new, 1)
    text, _, nth = marker.partition("#")
    line = [number for number, written in enumerate(toml.splitlines(), 1) if written.lstrip('" ').startswith(text)][
        int(nth or 1) - 1
    ]
    found = problems_of(toml)
    assert (line, key) in [(at, named) for at, named, _ in found], found
    sentence = next(told for at, named, told in found if (at, named) == (line, key))
    assert problem in sentence
    assert remedy in sentence
    assert sentence.startswith(f"dòng {line}")
    assert "Cách sửa: " in sentence


@pytest.mark.parametrize(
    ("old", "new", "facts"),
    [
        ("year = 2025", "year = 2052", ("8/4/2025", "2052")),
        (
            'stage = "provincial_evaluation"',
            'stage = "zzzzzz"',
            ("qd148", "'zzzzzz'", "registered, filed_at_district, "),
        ),
        (
            'stage = "provincial_evaluation"',
            'stage = "recognised"',
            ("'recognised' không nhận", "district_evaluation, "),
        ),
        ('stage = "provincial_evaluation"', 'stage = "district_evaluation"', ("'district_evaluation' có hai",)),
        ('met_by = "letter_sent"', 'met_by = "session_held"', ("'provincial_submission' không được",)),
        ('files_with = "commune"', 'files_with = "province"', ("qd148",)),
        ("date = 2025-06-15", "date = 2025-04-01", ("hạn 1/4/2025", "mở ngày 8/4/2025")),
        (
            "date = 2025-06-20",
            "date = 2025-06-10",
            ("hạn 10/6/2025 của 'provincial_submission'", "hạn 15/6/2025 của 'district_evaluation'"),
        ),
        ('met_by = "letter_sent"\n', "", ("vào bảng [[deadlines]] thứ 2",)),
        ("working_days = 10", 'working_days = "10"', ("ví dụ 3",)),
        (
            'basis = "province_result"',
            'basis = "zzz"',
            ("Cách sửa: Các giá trị: district_result, province_result, new_session.",),
        ),
        ("to_centre_from = 90", "to_centre_from = 60.5", ("trung ương 60,5", "lên tỉnh 70")),
        ("[0, 2, 4, 6, 8]", "[0, 2, 4, 6, 8, 10]", ("chỉ có 5 bậc", "cán bộ phụ trách, ")),
        ("[0, 2, 4, 6, 8]", "[-1, 2, 4, 6, 8]", ("có số nhỏ hơn 0", "từ 0 trở lên")),
        ("[180, 120, 30, 0]", "[180, 120, 30, -1]", ("có số nhỏ hơn 0",)),
        ('complaint = "mặc', 'complain = "mặc', ("có phải «complaint»?",)),
        ('evidence = "mặc định của phần mềm"', 'evidence = " "', ("hoặc 'mặc định của phần mềm'",)),
        ('"certificate.end" =', '"zzzzzz" =', ("'zzzzzz'", "bỏ dòng này")),
        (
            'complaint = "mặc định của phần mềm"\n',
            "",
            ('"complaint.answer_working_days" = "..."', '"complaint" = "..."'),
        ),
    ],
)
def test_a_problem_quotes_the_values_it_is_about(old: str, new: str, facts: tuple[str, ...]) -> None:
    assert old in TOML
    told = "\n".join(sentence for _, _, sentence in problems_of(TOML.replace(old, new, 1)))
    assert [fact for fact in facts if fact not in told] == [], told


def test_a_problem_is_told_with_its_line_its_key_and_its_remedy() -> None:
    (found,) = [told for _, _, told in problems_of(TOML.replace("spread = 10", "spread = true"))]
    assert found.partition(", ")[2] == (
        "khóa 'council.spread': phải là một số điểm. Cách sửa: viết số với dấu chấm thập phân, ví dụ 70 hoặc 7.5."
    )


def test_a_broken_value_under_a_dotted_key_is_named_by_it() -> None:
    assert [(line, key) for line, key, _ in problems_of("\nplan.year = ?\n")] == [(2, "plan.year")]


def test_a_finding_that_nobody_foresaw_is_passed_on_in_the_readers_words() -> None:
    def told(*key: str) -> tuple[str, str]:
        return _told({"type": "odd", "loc": key, "msg": "is odd", "input": 1}, key)

    assert told("plan", "issued_on") == ("giá trị không dùng được (is odd)", "viết như 2025-04-08")
    assert told("council", "spread") == ("giá trị không dùng được (is odd)", "xem tệp kế hoạch mẫu")


def test_all_problems_are_named_at_once_in_the_order_of_the_file() -> None:
    toml = TOML.replace("at_most = 3", "at_mots = 3").replace("spread = 10", 'spread = "x"').replace('"36"', "36")
    found = problems_of(toml)
    assert [key for _, key, _ in found] == ["plan.province", "supplement.at_mots", "council.spread"]
    assert [line for line, _, _ in found] == sorted(line for line, _, _ in found)


def test_a_plan_without_its_tables_says_which() -> None:
    assert problems_of("") == [
        (1, "deadlines", "dòng 1, khóa 'deadlines': thiếu 'Thời hạn'. Cách sửa: thêm bảng [[deadlines]]."),
        (1, "plan", "dòng 1, khóa 'plan': thiếu 'Kế hoạch'. Cách sửa: thêm bảng [plan]."),
    ]


@pytest.mark.parametrize("value", ["5", '"x"', "[1]", "true"])
def test_a_table_is_refused_whatever_else_stands_in_its_place(value: str) -> None:
    for table in ("council", "sources", "plan", "evidence"):
        (told,) = [told for _, key, told in problems_of(f"{table} = {value}\n") if key == table]
        assert "phải là một bảng" in told
    assert "deadlines" in {key for _, key, _ in problems_of(f"deadlines = {value}\n")} | {
        key.partition("[")[0] for _, key, _ in problems_of(f"deadlines = {value}\n")
    }
    assert "evidence.expired" in {key for _, key, _ in problems_of(f"[evidence]\nexpired = {value}\n")}


def test_a_table_given_as_a_value_is_refused() -> None:
    (found,) = [told for _, key, told in problems_of('council = "không"\n') if key == "council"]
    assert "phải là một bảng" in found
    assert "[council]" in found


def test_the_refusal_is_one_sentence_with_a_line_for_each_problem() -> None:
    with pytest.raises(PlanErrors) as refused:
        read_plan(TOML.replace("at_most = 3", "at_mots = 3"))
    assert refused.value.vietnamese.startswith("Tệp kế hoạch có 1 chỗ sai")
    assert refused.value.vietnamese.count("\n") == 1
    assert "1 problem" in refused.value.english


def test_a_file_that_is_not_utf_8_names_the_line(tmp_path: Path) -> None:
    path = tmp_path / "plan.toml"
    path.write_bytes(b"[plan]\n# \xd0\xcf\x11\n")
    with pytest.raises(PlanErrors) as refused:
        read_plan(path)
    (problem,) = refused.value.problems
    assert str(problem) == "dòng 2: có ký tự không phải UTF-8. Cách sửa: lưu lại tệp với bảng mã UTF-8."


@pytest.mark.parametrize("value", ["9" * 5000, "[" * 5000])
def test_a_value_beyond_measure_is_refused_like_any_other(value: str) -> None:
    ((_, _, told),) = problems_of(f"plan = {value}\n")
    assert "cú pháp TOML không đúng" in told
    assert "digits" in told or "recursion" in told, "what the reader said is passed on"


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (
            "at_most = 3",
            "at_mots = 3",
            "khóa 'supplement.at_mots': không có thiết lập này. Cách sửa: có phải «at_most»?",
        ),
        (
            'basis = "province_result"',
            'basis = "provincial_result"',
            (
                "khóa 'returned_to_district.basis': không nhận giá trị 'provincial_result'. Cách sửa: có phải "
                "«province_result»? Các giá trị: district_result, province_result, new_session."
            ),
        ),
    ],
)
def test_a_remedy_that_asks_keeps_its_question_mark_and_a_list_of_values_comes_after_the_question(
    old: str, new: str, sentence: str
) -> None:
    ((line, _, told),) = problems_of(TOML.replace(old, new, 1))
    assert told == f"dòng {line}, {sentence}"


def test_a_list_whose_every_entry_is_refused_is_not_called_empty_besides() -> None:
    found = problems_of(TOML.replace("[0, 2, 4, 6, 8]", '["không", 2.5]', 1))
    assert [key for _, key, _ in found] == ["escalation.working_days_after[1]", "escalation.working_days_after[2]"]


@pytest.mark.parametrize(
    ("toml", "sentence"),
    [
        (
            "[plan]\nplan.(năm) = 2025\n",
            "dòng 2: khóa bắt đầu bằng ký tự không được phép. Cách sửa: đặt khóa trong dấu ngoặc kép.",
        ),
        (
            '[plan]\nissuer = "UBND" tỉnh\n',
            "dòng 2, khóa 'issuer': thừa chữ sau giá trị. Cách sửa: đặt cả giá trị trong một cặp dấu \"...\".",
        ),
        (
            'expired = {story = "hold", story = "warn"}\n',
            "dòng 1, khóa 'expired': khóa đã có ở trên trong cùng bảng. Cách sửa: giữ một dòng cho mỗi khóa.",
        ),
        (
            'expired = {story = "hold"}\nexpired.test_report = "hold"\n',
            (
                "dòng 2, khóa 'expired.test_report': khóa nằm trong một giá trị đã đóng. "
                "Cách sửa: bỏ khóa trùng ở một trong hai nơi."
            ),
        ),
        (
            '[evidence.expired]\nstory = "hold"\n[evidence]\nexpired.test_report = "hold"\n',
            "dòng 4, khóa 'expired.test_report': khóa trùng tên với một bảng. Cách sửa: giữ một nơi.",
        ),
    ],
)
def test_what_the_reader_of_toml_cannot_read_is_told_as_an_officer_understands_it(toml: str, sentence: str) -> None:
    assert [told for _, _, told in problems_of(toml)] == [sentence]


def test_a_list_with_more_entries_than_a_person_can_mean_is_to_be_shortened() -> None:
    days = ", ".join(str(day) for day in range(21, 0, -1))
    ((line, key, told),) = problems_of(TOML.replace("[14, 7, 3, 1]", f"[{days}]", 1))
    assert key == "reminders.working_days_before"
    assert told == f"dòng {line}, khóa '{key}': dài quá mức cho phép. Cách sửa: bớt số mục."
