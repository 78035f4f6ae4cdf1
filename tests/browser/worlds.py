"""A small world in which everybody has something to do: what the browser's tests begin with."""

from pathlib import Path

from sqlalchemy import Engine, select

from casework import clock
from casework.registration import Goods, Maker
from models.letters import Letter, LetterState
from models.session import transaction
from ocop.levels import Level
from tests.browser.left import left_from_before
from tests.factories import CYCLE, Office, all_gates, an_office

PRODUCER = "CT-MAM"
MORNING = "2025-06-10 08:00"
"""The districts have four days left, the letters to the province nine."""


def a_morning(engine: Engine, home: Path) -> Office:
    """Make a cycle in its tenth week: dossiers at every level, a supplement asked for, letters that wait on paper or failed."""
    maker = Maker(
        PRODUCER, "HTX mô phỏng Mắm Sa Châu", "14101", email="mam@producer.example", phone="0912000000", simulated=True
    )
    office = an_office(engine).go("2025-05-05 08:00")
    office.act("set-target", "365/officer", cycle=CYCLE, level=Level.DISTRICT, unit="365", planned=9, document="1/ĐK")
    office.recognise(
        office.judged("55", producer=maker, product=Goods("SP-MAM", "Nước mắm mô phỏng Sa Châu", "Thực phẩm"))
    )
    office.judged("40")
    office.judged("75")
    office.judged("60")
    office.at_province("80", "14201")
    office.at_province("93")
    back = office.at_province("72")
    office.evaluate(back, "69.995", "36/officer", gates=all_gates({4: "thiếu chứng nhận"}))
    office.decide(back, "36/officer")
    waiting = office.at_district(producer=maker, product=Goods("SP-TOM", "Mắm tôm mô phỏng Sa Châu", "Thực phẩm"))
    office.act(
        "request-supplement", "365/officer", dossier=waiting, reason="thiếu phiếu kiểm nghiệm",
        requested_on=office.now.date(),
    )  # fmt: skip
    office.go("2025-06-09 09:00")
    for commune in ("14101", "14102", "14102", "14201"):
        office.at_district(commune)
    office.register("14101")
    office.register("14101")
    review = office.register("14102", producer=Maker("CT-GIAY", "Hộ kinh doanh không có thư điện tử", "14102"))
    office.act("receive", "14102/officer", dossiers=[review], received_on=office.now.date())
    office.act(
        "extend", "36/officer", cycle=CYCLE, stage="district_evaluation", day=office.now.date().replace(day=18),
        document="99/UBND-VP", reason="huyện bị bão", level=Level.DISTRICT, unit="366",
    )  # fmt: skip
    office.go(MORNING)
    with transaction(engine) as session:
        clock.drive(session, office.now)
        owed = select(Letter).where(Letter.state == LetterState.OWED.value).order_by(Letter.id)
        dead = session.scalars(owed).first()
        assert dead is not None
        dead.state, dead.last_error = LetterState.DEAD.value, "550 không có hộp thư này"
    left_from_before(office, home)
    return office
