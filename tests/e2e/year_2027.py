"""The year 2027 of a province without districts, line by line: two rounds, the ministry's two, re-recognitions beside them.

The units are Ninh Bình's own, as if they had stood since 2021: the certificates of 2024 are invented, as are the people, the
producers and the points. The holidays are typed in by hand: the government had announced no swap days when this was written.
"""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from casework.ballots import Score
from casework.doctor.balance import conservation
from casework.registration import Goods, Maker
from casework.rules import cycle_by_code
from models.cycles import Cycle
from models.dossiers import Dossier
from models.session import reading
from ocop.errors import RuleViolation
from ocop.levels import DossierKind
from ocop.revocation import Ground
from ocop.scoring import Gate
from tests.e2e.world import PLAN, SIMULATED, Year
from tests.factories import all_gates, council, day

PLANS = PLAN.parent
UNITS = PLANS.parent / "data" / "ninh_binh_units_from_2025-07-01.csv"
ROUND_1, ROUND_2, RENEWAL = "NB2027-1", "NB2027-2", "NB2027-CN"
CYCLES = (ROUND_1, ROUND_2, RENEWAL)
A, B, C = "13285", "14167", "14182"
P = "37/officer"
HOLIDAYS = (
    # day, what it is
    ("2027-01-01", "Tết Dương lịch"),
    *((f"2027-02-{number:02d}", "Tết Nguyên đán") for number in (5, 8, 9, 10, 11)),
    ("2027-04-16", "Giỗ Tổ Hùng Vương"),
    ("2027-04-30", "Ngày Chiến thắng"),
    ("2027-05-03", "Nghỉ bù ngày Quốc tế lao động"),
    ("2027-09-02", "Quốc khánh"),
    ("2027-09-03", "Quốc khánh"),
    ("2028-01-03", "Nghỉ bù Tết Dương lịch"),
    *((f"2028-01-{number:02d}", "Tết Nguyên đán") for number in (25, 26, 27, 28, 31)),
    ("2028-04-04", "Giỗ Tổ Hùng Vương"),
)
"""The holidays of 2027 and of the weeks of 2028 into which the second round runs; a weekend needs no row."""
HELD = (
    # key, commune, star, issued, authority; what ends 36 months on
    ("H1", A, 3, "1/9/2025", "tỉnh"),
    ("H2", A, 4, "15/6/2024", "tỉnh"),
    ("H3", B, 3, "2/8/2024", "tỉnh"),
    ("H4", C, 3, "10/9/2024", "tỉnh"),
    ("H5", A, 5, "20/7/2024", "trung ương"),
)
AGAIN = DossierKind.RE_RECOGNITION
ALL = ("evaluation_cycle", "expiry_sweep", "daily_digest")


@dataclass
class Played(Year):
    """The year as it is played, with the codes of its dossiers by their names in the table."""

    codes: dict[str, str] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)
    """What refused acts said, in Vietnamese."""
    checked: list[tuple[str, str]] = field(default_factory=list)
    """(instant, cycle) at which the equations were looked at and held."""

    def set_up(self) -> None:
        """Make the folder, type the calendar, import units, people and certificates of earlier years."""
        self.ocop("migrate")
        self.take("units", _units(), "2027-01-04 08:00")
        self.take("people", _people(), "2027-01-04 08:00")
        self.said.append(self.refused_to_open())
        for when, name in HOLIDAYS:
            self.ocop(
                "calendar", "set", when, "holiday", name, "--source", "Bộ luật Lao động 2019, Điều 112 (nhập tay)"
            )
        self.take("history", _history(), "2027-01-04 08:05")

    def refused_to_open(self) -> str:
        """Try to open before anybody has typed the holidays, and return what is said."""
        try:
            self.open("2027-01-04 08:01", ROUND_1, "ninh_binh_2027", "dot_1")
        except RuleViolation as violation:
            return violation.vietnamese
        raise AssertionError("opened without a calendar")

    def take(self, kind: str, rows: Sequence[Mapping[str, str]], when: str) -> None:
        """Import rows with `ocop import`."""
        text = io.StringIO()
        table = csv.DictWriter(text, sorted({column for row in rows for column in row}), restval="")
        table.writeheader()
        table.writerows(rows)
        file = self.home / f"{kind}.csv"
        file.write_text(text.getvalue(), encoding="utf-8")
        self.ocop("import", kind, str(file), "--at", when)

    def open(self, when: str, cycle: str, plan: str, round_key: str = "") -> None:
        """Open a cycle from a shipped plan, or one of its rounds."""
        text = (PLANS / f"{plan}.toml").read_text(encoding="utf-8")
        self.act(when, "open-cycle", P, code=cycle, plan=text, round_key=round_key)

    def file(
        self, when: str, name: str, commune: str, cycle: str, kind: DossierKind = DossierKind.FIRST, **more: Any
    ) -> None:
        """File a dossier; it is called by its name from now on."""
        held = more.pop("held", "")
        key = held or more.pop("product", name)
        body: dict[str, Any] = {
            "cycle": cycle, "producer": Maker(f"CT-{key}", f"HTX mô phỏng {key}", commune, simulated=True),
            "product": Goods(f"SP-{key}", f"Sản phẩm mô phỏng {key}", "Thực phẩm"), "kind": kind, "proposed_star": 4,
            "registered_on": day(when[:10]), "certificate": f"GCN-{held}" if held else "", "changes": "Bao bì mới" if held else "",
        }  # fmt: skip
        self.codes[name] = self.act(when, "register", f"{commune}/officer", **(body | more))["dossier"]

    def forbid(self, when: str, what: str, *given: Any, **body: Any) -> None:
        """Try what the programme does not allow, and remember what it says."""
        try:
            getattr(self, what)(when, *given, **body)
        except RuleViolation as violation:
            self.said.append(violation.vietnamese)
        else:
            raise AssertionError(f"{what} at {when} was not refused")

    def named(self, *names: str) -> list[str]:
        """Return dossiers' codes."""
        return [self.codes[name] for name in names]

    def receive(self, when: str, commune: str, *names: str) -> None:
        """Take dossiers in at their commune."""
        self.act(when, "receive", f"{commune}/officer", dossiers=self.named(*names), received_on=day(when[:10]))

    def report(self, when: str, commune: str, *names: str) -> None:
        """Issue a commune's report."""
        self.act(when, "report", f"{commune}/officer", dossiers=self.named(*names), number=f"BC-{commune}",
                 reported_on=day(when[:10]), findings="Nguồn gốc, lao động, ý tưởng, bản sắc: đủ.")  # fmt: skip

    def submit(self, when: str, commune: str, *names: str) -> None:
        """Sign a commune's letter to the province."""
        self.act(when, "submit", f"{commune}/officer", dossiers=self.named(*names), number=f"TT-{commune}",
                 signed_on=day(when[:10]))  # fmt: skip

    def judge(self, when: str, means: Mapping[str, str], *, apart: bool = False, gates: Sequence[Gate] = ()) -> None:
        """Record the provincial council's session, or its opinions in writing."""
        for name, mean in means.items():
            scores = council(mean)
            if apart:
                scores = [Score(f"Ủy viên {n}", Decimal(mean) + (n - 3) * 6, chair=n == 1) for n in range(1, 6)]
            self.act(when, "evaluate", P, dossier=self.codes[name], held_on=day(when[:10]), minutes=f"BB-{when[:16]}",
                     members=5, scores=scores, gates=gates or all_gates())  # fmt: skip

    def paper(self, when: str, act: str, *names: str) -> None:
        """Sign a paper of the province on dossiers: a decision, a recognition, a proposal."""
        body: dict[str, Any] = {
            "dossiers": self.named(*names),
            "number": f"{act}-{when[:10]}",
            "signed_on": day(when[:10]),
        }
        if act != "propose":
            body["signer"] = "Người ký mô phỏng"
        self.act(when, act, P, **body)

    def centre(self, when: str, name: str, mean: str) -> None:
        """Enter what the ministry found."""
        self.act(when, "record-central-result", P, dossier=self.codes[name], held_on=day(when[:10]), minutes=f"TW-{when[:10]}",
                 mean=Decimal(mean), gates=all_gates(), number=f"QĐ-BNNMT-{name}", signed_on=day(when[:10]),
                 signer="Bộ trưởng mô phỏng")  # fmt: skip

    def look_around(self, when: str) -> None:
        """Let the flows do what is due, and see that each unit's equation holds in each cycle."""
        self.flows(when, *ALL)
        with reading(self.engine) as session:
            for code in session.scalars(select(Cycle.code)).all():
                balances = conservation(session, cycle_by_code(session, code, must_be_open=False))
                assert all(balance.holds for balance in balances), (when, [balance.equation for balance in balances])
                self.checked.append((when, code))

    def stages(self, *names: str) -> dict[str, str]:
        """Return where dossiers stand."""
        found = dict(self.rows(select(Dossier.code, Dossier.stage)))
        return {name: found[self.codes[name]] for name in names}


def play(year: Played) -> None:
    """Play the year to the end of the ministry's second round, day after day."""
    winter(year)
    spring(year)
    summer(year)
    autumn(year)
    end_of_the_second_round(year)


def winter(year: Played) -> None:
    """Open; file for H2 and H5 in their windows, for H3 too early; nine dossiers of the first round."""
    year.set_up()
    year.open("2027-01-04 09:00", ROUND_1, "ninh_binh_2027", "dot_1")
    year.open("2027-01-04 09:10", RENEWAL, "ninh_binh_2027_renewal")
    year.look_around("2027-01-04 10:05")
    year.file("2027-01-20 09:00", "r2", A, RENEWAL, AGAIN, held="H2")
    year.forbid("2027-02-02 09:00", "file", "r3", B, RENEWAL, AGAIN, held="H3")
    year.file("2027-02-03 09:00", "r5", A, RENEWAL, AGAIN, held="H5")
    year.receive("2027-02-03 10:00", A, "r2", "r5")
    for name, commune in (("1", A), ("2", A), ("3", A), ("4", B), ("5", B), ("6", B), ("7", C), ("8", C)):
        year.file("2027-02-15 09:00", name, commune, ROUND_1)
    year.file("2027-02-15 09:30", "9", A, ROUND_1, DossierKind.UPGRADE, held="H1")
    year.receive("2027-02-22 09:00", A, "1", "2", "3", "9")
    year.receive("2027-02-22 09:10", B, "4", "5", "6")
    year.receive("2027-02-22 09:20", C, "7", "8")
    year.report("2027-02-24 09:00", A, "r2", "r5")
    year.submit("2027-02-24 14:00", A, "r2", "r5")
    year.look_around("2027-02-24 15:05")


def spring(year: Played) -> None:
    """Communes report, C too late; H2's opinions agree, H3's differ; what C did not send goes to the next round."""
    year.file("2027-03-01 09:00", "r3", B, RENEWAL, AGAIN, held="H3")
    year.receive("2027-03-02 09:00", B, "r3")
    year.judge("2027-03-05 09:00", {"r2": "76"})
    year.paper("2027-03-05 15:00", "decide", "r2")
    year.look_around("2027-03-05 15:05")
    year.paper("2027-03-08 09:00", "recognise", "r2")
    year.report("2027-03-10 09:00", A, "1", "2", "3", "9")
    year.judge("2027-03-10 10:00", {"r5": "92"})
    year.paper("2027-03-10 15:00", "decide", "r5")
    year.paper("2027-03-12 09:00", "propose", "r5")
    year.report("2027-03-12 10:00", B, "4", "5", "6", "r3")
    year.submit("2027-03-12 11:00", B, "r3")
    year.look_around("2027-03-16 07:30")  # C had until 15/3
    year.report("2027-03-18 09:00", C, "7", "8")
    year.submit("2027-03-22 09:00", A, "1", "2", "3", "9")
    year.submit("2027-03-22 09:10", B, "4", "5", "6")
    year.judge("2027-03-25 09:00", {"r3": "71"}, apart=True)
    year.forbid("2027-03-25 15:00", "paper", "decide", "r3")
    year.judge("2027-03-29 09:00", {"r3": "71"})
    year.paper("2027-03-30 09:00", "decide", "r3")
    year.paper("2027-03-31 09:00", "recognise", "r3")
    year.submit("2027-04-28 09:00", C, "7")
    year.look_around("2027-04-30 00:05")  # the stroke: 8 goes to the next round
    year.forbid("2027-05-04 09:00", "file", "late", A, ROUND_1)
    year.open("2027-05-04 10:00", ROUND_2, "ninh_binh_2027", "dot_2")
    year.look_around("2027-05-10 07:30")
    year.forbid("2027-05-20 09:00", "file", "r4", C, RENEWAL, AGAIN, held="H4")


def summer(year: Played) -> None:
    """The province judges its first round in time; the ministry finds five stars for H5's product."""
    year.centre("2027-06-01 09:00", "r5", "94")
    year.judge(
        "2027-06-10 14:00", {"1": "45", "2": "55", "3": "75", "4": "92", "5": "91", "6": "95", "7": "65", "9": "73"}
    )
    year.paper("2027-06-15 09:00", "decide", "1", "2", "3", "4", "5", "6", "7", "9")
    year.look_around("2027-06-15 09:05")
    year.paper("2027-06-18 09:00", "recognise", "2", "3", "7", "9")
    year.look_around("2027-06-30 00:05")
    year.paper("2027-07-20 09:00", "propose", "4", "5", "6")
    year.look_around("2027-07-30 00:05")


def autumn(year: Played) -> None:
    """The second round is filed; the ministry passes one and sends two back; a certificate is revoked."""
    year.file("2027-09-06 09:00", "8b", C, ROUND_2, product="8", carried_from=year.codes["8"])
    for name, commune in (("10", A), ("11", B), ("12", C), ("13", A)):
        year.file("2027-09-06 09:10", name, commune, ROUND_2)
    year.file("2027-09-06 09:20", "r4", C, ROUND_2, AGAIN, held="H4")
    for hour, commune, names in (("09:00", A, ("10", "13")), ("09:10", B, ("11",)), ("09:20", C, ("8b", "12", "r4"))):
        year.receive(f"2027-09-08 {hour}", commune, *names)
        year.report(f"2027-09-13 {hour}", commune, *names)
        year.submit(f"2027-09-15 {hour}", commune, *(name for name in names if name != "12"))
    certificate = f"{year.codes['2']}/GCN-3"
    year.act("2027-09-15 10:00", "record-finding", P, certificate=certificate, ground=Ground.PRODUCTION_STOPPED,
             found_on=day("2027-09-10"), body="Cơ sở đã đóng cửa", document="4/BB-KT")  # fmt: skip
    for name, mean in (("4", "93"), ("5", "85"), ("6", "60")):
        year.centre("2027-09-20 09:00", name, mean)
    year.look_around("2027-09-20 09:05")
    year.act("2027-09-24 09:00", "revoke", P, certificate=certificate, revoked_on=day("2027-09-24"), document="88/QĐ-UBND",
             reason="Ngừng sản xuất")  # fmt: skip
    year.look_around("2027-09-30 00:05")
    year.paper("2027-10-04 09:00", "decide", "5")
    year.judge("2027-10-04 10:00", {"6": "78"})
    year.paper("2027-10-05 09:00", "decide", "6")
    year.paper("2027-10-06 09:00", "recognise", "5", "6")
    year.act("2027-10-12 09:00", "retract", "14182/officer", dossier=year.codes["12"], requested_on=day("2027-10-12"),
             reason="Chuyển địa điểm sản xuất")  # fmt: skip
    year.look_around("2027-10-30 00:05")
    year.forbid("2027-11-01 09:00", "file", "late", A, ROUND_2)


def end_of_the_second_round(year: Played) -> None:
    """The province judges; one is not proposed; one falls under 50 at the ministry; the cycles close."""
    year.judge("2027-12-06 14:00", {"8b": "72", "10": "93", "11": "96", "13": "52", "r4": "81"})
    year.paper("2027-12-08 09:00", "decide", "8b", "10", "11", "13", "r4")
    year.look_around("2027-12-08 09:05")
    year.paper("2027-12-10 09:00", "recognise", "8b", "13", "r4")
    year.act("2027-12-13 09:00", "forgo", P, dossiers=year.named("11"), reason="Chủ thể không đề nghị",
             decided_on=day("2027-12-13"))  # fmt: skip
    year.paper("2027-12-15 09:00", "recognise", "11")
    year.look_around("2027-12-30 00:05")
    year.paper("2028-01-20 09:00", "propose", "10")
    year.look_around("2028-01-30 00:05")
    year.centre("2028-03-20 09:00", "10", "47")
    year.paper("2028-03-24 09:00", "decide", "10")
    year.look_around("2028-03-30 00:05")
    for number, cycle in enumerate(CYCLES):
        year.act(f"2028-04-05 09:0{number}", "close-cycle", P, cycle=cycle)
    year.look_around("2028-04-05 10:05")


def _units() -> list[dict[str, str]]:
    centre = {"level": "trung ương", "code": "TW", "name": "Trung ương", "parent_code": "", "valid_from": "1/1/2021"}
    with UNITS.open(encoding="utf-8", newline="") as file:
        rows = [{**row, "valid_from": "2021-01-01"} for row in csv.DictReader(file) if row["level"] != "central"]
    return [centre, *rows]


def _people() -> list[dict[str, str]]:
    posts = [("tỉnh", "37", role) for role in ("officer", "coordinator_office", "department")]
    posts += [("xã", commune, role) for commune in (A, B, C) for role in ("officer", "head", "vice_chair")]
    return [
        {"code": f"{unit}/{role}", "name": f"Cán bộ mô phỏng {unit} {role}", "email": f"{role}.{unit}@office.example",
         "phone": "0900000000", "unit_level": level, "unit_code": unit, "role": role, "valid_from": "1/1/2021", **SIMULATED}
        for level, unit, role in posts
    ]  # fmt: skip


def _history() -> list[dict[str, str]]:
    return [
        {"commune_code": commune, "star": str(star), "decision_date": issued, "authority_level": level,
         "certificate_number": f"GCN-{key}", "producer_code": f"CT-{key}", "producer_name": f"HTX mô phỏng {key}",
         "product_code": f"SP-{key}", "product_name": f"Sản phẩm mô phỏng {key}", "group": "Thực phẩm",
         "email": f"{key.lower()}@producer.example", **SIMULATED}
        for key, commune, star, issued, level in HELD
    ]  # fmt: skip
