"""How pages write links, instants, history lines, letters and states."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from urllib.parse import quote, urlencode

from casework.accounts import EVENT_WORDS
from casework.actors import ENGINE
from casework.acts import EVENT_LABELS
from casework.lists.findings import PURPOSE_LABELS
from casework.lists.listing import SIMULATED
from casework.outbox import STATE_LABELS
from dashboard.language import Language, current, number, said
from notifications.vietnamese import FILTERS as LETTER_FILTERS
from ocop import text
from ocop.levels import LEVEL_LABELS, Level
from ocop.notices import NOTICE_LABELS
from ocop.phrase import Opened, Phrase, phrases
from ocop.working_days import VIETNAM

OCCASIONS = phrases({"register": "đăng ký", "registered": "đăng ký", "supplement": "bổ sung", "submit": "gửi tỉnh"})
"""Upon what a dossier was handed in."""


ACTORS: Mapping[str, str] = phrases({ENGINE.name: ENGINE.name})
"""Who acts and is nobody; names of people stay as they are."""
STATES: Mapping[str, str] = {state.value: Opened(label) for state, label in STATE_LABELS.items()}
NOTICES: Mapping[str, str] = {notice.value: label for notice, label in NOTICE_LABELS.items()}


def moment(value: datetime) -> str:
    """Return an instant as tables show it: '07:30 16/6/2025'."""
    local = value.astimezone(VIETNAM)
    return f"{local:%H:%M} {text.day(local.date())}"


def weekday(value: str | date) -> str:
    """Return the name of a day's weekday."""
    on = date.fromisoformat(value) if isinstance(value, str) else value
    return f"{on:%A}" if current() is Language.ENGLISH else text.weekday(on)


def points(value: str | int | Decimal) -> str:
    """Return points of 100 with two decimals, cut and not rounded."""
    found = text.points(Decimal(value))
    return found.replace(",", ".") if current() is Language.ENGLISH else found


def kept_number(value: str) -> str:
    """Return a number that the record keeps as a text, '30.5', with the decimal sign of the reader's language."""
    return value if current() is Language.ENGLISH else value.replace(".", ",")


def lower(value: str) -> str:
    """Return a text in small letters, in the reader's language."""
    return str(said(value)).lower()


def short(unit: str) -> str:
    """Return a unit's name as a column's head: 'Huyện Giao Thủy' is 'Giao Thủy'; a city keeps its kind."""
    return unit.removeprefix("Huyện ").removeprefix("Xã ")


def address(path: str, **parameters: str | int | None) -> str:
    """Return a link with the parameters that are set."""
    given = {name: value for name, value in parameters.items() if value not in (None, "")}
    return f"{path}?{urlencode(given)}" if given else path


def segment(value: str | int) -> str:
    """Return a code as part of a path."""
    return quote(str(value), safe="")


BROWSERS: Mapping[str, str] = {
    "coc_coc": "Cốc Cốc", "Edg/": "Edge", "OPR/": "Opera", "Firefox/": "Firefox", "Chrome/": "Chrome", "Safari/": "Safari",
}  # fmt: skip
SYSTEMS: Mapping[str, str] = {
    "Android": "Android", "iPhone": "iPhone", "iPad": "iPad", "Windows": "Windows", "Mac OS": "macOS", "Linux": "Linux",
}  # fmt: skip
"""By the mark that a browser sends, what its user calls it and the device; the first that is found is taken."""


def browser(agent: str) -> str:
    """Return what its user calls a browser by the line that it sent: 'Chrome trên Windows'; an unknown one as it named itself."""
    name = next((label for mark, label in BROWSERS.items() if mark in agent), "")
    system = next((label for mark, label in SYSTEMS.items() if mark in agent), "")
    if name and system:
        return Phrase("%(browser)s trên %(system)s", browser=name, system=system)
    return name or agent


FILTERS = {
    **LETTER_FILTERS,
    "browser": browser,
    "moment": moment,
    "short": short,
    "segment": segment,
    "number": number,
    "points": points,
    "kept_number": kept_number,
    "weekday": weekday,
    "opened": Opened,
    "lower": lower,
    "said": said,
    "is_simulated": lambda name: SIMULATED in name.lower(),
    "account_event": lambda key: EVENT_WORDS.get(key, key),
    "level_label": lambda key: LEVEL_LABELS[Level(key)],
    "actor": lambda name: ACTORS.get(name, name),
    "event": lambda key: EVENT_LABELS.get(key, key),
    "notice": lambda key: NOTICES.get(key, key),
    "state": lambda key: STATES.get(key, key),
    "purpose": lambda key: Opened(PURPOSE_LABELS.get(key) or key),
}
