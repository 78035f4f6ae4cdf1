"""Words of the programme that a page can also say in another language.

A phrase is the Vietnamese text, and may be used wherever a text may: the record, letters and the command line know no
other. It remembers from which message and which values it was made, so that the console can say it in English to a
reader who asked for that. What people typed, names and the words of a law are plain texts and stay as they are.
"""

import re
from abc import abstractmethod
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Self, TypeVar

from ocop import text

Translate = Callable[[str], str]
"""Gives a message in the other language; the message itself where there is no translation."""
Write = Callable[[Any], str]
"""Gives a value as the other language writes it."""
K = TypeVar("K")
CONTEXT = "\4"
"""What stands between a word and its meaning in the catalogue, as in gettext's own files."""
_TAG = re.compile(r"<[^>]*>")
"""What a number that is a link has around it."""


def written(value: Any) -> str:
    """Return a value as Vietnamese writes it: '15.600', '7,5', '15/6/2025'; everything else as it is."""
    if isinstance(value, datetime):
        raise TypeError("an instant is written by who knows whether its hour matters")
    if isinstance(value, date):
        return text.day(value)
    if isinstance(value, Decimal):
        return text.decimal(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return text.count(value)
    return str(value)


class Phrase(str):
    """A message with its values put in: `Phrase("còn %(days)s ngày làm việc", days=11)`.

    Whole numbers, decimals and dates are written as the language writes them; a year is given as a text. A per cent sign
    of a message with values is doubled. A list has tens of thousands of phrases, so that none carries a dictionary of
    its own: a kind of phrase names what it keeps in `__slots__`.
    """

    __slots__ = ("message", "values")
    message: str
    values: Mapping[str, Any]

    def __new__(cls, message: str, /, **values: Any) -> Self:
        """Make the Vietnamese text."""
        made = super().__new__(
            cls, message % {name: written(value) for name, value in values.items()} if values else message
        )
        made.message, made.values = message, values
        return made

    def __reduce__(self) -> tuple[Any, ...]:
        """Let a copy, and what is read from a pickle, know the message too."""
        kept = [name for kind in type(self).__mro__ for name in getattr(kind, "__slots__", ())]
        return _again, (type(self), str(self)), (None, {name: getattr(self, name) for name in kept})

    def said(self, translate: Translate, write: Write) -> str:
        """Return the phrase in another language, its values with it."""
        message = translate(self.message)
        return put_in(message, self.values, lambda value: said(value, translate, write)) if self.values else message


def _again(kind: type[Phrase], made: str) -> Phrase:
    return str.__new__(kind, made)


class Meant(Phrase):
    """A word that has another meaning elsewhere, with what it is about here: `Meant("nhận", "về đơn vị")`."""

    __slots__ = ("context",)
    context: str

    def __new__(cls, word: str, context: str, /) -> Self:
        """Keep the meaning beside the word."""
        made = super().__new__(cls, word)
        made.message, made.context = in_context(context, word), context
        return made


def in_context(context: str, word: str) -> str:
    """Return how the catalogue knows a word in one of its meanings, as gettext does."""
    return f"{context}{CONTEXT}{word}"


class Joined(Phrase):
    """Phrases and texts with a separator between them."""

    __slots__ = ("parts", "separator")
    parts: tuple[str, ...]
    separator: str

    def __new__(cls, separator: str, parts: Iterable[str], /) -> Self:
        """Join the Vietnamese texts."""
        known = tuple(parts)
        made = super().__new__(cls, separator.join(known))
        made.parts, made.separator = known, separator
        return made

    def said(self, translate: Translate, write: Write) -> str:
        """Return the parts in another language; a separator of words is a message of its own."""
        separator = translate(self.separator) if self.separator.strip(" ,.;:–\n") else self.separator
        return separator.join(said(part, translate, write) for part in self.parts)


class Shaped(Phrase):
    """A phrase in another shape than its own, which each kind of it names."""

    __slots__ = ("phrase",)
    phrase: str

    def __new__(cls, phrase: str, /) -> Self:
        """Shape the Vietnamese text."""
        made = super().__new__(cls, cls.shaped(phrase))
        made.phrase = phrase
        return made

    @staticmethod
    @abstractmethod
    def shaped(made: str) -> str:
        """Return a text in this shape, in whatever language."""

    def said(self, translate: Translate, write: Write) -> str:
        """Return it in another language, in the same shape."""
        return self.shaped(said(self.phrase, translate, write))


class Opened(Shaped):
    """A phrase as a line begins with it."""

    __slots__ = ()

    @staticmethod
    def shaped(made: str) -> str:
        """Write the first letter large."""
        return made[:1].upper() + made[1:]


class Within(Shaped):
    """A label as it stands within a sentence."""

    __slots__ = ()

    @staticmethod
    def shaped(made: str) -> str:
        """Write the first letter small."""
        return made[:1].lower() + made[1:]


class Unstopped(Shaped):
    """A sentence as a label says it."""

    __slots__ = ()

    @staticmethod
    def shaped(made: str) -> str:
        """Leave out the full stop."""
        return made.removesuffix(".")


SHAPES: Mapping[str, type[Shaped]] = {kind.__name__: kind for kind in (Opened, Within, Unstopped)}


class Paired(Phrase):
    """A text that was written in both languages where it arose, as refusals are."""

    __slots__ = ("english",)
    english: str

    def __new__(cls, vietnamese: str, english: str, /) -> Self:
        """Keep the other language beside the Vietnamese text."""
        made = super().__new__(cls, vietnamese)
        made.english = english
        return made

    def said(self, translate: Translate, write: Write) -> str:
        """Return the English text as a sentence."""
        del translate, write
        return text.ended(self.english[:1].upper() + self.english[1:].rstrip("."))


class Counted(dict[str, str]):
    """Values by name, and the form of a word by a number: `%(days)s %(days:day|days)s`."""

    def __missing__(self, wanted: str) -> str:
        """Return the first form for one, the second for every other number."""
        name, colon, forms = wanted.partition(":")
        if not colon:
            raise KeyError(wanted)
        one, _, more = forms.partition("|")
        return one if _TAG.sub("", self[name]) == "1" else more


def put_in(message: str, values: Mapping[str, Any], write: Write) -> str:
    """Return a message with its values, each written as `write` does."""
    return message % Counted({name: write(value) for name, value in values.items()})


def said(value: Any, translate: Translate, write: Write) -> str:
    """Return a phrase in another language, and every other value as that language writes it."""
    return value.said(translate, write) if isinstance(value, Phrase) else write(value)


def phrases(labels: Mapping[K, str]) -> dict[K, str]:
    """Return a table of labels whose words can be said in another language."""
    return {key: Phrase(label) for key, label in labels.items()}


def to_json(value: Any) -> Any:
    """Return what a JSON file keeps of a phrase or of one of its values, so that it can still be said in English."""
    match value:
        case Joined():
            return {"separator": value.separator, "parts": [to_json(part) for part in value.parts]}
        case Shaped():
            return {"shape": type(value).__name__, "phrase": to_json(value.phrase)}
        case Paired():
            return {"vietnamese": str(value), "english": value.english}
        case Meant():
            return {"word": str(value), "context": value.context}
        case Phrase():
            return {"message": value.message, "values": {name: to_json(one) for name, one in value.values.items()}}
        case date():
            return {"day": value.isoformat()}
        case Decimal():
            return {"decimal": str(value)}
        case _:
            return value


def from_json(kept: Any) -> Any:
    """Return the phrase, or the value, that `to_json` gave this for."""
    match kept:
        case {"separator": separator, "parts": parts}:
            return Joined(separator, map(from_json, parts))
        case {"shape": shape, "phrase": phrase}:
            return SHAPES[shape](from_json(phrase))
        case {"vietnamese": vietnamese, "english": english}:
            return Paired(vietnamese, english)
        case {"word": word, "context": context}:
            return Meant(word, context)
        case {"message": message, "values": values}:
            return Phrase(message, **{name: from_json(one) for name, one in values.items()})
        case {"day": day}:
            return date.fromisoformat(day)
        case {"decimal": number}:
            return Decimal(number)
        case _:
            return kept
