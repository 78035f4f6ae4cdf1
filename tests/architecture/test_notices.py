"""A notice is wired: a row or a function owes it, and it reaches somebody. Its folder: tests/integration/test_letter_words.py."""

import ast

from ocop.notices import AUDIENCE, LEGAL_NOTICES, Notice
from ocop.rulebook import PROCEDURES
from tests.architecture.tree import modules


def test_every_notice_is_owed_by_a_row_of_the_table_or_by_casework() -> None:
    by_row = {notice for law in PROCEDURES.values() for row in law.rows for notice in row.letters}
    by_name = {
        Notice[node.attr]
        for module in modules("casework")
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "Notice"
    }
    assert set(Notice) - by_row - by_name == set()


def test_every_notice_reaches_somebody_and_legal_ones_reach_the_producer() -> None:
    assert set(AUDIENCE) == set(Notice)
    assert all(AUDIENCE.values())
    assert all("producer" in AUDIENCE[notice] for notice in LEGAL_NOTICES)
