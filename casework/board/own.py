"""What a producer sees of their own: products, dossiers with the next step, certificates, letters, signed results."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from casework.board.deadlines import DueDate, due_dates
from casework.board.dossier import Story
from casework.evidence import expired_by
from casework.living_on import living_on
from casework.producers import NAMED
from casework.rules import cycles_of, procedure_of, standing_window
from casework.timing import InForce, last_day
from models.dossiers import Dossier
from models.letters import Letter
from models.record import Event
from models.results import Certificate, Decision, GateResult
from models.units import Product, Unit
from ocop.errors import NotFound
from ocop.levels import DossierKind
from ocop.phrase import Joined, Phrase
from ocop.procedure import MetBy, Stage
from ocop.rulebook import stage_of
from ocop.transition_2026 import IN_FORCE_FROM
from ocop.validity import FilingWindow, filing_window, in_force
from ocop.working_days import day_of

ADDRESSED = frozenset({
    "request_supplement", "supplement", "retract", "disqualify", "carry_over", "complain", "answer_complaint", "annul", "keep",
    "forgo", "accept_late", "waive_evidence", "revoke",
})  # fmt: skip
"""The events whose reason is told to the producer; what officers note at others is theirs."""


@dataclass(frozen=True)
class OwnDossier:
    """One dossier as its producer sees it in a list."""

    dossier: Dossier
    product: str
    kind: str
    stage: Stage
    holder: str
    due: DueDate | None
    asked: str
    """What the body that returned it wants, where it waits for the producer; else empty."""
    wanted_by: date | None
    """The last day of that, which may come after the deadline that the dossier meets next."""
    too_late: bool
    """Whether that day is over."""
    ending: Sequence[Any]
    """Its papers that have expired."""

    @property
    def next_step(self) -> str:
        """What comes next, in a plain sentence."""
        return next_step(self.dossier, self.stage, self.holder, self.due)

    @property
    def to_do(self) -> list[str]:
        """What the producer must do, and by when, a sentence each."""
        found: list[str] = []
        if self.stage.supplement and self.dossier.suspended_at is None:
            wanted = self.asked or Phrase("xem thư yêu cầu")
            if self.wanted_by is None:
                found.append(Phrase("Bổ sung hồ sơ: %(wanted)s.", wanted=wanted))
            elif self.too_late:
                found.append(
                    Phrase(
                        "Hạn bổ sung đã hết ngày %(day)s: hãy liên hệ %(holder)s (%(wanted)s).",
                        day=self.wanted_by, holder=self.holder, wanted=wanted,
                    )
                )  # fmt: skip
            else:
                found.append(
                    Phrase("Bổ sung hồ sơ chậm nhất ngày %(day)s: %(wanted)s.", day=self.wanted_by, wanted=wanted)
                )
        found += [
            Phrase(
                "Nộp bản mới của “%(paper)s”: bản đã nộp hết hạn ngày %(day)s.", paper=paper.title, day=paper.expires_on
            )
            for paper in self.ending
        ]
        return found


def next_step(dossier: Dossier, stage: Stage, holder: str, due: DueDate | None) -> str:
    """Return what comes next for a dossier, in a plain sentence."""
    if stage.final:
        return Phrase(
            "%(stage)s, từ ngày %(day)s. Không còn bước nào nữa.", stage=stage.label, day=day_of(dossier.stage_since)
        )
    if dossier.suspended_at is not None:
        return Phrase(
            "Tạm dừng từ ngày %(day)s, chờ xác định cơ quan có thẩm quyền; không thời hạn nào chạy.",
            day=day_of(dossier.suspended_at),
        )
    sentence = Phrase("Bước tiếp theo: %(awaited)s. Hồ sơ đang ở %(holder)s.", awaited=stage.waits_for, holder=holder)
    if due is None:
        return sentence
    if due.passed:
        until = Phrase("Hạn “%(stage)s” đã qua ngày %(day)s.", stage=due.label, day=due.last_day)
    else:
        until = Phrase(
            "Hạn “%(stage)s”: hết ngày %(day)s, còn %(days)s ngày làm việc.",
            stage=due.label, day=due.last_day, days=due.working_days,
        )  # fmt: skip
    return Joined(" ", (sentence, until))


def own_dossiers(session: Session, producer_id: int, at: datetime, code: str = "") -> list[OwnDossier]:
    """Return a producer's dossiers, or one of them: those under way first, the newest before the older; a few queries for all."""
    which = [Dossier.producer_id == producer_id, *([Dossier.code == code] if code else [])]
    rows = session.scalars(select(Dossier).where(*which).order_by(Dossier.open.desc(), Dossier.id.desc())).all()
    if not rows:
        return []
    ids = [row.id for row in rows]
    cycles = cycles_of(session, rows)
    due: dict[int, DueDate] = {}
    for cycle_id, cycle in cycles.items():
        here = [row for row in rows if row.cycle_id == cycle_id and row.open]
        due |= due_dates(session, cycle, here, at)
    products = _names(session, Product, [row.product_id for row in rows])
    holders = _names(session, Unit, [row.holder_id for row in rows])
    asked = _asked(session, ids)
    wanted = _wanted_by(session, [row for row in rows if row.open], at)
    expired = defaultdict(list)
    for paper in expired_by(session, ids, day_of(at)):
        expired[paper.dossier_id].append(paper)
    return [
        OwnDossier(
            row, products[row.product_id], DossierKind(row.kind).label,
            stage_of(procedure_of(cycles[row.cycle_id]), row.stage), holders[row.holder_id], due.get(row.id),
            asked.get(row.id, ""), *wanted.get(row.id, (None, False)), expired[row.id] if row.open else (),
        )
        for row in rows
    ]  # fmt: skip


def _names(session: Session, table: type[Product] | type[Unit], ids: Iterable[int]) -> dict[int, str]:
    return {
        row_id: name for row_id, name in session.execute(select(table.id, table.name).where(table.id.in_(set(ids))))
    }


def _wanted_by(session: Session, dossiers: Sequence[Dossier], at: datetime) -> dict[int, tuple[date | None, bool]]:
    """Return until when each dossier that waits for its producer is to be supplemented, and whether that is over."""
    in_force = InForce(session, dossiers)
    found = {row.id: in_force.of(row) for row in dossiers}
    return {
        row_id: (last_day(deadline), deadline.strikes_at <= at)
        for row_id, deadline in found.items()
        if deadline is not None and deadline.met_by == MetBy.SUPPLEMENTED
    }


def _asked(session: Session, dossier_ids: Sequence[int]) -> dict[int, str]:
    """Return what was asked for when each dossier was returned for completion last."""
    last = (
        select(func.max(Event.id))
        .where(Event.dossier_id.in_(dossier_ids), Event.event == "request_supplement")
        .group_by(Event.dossier_id)
    )
    rows = session.execute(select(Event.dossier_id, Event.reason).where(Event.id.in_(last)))
    return {dossier_id: reason.rstrip(". ") for dossier_id, reason in rows if dossier_id is not None}


@dataclass(frozen=True)
class OwnCertificate:
    """One certificate as its holder sees it."""

    certificate: Certificate
    product: str
    issuer: str
    dossier: str
    holds: bool
    lives_on: bool
    window: FilingWindow | None
    """When a dossier of re-recognition may be filed; None where no law gives one, or the certificate is no more."""
    filed_again: str
    """The open dossier of its product, if there is one."""

    def next_step(self, today: date) -> str:
        """What its holder should do, in a plain sentence; empty where nothing."""
        held = self.certificate
        if held.revoked_on or held.replaced_on:
            return ""
        if self.filed_again:
            return Phrase("Đã nộp hồ sơ %(dossier)s.", dossier=self.filed_again)
        if self.window is None:
            return "" if self.holds else Phrase("Giấy đã hết hạn: hãy đăng ký công nhận lại.")
        if today < self.window.opens_on:
            return Phrase(
                "Nộp hồ sơ công nhận lại từ ngày %(first)s đến hết ngày %(last)s.",
                first=self.window.opens_on, last=self.window.closes_on,
            )  # fmt: skip
        if today in self.window:
            return Phrase("Hãy nộp hồ sơ công nhận lại ngay, chậm nhất hết ngày %(last)s.", last=self.window.closes_on)
        return Phrase(
            "Hạn nộp hồ sơ công nhận lại đã qua ngày %(last)s: hãy đăng ký vào một đợt đánh giá.",
            last=self.window.closes_on,
        )


def own_certificates(session: Session, producer_id: int, province_id: int | None, at: datetime) -> list[OwnCertificate]:
    """Return the certificates of a producer's products, the standing ones first."""
    issuer, again, filed = aliased(Unit), aliased(Dossier), aliased(Dossier)
    today = day_of(at)
    rows = session.execute(
        select(
            Certificate, Product.name, issuer.name, filed.code, again.code, living_on(at),
        )
        .join(Product, Product.id == Certificate.product_id)
        .join(issuer, issuer.id == Certificate.unit_id)
        .outerjoin(filed, filed.id == Certificate.dossier_id)
        .outerjoin(again, (again.product_id == Certificate.product_id) & again.open.is_(True) & (again.kind != DossierKind.FIRST.value))
        .where(Product.producer_id == producer_id)
        .order_by(
            Certificate.revoked_on.is_not(None), Certificate.replaced_on.is_not(None), Certificate.valid_until.desc(), Certificate.id.desc(),
        )
    ).all()  # fmt: skip
    rules = (
        standing_window(session, province_id) if rows and province_id is not None and today >= IN_FORCE_FROM else None
    )
    found = []
    for held, product, authority, dossier, filed_again, lives_on in rows:
        gone = held.revoked_on is not None or held.replaced_on is not None
        window = (
            None if rules is None or gone else filing_window(held.valid_until, rules.earliest_days, rules.latest_days)
        )
        holds = in_force(held.issued_on, held.valid_until, today, held.revoked_on, held.replaced_on)
        found.append(
            OwnCertificate(
                held, product, authority, dossier or "", holds, bool(lives_on) and not gone, window, filed_again or ""
            )
        )
    return found


@dataclass(frozen=True)
class OwnProduct:
    """One product with what it is recognised as."""

    product: Product
    certificate: Certificate | None
    """The one in force, or run out and replaced by none."""
    open_dossier: str


def own_products(session: Session, producer_id: int) -> list[OwnProduct]:
    """Return a producer's products by name."""
    rows = session.execute(
        select(Product, Certificate, Dossier.code)
        .outerjoin(
            Certificate,
            (Certificate.product_id == Product.id)
            & Certificate.replaced_on.is_(None)
            & Certificate.revoked_on.is_(None),
        )
        .outerjoin(Dossier, (Dossier.product_id == Product.id) & Dossier.open.is_(True))
        .where(Product.producer_id == producer_id)
        .order_by(Product.search, Product.id)
    )
    return [OwnProduct(product, certificate, code or "") for product, certificate, code in rows]


def _to_them(producer_id: int) -> Any:
    return Letter.recipient == f"producer/{producer_id}"


def count_letters(session: Session, producer_id: int) -> int:
    """Return how many letters were written to a producer."""
    return session.scalar(select(func.count()).select_from(Letter).where(_to_them(producer_id))) or 0


def own_letters(session: Session, producer_id: int, *, limit: int, offset: int = 0) -> Sequence[Any]:
    """Return letters to a producer, the newest first."""
    return session.execute(
        select(
            Letter.id, Letter.notice, Letter.state, Letter.owed_at, Letter.sent_at, Letter.handed_over_at, Letter.subject,
            Letter.simulated, Dossier.code.label("dossier"),
        )
        .outerjoin(Dossier, Dossier.id == Letter.dossier_id)
        .where(_to_them(producer_id))
        .order_by(Letter.id.desc())
        .limit(limit)
        .offset(offset)
    ).all()  # fmt: skip


def own_letter(session: Session, producer_id: int, number: int) -> Letter:
    """Return one letter to a producer; NotFound in the same words for another's."""
    found = session.scalar(select(Letter).where(Letter.id == number, _to_them(producer_id)))
    if found is None:
        raise NotFound(f"Không có thư số {number}.", f"there is no letter {number} to this producer")
    return found


@dataclass(frozen=True)
class Result:
    """One signed result as its producer may know it: no names of members and no single totals."""

    decision: Decision
    unit: str
    failed: Sequence[GateResult]
    """The minimum requirements that were not met, with the council's reasons."""


def signed_results(session: Session, story: Story) -> list[Result]:
    """Return the results of a dossier on which somebody signed, annulled ones included, in the order of signing."""
    failed: Mapping[int, list[GateResult]] = {
        ballot.evaluation.id: [gate for gate in ballot.gates if not gate.passed] for ballot in story.ballots
    }
    return [
        Result(decision, story.unit(decision.unit_id), failed.get(decision.evaluation_id or 0, []))
        for decision in story.decisions
    ]


def known_to_producer(record: Mapping[str, Any], story: Story) -> dict[str, Any]:
    """Return a dossier's record without what its producer does not read: ballots nobody signed on, officers and their notes."""
    signed = {decision.evaluation_id for decision in story.decisions}
    return {
        **record,
        "evaluations": [
            row
            for row, ballot in zip(record["evaluations"], story.ballots, strict=True)
            if ballot.evaluation.id in signed
        ],
        "history": [
            {
                **row,
                "details": {},
                "actor_name": _by(event, story),
                "on_behalf": "",
                "reason": row["reason"] if event.event in ADDRESSED else "",
            }
            for row, event in zip(record["history"], story.events, strict=True)
        ],
    }


def _by(event: Event, story: Story) -> str:
    """Return who did something: the producer's own people by name, everybody else as the body at which it happened."""
    if "producer" not in event.details:
        return story.unit(event.unit_id)
    name = event.actor_name.removeprefix(NAMED)
    return event.actor_name if name == event.actor_name else Phrase("Chủ thể: %(name)s", name=name)


@dataclass(frozen=True)
class Happened:
    """One line of a dossier's history as its producer sees it."""

    event: str
    on: date
    recorded_at: datetime
    by: str
    reason: str
    stage: str
    """Where it led, if anywhere."""


def told_history(story: Story) -> list[Happened]:
    """Return a dossier's history for its producer, the newest first: bodies by their names, reasons meant for them."""
    return [
        Happened(
            event.event, event.occurred_on, event.recorded_at,
            _by(event, story),
            event.reason if event.event in ADDRESSED else "",
            story.label(event.to_stage) if event.from_stage != event.to_stage else "",
        )
        for event in reversed(story.events)
    ]  # fmt: skip
