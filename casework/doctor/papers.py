"""Invariants of what was handed in: attachments and snapshots are still what they were, and every row is one of ours."""

from collections.abc import Iterator
from hashlib import sha256

from sqlalchemy import func, select

from casework import attachments, poison
from casework.doctor.invariant import Look, Violation
from models.base import canonical
from models.dossiers import Dossier, Evidence, Snapshot


def attachments_hold(look: Look) -> Iterator[Violation]:
    """Yield papers whose file is gone or no longer has the hash under which it was filed."""
    rows = look.session.execute(
        select(Evidence.file_sha256, func.min(Dossier.code), func.min(Evidence.title), func.count())
        .select_from(Evidence)
        .join(Dossier, Dossier.id == Evidence.dossier_id)
        .where(Evidence.file_sha256 != "")
        .group_by(Evidence.file_sha256)
        .order_by(func.min(Evidence.id)),
        execution_options={"yield_per": 1000},
    )
    for digest, code, title, number in rows:
        if wrong := attachments.problem(look.files, digest):
            more = f" (và {number - 1} tài liệu khác)" if number > 1 else ""
            yield Violation(f"hồ sơ {code}, '{title}'{more}", f"tệp {digest[:12]}… {wrong}")


def snapshots_hold(look: Look) -> Iterator[Violation]:
    """Yield submissions whose text no longer has the hash that was taken of it."""
    rows = look.session.execute(
        select(Dossier.code, Snapshot.number, Snapshot.body, Snapshot.sha256)
        .join(Dossier, Dossier.id == Snapshot.dossier_id)
        .order_by(Snapshot.id),
        execution_options={"yield_per": 200},
    )
    for code, number, body, taken in rows:
        if sha256(canonical(body).encode()).hexdigest() != taken:
            yield Violation(f"hồ sơ {code}, bản chụp {number}", "nội dung không khớp mã băm khi nộp")


def rows_fit_the_rules(look: Look) -> Iterator[Violation]:
    """Yield cycles, dossiers and work that no rule fits and that were set aside."""
    for which, why in poison.named(look.session):
        yield Violation(which, why)
