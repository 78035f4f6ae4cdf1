"""What must hold between the values of a plan; each check yields the faults that it finds."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from ocop import text
from ocop.deadlines import FixedDate
from ocop.levels import LADDER, Level
from ocop.plan_faults import Fault
from ocop.plan_rounds import Batch, Pass
from ocop.plan_sections import MET_BY_LABELS, SOFTWARE, STATED
from ocop.procedure import MetBy, Procedure
from ocop.rulebook import PROCEDURES
from ocop.toml_lines import Key

if TYPE_CHECKING:
    from ocop.plan import CyclePlan


def _document(plan: "CyclePlan") -> Iterator[Fault]:
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


def _deadline_stages(plan: "CyclePlan") -> Iterator[Fault]:
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


def _deadline_days(plan: "CyclePlan") -> Iterator[Fault]:
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


def _levels(plan: "CyclePlan") -> Iterator[Fault]:
    """Find levels and recognitions that the plan states and the procedure does not have."""
    procedure = PROCEDURES.get(plan.document.procedure)
    if procedure is None or plan.levels is None or plan.registration.files_with not in procedure.starts:
        return
    reached = levels_from(procedure, procedure.starts[plan.registration.files_with])
    through = set(plan.levels.through)
    remedy = f"sửa through, hoặc chọn quy trình khác: {', '.join(PROCEDURES)}"
    for level in sorted(reached - through - {Level.CENTRAL}):
        yield Fault(
            ("levels", "through"), f"quy trình {procedure.key} đi qua cấp {level.label}, kế hoạch thì không", remedy
        )
    for level in sorted(through - reached):
        yield Fault(("levels", "through"), f"quy trình {procedure.key} không đi qua cấp {level.label}", remedy)
    for star, key in ((3, "three_stars"), (4, "four_stars"), (5, "five_stars")):
        stated: Level | None = getattr(plan.levels, key)
        lawful = next((level for level in Level if procedure.most_stars(level) >= star), None)
        if stated is not None and stated is not lawful:
            whose = f"giao cấp {lawful.label}" if lawful else "không giao cấp nào"
            yield Fault(
                ("levels", key),
                f"quy trình {procedure.key} {whose} công nhận {star} sao, kế hoạch ghi cấp {stated.label}",
                f'ghi "{lawful}", hoặc chọn quy trình khác: {", ".join(PROCEDURES)}' if lawful else "bỏ dòng này",
            )


def levels_from(procedure: Procedure, start: str) -> frozenset[Level]:
    """Return the levels of the open stages that a dossier filed at a first stage can reach."""
    reached, ahead = {start}, [start]
    while ahead:
        stage = ahead.pop()
        more = {move.target for move in procedure.moves if move.source == stage} - reached
        reached |= more
        ahead += more
    return frozenset(stage.level for stage in procedure.stages if stage.key in reached and not stage.final)


def _changes(plan: "CyclePlan") -> Iterator[Fault]:
    """Find changes of procedure that lead nowhere, or not onward."""
    before = plan.document.opens_on
    for index, change in enumerate(plan.changes):
        if change.procedure not in PROCEDURES:
            known = ", ".join(f'"{key}"' for key in PROCEDURES)
            yield Fault(
                ("changes", index, "procedure"), f"không có quy trình '{change.procedure}'", f"ghi một trong: {known}"
            )
        if change.day <= before:
            yield Fault(
                ("changes", index, "date"),
                f"ngày đổi quy trình {text.day(change.day)} không sau ngày {text.day(before)}",
                "ghi ngày sau ngày mở chu trình, các lần đổi theo thứ tự thời gian",
            )
        before = change.day


def _inner(plan: "CyclePlan") -> Iterator[Fault]:
    """Find batches and passes that lie outside the deadline they belong to, and units that stand in two batches."""
    seen: set[tuple[str, str]] = set()
    inner: tuple[tuple[str, Sequence[Batch | Pass]], ...] = (("batches", plan.batches), ("passes", plan.passes))
    for name, rows in inner:
        for index, row in enumerate(rows):
            outer = plan.deadline(row.stage)
            if outer is None:
                known = ", ".join(deadline.stage for deadline in plan.deadlines)
                yield Fault(
                    (name, index, "stage"), f"kế hoạch không đặt hạn cho bước '{row.stage}'", f"ghi một trong: {known}"
                )
                continue
            last = FixedDate(row.day, row.boundary).unrolled
            if not plan.document.opens_on <= last <= outer.fixed.unrolled:
                yield Fault(
                    (name, index, "date"),
                    f"ngày cuối {text.day(last)} nằm ngoài khoảng từ ngày mở {text.day(plan.document.opens_on)} đến hạn của "
                    f"bước '{row.stage}' {text.day(outer.fixed.unrolled)}",
                    "sửa ngày cho nằm trong khoảng đó",
                )
            for unit in row.units if isinstance(row, Batch) else ():
                if (row.stage, unit) in seen:
                    yield Fault((name, index, "units"), f"đơn vị '{unit}' đứng ở hai cụm", "giữ mỗi đơn vị ở một cụm")
                seen.add((row.stage, unit))


def _planned(plan: "CyclePlan") -> Iterator[Fault]:
    """Find units that stand twice in the annex."""
    seen: set[tuple[Level, str]] = set()
    for index, row in enumerate(plan.planned):
        if (row.level, row.unit) in seen:
            yield Fault(
                ("planned", index, "unit"), f"đơn vị '{row.unit}' cấp {row.level.label} có hai dòng", "giữ một dòng"
            )
        seen.add((row.level, row.unit))


def _numbers(plan: "CyclePlan") -> Iterator[Fault]:
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
    if plan.notices.until <= plan.notices.hour:
        yield Fault(
            ("notices", "until"),
            f"giờ ngừng gửi thư {plan.notices.until:%H:%M} không muộn hơn giờ bắt đầu {plan.notices.hour:%H:%M}",
            "ghi giờ muộn hơn hour, ví dụ 18:00",
        )
    if len(plan.escalation.working_days_after) > len(LADDER):
        yield Fault(
            ("escalation", "working_days_after"),
            f"có {len(plan.escalation.working_days_after)} bước nhưng thang báo cáo chỉ có {len(LADDER)} bậc",
            f"bỏ bớt, mỗi bậc một số: {', '.join(role.label for role in LADDER)}",
        )


def _lists(plan: "CyclePlan") -> Iterator[Fault]:
    for key, days, least, most, falling in (
        (("reminders", "working_days_before"), plan.reminders.working_days_before, 1, 250, True),
        (("expiry", "days_before"), plan.expiry.days_before, 0, 3650, True),
        (("escalation", "working_days_after"), plan.escalation.working_days_after, 0, 250, False),
    ):
        if any(day < least for day in days):
            yield Fault(key, f"có số nhỏ hơn {least}", f"ghi các số từ {least} trở lên")
        if any(day > most for day in days):
            yield Fault(key, f"có số lớn hơn {most}", f"ghi các số không quá {most}")
        if list(days) != sorted(set(days), reverse=falling):
            way = "giảm dần" if falling else "tăng dần"
            kept = sorted({day for day in days if least <= day <= most}, reverse=falling)
            right = f"ghi [{', '.join(map(str, kept))}]" if kept else f"ghi các số từ {least} đến {most}"
            yield Fault(key, f"các số phải {way} và không lặp lại", right)


WITH_OWN_SECTION = frozenset({"deadlines", "round", "batches", "passes", "planned", "changes", "sources"})
"""What names its section of the plan in each of its rows, or is the sources themselves."""


def _sources(plan: "CyclePlan") -> Iterator[Fault]:
    places: dict[str, Key] = {
        key: tuple(key.split(".")) for name, section in plan.sections() for key, *_ in section.values(name)
    }
    above = {key.rpartition(".")[0] for key in places} | {
        field.alias or name for name, field in type(plan).model_fields.items() if name not in WITH_OWN_SECTION
    }
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


CHECKS = (_document, _deadline_stages, _deadline_days, _levels, _changes, _inner, _planned, _numbers, _lists, _sources)
"""What must hold between the values of a plan; each yields the faults that it finds."""
