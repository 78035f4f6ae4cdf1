"""Plans for tests: the shipped one with some of its values written otherwise."""

from tests.factories import PLAN

DISTRICT, SUBMISSION, PROVINCE = "2025-06-15", "2025-06-20", "2025-07-20"
"""The shipped plan's dates by the stage that they end."""

OWN_PLAN = """
[plan]
within = "61/KH-UBND"
number = "25/KH-UBND"
title = "Đánh giá sản phẩm OCOP huyện Giao Thủy (mô phỏng)"
issued_on = 2025-04-08
issuer = "Ủy ban nhân dân huyện Giao Thủy"

[[deadlines]]
stage = "district_evaluation"
date = 2025-06-10
boundary = "inclusive"
wording = "chậm nhất ngày 10/6/2025"
section = "Kế hoạch 25, mục 3"
"""
"""A district's own plan inside the shipped one."""


def plan_with(*changes: tuple[str, str]) -> str:
    """Return the shipped plan's text with lines replaced; each must stand in it."""
    text = PLAN
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return text


def deadline_with(stage: str, *changes: tuple[str, str]) -> str:
    """Return the shipped plan's text with lines of one stage's deadline replaced."""
    before, mark, rest = PLAN.partition(f'stage = "{stage}"')
    block, end, after = rest.partition("\n\n")
    assert mark, stage
    for old, new in changes:
        assert old in block, old
        block = block.replace(old, new)
    return before + mark + block + end + after
