"""What a plan is refused for: where, what, and what to do about it."""

from collections.abc import Sequence
from dataclasses import dataclass

from ocop.phrase import Phrase
from ocop.toml_lines import Key

ONE_OF = "ghi một trong: %(known)s"
"""The message of a remedy that names what is known."""


def meant(near: str) -> Phrase:
    """Return the remedy for a word that is nearly one that is known."""
    return Phrase("có phải «%(near)s»?", near=near)


@dataclass(frozen=True)
class Fault:
    """One thing in a plan that does not fit the rest: where, what, and what to do about it, in Vietnamese."""

    key: Key
    problem: str
    remedy: str


class PlanFaults(ValueError):
    """The values of a plan contradict each other or the procedure."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(f"{dotted(fault.key)}: {fault.problem}" for fault in faults))


def dotted(key: Key) -> str:
    """Return a key as a person finds it in the file: 'council.spread', 'deadlines[2].date' for the second of them."""
    told = "".join(f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in key)
    return told.removeprefix(".")
