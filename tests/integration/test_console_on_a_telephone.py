"""The lists on a narrow screen: each row a card, whose lines are called what the columns are called on a wide one."""

import re
from pathlib import Path

import pytest

from dashboard.view import HERE

TEMPLATES = sorted((HERE / "templates").glob("*.j2"), key=lambda path: path.name)


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name.partition(".")[0])
def test_a_list_is_cards_on_a_telephone_whose_lines_are_called_as_its_columns(template: Path) -> None:
    marked = re.compile(r'\{\{ (?:_|pgettext)\((?:"[^"]*", )?"([^"]*)"\) \}\}')
    drawn = marked.sub(r"\1", template.read_text(encoding="utf-8"))
    lists = re.findall(r'<div class="scroll[^>]*>\s*<table class="(list[^"]*)">(.*?)</table>', drawn, flags=re.DOTALL)
    for kind, table in lists:
        assert kind.endswith(" stack"), kind
        columns = re.findall(r'<th scope="col"[^>]*>([^<]+)</th>', table)
        lines = re.findall(r'data-label="([^"]+)"', table)
        assert lines, columns
        for line in lines:
            assert [column for column in columns if f"{column},".startswith(f"{line},")], (line, columns)


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name.partition(".")[0])
def test_a_card_that_begins_with_a_number_of_a_row_says_so(template: Path) -> None:
    drawn = template.read_text(encoding="utf-8")
    for table in re.findall(r'<table class="[^"]*stack">(.*?)</table>', drawn, flags=re.DOTALL):
        if re.search(r'<thead><tr><th scope="col"[^>]*>\{\{ _\("Dòng"\) \}\}', table):
            assert re.search(r'<tr[^>]*>\s*<t[hd][^>]* data-label="\{\{ _\("Dòng"\) \}\}"', table), table
