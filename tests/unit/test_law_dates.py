"""Every procedure has the days on which it is the law, and a plan that opens outside them is warned of it."""

from pathlib import Path

import pytest

from casework.calendar_seed import calendar_rows
from ocop.law_dates import IN_FORCE
from ocop.plan_file import read_plan
from ocop.plan_lint import lint
from ocop.rulebook import PROCEDURES
from ocop.working_days import Calendar

CALENDAR = Calendar(calendar_rows(2026, 2027))
RENEWAL = Path(__file__).parents[2] / "deployments" / "plans" / "ninh_binh_2027_renewal.toml"


def test_every_procedure_has_the_days_on_which_it_is_the_law() -> None:
    assert list(IN_FORCE) == list(PROCEDURES)


@pytest.mark.parametrize(
    ("opens_on", "sentences"),
    [
        ("2026-05-21", ["chu trình mở ngày 21/5/2026 nhưng Quyết định 26/2026/QĐ-TTg không có hiệu lực vào ngày đó"]),
        ("2026-05-22", []),
    ],
)
def test_re_recognition_that_opens_before_its_law_is_warned_of(opens_on: str, sentences: list[str]) -> None:
    toml = RENEWAL.read_text(encoding="utf-8").replace("opens_on = 2027-01-04", f"opens_on = {opens_on}")
    found = lint(read_plan(toml), CALENDAR)
    assert [finding.problem for finding in found if finding.check == "law"] == sentences
