"""Invariants of results: points make stars, gates only lower them, authority bounds them, and each paper is single."""

from collections.abc import Iterator
from decimal import Decimal
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import Integer as Whole
from sqlalchemy import and_, case, column, distinct, func, literal, or_, select, union_all, values

from casework.doctor import lawbook
from casework.doctor.invariant import Look, Violation
from casework.imports.recognition import HIGHEST_STAR
from casework.rules import plan_read
from models.cycles import Cycle
from models.dossiers import Dossier
from models.plans import PlanVersion
from models.results import Certificate, Decision, Evaluation, MemberTotal
from models.units import Product
from ocop import scoring
from ocop.levels import Level
from ocop.scoring import LEAST_CERTIFIED_STAR

CHUNK = {"yield_per": 1000}
"""Rows read at a time where the exact Decimals are compared: SQLite knows only floats."""


def _papers() -> Any:
    """Return what evaluations and decisions say of points and stars, one row each."""
    named = (
        select(
            (literal("hồ sơ ") + Dossier.code + ", phiên họp " + Evaluation.minutes_number).label("named"),
            Evaluation.mean, Evaluation.stars_by_points, Evaluation.stars_after_gates, literal(None, Whole).label("awarded"),
        ).select_from(Evaluation).join(Dossier, Dossier.id == Evaluation.dossier_id),
        select(
            literal("quyết định ") + Decision.number + " về sản phẩm " + Product.name,
            Decision.mean, Decision.stars_by_points, Decision.stars_after_gates, Decision.awarded_star,
        ).select_from(Decision).join(Product, Product.id == Decision.product_id),
    )  # fmt: skip
    return union_all(*named).subquery("papers")


def stars_follow_the_mean(look: Look) -> Iterator[Violation]:
    """Yield evaluations and decisions whose stars by points are not those of their exact mean."""
    papers = _papers()
    rows = look.session.execute(
        select(papers.c.named, papers.c.mean, papers.c.stars_by_points).where(papers.c.mean.is_not(None)),
        execution_options=CHUNK,
    )
    for named, mean, stars in rows:
        if stars != scoring.stars(mean):
            yield Violation(named, f"{mean} điểm phải là {scoring.stars(mean)} sao, đang ghi {stars}")


def means_are_of_the_totals(look: Look) -> Iterator[Violation]:
    """Yield evaluations whose mean is not the exact mean of the members' totals that count."""
    rows = look.session.execute(
        select(Evaluation.id, Dossier.code, Evaluation.minutes_number, Evaluation.mean, MemberTotal.total)
        .join(Dossier, Dossier.id == Evaluation.dossier_id)
        .join(MemberTotal, MemberTotal.evaluation_id == Evaluation.id)
        .where(MemberTotal.total.is_not(None))
        .order_by(Evaluation.id, MemberTotal.id),
        execution_options=CHUNK,
    )
    for _, found in groupby(rows, key=attrgetter("id")):
        lines = list(found)
        mean = scoring.mean([Decimal(line.total) for line in lines])
        if mean != lines[0].mean:
            where = f"hồ sơ {lines[0].code}, phiên họp {lines[0].minutes_number}"
            yield Violation(where, f"trung bình của các phiếu là {mean}, đang ghi {lines[0].mean}")


def gates_only_lower(look: Look) -> Iterator[Violation]:
    """Yield papers with more stars after the gates than by points, or more awarded than after the gates."""
    papers = _papers()
    rows = look.session.execute(
        select(papers).where(
            or_(
                papers.c.stars_after_gates > papers.c.stars_by_points,
                papers.c.awarded > papers.c.stars_after_gates,
                papers.c.awarded > papers.c.stars_by_points,
            )
        )
    )
    for row in rows:
        yield Violation(
            row.named,
            f"{row.stars_by_points} sao theo điểm, {row.stars_after_gates} sao sau yêu cầu tối thiểu"
            + (f", công nhận {row.awarded} sao" if row.awarded else ""),
        )


def awards_stay_within_authority(look: Look) -> Iterator[Violation]:
    """Yield decisions that award more stars than their level may."""
    most = case(
        *(
            (and_(Dossier.procedure_key == procedure, Decision.level == level), stars)
            for (procedure, level), stars in lawbook.awards().items()
        ),
        *(
            (and_(Decision.dossier_id.is_(None), Decision.level == level.value), stars)
            for level, stars in HIGHEST_STAR.items()
        ),
        else_=0,
    )
    rows = look.session.execute(
        select(Decision.number, Product.name, Decision.level, Decision.awarded_star, most)
        .select_from(Decision)
        .join(Product, Product.id == Decision.product_id)
        .outerjoin(Dossier, Dossier.id == Decision.dossier_id)
        .where(Decision.awarded_star > most)
        .order_by(Decision.id)
    )
    for number, product, level, star, highest in rows:
        yield Violation(
            f"quyết định {number} về sản phẩm {product}",
            f"công nhận {star} sao; cấp {Level(level).label} chỉ công nhận đến {highest} sao",
        )


def decisions_rest_on_their_evaluation(look: Look) -> Iterator[Violation]:
    """Yield decisions in force whose points or stars are not those of the council's result under them."""
    rows = look.session.execute(
        select(Decision.number, Dossier.code, Decision.mean, Evaluation.mean)
        .join(Dossier, Dossier.id == Decision.dossier_id)
        .outerjoin(Evaluation, Evaluation.id == Decision.evaluation_id)
        .where(
            Decision.annulled_on.is_(None),
            or_(
                Evaluation.id.is_(None),
                Evaluation.dossier_id != Decision.dossier_id,
                Evaluation.mean != Decision.mean,
                Evaluation.stars_by_points != Decision.stars_by_points,
                Evaluation.stars_after_gates < Decision.stars_after_gates,
                Evaluation.counts.is_(False),
                Evaluation.annulled_on.is_not(None),
            ),
        )
        .order_by(Decision.id)
    )
    for number, code, signed, found in rows:
        yield Violation(
            f"hồ sơ {code}, quyết định {number}", f"ký trên {signed} điểm, hội đồng cho {found or 'chưa có kết quả'}"
        )


def one_decision_is_in_force(look: Look) -> Iterator[Violation]:
    """Yield dossiers with two decisions in force at one level for one purpose."""
    rows = look.session.execute(
        select(Dossier.code, Decision.level, Decision.purpose, func.count())
        .select_from(Decision)
        .join(Dossier, Dossier.id == Decision.dossier_id)
        .where(Decision.annulled_on.is_(None))
        .group_by(Dossier.code, Decision.level, Decision.purpose)
        .having(func.count() > 1)
        .order_by(Dossier.code)
    )
    for code, level, purpose, number in rows:
        yield Violation(f"hồ sơ {code}", f"{number} quyết định '{purpose}' cấp {Level(level).label} cùng có hiệu lực")


def certificates_have_their_decision(look: Look) -> Iterator[Violation]:
    """Yield certificates without a decision on the same product with the same star, of 3 at least."""
    standing = and_(Certificate.replaced_on.is_(None), Certificate.revoked_on.is_(None))
    rows = look.session.execute(
        select(Certificate.number, Certificate.star, Decision.number, Decision.awarded_star)
        .outerjoin(Decision, Decision.id == Certificate.decision_id)
        .where(
            or_(
                Decision.id.is_(None),
                Decision.awarded_star.is_(None),
                Decision.awarded_star != Certificate.star,
                Decision.product_id != Certificate.product_id,
                Certificate.star < LEAST_CERTIFIED_STAR,
                and_(standing, Decision.annulled_on.is_not(None)),
            )
        )
        .order_by(Certificate.id)
    )
    for number, star, decision, awarded in rows:
        told = f"quyết định {decision} công nhận {awarded or 0} sao" if decision else "không có quyết định"
        yield Violation(f"giấy chứng nhận {number}", f"{star} sao, {told}")


def one_certificate_is_in_force(look: Look) -> Iterator[Violation]:
    """Yield products with two certificates that nobody replaced or revoked."""
    rows = look.session.execute(
        select(Product.code, Product.name, func.count())
        .select_from(Certificate)
        .join(Product, Product.id == Certificate.product_id)
        .where(Certificate.replaced_on.is_(None), Certificate.revoked_on.is_(None))
        .group_by(Product.code, Product.name)
        .having(func.count() > 1)
        .order_by(Product.code)
    )
    for code, name, number in rows:
        yield Violation(f"sản phẩm {code} ({name})", f"{number} giấy chứng nhận cùng có hiệu lực")


def one_dossier_is_open(look: Look) -> Iterator[Violation]:
    """Yield products with two open dossiers, across all cycles."""
    rows = look.session.execute(
        select(Product.code, Product.name, func.count())
        .select_from(Dossier)
        .join(Product, Product.id == Dossier.product_id)
        .where(Dossier.open.is_(True))
        .group_by(Product.code, Product.name)
        .having(func.count() > 1)
        .order_by(Product.code)
    )
    for code, name, number in rows:
        yield Violation(f"sản phẩm {code} ({name})", f"{number} hồ sơ cùng đang mở")


def councils_had_their_quorum(look: Look) -> Iterator[Violation]:
    """Yield ballots with fewer voters than the plan asked for when they were recorded, or without a chair who must attend."""
    texts = {(version.cycle_id, version.number): version.plan for version in look.session.scalars(select(PlanVersion))}
    texts |= {(cycle.id, 0): cycle.plan for cycle in look.session.scalars(select(Cycle))}
    rules = [
        (cycle_id, number, council.quorum_numerator, council.quorum_denominator, int(council.chair_must_attend))
        for (cycle_id, number), text in sorted(texts.items())
        for council in (plan_read(text).council,)
    ]
    if not rules:
        return
    headers = ("cycle_id", "version", "numerator", "denominator", "chair")
    law = (
        values(*(column(name, Whole) for name in headers), name="quorum_rows", literal_binds=True)
        .data(rules)
        .cte("quorum")
    )
    votes = and_(MemberTotal.total.is_not(None), MemberTotal.recused_reason == "")
    cast_votes = func.count(distinct(case((votes, MemberTotal.member))))
    chairs = func.count(case((and_(votes, MemberTotal.chair.is_(True)), 1)))
    recused = func.count(case((MemberTotal.recused_reason != "", 1)))
    in_force = (
        select(PlanVersion.number)
        .where(PlanVersion.cycle_id == Dossier.cycle_id, PlanVersion.in_force_at <= Evaluation.recorded_at)
        .order_by(PlanVersion.in_force_at.desc())
        .limit(1)
    )
    then = func.coalesce(in_force.correlate(Dossier, Evaluation).scalar_subquery(), 0)
    rows = look.session.execute(
        select(Dossier.code, Evaluation.minutes_number, Evaluation.members, cast_votes, recused, chairs)
        .select_from(Evaluation)
        .join(Dossier, Dossier.id == Evaluation.dossier_id)
        .join(law, and_(law.c.cycle_id == Dossier.cycle_id, law.c.version == then))
        .outerjoin(MemberTotal, MemberTotal.evaluation_id == Evaluation.id)
        .where(Evaluation.level != Level.CENTRAL.value)
        .group_by(
            Evaluation.id, Dossier.code, Evaluation.minutes_number, Evaluation.members,
            law.c.numerator, law.c.denominator, law.c.chair,
        )
        .having(
            or_(
                cast_votes * law.c.denominator < (Evaluation.members - recused) * law.c.numerator,
                cast_votes < 1,
                and_(law.c.chair == 1, chairs < 1),
            )
        )
        .order_by(Evaluation.id)
    )  # fmt: skip
    for code, minutes, members, voted, out, chair in rows:
        told = f"{voted} phiếu trong {members} thành viên ({out} không tham gia)" + (
            "" if chair else ", không có chủ tịch"
        )
        yield Violation(f"hồ sơ {code}, phiên họp {minutes}", told)


def followed_certificates_exist(look: Look) -> Iterator[Violation]:
    """Yield dossiers that follow a certificate which does not exist or is another product's."""
    rows = look.session.execute(
        select(Dossier.code, Dossier.certificate_id, Certificate.number)
        .outerjoin(Certificate, Certificate.id == Dossier.certificate_id)
        .where(
            Dossier.certificate_id.is_not(None),
            or_(Certificate.id.is_(None), Certificate.product_id != Dossier.product_id),
        )
        .order_by(Dossier.id)
    )
    for code, wanted, number in rows:
        told = (
            f"giấy chứng nhận {number} là của sản phẩm khác"
            if number
            else f"không có giấy chứng nhận số thứ tự {wanted}"
        )
        yield Violation(f"hồ sơ {code}", told)
