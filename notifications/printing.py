"""Letters on paper, for those who have no e-mail: one page of HTML, each letter on a sheet of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.letters import Letter, LetterState
from models.secret import Secret
from notifications import links
from notifications.delivery import UNWRITABLE, unwritable
from notifications.rendering import render

_PAPER = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "paper"),
    undefined=StrictUndefined,
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True)
class Printed:
    """Letters made ready for paper."""

    page: str
    """HTML that prints each letter on A4, with a line for the signature of who received it."""
    numbers: Sequence[int]
    """The letters on it."""
    unwritable: Sequence[tuple[int, str]]
    """Letters that are not on it, each with why and what to do."""


def print_letters(
    session: Session, letter_ids: Sequence[int], secret: Secret | None = None, *, heading: str = ""
) -> Printed:
    """Return the letters to hand over, and keep each text as printed, so that a later print says the same.

    With a heading a list of them comes first, with a place for who received each to sign.
    One that cannot be written stops no other. A link stands only on the sheets of who has the installation's secret, and
    in no text that is kept.
    """
    sheets: list[dict[str, str | int]] = []
    left_out: list[tuple[int, str]] = []
    letters = session.scalars(select(Letter).where(Letter.id.in_(letter_ids)).order_by(Letter.unit_id, Letter.id)).all()
    linked = links.opened(session, letters, secret)
    for letter in letters:
        if secret is not None and links.carries(letter) and letter.id not in linked:
            left_out.append((letter.id, links.ELSEWHERE))
            continue
        try:
            subject, text = _words(letter)
            if letter.id in linked:
                text = render(letter, linked[letter.id]).text
        except UNWRITABLE as fault:
            left_out.append((letter.id, unwritable(fault)))
            continue
        sheets.append({"subject": subject, "text": text, "number": letter.id, "recipient": letter.recipient_name})
    page = _PAPER.get_template("letters.html.j2").render(letters=sheets, heading=heading)
    return Printed(page, [int(sheet["number"]) for sheet in sheets], left_out)


def _words(letter: Letter) -> tuple[str, str]:
    """Return subject and text as they were kept, or as they read now; those of a letter to hand over are kept."""
    if letter.subject is not None and letter.body is not None:
        return letter.subject, letter.body
    words = render(letter)
    if letter.state == LetterState.TO_HAND_OVER:
        letter.subject, letter.body = words.subject, words.text
    return words.subject, words.text
