"""A small year with something in every list, and a list's rows by their headers."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Engine, update
from sqlalchemy.orm import Session

from casework.evidence import NewEvidence
from casework.lists.kinds import KINDS
from casework.lists.listing import Wanted
from casework.registration import Goods, Maker
from models.letters import Letter, LetterState
from models.session import reading, transaction
from ocop.evidence import EvidenceKind
from ocop.levels import DossierKind, Level
from tests.factories import CYCLE, Office, all_gates, an_office, at, day
from tests.plans import OWN_PLAN

NOW = at("2025-06-21")
"""The districts' deadline struck on 15/6, that of the submission on 20/6."""
LATER = at("2028-05-10")
"""The certificate of 2025 ran out on 8/4/2028."""
PAPERLESS = Maker("CT-GIAY", "HTX [Không thư] mô phỏng", "14201", contact="Bà Ộ", simulated=True)


def a_year(engine: Engine) -> Office:
    """Return a small year with something in every list."""
    office = an_office(engine)
    office.act("adopt-plan", "365/officer", cycle=CYCLE, level=Level.DISTRICT, unit="365", plan=OWN_PLAN)
    office.act(
        "set-target", "365/officer", cycle=CYCLE, level=Level.DISTRICT, unit="365", planned=5, document="9/ĐK-UBND"
    )
    kept = office.judged("82")  # 0001: chosen for the province, not sent in time
    ranked = office.judged("55")  # 0002: recognised at 3 stars
    office.recognise(ranked)
    office.act(
        "register", "14201/officer", cycle=CYCLE, producer=PAPERLESS, product=Goods("SP-GIAY", "[Kẹo] =1+1"),
        kind=DossierKind.FIRST, proposed_star=3, registered_on=office.now.date(),
        evidence=[NewEvidence(EvidenceKind.TEST_REPORT, "Phiếu kiểm nghiệm", day("2024-05-01"), day("2025-05-01"))],
    )  # fmt: skip  # 0003: still at its commune, a paper ran out
    late = office.at_district("14202")  # 0004: judged in time, recorded after the stroke
    office.act("complain", "365/officer", dossier=ranked, received_on=office.now.date(), body="Điểm thấp quá.")
    office.go("2025-06-16 10:00")
    office.evaluate(
        late, "81.5", "366/officer", held_on=day("2025-06-14"),
        gates=all_gates({4: "Chưa có tem truy xuất nguồn gốc.", 5: "Chưa xuất khẩu."}),
    )  # fmt: skip
    office.act(
        "extend", "36/officer", cycle=CYCLE, stage="provincial_evaluation", day=day("2025-07-31"), document="70/UBND",
        reason="Bão.", level=Level.DISTRICT, unit="366",
    )  # fmt: skip
    office.act(
        "leave", "14201/head", person="14201/officer", level=Level.COMMUNE, unit="14201", from_day=day("2025-12-01"),
        to_day=day("2025-12-05"), document="3/UBND",
    )  # fmt: skip
    office.now = NOW
    office.tick()
    with transaction(engine) as session:
        session.execute(
            update(Letter)
            .where(Letter.recipient == "producer/1", Letter.notice == "registered")
            .values(state=LetterState.DEAD.value, last_error="550 không có người này. Hãy sửa địa chỉ.")
        )
    assert [kept, ranked, late] == ["ND2025-0001", "ND2025-0002", "ND2025-0004"]
    return office


def wanted(kind: str, **by: Any) -> Callable[[Session], Wanted]:
    return lambda session: KINDS[kind].wanted(session, **({"at": NOW} | by))


def rows(office: Office, kind: str, **by: Any) -> list[dict[str, Any]]:
    """Return a list's rows by its headers."""
    with reading(office.engine) as session:
        sheet = KINDS[kind].sheet(session, wanted(kind, **by)(session))
    assert all(len(row) == len(sheet.columns) for row in sheet.rows)
    return [dict(zip(sheet.columns, row, strict=True)) for row in sheet.rows]
