"""A province without districts, under the laws of 2025 and 2026: its plans, its communes and the acts on their way."""

from dataclasses import dataclass, field
from decimal import Decimal
from itertools import count
from typing import Any

from sqlalchemy import Engine, select

from casework.act import Answer
from casework.registration import Goods, Maker
from models.results import Certificate
from models.units import Producer, Product
from ocop.levels import DossierKind, Level
from tests.factories import CYCLE, Office, all_gates, as_kept, at

UNITS = (
    # level, code, name, parent code
    (Level.CENTRAL, "00", "Trung ương", None),
    (Level.PROVINCE, "37", "Tỉnh Ninh Bình", "00"),
    (Level.COMMUNE, "14167", "Xã Giao Minh", "37"),
    (Level.COMMUNE, "14182", "Xã Giao Hòa", "37"),
)
ROUND_1 = (
    # stage, date, act that meets it
    ("provincial_submission", "2027-04-30", "letter_sent"),
    ("provincial_evaluation", "2027-06-30", "session_held"),
    ("central_proposal", "2027-07-30", "letter_sent"),
    ("central_evaluation", "2027-09-30", "decision_signed"),
)
OF_THE_PROVINCE = "37/officer"


def a_plan(
    procedure: str, deadlines: Any = (), *, year: int = 2027, opens_on: str = "2027-01-04", more: str = ""
) -> str:
    """Return a plan's text with these deadlines and whatever tables are given."""
    rows = "".join(
        f'[[deadlines]]\nstage = "{stage}"\ndate = {day}\nwording = "trước ngày {day}"\nmet_by = "{met_by}"\n'
        f'section = "mục 1"\n'
        for stage, day, met_by in deadlines
    )
    none = "" if deadlines else "deadlines = []\n"
    cited = '"deadlines.met_by" = "mục 1"\n' if deadlines else ""
    return (
        f'{none}[plan]\nkey = "thu"\ntitle = "Kế hoạch thử"\nnumber = "1/KH-UBND"\nissued_on = {opens_on}\n'
        f'issuer = "UBND tỉnh"\nprovince = "37"\nprocedure = "{procedure}"\nyear = {year}\nopens_on = {opens_on}\n'
        f'{rows}{more}\n[sources]\nplan = "Kế hoạch 1"\n{cited}re_recognition = "mục 2"\n'
    )


@dataclass
class Province(Office):
    """The small world of a province without districts."""

    units: Any = UNITS
    last: Answer = field(default_factory=dict)
    """What the last registration answered."""

    def opened(self, plan: str, code: str = CYCLE) -> "Province":
        """Open a cycle by the province's officer."""
        self.act("open-cycle", OF_THE_PROVINCE, code=code, plan=plan)
        return self

    def register(
        self, commune: str = "14167", kind: DossierKind = DossierKind.FIRST, star: int = 3, **more: Any
    ) -> str:
        """File a dossier of a new invented product and return its code."""
        return super().register(commune, kind, star, **more)

    def reported(self, commune: str = "14167", **more: Any) -> str:
        """File, receive and report on a dossier; the commune has still to send it."""
        code = self.register(commune, **more)
        self.act("receive", f"{commune}/officer", dossiers=[code], received_on=self.now.date())
        self.report(code, commune)
        return code

    def report(self, code: str, commune: str = "14167") -> Answer:
        """Issue the commune's report."""
        return self.act(
            "report", f"{commune}/officer", dossiers=[code], number="12/BC-UBND", reported_on=self.now.date(),
            findings="Đủ nội dung.",
        )  # fmt: skip

    def sent(self, commune: str = "14167", **more: Any) -> str:
        """Take a new dossier to the province."""
        code = self.reported(commune, **more)
        self.act("submit", f"{commune}/officer", dossiers=[code], number="7/TTr-UBND", signed_on=self.now.date())
        self.tick()
        return code

    def judge(self, code: str, mean: str, **more: Any) -> Answer:
        """Record the provincial council's ballot."""
        return self.evaluate(code, mean, OF_THE_PROVINCE, **more)

    def ranked(self, mean: str, commune: str = "14167", **more: Any) -> str:
        """Take a new dossier through the province's council and decision, and route it."""
        code = self.sent(commune, **more)
        self.judge(code, mean)
        self.decide(code, OF_THE_PROVINCE)
        return code

    def awarded(self, code: str, number: str = "500/QĐ-UBND") -> Answer:
        """Sign the province's recognition."""
        return self.recognise(code, OF_THE_PROVINCE, number)

    def proposed(self, mean: str = "93", **more: Any) -> str:
        """Take a new dossier of 90 points and more to the ministry."""
        code = self.ranked(mean, **more)
        self.act("propose", OF_THE_PROVINCE, dossiers=[code], number="9/TTr-UBND", signed_on=self.now.date())
        self.tick()
        return code

    def found_at_the_centre(self, code: str, mean: str) -> Answer:
        """Enter what the ministry found, and route."""
        answer = self.act(
            "record-central-result", OF_THE_PROVINCE, dossier=code, held_on=self.now.date(), minutes="3/BB-HĐTW",
            mean=Decimal(mean), gates=all_gates(), number="77/QĐ-BNNMT", signed_on=self.now.date(), signer="Bộ trưởng",
        )  # fmt: skip
        self.tick()
        return answer

    def renew(self, certificate: str, commune: str, **more: Any) -> str:
        """File for the re-recognition of a product that holds a certificate, and keep the answer."""
        ((goods, maker),) = self.rows(
            select(Product, Producer)
            .join(Producer, Producer.id == Product.producer_id)
            .join(Certificate, Certificate.product_id == Product.id)
            .where(Certificate.number == certificate)
        )
        body: dict[str, Any] = {
            "cycle": CYCLE, "producer": Maker(maker.code, maker.name, commune, simulated=True),
            "product": Goods(goods.code, goods.name), "kind": DossierKind.RE_RECOGNITION, "proposed_star": 4,
            "registered_on": self.now.date(), "certificate": certificate,
        }  # fmt: skip
        self.last = self.act("register", f"{commune}/officer", **(body | more))
        return str(self.last["dossier"])

    def forward(self, code: str, commune: str = "14167") -> None:
        """Take a registered dossier through the commune to the province."""
        self.act("receive", f"{commune}/officer", dossiers=[code], received_on=self.now.date())
        self.report(code, commune)
        self.act("submit", f"{commune}/officer", dossiers=[code], number="7/TTr-UBND", signed_on=self.now.date())
        self.tick()


def a_province(engine: Engine, plan: str, when: str) -> Province:
    """Return a province whose cycle has just opened under a plan's text."""
    province = Province(engine, at(when))
    as_kept(engine, f"province {when} {plan}", lambda: province.found() and province.opened(plan))
    province.keys = count(2)
    return province
