"""What a form shows: the values to begin with, the dossiers that it is about, and what each field may be filled with."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.actors import Actor
from casework.board.able import Ability, Common, fitting, in_common
from casework.board.form_choices import Choices, form_choices
from casework.imports import values as cells
from casework.scope import Scope
from dashboard.forms import Field, Form, Shape
from dashboard.forms_read import SEPARATORS, Sent
from models.cycles import Cycle
from models.dossiers import Dossier
from models.units import Product, Unit
from ocop.phrase import Phrase
from ocop.rulebook import PROCEDURES
from ocop.working_days import VIETNAM, day_of

TODAY = frozenset({"received_on", "registered_on", "requested_on", "supplemented_on"})
"""Days that are mostly the day on which an officer sits at the form."""
MOST_SHOWN = 200
"""Dossiers that a form shows with what may be done with each."""


@dataclass(frozen=True)
class Marked:
    """A dossier that a form is about."""

    code: str
    product: str
    stage: str
    holder: str
    version: int
    cycle_id: int
    able: Ability | None
    """Whether the act fits it; None where no rule of a procedure says so."""

    @property
    def fits(self) -> bool:
        """Whether the act may be done with it."""
        return self.able is None or self.able.refusal is None


@dataclass
class Drawn:
    """A form as a template draws it."""

    form: Form
    sent: Sent
    marked: Sequence[Marked] = ()
    common: Common | None = None
    """What the dossiers have in common, where the act does not fit them all."""
    choices: Mapping[str, Choices] = field(default_factory=dict)
    behalf: str = ""
    """'asked' where a unit above acts for one without an officer, 'offered' where it may be so, or empty."""

    def value(self, one: Field, path: str) -> str:
        """Return what stands in a field: days and instants as a browser's own field of that kind takes them."""
        text = self.sent.one(path)
        if one.shape is Shape.DAY and text:
            try:
                return cells.day(text).isoformat()
            except ValueError:
                return text
        return text

    def rows(self, one: Field) -> int:
        """Return how many rows a list of small records shows."""
        return one.blank_rows if one.preset else max(1, self.sent.rows(one.name))

    def options(self, one: Field, path: str) -> list[tuple[str, str]]:
        """Return what a field of choices offers; none where the value is typed."""
        found = self.choices.get(one.name)
        known = list(one.choices or (found.items if found and found.only else ()))
        if not known:
            return []
        chosen = self.sent.one(path)
        if chosen and chosen not in dict(known):
            known.append((chosen, chosen))
        return known if one.initial or (one.required and len(known) == 1) else [("", Phrase("– chọn –")), *known]

    def suggested(self, one: Field) -> Sequence[tuple[str, str]]:
        """Return what a typed field suggests."""
        found = self.choices.get(one.name)
        return found.items if found and not found.only else ()

    @property
    def typed_codes(self) -> str:
        """The dossiers that were named beside those shown with their ticks, a line each."""
        shown = {one.code for one in self.marked}
        return "\n".join(code for code in codes_of(self.sent) if code not in shown)

    @property
    def query(self) -> str:
        """The dossiers as the end of an address."""
        return dossiers_query(one.code for one in self.marked)

    @property
    def unfit(self) -> Sequence[Marked]:
        """The dossiers that the act does not fit."""
        return [one for one in self.marked if not one.fits]


def dossiers_query(codes: Iterable[str]) -> str:
    """Return dossiers as the end of an address of an act."""
    return urlencode([("dossiers", code) for code in codes])


def codes_of(sent: Sent) -> list[str]:
    """Return the dossiers that a form or an address names, each once."""
    named = [*sent.many("dossiers"), *sent.many("dossier")]
    return list(
        dict.fromkeys(code for value in named for code in SEPARATORS.split(value) if code.isprintable() and code)
    )


def begun(form: Form, asked: Mapping[str, Sequence[str]], cycle: Cycle | None, at: datetime) -> Sent:
    """Return what stands in a new form: what its address says, else what the fields begin with."""
    sent = Sent()
    for one in form.fields:
        if one.shape is Shape.ROWS:
            for number, given in enumerate(one.preset[1] if one.preset else [""] * one.blank_rows):
                first = one.preset[0] if one.preset else one.parts[0].name
                sent.put(f"{one.name}.{number}.{first}", given)
        elif one.shape is not Shape.RECORD:
            sent.put(one.name, one.initial or (day_of(at).isoformat() if one.name in TODAY else ""))
    if form.field("cycle") and cycle is not None and cycle.closed_at is None:
        sent.put("cycle", cycle.code)
    for path, values in asked.items():
        if path.partition(".")[0] in {one.name for one in form.fields} | {"dossier", "dossiers"}:
            sent.values[path] = list(values)
    codes = codes_of(sent)
    if form.field("dossier"):
        sent.values.pop("dossiers", None)
        sent.put("dossier", codes[0] if len(codes) == 1 else "")
    elif form.field("dossiers"):
        sent.values.pop("dossier", None)
        sent.values["dossiers"] = codes
    return sent


def drawn(
    session: Session,
    form: Form,
    sent: Sent,
    *,
    reader: Actor,
    scope: Scope,
    cycles: Iterable[Cycle],
    codes: Sequence[str],
    at: datetime,
) -> Drawn:
    """Return a form with the dossiers that it is about and the choices of its fields."""
    rows = marked_rows(session, scope, codes)
    able = fitting(session, [row for row, *_ in rows], form.act, actor=reader, at=at)
    found = Drawn(
        form,
        sent,
        marked=[
            Marked(row.code, product, _stage(row), holder, row.version, row.cycle_id, able.get(row.id))
            for row, product, holder in rows
        ],
    )
    if form.bulk and len(rows) > 1 and found.unfit:
        found.common = in_common(session, [row for row, *_ in rows], actor=reader, at=at)
    names = {one.name for field in form.fields for one in (field, *field.parts)}
    found.choices = form_choices(
        session, names, scope, cycles=cycles, dossiers=[row for row, *_ in rows], day=day_of(at)
    )
    found.behalf = _behalf(form, sent, found.marked)
    return found


def marked_rows(session: Session, scope: Scope, codes: Sequence[str]) -> list[tuple[Dossier, str, str]]:
    """Return the dossiers of some codes that a reader may know, with product and holder, in the order of the codes."""
    wanted = codes[:MOST_SHOWN]
    rows = session.execute(
        select(Dossier, Product.name, Unit.name)
        .join(Product, Product.id == Dossier.product_id)
        .join(Unit, Unit.id == Dossier.holder_id)
        .where(Dossier.code.in_(wanted), scope.dossiers())
    )
    found = {row.code: (row, product, holder) for row, product, holder in rows}
    return [found[code] for code in wanted if code in found]


def _stage(row: Dossier) -> str:
    law = PROCEDURES.get(row.procedure_key)
    return law.stage(row.stage).label if law and law.knows(row.stage) else row.stage


def _behalf(form: Form, sent: Sent, marked: Sequence[Marked]) -> str:
    """Return whether the form asks for the document by which a unit above acts for another one."""
    if any(one.able is not None and one.able.on_behalf for one in marked) or any(map(sent.one, BEHALF)):
        return "asked"
    if form.dossiers is None:
        return "offered" if form.act.name in FOR_ANOTHER_UNIT else ""
    return "" if marked else "offered"


BEHALF = ("behalf.document", "behalf.signer")
FOR_ANOTHER_UNIT = frozenset({"acknowledge", "answer-complaint"})
"""Acts that name no dossier and yet may be done by a unit above for one without an officer."""


def on_behalf_of(sent: Sent) -> tuple[str, dict[str, str]]:
    """Return the document and the signer that let a unit above act, and what is missing of them."""
    document, signer = map(sent.one, BEHALF)
    if not document and not signer:
        return "", {}
    if not document:
        return "", {"behalf.document": Phrase("Thiếu văn bản cho phép nhập thay. Hãy ghi số, ký hiệu văn bản.")}
    if not signer:
        return "", {"behalf.signer": Phrase("Thiếu người ký văn bản cho phép nhập thay. Hãy ghi họ tên người ký.")}
    told = f"{document}, người ký: {signer}"
    if len(told) > 300:
        return "", {"behalf.document": Phrase("Văn bản và người ký dài quá 300 ký tự.")}
    return told, {}


def previewed_at(body: Mapping[str, Any], name: str, at: datetime) -> datetime:
    """Return the instant for which an act is tried out: its own day, where it may be done on that day alone."""
    day = body.get(OF_ITS_DAY.get(name, ""))
    if day is None or day <= day_of(at):
        return at
    return datetime(day.year, day.month, day.day, 9, tzinfo=VIETNAM)


OF_ITS_DAY: Mapping[str, str] = {"reorganise": "day", "change-procedure": "from_day"}
"""Acts that are refused before a day that they name, and can be tried out as of that day."""
