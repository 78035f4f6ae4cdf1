"""How long a certificate lives: computed from dates, never a stored flag."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from ocop.deadlines import add_months
from ocop.phrase import phrases
from ocop.sources import Source

MONTHS = 36
"""How long a recognition lasts (QĐ 148/QĐ-TTg, and the same in QĐ 26/2026/QĐ-TTg)."""

EXPIRY_NOTICES = (180, 120, 30, 0)
"""Days before the last valid day on which the holder is warned: the filing window's two ends, the issuing body's duty to
tell at the latest 30 days before, and the last day itself."""

FILING_WINDOW_SOURCE = Source(
    "Quyết định 26/2026/QĐ-TTg", "công nhận lại: nộp hồ sơ trước khi hết hạn 180 đến 120 ngày"
)


class CertificateEnd(StrEnum):
    """Whether the corresponding day, 36 months on, is itself still valid."""

    INCLUSIVE = "inclusive"
    DAY_BEFORE = "day_before"

    @property
    def label(self) -> str:
        """The reading in Vietnamese."""
        return CERTIFICATE_END_LABELS[self]


CERTIFICATE_END_LABELS = phrases(
    {
        CertificateEnd.INCLUSIVE: "hết ngày tương ứng (kể cả ngày đó)",
        CertificateEnd.DAY_BEFORE: "hết ngày liền trước ngày tương ứng",
    }
)


def valid_until(issued_on: date, months: int = MONTHS, end: CertificateEnd = CertificateEnd.INCLUSIVE) -> date:
    """Return the last day on which a certificate is valid; a validity does not roll over days off."""
    corresponding = add_months(issued_on, months)
    return corresponding if end is CertificateEnd.INCLUSIVE else corresponding - timedelta(days=1)


def in_force(
    issued_on: date,
    valid_until: date,
    today: date,
    revoked_on: date | None = None,
    replaced_on: date | None = None,
) -> bool:
    """Return whether a certificate holds on a day.

    It no longer holds on the day of its revocation, nor on the issue day of the certificate that replaces it.
    """
    ended = (day for day in (revoked_on, replaced_on) if day is not None)
    return issued_on <= today <= valid_until and all(today < day for day in ended)


def notice_days(valid_until: date, days_before: Sequence[int] = EXPIRY_NOTICES) -> dict[int, date]:
    """Return the day of each warning by how many calendar days it lies before the last valid day."""
    return {days: valid_until - timedelta(days=days) for days in days_before}


@dataclass(frozen=True)
class FilingWindow:
    """The days, both included, on which a dossier of re-recognition may be filed."""

    opens_on: date
    closes_on: date

    def __contains__(self, day: date) -> bool:
        """Return whether a day lies in the window."""
        return self.opens_on <= day <= self.closes_on


def filing_window(valid_until: date, earliest: int = 180, latest: int = 120) -> FilingWindow:
    """Return the window between so many days before the last valid day (QĐ 26/2026/QĐ-TTg, re-recognition)."""
    return FilingWindow(valid_until - timedelta(days=earliest), valid_until - timedelta(days=latest))
