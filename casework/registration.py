"""Files a dossier and takes it through the commune: register, receive, report."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from casework import ledger
from casework.act import Answer, act
from casework.actors import Actor, Territory, unit_by_code, upwards
from casework.certificates import held_by
from casework.evidence import NewEvidence, add_evidence, ending_papers
from casework.filing_window import outside_window, require_law
from casework.lookup import batch_answer, dossier_by_code, dossiers_by_code, not_after_today, required
from casework.moves import Moved, ProposedMove, Refused
from casework.punctuality import DAYS, Punctuality
from casework.rounds import in_time
from casework.rules import cycle_by_code, cycles_of, plan_of, procedure_of
from casework.snapshots import take_snapshot
from models.dossiers import Dossier
from models.results import Certificate
from models.units import Producer, Product, Unit
from ocop.errors import AlreadyExists, InvalidInput, NotFound, NotPossibleNow, NotYours, TooLate
from ocop.levels import DossierKind, Level
from ocop.phrase import Joined, Phrase
from ocop.self_assessment import SelfAssessment
from ocop.text import day as told
from ocop.text import fold
from ocop.working_days import day_of


@dataclass(frozen=True)
class Maker:
    """A producer as a registration names it; an existing code keeps its row and takes the newer contact."""

    code: str
    name: str
    commune: str
    """The commune's official code."""
    kind: str = ""
    contact: str = ""
    email: str | None = None
    phone: str | None = None
    simulated: bool = False


@dataclass(frozen=True)
class Goods:
    """A product as a registration names it."""

    code: str
    name: str
    group: str = ""


@act("register", "Đăng ký hồ sơ")
def register(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    cycle: str,
    producer: Maker,
    product: Goods,
    kind: DossierKind,
    proposed_star: int,
    registered_on: date,
    certificate: str = "",
    changes: str = "",
    carried_from: str = "",
    self_assessment: SelfAssessment | None = None,
    evidence: Sequence[NewEvidence] = (),
) -> Answer:
    """File a product's dossier: first time, upgrade (certificate and changes named) or re-recognition (certificate).

    The submission is kept as an unchangeable snapshot. Refused after the first deadline of the cycle, by name; a paper
    that expires before the planned session is warned of. One product has one open dossier, across cycles.
    """
    row, warnings = in_time(session, cycle_by_code(session, cycle, lock=True), product.name, at)
    plan, procedure = plan_of(row), procedure_of(row)
    not_after_today(registered_on, at, "Ngày đăng ký")
    if proposed_star not in (3, 4, 5):
        raise InvalidInput("Hạng sao đề nghị phải là 3, 4 hoặc 5.", "the proposed stars must be 3, 4 or 5")
    require_law(procedure, kind, registered_on, cycle)
    commune = unit_by_code(session, Level.COMMUNE, producer.commune, day_of(at))
    path = _path(session, commune)
    if path[Level.PROVINCE] != row.province_id:
        raise InvalidInput(
            f"{commune.name} không thuộc tỉnh của chu trình {cycle}.",
            f"{commune.name} does not belong to the province of cycle {cycle}",
        )
    if path[Level.DISTRICT] is None and any(stage.level is Level.DISTRICT for stage in procedure.stages):
        # Districts ended under a procedure that has them: the province keeps theirs.
        path[Level.DISTRICT] = row.province_id
    # The plan says where; a procedure that the cycle went over to may know one place alone.
    first = procedure.starts.get(plan.registration.files_with) or next(iter(procedure.starts.values()))
    start = procedure.stage(first)
    holder_id = path[start.level]
    assert holder_id is not None
    producer = _may_enter(session, actor, producer, path, day_of(at))
    maker = _producer(session, producer, commune.id)
    goods = _product(session, product, maker)
    _one_open(session, goods)
    followed = _certificate(session, goods, kind, certificate, changes)
    if procedure.rolling and followed is not None:
        warnings += outside_window(plan.re_recognition, followed, goods.name, registered_on)
    earlier = dossier_by_code(session, carried_from)[0] if carried_from else None
    if earlier is not None and (earlier.stage != "carried_over" or earlier.product_id != goods.id):
        raise InvalidInput(
            f"Hồ sơ {carried_from} không phải hồ sơ chuyển kỳ của sản phẩm này.",
            f"{carried_from} is no carried-over dossier of this product",
        )
    row.last_serial += 1
    code = f"{row.code}-{row.last_serial:04d}"
    dossier = Dossier(
        code=code,
        cycle_id=row.id,
        product_id=goods.id,
        producer_id=maker.id,
        kind=kind.value,
        procedure_key=procedure.key,
        stage=start.key,
        stage_since=at,
        open=True,
        holder_id=holder_id,
        commune_id=commune.id,
        district_id=path[Level.DISTRICT],
        province_id=row.province_id,
        proposed_star=proposed_star,
        certificate_id=followed.id if followed else None,
        changes=changes,
        carried_from_id=earlier.id if earlier else None,
        registered_on=registered_on,
        registered_at=at,
        version=0,
        head="",
        simulated=producer.simulated,
    )
    session.add(dossier)
    session.flush()
    add_evidence(session, dossier.id, evidence, at)
    body: dict[str, Any] = {"producer": maker.name, "product": goods.name, "kind": kind.value, "proposed_star": proposed_star,
                            "certificate": certificate, "changes": changes, **(self_assessment.told if self_assessment else {})}  # fmt: skip
    snapshot = take_snapshot(session, dossier.id, "register", body, at)
    ending = ending_papers(session, row, [dossier.id])[dossier.id]
    ledger.begin(
        session, dossier, actor=actor, at=at, details={"snapshot": snapshot, "proposed_star": proposed_star},
        **ending.told,
    )  # fmt: skip
    warnings += ending.warnings
    return {
        "message": Phrase(
            "Đã đăng ký hồ sơ %(code)s: %(product)s (%(kind)s).", code=code, product=goods.name, kind=kind.label
        ),
        "dossier": code,
        "stage": start.key,
        "warnings": warnings,
    }


def _may_enter(session: Session, actor: Actor, producer: Maker, path: Mapping[Level, int | None], day: date) -> Maker:
    """Return the producer that an actor may register for; NotYours for another's.

    To register is the producer's own act: they file it, or somebody who works at their commune or at a unit above it.
    """
    if actor.producer_id is not None:
        own = session.get_one(Producer, actor.producer_id)
        if (own.code, own.commune_id) != (producer.code, path[Level.COMMUNE]):
            raise NotYours(
                "Chủ thể chỉ đăng ký sản phẩm của chính mình, ở xã của mình.",
                "a producer registers only products of their own, at their own commune",
            )
        return replace(producer, simulated=own.simulated)
    if not actor.is_engine and not set(path.values()) & set(Territory.of(session, actor, day).posts):
        raise NotYours(
            f"{actor.name} không giữ nhiệm vụ ở xã của chủ thể hay ở cấp trên của xã đó nên không nhập được hồ sơ này.",
            f"{actor.name} has no post at the producer's commune or above it, and so cannot enter this dossier",
        )
    return producer


def _path(session: Session, commune: Unit) -> dict[Level, int | None]:
    """Return the units above a commune by level."""
    return {Level.DISTRICT: None, Level.PROVINCE: None, **upwards(session, commune.id)}


def _producer(session: Session, given: Maker, commune_id: int) -> Producer:
    row = session.scalar(_PRODUCER, {"code": required(given.code, "mã chủ thể")})
    if row is None:
        row = Producer(code=given.code, name=required(given.name, "tên chủ thể"), commune_id=commune_id)
        row.simulated = given.simulated
        session.add(row)
    row.search = fold(row.name)
    row.kind = given.kind or row.kind or ""
    row.contact = given.contact or row.contact or ""
    row.email = given.email or row.email
    row.phone = given.phone or row.phone
    session.flush()
    return row


_PRODUCER = select(Producer).where(Producer.code == bindparam("code"))
_PRODUCT = select(Product).where(Product.code == bindparam("code"))


def _product(session: Session, given: Goods, maker: Producer) -> Product:
    row = session.scalar(_PRODUCT, {"code": required(given.code, "mã sản phẩm")})
    if row is None:
        name = required(given.name, "tên sản phẩm")
        row = Product(code=given.code, name=name, search=fold(name), group=given.group, producer_id=maker.id)
        row.simulated = maker.simulated
        session.add(row)
        session.flush()
    elif row.producer_id != maker.id:
        raise InvalidInput(
            f"Mã sản phẩm '{given.code}' đã thuộc chủ thể khác. Hãy kiểm tra mã sản phẩm.",
            f"product code '{given.code}' belongs to another producer. Check the product code",
        )
    return row


def _one_open(session: Session, product: Product) -> None:
    open_one = session.scalar(_OPEN, {"product": product.id})
    if open_one:
        raise AlreadyExists(
            f"Sản phẩm '{product.name}' đang có hồ sơ {open_one} chưa kết thúc; mỗi sản phẩm chỉ có một hồ sơ mở.",
            f"product '{product.name}' has the open dossier {open_one}; a product has only one open dossier",
        )


_OPEN = select(Dossier.code).where(Dossier.product_id == bindparam("product"), Dossier.open.is_(True))


def _certificate(
    session: Session, product: Product, kind: DossierKind, number: str, changes: str
) -> Certificate | None:
    """Return the certificate that an upgrade or a re-recognition follows, checked; None for a first time.

    A product whose certificate was revoked begins anew, as if for the first time.
    """
    if kind is DossierKind.FIRST:
        if number:
            raise InvalidInput(
                "Hồ sơ lần đầu không ghi giấy chứng nhận cũ.",
                "a dossier of a first recognition names no old certificate",
            )
        standing = held_by(session, [product.id])
        if standing:
            raise InvalidInput(
                f"Sản phẩm '{product.name}' đã có giấy chứng nhận {standing[product.id].number}: hãy đăng ký nâng hạng hoặc công nhận lại.",
                f"product '{product.name}' has certificate {standing[product.id].number}: register an upgrade or a re-recognition",
            )
        return None
    found = session.scalar(select(Certificate).where(Certificate.number == required(number, "số giấy chứng nhận cũ")))
    if found is None or found.product_id != product.id:
        raise NotFound(
            f"Không có giấy chứng nhận '{number}' của sản phẩm '{product.name}'.",
            f"product '{product.name}' has no certificate '{number}'",
        )
    if found.revoked_on is not None:
        raise NotPossibleNow(
            f"Giấy chứng nhận {number} đã bị thu hồi: hãy đăng ký sản phẩm như lần đầu.",
            f"certificate {number} was revoked: register the product as the first time",
        )
    if found.replaced_on is not None:
        raise NotPossibleNow(
            f"Giấy chứng nhận {number} đã được thay từ ngày {told(found.replaced_on)}: hãy ghi giấy chứng nhận hiện nay.",
            f"certificate {number} was replaced on {told(found.replaced_on)}: give the present certificate",
        )
    if kind is DossierKind.UPGRADE:
        required(changes, "nội dung thay đổi so với lần công nhận trước")
    return found


@act("receive", "Tiếp nhận hồ sơ")
def receive(session: Session, *, actor: Actor, at: datetime, dossiers: Sequence[str], received_on: date) -> Answer:
    """Take in dossiers at the level where they were filed; warns of papers that expire before the council's planned day."""
    not_after_today(received_on, at, "Ngày tiếp nhận")
    rows = dossiers_by_code(session, dossiers)
    ending = {
        dossier_id: papers
        for cycle in cycles_of(session, rows).values()
        for dossier_id, papers in ending_papers(
            session, cycle, [row.id for row in rows if row.cycle_id == cycle.id]
        ).items()
    }
    warnings = [Joined(": ", (row.code, warning)) for row in rows for warning in ending[row.id].warnings]
    moves = [ProposedMove(row.id, "receive", received_on, **ending[row.id].told) for row in rows]
    answers = ledger.advance(session, moves, actor=actor, at=at)
    return batch_answer(answers, Phrase("Đã tiếp nhận"), warnings=warnings)


@act("report", "Ghi báo cáo đánh giá của xã")
def report(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    dossiers: Sequence[str],
    number: str,
    reported_on: date,
    findings: str,
) -> Answer:
    """Record the commune's report on the contents it assesses; the commune gives no points and no rank."""
    not_after_today(reported_on, at, "Ngày báo cáo")
    number, findings = required(number, "số báo cáo"), required(findings, "nội dung đánh giá của xã")
    moves: list[ProposedMove] = []
    refused: list[Moved | Refused] = []
    rows = dossiers_by_code(session, dossiers)
    punctuality = Punctuality(session, rows)
    for row in rows:
        try:
            late = punctuality.in_time(row, DAYS["report"], reported_on, at)
        except TooLate as violation:
            refused.append(Refused(row.id, row.code, violation))
            continue
        details = {"findings": findings, "recorded_late": late}
        moves.append(ProposedMove(row.id, "report", reported_on, document=number, details=details))
    answers = ledger.advance(session, moves, actor=actor, at=at)
    return batch_answer([*answers, *refused], Phrase("Đã ghi báo cáo của xã"))
