"""Keeps each submission of a dossier exactly as it was made."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casework.evidence import current_papers
from models.base import canonical
from models.dossiers import Snapshot


def take_snapshot(session: Session, dossier_id: int, occasion: str, body: Mapping[str, Any], at: datetime) -> str:
    """Keep a submission exactly as it is, evidence included, and return its sha256."""
    session.flush()
    papers = [
        {"kind": paper.kind, "title": paper.title, "expires_on": paper.expires_on, "file_sha256": paper.file_sha256}
        for paper in current_papers(session, [dossier_id])
    ]
    text = canonical({**body, "evidence": papers})
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    number = session.scalar(select(func.count()).where(Snapshot.dossier_id == dossier_id)) or 0
    session.add(
        Snapshot(
            dossier_id=dossier_id, number=number + 1, occasion=occasion, body={**body, "evidence": papers}, sha256=sha256,
            taken_at=at,
        )
    )  # fmt: skip
    return sha256
