"""The canonical text of a value is one text, whoever writes it."""

import json
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.base import canonical
from ocop.levels import Level

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
)


@given(VALUES)
def test_the_canonical_text_is_what_json_writes_with_sorted_keys_and_no_spaces(value: Any) -> None:
    text = canonical(value)
    assert text == json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert json.loads(text) == value


def test_days_instants_and_points_are_their_plain_text() -> None:
    noon = datetime(2025, 6, 15, 12, 0, tzinfo=timezone(timedelta(hours=7)))
    known = {"day": date(2025, 6, 15), "noon": noon, "same": noon.astimezone(UTC), "mean": Decimal("69.950")}
    assert canonical(known) == (
        '{"day":"2025-06-15","mean":"69.950","noon":"2025-06-15T05:00:00.000000+00:00",'
        '"same":"2025-06-15T05:00:00.000000+00:00"}'
    )


def test_a_word_of_a_table_is_its_text_also_as_a_key() -> None:
    assert canonical({Level.COMMUNE: Level.DISTRICT}) == '{"commune":"district"}'


def test_a_number_beyond_64_bits_keeps_every_digit() -> None:
    assert canonical({"n": 2**70}) == '{"n":1180591620717411303424}'


def test_what_json_has_no_word_for_is_refused() -> None:
    with pytest.raises(TypeError, match="set has no canonical text"):
        canonical({"x": {1, 2}})
