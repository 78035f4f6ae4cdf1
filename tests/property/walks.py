"""What can be said of all walks of dossiers, whatever a standing is."""

from collections.abc import Hashable, Mapping, Sequence
from typing import TypeVar

S = TypeVar("S", bound=Hashable)


def left_for_good(after: Mapping[S, Sequence[S]]) -> int:
    """Return how many standings no walk comes back to, given those that may follow each: all of them where none circles."""
    waiting = dict.fromkeys(after, 0)
    for ways in after.values():
        for there in set(ways):
            waiting[there] += 1
    free = [at for at, number in waiting.items() if number == 0]
    left = 0
    while free:
        at = free.pop()
        left += 1
        for there in set(after[at]):
            waiting[there] -= 1
            if waiting[there] == 0:
                free.append(there)
    return left
