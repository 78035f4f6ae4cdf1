"""The designed world as files for the real imports, and the machine that plays it: commands, acts and flows by the clock."""

import asyncio
import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, select

from casework.actors import person
from casework.acts import ACTS
from cli.main import command
from models.session import make_engine, perform, reading
from models.settings import DatabaseSettings
from ocop.errors import RuleViolation
from tests.factories import all_gates, at, council

CYCLE = "ND2025"
PLAN = Path(__file__).parents[2] / "deployments" / "plans" / "nam_dinh_2025.toml"
A, B, C = "365", "366", "360"
A1, A2, B1, B2, C1, C2 = "14101", "14102", "14201", "14202", "13801", "13802"
SIMULATED = {"simulated": "có"}

UNITS = (
    # level, code, name, parent
    ("trung ương", "TW", "Trung ương", ""),
    ("tỉnh", "36", "Tỉnh Nam Định", "TW"),
    ("huyện", A, "Huyện Giao Thủy", "36"),
    ("huyện", B, "Huyện Hải Hậu", "36"),
    ("huyện", C, "Huyện Ý Yên", "36"),
    ("xã", A1, "Xã Mô Phỏng Một", A),
    ("xã", A2, "Xã Mô Phỏng Hai", A),
    ("xã", B1, "Xã Mô Phỏng Ba", B),
    ("xã", B2, "Xã Mô Phỏng Bốn", B),
    ("xã", C1, "Xã Mô Phỏng Năm", C),
    ("xã", C2, "Xã Mô Phỏng Sáu", C),
)
POSTS = (
    # unit, roles; the vice-chair of C is vacant
    ("36", ("officer", "coordinator_office", "department")),
    (A, ("officer", "head", "vice_chair")),
    (B, ("officer", "head", "vice_chair")),
    (C, ("officer", "head")),
    *((commune, ("officer",)) for commune in (A1, A2, B1, B2, C1, C2)),
)
HISTORY = (
    # key, commune, star, issued, authority
    ("H1", A1, 3, "15/3/2023", "huyện"),
    ("H2", B1, 3, "20/9/2022", "huyện"),
    ("H3", C1, 4, "15/8/2022", "tỉnh"),
    ("H4", C2, 3, "31/5/2022", "huyện"),
    ("H5", B2, 3, "1/7/2022", "huyện"),
    ("H6", A2, 5, "10/10/2023", "trung ương"),
    ("H7", C1, 3, "29/2/2024", "huyện"),
)
COMMUNES = {
    A1: (1, 2, 5, 7, 9, 10),
    A2: (3, 4, 6, 8),
    B1: (11, 12, 15, 17, 19),
    B2: (13, 14, 16, 18, 20),
    C1: (21, 24, 25, 27),
    C2: (22, 23, 26),
}
FOLLOWS = {10: ("nâng hạng", "H1"), 19: ("nâng hạng", "H2"), 20: ("công nhận lại", "H5"), 27: ("công nhận lại", "H3")}
ON_PAPER = ("H4", "26")
"""The products whose producers have no e-mail."""


def code(number: int) -> str:
    """Return the code of a dossier by its number in the table."""
    return f"{CYCLE}-{number:04d}"


def codes(numbers: Iterable[int]) -> list[str]:
    """Return the codes of dossiers by their numbers."""
    return [code(number) for number in numbers]


def _product(key: str) -> dict[str, str]:
    email = {} if key in ON_PAPER else {"email": f"{key.lower()}@producer.example"}
    return {
        "producer_code": f"CT-{key}",
        "producer_name": f"HTX mô phỏng {key}",
        "product_code": f"SP-{key}",
        "product_name": f"Sản phẩm mô phỏng {key}",
        "group": "Thực phẩm",
        **email,
        **SIMULATED,
    }


def _dossiers(numbers: Iterable[int], registered_on: str) -> list[dict[str, str]]:
    rows = []
    for number in numbers:
        kind, held = FOLLOWS.get(number, ("lần đầu", ""))
        row = _product(held or str(number))
        row |= {"cycle": CYCLE, "kind": kind, "proposed_star": "4", "registered_on": registered_on}
        row |= {"commune_code": next(commune for commune, filed in COMMUNES.items() if number in filed)}
        if held:
            row |= {"certificate_number": f"GCN-{held}", "changes": "Bao bì và vùng nguyên liệu mới (mô phỏng)."}
        rows.append(row)
    return rows


FILES: Mapping[str, list[dict[str, str]]] = {
    "units": [
        {"level": level, "code": unit, "name": name, "parent_code": parent, "valid_from": "1/1/2021"}
        for level, unit, name, parent in UNITS
    ],
    "people": [
        {
            "code": f"{unit}/{role}", "name": f"Cán bộ mô phỏng {unit} {role}", "email": f"{role}.{unit}@office.example",
            "phone": "0900000000", "unit_level": next(level for level, known, *_ in UNITS if known == unit),
            "unit_code": unit, "role": role, "valid_from": "1/1/2021", **SIMULATED,
        }
        for unit, roles in POSTS
        for role in roles
    ],
    "history": [
        {
            "commune_code": commune, "star": str(star), "decision_date": issued, "authority_level": level,
            "certificate_number": f"GCN-{key}", **_product(key),
        }
        for key, commune, star, issued, level in HISTORY
    ],
    "dossiers_april_21": _dossiers(range(1, 21), "21/4/2025"),
    "dossiers_april_28": _dossiers(range(21, 28), "28/4/2025"),
}  # fmt: skip


@dataclass
class Year:
    """One installation in a folder; every line of the story happens at an instant that the story names."""

    home: Path
    engine: Engine = field(init=False)
    states: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)
    """(instant, flow) -> (name, message) of the state in which the flow ended."""
    stood: dict[str, dict[str, dict[str, int]]] = field(default_factory=dict)
    """Instant -> district -> stage -> dossiers, as seen then."""
    refused: list[str] = field(default_factory=list)
    keys: Any = field(default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        self.engine = make_engine(DatabaseSettings(home=self.home, db_url=""))

    def ocop(self, *tokens: str) -> None:
        """Give a command of the terminal."""
        command()(tokens, result_action="return_value")

    def take_in(self, kind: str, name: str, when: str, *by: str) -> None:
        """Import one of the files with `ocop import`."""
        text = io.StringIO()
        rows = FILES[name]
        table = csv.DictWriter(text, sorted({column for row in rows for column in row}), restval="")
        table.writeheader()
        table.writerows(rows)
        file = self.home / f"{name}.csv"
        file.write_text(text.getvalue(), encoding="utf-8")
        self.ocop("import", kind, str(file), "--at", when, *by)

    def act(self, when: str, name: str, who: str, **body: Any) -> Any:
        """Perform an act, as the command of this name would."""
        key = f"year-{next(self.keys)}"
        return perform(
            self.engine,
            lambda session: ACTS[name].perform(session, actor=person(session, who), at=at(when), key=key, **body),
        )

    def refuse(self, when: str, name: str, who: str, **body: Any) -> None:
        """Try an act that the programme does not allow, and remember what it said."""
        try:
            self.act(when, name, who, **body)
        except RuleViolation as violation:
            self.refused.append(violation.english)

    def session(self, when: str, who: str, means: Mapping[int, str], **more: Any) -> None:
        """Record a council's session of that day: one mean for each dossier, all gates passed."""
        for number, mean in means.items():
            body = {
                "dossier": code(number), "held_on": at(when).date(), "minutes": f"BB-{who}-{when[:10]}", "members": 5,
                "scores": council(mean), "gates": all_gates(),
            }  # fmt: skip
            self.act(when, "evaluate", who, **(body | more))

    def sign(self, when: str, name: str, who: str, numbers: Sequence[int], **more: Any) -> None:
        """Sign a paper of that day on dossiers: a decision, a list, a recognition."""
        body = {"dossiers": codes(numbers), "number": f"{name}-{when[:10]}", "signed_on": at(when).date()}
        if name in {"decide", "recognise"}:
            body["signer"] = "Người ký mô phỏng"
        self.act(when, name, who, **(body | more))

    def flows(self, when: str, *names: str) -> None:
        """Run flows, by their names, for an instant; the reconcile of the cycles when none is named."""
        asyncio.run(self._flows(when, names or ("evaluation_cycle",)))

    async def _flows(self, when: str, names: Sequence[str]) -> None:
        from flows.conservation_check import conservation_check
        from flows.daily_digest import daily_digest
        from flows.deadline_watch import deadline_watch
        from flows.evaluation_cycle import evaluation_cycle
        from flows.expiry_sweep import expiry_sweep
        from flows.letter_delivery import letter_delivery

        known = (conservation_check, daily_digest, deadline_watch, evaluation_cycle, expiry_sweep, letter_delivery)
        by_name = {flow.fn.__name__: flow for flow in known}
        for name in names:
            state = await by_name[name](at=at(when), return_state=True)
            assert state.is_completed(), f"{name} at {when}: {state.message}"
            self.states[when, name] = (state.name or "", state.message or "")

    def rows(self, statement: Any) -> list[Any]:
        """Return the rows of a query."""
        with reading(self.engine) as session:
            return list(session.execute(statement).all())

    def look(self, when: str) -> None:
        """Remember how many dossiers of each district stand at which stage."""
        from models.dossiers import Dossier
        from models.units import Unit

        found: dict[str, dict[str, int]] = {}
        for unit, stage in self.rows(select(Unit.code, Dossier.stage).join(Unit, Unit.id == Dossier.district_id)):
            by_stage = found.setdefault(unit, {})
            by_stage[stage] = by_stage.get(stage, 0) + 1
        self.stood[when] = found


def day(text: str) -> date:
    """Return a date."""
    return date.fromisoformat(text)
