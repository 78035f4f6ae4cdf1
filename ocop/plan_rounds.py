"""The sections of a plan that most plans do without: a round of several, coarse dates, a closing event, who recognises what."""

from collections.abc import Iterator
from datetime import date, time
from typing import Any

from ocop.deadlines import Boundary
from ocop.levels import Level
from ocop.plan_sections import DAYS, LONGEST_NAME, LONGEST_WORDS, Section, setting


class Round(Section):
    """The round of a plan of several that a cycle is: a cycle is one round, the file holds them all as `[[rounds]]`."""

    key: str = setting("Mã đợt", example='"dot_1"', pattern=r"^[a-z][a-z0-9_]*$")
    title: str = setting("Tên đợt", example='"Đợt 1 năm 2026"', min_length=1, max_length=80)
    next_round: str | None = setting("Đợt kế tiếp", None, example='"dot_2"')
    section: str = setting("Phần của kế hoạch", example='"Kế hoạch 61/KH-UBND, mục đợt 1"', min_length=1)

    def values(self, prefix: str) -> Iterator[tuple[str, Any, str, str]]:
        """Yield the settings without the section of the plan, which says whence they are."""
        yield from (entry for entry in super().values(prefix) if not entry[0].endswith(".section"))


class DateWords(Section):
    """Which day of a month a coarse date comes to; a shorter month gives its last day."""

    within_day: int = setting("Ngày hiểu cho 'trong tháng'", 31, unit="của tháng", ge=1, le=31)
    early_day: int = setting("Ngày hiểu cho 'đầu tháng'", 10, unit="của tháng", ge=1, le=31)
    middle_day: int = setting("Ngày hiểu cho 'giữa tháng'", 15, unit="của tháng", ge=1, le=31)
    late_day: int = setting("Ngày hiểu cho 'cuối tháng'", 31, unit="của tháng", ge=1, le=31)


class Closing(Section):
    """The event that ends a round, or several together: named, with its day and its hour; nothing is late by it."""

    title: str = setting("Sự kiện tổng kết", example='"Lễ công bố, trao giấy chứng nhận OCOP"', min_length=1)
    day: date = setting("Ngày tổ chức", example="2025-12-20", alias="date", **DAYS)
    hour: time | None = setting("Giờ tổ chức", None, example='"08:30"')
    place: str | None = setting("Địa điểm", None, example='"Trung tâm hội nghị tỉnh"')


class Levels(Section):
    """Which levels the plan goes through and who recognises which star; the procedure must say the same."""

    through: tuple[Level, ...] = setting(
        "Các cấp tham gia", example='["commune", "district", "province", "central"]', min_length=1
    )
    three_stars: Level | None = setting("Cấp công nhận 3 sao", None, example='"district"')
    four_stars: Level | None = setting("Cấp công nhận 4 sao", None, example='"province"')
    five_stars: Level | None = setting("Cấp công nhận 5 sao", None, example='"central"')


class LawChange(Section):
    """A day on which the plan says that another procedure holds; the change itself is an act of its own (`ocop change-procedure`)."""

    day: date = setting("Từ ngày", example="2025-07-06", alias="date", **DAYS)
    procedure: str = setting("Quy trình từ ngày đó", example='"qd1489"')
    section: str = setting("Phần của kế hoạch", example='"Kế hoạch 61/KH-UBND, mục tổ chức thực hiện"', min_length=1)


class Batch(Section):
    """Sessions of one stage in batches: which units have theirs by which day, within the stage's deadline."""

    title: str = setting("Tên cụm", example='"Cụm 1"', min_length=1, max_length=LONGEST_NAME)
    stage: str = setting("Giai đoạn", example='"district_evaluation"')
    units: tuple[str, ...] = setting("Mã các đơn vị trong cụm", example='["365", "366"]', min_length=1)
    day: date = setting("Ngày cuối của cụm", example="2025-05-30", alias="date", **DAYS)
    wording: str = setting(
        "Kế hoạch ghi", example='"cụm 1 họp chậm nhất ngày 30/5/2025"', min_length=1, max_length=LONGEST_WORDS
    )
    boundary: Boundary = setting("Cách hiểu 'trước ngày'", Boundary.INCLUSIVE)
    section: str = setting(
        "Phần của kế hoạch", example='"Kế hoạch 61/KH-UBND, mục tiến độ"', min_length=1, max_length=LONGEST_WORDS
    )


class Pass(Section):
    """A pass of a stage's council before the one that ranks: by which day, within the stage's deadline."""

    title: str = setting("Tên lượt", example='"Lượt 1: rà soát minh chứng"', min_length=1, max_length=LONGEST_NAME)
    stage: str = setting("Giai đoạn", example='"provincial_evaluation"')
    day: date = setting("Ngày cuối của lượt", example="2025-07-04", alias="date", **DAYS)
    wording: str = setting(
        "Kế hoạch ghi", example='"lượt 1 chậm nhất ngày 04/7/2025"', min_length=1, max_length=LONGEST_WORDS
    )
    boundary: Boundary = setting("Cách hiểu 'trước ngày'", Boundary.INCLUSIVE)
    section: str = setting(
        "Phần của kế hoạch", example='"Kế hoạch 61/KH-UBND, mục tiến độ"', min_length=1, max_length=LONGEST_WORDS
    )


class Planned(Section):
    """How many products a unit plans, as the plan's annex lists them; what is registered, judged and recognised is counted."""

    level: Level = setting("Cấp", example='"district"')
    unit: str = setting("Mã đơn vị", example='"365"', min_length=1)
    products: int = setting("Sản phẩm dự kiến", example="12", ge=0, le=10000)
    section: str = setting("Phần của kế hoạch", example='"Kế hoạch 61/KH-UBND, phụ lục"', min_length=1)
