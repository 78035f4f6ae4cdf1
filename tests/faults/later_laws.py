"""Worlds for the flows of the laws after QĐ 148: a cycle of another procedure beside the small office's own."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from casework.registration import Goods, Maker
from models.cycles import AgendaItem
from ocop.levels import DossierKind
from tests.factories import Office, all_gates, day
from tests.holdings import certified
from tests.rounds import a_plan

LATER = "LATER"
P, C = "36/officer", "14101/officer"


def _opened(office: Office, procedure: str, deadlines: Any = ()) -> None:
    plan = a_plan(procedure, deadlines, year=2025, opens_on="2025-04-08").replace('province = "37"', 'province = "36"')
    office.act("open-cycle", P, code=LATER, plan=plan)


def _at_the_province(office: Office, number: int, **more: Any) -> str:
    """File a product under the later law and take it to the province."""
    today = office.now.date()
    body: dict[str, Any] = {
        "cycle": LATER, "producer": Maker(f"CT-L{number}", f"HTX mô phỏng L{number}", "14101", simulated=True),
        "product": Goods(f"SP-L{number}", f"Nước mắm mô phỏng L{number}"), "kind": DossierKind.FIRST, "proposed_star": 4,
        "registered_on": today,
    }  # fmt: skip
    code = str(office.act("register", C, **(body | more))["dossier"])
    office.act("receive", C, dossiers=[code], received_on=today)
    office.act("report", C, dossiers=[code], number="1/BC", reported_on=today, findings="Đủ.")
    office.act("submit", C, dossiers=[code], number="1/TT", signed_on=today)
    office.tick()
    return code


def _after_the_stroke(office: Office, stage: str, code: str) -> datetime:
    """Decide on one of two dossiers in time, the other not, and return an instant after their period's stroke."""
    strokes = select(AgendaItem.due_at).where(AgendaItem.stage == stage, AgendaItem.kind == "stroke")
    over: datetime = max(row.due_at for row in office.rows(strokes))
    today = office.now.date()
    office.now = over - timedelta(hours=1)
    office.tick()
    office.act("decide", P, dossiers=[code], number="9/QĐ", signed_on=today, signer="Ký")
    return over + timedelta(minutes=5)


def opinions_that_are_late(office: Office) -> datetime:
    """The province lets the 45 days of a re-recognition pass, and has decided on another in time."""
    _opened(office, "qd26_renewal")
    codes = []
    for number in (1, 2):
        certified(office, "14101", star=3, issued_on=day("2022-09-01"), number=f"L{number}", product=f"SP-L{number}")
    office.go("2025-04-10")
    for number in (1, 2):
        held = {"kind": DossierKind.RE_RECOGNITION, "certificate": f"L{number}"}
        codes.append(_at_the_province(office, number, **held))
    office.evaluate(codes[0], "76", P)
    return _after_the_stroke(office, "written_opinion", codes[0])


def a_return_of_the_ministry_that_is_late(office: Office) -> datetime:
    """The province lets the period pass in which it decides on what the ministry sent back, but for one dossier."""
    _opened(office, "qd26", (("provincial_evaluation", "2025-12-30", "session_held"),))
    office.go("2025-04-10")
    codes = [_at_the_province(office, number) for number in (1, 2)]
    today = office.now.date()
    for code in codes:
        office.evaluate(code, "92", P)
    office.act("decide", P, dossiers=codes, number="5/QĐ", signed_on=today, signer="Ký")
    office.tick()
    office.act("propose", P, dossiers=codes, number="6/TTr", signed_on=today)
    office.tick()
    for code in codes:
        office.act("record-central-result", P, dossier=code, held_on=today, minutes="TW", mean=Decimal(75), gates=all_gates(),
                   number=f"QĐ-{code}", signed_on=today, signer="Bộ trưởng")  # fmt: skip
    office.tick()
    return _after_the_stroke(office, "returned_to_province", codes[0])
