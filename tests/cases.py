"""Each act once where it may happen: who does it, the request, and the small world brought there."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import count
from typing import Any

from sqlalchemy import Engine, select, update

from casework.calendar_edits import Becomes, DayEdit
from casework.corrections import Purpose
from casework.evidence import NewEvidence
from casework.registration import Goods, Maker
from casework.submission import KeptBecause
from models.letters import Letter, LetterState
from models.session import transaction
from ocop.evidence import EvidenceKind
from ocop.levels import DossierKind, Level
from ocop.revocation import Ground
from tests import merger
from tests.factories import CYCLE, PLAN, Office, all_gates, an_office, as_kept, council, day
from tests.plans import OWN_PLAN

TODAY = day("2025-05-05")
LATER = day("2025-06-25")


@dataclass(frozen=True)
class Case:
    """An act that may happen: who does it, the request, and one value that makes it another request."""

    who: str
    body: dict[str, Any]
    other: dict[str, Any]


Prepared = Callable[[Office], Case]


def registered(office: Office) -> Case:
    """A dossier is filed."""
    body = {
        "cycle": CYCLE,
        "producer": Maker("CT-9", "HTX Muối sạch", "14101", email="muoi@producer.example"),
        "product": Goods("SP-9", "Muối sạch", "Thực phẩm"),
        "kind": DossierKind.FIRST,
        "proposed_star": 4,
        "registered_on": TODAY,
        "evidence": [NewEvidence(EvidenceKind.TEST_REPORT, "Phiếu kiểm nghiệm", TODAY, LATER)],
    }
    return Case("14101/officer", body, {"proposed_star": 3})


def received(office: Office) -> Case:
    """The commune takes a dossier in."""
    body = {"dossiers": [office.register()], "received_on": TODAY}
    return Case("14101/officer", body, {"received_on": day("2025-05-04")})


def reported(office: Office) -> Case:
    """The commune reports on a dossier."""
    code = office.register()
    office.act("receive", "14101/officer", dossiers=[code], received_on=TODAY)
    body = {"dossiers": [code], "number": "12/BC-UBND", "reported_on": TODAY, "findings": "Đủ nội dung."}
    return Case("14101/officer", body, {"number": "13/BC-UBND"})


def supplement_requested(office: Office) -> Case:
    """The district asks for papers."""
    body = {"dossier": office.at_district(), "reason": "Thiếu phiếu kiểm nghiệm", "requested_on": TODAY}
    return Case("365/officer", body, {"reason": "Thiếu hợp đồng"})


def supplemented(office: Office) -> Case:
    """The producer brings them."""
    asked = supplement_requested(office)
    office.act("request-supplement", asked.who, **asked.body)
    paper = NewEvidence(EvidenceKind.TEST_REPORT, "Phiếu kiểm nghiệm mới")
    body = {"dossier": asked.body["dossier"], "supplemented_on": TODAY, "note": "Đã bổ sung", "evidence": [paper]}
    return Case("365/officer", body, {"evidence": []})


def evidence_added(office: Office) -> Case:
    """A paper is added."""
    paper = NewEvidence(EvidenceKind.ACCOUNTS, "Sổ kế toán", expires_on=day("2025-05-01"))
    return Case("365/officer", {"dossier": office.at_district(), "evidence": [paper]}, {"evidence": [paper, paper]})


def evidence_waived(office: Office) -> Case:
    """An expired paper is accepted."""
    added = evidence_added(office)
    office.act("add-evidence", added.who, **added.body)
    body = {"dossier": added.body["dossier"], "title": "Sổ kế toán", "reason": "Đang gia hạn"}
    return Case("365/officer", body, {"reason": "Lý do khác"})


def evaluated(office: Office) -> Case:
    """A council's ballot is recorded."""
    body = {
        "dossier": office.at_district(), "held_on": TODAY, "minutes": "01/BB-HĐ", "members": 5,
        "scores": council("70.005"), "gates": all_gates({5: "Chưa có chứng nhận quốc tế"}),
    }  # fmt: skip
    return Case("365/officer", body, {"scores": council("70.006")})


def decided(office: Office) -> Case:
    """A result is signed."""
    code = office.at_district()
    office.evaluate(code, "75")
    body = {"dossiers": [code], "number": "412/QĐ-UBND", "signed_on": TODAY, "signer": "Nguyễn Văn Ký"}
    return Case("365/officer", body, {"signer": "Trần Thị Ký"})


def submitted(office: Office) -> Case:
    """The list for the province is signed."""
    codes = [office.judged("75"), office.judged("90")]
    return Case("365/officer", {"dossiers": codes, "number": "88/UBND", "signed_on": TODAY}, {"dossiers": codes[::-1]})


def kept(office: Office) -> Case:
    """A product of 70 points stays at its district."""
    body = {"dossiers": [office.judged("75")], "because": KeptBecause.DECLINED, "reason": "Đơn", "decided_on": TODAY}
    return Case("365/officer", body, {"because": KeptBecause.NOT_SELECTED})


def recognised(office: Office) -> Case:
    """A district recognises 3 stars."""
    body = {
        "dossiers": [office.judged("55")], "number": "500/QĐ-UBND", "signed_on": TODAY, "signer": "Nguyễn Văn Ký",
        "certificates": ["GCN-01"],
    }  # fmt: skip
    return Case("365/officer", body, {"certificates": ["GCN-02"]})


def for_the_centre(office: Office) -> str:
    """Return a dossier that the province may propose."""
    code = office.at_province("95")
    office.evaluate(code, "95", "36/officer")
    office.decide(code, "36/officer")
    office.recognise(code, "36/officer")
    return code


def proposed(office: Office) -> Case:
    """The province proposes to the centre."""
    body = {"dossiers": [for_the_centre(office)], "number": "99/TTr-UBND", "signed_on": TODAY}
    return Case("36/officer", body, {"number": "98/TTr-UBND"})


def forgone(office: Office) -> Case:
    """The province does not propose."""
    body = {"dossiers": [for_the_centre(office)], "reason": "Chủ thể chưa sẵn sàng", "decided_on": TODAY}
    return Case("36/officer", body, {"reason": "Lý do khác"})


def found_by_the_centre(office: Office) -> Case:
    """The centre's result is recorded."""
    sent = proposed(office)
    office.act("propose", sent.who, **sent.body)
    office.tick()
    body = {
        "dossier": sent.body["dossiers"][0], "held_on": TODAY, "minutes": "7/BB-TW", "mean": Decimal("91.5"),
        "gates": all_gates(), "number": "1234/QĐ-BNNMT", "signed_on": TODAY, "signer": "Bộ trưởng",
    }  # fmt: skip
    return Case("36/officer", body, {"mean": Decimal("91.4")})


def revoked(office: Office) -> Case:
    """A certificate is revoked."""
    given = recognised(office)
    office.act("recognise", given.who, **given.body)
    body = {"certificate": "GCN-01", "revoked_on": TODAY, "document": "9/QĐ-UBND", "reason": "Ngừng sản xuất"}
    return Case("365/officer", body, {"reason": "Giả mạo hồ sơ"})


def retracted(office: Office) -> Case:
    """A producer takes its dossier back."""
    return Case(
        "14101/officer",
        {"dossier": office.register(), "requested_on": TODAY, "reason": "Ngừng làm"},
        {"document": "1/ĐĐN"},
    )


def disqualified(office: Office) -> Case:
    """A dossier is excluded."""
    body = {"dossier": office.at_district(), "found_on": TODAY, "reason": "Giấy tờ giả", "document": "3/TB-HĐ"}
    return Case("365/officer", body, {"document": "4/TB-HĐ"})


def carried_over(office: Office) -> Case:
    """A dossier goes to the next round."""
    body = {"dossiers": [office.at_district()], "decided_on": TODAY, "reason": "Chưa đủ hồ sơ"}
    return Case("365/officer", body, {"reason": "Lý do khác"})


def annulled(office: Office) -> Case:
    """A result is annulled by a document."""
    body = {
        "dossier": office.judged("75"), "document": "55/QĐ-UBND", "reason": "Sai thành phần hội đồng",
        "annulled_on": TODAY, "due_on": day("2025-05-20"),
    }  # fmt: skip
    return Case("365/officer", body, {"due_on": day("2025-05-21")})


def decision_corrected(office: Office) -> Case:
    """A decision's number is rectified."""
    body = {
        "dossier": office.judged("55"), "purpose": Purpose.RESULT, "number": "413/QĐ-UBND", "signed_on": TODAY,
        "signer": "Nguyễn Văn Ký", "document": "60/QĐ-UBND", "reason": "Sai số",
    }  # fmt: skip
    return Case("365/officer", body, {"number": "414/QĐ-UBND"})


def certificate_corrected(office: Office) -> Case:
    """A certificate's number is rectified."""
    given = recognised(office)
    office.act("recognise", given.who, **given.body)
    body = {"certificate": "GCN-01", "number": "GCN-01A", "document": "61/QĐ-UBND", "reason": "Sai số"}
    return Case("365/officer", body, {"number": "GCN-01B"})


def complained(office: Office) -> Case:
    """A producer complains."""
    body = {"dossier": office.at_district(), "received_on": TODAY, "body": "Điểm chưa đúng"}
    return Case("365/officer", body, {"body": "Nội dung khác"})


def answered(office: Office) -> Case:
    """A complaint is answered."""
    made = complained(office)
    number = office.act("complain", made.who, **made.body)["complaint"]
    body = {"complaint": number, "answered_on": TODAY, "answer": "Giữ nguyên", "document": "7/UBND"}
    return Case("365/officer", body, {"answer": "Xem xét lại"})


def opened(office: Office) -> Case:
    """A second cycle is opened under the same plan."""
    return Case("36/officer", {"code": "ND2025B", "plan": PLAN}, {"code": "ND2025C"})


def planned(office: Office) -> Case:
    """A unit plans its products."""
    body = {"cycle": CYCLE, "level": Level.DISTRICT, "unit": "365", "planned": 7, "document": "5/KH-UBND"}
    return Case("365/officer", body, {"planned": 8})


def closed(office: Office) -> Case:
    """A cycle whose dossiers have all ended is closed."""
    office.act("retract", "14101/officer", dossier=office.register(), requested_on=TODAY, reason="Ngừng làm")
    return Case("36/officer", {"cycle": CYCLE}, {"cycle": "ND2024"})


def extended(office: Office) -> Case:
    """The province gives a district more time after the stroke."""
    office.at_district()
    office.go("2025-06-16")
    body = {
        "cycle": CYCLE, "stage": "district_evaluation", "day": LATER, "document": "70/UBND", "reason": "Mưa bão",
        "level": Level.DISTRICT, "unit": "365",
    }  # fmt: skip
    return Case("36/officer", body, {"unit": "366"})


def amended(office: Office) -> Case:
    """The province amends the plan after a stroke: a date moves, a breach is closed."""
    office.at_district()
    office.go("2025-06-16")
    body = {"cycle": CYCLE, "plan": PLAN.replace("date = 2025-06-15", "date = 2025-06-19"), "document": "99/KH-UBND"}
    return Case("36/officer", body, {"document": "100/KH-UBND"})


AWAY = {
    "person": "365/officer", "level": Level.DISTRICT, "unit": "365", "from_day": day("2025-05-12"),
    "to_day": day("2025-05-16"),
}  # fmt: skip


def away(office: Office) -> Case:
    """A district's officer goes on leave, and the head stands in."""
    del office
    return Case("365/head", AWAY | {"substitute": "365/head"}, {"to_day": day("2025-05-17")})


def back(office: Office) -> Case:
    """The officer comes back earlier."""
    office.act("leave", "365/head", **AWAY, substitute="365/head")
    body = {"person": "365/officer", "level": Level.DISTRICT, "unit": "365", "last_day": day("2025-05-14")}
    return Case("365/head", body, {"last_day": day("2025-05-13")})


def accepted_late(office: Office) -> Case:
    """The province lets a dossier be judged late."""
    code = office.at_district()
    office.go("2025-06-16")
    body = {"dossiers": [code], "stage": "district_evaluation", "document": "71/UBND", "reason": "Mưa bão"}
    return Case("36/officer", body, {"document": "72/UBND"})


def acknowledged(office: Office) -> Case:
    """A late unit answers its escalation."""
    office.at_district()
    office.go("2025-06-17")
    body = {
        "cycle": CYCLE,
        "stage": "district_evaluation",
        "level": Level.DISTRICT,
        "unit": "365",
        "note": "Họp ngày mai",
    }
    return Case("365/head", body, {"note": "Họp tuần sau"})


def letters(office: Office, state: LetterState) -> list[int]:
    """Put two letters of the district's officer into a state and return their numbers."""
    office.at_district()
    with transaction(office.engine) as session:
        ids = list(
            session.scalars(
                select(Letter.id).where(Letter.recipient_name.contains("Giao Thủy")).order_by(Letter.id).limit(2)
            )
        )
        session.execute(update(Letter).where(Letter.id.in_(ids)).values(state=state.value))
    assert len(ids) == 2
    return ids


def handed_over(office: Office) -> Case:
    """Printed letters reach their readers."""
    ids = letters(office, LetterState.TO_HAND_OVER)
    return Case("365/officer", {"letters": ids}, {"letters": ids[:1]})


def sent_again(office: Office) -> Case:
    """Dead letters are sent again."""
    ids = letters(office, LetterState.DEAD)
    return Case("36/coordinator_office", {"letters": ids}, {"letters": ids[:1]})


def released(office: Office) -> Case:
    """A restored copy's letters may go."""
    letters(office, LetterState.HELD)
    return Case("36/coordinator_office", {"reason": "Máy chủ cũ đã hỏng"}, {"reason": "Lý do khác"})


def adopted(office: Office) -> Case:
    """A district takes in a later plan of its own."""
    body = {"cycle": CYCLE, "level": Level.DISTRICT, "unit": "365", "plan": OWN_PLAN}
    office.act("adopt-plan", "365/officer", **body)
    later = OWN_PLAN.replace("25/KH-UBND", "31/KH-UBND")
    return Case("365/officer", body | {"plan": later}, {"plan": later.replace("10/6", "ngày 10/6")})


def found_on_a_certificate(office: Office) -> Case:
    """A ground for revoking a certificate is found."""
    number = revoked(office).body["certificate"]
    body = {
        "certificate": number, "ground": Ground.PRODUCTION_STOPPED, "found_on": TODAY, "body": "Cơ sở đóng cửa",
        "document": "4/BB-KT",
    }  # fmt: skip
    return Case("365/officer", body, {"ground": Ground.MISUSE_OF_MARK})


def concluded(office: Office) -> Case:
    """The issuing body decides not to revoke."""
    case = found_on_a_certificate(office)
    finding = office.act("record-finding", case.who, **case.body)["finding"]
    body = {"finding": finding, "closed_on": TODAY, "document": "9/KL-UBND", "reason": "Đã sản xuất lại"}
    return Case(case.who, body, {"reason": "Nhầm cơ sở"})


def taken(office: Office) -> Case:
    """Somebody of the unit takes a dossier."""
    return Case("365/officer", {"dossiers": [office.at_district()]}, {"dossiers": ["ND2025-0009"]})


def given(office: Office) -> Case:
    """A dossier goes from one of the unit to another."""
    case = taken(office)
    office.act("claim", case.who, **case.body)
    return Case("365/head", case.body | {"person": "365/vice_chair"}, {"person": "365/head"})


def put_back(office: Office) -> Case:
    """Whoever has a dossier puts it back."""
    case = taken(office)
    office.act("claim", case.who, **case.body)
    return case


def reminded(office: Office) -> Case:
    """The office writes to a unit about what it holds."""
    office.at_district()
    office.go("2025-06-04")
    body = {"cycle": CYCLE, "level": Level.DISTRICT, "unit": "365"}
    return Case("36/coordinator_office", body, {"unit": "366"})


def calendar_edited(office: Office) -> Case:
    """A day off is added by a document: the last one for the districts."""
    office.at_district()
    edits = [DayEdit(day("2025-06-13"), Becomes.HOLIDAY, "nghỉ bão")]
    return Case("36/officer", {"days": edits, "document": "5/TB-UBND"}, {"document": "6/TB-UBND"})


CASES: dict[str, Prepared] = {
    "open-cycle": opened,
    "set-target": planned,
    "close-cycle": closed,
    "register": registered,
    "receive": received,
    "report": reported,
    "request-supplement": supplement_requested,
    "supplement": supplemented,
    "add-evidence": evidence_added,
    "waive-evidence": evidence_waived,
    "evaluate": evaluated,
    "decide": decided,
    "submit": submitted,
    "keep": kept,
    "propose": proposed,
    "forgo": forgone,
    "record-central-result": found_by_the_centre,
    "recognise": recognised,
    "adopt-plan": adopted,
    "record-finding": found_on_a_certificate,
    "close-finding": concluded,
    "revoke": revoked,
    "retract": retracted,
    "disqualify": disqualified,
    "carry-over": carried_over,
    "annul": annulled,
    "correct-decision": decision_corrected,
    "correct-certificate": certificate_corrected,
    "complain": complained,
    "answer-complaint": answered,
    "extend": extended,
    "amend-plan": amended,
    "remind": reminded,
    "edit-calendar": calendar_edited,
    "claim": taken,
    "assign": given,
    "release": put_back,
    "leave": away,
    "end-leave": back,
    "accept-late": accepted_late,
    "acknowledge": acknowledged,
    "hand-over": handed_over,
    "resend": sent_again,
    "release-letters": released,
    "reorganise": lambda office: Case(*merger.reorganised(office)),
    "suspend": lambda office: Case(*merger.suspended(office)),
    "resume": lambda office: Case(*merger.resumed(office)),
    "change-procedure": lambda office: Case(*merger.changed(office)),
}


_MADE: dict[tuple[str, str], tuple[datetime, int, Case]] = {}


def prepared(engine: Engine, name: str) -> tuple[Office, Case]:
    """Bring a fresh record to where an act may happen; on SQLite the way there is gone once."""
    made = engine.dialect.name, name

    def make() -> None:
        office = an_office(engine).go("2025-05-05")
        case = CASES[name](office)
        _MADE[made] = office.now, next(office.keys), case

    as_kept(engine, f"case {name}", make)
    now, number, case = _MADE[made]
    return Office(engine, now, count(number)), case
