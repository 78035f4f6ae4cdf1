"""Every notice has its readers, its cause in the code and, where the law asks for it, its day."""

from pathlib import Path

import pytest

from ocop.notices import AT_ANY_HOUR, AUDIENCE, LEGAL_NOTICES, Notice, Party
from ocop.procedure import Procedure
from ocop.rulebook import PROCEDURES

ROOT = Path(__file__).parents[2]
OWED_BY_ROWS = {notice for law in PROCEDURES.values() for row in law.rows for notice in row.letters}
CASEWORK = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "casework").rglob("*.py"))


def test_the_table_of_readers_names_every_notice() -> None:
    assert set(AUDIENCE) == set(Notice)


@pytest.mark.parametrize("notice", Notice)
def test_a_notice_has_readers_each_named_once(notice: Notice) -> None:
    readers = AUDIENCE[notice]
    assert readers
    assert len(set(readers)) == len(readers)


@pytest.mark.parametrize("notice", Notice)
def test_a_notice_is_owed_by_a_row_of_the_table_or_by_casework(notice: Notice) -> None:
    assert notice in OWED_BY_ROWS or f"Notice.{notice.name}" in CASEWORK


def test_no_notice_is_owed_by_a_row_and_by_casework_at_once() -> None:
    assert not {notice for notice in OWED_BY_ROWS if f"Notice.{notice.name}" in CASEWORK}


@pytest.mark.parametrize("law", PROCEDURES.values(), ids=list(PROCEDURES))
def test_the_producer_is_told_of_every_move_that_it_did_not_make_itself(law: Procedure) -> None:
    silent = {
        move.event for move in law.moves if not any(Party.PRODUCER in AUDIENCE[notice] for notice in move.letters)
    }
    assert silent == {"route", "supplement"}, "a route between two results, and the producer's own supplement"
    told = {move.target for move in law.moves if any(Party.PRODUCER in AUDIENCE[notice] for notice in move.letters)}
    assert {stage.key for stage in law.stages if stage.final} <= told


@pytest.mark.parametrize("law", PROCEDURES.values(), ids=list(PROCEDURES))
def test_every_move_owes_a_letter(law: Procedure) -> None:
    assert all(move.letters for move in law.moves)


def test_the_coordinator_office_hears_of_every_end_of_recognition_and_every_exclusion() -> None:
    for notice in (Notice.RECOGNISED, Notice.REVOKED, Notice.EXPIRED, Notice.DISQUALIFIED, Notice.RETURNED_TO_DISTRICT):
        assert Party.COORDINATOR_OFFICE in AUDIENCE[notice]


def test_only_notices_that_the_law_dates_and_what_a_reader_waits_for_pass_the_quiet_hours() -> None:
    assert LEGAL_NOTICES | {Notice.PASSWORD_RESET} == AT_ANY_HOUR
    assert LEGAL_NOTICES == {Notice.EXPIRY_WARNING, Notice.EXPIRED, Notice.REVOKED}
    assert all(Party.PRODUCER in AUDIENCE[notice] for notice in LEGAL_NOTICES)
