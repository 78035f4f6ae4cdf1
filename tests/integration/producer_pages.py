"""A producer's client of the pages, and the forms that a producer fills in there."""

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from httpx import Response
from sqlalchemy import Engine, select
from starlette.testclient import TestClient

from casework import accounts
from models.dossiers import Dossier
from models.session import transaction
from models.units import Producer
from tests.factories import Office, an_office
from tests.integration.console_pages import form_token, shown, sign_in

PDF = b"%PDF-1.7\n" + b"noi dung " * 20


@pytest.fixture(name="office")
def office_in_may(engine: Engine, home: Path) -> Office:
    """A world in May whose files lie in the test's own folder."""
    assert home
    return an_office(engine).go("2025-05-05")


def own(office: Office, code: str, **settings: int) -> TestClient:
    """Return a client of the producer of a dossier, at the office's present instant."""
    client = shown(office, "nobody", **settings)
    with transaction(office.engine) as session:
        maker = session.scalars(select(Producer.code).join(Dossier).where(Dossier.code == code)).one()
        sign_in(client, session, accounts.Owner(producer=maker))
    return client


class Fields(HTMLParser):
    """The fields of the forms of a page that send themselves to an address, with what stands in them."""

    def __init__(self, html: str, action: str) -> None:
        super().__init__()
        self.values: dict[str, str] = {}
        self.names: set[str] = set()
        self._within = False
        self._select = self._text = ""
        self._action = action
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        if tag == "form":
            self._within = given.get("action") == self._action
        if not self._within or ("name" not in given and tag != "option"):
            return
        if tag == "select":
            self._select = given["name"]
        elif tag == "option" and self._select and ("selected" in given or self._select not in self.values):
            self.values[self._select] = given["value"]
        elif tag == "textarea":
            self._text = given["name"]
        elif tag == "input" and given.get("type") not in ("file", "checkbox"):
            self.values.setdefault(given["name"], given.get("value", ""))
        if "name" in given:
            self.names.add(given["name"])

    def handle_data(self, data: str) -> None:
        if self._text:
            self.values[self._text] = data.strip()

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""
        elif tag == "textarea":
            self._text = ""
        elif tag == "form":
            self._within = False


def act(client: TestClient, code: str, name: str, said: str = "nội dung", **more: str) -> Response:
    """Send one of the forms of a dossier's page as it stands there now."""
    page = client.get(f"/my/dossiers/{code}").text
    seen = re.search(r'name="seen" value="(\d+)"', page)
    form = {"form_token": form_token(client), "act": name, "seen": seen[1] if seen else "1", "text": said}
    return client.post(f"/my/dossiers/{code}", data=form | more, follow_redirects=False)


def new(client: TestClient, *, files: dict[str, Any] | None = None, **typed: str) -> Response:
    """Send the form of a registration as it stands when it is opened, with what is typed into it."""
    form = Fields(client.get("/my/new").text, "/my/new").values
    body = {"kind": "first", "proposed_star": "4", "name": "Mắm tôm mô phỏng", "group": "Thực phẩm"}
    return client.post("/my/new", data=form | body | typed, files=files or {}, follow_redirects=False)


def dossiers(office: Office) -> list[str]:
    """Return the codes of all dossiers in the order of filing."""
    return [row.code for row in office.rows(select(Dossier.code).order_by(Dossier.id))]
