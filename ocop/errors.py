"""All refusals of the programme: what may not happen, said to an officer in Vietnamese and to a log in English.

RuleViolation
├── NotFound                  the thing named does not exist
├── NotYours                  the actor has no role there at that time
├── NotPossibleNow            the procedure has no such move at this stage
├── TooLate                   the act's day lies on or after the stage's deadline
├── MissingResult             a decision without the evaluation it needs
├── InvalidInput              a value that cannot be taken: field and remedy
│   └── InvalidRows           many of them, from a file
├── AlreadyExists             what must be single is there already
├── SomeoneWasFaster          another officer changed it meanwhile
└── KeyReused                 an idempotency key with another request under it
"""

from collections.abc import Sequence
from dataclasses import dataclass

from ocop.phrase import Joined, Paired, Phrase


@dataclass(eq=False)
class RuleViolation(Exception):
    """The programme says no: `vietnamese` for the officer, `english` for logs and the API."""

    vietnamese: str
    english: str

    def __str__(self) -> str:
        """Return what the officer reads."""
        return self.vietnamese

    @property
    def told(self) -> Phrase:
        """What the officer reads, in the language that their pages are in."""
        return self.vietnamese if isinstance(self.vietnamese, Phrase) else Paired(self.vietnamese, self.english)


class NotFound(RuleViolation):
    """Nothing has this code or number."""


class NotYours(RuleViolation):
    """The actor holds no role that may do this at this unit on this day."""


class NotPossibleNow(RuleViolation):
    """The procedure knows no such move at the dossier's stage, or a bound is used up."""


class TooLate(RuleViolation):
    """The deadline struck before the day of the act that meets it."""


class MissingResult(RuleViolation):
    """A decision was asked for without the recorded result under it."""


class InvalidInput(RuleViolation):
    """A value cannot be taken; the sentence names the field and the remedy."""


class AlreadyExists(RuleViolation):
    """A second one of what may be single."""


class SomeoneWasFaster(RuleViolation):
    """The dossier changed under the actor; the sentence says who did what, when."""


class KeyReused(RuleViolation):
    """The idempotency key was used for another request."""


REMEDY = "; "
"""What stands between what is wrong and what to do about it."""


def remedied(wrong: str, remedy: str) -> Joined:
    """Return what is wrong with what to do about it, which a page may show apart."""
    return Joined(REMEDY, (wrong, remedy))


@dataclass(frozen=True)
class RowProblem:
    """One thing wrong in a file: where, and what to do."""

    sheet: str
    row: int
    column: str
    reason: str

    @property
    def apart(self) -> tuple[str, str]:
        """What is wrong, and what to do about it: empty where the reason does not say."""
        if isinstance(self.reason, Joined) and self.reason.separator == REMEDY:
            wrong, remedy = self.reason.parts
            return wrong, remedy
        wrong, _, remedy = self.reason.partition("; hãy ")
        return (wrong, f"hãy {remedy}") if remedy else (self.reason, "")

    def __str__(self) -> str:
        """Return the line as the importer prints it."""
        return str(self.told)

    @property
    def told(self) -> Phrase:
        """The line as a page shows it whole."""
        place = [Phrase("dòng %(line)s", line=str(self.row)), Phrase("cột '%(column)s'", column=self.column)]
        if self.sheet:
            place.insert(0, Phrase("trang '%(sheet)s'", sheet=self.sheet))
        return Phrase("%(place)s: %(reason)s", place=Joined(", ", place), reason=self.reason)


class InvalidRows(InvalidInput):
    """A file was refused whole; every bad row is named."""

    def __init__(self, problems: Sequence[RowProblem]) -> None:
        self.problems = tuple(problems)
        self._head = Phrase("Tệp có %(count)s chỗ sai, chưa nhập dòng nào:", count=str(len(problems)))
        super().__init__(
            "\n".join([self._head, *map(str, self.problems)]), f"{len(problems)} problems in the file, nothing imported"
        )

    @property
    def told(self) -> Joined:
        """What the officer reads; made when it is asked for, as a file may have tens of thousands of rows."""
        return Joined("\n", [self._head, *(problem.told for problem in self.problems)])
