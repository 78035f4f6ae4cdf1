"""One English word for one thing, Vietnamese in composed form, and nothing of the machine that it was written on."""

import re
import unicodedata
from pathlib import Path

from tests.architecture.tree import ROOT, files, identifiers, modules, words

SYNONYMS = {
    "dossier": {"application", "applications", "case", "cases", "submissions"},
    "producer": {"applicant", "applicants", "manufacturer", "entity"},
    "council": {"jury", "panel"},
    "retract": {"withdraw", "withdrawal", "withdrawn"},
    "recognise": {"recognize", "recognized", "accredit"},
    "certificate": {"licence", "license", "diploma"},
    "evidence": {"proof", "proofs"},
    "commune": {"ward", "village"},
}
"""By the glossary's word, the words that code must not use for the same thing (docs/glossary.md)."""
FORBIDDEN = {wrong: right for right, wrongs in SYNONYMS.items() for wrong in wrongs}
MACHINE = re.compile(r"(?<![\w.])/(?:root|home|work|tmp/\w|Users|var/tmp)/[\w.]")
REGISTRY = re.compile(
    r"pypi\.org|pythonhosted|registry\.npmjs|index-url|jfrog|artifactory|nexus\b|proxy\.golang|://[^\s/]*mirror",
    re.IGNORECASE,
)
ABOUT_REGISTRIES = frozenset({"Makefile", "tests/architecture/test_words.py"})
"""Files that name an option which keeps addresses out, or this very rule."""


def test_code_uses_the_words_of_the_glossary() -> None:
    wrong = sorted(
        {
            f"{module.name}:{line} {name} (say {FORBIDDEN[word]})"
            for module in modules()
            for name, line in identifiers(module.tree)
            for word in words(name)
            if word in FORBIDDEN
        }
    )
    assert wrong == []


def test_the_glossary_names_every_word_that_code_must_use() -> None:
    glossary = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    assert [
        right for right in ("dossier", "producer", "council", "retract", "certificate") if right not in glossary
    ] == []


def test_every_text_is_in_unicodes_composed_form() -> None:
    decomposed = [
        path.relative_to(ROOT).as_posix()
        for path in files()
        if not unicodedata.is_normalized("NFC", path.read_text(encoding="utf-8"))
    ]
    assert decomposed == []


def _lines_with(pattern: re.Pattern[str], path: Path) -> list[str]:
    found = path.relative_to(ROOT).as_posix()
    return [
        f"{found}:{number}"
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if pattern.search(line)
    ]


def test_no_file_names_a_path_of_the_machine_that_it_was_written_on() -> None:
    assert [line for path in files() for line in _lines_with(MACHINE, path)] == []


def test_no_file_names_a_registry() -> None:
    found = [
        line
        for path in files()
        if path.relative_to(ROOT).as_posix() not in ABOUT_REGISTRIES
        for line in _lines_with(REGISTRY, path)
    ]
    assert found == []


def test_every_locked_dependency_has_its_version_and_hashes() -> None:
    locked = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    assert "://" not in locked
    wanted = re.findall(r"^([A-Za-z0-9][^;\\\n]*)", locked, re.MULTILINE)
    assert [line for line in wanted if "==" not in line] == []
    entries = re.split(r"^(?=[A-Za-z0-9])", locked, flags=re.MULTILINE)
    assert [entry.split()[0] for entry in entries if entry.strip() and "--hash=sha256:" not in entry] == []
