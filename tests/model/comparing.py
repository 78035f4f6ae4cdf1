"""What engine and model both know, compared."""

from collections import Counter

from sqlalchemy import func, select

from models.cycles import Breach, Deadline
from models.dossiers import Dossier
from models.letters import Letter
from models.results import Certificate, Evaluation
from models.units import Post, Product, Unit
from tests.factories import Office
from tests.model.parts import COUNCILS
from tests.model.reference import Model


def compare(office: Office, model: Model) -> None:
    """Compare stage, holder, history, breaches, ballots, certificates and letters."""
    rows = office.rows
    assert {
        code: (stage, unit, version)
        for code, stage, unit, version in rows(
            select(Dossier.code, Dossier.stage, Unit.code, Dossier.version).join(Unit, Unit.id == Dossier.holder_id)
        )
    } == {known.code: (known.stage, known.holder, known.lines) for known in model.dossiers.values()}
    breaches = select(Dossier.code, Deadline.stage, Deadline.kind, Deadline.strikes_at, Unit.code)
    assert Counter(
        tuple(row)
        for row in rows(
            breaches.select_from(Breach)
            .join(Dossier, Dossier.id == Breach.dossier_id)
            .join(Deadline, Deadline.id == Breach.deadline_id)
            .join(Unit, Unit.id == Breach.unit_id)
            .where(Breach.closed_at.is_(None))
        )
    ) == Counter(
        (known.code, missed.stage, missed.kind, missed.strikes, unit)
        for known in model.dossiers.values()
        for missed, unit in known.open_breaches.items()
    )
    ballots = select(Dossier.code, Evaluation.stage, Evaluation.passage, func.count()).join(
        Evaluation, Evaluation.dossier_id == Dossier.id
    )
    assert {
        (code, stage, passage): number
        for code, stage, passage, number in rows(
            ballots.where(Evaluation.stage.in_(COUNCILS)).group_by(Dossier.code, Evaluation.stage, Evaluation.passage)
        )
    } == {
        (known.code, stage, passage): number
        for known in model.dossiers.values()
        for stage, passages in known.ballots.items()
        for passage, number in enumerate(passages, start=1)
    }
    held = select(Product.code, Certificate.star, Dossier.code).select_from(Certificate)
    assert {
        product: (star, code)
        for product, star, code in rows(
            held.join(Product, Product.id == Certificate.product_id)
            .join(Dossier, Dossier.id == Certificate.dossier_id)
            .where(Certificate.replaced_on.is_(None), Certificate.revoked_on.is_(None))
        )
    } == model.certificates
    assert letters(office) == +model.letters


def letters(office: Office) -> Counter[tuple[str, str]]:
    """Return how many letters of each notice went to each role."""
    roles = {f"person/{person}": role for person, role in office.rows(select(Post.person_id, Post.role))}
    found: Counter[tuple[str, str]] = Counter()
    for notice, recipient, number in office.rows(
        select(Letter.notice, Letter.recipient, func.count()).group_by(Letter.notice, Letter.recipient)
    ):
        found[notice, roles.get(recipient, "producer")] += number
    return found
