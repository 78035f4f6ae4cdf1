"""Every notice has its readers, its cause in the code and, where the law asks for it, its day."""

from pathlib import Path

import pytest

from ocop.notices import AT_ANY_HOUR, AUDIENCE, LEGAL_NOTICES, NOTICE_LABELS, Notice, Party
from ocop.phrase import Meant
from ocop.procedure import Procedure
from ocop.rulebook import PROCEDURES

ROOT = Path(__file__).parents[2]
READERS = {
    Party.PRODUCER: """
        registered received returned_for_completion commune_reported forwarded_to_district district_result
        selected_for_province kept_at_district sent_to_province provincial_result provincial_ranking returned_to_district
        return_result recognised not_ranked proposed_to_centre not_proposed central_result central_completed
        selected_for_ministry proposed_to_ministry not_proposed_to_ministry ministry_result returned_to_province
        result_after_ministry retracted disqualified carried_over reopened corrected complaint_received complaint_answered
        accepted_late supplement_reminder supplement_overdue evidence_expiring expiry_warning expired revoked
        finding_recorded transferred suspended resumed procedure_changed""",
    Party.COMMUNE: """
        cycle_opened plan_amended returned_for_completion district_result provincial_ranking return_result recognised
        not_ranked proposed_to_ministry ministry_result result_after_ministry disqualified expiry_warning expired revoked
        finding_recorded""",
    Party.DISTRICT: "cycle_opened cycle_closed plan_amended provincial_result recognised central_completed",
    Party.PROVINCE: """
        cycle_opened cycle_closed plan_amended sent_to_province arrived_at_centre central_result arrived_at_ministry
        ministry_result""",
    Party.HOLDER: """
        registered supplemented forwarded_to_district selected_for_province kept_at_district arrived_at_province
        returned_to_district to_recognise selected_for_ministry not_proposed_to_ministry returned_to_province retracted
        carried_over reopened corrected complaint_received complaint_due accepted_late deadline_extended calendar_changed
        deadline_reminder overdue supplement_overdue evidence_expiring expired_list finding_due reorganised""",
    Party.COORDINATOR_OFFICE: """
        cycle_opened cycle_closed plan_amended arrived_at_province returned_to_district recognised proposed_to_centre
        arrived_at_centre not_proposed central_result proposed_to_ministry not_proposed_to_ministry arrived_at_ministry
        ministry_result returned_to_province disqualified corrected complaint_due deadline_extended calendar_changed
        rung_vacant expired revoked finding_recorded finding_due daily_digest reorganised""",
    Party.ACCOUNT: "account_invited password_reset",
}
"""The table of readers turned round, by hand: what each of them is told."""

OWED_BY_ROWS = {notice for law in PROCEDURES.values() for row in law.rows for notice in row.letters}
CASEWORK = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "casework").rglob("*.py"))


def test_a_partys_key_is_its_name() -> None:
    assert [party.value for party in Party] == [party.name.lower() for party in Party]


def test_the_table_of_readers_names_every_notice() -> None:
    assert set(AUDIENCE) == set(Notice)


@pytest.mark.parametrize("party", Party)
def test_a_party_is_told_what_concerns_it_and_nothing_else(party: Party) -> None:
    assert {notice for notice in Notice if party in AUDIENCE[notice]} == set(READERS[party].split())


def test_a_letter_that_is_called_like_an_act_is_told_from_it() -> None:
    assert {notice for notice, label in NOTICE_LABELS.items() if isinstance(label, Meant)} == {
        "cycle_closed", "not_proposed", "retracted", "complaint_answered", "accepted_late", "deadline_extended",
        "plan_amended", "revoked",
    }  # fmt: skip


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
