"""What must hold between the values of a plan; each check yields the faults that it finds."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from ocop import text
from ocop.deadlines import FixedDate
from ocop.levels import LADDER, Level
from ocop.phrase import Joined, Phrase
from ocop.plan_faults import ONE_OF, Fault, meant
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
        yield Fault(
            ("plan", "procedure"), Phrase("không có quy trình '%(procedure)s'", procedure=document.procedure),
            Phrase(ONE_OF, known=known),
        )  # fmt: skip
    if abs(document.opens_on.year - document.year) > 1:
        yield Fault(
            ("plan", "opens_on"),
            Phrase(
                "ngày mở %(day)s cách xa năm %(year)s của chu trình", day=document.opens_on, year=str(document.year)
            ),
            Phrase("sửa opens_on hoặc year"),
        )


def _deadline_stages(plan: "CyclePlan") -> Iterator[Fault]:
    procedure = PROCEDURES.get(plan.document.procedure)
    if procedure is None:
        return
    stages = {stage.key: stage for stage in procedure.stages}
    if not plan.deadlines and not procedure.rolling:
        yield Fault(("deadlines",), Phrase("không được để trống"), Phrase("ghi ít nhất một mục [[deadlines]]"))
    datable = [key for key, stage in stages.items() if not (stage.final or stage.supplement or stage.period)]
    seen: set[str] = set()
    for index, deadline in enumerate(plan.deadlines):
        place: Key = ("deadlines", index, "stage")
        if deadline.stage not in stages:
            near = text.nearest(deadline.stage, datable)
            remedy = meant(near) if near else Phrase(ONE_OF, known=", ".join(datable))
            problem = Phrase(
                "quy trình %(procedure)s không có giai đoạn '%(stage)s'", procedure=procedure.key, stage=deadline.stage
            )
            yield Fault(place, problem, remedy)
            continue
        if deadline.stage not in datable:
            yield Fault(
                place,
                Phrase("giai đoạn '%(stage)s' không nhận mốc ngày của kế hoạch", stage=deadline.stage),
                Phrase("bỏ mục này; mốc ngày dùng cho: %(stages)s", stages=", ".join(datable)),
            )
        if deadline.stage in seen:
            yield Fault(
                place, Phrase("giai đoạn '%(stage)s' có hai thời hạn", stage=deadline.stage),
                Phrase("giữ một mục [[deadlines]] cho mỗi giai đoạn"),
            )  # fmt: skip
        seen.add(deadline.stage)
        if deadline.met_by is MetBy.SUPPLEMENTED or (
            deadline.met_by is MetBy.SESSION_HELD and not stages[deadline.stage].evaluates
        ):
            yield Fault(
                ("deadlines", index, "met_by"),
                Phrase(
                    "giai đoạn '%(stage)s' không được hoàn thành bằng %(act)s",
                    stage=deadline.stage, act=MET_BY_LABELS[deadline.met_by],
                ),
                Phrase('ghi "letter_sent" hoặc "decision_signed"; "session_held" chỉ dùng cho giai đoạn có hội đồng'),
            )  # fmt: skip
    if plan.registration.files_with not in procedure.starts:
        yield Fault(
            ("registration", "files_with"),
            Phrase(
                "quy trình %(procedure)s không nhận hồ sơ ở cấp %(level)s",
                procedure=procedure.key, level=plan.registration.files_with.label,
            ),
            Phrase(ONE_OF, known=", ".join(procedure.starts)),
        )  # fmt: skip


def _deadline_days(plan: "CyclePlan") -> Iterator[Fault]:
    procedure = PROCEDURES.get(plan.document.procedure)
    order = {} if procedure is None else {stage.key: number for number, stage in enumerate(procedure.stages)}
    known = sorted((order[d.stage], index, d) for index, d in enumerate(plan.deadlines) if d.stage in order)
    for index, deadline in enumerate(plan.deadlines):
        if deadline.fixed.unrolled < plan.document.opens_on:
            yield Fault(
                ("deadlines", index, "date"),
                Phrase(
                    "hạn %(day)s đã qua khi chu trình mở ngày %(opens)s",
                    day=deadline.day, opens=plan.document.opens_on,
                ),
                Phrase("sửa date của thời hạn này hoặc opens_on của [plan]"),
            )  # fmt: skip
        if deadline.opens_on is not None and deadline.opens_on > deadline.fixed.unrolled:
            yield Fault(
                ("deadlines", index, "opens_on"),
                Phrase(
                    "ngày bắt đầu %(opens)s muộn hơn ngày cuối %(last)s",
                    opens=deadline.opens_on, last=deadline.fixed.unrolled,
                ),
                Phrase("ghi ngày không muộn hơn %(day)s", day=deadline.fixed.unrolled),
            )  # fmt: skip
    for (_, _, earlier), (_, index, later) in pairwise(known):
        if later.stage != earlier.stage and later.day < earlier.day:
            yield Fault(
                ("deadlines", index, "date"),
                Phrase(
                    "hạn %(later)s của '%(stage)s' sớm hơn hạn %(earlier)s của '%(before)s' đi trước trong quy trình",
                    later=later.day, stage=later.stage, earlier=earlier.day, before=earlier.stage,
                ),
                Phrase("sửa để không sớm hơn %(day)s", day=earlier.day),
            )  # fmt: skip


def _levels(plan: "CyclePlan") -> Iterator[Fault]:
    """Find levels and recognitions that the plan states and the procedure does not have."""
    procedure = PROCEDURES.get(plan.document.procedure)
    if procedure is None or plan.levels is None or plan.registration.files_with not in procedure.starts:
        return
    reached = levels_from(procedure, procedure.starts[plan.registration.files_with])
    through = set(plan.levels.through)
    known = ", ".join(PROCEDURES)
    remedy = Phrase("sửa through, hoặc chọn quy trình khác: %(known)s", known=known)
    for level in sorted(reached - through - {Level.CENTRAL}):
        missed = Phrase(
            "quy trình %(procedure)s đi qua cấp %(level)s, kế hoạch thì không",
            procedure=procedure.key,
            level=level.label,
        )
        yield Fault(("levels", "through"), missed, remedy)
    for level in sorted(through - reached):
        added = Phrase("quy trình %(procedure)s không đi qua cấp %(level)s", procedure=procedure.key, level=level.label)
        yield Fault(("levels", "through"), added, remedy)
    for star, key in ((3, "three_stars"), (4, "four_stars"), (5, "five_stars")):
        stated: Level | None = getattr(plan.levels, key)
        lawful = next(level for level in Level if procedure.most_stars(level) >= star)
        if stated is not None and stated is not lawful:
            differs = Phrase(
                "quy trình %(procedure)s giao cấp %(level)s công nhận %(star)s sao, kế hoạch ghi cấp %(stated)s",
                procedure=procedure.key, level=lawful.label, star=star, stated=stated.label,
            )  # fmt: skip
            remedy = Phrase('ghi "%(level)s", hoặc chọn quy trình khác: %(known)s', level=lawful.value, known=known)
            yield Fault(("levels", key), differs, remedy)


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
                ("changes", index, "procedure"),
                Phrase("không có quy trình '%(procedure)s'", procedure=change.procedure),
                Phrase(ONE_OF, known=known),
            )
        if change.day <= before:
            yield Fault(
                ("changes", index, "date"),
                Phrase("ngày đổi quy trình %(day)s không sau ngày %(before)s", day=change.day, before=before),
                Phrase("ghi ngày sau ngày mở chu trình, các lần đổi theo thứ tự thời gian"),
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
                    (name, index, "stage"), Phrase("kế hoạch không đặt hạn cho bước '%(stage)s'", stage=row.stage),
                    Phrase(ONE_OF, known=known),
                )  # fmt: skip
                continue
            last = FixedDate(row.day, row.boundary).unrolled
            if not plan.document.opens_on <= last <= outer.fixed.unrolled:
                yield Fault(
                    (name, index, "date"),
                    Phrase(
                        "ngày cuối %(last)s nằm ngoài khoảng từ ngày mở %(opens)s đến hạn của bước '%(stage)s' %(outer)s",
                        last=last, opens=plan.document.opens_on, stage=row.stage, outer=outer.fixed.unrolled,
                    ),
                    Phrase("sửa ngày cho nằm trong khoảng đó"),
                )  # fmt: skip
            for unit in row.units if isinstance(row, Batch) else ():
                if (row.stage, unit) in seen:
                    twice = Phrase("đơn vị '%(unit)s' đứng ở hai cụm", unit=unit)
                    yield Fault((name, index, "units"), twice, Phrase("giữ mỗi đơn vị ở một cụm"))
                seen.add((row.stage, unit))


def _planned(plan: "CyclePlan") -> Iterator[Fault]:
    """Find units that stand twice in the annex."""
    seen: set[tuple[Level, str]] = set()
    for index, row in enumerate(plan.planned):
        if (row.level, row.unit) in seen:
            yield Fault(
                ("planned", index, "unit"),
                Phrase("đơn vị '%(unit)s' cấp %(level)s có hai dòng", unit=row.unit, level=row.level.label),
                Phrase("giữ một dòng"),
            )
        seen.add((row.level, row.unit))


def _numbers(plan: "CyclePlan") -> Iterator[Fault]:
    if plan.forwarding.to_province_from >= plan.forwarding.to_centre_from:
        yield Fault(
            ("forwarding", "to_centre_from"),
            Phrase(
                "ngưỡng lên trung ương %(centre)s không cao hơn ngưỡng lên tỉnh %(province)s",
                centre=plan.forwarding.to_centre_from, province=plan.forwarding.to_province_from,
            ),
            Phrase("ghi số lớn hơn to_province_from"),
        )  # fmt: skip
    if plan.re_recognition.latest_days >= plan.re_recognition.earliest_days:
        yield Fault(
            ("re_recognition", "latest_days"),
            Phrase(
                "không có ngày nào để nộp: muộn nhất %(latest)s ngày, sớm nhất %(earliest)s ngày trước khi hết hạn",
                latest=str(plan.re_recognition.latest_days), earliest=str(plan.re_recognition.earliest_days),
            ),
            Phrase("ghi số nhỏ hơn earliest_days"),
        )  # fmt: skip
    if plan.council.quorum_numerator > plan.council.quorum_denominator:
        yield Fault(
            ("council", "quorum_numerator"),
            Phrase(
                "không thể đòi %(numerator)s/%(denominator)s số thành viên",
                numerator=plan.council.quorum_numerator, denominator=plan.council.quorum_denominator,
            ),
            Phrase("ghi tử số không lớn hơn mẫu số, ví dụ 3 và 4"),
        )  # fmt: skip
    if plan.notices.until <= plan.notices.hour:
        yield Fault(
            ("notices", "until"),
            Phrase(
                "giờ ngừng gửi thư %(until)s không muộn hơn giờ bắt đầu %(hour)s",
                until=f"{plan.notices.until:%H:%M}", hour=f"{plan.notices.hour:%H:%M}",
            ),
            Phrase("ghi giờ muộn hơn hour, ví dụ 18:00"),
        )  # fmt: skip
    if len(plan.escalation.working_days_after) > len(LADDER):
        yield Fault(
            ("escalation", "working_days_after"),
            Phrase(
                "có %(steps)s bước nhưng thang báo cáo chỉ có %(rungs)s bậc",
                steps=str(len(plan.escalation.working_days_after)), rungs=len(LADDER),
            ),
            Phrase("bỏ bớt, mỗi bậc một số: %(roles)s", roles=Joined(", ", [role.label for role in LADDER])),
        )  # fmt: skip


def _lists(plan: "CyclePlan") -> Iterator[Fault]:
    for key, days, least, most, falling in (
        (("reminders", "working_days_before"), plan.reminders.working_days_before, 1, 250, True),
        (("expiry", "days_before"), plan.expiry.days_before, 0, 3650, True),
        (("escalation", "working_days_after"), plan.escalation.working_days_after, 0, 250, False),
    ):
        if any(day < least for day in days):
            yield Fault(
                key,
                Phrase("có số nhỏ hơn %(least)s", least=least),
                Phrase("ghi các số từ %(least)s trở lên", least=least),
            )
        if any(day > most for day in days):
            yield Fault(
                key, Phrase("có số lớn hơn %(most)s", most=str(most)),
                Phrase("ghi các số không quá %(most)s", most=str(most)),
            )  # fmt: skip
        if list(days) != sorted(set(days), reverse=falling):
            kept = sorted({day for day in days if least <= day <= most}, reverse=falling)
            if kept:
                right = Phrase("ghi [%(numbers)s]", numbers=", ".join(map(str, kept)))
            else:
                right = Phrase("ghi các số từ %(least)s đến %(most)s", least=least, most=str(most))
            if falling:
                yield Fault(key, Phrase("các số phải giảm dần và không lặp lại"), right)
            else:
                yield Fault(key, Phrase("các số phải tăng dần và không lặp lại"), right)


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
            remedy = Phrase(
                'thêm vào [sources] dòng "%(key)s" = "..." hoặc "%(shared)s" = "..."', key=key, shared=shared
            )
            yield Fault(place, Phrase("giá trị không ghi nguồn"), remedy)
    for key, source in plan.sources.items():
        if key not in places and key not in above:
            near = text.nearest(key, [*places, *above])
            remedy = meant(near) if near else Phrase("bỏ dòng này")
            yield Fault(("sources", key), Phrase("kế hoạch không có thiết lập '%(key)s'", key=key), remedy)
        elif not source.strip():
            yield Fault(
                ("sources", key), Phrase("nguồn để trống"),
                Phrase("ghi phần của kế hoạch, văn bản, hoặc '%(software)s'", software=str(SOFTWARE)),
            )  # fmt: skip


CHECKS = (_document, _deadline_stages, _deadline_days, _levels, _changes, _inner, _planned, _numbers, _lists, _sources)
"""What must hold between the values of a plan; each yields the faults that it finds."""
