"""Who asks: the session behind the cookie, what they are, what they may read, and that a form is theirs."""

import secrets
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import Annotated

from fastapi import Depends, Request, Response
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from casework import accounts, clock, sign_ins
from casework.actors import Actor
from casework.producers import producer_actor
from casework.scope import Scope, scope_of, scope_of_producer
from dashboard.menu import Entry, menu_for
from dashboard.rights import RIGHTS, Kind, kinds_of, may
from dashboard.settings import WebSettings
from models import migrate
from models.accounts import Account, KeyPurpose, SignIn
from models.secret import sha256
from models.session import reading, transaction
from ocop.errors import NotYours
from ocop.phrase import Phrase
from ocop.working_days import day_of

COOKIE = "ocop_session"
SAFE = frozenset({"GET", "HEAD"})
MOST_FIELDS = 4000
"""Fields of one form: a batch of a thousand dossiers names each twice, with the version that was seen."""


class NotMigrated(Exception):
    """The database has no tables, or those of another version."""


class SignInNeeded(Exception):
    """Nobody is signed in, or the session is over."""


class NoAccount(Exception):
    """Nobody can sign in yet: no account was opened."""


class ForgedForm(Exception):
    """A form that our own pages did not draw for this session."""


class Forbidden(NotYours):
    """The reader's roles do not open this page."""


@dataclass(frozen=True)
class Reader:
    """Who reads a page."""

    kinds: frozenset[Kind] = frozenset({Kind.PUBLIC})
    scope: Scope = field(default_factory=Scope)
    name: str = ""
    account_id: int | None = None
    sign_in_id: int | None = None
    person_id: int | None = None
    form_token: str = ""
    """What every form of this session carries back."""
    producer: Actor | None = None
    """The producer who acts, where the account is a producer's."""

    @property
    def signed_in(self) -> bool:
        """Whether somebody is signed in."""
        return self.account_id is not None

    @property
    def actor(self) -> Actor:
        """The officer or the producer who acts; NotYours for a reader who is neither."""
        if self.producer is not None:
            return self.producer
        if self.person_id is None:
            raise NotYours(
                Phrase("Tài khoản này không phải của cán bộ nên không thực hiện được việc này."),
                "the account has no officer",
            )
        return Actor(self.name, self.person_id)

    @property
    def producer_id(self) -> int | None:
        """The producer whose account it is."""
        return self.scope.producer_id

    def may(self, method: str, path: str) -> bool:
        """Return whether the reader may ask for a route, by its path in the code."""
        return may(self.kinds, method, path)

    @property
    def menu(self) -> tuple[Entry, ...]:
        """The navigation of this reader."""
        return menu_for(self.kinds)


@dataclass(frozen=True)
class Admitted:
    """A request let in: who asks, the view of the record that its page reads, and the instant that it shows."""

    reader: Reader
    session: Session
    wall: datetime
    driven: datetime | None

    @property
    def at(self) -> datetime:
        """The instant that pages show and acts use."""
        return self.driven or self.wall


def cookie_name(request: Request) -> str:
    """Return the name of the session's cookie; where only HTTPS is used, one that no other site of the domain can set."""
    return f"__Host-{COOKIE}" if request.app.state.settings.https_only else COOKIE


def session_token(request: Request) -> str:
    """Return the token that the browser sent, or an empty text."""
    return request.cookies.get(cookie_name(request), "")


def client_address(request: Request) -> str:
    """Return the network address that a request came from."""
    return request.client.host if request.client else ""


def page_address(request: Request) -> str:
    """Return the address under which people reach the pages, for links in letters; no request can name another."""
    settings: WebSettings = request.app.state.settings
    return settings.address.rstrip("/") or str(request.base_url).rstrip("/")


def form_token(token: str) -> str:
    """Return what the forms of a session carry; it tells nothing of the session's own token."""
    return sha256(f"form/{token}")


def reader_of(session: Session, sign_in: SignIn | None, account: Account, at: datetime, token: str) -> Reader:
    """Return who an account is at an instant."""
    producer = None
    if account.producer_id is not None:
        scope = scope_of_producer(session, account.producer_id)
        producer = producer_actor(session, account.producer_id, account.name)
    elif account.person_id is not None:
        scope = scope_of(session, Actor(account.name, account.person_id), day_of(at))
    else:
        scope = Scope()
    return Reader(
        kinds_of(scope, administrator=account.administrator), scope, account.name, account.id,
        sign_in.id if sign_in else None, account.person_id, form_token(token), producer,
    )  # fmt: skip


def by_key(route: str) -> bool:
    """Return whether a route is for other programs: they send a key, and no browser's session counts there."""
    return route.startswith("/api/") or route == "/metrics"


def _opened(
    session: Session, request: Request, route: str, wall: datetime
) -> tuple[SignIn | None, Account | None, str]:
    """Return the session and the account behind a request, and the secret that it sent."""
    if by_key(route):
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        key = accounts.key_opens(session, token.strip(), KeyPurpose.API, wall) if scheme.lower() == "bearer" else None
        return None, key[1] if key else None, token
    token = session_token(request)
    found = sign_ins.session_of(session, token, wall) if token else None
    return (*found, token) if found else (None, None, token)


NAMELESS = Reader(name="\ue000name\ue001", form_token="\ue000form\ue001")
"""What a page that is kept for several readers has in the place of their name and token: no text that people write."""


def reader_now(request: Request) -> Reader | None:
    """Return the reader behind a browser's session, or None: then `admitted` says why."""
    engine: Engine = request.app.state.engine()
    wall = datetime.now(UTC)
    try:
        with reading(engine) as session:
            sign_in, account, token = _opened(session, request, request.scope["route"].path, wall)
            if account is None:
                return None
            _note_use(engine, request, sign_in, wall)
            return reader_of(session, sign_in, account, clock.driven(session) or wall, token)
    except DBAPIError:
        return None


def admitted(request: Request) -> Iterator[Admitted]:
    """Let a request in or refuse it, by the table of rights; the page then reads from the same consistent view."""
    route, method = request.scope["route"].path, request.method
    engine: Engine = request.app.state.engine()
    if not is_migrated(engine):
        raise NotMigrated
    wall = datetime.now(UTC)
    with reading(engine) as session:
        driven = clock.driven(session)
        sign_in, account, token = _opened(session, request, route, wall)
        reader = Reader() if account is None else reader_of(session, sign_in, account, driven or wall, token)
        if not reader.may(method, route):
            if not reader.signed_in:
                raise SignInNeeded if accounts.any_account(session) else NoAccount
            raise Forbidden(
                Phrase("Tài khoản của bạn không có quyền mở trang này. Nếu cần, hãy hỏi người quản trị."),
                f"{sorted(reader.kinds)} may not {method} {route}",
            )
        _note_use(engine, request, sign_in, wall)
        if getattr(request.state, "nameless", False):
            reader = replace(reader, name=NAMELESS.name, form_token=NAMELESS.form_token)
        request.state.reader = reader
        yield Admitted(reader, session, wall, driven)


def _note_use(engine: Engine, request: Request, sign_in: SignIn | None, wall: datetime) -> None:
    if sign_in is None or not used(request) or wall - sign_in.seen_at <= sign_ins.SEEN_EVERY:
        return
    # Nobody may ask again before its idle time is over, which is counted from what is written.
    pressing = wall - sign_in.seen_at > sign_ins.IDLE_FOR / 4
    if noted := request.app.state.uses.note(sign_in.id, wall, pressing=pressing):
        with transaction(engine) as writing:
            sign_ins.seen(writing, noted)


def used(request: Request) -> bool:
    """Return whether a person asks: a page that renews itself in the background keeps no session alive."""
    return request.method != "GET" or request.headers.get("sec-fetch-dest", "document") != "empty"


Admission = Annotated[Admitted, Depends(admitted)]


async def genuine(request: Request) -> AsyncIterator[None]:
    """Refuse what another site sends in a reader's name: by where it comes from, and by the token of our own forms."""
    if request.method in SAFE or by_key(request.scope["route"].path):
        yield
        return
    site = request.headers.get("sec-fetch-site", "same-origin")
    origin = request.headers.get("origin")
    ours = {str(request.base_url).rstrip("/"), page_address(request)}
    if site not in {"same-origin", "none"} or (origin is not None and origin not in ours):
        raise ForgedForm
    token = session_token(request)
    if Kind.PUBLIC not in RIGHTS.get((request.method, request.scope["route"].path), frozenset()) and token:
        try:
            sent = request.headers.get("x-form-token") or (await request.form(max_fields=MOST_FIELDS)).get("form_token")
            if not isinstance(sent, str) or not secrets.compare_digest(sent.encode(), form_token(token).encode()):
                raise ForgedForm
            yield
        finally:
            await request.close()  # the files that came with the form lie on disk until then
        return
    yield


def is_migrated(engine: Engine) -> bool:
    """Return whether the database has the tables of this version."""
    with engine.connect().execution_options(ocop_reading=True) as connection:
        return migrate.current(connection) == newest_migration()


@lru_cache(maxsize=1)
def newest_migration() -> str:
    """Return the migration that this version needs."""
    return migrate.newest()


def secured(request: Request) -> bool:
    """Return whether a cookie goes over TLS alone: the page came over TLS, or the installation has no other way."""
    return bool(request.app.state.settings.https_only or request.url.scheme == "https")


def keep_session(response: Response, token: str, request: Request) -> None:
    """Give the browser a session's token: no script reads it, no other site sends it."""
    response.set_cookie(
        cookie_name(request), token, max_age=int(sign_ins.SESSION_LASTS.total_seconds()), path="/", httponly=True, samesite="lax",
        secure=secured(request),
    )  # fmt: skip


def forget_session(response: Response, request: Request) -> None:
    """Take the token from the browser."""
    response.delete_cookie(cookie_name(request), path="/", httponly=True, samesite="lax", secure=secured(request))
