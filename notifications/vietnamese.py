"""How letters write days, instants, points, numbers and the names of units: the filters of the templates."""

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from ocop import text
from ocop.phrase import Phrase
from ocop.working_days import VIETNAM, at_hour

PLACE_KINDS = ("xã", "phường", "thị trấn", "đặc khu", "huyện", "quận", "thị xã", "thành phố", "tỉnh")
"""The kinds of units that a People's Committee governs, as their names begin."""


def day(value: str | date) -> str:
    """Return a day as '15/6/2025'; an instant gives its day in Viet Nam."""
    return text.day(_date(value))


def weekday(value: str | date) -> str:
    """Return the Vietnamese name of a day's weekday."""
    return text.weekday(_date(value))


def instant(value: str | datetime) -> Phrase:
    """Return an instant as '07:30 ngày 16/6/2025'; midnight is 24:00 of the day that it ends."""
    moment = (datetime.fromisoformat(value) if isinstance(value, str) else value).astimezone(VIETNAM)
    hour, on = f"{moment:%H:%M}", moment.date()
    if (moment.hour, moment.minute) == (0, 0):
        hour, on = "24:00", on - timedelta(days=1)
    return at_hour(hour, on)


def points(value: str | int | Decimal) -> str:
    """Return points of 100 with two decimals, cut and not rounded: '81,50'."""
    return text.points(Decimal(value))


def number(value: str | int | Decimal) -> str:
    """Return a whole number with its thousands apart, any other with a decimal comma; text stays as it is."""
    if isinstance(value, int):
        return text.count(value)
    return text.decimal(value) if isinstance(value, Decimal) else value


def committee(unit: str, unnamed: str = "đơn vị đang giữ hồ sơ") -> str:
    """Return who acts for a unit: 'Huyện Hải Hậu' is governed by 'Ủy ban nhân dân huyện Hải Hậu'."""
    if not unit:
        return unnamed
    if unit.lower().startswith(tuple(f"{kind} " for kind in PLACE_KINDS)):
        return f"Ủy ban nhân dân {unit[0].lower()}{unit[1:]}"
    return unit


def named(dossier: Mapping[str, Any]) -> str:
    """Return a dossier as a sentence names it: code, product, producer."""
    return f"{dossier['code']} (sản phẩm {dossier['product']} của {dossier['producer']})"


def sentence(typed: str) -> str:
    """Return what a person typed, on one line, ended by a stop."""
    line = " ".join(typed.split())
    return line if not line or line[-1] in ".!?…" else f"{line}."


def prose(typed: str) -> list[str]:
    """Return a template's words as paragraphs: blank lines part them, other line breaks are only the source's."""
    blocks = (" ".join(block.split()) for block in re.split(r"\n\s*\n", typed))
    return [_tidy(block) for block in blocks if block]


def _tidy(block: str) -> str:
    whole = re.sub(r"\s+([.,;:])", r"\1", block)
    return whole[0].upper() + whole[1:]


def _date(value: str | date) -> date:
    if isinstance(value, str):
        moment = datetime.fromisoformat(value)
        return moment.astimezone(VIETNAM).date() if moment.tzinfo else moment.date()
    return value.astimezone(VIETNAM).date() if isinstance(value, datetime) else value


FILTERS = {
    "day": day,
    "weekday": weekday,
    "instant": instant,
    "points": points,
    "number": number,
    "committee": committee,
    "named": named,
    "sentence": sentence,
    "prose": prose,
}
