"""The plan and the procedure that a cycle is bound to."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Row, or_, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.util import identity_key

from models.cycles import Cycle
from models.dossiers import Dossier
from models.successions import heirs
from ocop.errors import NotFound, NotPossibleNow
from ocop.phrase import Phrase
from ocop.plan import CyclePlan, load
from ocop.plan_sections import Certificate, Expiry, Notices, ReRecognition
from ocop.procedure import Facts, Procedure
from ocop.rulebook import PROCEDURES


@lru_cache(maxsize=256)
def plan_read(text: str) -> CyclePlan:
    """Return the plan that a canonical text holds."""
    return load(text)


def plan_of(cycle: Cycle) -> CyclePlan:
    """Return the plan in force in a cycle: the one that opened it, as amended (casework.plan_versions)."""
    return plan_read(cycle.plan)


def procedure_of(cycle: Cycle) -> Procedure:
    """Return the procedure that a cycle was opened with."""
    return PROCEDURES[cycle.procedure_key]


def astray(dossier: Dossier | Row[Any]) -> NotPossibleNow | None:
    """Return why nothing can be done with a dossier whose stage its procedure does not know; None for every other."""
    if (law := PROCEDURES.get(dossier.procedure_key)) and law.knows(dossier.stage):
        return None
    return NotPossibleNow(
        f"Hồ sơ {dossier.code}: {unknown_stage(dossier.procedure_key, dossier.stage)}. Dữ liệu đã bị sửa ngoài phần mềm: "
        "hãy báo người quản trị dùng “Kiểm tra sổ”.",
        f"dossier {dossier.code}: procedure {dossier.procedure_key} has no stage {dossier.stage}. The data was changed outside the "
        "software: ask the administrator to use “Check of the record”",
    )


def unknown_stage(procedure: str, stage: str) -> Phrase:
    """Return what is wrong with a dossier at a stage that its procedure does not know."""
    return Phrase("bước '%(stage)s' không có trong quy trình '%(procedure)s'", stage=stage, procedure=procedure)


def facts_base(plan: CyclePlan) -> Facts:
    """Return facts that know the plan's thresholds and nothing of a result."""
    return Facts(to_province_from=plan.forwarding.to_province_from, to_centre_from=plan.to_centre_from)


def cycle_by_code(session: Session, code: str, *, lock: bool = False, must_be_open: bool = True) -> Cycle:
    """Return a cycle, locked when asked for; NotFound or, when it is closed already, NotPossibleNow."""
    statement = select(Cycle).where(Cycle.code == code)
    if lock:
        # As it is now, not as it was read before; its dossiers still get history meanwhile.
        statement = statement.with_for_update(key_share=True).execution_options(populate_existing=True)
    cycle = session.scalar(statement)
    if cycle is None:
        known = ", ".join(session.scalars(select(Cycle.code).order_by(Cycle.code).limit(10)))
        raise NotFound(
            f"Không có chu trình mang mã '{code}'. Các chu trình hiện có: {known or 'chưa có chu trình nào'}.",
            f"there is no cycle '{code}'. The cycles: {known or 'none yet'}",
        )
    if must_be_open and cycle.closed_at is not None:
        raise NotPossibleNow(
            f"Chu trình {code} đã đóng, không ghi thêm được.", f"cycle {code} is closed, nothing more is recorded in it"
        )
    return cycle


def cycles_of(session: Session, dossiers: Iterable[Dossier | Row[Any]]) -> dict[int, Cycle]:
    """Return the cycles of some dossiers by id: those that the session holds as it holds them, the others read at once.

    Hold the answer while the list is walked, and no longer: a session keeps no row that nobody else holds, and asks for it
    again. On PostgreSQL a cycle may have changed while an act waited for its dossiers.
    """
    wanted = {row.cycle_id for row in dossiers}
    held = {key: cycle for key in wanted if (cycle := session.identity_map.get(identity_key(Cycle, key))) is not None}
    if unread := wanted - held.keys():
        held |= {cycle.id: cycle for cycle in session.scalars(select(Cycle).where(Cycle.id.in_(unread)))}
    return held


def standing_rules(session: Session, province_id: int) -> tuple[Certificate, Expiry, Notices, str]:
    """Return the settings that outlive a cycle, and its title: from the province's newest cycle, or the defaults.

    The cycles of a province that has ended are its successor's.
    """
    cycle = _newest(session, province_id)
    if cycle is None:
        return Certificate(), Expiry(), Notices(), ""
    plan = plan_of(cycle)
    return plan.certificate, plan.expiry, plan.notices, cycle.title


def standing_window(session: Session, province_id: int) -> ReRecognition:
    """Return when a province takes dossiers of re-recognition: by its newest rolling cycle, or the law's own window."""
    rolling = [key for key, procedure in PROCEDURES.items() if procedure.rolling]
    cycle = _newest(session, province_id, Cycle.procedure_key.in_(rolling))
    return ReRecognition() if cycle is None else plan_of(cycle).re_recognition


def _newest(session: Session, province_id: int, *which: ColumnElement[bool]) -> Cycle | None:
    """Return the newest cycle of a province, or of those that followed it."""
    after = select(heirs().c.heir_id).where(heirs().c.unit_id == province_id)
    return session.scalar(
        select(Cycle)
        .where(or_(Cycle.province_id == province_id, Cycle.province_id.in_(after)), *which)
        .order_by(Cycle.opened_at.desc(), Cycle.id.desc())
        .limit(1)
    )
