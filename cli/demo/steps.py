"""An act of the invented year, and a dossier with what the story needs to know of it."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, TypeVar

from cli.demo.fates import PLAIN, Fate
from cli.demo.world import Row
from ocop.working_days import VIETNAM

FILING_DAYS = (date(2025, 4, 18), date(2025, 4, 25), date(2025, 5, 9), date(2025, 5, 16))
"""The Fridays on which the dossiers registered since the last one are taken in, a file each."""


@dataclass(frozen=True)
class Step:
    """One act of one officer; `products` says of which dossiers, by the codes of their products."""

    at: datetime
    act: str
    who: str
    body: Mapping[str, Any] = field(default_factory=dict)
    products: tuple[str, ...] = ()
    one: bool = False
    """The act takes one dossier by name, not a list."""
    on_behalf: str = ""
    refused: bool = False
    """The programme is expected to say no."""


@dataclass(frozen=True)
class Planned:
    """A dossier with what the story needs to know of it."""

    product: str
    row: Row
    commune: str
    district: str
    filed: date
    """The Friday on which it was taken in."""
    fate: Fate = PLAIN

    @property
    def leaves_at(self) -> str:
        """The stage that it leaves before its way is done; empty for one that goes all the way."""
        return self.fate.ends[0] if self.fate.ends else ""

    @property
    def received(self) -> date:
        """The Monday after."""
        return self.filed + timedelta(days=3)

    @property
    def reported(self) -> date:
        """The commune's report, eight days after the receipt."""
        return self.received + timedelta(days=8)


def hour(day: date, clock: str = "09:00") -> datetime:
    """Return an instant of a day in Việt Nam."""
    return datetime.combine(day, time.fromisoformat(clock), VIETNAM)


def filing_day(row: Row) -> date:
    """Return the Friday on which a dossier's file is taken in."""
    registered = row["registered_on"]
    assert isinstance(registered, date)
    return next(day for day in FILING_DAYS if registered <= day)


def products(dossiers: Iterable[Planned]) -> tuple[str, ...]:
    """Return the codes of dossiers' products, as a step names them."""
    return tuple(dossier.product for dossier in dossiers)


def one(dossier: Planned, day: date, act: str, who: Mapping[str, Any], *, clock: str = "10:00", **body: Any) -> Step:
    """Return an act on one dossier."""
    return Step(hour(day, clock), act, body=body, products=(dossier.product,), one=True, **who)


_ENDINGS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "retract": ("requested_on", {"reason": "Chủ thể đổi bao bì, xin đăng ký kỳ sau"}),
    "disqualify": (
        "found_on",
        {"reason": "Phiếu kiểm nghiệm không phải của sản phẩm", "document": "21/KL-UBND (mô phỏng)"},
    ),
    "carry-over": ("decided_on", {"reason": "Chưa hoàn thiện hồ sơ"}),
}
"""What is said of a dossier that leaves before its way is done, and the name of its day."""


def leaving(dossier: Planned, day: date, who: Mapping[str, Any], *, clock: str = "10:00") -> Step:
    """Return the act by which a dossier leaves before its way is done."""
    assert dossier.fate.ends is not None
    act = dossier.fate.ends[1]
    dated, body = _ENDINGS[act]
    single = act != "carry-over"
    return Step(hour(day, clock), act, body={dated: day, **body}, products=(dossier.product,), one=single, **who)


def unanswered(dossier: Planned, asked: date, who: Mapping[str, Any]) -> Iterator[Step]:
    """Yield a request for a supplement, and the act by which the dossier leaves while it waits."""
    yield one(
        dossier, asked, "request-supplement", who, reason="Thiếu hợp đồng liên kết nguyên liệu", requested_on=asked
    )
    yield leaving(dossier, asked + timedelta(days=3), who)


D = TypeVar("D")
K = TypeVar("K")


def grouped(dossiers: Iterable[D], by: Callable[[D], K]) -> dict[K, list[D]]:
    """Return dossiers by what `by` gives for each, in their order."""
    found: dict[K, list[D]] = defaultdict(list)
    for dossier in dossiers:
        found[by(dossier)].append(dossier)
    return found
