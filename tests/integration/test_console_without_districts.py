"""The console of a province without districts: every page opens, and none speaks of a district."""

import re
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from tests.integration.console_pages import console
from tests.rounds import OF_THE_PROVINCE, ROUND_1, Province, a_plan, a_province


@pytest.fixture
def client(sqlite_engine: Engine) -> Iterator[TestClient]:
    """The console over a round in which dossiers stand at the commune, the province and the ministry."""
    province: Province = a_province(sqlite_engine, a_plan("qd26", ROUND_1), "2027-01-04")
    province.go("2027-03-01")
    province.register()
    province.sent("14182")
    province.awarded(province.ranked("55"))
    province.proposed("92")
    province.found_at_the_centre(province.proposed("93"), "75")
    province.go("2027-05-10")
    with console(sqlite_engine, OF_THE_PROVINCE) as opened:
        yield opened


def text(client: TestClient, address: str) -> str:
    """Return what a reader of a page sees."""
    answer = client.get(address)
    assert answer.status_code == 200, address
    return " ".join(re.sub(r"<style.*?</style>|<[^>]+>", " ", answer.text, flags=re.DOTALL).split())


@pytest.mark.parametrize("address", ["/", "/late", "/dossiers", "/certificates", "/letters", "/plan", "/health"])
def test_every_page_opens_and_speaks_of_no_district(client: TestClient, address: str) -> None:
    said = text(client, address).lower()
    assert not re.search(r"\bhuyện\b", said), [
        said[max(0, i.start() - 60) : i.end() + 40] for i in re.finditer(r"\bhuyện\b", said)
    ]


def test_a_dossier_tells_of_the_ministrys_return_and_of_its_own_period(client: TestClient) -> None:
    (code,) = re.findall(r"/dossiers/(ND2025-0005)\b", client.get("/dossiers?stage=returned_to_province").text)[:1]
    said = text(client, f"/dossiers/{code}")
    assert "Trung ương trả về tỉnh" in said
    assert "sản phẩm dưới 90 điểm ở trung ương" in said
    assert "15 ngày làm việc" in said
