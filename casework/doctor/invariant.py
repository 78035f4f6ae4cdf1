"""What an invariant is: a sentence that always holds, and the query that finds who breaks it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from ocop.phrase import Phrase


@dataclass(frozen=True)
class Look:
    """What the doctor looks at: the record, at which instant, and the folder of attachments."""

    session: Session
    at: datetime
    files: Path


@dataclass(frozen=True)
class Violation:
    """One place where an invariant does not hold."""

    where: str
    """'hồ sơ ND2025-0007', 'giấy chứng nhận ...': what an officer can look up."""
    what: str


@dataclass(frozen=True)
class Invariant:
    """A sentence about the record that always holds."""

    key: str
    sentence: str
    find: Callable[[Look], Iterator[Violation]]
    remedy: str
    """What a person does about a violation."""

    def __post_init__(self) -> None:
        """Let the sentences be said in another language."""
        object.__setattr__(self, "sentence", Phrase(self.sentence))
        object.__setattr__(self, "remedy", Phrase(self.remedy))
