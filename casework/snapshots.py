"""Keeps each submission of a dossier exactly as it was made."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from casework.evidence import current_papers
from models.base import canonical
from models.dossiers import Snapshot


def take_snapshot(session: Session, dossier_id: int, occasion: str, body: Mapping[str, Any], at: datetime) -> str:
    """Keep a submission exactly as it is, evidence included, and return its sha256."""
    (sha256,) = take_snapshots(session, [dossier_id], occasion, body, at)
    return sha256


def take_snapshots(
    session: Session, dossier_ids: Sequence[int], occasion: str, body: Mapping[str, Any], at: datetime
) -> list[str]:
    """Keep the submissions of dossiers that say the same, each with its own evidence, and return their sha256."""
    session.flush()
    papers: dict[int, list[dict[str, Any]]] = {dossier_id: [] for dossier_id in dossier_ids}
    for paper in current_papers(session, dossier_ids):
        papers[paper.dossier_id].append(
            {"kind": paper.kind, "title": paper.title, "expires_on": paper.expires_on, "file_sha256": paper.file_sha256}
        )
    numbers = dict(session.execute(_TAKEN, {"ids": dossier_ids}).tuples().all())
    taken: list[Snapshot] = []
    for dossier_id, listed in papers.items():
        whole = {**body, "evidence": listed}
        sha256 = hashlib.sha256(canonical(whole).encode()).hexdigest()
        number = numbers.get(dossier_id, 0) + 1
        taken.append(
            Snapshot(dossier_id=dossier_id, number=number, occasion=occasion, body=whole, sha256=sha256, taken_at=at)
        )
    session.bulk_save_objects(taken)
    return [snapshot.sha256 for snapshot in taken]


_TAKEN = (
    select(Snapshot.dossier_id, func.count())
    .where(Snapshot.dossier_id.in_(bindparam("ids", expanding=True)))
    .group_by(Snapshot.dossier_id)
)
