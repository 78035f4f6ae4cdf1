"""The year 2027 under QĐ 26 through the real flows: two rounds, the ministry's two, re-recognitions beside them."""

import gc
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from casework.board.dossier import story
from casework.doctor import chains
from casework.doctor.checkup import INVARIANTS, examine
from casework.doctor.invariant import Look
from casework.living_on import living_on
from casework.scope import WHOLE
from cli.serving.prefect_server import PrefectServer
from models.cycles import Breach, CalendarDay, Cycle, Deadline
from models.dossiers import Dossier
from models.findings import Finding
from models.letters import Letter
from models.record import Event
from models.results import Certificate
from models.session import reading
from notifications.rendering import words
from ocop.notices import Notice
from ocop.working_days import day_of
from tests.e2e.year_2027 import CYCLES, HOLIDAYS, RENEWAL, ROUND_1, ROUND_2, Played, play
from tests.factories import at, day

pytestmark = pytest.mark.long

RECOGNISED, NOT_RANKED = "recognised", "not_ranked"
FINAL = {
    "1": NOT_RANKED, "2": RECOGNISED, "3": RECOGNISED, "4": RECOGNISED, "5": RECOGNISED, "6": RECOGNISED, "7": RECOGNISED,
    "8": "carried_over", "9": RECOGNISED, "8b": RECOGNISED, "10": NOT_RANKED, "11": RECOGNISED, "12": "retracted",
    "13": RECOGNISED, "r2": RECOGNISED, "r3": RECOGNISED, "r4": RECOGNISED, "r5": RECOGNISED,
}  # fmt: skip
CERTIFICATES = {
    # dossier, or the certificate held before: star, issued, replaced on, revoked on
    "H1": (3, "2025-09-01", "2027-06-18", None),
    "H2": (4, "2024-06-15", "2027-03-08", None),
    "H3": (3, "2024-08-02", "2027-03-31", None),
    "H4": (3, "2024-09-10", "2027-12-10", None),
    "H5": (5, "2024-07-20", "2027-06-01", None),
    "2": (3, "2027-06-18", None, "2027-09-24"),
    "3": (4, "2027-06-18", None, None),
    "4": (5, "2027-09-20", None, None),
    "5": (4, "2027-10-06", None, None),
    "6": (4, "2027-10-06", None, None),
    "7": (3, "2027-06-18", None, None),
    "8b": (4, "2027-12-10", None, None),
    "9": (4, "2027-06-18", None, None),
    "11": (4, "2027-12-15", None, None),
    "13": (3, "2027-12-10", None, None),
    "r2": (4, "2027-03-08", None, None),
    "r3": (4, "2027-03-31", None, None),
    "r4": (4, "2027-12-10", None, None),
    "r5": (5, "2027-06-01", None, None),
}


@pytest.fixture(scope="module")
def year(prefect_server: PrefectServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    """The year, played from an empty folder to April 2028."""
    del prefect_server
    home = tmp_path_factory.mktemp("year_2027")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("OCOP_HOME", str(home))
        environment.setenv("OCOP_DB_URL", "")
        played = Played(home)
        play(played)
        gc.collect()
    yield played
    played.engine.dispose()


def test_no_cycle_opens_before_somebody_has_typed_the_holidays_of_its_year(year: Played) -> None:
    assert "Lịch làm việc chưa có năm 2027" in year.said[0]
    assert {row.isoformat() for (row,) in year.rows(select(CalendarDay.day))} == {when for when, _ in HOLIDAYS}


def test_the_typed_holidays_move_the_communes_fifteen_working_days(year: Played) -> None:
    due = dict(year.rows(
        select(Dossier.code, Deadline.day).join(Dossier, Dossier.id == Deadline.dossier_id).where(Deadline.kind == "review")
    ))  # fmt: skip
    assert due[year.codes["r2"]] == day("2027-03-03")  # received on 3/2, over Tết
    assert due[year.codes["7"]] == day("2027-03-15")
    assert len(due) == len(FINAL)


def test_every_dossier_ends_where_the_law_sends_it(year: Played) -> None:
    assert year.stages(*FINAL) == FINAL


def test_each_certificate_has_its_star_its_day_and_its_end(year: Played) -> None:
    names = {code: name for name, code in year.codes.items()}
    found = {
        (number.removeprefix("GCN-") if number.startswith("GCN-") else names[number.rpartition("/")[0]]): (
            star, issued.isoformat(), replaced and replaced.isoformat(), revoked and revoked.isoformat(),
        )
        for number, star, issued, replaced, revoked in year.rows(select(
            Certificate.number, Certificate.star, Certificate.issued_on, Certificate.replaced_on, Certificate.revoked_on))
    }  # fmt: skip
    assert found == CERTIFICATES


def test_only_what_was_late_is_a_breach_and_each_is_closed_by_what_ended_it(year: Played) -> None:
    names = {code: name for name, code in year.codes.items()}
    assert sorted(
        (names[code], stage, closed)
        for code, stage, closed in year.rows(
            select(Dossier.code, Deadline.stage, Breach.closed_by)
            .join(Dossier, Dossier.id == Breach.dossier_id)
            .join(Deadline, Deadline.id == Breach.deadline_id)
        )
    ) == [
        ("7", "commune_review", "report"),
        ("8", "commune_review", "report"),
        ("8", "provincial_submission", "carry_over"),
    ]


def test_the_law_refuses_what_comes_at_the_wrong_time_in_plain_words(year: Played) -> None:
    _, early, undecided, late, missed, last = year.said
    assert "từ ngày 3/2/2027 đến hết ngày 4/4/2027" in early
    assert "chưa có kết quả của hội đồng" in undecided
    assert f"đăng ký sau hạn của chu trình {ROUND_1}" in late
    assert "hãy đăng ký vào đợt sau" in late
    assert "là muộn" in missed
    assert "Hãy đăng ký sản phẩm vào một đợt đánh giá" in missed
    assert f"đăng ký sau hạn của chu trình {ROUND_2}" in last


def test_conservation_holds_at_each_step_and_every_step_looked_at_every_cycle(year: Played) -> None:
    assert {cycle for _, cycle in year.checked} == set(CYCLES)
    assert len(year.checked) > 40


def test_the_record_is_sound_at_the_end(year: Played, tmp_path: Path) -> None:
    with reading(year.engine) as session:
        look = Look(session, at("2028-04-06"), tmp_path)
        keys = [
            row.key for row in INVARIANTS if row.key != "letters_not_forgotten"
        ]  # nobody sends letters in this year
        assert {found.invariant.key: list(found.violations) for found in examine(look, keys) if not found.holds} == {}
        assert not chains.verify(session).faults


@pytest.mark.parametrize("name", FINAL)
def test_every_dossier_explains_its_way_in_sentences_that_quote_the_rule(year: Played, name: str) -> None:
    with reading(year.engine) as session:
        told = story(session, year.codes[name], at("2028-04-06"), WHOLE)
        assert [step.stage.key for step in told.way][-1] == FINAL[name]
        for step in told.way:
            assert step.stage.label
            assert step.event.rule.startswith(("Quyết định 26/2026/QĐ-TTg, ", "Quy tắc của phần mềm, ")), (
                step.event.rule
            )
        assert told.why.event.to_stage == FINAL[name]


def test_what_the_ministry_sent_back_was_decided_by_the_province_once(year: Played) -> None:
    back = year.rows(
        select(Dossier.code, Event.effective_at).join(Dossier, Dossier.id == Event.dossier_id)
        .where(Event.to_stage == "returned_to_province", Event.event == "route").order_by(Event.id)
    )  # fmt: skip
    assert [(code, day_of(when)) for code, when in back] == [
        (year.codes["5"], day("2027-09-20")), (year.codes["6"], day("2027-09-20")), (year.codes["10"], day("2028-03-20")),
    ]  # fmt: skip


def test_an_old_certificate_lives_on_between_its_end_and_the_result(year: Played) -> None:
    with reading(year.engine) as session:
        alive = {
            when: "GCN-H4" in session.scalars(select(Certificate.number).where(living_on(at(when)))).all()
            for when in ("2027-09-10", "2027-09-11", "2027-12-07", "2027-12-10")
        }
    assert alive == {"2027-09-10": False, "2027-09-11": True, "2027-12-07": True, "2027-12-10": False}


def test_the_revocation_came_within_fifteen_days_of_the_finding(year: Played) -> None:
    (found,) = year.rows(select(Finding.due_on, Finding.closed_on, Finding.outcome))
    assert tuple(found) == (date(2027, 9, 27), date(2027, 9, 24), "revoked")  # the 15th day, 25/9, is a Saturday


def test_no_letter_of_the_year_speaks_of_a_district_and_all_can_be_read(year: Played) -> None:
    for notice, facts in year.rows(select(Letter.notice, Letter.facts)):
        said = words(Notice(notice), facts)
        assert "huyện" not in f"{said.subject} {said.text}".lower(), (notice, said.text)


def test_the_cycles_are_closed(year: Played) -> None:
    assert {code for code, closed in year.rows(select(Cycle.code, Cycle.closed_at)) if closed} == {
        ROUND_1,
        ROUND_2,
        RENEWAL,
    }
