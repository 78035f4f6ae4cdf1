"""What a council finds: ballots, quorum, recusal, spread, gates; and the decision signed on it."""

from decimal import Decimal

import pytest
from sqlalchemy import Engine, select

from casework.ballots import Score
from casework.submission import KeptBecause
from models.results import Decision, Evaluation, GateResult, MemberTotal
from ocop.errors import AlreadyExists, InvalidInput, MissingResult, NotPossibleNow
from ocop.scoring import Gate
from tests.factories import Office, all_gates, an_office, council, day
from tests.plans import plan_with

pytestmark = pytest.mark.postgresql_long


def totals(*points: str, chair: int = 0) -> list[Score]:
    """Return signed totals of members, the first one the chair."""
    return [Score(f"Ủy viên {number}", Decimal(total), chair=number == chair) for number, total in enumerate(points)]


def at_council(engine: Engine, plan: str | None = None) -> tuple[Office, str]:
    """Return the world with a dossier before the district's council."""
    office = (an_office(engine) if plan is None else Office(engine).found().open_cycle(plan)).go("2025-05-05")
    return office, office.at_district()


@pytest.mark.parametrize(
    ("members", "voting", "enough"),
    [(8, 6, True), (8, 5, False), (5, 4, True), (5, 3, False), (7, 6, True), (7, 5, False), (1, 1, True)],
)
def test_a_quorum_is_three_quarters_of_the_members(
    sqlite_engine: Engine, members: int, voting: int, enough: bool
) -> None:
    office, code = at_council(sqlite_engine)
    scores = totals(*["55"] * voting)
    if enough:
        office.evaluate(code, "55", members=members, scores=scores)
    else:
        with pytest.raises(NotPossibleNow, match="không đủ thành viên"):
            office.evaluate(code, "55", members=members, scores=scores)


def test_the_quorum_is_the_plans(sqlite_engine: Engine) -> None:
    plan = plan_with(
        ("quorum_numerator = 3", "quorum_numerator = 5"), ("quorum_denominator = 4", "quorum_denominator = 7")
    )
    office, code = at_council(sqlite_engine, plan)
    with pytest.raises(NotPossibleNow, match="cần 5 trong 7"):
        office.evaluate(code, "55", members=7, scores=totals(*["55"] * 4))
    office.evaluate(code, "55", members=7, scores=totals(*["55"] * 5))


def test_the_chair_takes_part_unless_the_plan_says_otherwise(sqlite_engine: Engine) -> None:
    office, code = at_council(sqlite_engine)
    with pytest.raises(NotPossibleNow, match="Chủ tịch"):
        office.evaluate(code, "55", scores=totals(*["55"] * 5, chair=99))
    office.open_cycle(plan_with(("chair_must_attend = true", "chair_must_attend = false")), code="ND2025B")
    free = office.at_district(cycle="ND2025B")
    office.evaluate(free, "55", scores=totals(*["55"] * 5, chair=99))
    office.evaluate(code, "55")


def test_a_recused_member_has_a_reason_and_does_not_count(sqlite_engine: Engine) -> None:
    office, code = at_council(sqlite_engine)
    own = Score("Ủy viên của chủ thể", recused="Thuộc chủ thể có sản phẩm")
    scores = [*totals("55", "57", "56"), own]  # 3 of the 3 that are left of 4 would do; 4 members need 3
    answer = office.evaluate(code, "55", members=4, scores=scores)
    assert answer["mean"] == "56"
    kept = office.rows(select(MemberTotal.total, MemberTotal.recused_reason).order_by(MemberTotal.id))
    assert kept[-1] == (None, "Thuộc chủ thể có sản phẩm")


def test_recused_members_leave_the_base_of_the_quorum(sqlite_engine: Engine) -> None:
    office, code = at_council(sqlite_engine)
    recused = [Score(f"Ủy viên vắng {number}", recused="Có xung đột lợi ích") for number in range(4)]
    office.evaluate(code, "55", members=8, scores=[*totals("55", "55", "55"), *recused])  # 3 of the 4 that are left


@pytest.mark.parametrize(
    "scores",
    [
        [*council("55"), Score("Ủy viên 1", Decimal(55))],
        [Score("  ", Decimal(55), chair=True), *totals("55", "55", "55", "55", chair=9)],
        [*totals("55", "55", "55", "55"), Score("Ủy viên không điểm")],
        totals("55", "55", "55", "55", "100.5"),
        totals("55", "55", "55", "55", "-1"),
        totals("55", "55", "55", "55", "55.0001"),
        totals(*["55"] * 6),
    ],
    ids=[
        "a member twice",
        "no name",
        "neither total nor reason",
        "over 100",
        "under 0",
        "four decimals",
        "more than members",
    ],
)
def test_scores_that_no_council_can_give_are_refused(sqlite_engine: Engine, scores: list[Score]) -> None:
    office, code = at_council(sqlite_engine)
    with pytest.raises(InvalidInput):
        office.evaluate(code, "55", members=5, scores=scores)
    assert office.rows(select(Evaluation.id)) == []


def test_totals_more_than_10_apart_are_scored_again_and_every_ballot_is_kept(engine: Engine) -> None:
    office, code = at_council(engine)
    apart = office.evaluate(code, "55", scores=totals("50", "52", "54", "56", "60.001"))
    assert apart["counts"] is False
    assert "chấm lại" in apart["message"]
    with pytest.raises(MissingResult):
        office.decide(code)
    still = office.evaluate(code, "55", scores=totals("50", "52", "54", "56", "61"))
    assert still["counts"] is False
    assert office.evaluate(code, "55", scores=totals("50", "52", "54", "56", "60"))["counts"] is True  # exactly 10
    ballots = office.rows(select(Evaluation.passage, Evaluation.ballot, Evaluation.counts).order_by(Evaluation.id))
    assert ballots == [(1, 1, False), (1, 2, False), (1, 3, True)]
    assert len(office.rows(select(MemberTotal.id))) == 15
    office.decide(code)
    assert office.rows(select(Decision.mean)) == [(Decimal("54.4"),)]


def test_a_result_that_counts_is_not_overwritten(sqlite_engine: Engine) -> None:
    office, code = at_council(sqlite_engine)
    office.evaluate(code, "55")
    with pytest.raises(AlreadyExists, match="cán bộ phụ trách Huyện Giao Thủy"):
        office.evaluate(code, "80")
    assert office.rows(select(Evaluation.mean)) == [(Decimal(55),)]


def test_scores_and_stars_are_kept_for_each_level_and_never_overwritten(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    code = office.at_province("75")
    office.evaluate(code, "65", "36/officer")
    office.decide(code, "36/officer")
    office.decide(code)
    rows = office.rows(select(Evaluation.level, Evaluation.mean, Evaluation.stars_by_points).order_by(Evaluation.id))
    assert rows == [("district", Decimal(75), 4), ("province", Decimal(65), 3)]
    kept = office.rows(select(Decision.level, Decision.purpose, Decision.mean).order_by(Decision.id))
    assert kept == [
        ("district", "result", Decimal(75)),
        ("province", "result", Decimal(65)),
        ("district", "after_return", Decimal(65)),
    ]


@pytest.mark.parametrize(
    ("mean", "failed", "by_points", "after"),
    [
        ("69.95", {}, 3, 3),
        ("75", {4: "Thiếu liên kết"}, 4, 3),
        ("92", {5: "Chưa xuất khẩu"}, 5, 4),
        ("92", {4: "Thiếu liên kết"}, 5, 3),
        ("55", {3: "Thiếu công bố chất lượng"}, 3, 2),
        ("30", {}, 2, 2),
        ("29.99", {}, 1, 1),
    ],
)
def test_stars_by_points_and_stars_after_gates_are_both_kept(
    sqlite_engine: Engine, mean: str, failed: dict[int, str], by_points: int, after: int
) -> None:
    office, code = at_council(sqlite_engine)
    office.evaluate(code, mean, gates=all_gates(failed))
    assert office.rows(select(Evaluation.stars_by_points, Evaluation.stars_after_gates)) == [(by_points, after)]
    kept = office.rows(select(GateResult.star, GateResult.reason).where(GateResult.passed.is_(False)))
    assert dict(tuple(row) for row in kept) == failed


def test_gates_up_to_the_stars_by_points_are_recorded_and_a_failed_one_says_why(sqlite_engine: Engine) -> None:
    office, code = at_council(sqlite_engine)
    with pytest.raises(InvalidInput, match="4 sao"):
        office.evaluate(code, "75", gates=[Gate(3, True)])
    with pytest.raises(InvalidInput, match="lý do"):
        office.evaluate(code, "75", gates=[Gate(3, True), Gate(4, False, " ")])
    office.evaluate(code, "75", gates=[Gate(3, True), Gate(4, True)])


def test_70_points_without_the_gates_of_4_stars_stay_at_the_district(sqlite_engine: Engine) -> None:
    office, code = at_council(sqlite_engine)
    office.evaluate(code, "75", gates=all_gates({4: "Thiếu liên kết"}))
    office.decide(code)
    assert office.stage(code) == "district_recognition"


def test_a_decision_takes_the_mean_from_the_record_and_never_lies_before_the_session(sqlite_engine: Engine) -> None:
    office, code = at_council(sqlite_engine)
    with pytest.raises(MissingResult):
        office.decide(code)
    office.evaluate(code, "55")
    body = {"dossiers": [code], "number": "4/QĐ", "signer": "Nguyễn Văn Ký"}
    with pytest.raises(InvalidInput, match="sớm hơn"):
        office.act("decide", "365/officer", signed_on=day("2025-05-04"), **body)
    with pytest.raises(InvalidInput, match="muộn hơn hôm nay"):
        office.act("decide", "365/officer", signed_on=day("2025-05-06"), **body)
    office.act("decide", "365/officer", signed_on=day("2025-05-05"), **body)


def test_of_a_list_to_decide_those_without_a_result_are_refused_and_the_others_go(sqlite_engine: Engine) -> None:
    office, ready = at_council(sqlite_engine)
    bare = office.at_district()
    office.evaluate(ready, "55")
    body = {"number": "4/QĐ", "signer": "Nguyễn Văn Ký", "signed_on": day("2025-05-05")}
    answer = office.act("decide", "365/officer", dossiers=[bare, ready], **body)
    assert [item["dossier"] for item in answer["done"]] == [ready]
    assert [item["dossier"] for item in answer["refused"]] == [bare]


def test_a_session_is_neither_in_the_future_nor_before_the_registration(sqlite_engine: Engine) -> None:
    office, code = at_council(sqlite_engine)
    for wrong in ("2025-05-06", "2025-05-04"):
        with pytest.raises(InvalidInput):
            office.evaluate(code, "55", held_on=day(wrong))


def test_one_and_two_stars_get_no_recognition(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    code = office.judged("49.999")
    assert office.stage(code) == "not_ranked"
    with pytest.raises(NotPossibleNow):
        office.recognise(code)


def test_nobody_decides_above_their_authority(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    kept = office.judged("92")
    office.act(
        "keep",
        "365/officer",
        dossiers=[kept],
        because=KeptBecause.DECLINED,
        reason="Chủ thể xin giữ 3 sao",
        decided_on=office.now.date(),
    )
    office.recognise(kept)
    code = office.at_province("92")
    office.evaluate(code, "95", "36/officer")
    office.decide(code, "36/officer")
    office.recognise(code, "36/officer", number="501/QĐ")
    awarded = office.rows(
        select(Decision.level, Decision.awarded_star).where(Decision.purpose == "recognition").order_by(Decision.id)
    )
    assert awarded == [("district", 3), ("province", 4)]


def test_a_recognition_is_not_signed_before_its_result_and_numbers_match_their_dossiers(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    code = office.judged("55")
    body = {"dossiers": [code], "number": "5/QĐ", "signer": "Nguyễn Văn Ký"}
    with pytest.raises(InvalidInput, match="sớm hơn"):
        office.act("recognise", "365/officer", signed_on=day("2025-05-04"), **body)
    with pytest.raises(InvalidInput, match="Số giấy chứng nhận"):
        office.act("recognise", "365/officer", signed_on=day("2025-05-05"), certificates=["A", "B"], **body)
    answer = office.act("recognise", "365/officer", signed_on=day("2025-05-05"), certificates=["GCN-77"], **body)
    assert answer["certificates"][0]["certificate"] == "GCN-77"
