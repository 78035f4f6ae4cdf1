"""What the API answers: instants with their zone, points as texts, everything by key and code."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer

from ocop.working_days import VIETNAM

Instant = Annotated[
    datetime,
    PlainSerializer(lambda value: value.astimezone(VIETNAM).isoformat(), return_type=str),
    Field(json_schema_extra={"format": "date-time"}),
]
Points = Annotated[Decimal, PlainSerializer(lambda value: format(value, "f"), return_type=str)]
Item = TypeVar("Item")


class Page(BaseModel, Generic[Item]):
    """Some rows of a list."""

    items: list[Item]
    next: int | None = Field(description="Ghi vào tham số after để lấy các dòng tiếp theo; null là đã hết.")


class Unit(BaseModel):
    """An administrative unit."""

    id: int = Field(description="Số của đơn vị trong phần mềm, dùng cho các bộ lọc unit, holder, late_unit.")
    level: str
    code: str
    name: str


class Named(BaseModel):
    """A producer or a product."""

    code: str
    name: str


class Cycle(BaseModel):
    """A cycle."""

    code: str
    title: str
    province: Unit
    procedure: str
    procedure_name: str
    plan_version: int
    opened_at: Instant
    closed_at: Instant | None
    suspended_level: str | None
    simulated: bool


class Due(BaseModel):
    """The next deadline that a dossier has to meet."""

    stage: str
    stage_label: str
    last_day: date
    strikes_at: Instant
    passed: bool
    working_days: int = Field(description="Số ngày làm việc còn lại, hoặc đã qua khi passed là true.")


class Dossier(BaseModel):
    """A dossier in a list."""

    code: str
    version: int = Field(description="Ghi vào seen khi thực hiện việc, để không ghi đè việc của người khác.")
    cycle: str
    kind: str
    product: Named
    producer: Named
    commune: Unit
    district: Unit | None
    province: Unit
    holder: Unit
    procedure: str
    stage: str
    stage_label: str
    stage_since: Instant
    open: bool
    suspended_since: Instant | None
    registered_on: date
    registered_at: Instant
    proposed_star: int
    due: Due | None
    overdue: bool
    mean: Points | None
    awarded_star: int | None
    simulated: bool


class Event(BaseModel):
    """One line of a dossier's history, chained by hash."""

    number: int
    event: str
    from_stage: str
    to_stage: str
    to_stage_label: str
    unit: Unit
    by_engine: bool
    actor_name: str
    on_behalf: str
    occurred_on: date
    effective_at: Instant
    recorded_at: Instant
    reason: str
    rule: str
    details: Any
    prev_hash: str
    hash: str


class Gate(BaseModel):
    """Whether one star's minimum requirements were met."""

    star: int
    passed: bool
    reason: str


class Evaluation(BaseModel):
    """One ballot of a council."""

    level: str
    stage: str
    passage: int
    ballot: int
    held_on: date
    minutes_number: str
    members: int
    mean: Points
    stars_by_points: int
    stars_after_gates: int
    counts: bool
    recorded_late: bool
    recorded_at: Instant
    annulled_on: date | None
    annulled_by: str
    gates: list[Gate]


class Decision(BaseModel):
    """A signed paper on a dossier."""

    number: str
    purpose: str
    level: str
    unit: Unit
    signed_on: date
    signer: str
    mean: Points | None
    stars_by_points: int | None
    stars_after_gates: int | None
    awarded_star: int | None
    recorded_at: Instant
    annulled_on: date | None
    annulled_by: str


class Issued(BaseModel):
    """A certificate of a dossier."""

    number: str
    star: int
    issued_on: date
    valid_until: date
    revoked_on: date | None
    replaced_on: date | None
    issuer: Unit


class Certificate(Issued):
    """A certificate in a list."""

    product: Named
    producer: Named
    commune: Unit
    dossier: str | None
    source: str
    in_force: bool
    lives_on: bool = Field(description="Hết hạn nhưng còn giá trị chờ kết quả, theo Quyết định 26/2026/QĐ-TTg.")
    simulated: bool


class Paper(BaseModel):
    """One paper of a dossier's evidence."""

    kind: str
    title: str
    issued_on: date | None
    expires_on: date | None
    file_name: str
    file_sha256: str
    added_at: Instant
    waived_at: Instant | None
    waived_reason: str
    replaced: bool


class Complaint(BaseModel):
    """A producer's complaint."""

    id: int
    received_on: date
    body: str
    due_on: date
    answered_on: date | None
    answer: str
    document: str


class Breach(BaseModel):
    """A deadline that a dossier missed."""

    stage: str
    unit: Unit
    struck_at: Instant
    closed_at: Instant | None


class WholeDossier(Dossier):
    """One dossier whole, with its history."""

    changes: str
    follows_certificate: str | None
    history: list[Event]
    evaluations: list[Evaluation]
    decisions: list[Decision]
    certificates: list[Issued]
    evidence: list[Paper]
    complaints: list[Complaint]
    breaches: list[Breach]


class Letter(BaseModel):
    """A letter in a list."""

    number: int
    notice: str
    notice_label: str
    state: str
    state_label: str
    recipient_name: str
    email: str | None
    unit: Unit | None
    cycle: str | None
    dossier: str | None
    owed_at: Instant
    send_from: Instant
    sent_at: Instant | None
    handed_over_at: Instant | None
    handed_over_by: str
    tries: int
    last_error: str
    simulated: bool


class Deadline(BaseModel):
    """A date that a cycle's plan or an extension sets."""

    stage: str
    stage_label: str
    unit: Unit | None = Field(description="Đơn vị được gia hạn riêng; null là cho mọi đơn vị.")
    kind: str
    day: date
    last_day: date
    strikes_at: Instant
    wording: str
    rule: str
    met_by: str
    after_deadline: str
    source: str
    document: str
    reason: str
    entered_at: Instant
    plan_version: int
    replaced_at: Instant | None
    in_force: bool
    passed: bool


class Answer(BaseModel):
    """What an act answers: a sentence for the officer, and what else it has to tell."""

    model_config = ConfigDict(extra="allow")

    message: str
    replayed: bool = Field(description="Cùng mã yêu cầu đã được thực hiện trước đó; đây là câu trả lời đã lưu.")


class Kept(BaseModel):
    """A file that was kept, to be named by an act."""

    file: str = Field(description="Vé của tệp: ghi vào file của một tài liệu minh chứng, cùng khóa đã gửi tệp.")
    size: int


class FieldError(BaseModel):
    """What is wrong with one value."""

    loc: list[str | int]
    message: str


class Problem(BaseModel):
    """Why the API did not do what it was asked (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    english: str
    code: str
    errors: list[FieldError]
