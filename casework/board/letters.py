"""Letters as pages show them: how many in which state, which are dead or to hand over, and one of them whole."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, false, func, or_, select, true
from sqlalchemy.orm import Session

from casework.scope import Scope
from models.cycles import Cycle
from models.dossiers import Dossier
from models.letters import DOUBTED, Letter, LetterState
from models.units import Unit
from ocop.errors import NotFound
from ocop.levels import Level
from ocop.notices import Notice

FEW = 1000


@dataclass(frozen=True)
class LetterFilter:
    """The filters of a list of letters; each is empty or one word of its address."""

    state: str = ""
    notice: str = ""
    unit: int | None = None
    dossier: str = ""

    @property
    def parameters(self) -> dict[str, str | int]:
        """The filters that are set, for an address."""
        given: dict[str, str | int | None] = {
            "state": self.state,
            "notice": self.notice,
            "unit": self.unit,
            "dossier": self.dossier,
        }
        return {name: value for name, value in given.items() if value}


def within(session: Session, scope: Scope) -> ColumnElement[bool]:
    """Return the condition on Letter for 'in a reader's part of the record'.

    The levels below the province read the letters that their units hand over, the province also those of its cycles that go
    to the centre or to nobody's unit. A record of one province alone is read whole by it: nothing is asked of each letter.
    """
    if scope.whole:
        return true()
    if not scope.units:
        return false()
    if Level.CENTRAL in scope.levels:
        return Letter.unit_id.in_(scope.units)
    territory = Letter.unit_id.in_(select(Unit.id).where(scope.communes()))
    if not scope.provincial:
        return territory
    other = select(Unit.id).where(Unit.level == Level.PROVINCE, Unit.id.not_in(scope.units)).limit(1)
    if session.scalar(other) is None:
        return true()
    own = select(Cycle.id).where(Cycle.province_id.in_(scope.units))
    centre = select(Unit.id).where(Unit.level == Level.CENTRAL)
    return or_(
        territory,
        and_(Letter.unit_id.is_(None), or_(Letter.cycle_id.in_(own), Letter.reply_unit_id.in_(scope.units))),
        and_(Letter.unit_id.in_(centre), Letter.cycle_id.in_(own)),
    )


def letter_counts(session: Session, *own: ColumnElement[bool]) -> dict[tuple[str, str], int]:
    """Return how many letters there are of each notice in each state."""
    counted = select(Letter.notice, Letter.state, func.count()).where(*own).group_by(Letter.state, Letter.notice)
    return {(notice, state): number for notice, state, number in session.execute(counted)}


def state_counts(session: Session, *own: ColumnElement[bool]) -> dict[str, int]:
    """Return how many letters there are in each state: less to look at than letter_counts, where they are asked for by unit."""
    counted = select(Letter.state, func.count()).where(*own).group_by(Letter.state)
    return {state: number for state, number in session.execute(counted)}


def state_totals(counts: Mapping[tuple[str, str], int]) -> dict[str, int]:
    """Return the same as state_counts out of what letter_counts found."""
    found: Counter[str] = Counter()
    for (_, state), number in counts.items():
        found[state] += number
    return found


def unconfirmed(session: Session, *own: ColumnElement[bool]) -> int:
    """Return how many sendings ended without the server's reply, each of which may be a duplicate."""
    total = func.coalesce(func.sum(Letter.unconfirmed), 0)
    if not own:
        return session.scalar(select(total).where(DOUBTED)) or 0
    few = session.scalars(
        select(Letter.id).where(DOUBTED)
    ).all()  # by their own index; asked by unit, all would be read
    return session.scalar(select(total).where(Letter.id.in_(few), *own)) or 0


def conditions(session: Session, wanted: LetterFilter, scope: Scope) -> list[ColumnElement[bool]]:
    """Return what the filters ask for of what a reader may see; NotFound names a state, notice or dossier that is none."""
    found: list[ColumnElement[bool]] = [within(session, scope)]
    if wanted.state:
        if wanted.state not in set(LetterState):
            raise NotFound(
                f"Không có trạng thái thư '{wanted.state}'.", f"there is no state of letters '{wanted.state}'"
            )
        found.append(Letter.state == wanted.state)
    if wanted.notice:
        if wanted.notice not in set(Notice):
            raise NotFound(f"Không có loại thư '{wanted.notice}'.", f"there is no kind of letter '{wanted.notice}'")
        found.append(Letter.notice == wanted.notice)
    if wanted.unit is not None:
        found.append(Letter.unit_id == wanted.unit)
    if wanted.dossier:
        dossier = session.scalar(select(Dossier.id).where(Dossier.code == wanted.dossier, scope.dossiers()))
        if dossier is None:
            raise NotFound(
                f"Không có hồ sơ mang mã '{wanted.dossier}'.", f"there is no dossier with the code '{wanted.dossier}'"
            )
        found.append(Letter.dossier_id == dossier)
    return found


def count_letters(session: Session, found: Sequence[ColumnElement[bool]]) -> int:
    """Return how many letters a list has."""
    return session.scalar(select(func.count()).select_from(Letter).where(*found)) or 0


def list_letters(
    session: Session, found: Sequence[ColumnElement[bool]], *, limit: int | None = None, offset: int = 0
) -> Sequence[Any]:
    """Return letters, the last written first, with their unit and dossier.

    Of a page its numbers are found first, in an index: whole rows would be sorted with their texts.
    """
    if limit is not None:
        page = select(Letter.id).where(*found).order_by(Letter.id.desc()).limit(limit).offset(offset)
        found = [Letter.id.in_(session.scalars(page).all())]
    return session.execute(
        select(
            Letter.id, Letter.notice, Letter.state, Letter.recipient_name, Letter.email, Letter.owed_at, Letter.sent_at,
            Letter.send_from, Letter.handed_over_at, Letter.handed_over_by, Letter.tries, Letter.last_error,
            Letter.unconfirmed, Letter.simulated, Unit.name.label("unit"), Dossier.code.label("dossier"),
        )
        .outerjoin(Unit, Unit.id == Letter.unit_id)
        .outerjoin(Dossier, Dossier.id == Letter.dossier_id)
        .where(*found)
        .order_by(Letter.id.desc())
    ).all()  # fmt: skip


def letters_named(session: Session, numbers: Sequence[int], scope: Scope) -> Sequence[Any]:
    """Return those of some letters that a reader may see, as list_letters does."""
    return list_letters(session, [within(session, scope), Letter.id.in_(numbers)])


@dataclass(frozen=True)
class OneLetter:
    """A letter with what its page names."""

    letter: Letter
    unit: str
    reply_unit: str
    dossier: str


def letter_by_number(session: Session, number: int, scope: Scope) -> OneLetter:
    """Return a letter; NotFound, in the same words, when there is none or it is not the reader's to see."""
    letter = session.scalar(select(Letter).where(Letter.id == number, within(session, scope)))
    if letter is None:
        raise NotFound(f"Không có thư số {number}.", f"there is no letter {number}")
    names = {
        unit_id: name
        for unit_id, name in session.execute(
            select(Unit.id, Unit.name).where(or_(Unit.id == letter.unit_id, Unit.id == letter.reply_unit_id))
        )
    }
    dossier = session.scalar(select(Dossier.code).where(Dossier.id == letter.dossier_id)) or ""
    return OneLetter(letter, names.get(letter.unit_id or 0, ""), names.get(letter.reply_unit_id or 0, ""), dossier)
