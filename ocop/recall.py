"""A sentence that was kept as it was written, recalled as the phrase that it was, so that it can be said in English too."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from ocop.phrase import Joined, Phrase

_NAMED = re.compile(r"%\((\w+)\)s")
_NUMBER = re.compile(r"[1-9]\d{0,2}(\.\d{3})+")


@dataclass(frozen=True)
class Memory:
    """The messages by which a kind of kept sentence was made, and the words that stand in them as values."""

    messages: Sequence[str]
    words: Mapping[str, str] = field(default_factory=dict)
    """By their Vietnamese text."""
    forms: Mapping[str, str] = field(default_factory=dict)
    """What a value looks like, as a regular expression, by its name; one that is not here may be anything."""

    @cached_property
    def _patterns(self) -> Sequence[tuple[str, re.Pattern[str]]]:
        """Return how each message looks with its values in it, the one that says most first."""
        order = sorted(self.messages, key=lambda message: -len(_NAMED.sub("", message)))
        return [(message, self._pattern(message)) for message in order]

    def recall(self, kept: str) -> str:
        """Return a kept sentence as a phrase, its parts apart at '; '; what no message made stays a plain text."""
        whole = self._one(kept)
        if isinstance(whole, Phrase) or "; " not in kept:
            return whole
        parts = [self._one(part) for part in kept.split("; ")]
        return Joined("; ", parts) if any(isinstance(part, Phrase) for part in parts) else kept

    def _list(self, kept: str) -> str:
        """Return a list with commas of which each part is known."""
        parts = [self._one(part) for part in kept.split(", ")]
        return Joined(", ", parts) if all(isinstance(part, Phrase) for part in parts) else kept

    def _one(self, kept: str) -> str:
        if kept in self.words:
            return self.words[kept]
        for message, pattern in self._patterns:
            if found := pattern.fullmatch(kept):
                phrase = Phrase(message, **{name: self._value(value) for name, value in found.groupdict().items()})
                if phrase == kept:
                    return phrase
        return self._list(kept) if ", " in kept else kept

    def _pattern(self, message: str) -> re.Pattern[str]:
        """Return what a message looks like with its values; a value never reaches over the end of a part."""
        pieces = _NAMED.split(message)
        literal = [re.escape(piece.replace("%%", "%")) for piece in pieces[::2]]
        values = [f"(?P<{name}>{self.forms.get(name, '(?:(?!; ).)+?')})" for name in pieces[1::2]]
        return re.compile("".join(part for pair in zip(literal, [*values, ""], strict=True) for part in pair))

    def _value(self, kept: str) -> str | int:
        if _NUMBER.fullmatch(kept):
            return int(kept.replace(".", ""))
        return self._one(kept)
