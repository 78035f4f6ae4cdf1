"""The settings of rounds, batches, passes and the annex: each from its least to its greatest, each example one that is taken."""

import json
import tomllib
from typing import Any

import pytest
from pydantic import ValidationError

from ocop.deadlines import Boundary
from ocop.plan_rounds import Batch, Closing, DateWords, LawChange, Levels, Pass, Planned, Round
from ocop.plan_sections import Section

SMALLEST: dict[type[Section], dict[str, Any]] = {
    Round: {"key": "a", "title": "t", "section": "s"},
    DateWords: {},
    Closing: {"title": "t", "date": "2025-12-20"},
    Levels: {"through": ["province"]},
    LawChange: {"date": "2025-07-06", "procedure": "qd1489", "section": "s"},
    Batch: {"title": "t", "stage": "a", "units": ["1"], "date": "2025-05-30", "wording": "w", "section": "s"},
    Pass: {"title": "t", "stage": "a", "date": "2025-07-04", "wording": "w", "section": "s"},
    Planned: {"level": "district", "unit": "1", "products": 0, "section": "s"},
}
"""The fewest and shortest values that each table takes."""
ALL = pytest.mark.parametrize("section", SMALLEST, ids=lambda section: section.__name__)


def taken(section: type[Section], /, **values: Any) -> bool:
    """Return whether a table takes its smallest values with some of them changed."""
    try:
        section.model_validate_json(json.dumps(SMALLEST[section] | values))
    except ValidationError:
        return False
    return True


@ALL
def test_a_table_takes_its_smallest_values_and_lacks_each_of_them(section: type[Section]) -> None:
    assert taken(section)
    for key in SMALLEST[section]:
        without = {name: value for name, value in SMALLEST[section].items() if name != key}
        with pytest.raises(ValidationError):
            section.model_validate_json(json.dumps(without))


@ALL
def test_every_setting_without_a_default_or_with_none_shows_an_example_that_it_takes(section: type[Section]) -> None:
    for name, field in section.model_fields.items():
        assert isinstance(field.json_schema_extra, dict)
        example = str(field.json_schema_extra["example"])
        if example or field.is_required() or field.default is None:
            value = json.loads(json.dumps(tomllib.loads(f"value = {example}")["value"], default=str))
            assert taken(section, **{field.alias or name: value}), name


def test_the_number_of_products_in_the_example_is_a_dozen() -> None:
    extra = Planned.model_fields["products"].json_schema_extra
    assert isinstance(extra, dict)
    assert extra["example"] == "12"


@pytest.mark.parametrize(
    ("section", "key", "longest"),
    [
        (Round, "title", 80), (Round, "section", None), (Closing, "title", None), (LawChange, "section", None),
        (Batch, "title", 200), (Batch, "wording", 300), (Batch, "section", 300),
        (Pass, "title", 200), (Pass, "wording", 300), (Pass, "section", 300),
        (Planned, "unit", None), (Planned, "section", None),
    ],
)  # fmt: skip
def test_a_text_has_a_letter_at_the_least_and_no_more_than_a_record_holds(
    section: type[Section], key: str, longest: int | None
) -> None:
    assert not taken(section, **{key: ""})
    assert taken(section, **{key: "x" * (longest or 1000)})
    assert longest is None or not taken(section, **{key: "x" * (longest + 1)})


@pytest.mark.parametrize(
    ("section", "key", "least", "greatest"),
    [
        *((DateWords, f"{part}_day", 1, 31) for part in ("within", "early", "middle", "late")),
        (Planned, "products", 0, 10000),
    ],
)
def test_a_number_of_a_round_is_taken_from_its_least_to_its_greatest(
    section: type[Section], key: str, least: int, greatest: int
) -> None:
    values = (least - 1, least, greatest, greatest + 1)
    assert [taken(section, **{key: value}) for value in values] == [False, True, True, False]


def test_lists_name_one_at_the_least() -> None:
    assert not taken(Batch, units=[])
    assert not taken(Levels, through=[])


@pytest.mark.parametrize(
    ("key", "good"), [("dot_1", True), ("a", True), ("Dot", False), ("1", False), ("dot 1", False)]
)
def test_a_round_has_a_key_of_small_letters(key: str, good: bool) -> None:
    assert taken(Round, key=key) is good


@pytest.mark.parametrize("section", [Closing, LawChange, Batch, Pass])
def test_a_day_lies_in_the_years_of_the_programme(section: type[Section]) -> None:
    days = ("2016-12-31", "2017-01-01", "2110-12-31", "2111-01-01")
    assert [taken(section, date=day) for day in days] == [False, True, True, False]


def test_what_a_plan_leaves_out_is_the_domains_default() -> None:
    words = DateWords()
    assert (words.within_day, words.early_day, words.middle_day, words.late_day) == (31, 10, 15, 31)
    for section in (Batch, Pass):
        made = section.model_validate_json(json.dumps(SMALLEST[section]))
        assert made.boundary is Boundary.INCLUSIVE
