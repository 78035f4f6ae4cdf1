"""What comes of the year 2025: the figures of README.md, worked out by hand before it was played."""

from tests.e2e.world import A1, A2, B1, B2, C1, C2, A, B, C, code

P = "36"
NOT_RANKED, RECOGNISED = "not_ranked", "recognised"
# fmt: off
FINAL = {
    1: NOT_RANKED, 2: RECOGNISED, 3: RECOGNISED, 4: RECOGNISED, 5: RECOGNISED, 6: RECOGNISED, 7: RECOGNISED,
    8: RECOGNISED, 9: RECOGNISED, 10: RECOGNISED, 11: RECOGNISED, 12: NOT_RANKED, 13: RECOGNISED, 14: "retracted",
    15: NOT_RANKED, 16: RECOGNISED, 17: RECOGNISED, 18: RECOGNISED, 19: RECOGNISED, 20: NOT_RANKED, 21: RECOGNISED,
    22: "disqualified", 23: "carried_over", 24: RECOGNISED, 25: RECOGNISED, 26: RECOGNISED, 27: RECOGNISED,
}
CERTIFICATES = {
    # number: star, valid until, replaced on, revoked on
    f"{code(2)}/GCN-3": (3, "2028-06-13", None, "2025-11-05"),
    f"{code(3)}/GCN-3": (3, "2028-06-13", None, None),
    f"{code(6)}/GCN-3": (3, "2028-06-13", None, None),
    f"{code(18)}/GCN-3": (3, "2028-06-13", None, None),
    f"{code(7)}/GCN-3": (3, "2028-06-16", None, None),
    f"{code(17)}/GCN-3": (3, "2028-06-27", None, None),
    f"{code(25)}/GCN-3": (3, "2028-07-03", None, None),
    f"{code(26)}/GCN-3": (3, "2028-07-08", None, None),
    f"{code(11)}/GCN-3": (3, "2028-07-30", None, None),
    f"{code(8)}/GCN-4": (4, "2028-07-29", None, None),
    **{f"{code(number)}/GCN-4": (4, "2028-07-22", None, None) for number in (4, 5, 9, 10, 16, 21, 24, 27)},
    f"{code(13)}/GCN-4": (4, "2028-07-22", "2025-11-20", None),
    f"{code(13)}/GCN-5": (5, "2028-11-20", None, None),
    "GCN-H1": (3, "2026-03-15", "2025-07-22", None),
    "GCN-H2": (3, "2025-09-20", None, None),
    "GCN-H3": (4, "2025-08-15", "2025-07-22", None),
    "GCN-H4": (3, "2025-05-31", None, None),
    "GCN-H5": (3, "2025-07-01", None, None),
    "GCN-H6": (5, "2026-10-10", None, None),
    "GCN-H7": (3, "2027-02-28", None, None),
}
STOOD = {
    "2025-06-15": {
        A: {"provincial_evaluation": 5, "district_recognition": 1, RECOGNISED: 3, NOT_RANKED: 1},
        B: {"district_evaluation": 1, "provincial_submission": 4, RECOGNISED: 2, NOT_RANKED: 2, "retracted": 1},
        C: {"registered": 1, "district_evaluation": 5, "disqualified": 1},
    },
    "2025-06-20": {
        A: {"provincial_evaluation": 5, RECOGNISED: 4, NOT_RANKED: 1},
        B: {"provincial_evaluation": 4, "provincial_submission": 1, RECOGNISED: 2, NOT_RANKED: 2, "retracted": 1},
        C: {"registered": 1, "district_evaluation": 5, "disqualified": 1},
    },
    "2025-07-20": {
        A: {"provincial_evaluation": 1, "provincial_recognition": 4, RECOGNISED: 4, NOT_RANKED: 1},
        B: {"returned_to_district": 2, "provincial_recognition": 2, RECOGNISED: 3, NOT_RANKED: 2, "retracted": 1},
        C: {"provincial_recognition": 3, RECOGNISED: 2, "disqualified": 1, "carried_over": 1},
    },
    "2025-11-20": {  # the cycle is closed, the centre's answer came after that
        A: {RECOGNISED: 9, NOT_RANKED: 1},
        B: {RECOGNISED: 6, NOT_RANKED: 3, "retracted": 1},
        C: {RECOGNISED: 5, "disqualified": 1, "carried_over": 1},
    },
}
REMINDERS = {
    # day, stage of the deadline: unit -> dossiers in its letter, in the order of the deadlines
    ("2025-05-27", "district_evaluation"): {A: [10], B: [9], C: [7], C2: [1]},
    ("2025-05-30", "provincial_submission"): {A: [10], B: [9], C: [7], C2: [1]},
    ("2025-06-05", "district_evaluation"): {A: [10], B: [9], C: [7], C2: [1]},
    ("2025-06-10", "provincial_submission"): {A: [7], B: [9], C: [6], C2: [1]},
    ("2025-06-11", "district_evaluation"): {A: [1], B: [1], C: [6], C2: [1]},
    ("2025-06-13", "district_evaluation"): {B: [1], C: [6], C2: [1]},
    ("2025-06-16", "provincial_submission"): {B: [5], C: [6], C2: [1]},
    ("2025-06-18", "provincial_submission"): {B: [2], C: [6], C2: [1]},
    ("2025-06-27", "district_evaluation"): {C: [5]},
    ("2025-07-01", "provincial_submission"): {C: [4]},
    ("2025-07-01", "provincial_evaluation"): {C: [4], P: [13]},
    ("2025-07-03", "provincial_submission"): {C: [1]},
    ("2025-07-10", "provincial_evaluation"): {P: [12]},
    ("2025-07-16", "provincial_evaluation"): {P: [1]},
    ("2025-07-18", "provincial_evaluation"): {P: [1]},
    ("2025-07-18", "returned_to_district"): {B: [1, 1]},
    ("2025-07-29", "returned_to_district"): {B: [1]},
    ("2025-08-04", "returned_to_district"): {B: [1]},
    ("2025-08-06", "returned_to_district"): {B: [1]},
}
LATE_C = (21, 24, 25, 26, 27)
BREACHES = {
    # stage, struck on, dossier, unit, closed on, by
    ("district_supplement", "2025-05-27", 6, A, "2025-05-29", "supplement"),
    *(("district_evaluation", "2025-06-15", number, C, "2025-06-25", "extend") for number in LATE_C),
    ("district_evaluation", "2025-06-15", 23, C2, "2025-06-24", "carry_over"),
    ("district_evaluation", "2025-06-15", 16, B, "2025-06-17", "evaluate"),
    *(("provincial_submission", "2025-06-20", number, C, "2025-06-25", "extend") for number in LATE_C),
    ("provincial_submission", "2025-06-20", 23, C2, "2025-06-24", "carry_over"),
    ("provincial_submission", "2025-06-20", 17, B, "2025-06-25", "keep"),
    ("district_evaluation", "2025-07-01", 26, C, "2025-07-04", "evaluate"),
    ("provincial_evaluation", "2025-07-20", 8, P, "2025-07-24", "evaluate"),
    ("returned_to_district", "2025-08-08", 12, B, "2025-08-12", "decide"),
}
ESCALATIONS = {
    # day, stage, unit, rung, dossiers, vacant
    ("2025-06-16", "district_evaluation", C, 1, 5, False),
    ("2025-06-16", "district_evaluation", C2, 1, 1, False),
    ("2025-06-16", "district_evaluation", B, 1, 1, False),
    ("2025-06-18", "district_evaluation", C, 2, 5, False),
    ("2025-06-18", "district_evaluation", C2, 2, 1, True),
    ("2025-06-20", "district_evaluation", C, 3, 5, True),
    ("2025-06-20", "district_evaluation", C2, 3, 1, True),
    ("2025-06-20", "provincial_submission", C, 1, 5, False),
    ("2025-06-20", "provincial_submission", C2, 1, 1, False),
    ("2025-06-20", "provincial_submission", B, 1, 1, False),
    ("2025-06-24", "district_evaluation", C, 4, 5, False),
    ("2025-06-24", "district_evaluation", C2, 4, 1, False),
    ("2025-06-24", "provincial_submission", C, 2, 5, False),
    ("2025-06-24", "provincial_submission", C2, 2, 1, True),
    ("2025-06-24", "provincial_submission", B, 2, 1, False),
    ("2025-07-01", "district_evaluation", C, 1, 1, False),
    ("2025-07-03", "district_evaluation", C, 2, 1, False),
    ("2025-07-21", "provincial_evaluation", P, 1, 1, False),
    ("2025-07-23", "provincial_evaluation", P, 2, 1, True),
    ("2025-08-08", "returned_to_district", B, 1, 1, False),
    ("2025-08-12", "returned_to_district", B, 2, 1, False),
}
OVERDUE_IN_DIGESTS = {
    **dict.fromkeys(("2025-05-27", "2025-05-28", "2025-05-29"), 1),
    **dict.fromkeys(("2025-06-16", "2025-06-17"), 7), **dict.fromkeys(("2025-06-18", "2025-06-19"), 6),
    **dict.fromkeys(("2025-06-20", "2025-06-23", "2025-06-24"), 7), "2025-06-25": 6,
    **dict.fromkeys(("2025-07-01", "2025-07-02", "2025-07-03", "2025-07-04"), 1),
    **dict.fromkeys(("2025-07-21", "2025-07-22", "2025-07-23", "2025-07-24"), 1),
    **dict.fromkeys(("2025-08-08", "2025-08-11", "2025-08-12"), 1),
}
CONSERVATION = {
    # level, unit -> what came in, and where it went
    ("commune", A): {"received": 10, "forwarded": 10},
    ("commune", B): {"received": 10, "forwarded": 10},
    ("commune", C): {"received": 7, "forwarded": 6, "carried_over": 1},
    ("district", A): {"received": 10, "forwarded": 5, RECOGNISED: 4, NOT_RANKED: 1},
    ("district", B): {"received": 12, "forwarded": 4, RECOGNISED: 4, NOT_RANKED: 3, "retracted": 1},
    ("district", C): {"received": 6, "forwarded": 3, RECOGNISED: 2, "disqualified": 1},
    ("province", P): {"received": 12, "forwarded": 2, "sent_back": 2, RECOGNISED: 8},
    ("central", P): {"received": 2, RECOGNISED: 2},
}
WARNINGS = {
    "GCN-H2": ("2025-08-21",),
    "GCN-H3": ("2025-04-17",),
    "GCN-H4": ("2025-05-01",),
    "GCN-H6": ("2026-04-13", "2026-06-12", "2026-09-10"),
    "GCN-H7": ("2026-09-01", "2026-10-31", "2027-01-29"),
    **{f"{code(number)}/GCN-3": ("2027-12-16", "2028-02-14", "2028-05-14") for number in (3, 6, 18)},
    f"{code(7)}/GCN-3": ("2027-12-19", "2028-02-17", "2028-05-17"),
    f"{code(17)}/GCN-3": ("2027-12-30", "2028-02-28", "2028-05-28"),
    f"{code(25)}/GCN-3": ("2028-01-05", "2028-03-05", "2028-06-03"),
    f"{code(26)}/GCN-3": ("2028-01-10", "2028-03-10", "2028-06-08"),
    **{f"{code(number)}/GCN-4": ("2028-01-24", "2028-03-24", "2028-06-22") for number in (4, 5, 9, 10, 16, 21, 24, 27)},
    f"{code(8)}/GCN-4": ("2028-01-31", "2028-03-31", "2028-06-29"),
    f"{code(11)}/GCN-3": ("2028-02-01", "2028-04-01", "2028-06-30"),
    f"{code(13)}/GCN-5": ("2028-05-24", "2028-07-23", "2028-10-21"),
}
ENDS = {number: until for number, (_, until, replaced, revoked) in CERTIFICATES.items() if not (replaced or revoked)}
LISTS = (
    # first month, months, units of the letters
    ("2025-06", 2, {C2, C}),
    ("2025-08", 2, {C2, C, B2, B}),
    ("2025-10", 13, {C2, C, B2, B, B1}),
    ("2026-11", 4, {C2, C, B2, B, B1, A2, A}),
    ("2027-03", 16, {C2, C, B2, B, B1, A2, A, C1}),
    ("2028-07", 6, {C2, C, B2, B, B1, A2, A, C1, A1}),
)
LETTERS = {
    "cycle_opened": 11, "cycle_closed": 5, "registered": 54, "received": 26, "commune_reported": 26,
    "forwarded_to_district": 52, "returned_for_completion": 4, "supplemented": 2, "supplement_reminder": 5,
    "supplement_overdue": 2, "district_result": 50, "selected_for_province": 28, "kept_at_district": 4,
    "sent_to_province": 24, "arrived_at_province": 24, "provincial_result": 24, "returned_to_district": 6,
    "return_result": 4, "to_recognise": 19, "recognised": 80, "not_ranked": 8, "proposed_to_centre": 4,
    "arrived_at_centre": 4, "not_proposed": 2, "central_result": 6, "central_completed": 4, "retracted": 2,
    "disqualified": 3, "carried_over": 2, "reopened": 2, "corrected": 3, "complaint_received": 2, "complaint_due": 2,
    "complaint_answered": 1, "accepted_late": 4, "deadline_extended": 4, "deadline_reminder": 42, "overdue": 21,
    "rung_vacant": 8, "expiry_warning": 126, "expired": 69, "expired_list": 287, "revoked": 3, "daily_digest": 144,
}
# fmt: on
