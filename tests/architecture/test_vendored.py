"""What was written by others is kept byte for byte, beside its licence, and pages fetch no other."""

import re

import pytest

from cli.papers.vendored import PAPER, Vendored, listed, sum_of
from tests.architecture.tree import ROOT

STATIC = ROOT / "dashboard" / "static"
FILES = listed(PAPER.read_text(encoding="utf-8"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.file)
def test_a_file_of_others_is_the_one_that_was_fetched_and_says_why_it_is_here(file: Vendored) -> None:
    assert sum_of(file.path) == file.sum, f"{file.file} is not what docs/vendored.md says: run `make vendor`"
    assert all((file.package, file.version, file.terms, file.why))


def test_every_kept_file_of_others_is_in_the_table() -> None:
    kept = {
        path.relative_to(ROOT).as_posix()
        for folder in ("vendor", "fonts")
        for path in (STATIC / folder).rglob("*")
        if path.is_file()
    }
    assert kept == {file.file for file in FILES if file.file.startswith("dashboard/static/")}


def test_a_folder_that_browsers_keep_carries_its_version_and_its_licence() -> None:
    for file in FILES:
        folder = file.path.parent
        if "vendor" in folder.parts:
            assert folder.name.endswith(f"-{file.version}"), file.file
            assert (folder / "LICENSE.txt").exists(), file.file


def test_pages_fetch_only_files_that_are_there() -> None:
    for template in sorted((ROOT / "dashboard" / "templates").glob("*.j2")):
        for file in re.findall(r'(?:src|href)="/static/([^"]+)"', template.read_text(encoding="utf-8")):
            assert (STATIC / file).exists(), (template.name, file)
