"""Renders a letter's subject, text and HTML from the facts in its row."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from models.letters import Letter
from notifications.facts import complete
from notifications.vietnamese import FILTERS, prose
from ocop.notices import Notice
from ocop.text import nfc

TEMPLATES = Path(__file__).parent / "templates"
SIMULATED = "[mô phỏng] "
"""Opens the subject of every letter of a simulated cycle."""
LONGEST_SUBJECT = 200


@dataclass(frozen=True)
class Rendered:
    """A letter in words, in Unicode's composed form."""

    subject: str
    text: str
    html: str


def _environment() -> Environment:
    found = Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        autoescape=lambda name: name is not None and name.endswith(".html.j2"),
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    found.filters.update(FILTERS)
    return found


_TEMPLATES = _environment()


def render(letter: Letter, opened: Mapping[str, str] | None = None) -> Rendered:
    """Return a letter's words; `opened` puts the link into one that carries a key, without it the words say where it is.

    The sentences stand once, in the blocks of `body.txt.j2`; the HTML part lays the same sentences out.

    Raises:
        ValueError: no notice of this name exists.
        jinja2.UndefinedError: a required fact is missing.
    """
    return words(Notice(letter.notice), {**letter.facts, **(opened or {})})


def words(notice: Notice, facts: Mapping[str, Any]) -> Rendered:
    """Return what a notice says about facts."""
    known = complete(notice, facts)
    known["title"] = " ".join(_TEMPLATES.get_template(f"{notice}/subject.txt.j2").render(known).split())
    known["rows"] = vars(_TEMPLATES.get_template("rows.j2").make_module(known))["rows"]
    body = _TEMPLATES.get_template(f"{notice}/body.txt.j2")
    context = body.new_context(known)
    known["said"] = {name: prose("".join(block(context))) for name, block in body.blocks.items()}
    return Rendered(
        subject=nfc(_cut((SIMULATED if known["simulated"] else "") + known["title"])),
        text=nfc(_even(body.render(known))),
        html=nfc(_TEMPLATES.get_template(f"{notice}/body.html.j2").render(known)),
    )


def _cut(subject: str) -> str:
    return subject if len(subject) <= LONGEST_SUBJECT else f"{subject[: LONGEST_SUBJECT - 1].rstrip()}…"


def _even(text: str) -> str:
    """Return a text part without trailing spaces and with single blank lines."""
    lines = [line.rstrip() for line in text.strip().split("\n")]
    kept = [line for number, line in enumerate(lines) if line or lines[number - 1]]
    return "\n".join(kept) + "\n"
