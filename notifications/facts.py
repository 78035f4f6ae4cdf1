"""What a letter is rendered from: the facts that its row keeps, by kind of letter, and what an old row may lack."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, TypedDict

from ocop.notices import Notice

# A day is ISO text ('2025-06-15'), an instant ISO text with its zone, points a decimal text: what JSON keeps.


class LetterFacts(TypedDict):
    """What every letter knows."""

    recipient_name: str
    unit_name: str
    """The unit addressed; of a producer, its commune."""
    reply_name: str
    """The holding unit, whose officer answers."""
    cycle_title: str
    simulated: bool
    owed_on: str


class DossierNamed(TypedDict):
    """The dossier a letter is about, as it stands after the event."""

    code: str
    product: str
    producer: str
    kind_label: str
    commune: str
    district: str
    stage_label: str
    waits_for: str
    holder: str


class GateFailed(TypedDict):
    """A gate that did not hold, as the council typed its reason."""

    star: int
    reason: str


class Result(TypedDict):
    """A council's result: the exact mean and the three kinds of stars."""

    mean: str
    stars_by_points: int
    stars_after_gates: int | None
    awarded_star: int | None
    gates_failed: list[GateFailed]


class CertificateIssued(TypedDict):
    """A certificate as a dossier's letter names it."""

    number: str
    star: int
    issued_on: str
    valid_until: str


class CertificateHeld(CertificateIssued):
    """A certificate whose letter has no dossier to name product and producer."""

    product: str
    producer: str
    commune: str


class EvidenceEnding(TypedDict):
    """A paper that expires: `details.evidence` of `evidence_expiring`."""

    label: str
    valid_until: str


class DossierFacts(LetterFacts):
    """A letter about one dossier's event."""

    dossier: DossierNamed
    event: str
    occurred_on: str
    reason: str
    document: str
    """Number of the decision, letter or minutes."""
    rule: str
    """The citation of the rule that the event follows."""
    result: Result | None
    due_on: str | None
    """The next day that concerns the recipient."""
    certificate: CertificateIssued | None
    details: Mapping[str, Any]


class StageDue(TypedDict):
    """A stage's deadline with the rule in force."""

    stage_label: str
    wording: str
    rule: str
    last_day: str
    strikes_at: str
    working_days_left: int


class DossierListed(TypedDict):
    """A line of a unit's list."""

    code: str
    product: str
    producer: str
    stage_label: str
    holder: str
    since: str
    simulated: bool


class PlanDeadline(TypedDict):
    """A line of the plan's dates."""

    stage_label: str
    wording: str
    last_day: str


class PlanNamed(TypedDict):
    """The plan that opens a cycle."""

    number: str
    issued_on: str
    title: str
    deadlines: list[PlanDeadline]


class Count(TypedDict):
    """A figure with its Vietnamese name."""

    label: str
    value: int | str


class CertificateListed(TypedDict):
    """A line of a unit's list of certificates that have ended."""

    number: str
    product: str
    producer: str
    star: int
    valid_until: str


class UnitFacts(LetterFacts):
    """A letter about a unit's work."""

    deadline: StageDue | None
    unit: str
    unit_phone: str
    rung: int
    """0 is the unit's own officer."""
    role_label: str
    dossiers: list[DossierListed]
    total: int
    """How many there are; the list stops at 50."""
    plan: PlanNamed | None
    counts: list[Count]
    certificates: list[CertificateListed]
    health: list[str]
    root: str
    """The nightly root over all histories."""
    changes: list[str]
    """What an amended plan changes, a sentence each."""
    effective_from: str
    reason: str
    document: str


Window = TypedDict("Window", {"from": str, "to": str})


class CertificateFacts(LetterFacts):
    """A letter about a certificate's end."""

    certificate: CertificateHeld
    days_left: int
    window: Window | None
    dossier: DossierNamed | None
    reason: str
    document: str


class AccountFacts(LetterFacts):
    """A letter that carries a link to set a password; the link itself is in no row (decision 0022)."""

    login: str
    name: str
    by_name: str
    """Who invites or lets the password be set anew; empty where the owner asked for it."""
    ends_at: str
    """Until when the link opens."""
    pages: str
    """The address of the pages."""
    seed: str
    """From what, with the installation's secret, the link's key is derived."""
    on_paper: bool


UNIT_NOTICES = frozenset(
    {
        Notice.CYCLE_OPENED,
        Notice.CYCLE_CLOSED,
        Notice.DEADLINE_EXTENDED,
        Notice.PLAN_AMENDED,
        Notice.CALENDAR_CHANGED,
        Notice.DEADLINE_REMINDER,
        Notice.OVERDUE,
        Notice.RUNG_VACANT,
        Notice.EXPIRED_LIST,
        Notice.DAILY_DIGEST,
        Notice.REORGANISED,
    }
)
CERTIFICATE_NOTICES = frozenset(
    {Notice.EXPIRY_WARNING, Notice.EXPIRED, Notice.REVOKED, Notice.FINDING_RECORDED, Notice.FINDING_DUE}
)
ACCOUNT_NOTICES = frozenset({Notice.ACCOUNT_INVITED, Notice.PASSWORD_RESET})
DOSSIER_NOTICES = frozenset(Notice) - UNIT_NOTICES - CERTIFICATE_NOTICES - ACCOUNT_NOTICES

_EVERY = {"unit_name": "", "reply_name": "", "cycle_title": "", "simulated": False}
_DOSSIER = _EVERY | {
    "reason": "",
    "document": "",
    "rule": "",
    "result": None,
    "due_on": None,
    "certificate": None,
    "details": {},
}
_UNIT = _EVERY | {
    "deadline": None,
    "unit": "",
    "unit_phone": "",
    "rung": 0,
    "role_label": "",
    "dossiers": [],
    "total": 0,
    "plan": None,
    "counts": [],
    "certificates": [],
    "health": [],
    "root": "",
    "changes": [],
    "effective_from": "",
    "reason": "",
    "document": "",
}
_CERTIFICATE = _EVERY | {
    "days_left": 0,
    "window": None,
    "dossier": None,
    "reason": "",
    "document": "",
    "rule": "thời hạn ghi trên giấy chứng nhận",
}

_ACCOUNT = _EVERY | {"by_name": "", "on_paper": False, "document": "", "link": "", "key": ""}

LACKING: Mapping[Notice, Mapping[str, Any]] = MappingProxyType(
    dict.fromkeys(DOSSIER_NOTICES, _DOSSIER)
    | dict.fromkeys(UNIT_NOTICES, _UNIT)
    | dict.fromkeys(CERTIFICATE_NOTICES, _CERTIFICATE)
    | dict.fromkeys(ACCOUNT_NOTICES, _ACCOUNT)
    | {Notice.REVOKED: _CERTIFICATE | {"rule": ""}}
)
"""What a fact reads as when a row owed by an earlier version does not have it; what is required is not here."""


PROGRAMME = "Chương trình Mỗi xã một sản phẩm"
"""What a letter outside any cycle speaks of."""


def complete(notice: Notice, facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row's facts with every optional one present.

    A certificate revoked by an act on its dossier takes product, producer and commune from there.
    """
    whole = {**LACKING[notice], **facts}
    whole["cycle_title"] = whole["cycle_title"] or PROGRAMME
    if notice in CERTIFICATE_NOTICES and whole["dossier"]:
        named = {key: whole["dossier"][key] for key in ("product", "producer", "commune")}
        whole["certificate"] = named | whole["certificate"]
    return whole
