"""What a producer does online is an act like an officer's: their own dossiers, their own acts, in time, once, and named in history."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select

from casework.act import ACTS, Answer
from casework.actors import Actor
from casework.doctor.checkup import examine
from casework.doctor.invariant import Look
from casework.evidence import NewEvidence
from casework.filing import filings, own_goods, own_maker
from casework.producers import PRODUCER_ACTS, producer_actor
from casework.registration import Goods, Maker
from models.cycles import Cycle
from models.dossiers import Complaint, Dossier, Evidence, Snapshot
from models.letters import Letter
from models.record import Event
from models.session import perform, transaction
from models.units import Producer, Product
from ocop.errors import InvalidInput, KeyReused, NotFound, NotPossibleNow, NotYours, RuleViolation, TooLate
from ocop.evidence import EvidenceKind
from ocop.levels import DossierKind
from ocop.notices import Notice
from ocop.self_assessment import SelfAssessment
from tests.factories import CYCLE, Office, an_office, day
from tests.integration.test_api import act as asked
from tests.integration.test_api import program
from tests.merger import learn, merge

pytestmark = pytest.mark.postgresql_long

NOWHERE = Path("no attachments")
PAPER = NewEvidence(EvidenceKind.STORY, "Câu chuyện sản phẩm")


class Own:
    """One producer at the keyboard, under the office's clock."""

    def __init__(self, office: Office, dossier: str, by: str = "Trần Thị Hoa") -> None:
        with transaction(office.engine) as session:
            self.id = session.scalars(select(Dossier.producer_id).where(Dossier.code == dossier)).one()
        self.office, self.by = office, by

    def act(self, name: str, *, key: str | None = None, **body: Any) -> Answer:
        """Perform an act as the producer; its day is today where none is given."""
        used = key or f"own-{next(self.office.keys)}"
        if (dated := PRODUCER_ACTS.get(name)) and dated not in body:
            body[dated] = self.office.now.date()

        def work(session: Any) -> Answer:
            actor = producer_actor(session, self.id, self.by)
            return ACTS[name].perform(session, actor=actor, at=self.office.now, key=used, **body)

        return perform(self.office.engine, work)

    def register(
        self, product: str = "Mắm tôm mô phỏng", *, goods: Goods | None = None, key: str | None = None, **more: Any
    ) -> Answer:
        """File a product online."""
        used = key or f"own-{next(self.office.keys)}"

        def work(session: Any) -> Answer:
            body: dict[str, Any] = {
                "cycle": CYCLE, "producer": own_maker(session, self.id), "kind": DossierKind.FIRST, "proposed_star": 3,
                "product": goods or own_goods(session, self.id, name=product, group="Thực phẩm"),
                "registered_on": self.office.now.date(),
            }  # fmt: skip
            return ACTS["register"].perform(
                session, actor=producer_actor(session, self.id, self.by), at=self.office.now, key=used, **(body | more)
            )

        return perform(self.office.engine, work)


def lines(office: Office, code: str) -> list[tuple[str, str, int | None]]:
    """Return the history of a dossier: event, who, and the producer that its details name."""
    rows = office.rows(
        select(Event.event, Event.actor_name, Event.details, Event.actor_id)
        .join(Dossier, Dossier.id == Event.dossier_id)
        .where(Dossier.code == code)
        .order_by(Event.number)
    )
    assert all(row.actor_id is None for row in rows if "producer" in row.details)
    return [(row.event, row.actor_name, row.details.get("producer")) for row in rows]


def broken(office: Office) -> list[str]:
    """Return which invariants the doctor finds broken; nobody sends letters here."""
    with transaction(office.engine) as session:
        found = [finding.invariant.key for finding in examine(Look(session, office.now, NOWHERE)) if not finding.holds]
    return [key for key in found if key != "letters_not_forgotten"]


@pytest.fixture
def office(engine: Engine) -> Office:
    """A world with the cycle open, in May."""
    return an_office(engine).go("2025-05-05")


def test_a_producer_files_a_dossier_that_the_commune_receives(office: Office) -> None:
    own = Own(office, office.register())
    name = office.rows(select(Producer.name).where(Producer.id == own.id))[0][0]
    answer = own.register(
        evidence=[PAPER], self_assessment=SelfAssessment(Decimal(30), Decimal(20), Decimal("30.5"), "theo phiếu 02")
    )
    code = answer["dossier"]
    assert office.stage(code) == "registered"
    assert lines(office, code) == [("register", f"Chủ thể: {name} (Trần Thị Hoa)", own.id)]
    ((body,),) = office.rows(select(Snapshot.body).join(Dossier).where(Dossier.code == code))
    assert body["self_assessment"] == {
        "community": "30", "marketing": "20", "quality": "30.5", "note": "theo phiếu 02", "total": "80.5", "star": 4,
    }  # fmt: skip
    assert [paper["title"] for paper in body["evidence"]] == ["Câu chuyện sản phẩm"]
    told = {row.notice for row in office.rows(select(Letter.notice).join(Dossier).where(Dossier.code == code))}
    assert Notice.REGISTERED in told
    office.act("receive", "14101/officer", dossiers=[code], received_on=office.now.date())
    assert office.stage(code) == "commune_review"
    assert broken(office) == []


def test_a_new_product_gets_the_producers_next_code_and_a_known_name_is_the_known_product(office: Office) -> None:
    own = Own(office, office.register())
    ((maker,),) = office.rows(select(Producer.code).where(Producer.id == own.id))
    own.register("Mắm tép mô phỏng")
    codes = [row.code for row in office.rows(select(Product.code).where(Product.producer_id == own.id))]
    assert codes[-1] == f"{maker}-02"
    with pytest.raises(RuleViolation, match="đang có hồ sơ"):
        own.register("MẮM TÉP  mô phỏng")
    with transaction(office.engine) as session, pytest.raises(NotFound, match="không có sản phẩm"):
        own_goods(session, own.id, code="SP-KHAC")


def test_the_same_form_sent_twice_files_once(office: Office) -> None:
    own = Own(office, office.register())
    first, second = own.register(key="form-1"), own.register(key="form-1")
    assert first["dossier"] == second["dossier"]
    assert (first["replayed"], second["replayed"]) == (False, True)
    with pytest.raises(KeyReused):
        own.register("Sản phẩm khác", key="form-1")
    other = Own(office, office.register())
    with pytest.raises(KeyReused):
        other.register(key="form-1")


def test_two_people_of_one_producer_send_the_same_form_once(office: Office) -> None:
    code = office.register()
    body = {"dossier": code, "body": "Kiến nghị chấm lại mẫu mã."}
    assert Own(office, code, "Hoa").act("complain", key="k", **body)["replayed"] is False
    assert Own(office, code, "Mai").act("complain", key="k", **body)["replayed"] is True
    assert len(office.rows(select(Complaint.id))) == 1


def test_a_supplement_an_extra_paper_a_complaint_and_a_retraction_are_the_producers_own(office: Office) -> None:
    code = office.at_district()
    own = Own(office, code)
    office.act("request-supplement", "365/officer", dossier=code, reason="thiếu", requested_on=office.now.date())
    own.act("add-evidence", dossier=code, evidence=[PAPER])
    own.act("supplement", dossier=code, note="đã nộp phiếu kiểm nghiệm", evidence=[PAPER])
    assert office.stage(code) == "district_evaluation"
    own.act("complain", dossier=code, body="Xin giải thích lý do.")
    own.act("retract", dossier=code, reason="ngừng sản xuất")
    assert office.stage(code) == "retracted"
    mine = [event for event, _, producer in lines(office, code) if producer == own.id]
    assert mine == ["add_evidence", "supplement", "complain", "retract"]
    assert broken(office) == []


def test_nobody_touches_the_dossier_of_another_producer(office: Office) -> None:
    code, own = office.at_district(), Own(office, office.register())
    before = lines(office, code)
    for name, body in {
        "supplement": {"note": "x"},
        "add-evidence": {"evidence": [PAPER]},
        "retract": {"reason": "x"},
        "complain": {"body": "x"},
    }.items():
        with pytest.raises(NotYours, match="không phải của chủ thể này"):
            own.act(name, dossier=code, **body)
    assert lines(office, code) == before
    assert office.rows(select(Evidence.id)) == office.rows(select(Complaint.id)) == []


def test_no_other_act_is_a_producers(office: Office) -> None:
    own = Own(office, office.register())
    for name in ACTS.keys() - PRODUCER_ACTS.keys():
        with pytest.raises(NotYours, match="Chủ thể chỉ tự làm được"):
            own.act(name)


def test_a_registration_is_the_producers_own_name_and_commune(office: Office) -> None:
    own = Own(office, office.register())
    with transaction(office.engine) as session:
        maker = own_maker(session, own.id)
    other = office.rows(select(Producer.code).where(Producer.id != own.id)) or [("CT-LA",)]
    for wrong in (
        Maker(other[0][0], "Hợp tác xã lạ", "14101"),
        Maker(maker.code, maker.name, "14102"),
    ):
        with pytest.raises(NotYours, match="của chính mình"):
            own.register(producer=wrong)
    theirs = office.register("14102")
    ((product,),) = office.rows(select(Product.code).join(Dossier).where(Dossier.code == theirs))
    with pytest.raises(InvalidInput, match="thuộc chủ thể khác"):
        own.register(goods=Goods(product, "Nước mắm"))
    invented = own.register(producer=Maker(maker.code, maker.name, maker.commune, simulated=False))["dossier"]
    assert office.rows(select(Dossier.simulated).where(Dossier.code == invented)) == [(True,)]


def test_what_is_filed_online_is_of_its_own_day(office: Office) -> None:
    code = office.at_district()
    own = Own(office, code)
    for name, body in {
        "retract": {"dossier": code, "reason": "x", "requested_on": day("2025-05-02")},
        "complain": {"dossier": code, "body": "x", "received_on": day("2025-05-02")},
        "supplement": {"dossier": code, "note": "x", "supplemented_on": day("2025-05-02")},
    }.items():
        with pytest.raises(InvalidInput, match="chính ngày nộp, 5/5/2025"):
            own.act(name, **body)
    with pytest.raises(InvalidInput, match="chính ngày nộp"):
        own.register(registered_on=day("2025-05-04"))


def test_after_the_first_deadline_no_producer_registers(office: Office) -> None:
    own = Own(office, office.register())
    with transaction(office.engine) as session:
        cycles = list(session.scalars(select(Cycle)))
        assert [filing.cycle.code for filing in filings(session, cycles, office.now)] == [CYCLE]
    office.go("2025-06-15 00:00")
    with transaction(office.engine) as session:
        assert filings(session, cycles, office.now) == []
    with pytest.raises(TooLate):
        own.register()


def test_after_its_last_day_a_supplement_is_the_units_to_take(office: Office) -> None:
    code = office.at_district()
    own = Own(office, code)
    asked = office.act(
        "request-supplement", "365/officer", dossier=code, reason="thiếu", requested_on=office.now.date()
    )
    office.go(f"{asked['due_on']} 23:59")
    own.act("add-evidence", dossier=code, evidence=[PAPER])
    office.go("2025-06-01")
    with pytest.raises(TooLate, match="Hãy liên hệ"):
        own.act("supplement", dossier=code, note="muộn")
    assert office.stage(code) == "district_supplement"
    office.act("supplement", "365/officer", dossier=code, note="muộn", supplemented_on=office.now.date())
    assert office.stage(code) == "district_evaluation"


def test_on_its_last_day_a_supplement_is_in_time(office: Office) -> None:
    code = office.at_district()
    asked = office.act(
        "request-supplement", "365/officer", dossier=code, reason="thiếu", requested_on=office.now.date()
    )
    office.go(f"{asked['due_on']} 23:59")
    Own(office, code).act("supplement", dossier=code, note="kịp")
    assert office.stage(code) == "district_evaluation"


def test_a_supplement_nobody_asked_for_and_a_retraction_at_the_wrong_stage_are_refused(office: Office) -> None:
    code = office.judged("55")
    office.recognise(code)
    own = Own(office, code)
    for name, body in {"supplement": {"note": "x"}, "retract": {"reason": "x"}}.items():
        with pytest.raises(NotPossibleNow):
            own.act(name, dossier=code, **body)
    own.act("complain", dossier=code, body="Số sao thấp hơn báo cáo.")


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (SelfAssessment(Decimal(41), Decimal(20), Decimal(30)), "từ 0 đến 40"),
        (SelfAssessment(Decimal(40), Decimal(-1), Decimal(30)), "từ 0 đến 25"),
        (SelfAssessment(Decimal(40), Decimal(25), Decimal("35.001")), "từ 0 đến 35"),
        (SelfAssessment(Decimal(40), None, Decimal(35)), "thiếu điểm của Phần B"),
        (SelfAssessment(Decimal("NaN"), Decimal(1), Decimal(1)), "từ 0 đến 40"),
        (SelfAssessment(note="tự chấm"), "thiếu điểm của Phần A"),
    ],
)
def test_points_that_no_part_can_give_are_refused(sqlite_engine: Engine, given: SelfAssessment, told: str) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    with pytest.raises(InvalidInput, match=told):
        office.register(self_assessment=given)


def test_an_empty_self_assessment_is_none(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    office.register(self_assessment=SelfAssessment())
    ((body,),) = office.rows(select(Snapshot.body))
    assert "self_assessment" not in body


def test_after_a_reorganisation_a_producer_files_at_the_commune_that_took_over(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    own = Own(office, office.at_district())
    learn(office).go("2025-06-13")
    for stage in ("district_evaluation", "provincial_submission", "provincial_evaluation"):
        office.act(
            "extend", "36/officer", cycle=CYCLE, stage=stage, day=day("2025-08-15"), document="1/UBND",
            reason="sắp xếp đơn vị",
        )  # fmt: skip
    office.go("2025-07-01")
    merge(office)
    with transaction(office.engine) as session:
        assert own_maker(session, own.id).commune == "20001"
    assert office.stage(own.register()["dossier"]) == "registered"


def test_the_doctor_names_a_line_that_a_producer_could_not_have_written(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    code, other = office.at_district(), Own(office, office.register())
    with transaction(office.engine) as session:
        stranger = producer_actor(session, other.id)
        assert stranger.name.startswith("Chủ thể: ")
    forged = Actor(stranger.name)  # the engine under a producer's name
    with transaction(office.engine) as session:
        ACTS["retract"].perform(
            session, actor=forged, at=office.now, key="forged", dossier=code, requested_on=office.now.date(), reason="x"
        )
    assert broken(office) == ["actor_in_office"]


def test_another_program_of_the_producer_reads_what_the_pages_show_and_does_the_same_acts(
    sqlite_engine: Engine,
) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    code, other = office.at_district(), office.at_district()
    office.evaluate(code, "62")
    ((maker,),) = office.rows(
        select(Producer.code).join(Dossier, Dossier.producer_id == Producer.id).where(Dossier.code == code)
    )
    client = program(office, f"producer:{maker}")
    found = client.get(f"/api/v1/dossiers/{code}").json()
    assert found["evaluations"] == []
    assert {line["actor_name"] for line in found["history"]} == {"Xã Giao Xuân", "Huyện Giao Thủy"}
    assert {line["reason"] for line in found["history"]} == {""}
    office.decide(code)
    (signed,) = client.get(f"/api/v1/dossiers/{code}").json()["evaluations"]
    assert signed["mean"] == "62"
    body = {"dossier": code, "received_on": "2025-05-05", "body": "Xin giải thích."}
    assert asked(client, "complain", key="1", **body).status_code == 200
    assert asked(client, "complain", key="2", **body | {"dossier": other}).status_code == 404
    assert asked(client, "complain", key="3", on_behalf="99/UBND", **body).status_code == 422
    assert asked(client, "receive", key="4", dossiers=[code], received_on="2025-05-05").status_code == 403
    assert [event for event, _, producer in lines(office, code) if producer] == ["complain"]
