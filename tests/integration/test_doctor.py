"""The doctor finds nothing in a year that went every way there is, and names each thing that somebody breaks in it."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, Row, delete, func, insert, select, text, update
from sqlalchemy.orm import Session

from casework import archive, attachments, backup, digest, outbox
from casework.actors import ENGINE, person
from casework.chronicle import HASHED, event_hash, event_row
from casework.doctor import balance, checkup
from casework.doctor.balance import conservation
from casework.doctor.chains import verify
from casework.doctor.checkup import INVARIANTS, Finding, examine
from casework.doctor.invariant import Look
from casework.rules import cycle_by_code
from models.append_only import permit_changes
from models.base import Base
from models.cycles import AgendaItem, Breach, Deadline
from models.dossiers import Dossier, Evidence, Snapshot
from models.letters import Letter
from models.record import Event, Mark
from models.results import Certificate, Decision, Evaluation, MemberTotal
from models.session import transaction
from models.tables import APPEND_ONLY
from models.units import Unit
from tests.factories import CYCLE, Office
from tests.walked import Walked

pytestmark = pytest.mark.postgresql_long


@dataclass
class Broken:
    """A copy of the walked year within a transaction that is rolled back, in which a test breaks something."""

    session: Session
    files: Path
    year: Walked

    def findings(self) -> dict[str, Finding]:
        """Return what does not hold."""
        look = Look(self.session, self.year.office.now, self.files)
        return {finding.invariant.key: finding for finding in examine(look) if not finding.holds}

    def dossier(self, name: str) -> Row[Any]:
        """Return a dossier's row as it stands now."""
        return self.session.execute(select(Dossier.__table__).where(Dossier.code == self.year[name])).one()

    def change(self, name: str, **values: Any) -> None:
        """Overwrite columns of a dossier."""
        self.session.execute(update(Dossier).where(Dossier.code == self.year[name]).values(**values))

    def unlock(self) -> None:
        """Drop the triggers that keep history and snapshots."""
        permit_changes(self.session.connection(), APPEND_ONLY)

    def copy(self, table: type[Base], row_id: int, **values: Any) -> None:
        """Insert a row once more, with other values."""
        columns = table.__table__.c
        row = self.session.execute(select(*columns).where(columns.id == row_id)).one()
        fresh = {name: value for name, value in row._mapping.items() if name != "id"}
        self.session.execute(insert(table), [fresh | values])

    def forge(self, name: str, event: str, actor: Any = ENGINE) -> None:
        """Append a line to a dossier's history whose hash is right."""
        row = self.dossier(name)
        line = event_row(
            chain=f"dossier/{row.id}", number=row.version + 1, prev_hash=row.head, cycle_id=row.cycle_id,
            dossier_id=row.id, event=event, stages=(row.stage, row.stage), unit_id=row.holder_id, actor=actor,
            occurred_on=self.year.office.now.date(), effective_at=self.year.office.now,
            recorded_at=self.year.office.now, reason="", rule="", details={},
        )  # fmt: skip
        self.session.execute(insert(Event), [line])
        self.change(name, version=line["number"], head=line["hash"])

    def rewrite(self, name: str, number: int, **values: Any) -> None:
        """Overwrite a line of history and hash it and all later ones anew, as somebody who knows the code would."""
        self.unlock()
        row = self.dossier(name)
        before = ""
        for line in self.session.execute(
            select(Event.__table__).where(Event.dossier_id == row.id).order_by(Event.number)
        ).all():
            body = {key: line._mapping[key] for key in HASHED} | (values if line.number == number else {})
            body["prev_hash"] = before
            before = event_hash(body)
            self.session.execute(update(Event).where(Event.id == line.id).values(**body, hash=before))
        self.change(name, head=before)

    def cut(self, name: str, lines: int = 1) -> None:
        """Delete the last lines of a dossier's history."""
        self.unlock()
        row = self.dossier(name)
        self.session.execute(delete(Event).where(Event.dossier_id == row.id, Event.number > row.version - lines))

    def line(self, name: str, event: str) -> Row[Any]:
        """Return a dossier's first line of an event."""
        found = select(Event.__table__).where(Event.dossier_id == self.dossier(name).id, Event.event == event)
        return self.session.execute(found.order_by(Event.number)).first()  # type: ignore[return-value]

    def ballot(self) -> int:
        """Return the ballot that does not count: no decision rests on it."""
        return self.session.scalars(select(Evaluation.id).where(Evaluation.counts.is_(False))).one()

    def decision(self, name: str, purpose: str) -> int:
        """Return a dossier's decision in force."""
        return self.session.scalars(
            select(Decision.id)
            .where(Decision.dossier_id == self.dossier(name).id, Decision.purpose == purpose)
            .where(Decision.annulled_on.is_(None))
            .order_by(Decision.id)
        ).first()  # type: ignore[return-value]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def copy(
    request: pytest.FixtureRequest, walked_year: Walked, year_archive: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Engine, Path]]:
    """The walked year on either database, restored from its backup, and its folder of attachments."""
    files = tmp_path_factory.mktemp("copy") / "files"
    with request.getfixturevalue("an_empty_database")(request.param) as engine:
        with archive.reading(year_archive) as source, transaction(engine) as session:
            backup.restore(session, files, source, walked_year.office.now)
            outbox.release_held(session, at=walked_year.office.now)
        yield engine, files


@pytest.fixture
def broken(copy: tuple[Engine, Path], walked_year: Walked) -> Iterator[Broken]:
    """A copy to break; nothing of it stays."""
    engine, files = copy
    with engine.connect() as connection, connection.begin() as kept, Session(connection) as session:
        yield Broken(session, files, walked_year)
        session.close()
        kept.rollback()


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


def test_a_year_that_went_every_way_breaks_nothing(broken: Broken) -> None:
    assert broken.findings() == {}
    read = verify(broken.session)
    assert read.sound
    assert read.chains == 1 + len(broken.year.codes)


def test_what_two_nights_kept_counts_with_what_came_since_as_the_whole_history_does(broken: Broken) -> None:
    session, now = broken.session, broken.year.office.now
    cycle = cycle_by_code(session, CYCLE)
    whole = conservation(session, cycle)
    half = session.scalar(select(func.max(Event.id))) // 2
    counted = balance.custody(session, now)
    assert (counted.line, counted.moved) == (0, [])  # the first night does not know which lines are still under way
    balance.keep(session, replace(counted, newest=half), now)
    session.flush()
    soon = balance.custody(session, now + timedelta(minutes=59))
    assert soon.line == 0
    balance.keep(session, balance.custody(session, now + timedelta(hours=1)), now + timedelta(hours=1))
    session.flush()
    kept = json.loads(session.get_one(Mark, balance.KEPT).value)
    assert kept["line"] == half
    assert kept["moved"]
    assert conservation(session, cycle) == whole
    broken.unlock()
    session.execute(delete(Event).where(Event.id <= half))
    assert conservation(session, cycle) == whole  # what was kept is not counted again
    assert [finding for finding in broken.findings() if finding == "kept_counts_agree"]


def test_every_invariant_has_a_way_to_be_broken() -> None:
    assert list(PLANTED) == [invariant.key for invariant in INVARIANTS]


@pytest.mark.usefixtures("whole_files")
@pytest.mark.parametrize("key", PLANTED)
def test_whoever_breaks_an_invariant_is_named_and_nobody_else(broken: Broken, key: str) -> None:
    named = PLANTED[key](broken)
    found = broken.findings()
    assert set(found) == {key}
    assert any(named in f"{one.where}: {one.what}" for one in found[key].violations), found[key].violations


def test_a_line_taken_out_of_the_middle_is_missed(broken: Broken) -> None:
    broken.unlock()
    line = broken.line("three stars", "evaluate")
    broken.session.execute(delete(Event).where(Event.id == line.id))
    assert "lines_are_numbered" in broken.findings()
    (fault,) = verify(broken.session).faults
    assert fault.named.endswith(broken.year["three stars"])
    assert f"thiếu dòng {line.number}" in fault.what


def test_a_unit_that_got_no_letter_is_missed_though_others_got_theirs(broken: Broken) -> None:
    line = broken.line("three stars", "recognise")
    district = broken.dossier("three stars").district_id
    broken.session.execute(
        delete(Letter).where(Letter.cause == f"{line.chain}#{line.number}", Letter.unit_id == district)
    )
    found = broken.findings()
    assert set(found) == {"events_have_letters"}
    assert [one.what for one in found["events_have_letters"].violations] == [
        f"dòng {line.number} ('recognise') thiếu thư 'recognised' gửi huyện"
    ]


def test_an_escalation_a_revocation_and_an_opening_without_their_letters_are_missed(broken: Broken) -> None:
    broken.session.execute(delete(Letter).where(Letter.cause.like("deadline/%/rung/0")))
    broken.session.execute(delete(Letter).where(Letter.cause.like("certificate/%/revoked")))
    broken.session.execute(delete(Letter).where(Letter.notice == "cycle_opened"))
    told = [one.what for one in broken.findings()["events_have_letters"].violations]
    assert any("bậc 1" in what for what in told)
    assert "đã thu hồi nhưng không có thư báo" in told
    assert "dòng 1 thiếu thư 'cycle_opened'" in told


@pytest.mark.parametrize(
    ("like", "cause"),
    [
        ("deadline/%/before/%", "deadline/1/before/5/unit/3"),
        ("deadline/%/rung/%", "deadline/1/unit/3/rung/9"),
        ("cycle/%/digest/%", "cycle/1/digest/1"),
        ("cycle/%#%", "cycle/1#77"),
        ("certificate/%", "certificate/999/revoked"),
        ("complaint/%", "complaint/99"),
        ("vacant/%", "vacant/999/officer/2025-05-05"),
    ],
)
def test_a_letter_about_nothing_is_found_whatever_it_is_about(broken: Broken, like: str, cause: str) -> None:
    letter = broken.session.scalars(select(func.min(Letter.id)).where(Letter.cause.like(like))).one()
    assert letter is not None
    broken.copy(Letter, letter, key=f"{cause}/x/person/1", cause=cause)
    found = broken.findings()
    assert set(found) == {"letters_have_causes"}
    assert [cause in one.what for one in found["letters_have_causes"].violations] == [True]


def test_a_letter_that_its_event_does_not_owe_is_found(broken: Broken) -> None:
    line = broken.line("three stars", "recognise")
    cause = f"{line.chain}#{line.number}"
    letter = broken.session.scalars(select(func.min(Letter.id)).where(Letter.cause == cause)).one()
    broken.copy(Letter, letter, key=f"{cause}/not_ranked/producer/1", notice="not_ranked")
    assert set(broken.findings()) == {"letters_have_causes"}


def test_a_breach_that_stayed_open_after_its_dossier_passed_is_found(broken: Broken) -> None:
    passed = broken.dossier("completed").id
    assert broken.session.scalars(select(Breach.closed_at).where(Breach.dossier_id == passed)).first() is not None
    broken.session.execute(update(Breach).where(Breach.dossier_id == passed).values(closed_at=None))
    found = broken.findings()
    assert set(found) == {"overdue_is_a_breach"}
    assert broken.year["completed"] in found["overdue_is_a_breach"].violations[0].where


def test_a_deadline_that_has_not_struck_by_its_watch_is_no_missing_breach_but_work_undone(broken: Broken) -> None:
    late = select(Deadline.id).join(Breach, Breach.deadline_id == Deadline.id).where(Breach.closed_at.is_(None))
    strokes = [f"deadline/{number}" for number in set(broken.session.scalars(late))]
    broken.session.execute(delete(Breach).where(Breach.closed_at.is_(None)))
    undo = update(AgendaItem).where(AgendaItem.kind == "stroke", AgendaItem.subject.in_(strokes)).values(done_at=None)
    broken.session.execute(undo)
    assert "overdue_is_a_breach" not in broken.findings()
    assert "due_was_done" in broken.findings()


def test_whoever_entered_on_behalf_without_a_post_above_is_named(broken: Broken) -> None:
    elsewhere = person(broken.session, "365/officer", "Công văn 8/UBND, ông A ký")
    broken.forge("on behalf", "add_evidence", elsewhere)
    assert set(broken.findings()) == {"actor_in_office"}


def test_a_missing_attachment_is_named_with_the_paper_that_needs_it(broken: Broken) -> None:
    look = Look(broken.session, broken.year.office.now, broken.files / "nowhere")
    (finding,) = (one for one in examine(look, ["attachments_hold"]))
    assert finding.total == 1
    assert "'Giấy đăng ký'" in finding.violations[0].where
    assert "không còn trong thư mục" in finding.violations[0].what


def test_each_units_equation_has_the_terms_that_its_dossiers_went_through(broken: Broken) -> None:
    rows = {row.unit: row for row in conservation(broken.session, cycle_by_code(broken.session, CYCLE))}
    district = rows["Huyện Giao Thủy"]
    assert (district.received, district.forwarded, district.recognised) == (11, 1, 2)
    assert (district.not_ranked, district.disqualified, district.carried_over, district.in_progress) == (1, 1, 1, 5)
    province = rows["Tỉnh Nam Định"]
    assert (province.received, province.sent_back, province.forwarded) == (2, 1, 1)
    assert rows["Trung ương"].recognised == 1
    assert all(row.holds for row in rows.values())
    assert province.equation == "nhận 2 = chuyển lên 1 + gửi trả 1"


def test_verify_names_a_dossier_whose_history_ends_before_its_version(broken: Broken) -> None:
    row = broken.dossier("three stars")
    broken.cut("three stars", lines=2)
    (fault,) = verify(broken.session).faults
    assert fault.named == f"hồ sơ {row.code}"
    assert fault.what == f"lịch sử dừng ở dòng {row.version - 2}, phải đến dòng {row.version}: mất đoạn cuối"


def test_verify_names_a_dossier_of_whose_history_nothing_is_left(broken: Broken) -> None:
    row = broken.dossier("registered")
    broken.cut("registered", lines=row.version)
    (fault,) = verify(broken.session).faults
    assert fault.named == f"hồ sơ {row.code}"
    assert "không còn dòng lịch sử nào" in fault.what


def test_verify_names_the_first_line_that_does_not_fit(broken: Broken) -> None:
    broken.unlock()
    for event in ("decide", "report"):
        line = broken.line("three stars", event)
        broken.session.execute(update(Event).where(Event.id == line.id).values(actor_name="Người khác"))
    (fault,) = verify(broken.session).faults
    assert f"dòng {broken.line('three stars', 'report').number} ('report'" in fault.what


def test_a_tail_cut_with_care_is_found_by_the_published_root_alone(broken: Broken) -> None:
    cycle = cycle_by_code(broken.session, CYCLE)
    published = digest.root(broken.session, cycle)
    assert verify(broken.session, root=published).matched == f"chu trình {CYCLE}, hiện nay"
    row = broken.dossier("complained")
    broken.cut("complained")
    last = broken.session.scalars(
        select(Event.hash).where(Event.dossier_id == row.id, Event.number == row.version - 1)
    ).one()
    broken.change("complained", version=row.version - 1, head=last)
    assert verify(broken.session).sound
    assert verify(broken.session, root=published).matched == ""


def test_a_root_of_an_earlier_morning_is_found_again_in_the_record_of_today(broken: Broken) -> None:
    letters = broken.session.scalars(
        select(Letter).where(Letter.notice == "daily_digest").order_by(Letter.owed_at, Letter.id)
    ).all()
    present = digest.root(broken.session, cycle_by_code(broken.session, CYCLE))
    earlier = {letter.facts["root"] for letter in letters} - {present}
    assert len(earlier) > 5
    for root in earlier:
        assert verify(broken.session, cycle=CYCLE, root=root).matched.startswith(f"chu trình {CYCLE}, lúc")
    assert verify(broken.session, root="0" * 64).matched == ""


def test_a_root_is_compared_with_the_record_as_it_was_at_an_instant(broken: Broken) -> None:
    published = digest.root(broken.session, cycle_by_code(broken.session, CYCLE))
    broken.forge("registered", "add_evidence")
    later = broken.year.office.now + timedelta(days=1)
    line = select(func.max(Event.id)).scalar_subquery()
    broken.unlock()
    broken.session.execute(update(Event).where(Event.id == line).values(recorded_at=later))
    assert verify(broken.session, root=published, as_of=broken.year.office.now).matched
    assert not verify(broken.session, root=published, as_of=later).matched


def test_what_the_nightly_check_found_stands_in_the_morning_letter(engine: Engine, tmp_path: Path) -> None:
    office = Office(engine).found().open_cycle()
    office.go("2025-05-05")
    with transaction(engine) as session:
        found = checkup.check(Look(session, office.now, tmp_path))
        checkup.remember(session, found, office.now)
    assert (found.name, found.broken) == ("Broken", {"letters_not_forgotten": found.broken["letters_not_forgotten"]})
    office.go("2025-05-07")
    facts = office.rows(select(Letter.facts).where(Letter.notice == "daily_digest").order_by(Letter.id.desc()))[0][0]
    assert facts["health"] == [
        "Kiểm tra sổ lúc 09:00 ngày 05/05/2025: 1 quy tắc không giữ được, 0 chuỗi lịch sử sai; xem: ocop doctor"
    ]
