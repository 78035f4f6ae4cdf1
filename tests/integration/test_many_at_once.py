"""Very many requests at once wait for their turn; none fails because others hold every connection."""

import asyncio
from collections import Counter

import httpx
import pytest
from sqlalchemy import Engine

from tests.factories import an_office
from tests.integration.console_pages import HOST, shown

pytestmark = pytest.mark.postgresql_long


def test_very_many_at_once_are_all_answered(engine: Engine) -> None:
    client = shown(an_office(engine))

    async def asked() -> Counter[int]:
        way = httpx.ASGITransport(app=client.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=way, base_url=HOST, cookies=dict(client.cookies)) as browser:
            pages = (browser.get(f"/acts?back=/{number}") for number in range(80))
            people = (browser.post("/sign-in", data={"login": str(number), "password": "x"}) for number in range(25))
            return Counter([answer.status_code for answer in await asyncio.gather(*pages, *people)])

    assert asyncio.run(asked()) == {200: 80, 401: 25}
