"""The way of a dossier under Decision 148/QĐ-TTg, written anew from the papers: no line of it comes from the engine."""

from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

COMMUNE, DISTRICT, PROVINCE, CENTRE = "commune", "district", "province", "central"


class Way(NamedTuple):
    """An event takes a dossier from one stage to another; under `need`, where the same event may lead elsewhere."""

    event: str
    source: str
    target: str
    letter: str
    need: str = ""


LEVELS: Mapping[str, tuple[str, ...]] = {
    COMMUNE: ("registered", "commune_review", "commune_supplement", "commune_reported"),
    DISTRICT: (
        "filed_at_district", "district_evaluation", "district_supplement", "district_decided", "provincial_submission",
        "submitted", "returned_to_district", "return_decided", "district_recognition",
    ),
    PROVINCE: (
        "provincial_evaluation", "provincial_supplement", "provincial_decided", "provincial_recognition",
        "central_proposal", "proposed",
    ),
    CENTRE: ("central_evaluation", "central_decided"),
}  # fmt: skip
LEVEL = {stage: level for level, stages in LEVELS.items() for stage in stages}
"""Whose an open dossier is at each stage; one that has ended stays with whom it was."""
ENDS = ("recognised", "not_ranked", "retracted", "disqualified", "carried_over")

# fmt: off
WAYS: tuple[Way, ...] = (
    Way("receive",   "registered",              "commune_review",         "received"),
    Way("receive",   "filed_at_district",       "district_evaluation",    "received"),
    Way("report",    "commune_review",          "commune_reported",       "commune_reported"),
    Way("route",     "commune_reported",        "district_evaluation",    "forwarded_to_district"),
    Way("decide",    "district_evaluation",     "district_decided",       "district_result"),
    Way("route",     "district_decided",        "provincial_submission",  "selected_for_province", "province"),
    Way("route",     "district_decided",        "district_recognition",   "to_recognise", "three"),
    Way("route",     "district_decided",        "not_ranked",             "not_ranked"),
    Way("submit",    "provincial_submission",   "submitted",              "sent_to_province"),
    Way("keep",      "provincial_submission",   "district_recognition",   "kept_at_district"),
    Way("route",     "submitted",               "provincial_evaluation",  "arrived_at_province"),
    Way("decide",    "provincial_evaluation",   "provincial_decided",     "provincial_result"),
    Way("route",     "provincial_decided",      "provincial_recognition", "to_recognise", "four"),
    Way("route",     "provincial_decided",      "returned_to_district",   "returned_to_district"),
    Way("decide",    "returned_to_district",    "return_decided",         "return_result"),
    Way("route",     "return_decided",          "district_recognition",   "to_recognise", "three"),
    Way("route",     "return_decided",          "not_ranked",             "not_ranked"),
    Way("recognise", "district_recognition",    "recognised",             "recognised"),
    Way("recognise", "provincial_recognition",  "central_proposal",       "recognised", "centre"),
    Way("recognise", "provincial_recognition",  "recognised",             "recognised"),
    Way("propose",   "central_proposal",        "proposed",               "proposed_to_centre"),
    Way("forgo",     "central_proposal",        "recognised",             "not_proposed"),
    Way("route",     "proposed",                "central_evaluation",     "arrived_at_centre"),
    Way("record_central_result", "central_evaluation", "central_decided", "central_result"),
    Way("route",     "central_decided",         "recognised",             "central_completed"),
    *(Way("request_supplement", f"{level}_{work}", f"{level}_supplement", "returned_for_completion")
      for level, work in (("commune", "review"), ("district", "evaluation"), ("provincial", "evaluation"))),
    *(Way("supplement", f"{level}_supplement", f"{level}_{work}", "supplemented")
      for level, work in (("commune", "review"), ("district", "evaluation"), ("provincial", "evaluation"))),
    Way("annul",     "district_decided",        "district_evaluation",    "reopened"),
    Way("annul",     "provincial_submission",   "district_evaluation",    "reopened"),
    Way("annul",     "district_recognition",    "returned_to_district",   "reopened", "after_return"),
    Way("annul",     "district_recognition",    "district_evaluation",    "reopened"),
    Way("annul",     "not_ranked",              "returned_to_district",   "reopened", "after_return"),
    Way("annul",     "not_ranked",              "district_evaluation",    "reopened"),
    Way("annul",     "provincial_decided",      "provincial_evaluation",  "reopened"),
    Way("annul",     "provincial_recognition",  "provincial_evaluation",  "reopened"),
    Way("annul",     "returned_to_district",    "provincial_evaluation",  "reopened"),
    Way("annul",     "return_decided",          "returned_to_district",   "reopened"),
)
# fmt: on

_PASSING = {"district_decided", "provincial_decided", "return_decided", "submitted", "commune_reported", "proposed"}
RETRACTABLE = frozenset(
    stage
    for level in (COMMUNE, DISTRICT, PROVINCE)
    for stage in LEVELS[level]
    if stage not in _PASSING | {"central_proposal"}
) | {"commune_reported"}
"""The producer may take back what waits for somebody, until the 4 stars are on their way to the centre."""
CARRIED = frozenset(RETRACTABLE - {"district_recognition", "provincial_recognition"}) | {"submitted"}
"""A body may put off what is not waiting for its recognition alone."""
DISQUALIFIABLE = RETRACTABLE - {"registered", "filed_at_district", "commune_reported"}
WAYS += tuple(
    Way(event, stage, target, target)
    for event, target, stages in (
        ("retract", "retracted", RETRACTABLE),
        ("carry_over", "carried_over", CARRIED),
        ("disqualify", "disqualified", DISQUALIFIABLE),
    )
    for stage in sorted(stages)
)

NOTES: Mapping[str, str] = {
    "evaluate": "", "add_evidence": "", "waive_evidence": "", "revoke": "", "accept_late": "accepted_late",
    "correct": "corrected", "complain": "complaint_received", "answer_complaint": "complaint_answered",
}  # fmt: skip
"""Events that leave a dossier where it stands, and the letter that each owes."""

READERS: Mapping[str, str] = {
    "registered": "PH", "received": "P", "returned_for_completion": "PC", "supplemented": "H", "commune_reported": "P",
    "forwarded_to_district": "PH", "district_result": "PC", "selected_for_province": "PH", "kept_at_district": "PH",
    "sent_to_province": "PT", "arrived_at_province": "HO", "provincial_result": "PD", "returned_to_district": "PHO",
    "return_result": "PC", "to_recognise": "H", "recognised": "PCDO", "not_ranked": "PC", "proposed_to_centre": "PO",
    "arrived_at_centre": "TO", "not_proposed": "PO", "central_result": "PTO", "central_completed": "PD",
    "retracted": "PH", "disqualified": "PCO", "carried_over": "PH", "reopened": "PH", "corrected": "PHO",
    "complaint_received": "PH", "complaint_answered": "P", "accepted_late": "PH",
}  # fmt: skip
"""Who reads a letter: producer, commune, district, province (T), holder after the step, coordinator office."""


def star(mean: Decimal) -> int:
    """Return the star of a mean: 50, 70 and 90 points are the first of 3, 4 and 5 stars."""
    return 1 + sum(mean >= floor for floor in (30, 50, 70, 90))


def after_gates(by_points: int, failed: frozenset[int]) -> int:
    """Return the highest star up to the points' own below the lowest gate that failed."""
    return min(by_points, min(failed, default=6) - 1)


def ways(event: str, source: str) -> tuple[Way, ...]:
    """Return where an event may lead from a stage, in the order in which the law asks."""
    return _WAYS.get((event, source), ())


def permitted(source: str, event: str, target: str) -> bool:
    """Return whether a line of history may stand: a registration, a step of the law, or a note that stays."""
    if event == "register":
        return source == "" and target in ("registered", "filed_at_district")
    if source == target:
        return event in NOTES
    return any(way.target == target for way in ways(event, source))


def letters_of(source: str, event: str, target: str) -> tuple[str, str]:
    """Return the letter that a line of history owes and its readers; two empty texts when it owes none."""
    if event == "register":
        notice = "registered"
    elif source == target:
        notice = NOTES[event]
    else:
        notice = next(way.letter for way in ways(event, source) if way.target == target)
    return notice, READERS.get(notice, "")


_WAYS: dict[tuple[str, str], tuple[Way, ...]] = {}
for _way in WAYS:
    _WAYS[_way.event, _way.source] = (*_WAYS.get((_way.event, _way.source), ()), _way)
