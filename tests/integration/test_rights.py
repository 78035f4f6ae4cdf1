"""Every route for every kind of reader and every territory, against a table that was written by hand beside this test."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Any

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from sqlalchemy import Engine, select, update
from starlette.testclient import TestClient

from casework import accounts, api_keys, clock, sign_ins
from casework.registration import Maker
from dashboard import app as pages
from dashboard import rights
from dashboard.app import create_app
from dashboard.settings import WebSettings
from dashboard.who import COOKIE
from dashboard.who import form_token as token_of_forms
from models.accounts import SignIn
from models.letters import Letter
from models.secret import sha256
from models.session import make_engine, transaction
from models.settings import DatabaseSettings
from models.units import Person, Unit
from ocop.levels import Level
from tests.factories import UNITS, Office
from tests.integration.console_pages import HOST, NOWHERE
from tests.integration.rights_by_hand import BY_HAND, GROUPS

ELSEWHERE = (
    (Level.PROVINCE, "37", "Tỉnh Ninh Bình", "00"),
    (Level.DISTRICT, "370", "Huyện Nho Quan", "37"),
    (Level.COMMUNE, "14401", "Xã Xích Thổ", "370"),
)
KINDS: dict[str, str] = {
    # reader            what they are, in the table's letters
    "nobody": "*",
    "retired": "S",
    "CT-MAM": "P",
    "14101/officer": "C",
    "365/officer": "D",
    "36/officer": "T",
    "00/officer": "Z",
    "quan-tri": "A",
    "14101/head": "C A",
}
"""Who walks over every route; the last is an officer who is an administrator too."""
FORGED, FORBIDDEN, OVER = "Không nhận biểu mẫu này", "Không có quyền", "Cần đăng nhập"


@dataclass
class World:
    """A record with a dossier of commune 14101, and browsers and programs of its readers."""

    engine: Engine
    code: str
    letter: int
    app: FastAPI
    tokens: dict[str, str] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)

    def client(self, who: str) -> TestClient:
        """Return a browser of a reader."""
        client = TestClient(self.app, base_url=HOST, follow_redirects=False, raise_server_exceptions=False)
        if who != "nobody":
            client.cookies.set(COOKIE, self.token(who))
            client.headers["authorization"] = f"Bearer {self.keys[who]}"
        return client

    def token(self, who: str) -> str:
        """Return the token of a reader's session."""
        if who not in self.tokens:
            now = datetime.now(UTC)
            with transaction(self.engine) as session:
                if who == "retired":
                    session.add(Person(code=who, name="Người đã thôi việc"))
                    session.flush()
                owner = accounts.Owner(
                    person="" if who.startswith("CT-") or who == "quan-tri" else who,
                    producer=who if who.startswith("CT-") else "",
                    administrator=who in ("quan-tri", "14101/head"),
                )
                account = accounts.open_account(session, login=who, owner=owner, at=now, by="")
                self.tokens[who] = sign_ins.start_session(session, account, now, "")
                self.keys[who] = api_keys.make_api_key(session, account, "thử", now)
        return self.tokens[who]

    def address(self, path: str) -> str:
        """Return an address of a route: of the dossier, of a letter that its commune may read, else of nothing."""
        known = {
            "code": self.code, "name": "receive" if path.startswith("/acts") else "khong-co", "kind": "people",
            "digest": "0" * 64, "key": "ABCD", "number": "999999",
        }  # fmt: skip
        if path.startswith("/letters/"):
            known["number"] = str(self.letter)
        return re.sub(r"\{(\w+)(?::\w+)?\}", lambda found: known[found[1]], path)


@pytest.fixture(scope="module")
def world(migrated_sqlite: object, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The record of these tests; none of them changes it."""
    home = tmp_path_factory.mktemp("rights")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OCOP_HOME", str(home))
        (home / "ocop.db").write_bytes(migrated_sqlite.read_bytes())  # type: ignore[attr-defined]
        engine = make_engine(DatabaseSettings(home=home, db_url=""))
        office = Office(engine, units=(*UNITS, *ELSEWHERE)).found().open_cycle().go("2025-05-05")
        for number, commune in enumerate(("14101", "14101", "14201")):
            code = "CT-MAM" if number == 0 else f"CT-KHAC-{number}"
            office.register(commune, producer=Maker(code, f"HTX {number}", commune, email=f"{number}@htx.example"))
        with transaction(engine) as session:
            clock.drive(session, office.now)
            letter = session.scalars(
                select(Letter.id).where(Letter.recipient.like("person/%"), Letter.dossier_id == 1).order_by(Letter.id)
            ).first()
        made = World(engine, "ND2025-0001", letter or 0, create_app(engine, WebSettings(prefect_url=NOWHERE)))
        for who in (*KINDS, *TERRITORY):
            if who != "nobody":
                made.token(who)
        yield made
        engine.dispose()


def routes() -> set[tuple[str, str]]:
    """Return what the application answers, by method and path."""
    app = create_app(None, WebSettings(prefect_url=NOWHERE))
    found = chain(app.routes, pages.liveness.router.routes, *(page.router.routes for page in pages.PAGES))
    return {(method, route.path) for route in found if isinstance(route, APIRoute) for method in route.methods or ()}


def may(who: str, method: str, path: str) -> bool:
    """Return whether the table lets a reader ask for a route."""
    letters = {"*"} if who == "nobody" else {"S", *KINDS[who].split()}
    return not BY_HAND[method, path].isdisjoint(letters)


def by_key(path: str) -> bool:
    return path.startswith("/api/") or path == "/metrics"


def said(answer: object) -> str:
    return str(getattr(answer, "text", ""))


# The table


def test_the_table_names_every_route_and_no_other() -> None:
    assert routes() - BY_HAND.keys() == set(), "say in rights_by_hand.py who may ask for it"
    assert BY_HAND.keys() - routes() == set(), "there is no such route any more"


def test_no_group_names_a_route_of_another() -> None:
    lines = [line for _, what in GROUPS.values() for line in what.strip().splitlines()]
    assert len(lines) == len({tuple(line.split()) for line in lines}) == len(BY_HAND)


def test_a_route_that_nobody_lists_keeps_the_pages_from_starting(monkeypatch: pytest.MonkeyPatch) -> None:
    class Forgotten:
        router = APIRouter()

    @Forgotten.router.get("/forgotten-by-the-table")
    def page() -> None: ...

    monkeypatch.setattr(pages, "PAGES", (*pages.PAGES, Forgotten))
    with pytest.raises(RuntimeError, match=r"does not say who may open.*forgotten-by-the-table"):
        create_app(None, WebSettings(prefect_url=NOWHERE))


def test_a_line_without_a_route_keeps_the_pages_from_starting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rights, "RIGHTS", {**rights.RIGHTS, ("GET", "/gone"): rights.PUBLIC})
    with pytest.raises(RuntimeError, match=r"what is no route.*gone"):
        create_app(None, WebSettings(prefect_url=NOWHERE))


# Every route x every kind of reader

FROM_AFAR: dict[bool, dict[str, Any]] = {True: {"headers": {"origin": "https://xau.example"}}, False: {}}
"""What a browser sends to a form: to one of everybody's, that is asked for no token, from another site."""


def nothing(path: str) -> dict[str, Any]:
    """Return what a program sends that may ask, but asks for nothing."""
    if path == "/api/v1/files":
        return {"content": b"", "headers": {"content-type": "application/octet-stream"}}
    return {"json": {}, "params": {"dry_run": "true"}, "headers": {"idempotency-key": "thu"}}


@pytest.mark.parametrize("who", KINDS)
def test_what_is_read_is_shown_to_whom_the_table_names_and_to_nobody_else(world: World, who: str) -> None:
    client = world.client(who)
    wrong = []
    for method, path in sorted(BY_HAND):
        if method != "GET":
            continue
        answer = client.get(world.address(path))
        if may(who, method, path):
            let_in = answer.status_code not in (401, 403) and answer.status_code < 500
            right = let_in and "/sign-in" not in answer.headers.get("location", "")
        elif who == "nobody" and by_key(path):
            right = answer.status_code == 401
        elif who == "nobody":
            right = answer.status_code == 303 and answer.headers["location"].startswith("/sign-in")
        else:
            right = answer.status_code == 403 and (by_key(path) or FORBIDDEN in said(answer))
        if not right:
            wrong.append(f"{who} {method} {path}: {answer.status_code}")
    assert wrong == []


@pytest.mark.parametrize("who", KINDS)
def test_what_is_done_is_let_through_for_whom_the_table_names_and_then_asked_for_its_form(
    world: World, who: str
) -> None:
    """A form without its token is refused by where it comes from, after the rights: nothing is done, and the reason tells."""
    client = world.client(who)
    wrong = []
    for method, path in sorted(BY_HAND):
        if method != "POST":
            continue
        public, program = "*" in BY_HAND[method, path], by_key(path)
        answer = client.post(world.address(path), **nothing(path) if program else FROM_AFAR[public])
        if program:  # no browser's session counts: the key alone
            let_in = answer.status_code in (200, 400, 404, 409, 422)
            right = let_in if may(who, method, path) else answer.status_code == (401 if who == "nobody" else 403)
        elif may(who, method, path):
            right = answer.status_code == 403 and FORGED in said(answer)
        elif who == "nobody":
            right = answer.status_code == 401 and OVER in said(answer)
        else:
            right = answer.status_code == 403 and FORBIDDEN in said(answer)
        if not right:
            wrong.append(f"{who} {method} {path}: {answer.status_code}")
    assert wrong == []


@pytest.mark.parametrize(
    "sent", [{"origin": "https://xau.example"}, {"sec-fetch-site": "cross-site"}, {"origin": "null"}]
)
def test_a_form_with_its_token_that_comes_from_another_site_is_refused(world: World, sent: dict[str, str]) -> None:
    letters = {"P": "CT-MAM", "C": "14101/officer", "T": "36/officer", "A": "quan-tri"}
    clients = {letter: world.client(who) for letter, who in letters.items()}
    wrong = []
    for method, path in sorted(BY_HAND):
        if method != "POST" or by_key(path):
            continue
        letter = next(letter for letter in letters if letter in BY_HAND[method, path])
        token = token_of_forms(world.tokens[letters[letter]])
        answer = clients[letter].post(world.address(path), data={"form_token": token}, headers=sent)
        if not (answer.status_code == 403 and FORGED in said(answer)):
            wrong.append(f"{path}: {answer.status_code}")
    assert wrong == []


def test_a_token_of_another_session_is_no_token(world: World) -> None:
    client = world.client("14101/officer")
    for token in ("", "x", token_of_forms(world.tokens["36/officer"]), world.tokens["14101/officer"]):
        answer = client.post("/account/sessions/end-others", data={"form_token": token})
        assert (answer.status_code, FORGED in said(answer)) == (403, True)


def test_programs_are_known_by_their_key_alone_and_browsers_by_their_session(world: World) -> None:
    browser = world.client("36/officer")
    del browser.headers["authorization"]
    program = world.client("36/officer")
    program.cookies.clear()
    for method, path in sorted(BY_HAND):
        if method == "GET" and "T" in BY_HAND[method, path] and "*" not in BY_HAND[method, path]:
            stranger, status = (browser, 401) if by_key(path) else (program, 303)
            assert stranger.get(world.address(path)).status_code == status, path


@pytest.mark.parametrize("over", ["ended", "past", "idle"])
def test_a_session_that_is_over_leads_to_the_sign_in(world: World, over: str) -> None:
    token, now = world.token("36/officer"), datetime.now(UTC)
    values = {
        "ended": {"ended_at": now}, "past": {"ends_at": now - timedelta(seconds=1)},
        "idle": {"seen_at": now - sign_ins.IDLE_FOR},
    }[over]  # fmt: skip
    client = world.client("36/officer")
    before = (SignIn.ended_at, SignIn.ends_at, SignIn.seen_at)
    with transaction(world.engine) as session:
        which = SignIn.token_sha256 == sha256(token)
        kept = dict(
            zip(("ended_at", "ends_at", "seen_at"), session.execute(select(*before).where(which)).one(), strict=True)
        )
        session.execute(update(SignIn).where(which).values(**values))
    try:
        for method, path in sorted(BY_HAND):
            if by_key(path) or "*" in BY_HAND[method, path]:
                continue
            if method == "GET":
                answer = client.get(world.address(path))
                assert answer.status_code == 303, path
                assert answer.headers["location"].startswith("/sign-in"), path
            else:
                answer = client.post(world.address(path), data={"form_token": token_of_forms(token)})
                assert (answer.status_code, OVER in said(answer)) == (401, True), path
    finally:
        with transaction(world.engine) as session:
            session.execute(update(SignIn).where(which).values(**kept))


# Every territory

TERRITORY: dict[str, str] = {
    # reader                to the dossier of 14101
    "14101/officer": "own",
    "14102/officer": "another unit",
    "14201/officer": "another unit",
    "365/officer": "parent",
    "365/vice_chair": "parent",
    "366/officer": "another unit",
    "36/officer": "parent",
    "36/coordinator_office": "parent",
    "37/officer": "another unit",
    "370/officer": "another unit",
    "00/officer": "another unit",
    "CT-MAM": "own",
    "CT-KHAC-1": "another producer",
    "CT-KHAC-2": "another producer",
}
"""The centre is above all, and reads what it holds or has decided on: not this one."""
OF_THE_DOSSIER = {
    # route                                        who has such a page at all
    "/dossiers/{code:path}": "C D T Z",
    "/dossiers/{code:path}/attachments": "P C D T Z",
    "/my/dossiers/{code:path}": "P",
    "/api/v1/dossiers/{code:path}": "P C D T Z",
    "/letters/{number}": "C D T Z",
    "/letters/{number}/html": "C D T Z",
}
LEVELS = {"14": "C", "36": "D", "37": "D", "CT": "P", "00": "Z"}


def letter_of(who: str) -> str:
    unit = who.partition("/")[0]
    return "T" if unit in ("36", "37") else LEVELS[unit[:2]]


@pytest.mark.parametrize("path", OF_THE_DOSSIER)
@pytest.mark.parametrize("who", TERRITORY)
def test_a_dossier_is_shown_to_its_own_unit_and_those_above_it(world: World, who: str, path: str) -> None:
    answer = world.client(who).get(world.address(path))
    if letter_of(who) not in OF_THE_DOSSIER[path].split():
        expected = 403
    elif path.startswith("/letters") and who == "14101/officer":
        expected = 200
    elif path.startswith("/letters"):
        expected = {"another unit": 404}.get(TERRITORY[who], 200)
    else:
        expected = 200 if TERRITORY[who] in ("own", "parent") else 404
    assert answer.status_code == expected


@pytest.mark.parametrize("path", ["/dossiers", "/api/v1/dossiers"])
@pytest.mark.parametrize("who", [who for who in TERRITORY if not who.startswith("CT-")])
def test_lists_hold_what_lies_in_the_readers_territory(world: World, who: str, path: str) -> None:
    page = said(world.client(who).get(path))
    found = {code for code in ("ND2025-0001", "ND2025-0002", "ND2025-0003") if code in page}
    expected = {
        "14101": {1, 2}, "14102": set(), "14201": {3}, "365": {1, 2}, "366": {3}, "36": {1, 2, 3}, "37": set(),
        "370": set(), "00": set(),
    }[who.partition("/")[0]]  # fmt: skip
    assert found == {f"ND2025-000{number}" for number in expected}


@pytest.mark.parametrize("who", TERRITORY)
def test_an_act_is_done_by_the_unit_that_holds_the_dossier_and_by_nobody_else(world: World, who: str) -> None:
    answer = world.client(who).post(
        "/api/v1/acts/receive?dry_run=true",
        json={"dossiers": [world.code], "received_on": "2025-05-05"},
        headers={"idempotency-key": f"thu-{who.replace('/', '-')}"},
    )
    if who.startswith("CT-"):
        assert answer.status_code == 403
    elif who == "14101/officer":
        assert answer.status_code == 200, said(answer)
    else:
        assert answer.status_code in (403, 404, 409), said(answer)


@pytest.mark.parametrize(
    ("who", "number", "status"),
    [("36/officer", "365", 200), ("36/officer", "14101", 200), ("36/officer", "370", 404), ("36/officer", "00", 404),
     ("37/officer", "370", 200), ("37/officer", "365", 404), ("quan-tri", "370", 200), ("quan-tri", "365", 200),
     ("14101/officer", "14101", 403)],
)  # fmt: skip
def test_units_and_people_are_shown_within_the_territory(world: World, who: str, number: str, status: int) -> None:
    with transaction(world.engine) as session:
        unit = session.scalars(select(Unit.id).where(Unit.code == number)).one()
    assert world.client(who).get(f"/users?unit={unit}").status_code == status
