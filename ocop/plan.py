"""The plan of a year's cycle: the dates, targets and settings that a province orders, each with its source."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Self

from pydantic import Field, model_validator

from ocop import text
from ocop.evidence import EvidenceKind, ExpiredEvidence
from ocop.levels import LADDER
from ocop.plan_sections import (
    MET_BY_LABELS,
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
)
from ocop.procedure import MetBy, Procedure
from ocop.rulebook import PROCEDURES
from ocop.toml_lines import Key


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


class CyclePlan(Section):
    """A plan as one frozen value; a cycle stores the canonical text of the plan that it was opened with."""

    document: Document = Field(alias="plan", title="Kế hoạch")
    deadlines: tuple[StageDeadline, ...] = Field(title="Thời hạn")
    targets: Targets = Field(default_factory=Targets, title="Chỉ tiêu")
    forwarding: Forwarding = Field(default_factory=Forwarding, title="Chuyển lên cấp trên")
    registration: Registration = Field(default_factory=Registration, title="Đăng ký")
    returned_to_district: ReturnedToDistrict = Field(default_factory=ReturnedToDistrict, title="Tỉnh gửi trả huyện")
    returned_to_province: ReturnedToProvince = Field(
        default_factory=ReturnedToProvince, title="Trung ương trả về tỉnh"
    )
    re_recognition: ReRecognition = Field(default_factory=ReRecognition, title="Công nhận lại")
    supplement: Supplement = Field(default_factory=Supplement, title="Bổ sung hồ sơ")
    complaint: Complaint = Field(default_factory=Complaint, title="Kiến nghị")
    council: Council = Field(default_factory=Council, title="Hội đồng")
    reminders: Reminders = Field(default_factory=Reminders, title="Nhắc việc")
    escalation: Escalation = Field(default_factory=Escalation, title="Báo cáo vượt cấp")
    notices: Notices = Field(default_factory=Notices, title="Thư")
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
        if section == "deadlines":
            stage, _, rule = rest.partition(".")
            deadline = self.deadline(stage)
            if deadline is not None and rule in STATED:
                return deadline.section
            places = [key, f"deadlines.{rule}", "deadlines"]
        else:
            parts = key.split(".")
            places = [".".join(parts[:end]) for end in range(len(parts), 0, -1)]
        return next((self.sources[place] for place in places if place in self.sources), None)


SECTIONS: Mapping[str, type[Section]] = {
    field.alias or name: field.annotation
    for name, field in CyclePlan.model_fields.items()
    if isinstance(field.annotation, type) and issubclass(field.annotation, Section)
}
"""The tables of a plan file by their name in it; `deadlines` and `sources` are no sections."""


def with_defaults_cited(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Return a plan file's values with a source for each value that the file leaves to the software.

    A value that the file states needs a source that the file states.
    """
    if not isinstance(raw.get("sources", {}), Mapping):
        return dict(raw)
    full, sources = dict(raw), dict(raw.get("sources", {}))
    for name, section in SECTIONS.items():
        stated = raw.get(name, {})
        for key, field in section.model_fields.items():
            if isinstance(stated, Mapping) and key not in stated and isinstance(field.json_schema_extra, dict):
                sources.setdefault(f"{name}.{key}", field.json_schema_extra["source"])
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


def dotted(key: Key) -> str:
    """Return a key as a person finds it in the file: 'council.spread', 'deadlines[2].date' for the second of them."""
    told = "".join(f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in key)
    return told.removeprefix(".")


def dump(plan: CyclePlan) -> str:
    """Return the plan as canonical JSON: every value, defaults written out, keys sorted; equal plans, equal text."""
    return json.dumps(
        plan.model_dump(mode="json", by_alias=True), ensure_ascii=False, sort_keys=True, separators=(",", ":")
    )


def load(canonical: str) -> CyclePlan:
    """Return the plan that `dump` wrote, by this version or an older one: a setting that is newer takes its default."""
    return CyclePlan.model_validate_json(json.dumps(with_defaults_cited(json.loads(canonical)), ensure_ascii=False))


def _document(plan: CyclePlan) -> Iterator[Fault]:
    document = plan.document
    if document.procedure not in PROCEDURES:
        known = ", ".join(f'"{key}"' for key in PROCEDURES)
        yield Fault(("plan", "procedure"), f"không có quy trình '{document.procedure}'", f"ghi một trong: {known}")
    if abs(document.opens_on.year - document.year) > 1:
        yield Fault(
            ("plan", "opens_on"),
            f"ngày mở {text.day(document.opens_on)} cách xa năm {document.year} của chu trình",
            "sửa opens_on hoặc year",
        )


def _deadline_stages(plan: CyclePlan) -> Iterator[Fault]:
    procedure = PROCEDURES.get(plan.document.procedure)
    if procedure is None:
        return
    stages = {stage.key: stage for stage in procedure.stages}
    if not plan.deadlines and not procedure.rolling:
        yield Fault(("deadlines",), "không được để trống", "ghi ít nhất một mục [[deadlines]]")
    datable = [key for key, stage in stages.items() if not (stage.final or stage.supplement or stage.period)]
    seen: set[str] = set()
    for index, deadline in enumerate(plan.deadlines):
        place: Key = ("deadlines", index, "stage")
        if deadline.stage not in stages:
            near = text.nearest(deadline.stage, datable)
            remedy = f"có phải «{near}»?" if near else f"ghi một trong: {', '.join(datable)}"
            yield Fault(place, f"quy trình {procedure.key} không có giai đoạn '{deadline.stage}'", remedy)
            continue
        if deadline.stage not in datable:
            yield Fault(
                place,
                f"giai đoạn '{deadline.stage}' không nhận mốc ngày của kế hoạch",
                f"bỏ mục này; mốc ngày dùng cho: {', '.join(datable)}",
            )
        if deadline.stage in seen:
            yield Fault(
                place, f"giai đoạn '{deadline.stage}' có hai thời hạn", "giữ một mục [[deadlines]] cho mỗi giai đoạn"
            )
        seen.add(deadline.stage)
        if deadline.met_by is MetBy.SUPPLEMENTED or (
            deadline.met_by is MetBy.SESSION_HELD and not stages[deadline.stage].evaluates
        ):
            yield Fault(
                ("deadlines", index, "met_by"),
                f"giai đoạn '{deadline.stage}' không được hoàn thành bằng {MET_BY_LABELS[deadline.met_by]}",
                'ghi "letter_sent" hoặc "decision_signed"; "session_held" chỉ dùng cho giai đoạn có hội đồng',
            )
    if plan.registration.files_with not in procedure.starts:
        yield Fault(
            ("registration", "files_with"),
            f"quy trình {procedure.key} không nhận hồ sơ ở cấp {plan.registration.files_with.label}",
            f"ghi một trong: {', '.join(procedure.starts)}",
        )


def _deadline_days(plan: CyclePlan) -> Iterator[Fault]:
    procedure = PROCEDURES.get(plan.document.procedure)
    order = {} if procedure is None else {stage.key: number for number, stage in enumerate(procedure.stages)}
    known = sorted((order[d.stage], index, d) for index, d in enumerate(plan.deadlines) if d.stage in order)
    for index, deadline in enumerate(plan.deadlines):
        if deadline.fixed.unrolled < plan.document.opens_on:
            yield Fault(
                ("deadlines", index, "date"),
                f"hạn {text.day(deadline.day)} đã qua khi chu trình mở ngày {text.day(plan.document.opens_on)}",
                "sửa date của thời hạn này hoặc opens_on của [plan]",
            )
        if deadline.opens_on is not None and deadline.opens_on > deadline.fixed.unrolled:
            yield Fault(
                ("deadlines", index, "opens_on"),
                f"ngày bắt đầu {text.day(deadline.opens_on)} muộn hơn ngày cuối {text.day(deadline.fixed.unrolled)}",
                f"ghi ngày không muộn hơn {text.day(deadline.fixed.unrolled)}",
            )
    for (_, _, earlier), (_, index, later) in pairwise(known):
        if later.stage != earlier.stage and later.day < earlier.day:
            yield Fault(
                ("deadlines", index, "date"),
                f"hạn {text.day(later.day)} của '{later.stage}' sớm hơn hạn {text.day(earlier.day)} của "
                f"'{earlier.stage}' đi trước trong quy trình",
                f"sửa để không sớm hơn {text.day(earlier.day)}",
            )


def _numbers(plan: CyclePlan) -> Iterator[Fault]:
    if plan.forwarding.to_province_from >= plan.forwarding.to_centre_from:
        yield Fault(
            ("forwarding", "to_centre_from"),
            f"ngưỡng lên trung ương {text.decimal(plan.forwarding.to_centre_from)} không cao hơn ngưỡng lên tỉnh "
            f"{text.decimal(plan.forwarding.to_province_from)}",
            "ghi số lớn hơn to_province_from",
        )
    if plan.re_recognition.latest_days >= plan.re_recognition.earliest_days:
        yield Fault(
            ("re_recognition", "latest_days"),
            f"không có ngày nào để nộp: muộn nhất {plan.re_recognition.latest_days} ngày, sớm nhất "
            f"{plan.re_recognition.earliest_days} ngày trước khi hết hạn",
            "ghi số nhỏ hơn earliest_days",
        )
    if plan.council.quorum_numerator > plan.council.quorum_denominator:
        yield Fault(
            ("council", "quorum_numerator"),
            f"không thể đòi {plan.council.quorum_numerator}/{plan.council.quorum_denominator} số thành viên",
            "ghi tử số không lớn hơn mẫu số, ví dụ 3 và 4",
        )
    if len(plan.escalation.working_days_after) > len(LADDER):
        yield Fault(
            ("escalation", "working_days_after"),
            f"có {len(plan.escalation.working_days_after)} bước nhưng thang báo cáo chỉ có {len(LADDER)} bậc",
            f"bỏ bớt, mỗi bậc một số: {', '.join(role.label for role in LADDER)}",
        )


def _lists(plan: CyclePlan) -> Iterator[Fault]:
    for key, days, least, falling in (
        (("reminders", "working_days_before"), plan.reminders.working_days_before, 1, True),
        (("expiry", "days_before"), plan.expiry.days_before, 0, True),
        (("escalation", "working_days_after"), plan.escalation.working_days_after, 0, False),
    ):
        if any(day < least for day in days):
            yield Fault(key, f"có số nhỏ hơn {least}", f"ghi các số từ {least} trở lên")
        if list(days) != sorted(set(days), reverse=falling):
            way = "giảm dần" if falling else "tăng dần"
            right = ", ".join(str(day) for day in sorted(set(days), reverse=falling))
            yield Fault(key, f"các số phải {way} và không lặp lại", f"ghi [{right}]")


def _sources(plan: CyclePlan) -> Iterator[Fault]:
    places: dict[str, Key] = {
        key: tuple(key.split(".")) for name, section in plan.sections() for key, *_ in section.values(name)
    }
    above = {key.rpartition(".")[0] for key in places} | set(SECTIONS)
    for index, deadline in enumerate(plan.deadlines):
        for key, *_ in deadline.values(f"deadlines.{deadline.stage}"):
            rule = key.rpartition(".")[2]
            places[key] = ("deadlines", index, rule)
            if rule not in STATED:
                above |= {"deadlines", f"deadlines.{rule}"}
    for key, place in places.items():
        if plan.source_of(key) is None:
            shared = f"deadlines.{place[-1]}" if place[0] == "deadlines" else place[0]
            remedy = f'thêm vào [sources] dòng "{key}" = "..." hoặc "{shared}" = "..."'
            yield Fault(place, "giá trị không ghi nguồn", remedy)
    for key, source in plan.sources.items():
        if key not in places and key not in above:
            near = text.nearest(key, [*places, *above])
            remedy = f"có phải «{near}»?" if near else "bỏ dòng này"
            yield Fault(("sources", key), f"kế hoạch không có thiết lập '{key}'", remedy)
        elif not source.strip():
            yield Fault(("sources", key), "nguồn để trống", f"ghi phần của kế hoạch, văn bản, hoặc '{SOFTWARE}'")


CHECKS = (_document, _deadline_stages, _deadline_days, _numbers, _lists, _sources)
"""What must hold between the values of a plan; each yields the faults that it finds."""
