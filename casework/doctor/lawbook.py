"""The tables of all procedures as tables of a query, so that the record is compared with the law in one statement."""

from collections.abc import Set as AbstractSet
from functools import cache
from typing import Any

from sqlalchemy import CTE, ColumnElement, String, and_, case, column, exists, text

from casework import rebinding
from casework.timing import OWN_KINDS, ahead_of
from models.cycles import Cycle
from models.dossiers import Dossier
from models.record import Event
from models.successions import Binding, heirs
from models.units import Post
from ocop.levels import Level
from ocop.notices import AUDIENCE, Party
from ocop.procedure import Move, Procedure
from ocop.rulebook import PROCEDURES

HOLDER, PRODUCER = "holder", "producer"
DEADLINE_KINDS = frozenset({"plan", "extension"}) | OWN_KINDS
_PLACES = {
    Party.PRODUCER: PRODUCER,
    Party.COMMUNE: Level.COMMUNE.value,
    Party.DISTRICT: Level.DISTRICT.value,
    Party.PROVINCE: Level.PROVINCE.value,
    Party.COORDINATOR_OFFICE: Level.PROVINCE.value,
}


def _table(name: str, columns: tuple[str, ...], rows: AbstractSet[tuple[str, ...]]) -> CTE:
    """Return rows as a table of a query: written out as text, for SQLAlchemy takes long to write out thousands of values."""
    listed = ", ".join(f"({', '.join(map(_quoted, row))})" for row in sorted(rows))
    named = ", ".join(f"column{number} AS {header}" for number, header in enumerate(columns, start=1))
    table = text(f"SELECT {named} FROM (VALUES {listed}) AS {name}_rows")
    return table.columns(*(column(header, String) for header in columns)).cte(name)


def _quoted(key: str) -> str:
    """Return a key of our own tables as a literal."""
    if not key.replace("_", "").isalnum() and key:
        raise ValueError(f"{key!r} is no key")
    return f"'{key}'"


@cache
def moves() -> CTE:
    """Return every row of every procedure: procedure, event, source, target, and the level that acts ('' the holder)."""
    rows = {
        (key, row.event, row.source, row.target, row.by.value if row.by else "")
        for key, procedure in PROCEDURES.items()
        for row in (*procedure.rows, *rebinding.rows(procedure))
    }
    return _table("law_moves", ("procedure", "event", "source", "target", "by_level"), rows)


@cache
def letters() -> CTE:
    """Return every letter that a row owes: procedure, event, source, target, notice, and the place of its reader."""
    rows = {
        (key, row.event, row.source, row.target, notice.value, _PLACES.get(party) or _holder(procedure, row))
        for key, procedure in PROCEDURES.items()
        for row in (*procedure.rows, *rebinding.rows(procedure))
        for notice in row.letters
        for party in AUDIENCE[notice]
    }
    return _table("law_letters", ("procedure", "event", "source", "target", "notice", "place"), rows)


def _holder(procedure: Procedure, row: Move) -> str:
    """Return who holds a dossier after a row: a level's unit, or whoever held it before."""
    stage = procedure.stage(row.target)
    return HOLDER if stage.final or not row.moves else stage.level.value


@cache
def stages() -> CTE:
    """Return every stage: procedure, stage, level, and 'final' or ''."""
    rows = {
        (key, stage.key, stage.level.value, "final" if stage.final else "")
        for key, procedure in PROCEDURES.items()
        for stage in procedure.stages
    }
    return _table("law_stages", ("procedure", "stage", "level", "final"), rows)


@cache
def ahead() -> CTE:
    """Return where a dossier has not passed a deadline: procedure, deadline's kind and stage, dossier's stage."""
    rows = {
        (key, kind, stage.key, before)
        for key, procedure in PROCEDURES.items()
        for kind in DEADLINE_KINDS
        for stage in procedure.stages
        for before in ahead_of(procedure, stage.key, kind)
    }
    return _table("law_ahead", ("procedure", "kind", "stage", "before"), rows)


def awards() -> dict[tuple[str, str], int]:
    """Return the most stars that each procedure lets each level award."""
    most: dict[tuple[str, str], int] = {}
    for key, procedure in PROCEDURES.items():
        for stage in procedure.stages:
            place = (key, stage.level.value)
            most[place] = max(most.get(place, 0), stage.awards_up_to)
    return most


def bound() -> ColumnElement[bool]:
    """Return the condition on Binding, outer-joined, for 'what the dossier was bound to when an event was written'."""
    return and_(
        Binding.dossier_id == Event.dossier_id,
        Binding.from_number <= Event.number,
        Binding.until_number >= Event.number,
    )


def _then(name: str) -> Any:
    """Return a dossier's procedure or unit as it was when an event was written."""
    return case((Binding.id.is_not(None), getattr(Binding, name)), else_=getattr(Dossier, name))


PROCEDURE = _then("procedure_key")
COMMUNE, DISTRICT, PROVINCE = _then("commune_id"), _then("district_id"), _then("province_id")


def unit_of(level: Any, otherwise: Any) -> Any:
    """Return the expression for a dossier's unit at a level of the law, as it was when an event was written.

    The query joins Binding by `bound`; `otherwise` where the level is none.
    """
    return case(
        (level == Level.COMMUNE.value, COMMUNE),
        (level == Level.DISTRICT.value, DISTRICT),
        (level == Level.PROVINCE.value, PROVINCE),
        (level == Level.CENTRAL.value, Cycle.central_id),
        else_=otherwise,
    )


def inherited(unit: Any, *held: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return the condition 'somebody holds a post like this at a unit that took the place of one'."""
    return exists().where(heirs().c.unit_id == unit, Post.unit_id == heirs().c.heir_id, *held)
