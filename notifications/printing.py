"""Letters on paper, for those who have no e-mail: one page of HTML, each letter on a sheet of its own."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.letters import Letter, LetterState
from notifications.rendering import render

_PAPER = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "paper"),
    undefined=StrictUndefined,
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
)


def printable(letters: Iterable[Letter]) -> str:
    """Return a page that prints each letter on A4, with a line for the signature of who received it."""
    return _PAPER.get_template("letters.html.j2").render(
        letters=[
            {"subject": letter.subject or words.subject, "text": letter.body or words.text, "number": letter.id}
            for letter in letters
            for words in (render(letter),)
        ]
    )


def print_letters(session: Session, letter_ids: Sequence[int]) -> str:
    """Return the page of letters to hand over, and keep each text as printed, so that a later print says the same."""
    letters = session.scalars(select(Letter).where(Letter.id.in_(letter_ids)).order_by(Letter.unit_id, Letter.id)).all()
    for letter in letters:
        if letter.body is None and letter.state == LetterState.TO_HAND_OVER:
            words = render(letter)
            letter.subject, letter.body = words.subject, words.text
    return printable(letters)
