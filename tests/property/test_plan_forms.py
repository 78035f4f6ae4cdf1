"""Whatever stands in a plan file is read or refused by name; and a lower plan fits exactly while it is no later."""

import copy
import json
import tomllib
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from casework.calendar_seed import calendar_rows
from ocop.coarse_dates import resolve
from ocop.levels import Level
from ocop.nested_plan import covering, read_nested
from ocop.plan import CyclePlan, with_defaults_cited
from ocop.plan_file import PlanErrors, read_plan
from ocop.plan_forms import compose
from ocop.working_days import Calendar

FORMS = Path(__file__).parents[1] / "data" / "plans"
CALENDAR = Calendar(calendar_rows(2025, 2026))
UPPER = read_plan(FORMS / "batches_and_passes.toml")
NESTED = (FORMS / "nested" / "district.toml").read_text(encoding="utf-8")
JUNK = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 3), st.text(max_size=5), st.lists(st.integers(0, 1), max_size=2),
    st.dictionaries(st.sampled_from(["key", "date", "stage"]), st.integers(0, 1), max_size=2), st.just(date(2025, 5, 5)),
)  # fmt: skip


def places(raw: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the path of every value of a document."""
    inner = raw.items() if isinstance(raw, dict) else enumerate(raw) if isinstance(raw, list) else ()
    return [path, *(found for key, value in inner for found in places(value, (*path, key)))]


def spoilt(raw: dict[str, Any], path: tuple[Any, ...], junk: Any) -> dict[str, Any]:
    """Return a document with junk at a path."""
    made = copy.deepcopy(raw)
    holder: Any = made
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = junk
    return made


def document(name: str) -> dict[str, Any]:
    """Return a form as the TOML reader gives it."""
    return tomllib.loads((FORMS / f"{name}.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("names", [("several_rounds",), ("base", "refinement"), ("coarse_dates",)], ids="+".join)
@given(data=st.data())
def test_a_spoilt_document_is_read_or_refused_and_never_breaks_the_reader(names: tuple[str, ...], data: Any) -> None:
    documents = [document(name) for name in names]
    place = data.draw(st.integers(0, len(documents) - 1))
    path = data.draw(st.sampled_from(places(documents[place])[1:]))
    documents[place] = spoilt(documents[place], path, data.draw(JUNK))
    made = compose(documents, data.draw(st.sampled_from(["", "dot_1", "dot_2"])))
    with suppress(ValidationError):
        CyclePlan.model_validate_json(json.dumps(with_defaults_cited(made.raw), default=str))
    assert all(fault.problem and fault.remedy for _, fault in made.faults)


@given(st.integers(-60, 30))
def test_a_lower_plan_is_taken_exactly_while_its_last_day_is_no_later_than_the_upper_plans(days: int) -> None:
    outer = covering(UPPER, "district_evaluation")
    assert outer is not None
    on = outer.day + timedelta(days=days)
    toml = NESTED.replace('"cuối tháng 5"', on.isoformat())
    if days <= 0:
        assert read_nested(toml, UPPER, Level.DISTRICT, CALENDAR).deadlines[1].day == on
    else:
        with pytest.raises(PlanErrors, match="muộn hơn hạn 14/6/2025"):
            read_nested(toml, UPPER, Level.DISTRICT, CALENDAR)


@given(
    st.sampled_from(["trong", "đầu", "giữa", "cuối", "thượng tuần", "trung tuần", "hạ tuần"]), st.integers(1, 12),
    st.integers(2018, 2100), st.lists(st.integers(1, 31), min_size=4, max_size=4),
)  # fmt: skip
def test_coarse_words_come_to_a_day_of_their_month_whatever_the_rule(
    part: str, month: int, year: int, days: list[int]
) -> None:
    rule = dict(zip(("trong", "dau", "giua", "cuoi"), days, strict=True))
    reading = resolve(f"{part} tháng {month}", year, rule)
    assert reading is not None
    assert (reading.day.year, reading.day.month) == (year, month)
    assert resolve(f"{part} tháng {month}/{year}", 2018, rule) == reading
