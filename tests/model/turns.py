"""What is drawn for one act: on which dossier, what the council found, and what befalls the request."""

from decimal import Decimal
from random import Random
from typing import NamedTuple

from hypothesis import strategies as st

MEANS = ("29", "49.995", "50", "64", "65", "69.995", "70", "80", "89.999", "90", "95")
PLAIN, TWICE, CRASH, LOST = "plain", "twice", "crash", "reply lost"
means = st.sampled_from(MEANS).map(Decimal)
failed_gates = st.sampled_from((0, 0, 0, 0, 3, 4, 5)).map(lambda star: frozenset({star} - {0}))
ways = st.sampled_from((PLAIN, PLAIN, PLAIN, TWICE, CRASH, LOST))
seeds = st.integers(0, 2**32)


class Turn(NamedTuple):
    """What is drawn for one act."""

    place: int
    aside: int
    mean: Decimal
    failed: frozenset[int]
    apart: int
    way: str

    @classmethod
    def drawn(cls, random: Random) -> "Turn":
        """Draw one act: mostly what a dossier waits for, at times what else may happen to it."""
        aside = random.randint(1, 9) if random.random() < 0.15 else 0
        failed = frozenset({random.choice((3, 4, 5))} if random.random() < 0.15 else ())
        apart = 11 if random.random() < 0.1 else 0
        way = random.choices((PLAIN, TWICE, CRASH, LOST), (6, 1, 3, 1))[0]
        return cls(random.randint(0, 30), aside, Decimal(random.choice(MEANS)), failed, apart, way)
