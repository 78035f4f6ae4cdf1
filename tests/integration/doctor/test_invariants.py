"""Whoever breaks an invariant is named, and nobody else."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, delete, func, select, text, update

from casework import attachments
from casework.actors import person
from casework.doctor import balance
from casework.doctor.checkup import INVARIANTS
from models.cycles import AgendaItem, Breach
from models.dossiers import Evidence, Snapshot
from models.letters import Letter
from models.record import Event, Mark
from models.results import Certificate, Decision, Evaluation, MemberTotal
from models.units import Unit
from tests.integration.doctor.broken_year import Broken
from tests.walked import Walked

pytestmark = pytest.mark.postgresql_long


def stage(it: Broken) -> str:
    it.change("registered", stage="commune_review")
    return it.year["registered"]


def version(it: Broken) -> str:
    it.change("registered", version=7)
    return it.year["registered"]


def source(it: Broken) -> str:
    line = it.line("three stars", "evaluate")
    it.rewrite("three stars", line.number, from_stage="returned_to_district", to_stage="returned_to_district")
    return it.year["three stars"]


def move(it: Broken) -> str:
    it.forge("registered", "teleport")
    return it.year["registered"]


def chain(it: Broken) -> str:
    it.unlock()
    it.session.execute(
        update(Event).where(Event.id == it.line("three stars", "decide").id).values(reason="người khác viết")
    )
    return it.year["three stars"]


def actor(it: Broken) -> str:
    it.forge("registered", "add_evidence", person(it.session, "14201/officer"))
    return it.year["registered"]


def missing_letter(it: Broken) -> str:
    line = it.line("three stars", "recognise")
    it.session.execute(
        delete(Letter).where(Letter.cause == f"{line.chain}#{line.number}", Letter.recipient.like("producer/%"))
    )
    return it.year["three stars"]


def letter_without_event(it: Broken) -> str:
    letter = it.session.scalars(select(Letter.id).where(Letter.cause.like("dossier/1#%"))).first()
    assert letter is not None
    it.copy(Letter, letter, key="dossier/1#99/recognised/producer/1", cause="dossier/1#99")
    return "dossier/1#99"


def forgotten_letter(it: Broken) -> str:
    it.session.execute(update(Letter).where(Letter.id == 1).values(state="owed"))
    return "thư số 1"


def holder(it: Broken) -> str:
    other = it.session.scalars(select(Unit.id).where(Unit.code == "14202")).one()
    it.change("registered", holder_id=other)
    return "Xã Hải Anh"


def stars(it: Broken) -> str:
    it.session.execute(update(Evaluation).where(Evaluation.id == it.ballot()).values(stars_by_points=5))
    return it.year["twice scored"]


def mean(it: Broken) -> str:
    first = it.session.scalars(select(func.min(MemberTotal.id)).where(MemberTotal.evaluation_id == it.ballot())).one()
    it.session.execute(update(MemberTotal).where(MemberTotal.id == first).values(total=Decimal(61)))
    return it.year["twice scored"]


def gates(it: Broken) -> str:
    it.session.execute(update(Evaluation).where(Evaluation.id == it.ballot()).values(stars_after_gates=5))
    return it.year["twice scored"]


def award(it: Broken) -> str:
    it.session.execute(update(Decision).where(Decision.id == it.decision("kept", "result")).values(awarded_star=4))
    return "412/QĐ-UBND"


def rested(it: Broken) -> str:
    it.session.execute(
        update(Decision).where(Decision.id == it.decision("three stars", "result")).values(mean=Decimal(56))
    )
    return it.year["three stars"]


def two_decisions(it: Broken) -> str:
    it.session.execute(text("DROP INDEX uq_decisions_in_force"))
    it.copy(Decision, it.decision("three stars", "result"))
    return it.year["three stars"]


def certificate(it: Broken) -> str:
    it.session.execute(update(Certificate).where(Certificate.number == "GCN-MỚI").values(star=4))
    return "GCN-MỚI"


def two_certificates(it: Broken) -> str:
    it.session.execute(text("DROP INDEX uq_certificates_standing"))
    replaced = select(Certificate.id).where(
        Certificate.dossier_id == it.dossier("five stars").id, Certificate.star == 4
    )
    it.session.execute(update(Certificate).where(Certificate.id.in_(replaced)).values(replaced_on=None))
    return "2 giấy chứng nhận"


def two_dossiers(it: Broken) -> str:
    it.session.execute(text("DROP INDEX uq_dossiers_one_open"))
    it.change("under review", product_id=it.dossier("registered").product_id)
    return "2 hồ sơ"


def quorum(it: Broken) -> str:
    it.session.execute(
        update(Evaluation).where(Evaluation.dossier_id == it.dossier("three stars").id).values(members=20)
    )
    return it.year["three stars"]


def closed_breach(it: Broken) -> str:
    it.session.execute(
        update(Breach)
        .where(Breach.dossier_id == it.dossier("registered").id, Breach.closed_at.is_(None))
        .values(closed_at=it.year.office.now, closed_by="route")
    )
    return it.year["registered"]


def two_breaches(it: Broken) -> str:
    connection = it.session.connection()
    with Operations(MigrationContext.configure(connection)).batch_alter_table("breaches") as breaches:
        breaches.drop_constraint("uq_breaches_deadline_id_dossier_id", type_="unique")
    first = it.session.scalars(
        select(func.min(Breach.id)).where(Breach.dossier_id == it.dossier("registered").id)
    ).one()
    it.copy(Breach, first, closed_at=it.year.office.now)
    return it.year["registered"]


def undone(it: Broken) -> str:
    it.session.add(
        AgendaItem(kind="reminder", subject="deadline/1", number=99, due_at=it.year.office.now - timedelta(days=2))
    )
    it.session.flush()
    return "deadline/1"


def unfit(it: Broken) -> str:
    item = AgendaItem(kind="reminder", subject="deadline/x", number=99, due_at=it.year.office.now)
    item.outcome = "không làm được: ValueError"
    it.session.add(item)
    it.session.flush()
    return "deadline/x"


def attachment(it: Broken) -> str:
    (sha256,) = set(it.session.scalars(select(Evidence.file_sha256).where(Evidence.file_sha256 != "")))
    attachments.path(it.files, sha256).write_bytes(b"%PDF-1.4 khac")
    return it.year["three stars"]


def snapshot(it: Broken) -> str:
    it.unlock()
    it.session.execute(
        update(Snapshot).where(Snapshot.dossier_id == it.dossier("three stars").id).values(body={"product": "khác"})
    )
    return it.year["three stars"]


def followed(it: Broken) -> str:
    it.change("upgrade", certificate_id=4711)
    return it.year["upgrade"]


def ended_holder(it: Broken) -> str:
    held = it.dossier("registered").holder_id
    yesterday = it.year.office.now.date() - timedelta(days=1)
    it.session.execute(update(Unit).where(Unit.id == held).values(valid_to=yesterday))
    return it.year["registered"]


def suspended(it: Broken) -> str:
    it.change("registered", suspended_at=it.year.office.now)
    return it.year["registered"]


def kept_counts(it: Broken) -> str:
    for night in (1, 2):
        at = it.year.office.now + timedelta(days=night)
        balance.keep(it.session, balance.custody(it.session, at), at)
    it.session.flush()
    mark = it.session.get_one(Mark, balance.KEPT)
    known = json.loads(mark.value)
    known["moved"][0][-1] += 1
    mark.value = json.dumps(known)
    it.session.flush()
    return f"số liệu giữ đến dòng {known['line']}"


PLANTED: dict[str, Callable[[Broken], str]] = {
    "stage_is_last_target": stage,
    "lines_are_numbered": version,
    "source_is_previous_target": source,
    "move_in_procedure": move,
    "chain_holds": chain,
    "actor_in_office": actor,
    "events_have_letters": missing_letter,
    "letters_have_causes": letter_without_event,
    "letters_not_forgotten": forgotten_letter,
    "conservation": holder,
    "kept_counts_agree": kept_counts,
    "holder_exists": ended_holder,
    "suspended_by_its_lines": suspended,
    "stars_follow_mean": stars,
    "mean_of_totals": mean,
    "gates_only_lower": gates,
    "award_within_authority": award,
    "decision_on_evaluation": rested,
    "one_decision_in_force": two_decisions,
    "certificate_has_decision": certificate,
    "one_certificate_in_force": two_certificates,
    "one_open_dossier": two_dossiers,
    "quorum_met": quorum,
    "overdue_is_a_breach": closed_breach,
    "one_breach_per_miss": two_breaches,
    "due_was_done": undone,
    "attachments_hold": attachment,
    "snapshots_hold": snapshot,
    "rows_fit_rules": unfit,
    "followed_certificate_exists": followed,
}
"""How each invariant is broken; each returns what the doctor has to name."""


@pytest.fixture
def whole_files(copy: tuple[Engine, Path], walked_year: Walked) -> Iterator[None]:
    """Put the attachments right again after a test that changed one."""
    yield
    for sha256 in attachments.kept(walked_year.files):
        attachments.path(copy[1], sha256).write_bytes(attachments.path(walked_year.files, sha256).read_bytes())


def test_every_invariant_has_a_way_to_be_broken() -> None:
    assert list(PLANTED) == [invariant.key for invariant in INVARIANTS]


@pytest.mark.usefixtures("whole_files")
@pytest.mark.parametrize("key", PLANTED)
def test_whoever_breaks_an_invariant_is_named_and_nobody_else(broken: Broken, key: str) -> None:
    named = PLANTED[key](broken)
    found = broken.findings()
    assert set(found) == {key}
    assert any(named in f"{one.where}: {one.what}" for one in found[key].violations), found[key].violations
