"""Re-recognition under QĐ 26: filed in the certificate's window, opinions in writing, 45 days from the complete file."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from casework.ballots import Score
from models.cycles import Breach, Deadline
from models.letters import Letter
from models.record import Event
from models.results import Certificate
from ocop.errors import AlreadyExists, InvalidInput, NotPossibleNow
from tests.factories import day
from tests.holdings import certified
from tests.integration.test_laws_without_districts import sound
from tests.rounds import OF_THE_PROVINCE, Province, a_plan, a_province

pytestmark = pytest.mark.postgresql_long

RENEWAL = a_plan("qd26_renewal")
WARNING = a_plan("qd26_renewal", more='[re_recognition]\noutside = "warn"\n')
ISSUED, ENDS = date(2024, 8, 2), date(2027, 8, 2)
OPENS, CLOSES = date(2027, 2, 3), date(2027, 4, 4)
"""180 and 120 days before the end."""


@pytest.fixture
def province(sqlite_engine: Engine) -> Province:
    """A province with the year's cycle of re-recognition and one product of 4 stars whose certificate ends in August."""
    return holding(a_province(sqlite_engine, RENEWAL, "2027-01-04"))


def holding(province: Province) -> Province:
    certified(province, "14167", star=4, issued_on=ISSUED, number="GCN-1")
    return province


def file(province: Province, **more: object) -> str:
    """File for the product's re-recognition."""
    return province.renew("GCN-1", "14167", **more)


def at_the_province(province: Province, when: str = "2027-03-01") -> str:
    province.go(when)
    code = file(province)
    province.forward(code)
    assert province.stage(code) == "written_opinion"
    return code


@pytest.mark.parametrize(
    ("filed", "said"),
    [
        ("2027-02-02", r"là sớm.*từ ngày 3/2/2027 đến hết ngày 4/4/2027.*Hãy nộp từ ngày 3/2/2027"),
        ("2027-04-05", r"là muộn.*từ ngày 3/2/2027 đến hết ngày 4/4/2027.*đợt đánh giá"),
    ],
)
def test_a_dossier_outside_the_window_is_refused_by_name_with_the_window(
    province: Province, filed: str, said: str
) -> None:
    province.go(filed)
    with pytest.raises(NotPossibleNow, match=rf"(?s)Chả cá mô phỏng GCN-1.*{said}"):
        file(province)


@pytest.mark.parametrize("filed", ["2027-02-03", "2027-04-04"])
def test_both_ends_of_the_window_belong_to_it(province: Province, filed: str) -> None:
    province.go(filed)
    assert province.stage(file(province)) == "registered"


def test_a_plan_may_take_what_comes_outside_the_window_with_a_warning(sqlite_engine: Engine) -> None:
    province = holding(a_province(sqlite_engine, WARNING, "2027-01-04"))
    province.go("2027-06-01")
    code = file(province)
    assert "vẫn được nhận" in " ".join(province.last["warnings"])
    assert province.stage(code) == "registered"


def test_the_warning_before_the_end_names_the_window_of_the_plan(sqlite_engine: Engine) -> None:
    wider = a_plan("qd26_renewal", more="[re_recognition]\nearliest_days = 200\nlatest_days = 100\n")
    province = holding(a_province(sqlite_engine, wider, "2027-01-04"))
    province.go("2027-02-04")  # 180 days before the end were the day before
    told = province.rows(select(Letter.facts).where(Letter.notice == "expiry_warning"))
    assert told
    assert all(facts["window"] == {"from": "2027-01-14", "to": "2027-04-24"} for (facts,) in told)


def test_the_rolling_cycle_takes_re_recognitions_alone(province: Province) -> None:
    province.go("2027-03-01")
    with pytest.raises(InvalidInput, match="chỉ nhận hồ sơ công nhận lại"):
        province.register()


def test_agreeing_opinions_recognise_without_a_meeting_and_the_new_certificate_replaces_the_old(
    province: Province, tmp_path: Path
) -> None:
    code = at_the_province(province)
    ((own,),) = province.rows(select(Deadline).where(Deadline.kind == "opinion"))
    assert (own.stage, own.day) == ("written_opinion", day("2027-04-15"))
    province.go("2027-03-20")
    province.judge(code, "78")
    with pytest.raises(AlreadyExists):
        province.judge(code, "80")
    province.decide(code, OF_THE_PROVINCE)
    province.awarded(code)
    assert province.stage(code) == "recognised"
    assert [tuple(row) for row in province.rows(
        select(Certificate.star, Certificate.valid_until, Certificate.replaced_on).order_by(Certificate.id)
    )] == [(4, ENDS, day("2027-03-20")), (4, day("2030-03-20"), None)]  # fmt: skip
    province.go("2027-08-01")
    assert not province.rows(select(Breach.id))
    sound(province, tmp_path)


def test_opinions_that_differ_call_the_meeting_and_nothing_else_does(province: Province, tmp_path: Path) -> None:
    code = at_the_province(province)
    apart = [Score("Ủy viên 1", Decimal(60), chair=True), *(Score(f"Ủy viên {n}", Decimal(75)) for n in (2, 3, 4, 5))]
    answer = province.judge(code, "72", scores=apart)
    assert "ý kiến khác nhau nên hội đồng phải họp" in answer["message"]
    province.judge(code, "72", minutes="2/BB-HĐ")
    forms = [details["form"] for (details,) in province.rows(
        select(Event.details).where(Event.event == "evaluate").order_by(Event.number)
    )]  # fmt: skip
    assert forms == ["written_opinion", "meeting"]
    province.decide(code, OF_THE_PROVINCE)
    assert province.stage(code) == "provincial_recognition"
    sound(province, tmp_path)


def test_forty_five_days_run_from_the_complete_file_so_that_a_supplement_begins_them_anew(province: Province) -> None:
    code = at_the_province(province)
    province.go("2027-03-10")
    province.act(
        "request-supplement",
        OF_THE_PROVINCE,
        dossier=code,
        reason="Phiếu kiểm nghiệm hết hạn",
        requested_on=day("2027-03-10"),
    )
    province.go("2027-04-20")  # the first period would have struck on the 16th
    assert "opinion" not in {kind for (kind,) in province.rows(
        select(Deadline.kind).join(Breach, Breach.deadline_id == Deadline.id)
    )}  # fmt: skip
    province.act("supplement", OF_THE_PROVINCE, dossier=code, supplemented_on=day("2027-04-20"), note="Phiếu mới")
    assert [row[0] for row in province.rows(
        select(Deadline.day).where(Deadline.kind == "opinion").order_by(Deadline.version)
    )] == [day("2027-04-15"), day("2027-06-04")]  # fmt: skip
    province.go("2027-06-05 08:00")
    assert ("opinion",) in {tuple(row) for row in province.rows(
        select(Deadline.kind).join(Breach, Breach.deadline_id == Deadline.id)
    )}  # fmt: skip
    province.judge(code, "78")
    province.decide(code, OF_THE_PROVINCE)
    assert all(closed for (closed,) in province.rows(select(Breach.closed_by)))


def test_under_three_stars_the_old_certificate_lives_to_its_end(province: Province) -> None:
    code = at_the_province(province)
    province.judge(code, "45")
    province.decide(code, OF_THE_PROVINCE)
    assert province.stage(code) == "not_ranked"
    assert [tuple(row) for row in province.rows(select(Certificate.star, Certificate.replaced_on))] == [(4, None)]
