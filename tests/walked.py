"""A year in which dossiers went every way there is, with all its letters sent: nothing in it breaks an invariant."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from io import BytesIO
from pathlib import Path

from sqlalchemy import Engine, select, update

from casework import attachments
from casework.corrections import Purpose
from casework.evaluation import Score
from casework.evidence import NewEvidence
from casework.registration import Goods, Maker
from casework.settings import AttachmentSettings
from casework.submission import KeptBecause
from models.letters import Letter, LetterState
from models.session import transaction
from models.units import Person, Post, Producer, Product, Unit
from ocop.evidence import EvidenceKind
from ocop.levels import DossierKind, Level
from tests.factories import CYCLE, Office, all_gates, an_office, day
from tests.holdings import certified

PAPER = b"%PDF-1.4 giay dang ky kinh doanh mo phong"


@dataclass
class Walked:
    """The office and its dossiers, named by what became of them."""

    office: Office
    files: Path
    codes: dict[str, str]

    def __getitem__(self, name: str) -> str:
        return self.codes[name]


def walk(office: Office, files: Path) -> Walked:
    """Walk a year in a small world that has just opened its cycle."""
    went: dict[str, str] = {}
    office.go("2025-05-05")
    unstaffed(office, "14202/officer", date(2025, 5, 8))
    paper = attachments.store(files, "dang-ky.pdf", BytesIO(PAPER), AttachmentSettings()).sha256
    filed = NewEvidence(
        EvidenceKind.BUSINESS_REGISTRATION, "Giấy đăng ký", day("2024-01-01"), None, "dang-ky.pdf", paper
    )
    short = NewEvidence(EvidenceKind.TEST_REPORT, "Phiếu kiểm nghiệm", day("2024-06-01"), day("2025-05-20"))

    went["three stars"] = office.judged("55", evidence=[filed])
    office.recognise(went["three stars"])
    went["returned"] = office.at_province()
    office.evaluate(went["returned"], "65", "36/officer")
    office.decide(went["returned"], "36/officer")
    office.decide(went["returned"], number="413/QĐ-UBND")
    office.recognise(went["returned"], number="501/QĐ-UBND")
    went["five stars"] = office.at_province("92", commune="14201")
    office.evaluate(went["five stars"], "91", "36/officer")
    office.decide(went["five stars"], "36/officer")
    office.recognise(went["five stars"], "36/officer")
    office.act(
        "propose", "36/officer", dossiers=[went["five stars"]], number="90/TTr", signed_on=office.now.date()
    )  # fmt: skip
    went["not ranked"] = office.judged("40")
    went["annulled"] = office.judged("45", commune="14102")
    office.act(
        "annul", "365/officer", dossier=went["annulled"], document="9/QĐ", reason="Cộng sai điểm.",
        annulled_on=office.now.date(), due_on=day("2025-05-30"),
    )  # fmt: skip
    office.evaluate(went["annulled"], "52")
    office.decide(went["annulled"], number="420/QĐ-UBND")
    went["kept"] = office.judged("75")
    office.act(
        "keep", "365/officer", dossiers=[went["kept"]], because=KeptBecause.DECLINED, reason="Chủ thể đề nghị.",
        decided_on=office.now.date(),
    )  # fmt: skip
    went["twice scored"] = office.at_district()
    apart = [Score("Chủ tịch", Decimal(60), chair=True), *(Score(f"Ủy viên {n}", Decimal(80)) for n in (2, 3, 4, 5))]
    office.evaluate(went["twice scored"], "76", scores=apart)
    office.evaluate(went["twice scored"], "72")

    office.go("2025-05-08")
    went["registered"] = office.register(evidence=[short])
    went["under review"] = office.register("14102")
    office.act("receive", "14102/officer", dossiers=[went["under review"]], received_on=office.now.date())
    went["on behalf"] = office.register("14202")
    office.go("2025-05-09")
    office.act(
        "receive", "366/officer", on_behalf="Công văn 7/UBND, ông Vũ Văn Ủy ký", dossiers=[went["on behalf"]],
        received_on=office.now.date(),
    )  # fmt: skip
    for name, commune in (("completed", "14101"), ("never completed", "14201")):
        went[name] = office.at_district(commune)
        office.act(
            "request-supplement", "365/officer" if commune == "14101" else "366/officer", dossier=went[name],
            reason="Thiếu hợp đồng liên kết.", requested_on=office.now.date(),
        )  # fmt: skip
    office.act(
        "supplement", "365/officer", dossier=went["completed"], supplemented_on=office.now.date(), note="Đã bổ sung.",
        evidence=[filed],
    )  # fmt: skip
    went["retracted"] = office.register()
    office.act(
        "retract", "14101/officer", dossier=went["retracted"], requested_on=office.now.date(), reason="Chưa sẵn sàng."
    )
    went["disqualified"] = office.at_district()
    office.act(
        "disqualify", "365/officer", dossier=went["disqualified"], found_on=office.now.date(), reason="Giả mạo hồ sơ.",
        document="10/BB",
    )  # fmt: skip
    went["carried over"] = office.at_district()
    office.act(
        "carry-over",
        "365/officer",
        dossiers=[went["carried over"]],
        decided_on=office.now.date(),
        reason="Chưa đủ mẫu.",
    )
    went["complained"] = office.at_district()
    complaint = office.act(
        "complain", "365/officer", dossier=went["complained"], received_on=office.now.date(), body="Chậm xử lý."
    )
    held = certified(office, "14101", star=3, issued_on=date(2023, 3, 1), number="GCN-23")
    went["upgrade"] = office.register(
        kind=DossierKind.UPGRADE, star=4, certificate="GCN-23", changes="Bao bì mới.", **same_product(office, held)
    )
    office.act(
        "set-target", "365/officer", cycle=CYCLE, level=Level.DISTRICT, unit="365", planned=20, document="61/KH-UBND"
    )

    office.go("2025-06-16")
    office.act(
        "answer-complaint", "365/officer", complaint=complaint["complaint"], answered_on=office.now.date(),
        answer="Đã đôn đốc.", document="11/CV",
    )  # fmt: skip
    office.act(
        "extend", "36/officer", cycle=CYCLE, stage="district_evaluation", day=day("2025-06-24"), document="12/QĐ-UBND",
        reason="Mưa bão.", level=Level.DISTRICT, unit="366",
    )  # fmt: skip
    office.act(
        "accept-late", "36/officer", dossiers=[went["completed"]], stage="district_evaluation", document="13/QĐ-UBND",
        reason="Chờ kiểm nghiệm.",
    )  # fmt: skip
    office.evaluate(went["completed"], "58")
    office.decide(went["completed"], number="430/QĐ-UBND")
    office.go("2025-06-23")
    office.act(
        "acknowledge", "365/head", cycle=CYCLE, stage="district_evaluation", level=Level.DISTRICT, unit="365",
        note="Sẽ họp bù.",
    )  # fmt: skip
    office.go("2025-07-22")
    office.act(
        "correct-decision", "365/officer", dossier=went["three stars"], purpose=Purpose.RECOGNITION, number="500A/QĐ-UBND",
        signed_on=day("2025-05-05"), signer="Nguyễn Văn Ký", document="14/QĐ", reason="Sai số.",
    )  # fmt: skip
    office.act(
        "correct-certificate", "365/officer", certificate=f"{went['three stars']}/GCN-3", number="GCN-MỚI",
        document="15/QĐ", reason="Sai tên.",
    )  # fmt: skip
    office.act(
        "revoke", "365/officer", certificate=f"{went['returned']}/GCN-3", revoked_on=office.now.date(), document="16/QĐ",
        reason="Ngừng sản xuất.",
    )  # fmt: skip
    office.act(
        "record-central-result", "36/officer", dossier=went["five stars"], held_on=office.now.date(), minutes="7/BB",
        mean=Decimal(93), gates=all_gates(), number="2000/QĐ-BNNMT", signed_on=office.now.date(), signer="Bộ trưởng",
    )  # fmt: skip
    office.go("2025-07-23")
    sent(office)
    return Walked(office, files, went)


def walked(engine: Engine, files: Path) -> Walked:
    """Walk the year on a fresh database."""
    return walk(an_office(engine), files)


def sent(office: Office) -> None:
    """Let every letter have left, as the sender would have seen to."""
    with transaction(office.engine) as session:
        session.execute(
            update(Letter)
            .where(Letter.state == LetterState.OWED.value)
            .values(state=LetterState.SENT.value, sent_at=Letter.send_from)
        )


def unstaffed(office: Office, who: str, last_day: date) -> None:
    """Let somebody's post end."""
    with transaction(office.engine) as session:
        person = session.scalars(select(Person.id).where(Person.code == who)).one()
        session.execute(update(Post).where(Post.person_id == person).values(valid_to=last_day))


def same_product(office: Office, product: str) -> dict[str, object]:
    """Return producer and product of an earlier year as a registration names them."""
    ((code, name, commune, goods),) = office.rows(
        select(Producer.code, Producer.name, Unit.code, Product.name)
        .join(Product, Product.producer_id == Producer.id)
        .join(Unit, Unit.id == Producer.commune_id)
        .where(Product.code == product)
    )
    return {"producer": Maker(code, name, commune, simulated=True), "product": Goods(product, goods)}
