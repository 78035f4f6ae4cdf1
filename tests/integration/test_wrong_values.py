"""What no page of ours sends is told as a wrong value, in Vietnamese, and says nothing of the database."""

import re
from html import unescape

import pytest
from sqlalchemy import Engine

from tests.factories import CYCLE
from tests.integration.console_pages import form_token, shown, walked

pytestmark = pytest.mark.postgresql_long

NUL = "%00"


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/audit?since=0001-01-01", 409),
        ("/audit?until=9999-12-31", 409),
        ("/audit?before=0001-01-01T00:00:00%2B14:00~0~1", 422),
        ("/dossiers?alone_by=9999-12-31", 404),
        ("/calendar?day=9999-12-31", 422),
    ],
)
def test_a_day_outside_all_calendars_is_a_wrong_value_and_no_fault(
    sqlite_engine: Engine, address: str, status: int
) -> None:
    assert shown(walked(sqlite_engine)).get(address).status_code == status


def test_a_sign_that_no_text_has_is_told_without_a_word_of_the_database(postgres_engine: Engine) -> None:
    client = shown(walked(postgres_engine))
    token = form_token(client)
    answers = [
        client.get(address)
        for address in (f"/dossiers?q={NUL}", f"/audit?who={NUL}", f"/letters?dossier={NUL}", f"/certificates?q={NUL}")
    ]
    answers.append(client.post("/sign-in", data={"login": "\0", "password": "x"}))
    answers.append(client.post("/work", data={"form_token": token, "do": "claim", "dossiers": "\0"}))
    for answer in answers:
        assert answer.status_code in (200, 422), answer.url
        assert "NUL" not in answer.text
        assert "Cơ sở dữ liệu" not in answer.text


def test_a_number_that_no_unit_has_is_a_wrong_value_in_a_form_too(engine: Engine) -> None:
    client = shown(walked(engine))
    answer = client.post(f"/remind?cycle={CYCLE}", data={"form_token": form_token(client), "unit": str(10**30)})
    assert answer.status_code == 422


def test_a_thousand_dossiers_fit_one_form_and_too_many_fields_are_told_in_vietnamese(sqlite_engine: Engine) -> None:
    client = shown(walked(sqlite_engine))

    def sent(number: int) -> str:
        seen = {f"seen.{CYCLE}-{one:05}": "1" for one in range(number)}
        answer = client.post("/acts/claim", data={"form_token": form_token(client), **seen, "dossiers": ["X"] * number})
        return f"{answer.status_code} " + " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())

    assert sent(1000).startswith("422 ")
    told = sent(3000)
    assert told.startswith("400 ")
    assert "quá nhiều ô" in told
    assert "Too many" not in told
