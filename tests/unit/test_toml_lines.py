"""Keys of a TOML text are found on their lines, past strings, lists and tables inside values."""

import pytest

from ocop.toml_lines import Key, line_numbers, value_at

TOML = """\
title = "năm 2025"

[council]
spread = 10
"chair.attends" = true

[[deadlines]]
date = 2025-06-15
[[deadlines]]
date = 2025-06-20
limits = { roll = "none" }

[a.b]
c.d = 1
"""


def test_every_table_row_and_key_stands_on_the_line_where_it_begins() -> None:
    assert line_numbers(TOML) == {
        ("title",): 1,
        ("council",): 3,
        ("council", "spread"): 4,
        ("council", "chair.attends"): 5,
        ("deadlines",): 7,
        ("deadlines", 0): 7,
        ("deadlines", 0, "date"): 8,
        ("deadlines", 1): 9,
        ("deadlines", 1, "date"): 10,
        ("deadlines", 1, "limits"): 11,
        ("a", "b"): 13,
        ("a", "b", "c"): 14,
        ("a", "b", "c", "d"): 14,
    }


@pytest.mark.parametrize(
    ("toml", "line", "begins", "key"),
    [
        ("a = 1\nb = ?", 2, 2, ("b",)),
        ("a = [\n1,\n?\n]\nb = 2", 3, 1, ("a",)),
        ("a = [[1, 2],\n[?]]\nb = 2", 2, 1, ("a",)),
        ("a = [[1], [2]]\nb = ?", 2, 2, ("b",)),
        ('a = """\nb = 1\n?"""\nc = 2', 3, 1, ("a",)),
        ('a = """x""" # """\nb = ?', 2, 2, ("b",)),
        ("a = '''\n'''\nb = ?", 3, 3, ("b",)),
        ('a = ["[", "{"]\nb = ?', 2, 2, ("b",)),
        ("a = 1\n[table\nb = 2", 2, 2, ()),
        ("[table]\n", 1, 1, ()),
        ("a = 1\n?", 2, 2, ()),
        ("a = 1\nb = [", None, 2, ("b",)),  # the text ends in it
        ("", 1, 1, ()),
    ],
)
def test_a_fault_is_named_where_the_value_that_holds_it_begins(
    toml: str, line: int | None, begins: int, key: Key
) -> None:
    assert value_at(toml, line) == (begins, key)


def test_lines_are_found_past_strings_and_lists_that_look_like_tables() -> None:
    toml = (
        "[a]\n"  # 1
        "text = '''\n[not.a.table]\nkey = 1\n'''\n"  # 2 to 5
        "list = [\n  1, # ]\n  2,\n]\n"  # 6 to 9
        'after = "]["\n'  # 10
        '[[rows]]\nx = 1\n[[rows]]\n"y.z" = { p = 1 }\n'  # 11 to 14
        "b.c = 2\n"  # 15
    )
    lines = line_numbers(toml)
    assert lines["a", "text"] == 2
    assert lines["a", "list"] == 6
    assert lines["a", "after"] == 10
    assert (lines["rows", 0], lines["rows", 0, "x"]) == (11, 12)
    assert (lines["rows", 1], lines["rows", 1, "y.z"]) == (13, 14)
    assert lines["rows", 1, "b", "c"] == 15
    assert ("not", "a", "table") not in lines
    assert ("a", "key") not in lines
