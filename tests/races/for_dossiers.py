"""Races for one dossier: who registers it, retracts it, scores it, decides it, carries it on, corrects or recognises it."""

from functools import partial
from typing import Any

from sqlalchemy import Connection, Engine, select
from sqlalchemy.orm import Session

from casework.actors import person
from casework.ballots import Score
from casework.corrections import Purpose
from casework.imports.columns import Imported
from casework.imports.reading import read
from casework.imports.settings import ImportSettings
from casework.intake import import_dossiers
from models.dossiers import Dossier
from models.record import Request
from models.session import perform
from models.units import Producer, Product
from tests.factories import CYCLE, council
from tests.races.shown import View, of_ballots, of_dossier, rows
from tests.races.track import Contender, Heat
from tests.races.world import (
    COMMUNE,
    DISTRICT,
    FILED,
    FILING,
    HEAD,
    MEETING,
    MET,
    SECONDS,
    World,
    annulment,
    ballot,
    carrying,
    paper,
    registration,
    report,
    retraction,
)

HEADER = (
    "cycle,producer_code,producer_name,commune_code,email,product_code,product_name,kind,proposed_star,registered_on"
)


def two_imports(world: World, number: int) -> Heat:
    """Two officers import the same file of a dossier."""
    maker, product = f"CT-{number}", f"SP-{number}"
    line = f"{CYCLE},{maker},HTX mô phỏng,14101,ct{number}@producer.example,{product},Mắm mô phỏng,lần đầu,3,{FILED:%d/%m/%Y}"
    content = f"{HEADER}\n{line}".encode()

    def importing(says: str, who: str) -> Contender:
        def work(session: Session) -> Imported:
            table = read("ho_so.csv", content, ImportSettings())
            return import_dossiers(session, table, actor=person(session, who), at=FILING, key=f"import/{number}")

        def run(engine: Engine) -> tuple[int, int]:
            told = perform(engine, work)
            return told.new, told.unchanged

        return Contender(says, run)

    def view(connection: Connection) -> View:
        filed = rows(
            connection,
            select(Dossier.code).join(Product, Product.id == Dossier.product_id).where(Product.code == product),
        )
        if filed:
            world.dossiers.append(filed[0][0])
        return {
            "history": [],
            "dossiers": [str(sorted(of_dossier(connection, code)["letters"])) for (code,) in filed],
            "requests": rows(connection, select(Request.act).where(Request.key.startswith(f"import/{number}/"))),
            "producers": rows(connection, select(Producer.kind).where(Producer.code == maker)),
            "products": rows(connection, select(Product.group).where(Product.code == product)),
        }

    return Heat((importing("người nhập tệp", DISTRICT), importing("người cùng nhập", HEAD)), world.look(view))


def retract_and_report(world: World, number: int) -> Heat:
    """The producer retracts while the commune reports."""
    code = _to_retract(world, number)
    return Heat(
        (
            world.officer("người rút", "retract", "14101/head", FILING, **retraction(code, FILING)),
            world.officer("người báo cáo", "report", COMMUNE, FILING, **report([code])),
        ),
        world.look(partial(of_dossier, code=code)),
    )


def retract_and_route(world: World, number: int) -> Heat:
    """The producer retracts while the flow carries the dossier from its commune to the district."""
    code = _to_retract(world, number)
    world.act("report", COMMUNE, FILING, **report([code]))
    return Heat(
        (
            world.officer("người rút", "retract", HEAD, FILING + SECONDS, **retraction(code, FILING)),
            carrying("luồng của xã", "commune_reported", FILING + SECONDS),
        ),
        world.look(partial(of_dossier, code=code)),
    )


def _to_retract(world: World, number: int) -> str:
    code = str(world.act("register", COMMUNE, FILING, **registration(CYCLE, f"R-{number}", FILED))["dossier"])
    world.act("receive", COMMUNE, FILING, dossiers=[code], received_on=FILED)
    return code


def two_recordings(world: World, number: int) -> Heat:
    """One officer records a session with all its members, the other with one of them withdrawn."""
    code = world.dossiers[number]
    fewer = [*council("56", 4), Score("Ủy viên 5", recused="Có quan hệ với chủ thể")]

    def view(connection: Connection) -> View:
        return {**of_dossier(connection, code), "ballots": of_ballots(connection, code)}

    return Heat(
        (
            world.officer("người ghi đủ", "evaluate", DISTRICT, MEETING, **ballot(code, "55")),
            world.officer("người ghi vắng một", "evaluate", HEAD, MEETING, **ballot(code, "56", scores=fewer)),
        ),
        world.look(view),
    )


def withdraw_and_close(world: World, number: int) -> Heat:
    """A member turns out to be concerned and the ballot is annulled, while the decision on it is signed."""
    body = annulment(world.dossiers[number])
    annulling = world.officer("người hủy lượt chấm", "annul", HEAD, MEETING, "correct", **body)
    return _for_one(world, number, annulling, _officer(world, number, "người ký", "decide", DISTRICT, "1/QĐ"))


def two_decisions(world: World, number: int) -> Heat:
    """Two officers sign a decision each on one dossier."""
    deciding = _officer(world, number, "cán bộ ký", "decide", DISTRICT, "2/QĐ")
    return _for_one(world, number, deciding, _officer(world, number, "thủ trưởng ký", "decide", HEAD, "3/QĐ"))


def two_flows(world: World, number: int) -> Heat:
    """Two runs of one stage flow carry the same decided dossier on."""
    first, second = (carrying(says, "district_decided", MEETING) for says in ("luồng thứ nhất", "luồng thứ hai"))
    return _for_one(world, number, first, second)


def annul_and_issue(world: World, number: int) -> Heat:
    """The district annuls its result by a document while its head signs the recognition."""
    annulling = _officer(world, number, "người hủy kết quả", "annul", DISTRICT)
    return _for_one(world, number, annulling, _officer(world, number, "người công nhận", "recognise", HEAD, "500/QĐ"))


def rectify_and_issue(world: World, number: int) -> Heat:
    """The district rectifies its decision's number while its head signs the recognition on it: both may."""
    rectifying = world.officer(
        "người đính chính", "correct-decision", DISTRICT, MEETING, "correct", dossier=world.dossiers[number], purpose=Purpose.RESULT,
        number="2a/QĐ", signed_on=MET, signer="Nguyễn Văn Ký", document="9/UBND", reason="Ghi nhầm số",
    )  # fmt: skip
    return _for_one(world, number, rectifying, _officer(world, number, "người công nhận", "recognise", HEAD, "500/QĐ"))


def _officer(world: World, number: int, says: str, act: str, who: str, signed: str = "") -> Contender:
    """Return an officer who annuls a result, or signs under a number."""
    code = world.dossiers[number]
    body: dict[str, Any] = paper(code, signed) if signed else annulment(code)
    return world.officer(says, act, who, MEETING, **body)


def _for_one(world: World, number: int, first: Contender, second: Contender) -> Heat:
    return Heat((first, second), world.look(partial(of_dossier, code=world.dossiers[number])))
