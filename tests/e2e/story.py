"""The year of the table in README.md, line by line: what people do and when the flows wake."""

from datetime import date
from decimal import Decimal

from casework.corrections import Purpose
from casework.evaluation import Score
from casework.submission import KeptBecause
from ocop.scoring import Gate
from tests.e2e.world import A1, A2, B1, B2, C1, C2, COMMUNES, CYCLE, PLAN, A, B, C, Year, code, codes
from tests.factories import all_gates, council, day

PROVINCE, OF_A, OF_B, OF_C = "36/officer", f"{A}/officer", f"{B}/officer", f"{C}/officer"
ALL = ("evaluation_cycle", "expiry_sweep", "daily_digest", "letter_delivery")


def play(year: Year) -> None:
    """Play the year from an empty folder to the last certificate's end."""
    spring(year)
    districts(year)
    stroke_of_the_districts(year)
    late_district(year)
    province(year)
    afterwards(year)


def spring(year: Year) -> None:
    """Set up, open, register, and take the dossiers through the communes."""
    year.ocop("migrate")
    year.ocop("calendar", "seed", "2025", "2028")
    for kind in ("units", "people", "history"):
        year.take_in(kind, kind, "2025-04-08 08:00")
    year.ocop("open-cycle", "--code", CYCLE, "--plan", str(PLAN), "--as", PROVINCE, "--at", "2025-04-08 09:00")
    year.flows("2025-04-08 10:05", "evaluation_cycle", "letter_delivery")
    year.flows("2025-04-17 07:30", "expiry_sweep")
    year.take_in("dossiers", "dossiers_april_21", "2025-04-21 09:00", "--as", PROVINCE)
    year.take_in("dossiers", "dossiers_april_28", "2025-04-28 09:00", "--as", PROVINCE)
    year.flows("2025-05-01 07:30", "expiry_sweep")

    for commune in (A1, A2, B1, B2):
        receive(year, "2025-05-05 09:00", commune, COMMUNES[commune])
    for commune in (A1, A2, B1, B2):
        report(year, "2025-05-08 09:00", commune, COMMUNES[commune])
    year.flows("2025-05-08 10:05")
    receive(year, "2025-05-12 09:00", C1, COMMUNES[C1])
    receive(year, "2025-05-12 09:00", C2, (22, 26))
    year.act(
        "2025-05-12 14:00", "request-supplement", OF_A, dossier=code(6), reason="Thiếu phiếu kiểm nghiệm.",
        requested_on=day("2025-05-12"),
    )  # fmt: skip
    year.flows("2025-05-15 07:30", *ALL)
    report(year, "2025-05-15 09:00", C1, COMMUNES[C1])
    report(year, "2025-05-15 09:00", C2, (22, 26))
    year.flows("2025-05-15 10:05")
    year.act(
        "2025-05-20 09:00", "retract", OF_B, dossier=code(14), requested_on=day("2025-05-20"), reason="Ngừng sản xuất."
    )
    year.flows("2025-05-21 07:30")
    year.flows("2025-05-23 07:30")
    year.flows("2025-05-27 00:05")
    year.flows("2025-05-27 07:30")
    year.act(
        "2025-05-29 09:00", "supplement", OF_A, dossier=code(6), supplemented_on=day("2025-05-29"),
        note="Đã có phiếu kiểm nghiệm.",
    )  # fmt: skip
    year.flows("2025-05-30 07:30")
    year.flows("2025-06-01 07:30", "expiry_sweep")


def receive(year: Year, when: str, commune: str, numbers: tuple[int, ...]) -> None:
    """Take dossiers in at a commune, by the command."""
    named = [token for dossier in codes(numbers) for token in ("--dossiers", dossier)]
    year.ocop("receive", *named, "--received-on", when[:10], "--as", f"{commune}/officer", "--at", when)


def report(year: Year, when: str, commune: str, numbers: tuple[int, ...]) -> None:
    """Sign a commune's report."""
    year.act(
        when, "report", f"{commune}/officer", dossiers=codes(numbers), number=f"BC-{commune}",
        reported_on=day(when[:10]), findings="Đủ nội dung.",
    )  # fmt: skip


def districts(year: Year) -> None:
    """A and B hold their councils in time; C does not."""
    year.flows("2025-06-05 07:30")
    apart = [
        Score(f"Ủy viên {number}", Decimal(total), chair=number == 1)
        for number, total in enumerate((48, 50, 55, 60, 62), start=1)
    ]
    year.session("2025-06-05 14:00", OF_A, {2: "55"}, scores=apart)
    year.session(
        "2025-06-05 14:30", OF_A,
        {1: "45", 2: "55", 3: "72", 4: "75", 5: "93", 6: "60", 7: "58", 8: "70", 9: "77", 10: "78"},
    )  # fmt: skip
    year.sign("2025-06-06 10:00", "decide", OF_A, range(1, 11))
    year.flows("2025-06-06 10:05")
    year.act(
        "2025-06-09 10:00", "annul", OF_A, dossier=code(7), document="15/UBND-NN", reason="Chấm nhầm mẫu phiếu.",
        annulled_on=day("2025-06-09"), due_on=day("2025-06-20"),
    )  # fmt: skip
    year.act(
        "2025-06-09 11:00", "disqualify", OF_C, dossier=code(22), found_on=day("2025-06-09"),
        reason="Không đủ điều kiện an toàn thực phẩm.", document="16/TB-HĐ",
    )  # fmt: skip
    year.flows("2025-06-10 07:30")
    year.session("2025-06-10 15:00", OF_B, {11: "71", 12: "74", 13: "92", 15: "49.995", 17: "76", 19: "65", 20: "45"})
    failed = all_gates({4: "Chưa có chứng nhận an toàn thực phẩm theo yêu cầu 4 sao."})
    year.session("2025-06-10 15:00", OF_B, {18: "75"}, gates=failed)
    year.flows("2025-06-11 07:30")
    year.sign("2025-06-11 10:00", "decide", OF_B, (11, 12, 13, 15, 17, 18, 19, 20))
    year.flows("2025-06-11 10:05")
    keep(year, "2025-06-12 09:00", OF_A, 3, KeptBecause.NOT_SELECTED)
    year.sign("2025-06-12 10:00", "submit", OF_A, (4, 5, 8, 9, 10))
    year.session("2025-06-12 14:00", OF_A, {7: "66"})
    year.flows("2025-06-13 07:30")
    year.sign("2025-06-13 10:00", "recognise", OF_A, (2, 3, 6))
    year.sign("2025-06-13 11:00", "decide", OF_A, (7,))
    year.flows("2025-06-13 11:05")
    year.sign("2025-06-13 14:00", "recognise", OF_B, (18, 19))


def keep(year: Year, when: str, who: str, number: int, because: KeptBecause) -> None:
    """Keep a product of 70 points and more at its district."""
    year.act(
        when, "keep", who, dossiers=[code(number)], because=because, reason="Xem biên bản.", decided_on=day(when[:10])
    )


def stroke_of_the_districts(year: Year) -> None:
    """The districts' two deadlines strike; the ladder climbs."""
    year.flows("2025-06-15 00:05")
    year.look("2025-06-15")
    year.flows("2025-06-16 07:30", *ALL)
    refused = {"scores": council("62"), "gates": all_gates(), "members": 5, "minutes": "BB-muộn"}
    year.refuse("2025-06-16 08:00", "evaluate", OF_C, dossier=code(25), held_on=day("2025-06-15"), **refused)
    year.sign("2025-06-16 09:00", "submit", OF_B, (11, 12, 13))
    year.sign("2025-06-16 10:00", "recognise", OF_A, (7,))
    year.act(
        "2025-06-16 11:00", "complain", OF_B, dossier=code(15), received_on=day("2025-06-16"),
        body="Đề nghị xem lại điểm phần B.",
    )  # fmt: skip
    year.session("2025-06-17 09:00", OF_B, {16: "73"}, held_on=day("2025-06-13"))
    year.sign("2025-06-17 16:00", "decide", OF_B, (16,))
    year.flows("2025-06-17 16:05")
    year.flows("2025-06-18 07:30")
    year.sign("2025-06-18 09:00", "submit", OF_B, (16,))
    year.flows("2025-06-20 00:05")
    year.look("2025-06-20")
    year.flows("2025-06-20 07:30")
    year.act(
        "2025-06-20 10:00", "correct-decision", OF_A, dossier=code(3), purpose=Purpose.RECOGNITION,
        number="501/QĐ-UBND", signed_on=day("2025-06-13"), signer="Người ký mô phỏng", document="502/QĐ-UBND",
        reason="Sai số quyết định.",
    )  # fmt: skip


def late_district(year: Year) -> None:
    """C answers for itself, gets an extension, and holds its council."""
    year.flows("2025-06-24 07:30")
    year.ocop(
        "acknowledge", "--cycle", CYCLE, "--stage", "district_evaluation", "--level", "district", "--unit", C,
        "--note", "Họp hội đồng trong tuần.", "--as", f"{C}/head", "--at", "2025-06-24 10:00",
    )  # fmt: skip
    year.act(
        "2025-06-24 15:00", "carry-over", f"{C2}/officer", dossiers=[code(23)], decided_on=day("2025-06-24"),
        reason="Chủ thể chưa bổ sung hồ sơ gốc.",
    )  # fmt: skip
    for clock, stage, last in (
        ("09:00", "district_evaluation", "2025-06-30"),
        ("09:05", "provincial_submission", "2025-07-04"),
    ):
        year.ocop(
            "extend", "--cycle", CYCLE, "--stage", stage, "--day", last, "--document", "70/UBND-NN", "--reason",
            "Huyện chịu ảnh hưởng của bão.", "--level", "district", "--unit", C, "--as", PROVINCE,
            "--at", f"2025-06-25 {clock}",
        )  # fmt: skip
    keep(year, "2025-06-25 10:00", OF_B, 17, KeptBecause.NOT_SENT)
    year.flows("2025-06-26 07:30")
    year.flows("2025-06-27 07:30")
    year.sign("2025-06-27 10:00", "recognise", OF_B, (17,))
    year.session("2025-06-27 14:00", OF_C, {21: "91", 24: "78", 25: "62", 27: "81"})
    year.sign("2025-06-30 09:00", "decide", OF_C, (21, 24, 25, 27))
    year.flows("2025-06-30 09:05")
    year.flows("2025-07-01 00:05")
    year.flows("2025-07-01 07:30")
    year.act(
        "2025-07-01 09:00", "request-supplement", PROVINCE, dossier=code(9), reason="Thiếu hợp đồng liên kết.",
        requested_on=day("2025-07-01"),
    )  # fmt: skip
    year.sign("2025-07-02 09:00", "submit", OF_C, (21, 24, 27))
    year.flows("2025-07-02 09:05")
    year.flows("2025-07-03 07:30")
    accept_late(year, "2025-07-03 10:00", 26, "district_evaluation")
    year.sign("2025-07-03 11:00", "recognise", OF_C, (25,))
    year.flows("2025-07-04 07:30")
    year.session("2025-07-04 15:00", OF_C, {26: "52"})
    year.sign("2025-07-04 16:00", "decide", OF_C, (26,))
    year.flows("2025-07-04 16:05")
    year.flows("2025-07-08 07:30", "deadline_watch")
    year.sign("2025-07-08 10:00", "recognise", OF_C, (26,))


def accept_late(year: Year, when: str, number: int, stage: str) -> None:
    """Accept a dossier late by a document of the province."""
    year.act(
        when, "accept-late", PROVINCE, dossiers=[code(number)], stage=stage, document="75/UBND-NN",
        reason="Bão làm gián đoạn phiên họp.",
    )  # fmt: skip


def province(year: Year) -> None:
    """The province's council, its deadline, what it sends back and what it proposes."""
    year.flows("2025-07-10 07:30")
    year.act(
        "2025-07-10 10:00", "answer-complaint", OF_B, complaint=1, answered_on=day("2025-07-10"),
        answer="Điểm phần B được giữ nguyên.", document="80/UBND-NN",
    )  # fmt: skip
    year.act(
        "2025-07-11 09:00", "supplement", PROVINCE, dossier=code(9), supplemented_on=day("2025-07-11"),
        note="Đã có hợp đồng liên kết.",
    )  # fmt: skip
    judged = {
        4: "82",
        5: "90",
        9: "79",
        10: "72",
        11: "69.995",
        12: "48",
        13: "91.5",
        16: "80",
        21: "92",
        24: "71",
        27: "85",
    }
    year.session("2025-07-15 15:00", PROVINCE, judged)
    year.flows("2025-07-16 07:30")
    year.sign("2025-07-17 10:00", "decide", PROVINCE, list(judged))
    year.flows("2025-07-17 10:05")
    year.flows("2025-07-18 07:30")
    year.flows("2025-07-18 17:30", *ALL)
    year.flows("2025-07-20 00:05")
    year.look("2025-07-20")
    year.flows("2025-07-20 03:15", *ALL, "conservation_check")
    year.flows("2025-07-21 07:30")
    year.sign("2025-07-22 10:00", "recognise", PROVINCE, (4, 5, 9, 10, 13, 16, 21, 24, 27))
    year.flows("2025-07-23 07:30")
    accept_late(year, "2025-07-24 09:00", 8, "provincial_evaluation")
    year.session("2025-07-24 15:00", PROVINCE, {8: "70"})
    year.sign("2025-07-25 09:00", "decide", PROVINCE, (8,))
    year.sign("2025-07-25 09:30", "propose", PROVINCE, (5, 13))
    year.act(
        "2025-07-25 09:40", "forgo", PROVINCE, dossiers=[code(21)], reason="Chủ thể không đề nghị.",
        decided_on=day("2025-07-25"),
    )  # fmt: skip
    year.flows("2025-07-25 10:05")
    year.sign("2025-07-28 10:00", "decide", OF_B, (11,), number="decide-after-return-11")
    year.flows("2025-07-28 10:05")
    year.flows("2025-07-29 07:30")
    year.sign("2025-07-29 10:00", "recognise", PROVINCE, (8,))
    year.sign("2025-07-30 10:00", "recognise", OF_B, (11,))
    for when in ("2025-08-04 07:30", "2025-08-06 07:30", "2025-08-08 00:05"):
        year.flows(when)
    year.flows("2025-08-08 07:30")
    year.flows("2025-08-12 07:30")
    year.sign("2025-08-12 10:00", "decide", OF_B, (12,), number="decide-after-return-12")
    year.flows("2025-08-12 10:05")


def afterwards(year: Year) -> None:
    """The centre, the end of the cycle, and the certificates to their ends: the last two sweeps come months late."""
    year.flows("2025-08-21 07:30", *ALL)
    year.flows("2025-09-20 07:30", "expiry_sweep")
    centre(year, "2025-10-15 10:00", 5, "88")
    year.flows("2025-10-15 10:05")
    year.ocop("close-cycle", "--cycle", CYCLE, "--as", PROVINCE, "--at", "2025-10-31 16:00")
    year.act(
        "2025-11-05 10:00", "revoke", OF_A, certificate=f"{code(2)}/GCN-3", revoked_on=day("2025-11-05"),
        document="900/QĐ-UBND", reason="Giả mạo tài liệu (mô phỏng).",
    )  # fmt: skip
    centre(year, "2025-11-20 10:00", 13, "93")
    year.flows("2025-11-20 10:05")
    year.look("2025-11-20")
    year.flows("2026-01-01 08:00", "expiry_sweep", "daily_digest", "letter_delivery")
    year.flows(
        "2028-12-01 08:00", "deadline_watch", "expiry_sweep", "daily_digest", "letter_delivery", "conservation_check"
    )


def centre(year: Year, when: str, number: int, mean: str) -> None:
    """Record what the centre found."""
    year.act(
        when, "record-central-result", PROVINCE, dossier=code(number), held_on=day(when[:10]), minutes="BB-TW",
        mean=Decimal(mean), gates=[Gate(star, True) for star in (3, 4, 5)], number=f"TW-{number}",
        signed_on=date.fromisoformat(when[:10]), signer="Bộ (mô phỏng)",
    )  # fmt: skip
