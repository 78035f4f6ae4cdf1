"""Who may open which page: one table, asked before any page runs. A route that is not listed keeps the pages from starting."""

from collections.abc import Iterable, Mapping
from enum import StrEnum

from fastapi.routing import APIRoute
from starlette.routing import BaseRoute

from casework.acts import ACTS
from casework.producers import PRODUCER_ACTS
from casework.scope import Scope
from ocop.levels import Level


class Kind(StrEnum):
    """What somebody is to the pages; a person may be several."""

    PUBLIC = "public"
    """Anybody, signed in or not."""
    SIGNED_IN = "signed_in"
    PRODUCER = "producer"
    COMMUNE = "commune"
    DISTRICT = "district"
    PROVINCE = "province"
    CENTRE = "centre"
    ADMINISTRATOR = "administrator"


KIND_LABELS: Mapping[Kind, str] = {
    Kind.PUBLIC: "mọi người",
    Kind.SIGNED_IN: "người đã đăng nhập",
    Kind.PRODUCER: "chủ thể",
    Kind.COMMUNE: "cán bộ xã",
    Kind.DISTRICT: "cán bộ huyện",
    Kind.PROVINCE: "cán bộ tỉnh",
    Kind.CENTRE: "cán bộ trung ương",
    Kind.ADMINISTRATOR: "người quản trị",
}

LEVEL_KINDS: Mapping[Level, Kind] = {
    Level.COMMUNE: Kind.COMMUNE,
    Level.DISTRICT: Kind.DISTRICT,
    Level.PROVINCE: Kind.PROVINCE,
    Level.CENTRAL: Kind.CENTRE,
}

OFFICERS = frozenset(LEVEL_KINDS.values())
PROVINCE = frozenset({Kind.PROVINCE})
PRODUCER = frozenset({Kind.PRODUCER})
ADMINISTRATOR = frozenset({Kind.ADMINISTRATOR})
SIGNED_IN = frozenset({Kind.SIGNED_IN})
PUBLIC = frozenset({Kind.PUBLIC})

RIGHTS: Mapping[tuple[str, str], frozenset[Kind]] = {
    # What a page shows of the record is further narrowed by the reader's own units (casework.scope).
    ("GET", "/healthz"): PUBLIC,
    ("GET", "/readyz"): PUBLIC,
    ("GET", "/sign-in"): PUBLIC,
    ("POST", "/sign-in"): PUBLIC,
    ("POST", "/sign-out"): SIGNED_IN,
    ("POST", "/language"): PUBLIC,
    ("GET", "/forgotten"): PUBLIC,
    ("POST", "/forgotten"): PUBLIC,
    ("GET", "/welcome"): PUBLIC,
    ("POST", "/welcome"): PUBLIC,
    ("GET", "/welcome/{key}"): PUBLIC,
    ("POST", "/welcome/{key}"): PUBLIC,
    ("GET", "/account"): SIGNED_IN,
    ("POST", "/account/name"): SIGNED_IN,
    ("POST", "/account/password"): SIGNED_IN,
    ("GET", "/account/second-factor"): SIGNED_IN,
    ("POST", "/account/second-factor"): SIGNED_IN,
    ("POST", "/account/second-factor/off"): SIGNED_IN,
    ("POST", "/account/sessions/end-others"): SIGNED_IN,
    ("POST", "/account/sessions/{number}/end"): SIGNED_IN,
    ("POST", "/account/keys"): SIGNED_IN,
    ("POST", "/account/keys/{number}/end"): SIGNED_IN,
    ("GET", "/users"): PROVINCE | ADMINISTRATOR,
    ("GET", "/users.xlsx"): PROVINCE | ADMINISTRATOR,
    ("POST", "/users/invite"): ADMINISTRATOR,
    ("GET", "/users/accounts"): ADMINISTRATOR,
    ("GET", "/users/accounts.xlsx"): ADMINISTRATOR,
    ("POST", "/users/accounts"): ADMINISTRATOR,
    ("GET", "/users/accounts/{number}"): ADMINISTRATOR,
    ("POST", "/users/accounts/{number}/invite"): ADMINISTRATOR,
    ("POST", "/users/accounts/{number}/reset"): ADMINISTRATOR,
    ("POST", "/users/accounts/{number}/close"): ADMINISTRATOR,
    ("POST", "/users/accounts/{number}/reopen"): ADMINISTRATOR,
    ("POST", "/users/accounts/{number}/second-factor-off"): ADMINISTRATOR,
    ("POST", "/users/accounts/{number}/administrator"): ADMINISTRATOR,
    ("GET", "/units"): PROVINCE | ADMINISTRATOR,
    ("GET", "/units.xlsx"): PROVINCE | ADMINISTRATOR,
    ("GET", "/audit"): PROVINCE | ADMINISTRATOR,
    ("GET", "/audit.xlsx"): PROVINCE | ADMINISTRATOR,
    ("GET", "/"): SIGNED_IN,
    ("GET", "/work"): OFFICERS,
    ("POST", "/work"): OFFICERS,
    ("GET", "/heat"): PROVINCE,
    ("GET", "/procedure"): PROVINCE,
    ("GET", "/late"): PROVINCE,
    ("GET", "/dossiers"): OFFICERS,
    ("GET", "/dossiers.xlsx"): OFFICERS,
    ("GET", "/dossiers/{code:path}"): OFFICERS,
    ("GET", "/dossiers/{code:path}/attachments"): OFFICERS | PRODUCER,
    ("POST", "/dossiers/{code:path}/attachments"): OFFICERS | PRODUCER,
    ("GET", "/dossiers/{code:path}/attachments/{number}"): OFFICERS | PRODUCER,
    ("GET", "/acts"): OFFICERS,
    ("GET", "/acts/{name}"): OFFICERS,
    ("POST", "/acts/{name}"): OFFICERS,
    ("GET", "/certificates"): OFFICERS,
    ("GET", "/certificates.xlsx"): OFFICERS,
    ("GET", "/letters"): OFFICERS,
    ("GET", "/letters.xlsx"): OFFICERS,
    ("GET", "/letters/hand-over"): OFFICERS,
    ("POST", "/letters/hand-over"): OFFICERS,
    ("POST", "/letters/print"): OFFICERS,
    ("GET", "/letters/dead"): OFFICERS,
    ("POST", "/letters/resend"): OFFICERS,
    ("POST", "/letters/release"): PROVINCE,
    ("GET", "/letters/preferences"): PROVINCE,
    ("POST", "/letters/preferences"): PROVINCE,
    ("GET", "/letters/{number}"): OFFICERS,
    ("GET", "/letters/{number}/html"): OFFICERS,
    ("GET", "/plan"): OFFICERS | PRODUCER,
    ("GET", "/plan.xlsx"): OFFICERS,
    ("GET", "/health"): PROVINCE | ADMINISTRATOR,
    ("POST", "/remind"): PROVINCE,
    ("GET", "/plan/check"): PROVINCE,
    ("POST", "/plan/check"): PROVINCE,
    ("GET", "/plan/rehearse"): PROVINCE,
    ("POST", "/plan/rehearse"): PROVINCE,
    ("GET", "/plan/rehearse/{name}"): PROVINCE,
    ("GET", "/plan/rehearse/{name}/report.xlsx"): PROVINCE,
    ("POST", "/plan/rehearse/{name}/stop"): PROVINCE,
    ("GET", "/operations"): PROVINCE | ADMINISTRATOR,
    ("POST", "/operations/run"): PROVINCE | ADMINISTRATOR,
    ("POST", "/operations/catch-up"): PROVINCE | ADMINISTRATOR,
    ("POST", "/operations/retry"): PROVINCE | ADMINISTRATOR,
    ("POST", "/operations/clock"): ADMINISTRATOR,
    # An administrator takes in units and people alone (dashboard/pages/imports.py).
    ("GET", "/imports"): PROVINCE | ADMINISTRATOR,
    ("GET", "/imports/{kind}/template.xlsx"): PROVINCE | ADMINISTRATOR,
    ("POST", "/imports/{kind}"): PROVINCE | ADMINISTRATOR,
    ("GET", "/imports/{kind}/{digest}"): PROVINCE | ADMINISTRATOR,
    ("GET", "/imports/{kind}/{digest}/errors.xlsx"): PROVINCE | ADMINISTRATOR,
    ("POST", "/imports/{kind}/{digest}"): PROVINCE | ADMINISTRATOR,
    ("GET", "/calendar"): PROVINCE,
    ("GET", "/calendar/template.xlsx"): PROVINCE,
    ("POST", "/calendar/preview"): PROVINCE,
    ("POST", "/calendar/list"): PROVINCE,
    ("POST", "/calendar/shipped"): PROVINCE,
    ("POST", "/calendar"): PROVINCE,
    ("GET", "/my"): PRODUCER,
    ("GET", "/my/new"): PRODUCER,
    ("POST", "/my/new"): PRODUCER,
    ("GET", "/my/letters"): PRODUCER,
    ("GET", "/my/letters/{number}"): PRODUCER,
    ("GET", "/my/dossiers/{code:path}"): PRODUCER,
    ("POST", "/my/dossiers/{code:path}"): PRODUCER,
    ("GET", "/public"): PUBLIC,
    ("GET", "/public.xlsx"): PUBLIC,
    ("GET", "/public/{number:path}"): PUBLIC,
    # Other programs, by a key of an account (dashboard/api.py).
    ("GET", "/api"): PUBLIC,
    ("GET", "/api/v1/openapi.json"): PUBLIC,
    ("GET", "/api/v1/cycles"): OFFICERS | PRODUCER,
    ("GET", "/api/v1/dossiers"): OFFICERS | PRODUCER,
    ("GET", "/api/v1/dossiers/{code:path}"): OFFICERS | PRODUCER,
    ("GET", "/api/v1/certificates"): OFFICERS | PRODUCER,
    ("GET", "/api/v1/letters"): PROVINCE,
    ("GET", "/api/v1/deadlines"): OFFICERS | PRODUCER,
    ("POST", "/api/v1/files"): OFFICERS | PRODUCER,
    ("GET", "/metrics"): ADMINISTRATOR,
    **{
        ("POST", f"/api/v1/acts/{name}"): OFFICERS | (PRODUCER if name in PRODUCER_ACTS else frozenset())
        for name in ACTS
    },
}
"""Who may ask for which route, by method and path as it stands in the code."""


def kinds_of(scope: Scope, *, administrator: bool) -> frozenset[Kind]:
    """Return what a signed-in reader is: by the levels where they hold a role today, and by their account."""
    found = {Kind.PUBLIC, Kind.SIGNED_IN, *(LEVEL_KINDS[level] for level in scope.levels)}
    if scope.producer_id is not None:
        found.add(Kind.PRODUCER)
    if administrator:
        found.add(Kind.ADMINISTRATOR)
    return frozenset(found)


def may(kinds: Iterable[Kind], method: str, path: str) -> bool:
    """Return whether one of these kinds may ask for a route; nobody may ask for one that is not listed."""
    return not RIGHTS.get((method, path), frozenset()).isdisjoint(kinds)


def check_listed(routes: Iterable[BaseRoute]) -> None:
    """Raise RuntimeError for a route that the table does not list, and for a line without a route."""
    known = {(method, route.path) for route in routes if isinstance(route, APIRoute) for method in route.methods or ()}
    if missing := sorted(known - RIGHTS.keys()):
        raise RuntimeError(f"dashboard/rights.py does not say who may open {missing}")
    if surplus := sorted(RIGHTS.keys() - known):
        raise RuntimeError(f"dashboard/rights.py lists what is no route: {surplus}")
