"""A province in the middle of its year, of any size: dossiers at every stage with all that led there, written at once.

Its history is as the procedure writes it, but its hashes are empty: `ocop verify` finds them, the pages do not look.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import cycle as turns
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from benchmarks.world import Province, founded
from casework import clock
from casework.doctor import balance
from casework.health import CHECKED
from models.base import Base, canonical
from models.cycles import Breach, Deadline
from models.dossiers import Dossier
from models.letters import Letter
from models.record import Event
from models.results import Certificate, Decision, Evaluation, GateResult, MemberTotal
from models.units import Producer, Product
from ocop.levels import Level
from ocop.notices import AUDIENCE, Party
from ocop.procedure import Back, Move
from ocop.rulebook import PROCEDURES
from ocop.text import fold

QD148 = PROCEDURES["qd148"]
FROM = datetime(2025, 4, 10, 2, 0, tzinfo=UTC)
AT = datetime(2025, 6, 25, 2, 0, tzinfo=UTC)
"""After the districts' two deadlines, before the province's."""

MIDYEAR: Mapping[str, int] = {
    "registered": 2, "commune_review": 4, "commune_supplement": 1, "district_evaluation": 8,
    "provincial_submission": 5, "provincial_evaluation": 30, "returned_to_district": 4, "provincial_recognition": 3,
    "district_recognition": 3, "central_evaluation": 1, "recognised": 27, "not_ranked": 7, "retracted": 3,
    "disqualified": 1, "carried_over": 1,
}  # fmt: skip
"""How many of a hundred dossiers stand where."""
WAITING: Mapping[str, int] = {"commune_review": 20, "district_evaluation": 80}
"""Dossiers that have still to meet every deadline."""

COUNCIL = 5
ENDING = frozenset({"retract", "disqualify", "carry_over"})
DETOURS = frozenset({"annul", "keep", "forgo"})


def way(goal: str) -> list[Move]:
    """Return the shortest way of the procedure to a stage, the registration first; an ending leaves from the commune."""
    ways = {"registered": [QD148.entry("registered")]}
    waiting = ["registered"]
    for stage in waiting:
        for move in QD148.moves:
            onward = move.back in (None, Back.ONCE) and move.event not in DETOURS
            if onward and move.source == stage and move.target not in ways:
                if move.event in ENDING and stage != "commune_review":
                    continue
                ways[move.target] = [*ways[stage], move]
                waiting.append(move.target)
    return ways[goal]


@dataclass(frozen=True)
class Filed:
    """One dossier of the world: where it lies, where it stands, and how it came there."""

    key: int
    commune: int
    district: int
    goal: str
    moves: Sequence[Move]
    began: datetime

    def since(self, number: int) -> datetime:
        """Return when a line of its history was written."""
        return self.began + timedelta(days=4 * (number - 1))


class Desk:
    """Writes rows of whole tables through the driver, as the columns of the database take them."""

    def __init__(self, record: Path) -> None:
        """Open a record for filling: no trigger or index is switched off, only the waiting for the disk."""
        self.connection = sqlite3.connect(record, isolation_level=None)
        self.connection.execute("PRAGMA synchronous=OFF")
        self.connection.execute("BEGIN IMMEDIATE")

    def write(self, table: type[Base], columns: Sequence[str], rows: Iterable[Sequence[Any]], **same: Any) -> None:
        """Insert rows; `same` are columns with one value in all of them."""
        names = ", ".join(f'"{name}"' for name in (*columns, *same))
        marks = ", ".join("?" * (len(columns) + len(same)))
        rest = tuple(same.values())
        self.connection.executemany(
            f"INSERT INTO {table.__tablename__} ({names}) VALUES ({marks})", ((*row, *rest) for row in rows)
        )

    def close(self) -> None:
        """Keep what was written."""
        self.connection.execute("COMMIT")
        self.connection.close()


def moment(at: datetime) -> str:
    """Return an instant as SQLite keeps it."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")


def midyear(
    home: Path, number: int, mix: Mapping[str, int] = MIDYEAR, *, older: int = 0, plan: str = "",
    struck_by: datetime = AT,
) -> Province:  # fmt: skip
    """Return a founded province with so many dossiers in these shares, and older products with certificates.

    What missed a deadline that struck by an instant has its breach.
    """
    province = founded(home, plan=plan)
    record = Path(str(province.engine.url.database))
    desk = Desk(record)
    filed = list(_filed(province, number, mix))
    _dossiers(desk, filed)
    _history(desk, province, filed)
    _results(desk, province, filed)
    _breaches(desk, filed, struck_by)
    _older(desk, province, number, older)
    desk.close()
    return province


def _filed(province: Province, number: int, mix: Mapping[str, int]) -> Iterator[Filed]:
    """Yield dossiers spread over the communes, every hundred of them in the shares of the mix."""
    ways = {goal: way(goal) for goal in mix}
    goals = [goal for goal, share in mix.items() for _ in range(share)]
    # A step that shares no factor with a hundred spreads each stage over all communes.
    order = [goals[place * 37 % len(goals)] for place in range(len(goals))]
    for key, (commune, district) in zip(range(1, number + 1), turns(province.communes), strict=False):
        goal = order[(key + key // len(order)) % len(order)]
        yield Filed(key, commune, district, goal, ways[goal], FROM + timedelta(minutes=key % 40_000))


def _dossiers(desk: Desk, filed: Sequence[Filed]) -> None:
    desk.write(
        Producer,
        ("id", "code", "name", "search", "commune_id", "email"),
        (
            (one.key, f"CT-{one.key:06d}", f"HTX mô phỏng {one.key}", f"htx mo phong {one.key}", one.commune,
             f"ct{one.key}@producer.example")
            for one in filed
        ),
        kind="cooperative", contact="", phone="0900000000", simulated=1,
    )  # fmt: skip
    desk.write(
        Product,
        ("id", "code", "name", "search", "producer_id"),
        (
            (one.key, f"SP-{one.key:06d}", name := f"Gạo tám xoan mô phỏng {one.key}", fold(name), one.key)
            for one in filed
        ),
        group="Thực phẩm", simulated=1,
    )  # fmt: skip
    desk.write(
        Dossier,
        ("id", "code", "product_id", "producer_id", "stage", "stage_since", "open", "holder_id", "commune_id",
         "district_id", "registered_on", "registered_at", "version"),
        (
            (one.key, f"BENCH-{one.key:06d}", one.key, one.key, one.goal, moment(one.since(len(one.moves))),
             not QD148.stage(one.goal).final, holders(one)[-1], one.commune, one.district, one.began.date().isoformat(),
             moment(one.began), len(one.moves))
            for one in filed
        ),
        cycle_id=1, kind="first", procedure_key="qd148", province_id=2, proposed_star=4, changes="", head="0" * 64,
        simulated=0,
    )  # fmt: skip


def holders(one: Filed) -> list[int]:
    """Return the unit that held a dossier after each of its moves; who held it when it ended keeps it."""
    at = {Level.COMMUNE: one.commune, Level.DISTRICT: one.district, Level.PROVINCE: 2, Level.CENTRAL: 1}
    found: list[int] = []
    for move in one.moves:
        stage = QD148.stage(move.target)
        found.append(found[-1] if stage.final else at[stage.level])
    return found


def _history(desk: Desk, province: Province, filed: Sequence[Filed]) -> None:
    """Write a line for each move and the letters that its row owes, all sent but those of the last day."""
    desk.write(
        Event,
        ("chain", "number", "dossier_id", "event", "from_stage", "to_stage", "unit_id", "occurred_on", "effective_at",
         "recorded_at"),
        (
            (f"dossier/{one.key}", number, one.key, move.event, move.source, move.target, giver,
             one.since(number).date().isoformat(), moment(one.since(number)), moment(one.since(number)))
            for one in filed
            for number, (move, giver) in enumerate(zip(one.moves, _givers(one), strict=True), start=1)
        ),
        cycle_id=1, actor_name="Cán bộ mô phỏng", on_behalf="", reason="", rule="", details="{}", prev_hash="",
        hash="0" * 64,
    )  # fmt: skip
    desk.write(
        Letter,
        ("key", "notice", "cause", "dossier_id", "unit_id", "reply_unit_id", "recipient", "email", "state", "owed_at",
         "send_from", "give_up_at", "next_try_at", "message_id", "sent_at"),
        (row for one in filed for row in _letters(province, one)),
        cycle_id=1, recipient_name="Người nhận mô phỏng", facts="{}", tries=1, lease_by="", last_error="", unconfirmed=0,
        subject="Thư mô phỏng", body="Thư mô phỏng.", handed_over_by="", simulated=1,
    )  # fmt: skip


def _givers(one: Filed) -> list[int]:
    """Return the unit at which each line happened: who held the dossier before it."""
    held = holders(one)
    return [held[0], *held[:-1]]


def _letters(province: Province, one: Filed) -> Iterator[tuple[Any, ...]]:
    units = {Party.COMMUNE: one.commune, Party.DISTRICT: one.district, Party.PROVINCE: 2, Party.COORDINATOR_OFFICE: 2}
    for number, (move, holder) in enumerate(zip(one.moves, holders(one), strict=True), start=1):
        at = one.since(number)
        states = {9999: "dead", 5000: "to_hand_over"}
        state = "owed" if at > AT - timedelta(days=1) else states.get(one.key % 10_000, "sent")
        said = moment(at)
        for notice in move.letters:
            readers = {
                f"producer/{one.key}" if party is Party.PRODUCER
                else f"person/{province.officers[units.get(party, holder)]}": units.get(party, holder)
                if party is not Party.PRODUCER
                else one.commune
                for party in AUDIENCE[notice]
            }  # fmt: skip
            for recipient, unit in readers.items():
                key = f"dossier/{one.key}#{number}/{notice}/{recipient}"
                yield (
                    key, notice.value, f"dossier/{one.key}#{number}", one.key, unit, holder, recipient,
                    "x@office.example", state, said, said, moment(at + timedelta(days=3)), said,
                    f"<{key}@letters.ocop.invalid>", said if state == "sent" else None,
                )  # fmt: skip


def _results(desk: Desk, province: Province, filed: Sequence[Filed]) -> None:
    """Write the ballot and the decision of each result, the recognition and its certificate."""
    ballots: list[tuple[Any, ...]] = []
    signed: list[tuple[Any, ...]] = []
    held: list[tuple[Any, ...]] = []
    for one in filed:
        for number, (move, giver) in enumerate(zip(one.moves, _givers(one), strict=True), start=1):
            stage, on = QD148.stage(move.source) if move.source else None, one.since(number).date().isoformat()
            if stage is None or move.event not in ("decide", "recognise"):
                continue
            if move.event == "decide" and stage.key != "returned_to_district":
                ballots.append((len(ballots) + 1, one.key, stage.level.value, stage.key, on, moment(one.since(number))))
            purpose = QD148.stage(move.target).result if move.event == "decide" else "recognition"
            star = (4 if stage.level is Level.PROVINCE else 3) if move.event == "recognise" else None
            signed.append((len(signed) + 1, one.key, one.key, stage.level.value, purpose, on, giver, len(ballots), star,
                           moment(one.since(number))))  # fmt: skip
            if star:
                held.append((f"{one.key}/GCN-OCOP", one.key, one.key, len(signed), one.commune, star, on,
                             _later(on, 36), giver))  # fmt: skip
    desk.write(
        Evaluation, ("id", "dossier_id", "level", "stage", "held_on", "recorded_at"), ballots, passage=1, ballot=1,
        minutes_number="01/BB-HĐ", members=COUNCIL, mean="75", stars_by_points=4, stars_after_gates=4, counts=1,
        recorded_late=0, annulled_by="",
    )  # fmt: skip
    desk.write(
        MemberTotal, ("evaluation_id", "member", "chair"),
        ((ballot[0], f"Ủy viên {seat}", seat == 1) for ballot in ballots for seat in range(1, COUNCIL + 1)),
        total="75", recused_reason="",
    )  # fmt: skip
    desk.write(
        GateResult, ("evaluation_id", "star"), ((ballot[0], star) for ballot in ballots for star in (3, 4, 5)),
        passed=1, reason="",
    )  # fmt: skip
    desk.write(
        Decision,
        ("id", "dossier_id", "product_id", "level", "purpose", "signed_on", "unit_id", "evaluation_id", "awarded_star",
         "recorded_at"),
        signed, number="412/QĐ-UBND", signer="Nguyễn Văn Ký", mean="75", stars_by_points=4, stars_after_gates=4,
        annulled_by="",
    )  # fmt: skip
    desk.write(
        Certificate,
        ("number", "product_id", "dossier_id", "decision_id", "commune_id", "star", "issued_on", "valid_until",
         "unit_id"),
        held, revoked_document="", revoked_reason="", source="", simulated=1,
    )  # fmt: skip


def _later(day: str, months: int) -> str:
    """Return the same day so many months later, for days that every month has."""
    found = date.fromisoformat(day)
    return found.replace(year=found.year + months // 12, day=min(found.day, 28)).isoformat()


def _breaches(desk: Desk, filed: Sequence[Filed], struck_by: datetime) -> None:
    """Write one open breach for each dossier that has not passed a deadline which struck."""
    columns = "id, stage, strikes_at"
    struck = desk.connection.execute(
        f"SELECT {columns} FROM {Deadline.__tablename__} WHERE strikes_at <= ?", (moment(struck_by),)
    ).fetchall()
    for deadline, stage, strikes_at in struck:
        ahead = QD148.still_ahead(stage)
        desk.write(
            Breach,
            ("dossier_id", "stage", "unit_id"),
            ((one.key, one.goal, holders(one)[-1]) for one in filed if one.goal in ahead),
            deadline_id=deadline, struck_at=strikes_at, closed_by="",
        )  # fmt: skip


def _older(desk: Desk, province: Province, number: int, older: int) -> None:
    """Write products of earlier years with certificates whose ends lie before and after this day."""
    keys = range(number + 1, number + older + 1)
    communes = dict(zip(keys, turns(commune for commune, _ in province.communes), strict=False))
    desk.write(
        Producer,
        ("id", "code", "name", "search", "commune_id"),
        ((key, f"CT-{key:06d}", f"HTX mô phỏng {key}", f"htx mo phong {key}", communes[key]) for key in keys),
        kind="cooperative", contact="", email=None, phone=None, simulated=1,
    )  # fmt: skip
    desk.write(
        Product,
        ("id", "code", "name", "search", "producer_id"),
        ((key, f"SP-{key:06d}", f"Mật ong mô phỏng {key}", f"mat ong mo phong {key}", key) for key in keys),
        group="Thực phẩm", simulated=1,
    )  # fmt: skip
    first = desk.connection.execute(f"SELECT coalesce(max(id), 0) FROM {Decision.__tablename__}").fetchone()[0] + 1
    ends = {key: AT.date() + timedelta(days=key * 7 % 1300 - 200) for key in keys}
    desk.write(
        Decision,
        ("id", "product_id", "signed_on", "recorded_at"),
        (
            (first + place, key, (ends[key] - timedelta(days=1095)).isoformat(), moment(FROM))
            for place, key in enumerate(keys)
        ),
        level="district", purpose="imported", number="01/QĐ-UBND", signer="", unit_id=2, stars_by_points=None,
        awarded_star=3, annulled_by="",
    )  # fmt: skip
    desk.write(
        Certificate,
        ("number", "product_id", "decision_id", "commune_id", "issued_on", "valid_until"),
        (
            (f"{key}/GCN-CU", key, first + place, communes[key], (ends[key] - timedelta(days=1095)).isoformat(),
             ends[key].isoformat())
            for place, key in enumerate(keys)
        ),
        star=3, unit_id=2, revoked_document="", revoked_reason="", source="nhập từ danh sách", simulated=1,
    )  # fmt: skip


def by_stage(filed: Iterable[Filed]) -> dict[str, int]:
    """Return how many dossiers stand at each stage."""
    found: dict[str, int] = defaultdict(int)
    for one in filed:
        found[one.goal] += 1
    return dict(found)


def checked(session: Session) -> None:
    """Keep what the nightly checks of the two nights before keep."""
    for nights in (2, 1):
        at = AT - timedelta(days=nights)
        balance.keep(session, balance.custody(session, at), at)
        clock.set_mark(session, CHECKED, canonical({"broken": [], "faulty_chains": 0}), at)
