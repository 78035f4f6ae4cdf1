"""Where a rule comes from, so that a page or a letter can quote it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Source:
    """A document and the place in it; `reading` says when the rule is our reading and not the text."""

    document: str
    place: str
    full_name: str = ""
    reading: str = ""

    def __str__(self) -> str:
        """Return the citation as a page prints it."""
        cited = f"{self.document}, {self.place}"
        return f"{cited} ({self.reading})" if self.reading else cited
