"""The transition rules of Decision 26/2026/QĐ-TTg: what was filed before it, and certificates of the older rules."""

from collections.abc import Mapping
from datetime import date, timedelta

from ocop.deadlines import Period, period_of_days
from ocop.law_dates import IN_FORCE
from ocop.procedures.qd26 import law
from ocop.working_days import Calendar

IN_FORCE_FROM = IN_FORCE["qd26"].first
"""The day from which Decision 26/2026 is the law."""

FINISH_DAYS, RE_EVALUATION_DAYS, LIVES_ON_DAYS = 60, 30, 180

FINISHING = law(
    "chuyển tiếp: hồ sơ nộp trước ngày 22/5/2026 giải quyết theo quy định cũ trong 60 ngày, đánh giá lại 30 ngày"
)
LIVING_ON = law("chuyển tiếp: giấy chứng nhận cũ có giá trị đến khi có kết quả, không quá 180 ngày từ ngày hết hạn")

LAST_FILED: Mapping[str, date] = {
    "qd148": IN_FORCE_FROM - timedelta(days=1),
    "qd1489": IN_FORCE_FROM - timedelta(days=1),
}
"""By procedure, the last day on which a dossier is filed under it; the others have none."""


def filed_under(procedure: str, filed_on: date) -> bool:
    """Return whether a dossier filed on a day may follow a procedure of the older rules, or of those of today."""
    return filed_on <= LAST_FILED.get(procedure, date.max)


def time_to_finish(filed_on: date, calendar: Calendar, *, re_evaluation: bool = False) -> Period | None:
    """Return the period in which a dossier of the older rules is finished under them; None for one filed since.

    It is counted from the day on which the new law came into force: 60 days, 30 for a re-evaluation.
    """
    if filed_on >= IN_FORCE_FROM:
        return None
    return period_of_days(IN_FORCE_FROM, RE_EVALUATION_DAYS if re_evaluation else FINISH_DAYS, calendar)


def last_day_living_on(
    issued_on: date, valid_until: date, filed_on: date | None, result_on: date | None = None
) -> date | None:
    """Return the last day on which an old certificate lives on past its end; None where it does not.

    Old is one issued before the new law. Its holder has to have filed for its successor by its end; it lives on until the
    day before the result, and no longer than 180 days past its end.
    """
    if issued_on >= IN_FORCE_FROM or filed_on is None or filed_on > valid_until:
        return None
    last = valid_until + timedelta(days=LIVES_ON_DAYS)
    if result_on is not None:
        last = min(last, result_on - timedelta(days=1))
    return last if last > valid_until and last >= IN_FORCE_FROM else None


def lives_on(
    day: date, issued_on: date, valid_until: date, filed_on: date | None, result_on: date | None = None
) -> bool:
    """Return whether an old certificate, past its end on a day, still holds by the transition rule."""
    last = last_day_living_on(issued_on, valid_until, filed_on, result_on)
    return last is not None and max(valid_until + timedelta(days=1), IN_FORCE_FROM) <= day <= last
