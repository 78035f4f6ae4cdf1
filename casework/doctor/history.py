"""Invariants of the history: what a dossier is follows from its lines, and its lines follow the procedure."""

from collections.abc import Iterator

from sqlalchemy import String, and_, case, cast, exists, func, literal, or_, select
from sqlalchemy.orm import aliased

from casework import producers
from casework.doctor import lawbook
from casework.doctor.chains import faults
from casework.doctor.invariant import Look, Violation
from models.cycles import Cycle
from models.dossiers import Dossier
from models.local_day import local_day
from models.record import Event
from models.successions import Binding
from models.units import Post

ANYWHERE = ("register", "correct", "revoke", "annul")
"""Events that another unit of the dossier's path may enter: the authority whose paper it is, or who files for a commune."""
PROVINCE_ONLY = ("open", "extend", "amend_plan", "close", "suspend", "resume", "change_procedure")
"""Events of a cycle that only its province's people enter."""


def stage_is_the_last_target(look: Look) -> Iterator[Violation]:
    """Yield dossiers whose stage is not where their last line led, or whose mark 'open' contradicts the stage."""
    last = (
        select(Event.dossier_id, func.max(Event.number).label("number"))
        .where(Event.dossier_id.is_not(None))
        .group_by(Event.dossier_id)
        .subquery()
    )
    law = lawbook.stages()
    rows = look.session.execute(
        select(Dossier.code, Dossier.stage, Dossier.open, Event.to_stage, law.c.final)
        .select_from(Dossier)
        .join(last, last.c.dossier_id == Dossier.id)
        .join(Event, and_(Event.dossier_id == last.c.dossier_id, Event.number == last.c.number))
        .outerjoin(law, and_(law.c.procedure == Dossier.procedure_key, law.c.stage == Dossier.stage))
        .where(
            or_(
                Dossier.stage != Event.to_stage,
                law.c.stage.is_(None),
                Dossier.open.is_(True) & (law.c.final == "final"),
                Dossier.open.is_(False) & (law.c.final == ""),
            )
        )
        .order_by(Dossier.id)
    )
    for code, stage, open_, target, final in rows:
        if stage != target:
            yield Violation(f"hồ sơ {code}", f"đang ghi ở bước '{stage}', dòng cuối của lịch sử dẫn đến '{target}'")
        elif final is None:
            yield Violation(f"hồ sơ {code}", f"bước '{stage}' không có trong quy trình")
        else:
            yield Violation(f"hồ sơ {code}", f"ghi là {'đang mở' if open_ else 'đã kết thúc'} ở bước '{stage}'")


def lines_are_numbered(look: Look) -> Iterator[Violation]:
    """Yield dossiers and cycles whose lines are not numbered from 1 to their version."""
    counted = (func.count(Event.id), func.coalesce(func.min(Event.number), 0), func.coalesce(func.max(Event.number), 0))
    for what, table in (("hồ sơ", Dossier), ("chu trình", Cycle)):
        chain = literal("dossier/" if table is Dossier else "cycle/") + cast(table.id, String)
        rows = look.session.execute(
            select(table.code, table.version, *counted)
            .select_from(table)
            .outerjoin(Event, Event.chain == chain)
            .group_by(table.id, table.code, table.version)
            .having(or_(counted[0] != table.version, counted[1] != 1, counted[2] != table.version))
            .order_by(table.id)
        )
        for code, version, number, first, last in rows:
            yield Violation(
                f"{what} {code}", f"phiên bản {version} nhưng lịch sử có {number} dòng, từ {first} đến {last}"
            )
    owner = case(
        (Event.dossier_id.is_(None), literal("cycle/") + cast(Event.cycle_id, String)),
        else_=literal("dossier/") + cast(Event.dossier_id, String),
    )
    for chain, number, named in look.session.execute(
        select(Event.chain, Event.number, owner).where(Event.chain != owner).order_by(Event.id)
    ):
        yield Violation(f"chuỗi {chain}", f"dòng {number} ghi là của {named}")


def sources_follow_targets(look: Look) -> Iterator[Violation]:
    """Yield lines that do not begin where the line before them ended."""
    before = aliased(Event)
    rows = look.session.execute(
        select(Dossier.code, Event.number, Event.from_stage, before.to_stage)
        .select_from(Event)
        .join(Dossier, Dossier.id == Event.dossier_id)
        .outerjoin(before, and_(before.dossier_id == Event.dossier_id, before.number == Event.number - 1))
        .where(
            or_(before.to_stage != Event.from_stage, and_(Event.number == 1, Event.from_stage != "")),
        )
        .order_by(Event.dossier_id, Event.number)
    )
    for code, number, source, target in rows:
        yield Violation(f"hồ sơ {code}", f"dòng {number} đi từ '{source}', dòng trước đến '{target or ''}'")


def moves_stand_in_the_procedure(look: Look) -> Iterator[Violation]:
    """Yield lines whose event from one stage to the next the procedure that the dossier was bound to then does not know."""
    law = lawbook.moves()
    rows = look.session.execute(
        select(Dossier.code, lawbook.PROCEDURE, Event.number, Event.event, Event.from_stage, Event.to_stage)
        .select_from(Event)
        .join(Dossier, Dossier.id == Event.dossier_id)
        .outerjoin(Binding, lawbook.bound())
        .outerjoin(
            law,
            and_(
                law.c.procedure == lawbook.PROCEDURE,
                law.c.event == Event.event,
                law.c.source == Event.from_stage,
                law.c.target == Event.to_stage,
            ),
        )
        .where(law.c.procedure.is_(None))
        .order_by(Event.dossier_id, Event.number)
    )
    for code, procedure, number, event, source, target in rows:
        yield Violation(
            f"hồ sơ {code}",
            f"dòng {number}: quy trình {procedure} không có việc '{event}' từ '{source}' đến '{target}'",
        )


def chains_hold(look: Look) -> Iterator[Violation]:
    """Yield, for each chain, the first line whose hash does not fit, and heads that are not the last line's hash."""
    for fault in faults(look.session):
        if not fault.missing:
            yield Violation(fault.named, fault.what)


def actors_were_in_office(look: Look) -> Iterator[Violation]:
    """Yield lines whose actor held no role that day at the unit concerned, nor above it with a document, nor is its producer."""
    law = lawbook.moves()
    day = local_day(Event.recorded_at)
    in_office = (
        Post.person_id == Event.actor_id,
        Post.valid_from <= day,
        or_(Post.valid_to.is_(None), Post.valid_to >= day),
    )
    path = (Event.unit_id, lawbook.COMMUNE, lawbook.DISTRICT, lawbook.PROVINCE, Cycle.central_id)
    along_the_path = Post.unit_id.in_(path)
    # The centre keeps no record here: the province enters what concerns dossiers there.
    holder = case((Event.unit_id == Cycle.central_id, lawbook.PROVINCE), else_=Event.unit_id)
    unit = lawbook.unit_of(law.c.by_level, holder)
    anywhere = or_(Event.on_behalf != "", Event.event.in_(ANYWHERE))
    place = or_(Post.unit_id == unit, and_(anywhere, along_the_path))
    # Who works at a successor acts for the unit that it followed.
    follows = or_(
        lawbook.inherited(unit, *in_office), *(and_(anywhere, lawbook.inherited(each, *in_office)) for each in path)
    )
    rows = look.session.execute(
        select(Dossier.code, Event.number, Event.event, Event.actor_name)
        .select_from(Event)
        .join(Dossier, Dossier.id == Event.dossier_id)
        .join(Cycle, Cycle.id == Event.cycle_id)
        .outerjoin(Binding, lawbook.bound())
        .outerjoin(
            law,
            and_(
                law.c.procedure == lawbook.PROCEDURE,
                law.c.event == Event.event,
                law.c.source == Event.from_stage,
                law.c.target == Event.to_stage,
            ),
        )
        .where(Event.actor_id.is_not(None), ~exists().where(*in_office, place), ~follows)
        .order_by(Event.dossier_id, Event.number)
    )
    for code, number, event, name in rows:
        yield Violation(
            f"hồ sơ {code}", f"dòng {number} ('{event}'): {name} không giữ nhiệm vụ ở đơn vị đó trong ngày ấy"
        )
    its_own = or_(Event.event.not_in(PROVINCE_ONLY), Post.unit_id == Event.unit_id)
    for code, number, event, name in look.session.execute(
        select(Cycle.code, Event.number, Event.event, Event.actor_name)
        .select_from(Event)
        .join(Cycle, Cycle.id == Event.cycle_id)
        .where(Event.dossier_id.is_(None), Event.actor_id.is_not(None), ~exists().where(*in_office, its_own))
        .order_by(Event.cycle_id, Event.number)
    ):
        yield Violation(f"chu trình {code}", f"dòng {number} ('{event}'): {name} không giữ nhiệm vụ trong ngày ấy")
    yield from _producers_acted_for_themselves(look)


def _producers_acted_for_themselves(look: Look) -> Iterator[Violation]:
    """Yield lines of producers who did what is not theirs to do, or with a dossier of another."""
    rows = look.session.execute(
        select(Dossier.code, Event.number, Event.event, Event.actor_name, Event.details, Dossier.producer_id)
        .select_from(Event)
        .join(Dossier, Dossier.id == Event.dossier_id)
        .where(Event.actor_id.is_(None), Event.actor_name.startswith(producers.NAMED))
        .order_by(Event.dossier_id, Event.number)
    )
    for code, number, event, name, details, producer_id in rows:
        if event not in producers.EVENTS or details.get("producer") != producer_id:
            yield Violation(f"hồ sơ {code}", f"dòng {number} ('{event}'): {name} không được tự làm việc này")
