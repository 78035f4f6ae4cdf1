"""Texts of plans, the shipped one and the smallest, and what is wrong with a text."""

from pathlib import Path

import pytest

from ocop.plan_file import PlanErrors, read_plan

SHIPPED = Path(__file__).parents[2] / "deployments" / "plans" / "nam_dinh_2025.toml"
TOML = SHIPPED.read_text(encoding="utf-8")
RECOGNITION = """[[deadlines]]
stage = "provincial_recognition"
date = 2025-08-15
wording = "đến hết ngày 15/8/2025"
boundary = "inclusive"
met_by = "decision_signed"
after_deadline = "next_round"
section = "mục 9"

[targets]"""
"""A date for the province's recognition, to be put before the targets."""
SMALLEST = """
[plan]
key = "nho"
title = "Kế hoạch nhỏ nhất"
number = "1/KH-UBND"
issued_on = 2025-04-08
issuer = "UBND"
province = "36"
procedure = "qd148"
year = 2025
opens_on = 2025-04-08

[[deadlines]]
stage = "district_evaluation"
date = 2025-06-15
wording = "trước ngày 15/6/2025"
met_by = "session_held"
section = "mục 1"

[evidence.expired]
story = "warn"

[sources]
plan = "Kế hoạch 1"
"deadlines.met_by" = "mục 1"
"evidence.expired.story" = "mục 2"
"""


def problems_of(toml: str) -> list[tuple[int, str, str]]:
    """Return line, key and sentence of each problem of a plan."""
    with pytest.raises(PlanErrors) as refused:
        read_plan(toml)
    return [(problem.line, problem.key, str(problem)) for problem in refused.value.problems]
