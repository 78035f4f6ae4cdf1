"""Every act of the engine in one place: importing this module fills `ACTS` and `EVENT_LABELS`."""

from casework import (
    amendments,
    assignments,
    calendar_edits,
    central,
    complaints,
    corrections,
    cycles,
    endings,
    evaluation,
    evidence,
    extensions,
    findings,
    intake,
    leaves,
    nesting,
    procedure_change,
    recognition,
    registration,
    reminding,
    reorganisation,
    submission,
    supplements,
    suspensions,
)
from casework.act import ACTS
from casework.events import EVENT_LABELS

ROOMS = (
    cycles, registration, supplements, evidence, evaluation, central, submission, recognition, findings, endings, extensions, amendments, calendar_edits, nesting, corrections, complaints, intake,
    reminding, assignments, leaves, reorganisation, suspensions, procedure_change,
)  # fmt: skip
"""The modules that define acts, in the order of a dossier's way."""

__all__ = ["ACTS", "EVENT_LABELS", "ROOMS"]
