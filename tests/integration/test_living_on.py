"""An old certificate lives on past its end while its successor waits for a result, on lists and pages as in the rule."""

from datetime import date, timedelta

import pytest
from sqlalchemy import Engine, select

from casework.board.certificates import EXPIRED, LIVING_ON, by_unit
from casework.living_on import living_on
from casework.scope import WHOLE
from models.results import Certificate
from models.session import reading
from ocop.errors import InvalidInput
from ocop.transition_2026 import lives_on
from tests.factories import at, day
from tests.holdings import certified
from tests.rounds import OF_THE_PROVINCE, Province, a_plan, a_province

pytestmark = pytest.mark.postgresql_long

OPENED = "2026-06-01"
PLAN = a_plan("qd26", (("provincial_evaluation", "2026-12-30", "session_held"),), year=2026, opens_on=OPENED)
ISSUED, ENDS = date(2023, 9, 30), date(2026, 9, 30)


def waiting(engine: Engine) -> tuple[Province, str]:
    """Return a province whose product of 2023 filed in September 2026, and the dossier."""
    province = a_province(engine, PLAN, OPENED)
    certified(province, "14167", star=4, issued_on=ISSUED, number="GCN-CŨ")
    province.go("2026-09-01")
    code = province.renew("GCN-CŨ", "14167")
    province.forward(code)
    return province, code


def shown(province: Province) -> tuple[int, int]:
    """Return how many certificates the page counts as run out and as living on."""
    with reading(province.engine) as session:
        total, _ = by_unit(session, (180, 120, 30, 0), province.now.date(), WHOLE)
    return total.numbers[EXPIRED], total.numbers.get(LIVING_ON, 0)


def test_it_lives_on_until_the_result_and_is_over_with_it(engine: Engine) -> None:
    province, code = waiting(engine)
    seen = [shown(province)]
    province.go("2026-10-01")
    seen.append(shown(province))
    province.go("2026-11-20")
    province.judge(code, "45")
    province.decide(code, OF_THE_PROVINCE)
    province.go("2026-11-21")
    seen.append(shown(province))
    assert seen == [(0, 0), (0, 1), (1, 0)]


def test_the_query_says_what_the_rule_says_day_by_day(sqlite_engine: Engine) -> None:
    province, code = waiting(sqlite_engine)
    province.go("2026-11-20")
    province.judge(code, "45")
    province.decide(code, OF_THE_PROVINCE)
    with reading(sqlite_engine) as session:
        for days in range(-3, 200, 7):
            when = ENDS + timedelta(days=days)
            found = session.scalar(select(Certificate.id).where(living_on(at(f"{when} 08:00")))) is not None
            assert found is lives_on(when, ISSUED, ENDS, day("2026-09-01"), day("2026-11-20")), when


def test_a_dossier_of_today_is_not_filed_under_the_law_of_yesterday(sqlite_engine: Engine) -> None:
    plan = a_plan(
        "qd1489", (("provincial_evaluation", "2026-07-20", "session_held"),), year=2026, opens_on="2026-05-04"
    )
    province = a_province(sqlite_engine, plan, "2026-05-04")
    province.go("2026-05-21")
    province.register()
    province.go("2026-05-22")
    with pytest.raises(InvalidInput, match="Hãy đăng ký vào chu trình theo quyết định mới"):
        province.register()


@pytest.mark.parametrize(
    ("again", "held", "last"),
    [
        (False, "2026-07-21", ""),  # the sixtieth day, on which the older decisions lapse
        (False, "2026-07-22", "21/7/2026"),
        (True, "2026-06-22", ""),  # the thirtieth, 21/6, is a Sunday
        (True, "2026-06-23", "22/6/2026"),
    ],
)
def test_a_session_under_the_law_of_yesterday_after_its_time_to_finish_is_warned_of(
    sqlite_engine: Engine, again: bool, held: str, last: str
) -> None:
    plan = a_plan(
        "qd1489", (("provincial_evaluation", "2026-12-20", "session_held"),), year=2026, opens_on="2026-05-04"
    )
    province = a_province(sqlite_engine, plan, "2026-05-04")
    province.go("2026-05-05")
    code = province.sent()
    if again:
        province.judge(code, "66")
        province.act(
            "annul", OF_THE_PROVINCE, dossier=code, annulled_on=province.now.date(), due_on=day("2026-12-01"),
            document="3/QĐ", reason="Sai.",
        )  # fmt: skip
    province.go(held)
    warned = province.judge(code, "72")["warnings"]
    if last:
        (warning,) = warned
        assert f"chậm nhất ngày {last}" in warning
        assert "“Chuyển chu trình sang quy trình mới”" in warning
    else:
        assert warned == []
