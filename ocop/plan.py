"""The plan of a year's cycle: the dates, targets and settings that a province orders, each with its source."""

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Self

from pydantic import Field, model_validator

from ocop.evidence import EvidenceKind, ExpiredEvidence
from ocop.levels import Level
from ocop.plan_checks import CHECKS
from ocop.plan_faults import PlanFaults
from ocop.plan_rounds import Batch, Closing, DateWords, LawChange, Levels, Pass, Planned, Round
from ocop.plan_sections import (
    SOFTWARE,
    STATED,
    Certificate,
    Complaint,
    Council,
    Document,
    Escalation,
    Evidence,
    Expiry,
    Forwarding,
    Notices,
    Registration,
    Reminders,
    ReRecognition,
    ReturnedToDistrict,
    ReturnedToProvince,
    Section,
    StageDeadline,
    Supplement,
    Targets,
    cited,
)
from ocop.procedure import OwnPeriod, Procedure
from ocop.rulebook import PROCEDURES

BEYOND_REACH = Decimal(101)
"""A threshold that no product reaches."""


class CyclePlan(Section):
    """A plan as one frozen value; a cycle stores the canonical text of the plan that it was opened with."""

    document: Document = Field(alias="plan", title="Kế hoạch")
    round: Round | None = Field(None, title="Đợt")
    deadlines: tuple[StageDeadline, ...] = Field(title="Thời hạn")
    levels: Levels | None = Field(None, title="Các cấp")
    closing: Closing | None = Field(None, title="Tổng kết")
    batches: tuple[Batch, ...] = Field((), title="Họp theo cụm")
    passes: tuple[Pass, ...] = Field((), title="Nhiều lượt trong một đợt")
    planned: tuple[Planned, ...] = Field((), title="Số sản phẩm dự kiến")
    changes: tuple[LawChange, ...] = Field((), title="Đổi quy trình giữa chừng")
    targets: Targets = Field(default_factory=Targets, title="Chỉ tiêu")
    forwarding: Forwarding = Field(default_factory=Forwarding, title="Chuyển lên cấp trên")
    registration: Registration = Field(default_factory=Registration, title="Đăng ký")
    returned_to_district: ReturnedToDistrict = Field(default_factory=ReturnedToDistrict, title="Tỉnh gửi trả huyện")
    returned_to_province: ReturnedToProvince = Field(default_factory=ReturnedToProvince, title="Trung ương trả về tỉnh")
    re_recognition: ReRecognition = Field(default_factory=ReRecognition, title="Công nhận lại")
    supplement: Supplement = Field(default_factory=Supplement, title="Bổ sung hồ sơ")
    complaint: Complaint = Field(default_factory=Complaint, title="Kiến nghị")
    council: Council = Field(default_factory=Council, title="Hội đồng")
    reminders: Reminders = Field(default_factory=Reminders, title="Nhắc việc")
    escalation: Escalation = Field(default_factory=Escalation, title="Báo cáo vượt cấp")
    notices: Notices = Field(default_factory=Notices, title="Thư")
    dates: DateWords = Field(default_factory=DateWords, title="Ngày không cụ thể")
    certificate: Certificate = Field(default_factory=Certificate, title="Giấy chứng nhận")
    expiry: Expiry = Field(default_factory=Expiry, title="Hết hạn")
    evidence: Evidence = Field(default_factory=Evidence, title="Tài liệu minh chứng")
    sources: dict[str, str] = Field(default_factory=dict, title="Nguồn")

    @model_validator(mode="after")
    def _hold_together(self) -> Self:
        """Raise PlanFaults with everything that does not fit."""
        if faults := [fault for check in CHECKS for fault in check(self)]:
            raise PlanFaults(faults)
        return self

    @property
    def procedure(self) -> Procedure:
        """The procedure that the plan's dossiers are pinned to."""
        return PROCEDURES[self.document.procedure]

    @property
    def title(self) -> str:
        """The plan's title, with the round's where the plan has several."""
        return f"{self.document.title}: {self.round.title}" if self.round else self.document.title

    @property
    def next_round(self) -> str | None:
        """The key of the round that follows, where late dossiers go."""
        return self.round.next_round if self.round else None

    @property
    def to_centre_from(self) -> Decimal:
        """From how many points a product goes to the centre; more than there are where the plan goes without a centre."""
        centre = self.levels is None or Level.CENTRAL in self.levels.through
        return self.forwarding.to_centre_from if centre else BEYOND_REACH

    def days_of(self, period: OwnPeriod) -> int:
        """Return the length of a dossier's own period in days: the law's, or this plan's."""
        section, _, key = period.setting.partition(".")
        return int(getattr(getattr(self, section), key)) if period.setting else period.days

    def deadline(self, stage: str) -> StageDeadline | None:
        """Return the deadline of a stage, where the plan sets one."""
        return next((deadline for deadline in self.deadlines if deadline.stage == stage), None)

    def sections(self) -> Iterator[tuple[str, Section]]:
        """Yield the tables of settings by their name in the file, in its order."""
        for name, field in type(self).model_fields.items():
            if isinstance(section := getattr(self, name), Section):
                yield field.alias or name, section

    def source_of(self, key: str) -> str | None:
        """Return the source of a dotted key, or None.

        A value's source is written under its own key or under a section above it. A deadline's date and wording come from
        its `section`; its rules from `deadlines.<stage>.<rule>` or, for all deadlines, `deadlines.<rule>`.
        """
        section, _, rest = key.partition(".")
        if section == "round" and self.round:
            return self.round.section
        if section == "deadlines":
            stage, _, rule = rest.partition(".")
            deadline = self.deadline(stage)
            if deadline is not None and rule in STATED:
                return deadline.section
            places = [key, f"deadlines.{rule}", "deadlines"]
        else:
            parts = key.split(".")
            places = [".".join(parts[:end]) for end in range(len(parts), 0, -1)]
        return next((cited(self.sources[place]) for place in places if place in self.sources), None)


SECTIONS: Mapping[str, type[Section]] = {
    field.alias or name: field.annotation
    for name, field in CyclePlan.model_fields.items()
    if isinstance(field.annotation, type) and issubclass(field.annotation, Section)
}
"""The tables that every plan has, by their name in the file; `deadlines` and `sources` are no sections."""

OPTIONAL_SECTIONS: Mapping[str, type[Section]] = {"levels": Levels, "closing": Closing}
"""The tables that a plan may do without."""


def with_defaults_cited(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Return a plan file's values with a source for each value that the file leaves to the software.

    A value that the file states needs a source that the file states.
    """
    if not isinstance(raw.get("sources", {}), Mapping):
        return dict(raw)
    full, sources = dict(raw), dict(raw.get("sources", {}))
    present = {name: section for name, section in OPTIONAL_SECTIONS.items() if raw.get(name) is not None}
    for name, section in {**SECTIONS, **present}.items():
        stated = raw.get(name, {})
        for key, field in section.model_fields.items():
            if not isinstance(stated, Mapping) or (field.alias or key) in stated or field.default is None:
                continue
            if isinstance(field.json_schema_extra, dict):
                sources.setdefault(f"{name}.{field.alias or key}", field.json_schema_extra["source"])
    rows = raw.get("deadlines")
    for row in rows if isinstance(rows, list) else ():
        if isinstance(row, Mapping):
            silent = [
                name
                for name, field in StageDeadline.model_fields.items()
                if not field.is_required() and field.default is not None
            ]
            for key in (f"deadlines.{row.get('stage')}.{name}" for name in silent if name not in row):
                sources.setdefault(key, SOFTWARE)
    evidence = raw.get("evidence")
    if isinstance(evidence, Mapping) and isinstance(expired := evidence.get("expired"), Mapping):
        held = {kind.value: ExpiredEvidence.HOLD.value for kind in EvidenceKind if kind.value not in expired}
        full["evidence"] = {**evidence, "expired": {**expired, **held}}
        sources = dict.fromkeys((f"evidence.expired.{kind}" for kind in held), SOFTWARE) | sources
    return {**full, "sources": sources}


def dump(plan: CyclePlan) -> str:
    """Return the plan as canonical JSON: every value, defaults written out, keys sorted; equal plans, equal text."""
    return json.dumps(
        plan.model_dump(mode="json", by_alias=True), ensure_ascii=False, sort_keys=True, separators=(",", ":")
    )


def load(canonical: str) -> CyclePlan:
    """Return the plan that `dump` wrote, by this version or an older one: a setting that is newer takes its default."""
    return CyclePlan.model_validate_json(json.dumps(with_defaults_cited(json.loads(canonical)), ensure_ascii=False))
