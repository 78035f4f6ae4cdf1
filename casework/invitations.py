"""Invitations and resets: a key, and the letter that carries its link to the account's owner, in one transaction."""

import secrets
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.accounts import (
    LASTS,
    SETTING_PASSWORDS,
    Owner,
    account_by_login,
    addresses,
    end_keys,
    login_of,
    new_key,
    note,
    open_account,
)
from casework.assigned import in_office
from casework.days import calendar
from casework.directory import Directory, Found, Recipient
from casework.owing import Draft, owe
from casework.rules import standing_rules
from models.accounts import Account, AccountKey, KeyPurpose
from models.secret import Secret, in_fours
from models.units import Person, Post, Producer, Unit
from ocop.errors import InvalidInput, NotFound, NotPossibleNow
from ocop.levels import Level
from ocop.notices import Notice
from ocop.phrase import Phrase
from ocop.plan_sections import Notices
from ocop.text import nfc
from ocop.working_days import day_of

NOTICES = {KeyPurpose.INVITATION: Notice.ACCOUNT_INVITED, KeyPurpose.RESET: Notice.PASSWORD_RESET}
MOST_AT_ONCE = 200
"""People invited by one form."""
SEED = 24
AGAIN_AFTER = timedelta(minutes=5)
"""So soon after a letter nobody gets another for saying once more that the password is forgotten."""


@dataclass(frozen=True)
class Sender:
    """Who makes links, when, and what the letters that carry them need to know."""

    secret: Secret
    pages: str
    """The address under which people reach the pages."""
    at: datetime
    """The wall clock's instant: keys end by it."""
    letters_at: datetime
    """The instant of the record, by which letters leave; another one where the clock is driven."""
    by: str = ""
    """Who does it; empty where the owner asks."""


@dataclass(frozen=True)
class Link:
    """A link that was made, for the eyes of who hands it over; the letter with it goes by e-mail or waits on paper."""

    account: Account
    key: str
    pages: str
    email: str | None
    ends_at: datetime

    @property
    def address(self) -> str:
        """The link itself."""
        return f"{self.pages}/welcome/{in_fours(self.key)}"


@dataclass(frozen=True)
class Invited:
    """What became of one person of many: a link, or why there is none."""

    code: str
    name: str
    link: Link | None = None
    refusal: str = ""


def send(session: Session, account: Account, purpose: KeyPurpose, sender: Sender) -> Link:
    """Make a link for one account, which the caller has locked, and owe the letter that carries it."""
    if account.closed_at is not None:
        raise NotPossibleNow(
            f"Tài khoản '{account.login}' đã đóng. Hãy mở lại trước.",
            f"the account '{account.login}' is closed: open it again first",
        )
    if purpose is KeyPurpose.INVITATION and account.password is not None:
        raise NotPossibleNow(
            f"'{account.login}' đã đặt mật khẩu. Hãy cho đặt lại mật khẩu thay vì mời lần nữa.",
            f"'{account.login}' has set a password: let them set a new one instead of inviting them again",
        )
    (link,) = send_all(session, [account], purpose, sender)
    return link


def send_all(session: Session, accounts: Sequence[Account], purpose: KeyPurpose, sender: Sender) -> list[Link]:
    """Make a link for each of some accounts and owe the letters; the earlier links open no more.

    A letter on paper takes days: its link lasts as an invitation's, also where the password is set anew.
    """
    session.flush()
    emails = addresses(session, (account.id for account in accounts))
    places = _places(session, accounts, day_of(sender.letters_at))
    end_keys(session, [account.id for account in accounts], sender.at, *SETTING_PASSWORDS)
    seeds = [secrets.token_urlsafe(SEED) for _ in accounts]
    links = []
    for account, seed in zip(accounts, seeds, strict=True):
        lasts = LASTS[purpose if emails[account.id] else KeyPurpose.INVITATION]
        key = sender.secret.key(seed)
        links.append(Link(account, key, sender.pages, emails[account.id], sender.at + lasts))
    made = [new_key(link.account, purpose, sender.at, link.key, link.ends_at) for link in links]
    session.add_all(made)
    session.flush()
    drafts: dict[int, list[Draft]] = defaultdict(list)
    for link, seed, key_row in zip(links, seeds, made, strict=True):
        place = places[link.account.id]
        if link.email or place.unit is not None:  # else nobody would hand it over: whoever made the link does
            cause = f"account/{link.account.id}/key/{key_row.id}"
            drafts[place.province or 0].append(_draft(link, NOTICES[purpose], cause, seed, place, sender))
    for province, theirs in sorted(drafts.items()):
        units = {draft.found.recipient.unit_id for draft in theirs}
        notices = standing_rules(session, province)[2] if province else Notices()
        owe(session, theirs, calendar(session), notices, Directory(session, units, province, day_of(sender.letters_at)))
    return links


def _draft(link: Link, notice: Notice, cause: str, seed: str, place: "_Place", sender: Sender) -> Draft:
    """Return the letter of a link; by e-mail it is of no unit: where a unit ends, nobody else becomes its reader."""
    account = link.account
    reader = Recipient(f"account/{account.id}", account.name, link.email, None if link.email else place.unit)
    facts = {
        "cycle_title": "", "document": "", "login": account.login, "name": account.name, "by_name": sender.by,
        "ends_at": link.ends_at.isoformat(), "pages": sender.pages, "seed": seed, "on_paper": link.email is None,
    }  # fmt: skip
    return Draft(
        notice,
        cause,
        Found(reader),
        facts,
        sender.letters_at,
        reply_unit_id=place.province,
        simulated=account.simulated,
    )


def invite(session: Session, *, login: str, owner: Owner, name: str, sender: Sender) -> Link:
    """Open an account and invite its owner."""
    account = open_account(session, login=login, owner=owner, at=sender.at, by=sender.by, name=name)
    return send(session, account, KeyPurpose.INVITATION, sender)


def invite_people(session: Session, codes: Sequence[str], sender: Sender) -> list[Invited]:
    """Invite people of units by their codes, each with what became of it; those who have an account are left as they are.

    The login is the e-mail address, or the code where there is none or somebody has it already.
    """
    if len(codes) > MOST_AT_ONCE:
        raise InvalidInput(
            f"Mỗi lần mời nhiều nhất {MOST_AT_ONCE} người. Hãy chọn ít hơn.",
            f"at most {MOST_AT_ONCE} people are invited at a time: choose fewer",
        )
    unique = list(dict.fromkeys(codes))
    people = {row.code: row for row in session.scalars(select(Person).where(Person.code.in_(unique)))}
    owned = set(
        session.scalars(select(Account.person_id).where(Account.person_id.in_({p.id for p in people.values()})))
    )
    taken = _taken(session, people.values())
    found: list[Invited] = []
    opened: list[Account] = []
    for code in unique:
        person = people.get(code)
        if person is None:
            found.append(Invited(code, code, refusal=Phrase("Không có cán bộ mang mã '%(code)s'.", code=code)))
        elif person.id in owned:
            found.append(Invited(code, person.name, refusal=Phrase("Đã có tài khoản.")))
        else:
            login = next((one for one in _logins(person) if one not in taken), "")
            if not login:
                refusal = Phrase("Thư điện tử và mã đều đã là tên đăng nhập của người khác: mở từng tài khoản.")
                found.append(Invited(code, person.name, refusal=refusal))
                continue
            taken.add(login)
            account = Account(
                login=login, name=person.name, person_id=person.id, administrator=False, created_at=sender.at,
                simulated=person.simulated,
            )  # fmt: skip
            session.add(account)
            opened.append(account)
            found.append(Invited(code, person.name))
    session.flush()
    for account in opened:
        note(session, account.id, "invited", sender.at, by=sender.by)
    links = {link.account.person_id: link for link in send_all(session, opened, KeyPurpose.INVITATION, sender)}
    return [one if one.refusal else Invited(one.code, one.name, link=links.get(people[one.code].id)) for one in found]


def forgotten(session: Session, login: str, sender: Sender, *, address: str) -> None:
    """Write down that a password was forgotten, whoever has the login, and owe a letter where there is an address for it.

    Who has no e-mail asks an administrator, who sees it here.
    """
    try:
        account = account_by_login(session, nfc(login), lock=True)
    except NotFound:
        note(session, None, "reset_asked", sender.at, address=address)
        return
    note(session, account.id, "reset_asked", sender.at, address=address)
    if account.closed_at is not None or _just_sent(session, account, sender.at):
        return
    if addresses(session, [account.id])[account.id]:
        purpose = KeyPurpose.INVITATION if account.password is None else KeyPurpose.RESET
        send_all(session, [account], purpose, sender)


def _just_sent(session: Session, account: Account, at: datetime) -> bool:
    """Return whether a link went out so lately that another letter would only trouble its reader."""
    return (
        session.scalar(
            select(AccountKey.id)
            .where(
                AccountKey.account_id == account.id,
                AccountKey.purpose.in_([purpose.value for purpose in NOTICES]),
                AccountKey.used_at.is_(None),
                AccountKey.made_at > at - AGAIN_AFTER,
            )
            .limit(1)
        )
        is not None
    )


def _logins(person: Person) -> tuple[str, ...]:
    return tuple(login_of(one) for one in (person.email or "", person.code) if one)


def _taken(session: Session, people: Iterable[Person]) -> set[str]:
    wanted = {login for person in people for login in _logins(person)}
    return set(session.scalars(select(Account.login).where(Account.login.in_(wanted))))


@dataclass(frozen=True)
class _Place:
    """Where an account's owner is found: the unit that hands letters over on paper, and its province."""

    unit: int | None = None
    province: int | None = None


def _places(session: Session, accounts: Collection[Account], day: date) -> dict[int, _Place]:
    """Return the places of some accounts' owners on a day."""
    units: dict[int, int] = {}
    people = {account.person_id: account.id for account in accounts if account.person_id is not None}
    held = session.execute(
        select(Post.person_id, Post.unit_id).where(Post.person_id.in_(people), in_office(day)).order_by(Post.id.desc())
    )
    units |= {people[person]: unit for person, unit in held}
    makers = {account.id: account.producer_id for account in accounts if account.producer_id is not None}
    communes = {
        maker: commune
        for maker, commune in session.execute(
            select(Producer.id, Producer.commune_id).where(Producer.id.in_(set(makers.values())))
        )
    }
    units |= {number: communes[maker] for number, maker in makers.items()}
    provinces = _provinces(session, set(units.values()))
    return {account.id: _Place(units.get(account.id), provinces.get(units.get(account.id, 0))) for account in accounts}


def _provinces(session: Session, units: set[int]) -> Mapping[int, int]:
    """Return the province over each of some units, or the unit itself where it is one."""
    above: dict[int, int | None] = {}
    levels: dict[int, str] = {}
    asked = units
    while asked:
        rows = session.execute(select(Unit.id, Unit.level, Unit.parent_id).where(Unit.id.in_(asked))).all()
        levels |= {number: level for number, level, _ in rows}
        above |= {number: parent for number, _, parent in rows}
        asked = {parent for parent in above.values() if parent is not None} - above.keys()
    found = {}
    for unit in units:
        here: int | None = unit
        while here is not None and levels[here] != Level.PROVINCE:
            here = above[here]
        if here is not None:
            found[unit] = here
    return found
