"""What a producer gives their own product in form 02, by the three parts that every criteria set has."""

from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from ocop.errors import InvalidInput
from ocop.phrase import Phrase
from ocop.scoring import stars

PARTS = (
    # part, name, most points (Quyết định 148/QĐ-TTg, and the same in Quyết định 26/2026/QĐ-TTg)
    ("community", Phrase("Phần A: sản phẩm và sức mạnh cộng đồng"), 40),
    ("marketing", Phrase("Phần B: khả năng tiếp thị"), 25),
    ("quality", Phrase("Phần C: chất lượng sản phẩm"), 35),
)


@dataclass(frozen=True)
class SelfAssessment:
    """A producer's own points; all three parts or none."""

    community: Decimal | None = None
    marketing: Decimal | None = None
    quality: Decimal | None = None
    note: str = ""
    """How they come to them."""

    @property
    def given(self) -> bool:
        """Whether anything was said at all."""
        return bool(self.note.strip()) or any(getattr(self, part) is not None for part, _, _ in PARTS)

    @property
    def total(self) -> Decimal:
        """The sum of the parts; a part that was left out counts nothing."""
        return sum((points for part, _, _ in PARTS if (points := getattr(self, part)) is not None), Decimal(0))

    @property
    def star(self) -> int:
        """The star class of the sum."""
        return stars(self.total)

    @property
    def told(self) -> dict[str, Any]:
        """What a submission keeps of it, checked; nothing where nothing was said."""
        if not self.given:
            return {}
        self.check()
        return {"self_assessment": {**asdict(self), "total": self.total, "star": self.star}}

    def check(self) -> None:
        """Raise InvalidInput for a part that is missing, below nothing or above what the part can give."""
        for part, name, most in PARTS:
            points = getattr(self, part)
            if points is None:
                raise InvalidInput(
                    Phrase("Tự đánh giá thiếu điểm của %(part)s. Hãy ghi đủ ba phần, hoặc bỏ trống cả ba.", part=name),
                    f"{part} is missing",
                )
            if not points.is_finite() or not 0 <= points <= most:
                raise InvalidInput(
                    Phrase(
                        "Điểm tự đánh giá của %(part)s là %(points)s; phần này từ 0 đến %(most)s điểm.",
                        part=name,
                        points=points,
                        most=most,
                    ),
                    f"{part} is not within 0 and {most}",
                )
