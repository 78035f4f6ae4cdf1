"""The language that a reader asked for: Vietnamese, which everything is written in, or English by the catalogue."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any

from babel.messages.pofile import read_po
from fastapi import Request, Response
from markupsafe import Markup

from ocop.phrase import CONTEXT, Counted, Phrase, in_context, written

COOKIE = "ocop_language"
LASTS = 365 * 24 * 3600
"""Seconds for which a browser keeps the choice."""
CATALOGUE = Path(__file__).parent / "english"


class Language(StrEnum):
    """A language of the pages."""

    VIETNAMESE = "vi"
    ENGLISH = "en"

    @property
    def name_of_itself(self) -> str:
        """What its speakers call it."""
        return {Language.VIETNAMESE: "Tiếng Việt", Language.ENGLISH: "English"}[self]

    @property
    def other(self) -> "Language":
        """The language that a reader may change to."""
        return Language.VIETNAMESE if self is Language.ENGLISH else Language.ENGLISH


_spoken: ContextVar[Language] = ContextVar("language of the page that is drawn", default=Language.VIETNAMESE)


def asked(request: Request) -> Language:
    """Return the language that the reader chose; Vietnamese for who chose none."""
    return Language.ENGLISH if request.cookies.get(COOKIE) == Language.ENGLISH else Language.VIETNAMESE


def choose(response: Response, language: Language, *, secure: bool) -> None:
    """Let the browser keep the choice: it is no secret and names nobody."""
    response.set_cookie(COOKIE, language, max_age=LASTS, path="/", httponly=True, samesite="lax", secure=secure)


@contextmanager
def spoken(language: Language) -> Iterator[None]:
    """Draw everything inside in a language."""
    token = _spoken.set(language)
    try:
        yield
    finally:
        _spoken.reset(token)


def current() -> Language:
    """Return the language of the page that is drawn."""
    return _spoken.get()


@lru_cache(maxsize=1)
def catalogue() -> Mapping[str, str]:
    """Return the English of each message; one that has none is shown as it is."""
    found: dict[str, str] = {}
    for path in sorted(CATALOGUE.glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale="en"):
                if message.id and message.string:
                    word = str(message.id)
                    found[in_context(message.context, word) if message.context else word] = str(message.string)
    return found


def _english(message: str) -> str:
    return catalogue().get(message) or message.rpartition(CONTEXT)[2]


def write(value: Any) -> str:
    """Return a value as English writes it: '15,600', '7.5'; days stay as this country writes them, 15/6/2025."""
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    if isinstance(value, Decimal):
        return written(value).replace(",", ".")
    return written(value)


def said(value: Any) -> Any:
    """Return what is shown for a value: a phrase in the reader's language, everything else as it is."""
    return value.said(_english, write) if isinstance(value, Phrase) and current() is Language.ENGLISH else value


def said_in(language: Language, text: str) -> str:
    """Return a text in a language."""
    with spoken(language):
        return str(said(text))


def said_to(request: Request, text: str) -> str:
    """Return a text in the language of the one who asks."""
    return said_in(asked(request), text)


def number(value: Any) -> str:
    """Return a number, or another value of a message, as the reader's language writes it; a text stays as it is."""
    return write(value) if current() is Language.ENGLISH else written(value)


def _shown(value: Any) -> Any:
    if isinstance(value, Markup):
        return value
    return said(value) if isinstance(value, Phrase) else number(value)


def gettext(message: str, /, **values: Any) -> Markup:
    """Return a message of a template, which is HTML, in the reader's language; values are escaped."""
    found = _english(message) if current() is Language.ENGLISH else message
    if "%" not in found:  # most words; each row of a list says a dozen
        return Markup(found)
    return Markup(found) % Counted({name: _shown(value) for name, value in values.items()})


def pgettext(context: str, message: str, /) -> Markup:
    """Return a word of a template that has another meaning elsewhere, in the reader's language."""
    return Markup(_english(in_context(context, message)) if current() is Language.ENGLISH else message)
