"""The office's pages on a walked cycle, and how their links and numbers are read."""

import re
from contextlib import suppress
from datetime import UTC, datetime
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from casework import accounts, clock, sign_ins
from casework.evidence import NewEvidence
from casework.registration import Maker
from dashboard.app import create_app
from dashboard.settings import WebSettings
from dashboard.who import COOKIE
from dashboard.who import form_token as token_of_forms
from models.accounts import Account
from models.letters import Letter, LetterState
from models.session import transaction
from models.units import Person
from ocop.evidence import EvidenceKind
from ocop.levels import Level
from tests.factories import CYCLE, Office, all_gates, an_office, day

HOST = "http://127.0.0.1"
PAGES = ("/", "/work", "/heat", "/procedure", "/late", "/dossiers", "/certificates", "/letters", "/plan", "/health")
NOWHERE = "http://127.0.0.1:9"
"""Where no Prefect server is."""


OFFICE = "36/coordinator_office"
"""Who reads the pages where a test does not say."""


@pytest.fixture(name="office")
def office_on_sqlite(sqlite_engine: Engine, home: Path) -> Office:
    """The small world in May, a cycle open, whose files lie in the test's own folder."""
    assert home
    return an_office(sqlite_engine).go("2025-05-05")


def console(engine: Engine, who: str = OFFICE, **settings: int) -> TestClient:
    """Return a client of the pages on a database, signed in as a person by code; as nobody where there is no such person."""
    client = TestClient(create_app(engine, WebSettings(prefect_url=NOWHERE, **settings)), base_url=HOST)
    with suppress(DBAPIError), transaction(engine) as session:  # there may be no tables, or no database
        if session.scalar(select(Person.id).where(Person.code == who)):
            sign_in(client, session, accounts.Owner(person=who))
    return client


def sign_in(client: TestClient, session: Session, owner: accounts.Owner) -> None:
    """Give a client a session of an account, which is opened where it is not yet; the password is another test's."""
    login = owner.person or owner.producer or "administrator"
    now = datetime.now(UTC)
    account = session.scalar(select(Account).where(Account.login == accounts.login_of(login)))
    if account is None:
        account = accounts.open_account(session, login=login, owner=owner, at=now, by="")
    client.cookies.set(COOKIE, sign_ins.start_session(session, account, now, "test"))


def form_token(client: TestClient) -> str:
    """Return what a form of this client's session carries."""
    return token_of_forms(client.cookies[COOKIE])


def shown(office: Office, who: str = OFFICE, **settings: int) -> TestClient:
    """Return a client whose pages show the office's instant, signed in as a person by code."""
    with transaction(office.engine) as session:
        clock.drive(session, office.now)
    return console(office.engine, who, **settings)


def walked(engine: Engine) -> Office:
    """Return a world on 17 June 2025: one dossier late, one in an extension, others ended or under way."""
    office = an_office(engine).go("2025-05-05")
    office.act("set-target", "365/officer", cycle=CYCLE, level=Level.DISTRICT, unit="365", planned=9, document="1/ĐK")
    office.recognise(office.judged("55"))
    office.judged("40")
    office.judged("75")
    office.at_province("80", "14201")
    back = office.at_province("72")
    office.evaluate(back, "69.995", "36/officer", gates=all_gates({4: "thiếu chứng nhận"}))
    office.decide(back, "36/officer")
    top = office.at_province("93")
    office.evaluate(top, "92", "36/officer")
    office.decide(top, "36/officer")
    office.recognise(top, "36/officer")
    waiting = office.at_district()
    office.act(
        "request-supplement", "365/officer", dossier=waiting, reason="thiếu phiếu kiểm nghiệm",
        requested_on=office.now.date(),
    )  # fmt: skip
    retracted = office.register(
        producer=Maker("CT-GIAY", "Hộ kinh doanh không có thư điện tử", "14102"), commune="14102"
    )
    office.act("retract", "14102/officer", dossier=retracted, reason="ngừng sản xuất", requested_on=office.now.date())
    late = office.at_district("14201", star=4)
    paper = NewEvidence(EvidenceKind.TEST_REPORT, "phiếu kiểm nghiệm", expires_on=day("2025-06-20"))
    office.act("add-evidence", "366/officer", dossier=late, evidence=[paper])
    office.go("2025-06-10")
    office.act(
        "extend", "36/officer", cycle=CYCLE, stage="district_evaluation", day=day("2025-06-18"), document="99/UBND-VP",
        reason="huyện bị bão", level=Level.DISTRICT, unit="365",
    )  # fmt: skip
    office.go("2025-06-17 16:00")
    office.act(
        "acknowledge", "366/head", cycle=CYCLE, stage="district_evaluation", level=Level.DISTRICT, unit="366",
        note="họp ngày 18/6",
    )  # fmt: skip
    with transaction(engine) as session:
        dead = session.scalars(
            select(Letter).where(Letter.state == LetterState.OWED.value).order_by(Letter.id).limit(1)
        ).one()
        dead.state, dead.last_error = LetterState.DEAD.value, "550 không có hộp thư này"
    return office


class Links(HTMLParser):
    """The links of a page with their texts and classes, its scripts, and what a strict policy forbids."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[tuple[str, str, str]] = []
        self.scripts: list[str | None] = []
        self.inline: list[str] = []
        self._open: tuple[str, str] | None = None
        self._text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        self.inline += [name for name in given if name.startswith("on") or name == "style"]
        if tag == "style":
            self.inline.append("<style>")
        if tag == "script":
            self.scripts.append(given.get("src"))
        if tag == "a" and (href := given.get("href")):
            self._open, self._text = (href, given.get("class") or ""), ""

    def handle_data(self, data: str) -> None:
        self._text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self._open:
            self.links.append((*self._open, " ".join(self._text.split())))
            self._open = None


def numbers(html: str) -> list[tuple[str, int]]:
    """Return the numbers of a page that open a list, with its address."""
    found = []
    for href, kind, text in Links(html).links:
        if kind in ("n", "over") and (digits := re.match(r"[\d.]+", text)):
            found.append((href, int(digits[0].replace(".", ""))))
    return found


def total(html: str) -> int:
    """Return how many rows a list says it has."""
    said = re.search(r"trong <b>([\d.]+)</b>", html)
    return int(said[1].replace(".", "")) if said else 0


def text(client: TestClient, address: str = "/") -> str:
    """Return a page's words without its marks."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", client.get(address).text)).split())
