"""The levels that a dossier passes, the roles that people hold there, and the ladder that a late unit climbs."""

from collections.abc import Mapping
from enum import StrEnum

from ocop.phrase import phrases


class Level(StrEnum):
    """A level of the programme; which of them exist for a dossier is said by its procedure."""

    COMMUNE = "commune"
    DISTRICT = "district"
    PROVINCE = "province"
    CENTRAL = "central"

    @property
    def label(self) -> str:
        """The level's Vietnamese name."""
        return LEVEL_LABELS[self]


LEVEL_LABELS = phrases(
    {
        Level.COMMUNE: "xã",
        Level.DISTRICT: "huyện",
        Level.PROVINCE: "tỉnh",
        Level.CENTRAL: "trung ương",
    }
)


class Role(StrEnum):
    """What a person is at a unit for a time."""

    OFFICER = "officer"
    HEAD = "head"
    VICE_CHAIR = "vice_chair"
    COORDINATOR_OFFICE = "coordinator_office"
    DEPARTMENT = "department"

    @property
    def label(self) -> str:
        """The role's Vietnamese name."""
        return ROLE_LABELS[self]


ROLE_LABELS = phrases(
    {
        Role.OFFICER: "cán bộ phụ trách",
        Role.HEAD: "thủ trưởng đơn vị chuyên môn",
        Role.VICE_CHAIR: "phó chủ tịch Ủy ban nhân dân",
        Role.COORDINATOR_OFFICE: "Văn phòng Điều phối nông thôn mới",
        Role.DEPARTMENT: "Sở Nông nghiệp và Môi trường",
    }
)

LADDER = (Role.OFFICER, Role.HEAD, Role.VICE_CHAIR, Role.COORDINATOR_OFFICE, Role.DEPARTMENT)
"""The rungs of an escalation, lowest first; the last two stand at the province."""

PROVINCIAL_RUNGS = frozenset({Role.COORDINATOR_OFFICE, Role.DEPARTMENT})


class DossierKind(StrEnum):
    """Why a dossier is filed."""

    FIRST = "first"
    UPGRADE = "upgrade"
    RE_RECOGNITION = "re_recognition"

    @property
    def label(self) -> str:
        """The kind's Vietnamese name."""
        return KIND_LABELS[self]


KIND_LABELS: Mapping[str, str] = phrases(
    {
        DossierKind.FIRST: "lần đầu",
        DossierKind.UPGRADE: "nâng hạng",
        DossierKind.RE_RECOGNITION: "công nhận lại",
    }
)
