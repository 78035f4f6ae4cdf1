"""The sections of a plan file: each setting with its Vietnamese title, its unit, its default and whom the default quotes."""

from collections.abc import Iterator, Mapping
from datetime import date, time
from decimal import Decimal
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from ocop.coarse_dates import recalled
from ocop.deadlines import OPENS, READ_AS, Boundary, FixedDate, Roll
from ocop.evidence import EvidenceKind, ExpiredEvidence
from ocop.levels import Level
from ocop.phrase import Joined, Phrase, phrases
from ocop.procedure import MetBy
from ocop.scoring import STAR_FLOORS
from ocop.validity import EXPIRY_NOTICES, FILING_WINDOW_SOURCE, MONTHS, CertificateEnd
from ocop.working_days import Calendar

SOFTWARE = Phrase("mặc định của phần mềm")
"""Whom a default of ours quotes."""
REGULATIONS = Phrase("mặc định của phần mềm, theo quy chế hội đồng mà nhiều tỉnh đã ban hành (báo chí)")
COARSE = Phrase("mặc định của phần mềm: ngày không cụ thể được hiểu là kể cả ngày đó")
BANDS = "Quyết định 148/QĐ-TTg, phân hạng sản phẩm theo điểm"
VALIDITY = "Quyết định 148/QĐ-TTg, thời hạn của giấy chứng nhận"
WINDOW = str(FILING_WINDOW_SOURCE)
_OURS: Mapping[str, Phrase] = {source: source for source in (SOFTWARE, REGULATIONS, COARSE)}


def cited(source: str) -> str:
    """Return a source as a plan keeps it, so that ours can be said in another language."""
    return _OURS.get(source, source)


DAYS: dict[str, Any] = {"ge": date(2017, 1, 1), "le": date(2110, 12, 31)}
"""Between which days a plan's dates lie: from the year before the first cycle on; a slip of the pen is refused where it stands."""
LONGEST_NAME, LONGEST_WORDS = 200, 300
"""How many characters the record keeps of a name or a number, and of what is quoted from the plan."""


def setting(
    title: str,
    default: Any = ...,
    *,
    unit: str = "",
    source: str = SOFTWARE,
    example: str = "",
    alias: str | None = None,
    **bounds: Any,
) -> Any:
    """Return a field whose title, unit, default's source and example a page and a refusal can print."""
    extra: dict[str, Any] = {"unit": unit, "source": source, "example": example}
    return Field(default, title=title, alias=alias, json_schema_extra=extra, **bounds)


class AfterDeadline(StrEnum):
    """What happens to a dossier whose act lies on or after the deadline of its stage."""

    REFUSE = "refuse"
    """Only the plan's issuer opens it again, by an extension or by 'accept late' for named dossiers."""
    NEXT_ROUND = "next_round"
    ACCEPT_LATE = "accept_late"

    @property
    def label(self) -> str:
        """The rule in Vietnamese."""
        return AFTER_DEADLINE_LABELS[self]


AFTER_DEADLINE_LABELS = phrases(
    {
        AfterDeadline.REFUSE: "từ chối; chỉ cơ quan ban hành kế hoạch được gia hạn hoặc chấp nhận hồ sơ muộn",
        AfterDeadline.NEXT_ROUND: "chuyển sang đợt sau",
        AfterDeadline.ACCEPT_LATE: "vẫn nhận, ghi là muộn",
    }
)


class AfterRegistration(StrEnum):
    """What happens to a registration that comes after the deadline."""

    REFUSE = "refuse"
    NEXT_ROUND = "next_round"

    @property
    def label(self) -> str:
        """The rule in Vietnamese."""
        return AFTER_REGISTRATION_LABELS[self]


AFTER_REGISTRATION_LABELS = phrases(
    {
        AfterRegistration.REFUSE: "từ chối, nêu tên hồ sơ",
        AfterRegistration.NEXT_ROUND: "chuyển sang đợt sau",
    }
)


class ReturnBasis(StrEnum):
    """On what the district decides a dossier that the province has sent back."""

    DISTRICT_RESULT = "district_result"
    PROVINCE_RESULT = "province_result"
    """A mean of 50 and more with the gates of 3 stars gives at most 3 stars; anything else is not ranked."""
    NEW_SESSION = "new_session"

    @property
    def label(self) -> str:
        """The basis in Vietnamese."""
        return RETURN_BASIS_LABELS[self]


RETURN_BASIS_LABELS = phrases(
    {
        ReturnBasis.DISTRICT_RESULT: "kết quả của hội đồng cấp huyện",
        ReturnBasis.PROVINCE_RESULT: "kết quả của hội đồng cấp tỉnh",
        ReturnBasis.NEW_SESSION: "phiên họp mới của hội đồng cấp huyện",
    }
)

MET_BY_LABELS = phrases(
    {
        MetBy.SESSION_HELD: "ngày họp của hội đồng",
        MetBy.LETTER_SENT: "ngày của công văn gửi",
        MetBy.DECISION_SIGNED: "ngày ký quyết định",
        MetBy.SUPPLEMENTED: "ngày nộp bổ sung",
    }
)
"""The act whose day decides, as pages name it."""


class Section(BaseModel):
    """A table of the plan file: nothing unknown, nothing converted, nothing changed later."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, validate_default=True)

    def values(self, prefix: str) -> Iterator[tuple[str, Any, str, str]]:
        """Yield dotted key, value, title and unit of each setting that has a value; a table by kind gives one for each kind."""
        for name, field in type(self).model_fields.items():
            key, value, title = f"{prefix}.{field.alias or name}", getattr(self, name), Phrase(field.title or name)
            if value is None:
                continue
            extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
            if isinstance(value, dict):
                for kind in sorted(value, key=list(EvidenceKind).index):
                    yield (
                        f"{key}.{kind}",
                        value[kind],
                        Phrase("%(setting)s: %(kind)s", setting=title, kind=kind.label),
                        "",
                    )
            else:
                yield key, value, title, str(extra.get("unit", ""))


class Document(Section):
    """The document that the plan is: who ordered it, when, for which province and year, under which procedure."""

    key: str = setting("Mã kế hoạch", example='"nam_dinh_2025"', pattern=r"^[a-z][a-z0-9_]*$")
    title: str = setting(
        "Tên kế hoạch", example='"Triển khai Chương trình OCOP năm 2025"', min_length=1, max_length=LONGEST_NAME
    )
    number: str = setting("Số, ký hiệu", example='"61/KH-UBND"', min_length=1, max_length=LONGEST_NAME)
    issued_on: date = setting("Ngày ban hành", example="2025-04-08")
    issuer: str = setting("Cơ quan ban hành", example='"Ủy ban nhân dân tỉnh Nam Định"', min_length=1)
    province: str = setting("Mã tỉnh", example='"36"', pattern=r"^\d{2}$")
    procedure: str = setting("Quy trình", example='"qd148"')
    year: int = setting("Năm của chu trình", example="2025", ge=2018, le=2100)
    opens_on: date = setting("Ngày mở chu trình", example="2025-04-08", **DAYS)
    simulated: bool = setting("Mô phỏng", False)
    refined_by: tuple[str, ...] | None = setting("Được làm rõ bởi", None)


class StageDeadline(Section):
    """A date by which a stage ends, the act that meets it, and the reading of the plan's words."""

    stage: str = setting("Giai đoạn", example='"district_evaluation"')
    day: date = setting("Ngày nêu trong kế hoạch", example="2025-06-15", alias="date", **DAYS)
    wording: str = setting("Kế hoạch ghi", example='"trước ngày 15/6/2025"', min_length=1, max_length=LONGEST_WORDS)
    given: str | None = setting("Ngày như kế hoạch nêu", None, example='"trong tháng 7"')
    reading: str | None = setting(
        "Cách hiểu ngày không cụ thể", None, example="\"'trong tháng' là ngày cuối của tháng\""
    )
    opens_on: date | None = setting("Chỉ được họp, ký từ ngày", None, example="2025-06-01", **DAYS)
    boundary: Boundary = setting("Cách hiểu 'trước ngày'", Boundary.EXCLUSIVE)
    roll: Roll = setting("Khi rơi vào ngày nghỉ", Roll.NONE)
    met_by: MetBy = setting("Việc được tính là đúng hạn", example='"session_held"')
    after_deadline: AfterDeadline = setting("Sau hạn", AfterDeadline.REFUSE)
    section: str = setting(
        "Phần của kế hoạch", example='"Kế hoạch 61/KH-UBND, nội dung: ..."', min_length=1, max_length=LONGEST_WORDS
    )

    def values(self, prefix: str) -> Iterator[tuple[str, Any, str, str]]:
        """Yield the settings without the stage and the section of the plan, which say where and whence they are."""
        yield from (
            entry for entry in super().values(prefix) if entry[0].rpartition(".")[2] not in {"stage", "section"}
        )

    @property
    def fixed(self) -> FixedDate:
        """The deadline's date with its rules, from which the stroke is computed."""
        return FixedDate(self.day, self.boundary, self.roll)

    def explain(self, calendar: Calendar) -> str:
        """Return the rule in force, and what it makes of the plan's words, as pages print it beside the date."""
        parts = [*self.fixed.explain(calendar).parts]
        if self.given:
            told = Phrase(
                READ_AS.message,
                given=self.given, day=self.day, reading=recalled(str(self.reading)),
            )  # fmt: skip
            parts = [told, *parts]
        if self.opens_on:
            parts.append(Phrase(OPENS.message, day=self.opens_on))
        return Joined("; ", parts)


STATED = frozenset({"date", "wording", "given", "reading", "opens_on"})
"""What a deadline quotes from its section of the plan; its other values are rules, with sources of their own."""


class Targets(Section):
    """What the year is to reach."""

    new_three_stars: int = setting("Sản phẩm mới đạt từ 3 sao", 0, unit="sản phẩm", ge=0)
    five_stars_evaluated: int = setting("Sản phẩm được đánh giá 5 sao", 0, unit="sản phẩm", ge=0)


class Forwarding(Section):
    """From how many points a product goes up."""

    to_province_from: Decimal = setting(
        "Chuyển lên tỉnh từ", STAR_FLOORS[4], unit="điểm", source=BANDS, ge=0, le=100, max_digits=6
    )
    to_centre_from: Decimal = setting(
        "Đề nghị trung ương từ", STAR_FLOORS[5], unit="điểm", source=BANDS, ge=0, le=100, max_digits=6
    )
    compulsory: bool = setting("Đủ điểm thì bắt buộc chuyển lên", False)


class Registration(Section):
    """Where dossiers are filed, and what becomes of one that is registered too late."""

    files_with: Level = setting("Nơi nộp hồ sơ", Level.COMMUNE)
    after_deadline: AfterRegistration = setting("Đăng ký sau hạn", AfterRegistration.REFUSE)


class ReturnedToDistrict(Section):
    """The period of its own that the district has for a dossier sent back by the province."""

    working_days: int = setting("Thời hạn huyện quyết định", 15, unit="ngày làm việc", ge=1, le=250)
    basis: ReturnBasis = setting("Căn cứ quyết định", ReturnBasis.PROVINCE_RESULT)


class ReturnedToProvince(Section):
    """The period that the province has for a dossier of fewer than 90 points at the ministry."""

    working_days: int = setting("Thời hạn tỉnh quyết định", 15, unit="ngày làm việc", ge=1, le=250)


class OutsideWindow(StrEnum):
    """What happens to a dossier of re-recognition filed outside its certificate's window."""

    REFUSE = "refuse"
    WARN = "warn"

    @property
    def label(self) -> str:
        """The rule in Vietnamese."""
        return OUTSIDE_WINDOW_LABELS[self]


OUTSIDE_WINDOW_LABELS = phrases(
    {
        OutsideWindow.REFUSE: "từ chối, nêu tên sản phẩm và khoảng ngày được nộp",
        OutsideWindow.WARN: "vẫn nhận, cảnh báo",
    }
)


class ReRecognition(Section):
    """When a dossier of re-recognition may be filed, where it has a way of its own beside the rounds."""

    earliest_days: int = setting("Nộp sớm nhất trước khi hết hạn", 180, unit="ngày", source=WINDOW, ge=1, le=1000)
    latest_days: int = setting("Nộp muộn nhất trước khi hết hạn", 120, unit="ngày", source=WINDOW, ge=0, le=1000)
    outside: OutsideWindow = setting("Nộp ngoài khoảng ngày", OutsideWindow.REFUSE)


class Supplement(Section):
    """How long a producer has to complete a dossier, and how often a level may ask."""

    working_days: int = setting("Thời hạn bổ sung hồ sơ", 10, unit="ngày làm việc", ge=1, le=250)
    at_most: int = setting("Số lần yêu cầu bổ sung ở mỗi cấp", 3, unit="lần", ge=1, le=20)


class Complaint(Section):
    """How long the body has to answer a producer's complaint."""

    answer_working_days: int = setting("Thời hạn trả lời kiến nghị", 15, unit="ngày làm việc", ge=1, le=250)


class Council(Section):
    """What makes a council's session valid; the law leaves the numbers to each province's regulation."""

    quorum_numerator: int = setting("Số thành viên tối thiểu: tử số", 3, source=REGULATIONS, ge=1, le=100)
    quorum_denominator: int = setting("Số thành viên tối thiểu: mẫu số", 4, source=REGULATIONS, ge=1, le=100)
    chair_must_attend: bool = setting("Chủ tịch hội đồng phải dự họp", True, source=REGULATIONS)
    spread: Decimal = setting(
        "Chênh lệch điểm cho phép giữa các thành viên",
        Decimal(10),
        unit="điểm",
        source=REGULATIONS,
        ge=0,
        le=100,
        max_digits=6,
    )
    dossier_notice_working_days: int = setting(
        "Gửi hồ sơ điện tử trước phiên họp", 1, unit="ngày làm việc", source=REGULATIONS, ge=0, le=60
    )

    def quorum(self, members: int) -> int:
        """Return how many of so many members must attend, rounded up."""
        return -(-members * self.quorum_numerator // self.quorum_denominator)


class Reminders(Section):
    """When a unit is reminded of a deadline that comes."""

    working_days_before: tuple[int, ...] = setting("Nhắc trước hạn", (14, 7, 3, 1), unit="ngày làm việc", max_length=20)


class Escalation(Section):
    """When a breach climbs the ladder, a step for each rung from the officer to the department."""

    working_days_after: tuple[int, ...] = setting(
        "Báo cáo vượt cấp sau hạn", (0, 2, 4, 6, 8), unit="ngày làm việc", min_length=1
    )


class Notices(Section):
    """When letters leave, and how long a failing one is tried again."""

    hour: time = setting("Giờ gửi nhắc việc trong ngày làm việc", time(7, 30))
    until: time = setting("Giờ ngừng gửi thư trong ngày làm việc", time(18, 0))
    retry_for_days: int = setting("Gửi lại thư lỗi tạm thời trong", 3, unit="ngày", ge=1, le=60)


class Certificate(Section):
    """How long a certificate is valid, and whether its corresponding day still is."""

    months: int = setting("Thời hạn giấy chứng nhận", MONTHS, unit="tháng", source=VALIDITY, ge=1, le=120)
    end: CertificateEnd = setting("Ngày cuối của giấy chứng nhận", CertificateEnd.INCLUSIVE)


class Expiry(Section):
    """When a holder is warned of the end, and when units get the list of products already expired."""

    days_before: tuple[int, ...] = setting("Báo trước khi hết hạn", EXPIRY_NOTICES, unit="ngày", max_length=20)
    monthly_list_day: int = setting("Ngày gửi danh sách hết hạn hằng tháng", 1, ge=1, le=28)


class Evidence(Section):
    """What an expired paper does on the council's day, by kind."""

    expired: dict[EvidenceKind, ExpiredEvidence] = setting(
        "Giấy tờ hết hạn vào ngày họp hội đồng", dict.fromkeys(EvidenceKind, ExpiredEvidence.HOLD)
    )
