"""Tells the holder and the coordinator office of a complaint whose answer is due."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from casework.announcing import letter_about, places
from casework.days import calendar
from casework.directory import Directory
from casework.owing import Draft, owe
from casework.rules import plan_of
from models.cycles import AgendaItem, Cycle
from models.dossiers import Complaint, Dossier
from ocop.levels import Role
from ocop.notices import Notice
from ocop.working_days import day_of


def remind(session: Session, items: Sequence[AgendaItem], at: datetime) -> None:
    """Owe a letter for each complaint that nobody answered until its day."""
    del at
    for item in items:
        complaint = session.get_one(Complaint, int(item.subject.split("/")[1]))
        if complaint.answered_on is not None:
            item.outcome = "answered"
            continue
        dossier = session.get_one(Dossier, complaint.dossier_id)
        cycle = session.get_one(Cycle, dossier.cycle_id)
        directory = Directory(session, places([dossier]), cycle.province_id, day_of(item.due_at))
        facts = letter_about(
            session, dossier, cycle, directory, item.kind, day_of(item.due_at), reason=complaint.body,
            due_on=complaint.due_on,
        )  # fmt: skip
        readers = (directory.find(dossier.holder_id), directory.find(cycle.province_id, Role.COORDINATOR_OFFICE))
        drafts = [
            Draft(
                Notice.COMPLAINT_DUE, item.subject, found, facts, item.due_at, cycle.id, dossier.id, dossier.holder_id,
                dossier.simulated, dossier.holder_id,
            )
            for found in readers
        ]  # fmt: skip
        owe(session, drafts, calendar(session), plan_of(cycle).notices, directory)
        item.outcome = f"{len(drafts)} letters"
