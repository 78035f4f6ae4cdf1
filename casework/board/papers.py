"""The files of a dossier's papers: which there are, and one of them for those who may read the dossier."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.board.dossier import dossier_in_scope
from casework.scope import Scope
from models.cycles import Cycle
from models.dossiers import Dossier, Evidence
from models.units import Product
from ocop.errors import NotFound


@dataclass(frozen=True)
class Papers:
    """A dossier with its papers, the newest first."""

    dossier: Dossier
    cycle: Cycle
    product: Product
    papers: list[Evidence]


def papers_of(session: Session, code: str, scope: Scope) -> Papers:
    """Return the papers of a dossier; NotFound when a reader may see none with this code."""
    dossier = dossier_in_scope(session, code, scope)
    found = session.scalars(select(Evidence).where(Evidence.dossier_id == dossier.id).order_by(Evidence.id.desc()))
    return Papers(
        dossier, session.get_one(Cycle, dossier.cycle_id), session.get_one(Product, dossier.product_id), list(found)
    )


def paper_with_file(session: Session, code: str, number: int, scope: Scope) -> Evidence:
    """Return one paper of a dossier that has a file; NotFound in the same words for every reason."""
    found = session.scalar(
        select(Evidence)
        .join(Dossier, Dossier.id == Evidence.dossier_id)
        .where(Evidence.id == number, Dossier.code == code, Evidence.file_sha256 != "", scope.dossiers())
    )
    if found is None:
        raise NotFound(
            f"Hồ sơ {code} không có tệp đính kèm số {number}.", f"dossier {code} has no attached file number {number}"
        )
    return found
