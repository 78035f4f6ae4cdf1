"""The small office's units on 1/7/2025: districts end, its four communes become two, its province another one."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import select

from models.session import transaction
from models.successions import Succession
from models.units import Unit
from ocop.levels import Level
from ocop.text import fold
from tests.factories import CYCLE, Office

MERGED = date(2025, 7, 1)
IN_FORCE = date(2025, 7, 6)
PAPER = "Nghị quyết sắp xếp (mô phỏng)"
NEW = (
    # level, code, name, parent
    (Level.PROVINCE, "37", "Tỉnh Ninh Bình", "00"),
    (Level.COMMUNE, "20001", "Xã Giao Mới", "37"),
    (Level.COMMUNE, "20002", "Xã Hải Mới", "37"),
)
FOLLOWS = (
    # old, new, what becomes of posts
    ("36", "37", "move"),
    ("365", "37", "end"),
    ("366", "37", "end"),
    ("14101", "20001", "move"),
    ("14102", "20001", "move"),
    ("14201", "20002", "move"),
    ("14202", "20002", "end"),
)
Asked = tuple[str, dict[str, Any], dict[str, Any]]
"""Who does an act, the request, and one value that makes it another request."""


def learn(office: Office, follows: Sequence[tuple[str, str, str]] = FOLLOWS) -> Office:
    """Write the new units and who follows whom, as the imports do."""
    with transaction(office.engine) as session:
        ids: dict[str, int] = {unit.code: unit.id for unit in session.scalars(select(Unit))}
        for level, code, name, parent in NEW:
            unit = Unit(
                level=level.value, code=code, name=name, search=fold(name), parent_id=ids[parent], valid_from=MERGED,
                source="test",
            )  # fmt: skip
            session.add(unit)
            session.flush()
            ids[code] = unit.id
        for old, new, roles in follows:
            session.add(
                Succession(
                    unit_id=ids[old], successor_id=ids[new], from_day=MERGED, main=True, roles=roles, document=PAPER
                )
            )
    return office


def merge(office: Office, **more: Any) -> Mapping[str, Any]:
    """Reorganise, as the province's officer."""
    return office.act("reorganise", "36/officer", **({"day": MERGED, "document": PAPER} | more))


def reorganised(office: Office) -> Asked:
    """Units end while dossiers stand at a commune, a district and the province."""
    learn(office)
    office.register()
    office.at_district("14201")
    office.at_province()
    office.go("2025-07-01")
    return "36/officer", {"day": MERGED, "document": PAPER, "suspend": Level.DISTRICT}, {"document": "Văn bản khác"}


def suspended(office: Office) -> Asked:
    """No body is competent at the district."""
    office.at_district()
    body = {
        "cycle": CYCLE,
        "level": Level.DISTRICT,
        "since": office.now.date(),
        "document": PAPER,
        "reason": "Chờ luật.",
    }
    return "36/officer", body, {"reason": "Lý do khác"}


def resumed(office: Office) -> Asked:
    """The district is competent again."""
    who, body, _ = suspended(office)
    office.act("suspend", who, **body)
    office.go("2025-05-12")
    body = {"cycle": CYCLE, "from_day": office.now.date(), "document": PAPER, "reason": "Có văn bản."}
    return "36/officer", body, {"reason": "Lý do khác"}


def changed(office: Office) -> Asked:
    """The cycle goes over to the procedure of Decision 1489."""
    office.at_district()
    office.at_province()
    office.go("2025-07-06")
    body = {"cycle": CYCLE, "procedure": "qd1489", "from_day": IN_FORCE, "document": "Quyết định 1489/QĐ-TTg"}
    return "36/officer", body, {"document": "Văn bản khác"}
