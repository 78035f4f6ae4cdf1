"""What an officer reads in place of a stored key: every member of every list has a name, and no two the same."""

from enum import StrEnum

import pytest

from ocop.deadlines import Boundary, Roll
from ocop.evidence import EvidenceKind, ExpiredEvidence
from ocop.levels import LADDER, PROVINCIAL_RUNGS, DossierKind, Level, Role
from ocop.notices import Notice
from ocop.plan_sections import MET_BY_LABELS, AfterDeadline, AfterRegistration, OutsideWindow, ReturnBasis
from ocop.procedure import Back, MetBy
from ocop.validity import CertificateEnd
from ocop.working_days import DayKind

LISTS = [
    Level, Role, DossierKind, Notice, EvidenceKind, ExpiredEvidence, Boundary, Roll, AfterDeadline, AfterRegistration,
    ReturnBasis, OutsideWindow, CertificateEnd, DayKind,
]  # fmt: skip


@pytest.mark.parametrize("members", LISTS)
def test_every_member_of_a_list_has_a_name_of_its_own(members: type[StrEnum]) -> None:
    labels = [member.label for member in members]  # type: ignore[attr-defined]
    assert all(isinstance(label, str) and label.strip() for label in labels)
    assert len(set(labels)) == len(labels)


@pytest.mark.parametrize("members", [*LISTS, MetBy, Back])
def test_a_stored_key_is_the_members_name_in_lower_case(members: type[StrEnum]) -> None:
    assert [member.value for member in members] == [member.name.lower() for member in members]


def test_the_act_that_meets_a_deadline_has_a_name() -> None:
    assert set(MET_BY_LABELS) == set(MetBy)


def test_a_breach_climbs_from_the_officer_to_the_department_and_every_role_is_a_rung() -> None:
    assert LADDER == (Role.OFFICER, Role.HEAD, Role.VICE_CHAIR, Role.COORDINATOR_OFFICE, Role.DEPARTMENT)
    assert set(LADDER) == set(Role)
    assert PROVINCIAL_RUNGS == {Role.COORDINATOR_OFFICE, Role.DEPARTMENT}
