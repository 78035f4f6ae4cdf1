"""The forms of acts as a browser has them: what they would send, sent with what somebody typed, and what the answer says."""

import re
from collections.abc import Mapping
from html import unescape
from typing import Any

from httpx import Response
from sqlalchemy import func, select
from starlette.testclient import TestClient

from models.record import Event, Request
from tests.factories import Office


def fields(html: str) -> dict[str, list[str]]:
    """Return what a form of a page would send if nobody typed anything, by name."""
    form = html[html.index('<form method="post" action="/acts/') :]
    form = form[: form.index("</form>")]
    found: dict[str, list[str]] = {}
    for tag in re.findall(r"<input [^>]*>", form):
        given = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        kind = given.get("type", "text")
        if "name" not in given or kind == "file" or (kind == "checkbox" and " checked" not in tag):
            continue
        found.setdefault(unescape(given["name"]), []).append(unescape(given.get("value", "")))
    for name, text in re.findall(r'<textarea [^>]*name="([^"]*)"[^>]*>\n?(.*?)</textarea>', form, re.DOTALL):
        found.setdefault(name, []).append(unescape(text))
    for name, options in re.findall(r'<select [^>]*name="([^"]*)"[^>]*>(.*?)</select>', form, re.DOTALL):
        values = re.findall(r'<option value="([^"]*)"( selected)?', options)
        chosen = [value for value, selected in values if selected] or [value for value, _ in values[:1]]
        found.setdefault(name, []).append(unescape(chosen[0]) if chosen else "")
    return found


def opened(client: TestClient, name: str, **query: Any) -> dict[str, list[str]]:
    """Return what the form of an act would send as it is drawn."""
    answer = client.get(f"/acts/{name}", params=query)
    assert answer.status_code == 200, answer.text
    return fields(answer.text)


def send(client: TestClient, name: str, form: Mapping[str, Any], **more: Any) -> Response:
    """Send a form with what somebody typed; an underscore pair stands for a path's point."""
    typed = {path.replace("__", "."): value for path, value in more.items()}
    return client.post(f"/acts/{name}", data={**form, "do": "act", **typed})


def done(client: TestClient, name: str, /, *, query: Mapping[str, Any] | None = None, **typed: Any) -> str:
    """Do an act through its form and return the words of the answer's page."""
    answer = send(client, name, opened(client, name, **(query or {})), **typed)
    assert answer.status_code == 200, said(answer)
    assert 'id="answer"' in answer.text
    return said(answer)


def said(answer: Response) -> str:
    """Return a page's words without its marks."""
    body = answer.text[answer.text.index("<main") :]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


def council(mean: str) -> dict[str, str]:
    """Return the fields of a full council's session."""
    typed = {"minutes": "01/BB-HĐ", "members": "5"}
    for row in range(5):
        typed |= {f"scores.{row}.member": f"Ủy viên {row + 1}", f"scores.{row}.total": mean}
    typed["scores.0.chair"] = "1"
    return typed | {f"gates.{row}.passed": "yes" for row in range(3)}


def counted(office: Office) -> tuple[int, int]:
    """Return how many lines of history and how many requests there are."""
    ((events,),) = office.rows(select(func.count()).select_from(Event))
    ((requests,),) = office.rows(select(func.count()).select_from(Request))
    return events, requests
