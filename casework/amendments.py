"""Amends a running cycle's plan by a document: at once, or from an instant to come."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.act import Answer, TextFile, act
from casework.actors import Actor, require_post
from casework.amending import AMENDMENT, Outcome, apply, described, general, same
from casework.amendment_changes import Picture, letters_owed, picture
from casework.below import units_under
from casework.chronicle import append_cycle_event
from casework.days import calendar
from casework.directory import Directory
from casework.inner_dates import overruns
from casework.lookup import required
from casework.owing import Draft, owe, unit_facts
from casework.plan_versions import before, versions
from casework.rules import cycle_by_code, plan_of, plan_read, procedure_of
from casework.strokes import listed
from casework.timing import Due, last_day, outstanding, put_on_agenda
from models.cycles import Cycle
from models.dossiers import Dossier
from models.plans import PlanVersion
from models.session import taken_back
from ocop.errors import InvalidInput, NotPossibleNow
from ocop.levels import Level, Role
from ocop.notices import Notice
from ocop.phrase import Joined, Phrase
from ocop.plan import CyclePlan, dump
from ocop.plan_file import read_plan
from ocop.plan_settings import told as value_told
from ocop.working_days import VIETNAM, at_hour, day_of

FIXED: Mapping[str, str] = {
    "key": "mở chu trình khác cho kế hoạch khác",
    "province": "chu trình thuộc một tỉnh; việc sắp xếp đơn vị là việc riêng",
    "year": "mở chu trình mới cho năm khác",
    "procedure": "đổi quy trình giữa chu trình là việc riêng, không ghi bằng sửa đổi kế hoạch",
    "opens_on": "chu trình đã mở",
    "simulated": "mô phỏng hay thật được định khi mở chu trình",
}
"""What an amendment may not change in a running cycle, and why."""
TOLD = (Level.PROVINCE, Level.DISTRICT, Level.COMMUNE)
LISTED = 40
"""How many changed lines a letter names."""


@dataclass(frozen=True)
class _Taken:
    """What an amendment does when it takes force, looked at right then."""

    done: Outcome
    earlier: Picture
    later: Picture
    dates: Sequence[dict[str, Any]]
    by_unit: Mapping[int, Sequence[int]]


@act("amend-plan", "Sửa đổi kế hoạch của chu trình")
def amend_plan(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    cycle: str,
    plan: TextFile,
    document: str,
    reason: str = "",
    effective_at: datetime | None = None,
    refinement: TextFile | None = None,
) -> Answer:
    """Bring a running cycle under an amended plan: its whole text (TOML), the document's number, from when it holds.

    `refinement` is a document whose values hold over the plan's. Only the plan's issuer, the province, may. Without
    `effective_at` it holds from now; from an instant to come it waits on the agenda. A date that is moved later closes open
    breaches as an extension does; a date that would lie before the instant is refused, so that nobody becomes late backwards
    in time. `changes` lists every setting, date, dossier, thing to come and letter that differs; `--dry-run` shows them and
    writes nothing.
    """
    row = cycle_by_code(session, cycle, lock=True)
    require_post(session, actor, row.province_id, day_of(at))
    document = required(document, "số văn bản sửa đổi kế hoạch")
    running = plan_of(row)
    read = read_plan(plan, *([refinement] if refinement else []), round_key=running.round.key if running.round else "")
    _refuse_fixed(running, row.procedure_key, read)
    given = effective_at or at
    effective = given if given.tzinfo else given.replace(tzinfo=VIETNAM)
    known = versions(session, row)
    _refuse_instant(row, known, effective)
    text = dump(read)
    version = PlanVersion(
        cycle_id=row.id, number=1 + max((one.number for one in known), default=1), plan=text,
        plan_sha256=hashlib.sha256(text.encode()).hexdigest(), document=document, reason=reason, effective_at=effective,
        recorded_at=at,
    )  # fmt: skip
    base = before(known, effective)
    if text == (row.plan if base is None else base.plan):
        raise InvalidInput(
            "Kế hoạch gửi lên giống hệt kế hoạch áp dụng vào thời điểm đó: không có gì để sửa đổi.",
            "the plan sent is the same as the one that holds at that instant: there is nothing to amend",
        )
    session.add(version)
    session.flush()
    if effective <= at:
        taken = _take(session, row, version, at)
    else:
        waiting = [one for one in known if one.in_force_at is None and one.effective_at < effective]
        with taken_back(session):
            for one in sorted(waiting, key=lambda one: one.effective_at):
                apply(session, row, one, one.effective_at)
            taken = _take(session, row, version, effective)
        first = procedure_of(row).stages[0].key
        put_on_agenda(session, [Due(AMENDMENT, f"cycle/{row.id}", version.number, effective, row.id, first)])
    changes = taken.later.against(taken.earlier)
    cause = append_cycle_event(
        session, row, "amend_plan", actor=actor, at=at, occurred_on=day_of(at), reason=reason, rule=document,
        details={"effective_at": effective, "waits": effective > at, **described(version, taken.done)},
    )  # fmt: skip
    changes["Thư"] += _tell(session, row, version, cause, taken, changes, at)
    if effective > at:
        when = Phrase("có hiệu lực từ %(at)s", at=_instant(effective))
    else:
        when = Phrase("có hiệu lực ngay")
    message = Phrase(
        "Đã ghi sửa đổi kế hoạch của chu trình %(cycle)s theo %(document)s (phiên bản %(version)s), %(when)s: %(dates)s thời hạn, "
        "%(dossiers)s hạn của hồ sơ thay đổi, %(closed)s bản ghi quá hạn được khép lại.",
        cycle=cycle, document=document, version=version.number, when=when, dates=len(changes["Thời hạn"]),
        dossiers=len(changes["Hồ sơ"]), closed=taken.done.closed,
    )  # fmt: skip
    return {
        "message": message,
        "version": version.number,
        "effective_at": effective,
        "closed_breaches": taken.done.closed,
        "changes": [{"heading": heading, "lines": lines} for heading, lines in changes.items()],
        "warnings": [*_warnings(known, version), *overruns(session, row, read, calendar(session))],
    }


def _refuse_fixed(now: CyclePlan, procedure_key: str, wanted: CyclePlan) -> None:
    """Refuse what would make another cycle of it; a procedure changed in flight is the one that the text has to name."""
    is_, asked = (
        {key: getattr(now.document, key) for key in FIXED},
        {key: getattr(wanted.document, key) for key in FIXED},
    )
    is_["procedure"] = procedure_key
    wrong = [
        f"{key} ({value_told(is_[key], '')} → {value_told(asked[key], '')}: {why})"
        for key, why in FIXED.items()
        if is_[key] != asked[key]
    ]
    if wrong:
        raise InvalidInput(
            f"Chu trình đang chạy không đổi được trong mục [plan]: {'; '.join(wrong)}. Hãy giữ nguyên các giá trị này trong "
            "tệp kế hoạch sửa đổi.",
            f"an amendment may not change these values of [plan]: {', '.join(key for key in FIXED if is_[key] != asked[key])}",
        )


def _refuse_instant(cycle: Cycle, known: Sequence[PlanVersion], effective: datetime) -> None:
    """Refuse an instant at or before that of the plan in force, and one that another amendment has taken."""
    if taken := next((one for one in known if one.effective_at == effective), None):
        raise InvalidInput(
            f"Văn bản {taken.document} đã có hiệu lực từ đúng {_instant(effective)}. Hãy ghi thời điểm hiệu lực khác.",
            f"document {taken.document} holds from this very instant. Give another instant",
        )
    in_force = max((one.effective_at for one in known if one.in_force_at), default=cycle.opened_at)
    if effective <= in_force:
        raise NotPossibleNow(
            f"Kế hoạch đang áp dụng có hiệu lực từ {_instant(in_force)}, sau {_instant(effective)}: văn bản có hiệu lực sớm "
            "hơn không thay được nó. Nếu vẫn cần sửa, hãy ghi toàn văn kế hoạch với thời điểm hiệu lực muộn hơn.",
            "the plan in force holds from a later instant. If it still has to be amended, record the whole plan with a later instant",
        )


def _refuse_backwards(session: Session, cycle: Cycle, wanted: CyclePlan, at: datetime) -> None:
    """Refuse dates that the text puts before the instant from which it holds, each by its stage."""
    old, days, in_force = plan_of(cycle), calendar(session), general(session, cycle)
    wrong: list[str] = []
    procedure = procedure_of(cycle)
    for stated in wanted.deadlines:
        row = in_force.get(stated.stage)
        if not procedure.knows(stated.stage):
            continue  # a stage of the procedure that the cycle has left: its date binds nobody
        if stated.fixed.strikes_at(days) > at or same(old.deadline(stated.stage), stated, row, at, days):
            continue
        held = Phrase("hạn đang áp dụng: %(day)s", day=last_day(row)) if row else Phrase("đang không có hạn")
        label, last = procedure.stage(stated.stage).label, stated.fixed.last_day(days)
        wrong.append(Phrase("'%(stage)s' (hạn cuối %(day)s; %(held)s)", stage=label, day=last, held=held))
    if wrong:
        raise InvalidInput(
            Phrase(
                "Sửa đổi có hiệu lực từ %(at)s không đặt được hạn đã qua trước lúc đó: %(dates)s. Không hồ sơ nào thành quá hạn ngược "
                "thời gian: hãy giữ nguyên hạn đang áp dụng hoặc ghi hạn muộn hơn; hồ sơ muộn được mở lại bằng “Gia hạn” hoặc "
                "“Chấp nhận hồ sơ muộn”.",
                at=_instant(at),
                dates=Joined("; ", wrong),
            ),
            "a deadline would lie before the instant at which the amendment takes force; keep the deadline in force or give a later one. "
            "Late dossiers are opened again by “Extend a deadline” or “Accept late dossiers”",
        )


def _take(session: Session, cycle: Cycle, version: PlanVersion, at: datetime) -> _Taken:
    """Let a version take force at an instant, and tell what that changes."""
    wanted = plan_read(version.plan)
    _refuse_backwards(session, cycle, wanted, at)
    earlier = picture(session, cycle, at)
    done = apply(session, cycle, version, at)
    in_force, procedure = general(session, cycle), procedure_of(cycle)
    dates = [
        {"stage_label": procedure.stage(stage).label, "wording": row.wording, "last_day": last_day(row)}
        for stage, row in in_force.items()
    ]
    by_unit: dict[int, list[int]] = {}
    for stage in done.moved:
        for dossier in session.execute(
            select(Dossier.id, Dossier.holder_id)
            .where(outstanding(session, cycle, in_force[stage]))
            .order_by(Dossier.id)
        ):
            by_unit.setdefault(dossier.holder_id, []).append(dossier.id)
    by_unit = {unit: list(dict.fromkeys(ids)) for unit, ids in by_unit.items()}
    return _Taken(done, earlier, picture(session, cycle, at), dates, by_unit)


def _tell(
    session: Session, cycle: Cycle, version: PlanVersion, cause: str, taken: _Taken, changes: Mapping[str, list[str]],
    at: datetime,
) -> list[str]:  # fmt: skip
    """Owe each unit of the province a letter on the amendment, and return whom they go to."""
    plan = plan_read(version.plan)
    units = [unit for unit in units_under(session, cycle.province_id, at) if unit.level in TOLD]
    directory = Directory(session, [unit.id for unit in units], cycle.province_id, day_of(at))
    named = [*changes["Thời hạn"], *changes["Thiết lập"]]
    more = [f"và {len(named) - LISTED} thay đổi khác, xem trên phần mềm"] if len(named) > LISTED else []
    facts = {
        "cycle_title": cycle.title, "document": version.document, "reason": version.reason,
        "changes": [*named[:LISTED], *more],
        "plan": {
            "number": plan.document.number, "issued_on": plan.document.issued_on, "title": plan.document.title,
            "deadlines": taken.dates,
        },
    }  # fmt: skip
    lists = listed(session, cycle, taken.by_unit)
    readers = [(unit.id, directory.find(unit.id)) for unit in units]
    readers.append((cycle.province_id, directory.find(cycle.province_id, Role.COORDINATOR_OFFICE)))
    drafts = [
        Draft(
            Notice.PLAN_AMENDED, f"{cause}/unit/{unit_id}", found,
            unit_facts(
                directory, unit_id, **facts, effective_from=_instant(version.effective_at), dossiers=lists.get(unit_id, []),
                total=len(taken.by_unit.get(unit_id, [])),
            ),
            at, cycle.id, reply_unit_id=cycle.province_id, simulated=cycle.simulated, for_unit=unit_id,
        )
        for unit_id, found in readers
    ]  # fmt: skip
    owe(session, drafts, calendar(session), plan.notices, directory)
    return letters_owed(session, Notice.PLAN_AMENDED, cause)


def _warnings(known: Sequence[PlanVersion], version: PlanVersion) -> list[str]:
    later = [one for one in known if one.effective_at > version.effective_at]
    return [
        Phrase(
            "Văn bản %(document)s có hiệu lực từ %(at)s sẽ thay bản này bằng toàn văn của nó.",
            document=one.document,
            at=_instant(one.effective_at),
        )
        for one in later
    ]


def _instant(at: datetime) -> str:
    return at_hour(f"{at.astimezone(VIETNAM):%H:%M}", day_of(at))
