"""Every letter that the engine can owe, and to whom it goes."""

from collections.abc import Mapping
from enum import StrEnum


class Party(StrEnum):
    """A recipient as seen from a dossier or a unit."""

    PRODUCER = "producer"
    COMMUNE = "commune"
    DISTRICT = "district"
    PROVINCE = "province"
    HOLDER = "holder"
    COORDINATOR_OFFICE = "coordinator_office"


class Notice(StrEnum):
    """A letter's kind; its templates lie in the folder of the same name."""

    CYCLE_OPENED = "cycle_opened"
    CYCLE_CLOSED = "cycle_closed"
    REGISTERED = "registered"
    RECEIVED = "received"
    RETURNED_FOR_COMPLETION = "returned_for_completion"
    SUPPLEMENTED = "supplemented"
    COMMUNE_REPORTED = "commune_reported"
    FORWARDED_TO_DISTRICT = "forwarded_to_district"
    DISTRICT_RESULT = "district_result"
    SELECTED_FOR_PROVINCE = "selected_for_province"
    KEPT_AT_DISTRICT = "kept_at_district"
    SENT_TO_PROVINCE = "sent_to_province"
    ARRIVED_AT_PROVINCE = "arrived_at_province"
    PROVINCIAL_RESULT = "provincial_result"
    RETURNED_TO_DISTRICT = "returned_to_district"
    RETURN_RESULT = "return_result"
    TO_RECOGNISE = "to_recognise"
    RECOGNISED = "recognised"
    NOT_RANKED = "not_ranked"
    PROPOSED_TO_CENTRE = "proposed_to_centre"
    ARRIVED_AT_CENTRE = "arrived_at_centre"
    NOT_PROPOSED = "not_proposed"
    CENTRAL_RESULT = "central_result"
    CENTRAL_COMPLETED = "central_completed"
    RETRACTED = "retracted"
    DISQUALIFIED = "disqualified"
    CARRIED_OVER = "carried_over"
    REOPENED = "reopened"
    CORRECTED = "corrected"
    COMPLAINT_RECEIVED = "complaint_received"
    COMPLAINT_ANSWERED = "complaint_answered"
    COMPLAINT_DUE = "complaint_due"
    ACCEPTED_LATE = "accepted_late"
    DEADLINE_EXTENDED = "deadline_extended"
    DEADLINE_REMINDER = "deadline_reminder"
    OVERDUE = "overdue"
    SUPPLEMENT_REMINDER = "supplement_reminder"
    SUPPLEMENT_OVERDUE = "supplement_overdue"
    EVIDENCE_EXPIRING = "evidence_expiring"
    RUNG_VACANT = "rung_vacant"
    EXPIRY_WARNING = "expiry_warning"
    EXPIRED = "expired"
    EXPIRED_LIST = "expired_list"
    REVOKED = "revoked"
    DAILY_DIGEST = "daily_digest"


_P, _C, _D, _T, _H, _O = (
    Party.PRODUCER,
    Party.COMMUNE,
    Party.DISTRICT,
    Party.PROVINCE,
    Party.HOLDER,
    Party.COORDINATOR_OFFICE,
)

AUDIENCE: Mapping[Notice, tuple[Party, ...]] = {
    Notice.CYCLE_OPENED: (_C, _D, _T, _O),
    Notice.CYCLE_CLOSED: (_D, _T, _O),
    Notice.REGISTERED: (_P, _H),
    Notice.RECEIVED: (_P,),
    Notice.RETURNED_FOR_COMPLETION: (_P, _C),
    Notice.SUPPLEMENTED: (_H,),
    Notice.COMMUNE_REPORTED: (_P,),
    Notice.FORWARDED_TO_DISTRICT: (_P, _H),
    Notice.DISTRICT_RESULT: (_P, _C),
    Notice.SELECTED_FOR_PROVINCE: (_P, _H),
    Notice.KEPT_AT_DISTRICT: (_P, _H),
    Notice.SENT_TO_PROVINCE: (_P, _T),
    Notice.ARRIVED_AT_PROVINCE: (_H, _O),
    Notice.PROVINCIAL_RESULT: (_P, _D),
    Notice.RETURNED_TO_DISTRICT: (_P, _H, _O),
    Notice.RETURN_RESULT: (_P, _C),
    Notice.TO_RECOGNISE: (_H,),
    Notice.RECOGNISED: (_P, _C, _D, _O),
    Notice.NOT_RANKED: (_P, _C),
    Notice.PROPOSED_TO_CENTRE: (_P, _O),
    Notice.ARRIVED_AT_CENTRE: (_T, _O),
    Notice.NOT_PROPOSED: (_P, _O),
    Notice.CENTRAL_RESULT: (_P, _T, _O),
    Notice.CENTRAL_COMPLETED: (_P, _D),
    Notice.RETRACTED: (_P, _H),
    Notice.DISQUALIFIED: (_P, _C, _O),
    Notice.CARRIED_OVER: (_P, _H),
    Notice.REOPENED: (_P, _H),
    Notice.CORRECTED: (_P, _H, _O),
    Notice.COMPLAINT_RECEIVED: (_P, _H),
    Notice.COMPLAINT_ANSWERED: (_P,),
    Notice.COMPLAINT_DUE: (_H, _O),
    Notice.ACCEPTED_LATE: (_P, _H),
    Notice.DEADLINE_EXTENDED: (_H, _O),
    Notice.DEADLINE_REMINDER: (_H,),
    Notice.OVERDUE: (_H,),
    Notice.SUPPLEMENT_REMINDER: (_P,),
    Notice.SUPPLEMENT_OVERDUE: (_P, _H),
    Notice.EVIDENCE_EXPIRING: (_P, _H),
    Notice.RUNG_VACANT: (_O,),
    Notice.EXPIRY_WARNING: (_P, _C),
    Notice.EXPIRED: (_P, _C, _O),
    Notice.EXPIRED_LIST: (_H,),
    Notice.REVOKED: (_P, _C, _O),
    Notice.DAILY_DIGEST: (_O,),
}
"""Who gets which letter; a unit's letter goes to its officer, and to the next rung of the ladder when it has none."""

LEGAL_NOTICES = frozenset({Notice.EXPIRY_WARNING, Notice.EXPIRED, Notice.REVOKED})
"""Letters that the law makes due on their day: they alone pass the quiet hours."""
