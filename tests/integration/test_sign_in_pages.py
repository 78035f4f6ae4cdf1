"""Signing in and out, forgotten passwords, invitations and one's own account, as a browser does them."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyotp
import pytest
from sqlalchemy import Engine, select, update
from starlette.testclient import TestClient

from casework import accounts, api_keys, invitations, passwords, second_factor, sign_ins
from dashboard.app import create_app
from dashboard.pages.sign_in import own
from dashboard.said import SAID
from dashboard.settings import WebSettings
from dashboard.who import COOKIE
from dashboard.who import form_token as token_of_forms
from dashboard.words import browser
from models.accounts import Account, AccountEvent, AccountKey, KeyPurpose, SignIn
from models.letters import Letter
from models.secret import Secret, in_fours
from models.session import perform, reading, transaction
from ocop.passwords import RULES
from tests.factories import an_office
from tests.integration.console_pages import HOST, NOWHERE, Links, console, form_token, sign_in, text
from tests.integration.signing_in import CHEAP, OTHER, PASSWORD, an_account, happened, whole_record

LOGIN = "officer.365@office.example"


@pytest.fixture
def engine(sqlite_engine: Engine, home: Path) -> Engine:
    assert home
    an_office(sqlite_engine)
    an_account(sqlite_engine, LOGIN, person="365/officer")
    return sqlite_engine


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compare with passwords as they are kept, and renew none: that is another test's."""
    real = passwords.compare
    monkeypatch.setattr(passwords, "compare", lambda typed, kept: real(typed, kept)._replace(renewed=None))


def nobody(engine: Engine, **settings: object) -> TestClient:
    return TestClient(
        create_app(engine, WebSettings(prefect_url=NOWHERE, **settings)),  # type: ignore[arg-type]
        base_url=HOST, follow_redirects=False,
    )  # fmt: skip


def signed_in(engine: Engine) -> TestClient:
    """Return a client of the officer, without the password's cost."""
    client = nobody(engine)
    with transaction(engine) as session:
        account = accounts.account_by_login(session, LOGIN)
        client.cookies.set(COOKIE, sign_ins.start_session(session, account, datetime.now(UTC), "Trình duyệt thử"))
    return client


def post(client: TestClient, path: str, **given: str) -> str:
    """Send a form of this session and return the words of the page that it leads to, or of the answer."""
    answer = client.post(path, data={"form_token": token_of_forms(client.cookies[COOKIE]), **given})
    if answer.status_code == 303:
        return text(client, answer.headers["location"])
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())


def account(engine: Engine, login: str = LOGIN) -> Account:
    with reading(engine) as session:
        row = accounts.account_by_login(session, login)
        session.expunge(row)
        return row


# Signing in and out


def test_who_signs_in_comes_to_the_page_that_was_asked_for(engine: Engine) -> None:
    client = nobody(engine)
    asked = client.get("/dossiers?q=m%E1%BA%AFm")
    assert (asked.status_code, asked.headers["location"]) == (303, "/sign-in?next=%2Fdossiers%3Fq%3Dm%25E1%25BA%25AFm")
    page = client.get(asked.headers["location"]).text
    assert 'name="next" value="/dossiers?q=m%E1%BA%AFm"' in page
    answer = client.post("/sign-in", data={"login": LOGIN.upper(), "password": PASSWORD, "next": "/dossiers?q=1"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/dossiers?q=1")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Path=/" in cookie
    assert client.get("/dossiers").status_code == 200


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("/dossiers?a=b", "/dossiers?a=b"),
        ("//xau.example", "/"),
        ("/\\xau.example", "/"),
        ("https://xau.example", "/"),
        ("javascript:alert(1)", "/"),
        ("/\t/xau.example", "/"),
        ("/\n/xau.example", "/"),
        ("", "/"),
    ],
)
def test_signing_in_leads_to_no_other_site(asked: str, found: str) -> None:
    assert own(asked) == found


def test_a_wrong_password_is_told_and_kept_and_the_login_stays_typed(engine: Engine) -> None:
    client = nobody(engine)
    for login in (LOGIN, "không.ai@office.example"):
        answer = client.post("/sign-in", data={"login": login, "password": "sai"})
        assert answer.status_code == 401
        assert sign_ins.WRONG in answer.text
        assert f'value="{login}"' in answer.text
        assert "sai" not in re.findall(r'value="([^"]*)"', answer.text)
        assert COOKIE not in answer.cookies
    assert happened(engine)[1:] == ["failed", "failed"]


def test_each_sign_in_has_a_token_of_its_own_and_the_one_before_in_this_browser_ends(engine: Engine) -> None:
    client = nobody(engine)
    client.cookies.set(COOKIE, "đặt sẵn".encode().hex())
    client.post("/sign-in", data={"login": LOGIN, "password": PASSWORD})
    first = client.cookies.get(COOKIE, domain="127.0.0.1")
    client.post("/sign-in", data={"login": LOGIN, "password": PASSWORD})
    with reading(engine) as session:
        rows = session.execute(select(SignIn.ended_at.is_not(None)).order_by(SignIn.id)).scalars().all()
    assert rows == [True, False]
    assert first is not None


def test_signing_out_ends_the_session_and_takes_the_cookie(engine: Engine) -> None:
    client = signed_in(engine)
    token = client.cookies[COOKIE]
    assert client.post("/sign-out").status_code == 403, "a link of another site signs nobody out"
    answer = client.post("/sign-out", data={"form_token": token_of_forms(token)})
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
    assert "Max-Age=0" in answer.headers["set-cookie"]
    client.cookies.set(COOKIE, token)
    assert client.get("/dossiers").headers["location"].startswith("/sign-in")


def test_where_https_is_used_the_cookie_says_so_and_no_other_site_of_the_domain_can_set_it(engine: Engine) -> None:
    client = nobody(engine, https_only=True)
    client.base_url = client.base_url.copy_with(scheme="https")
    answer = client.post("/sign-in", data={"login": LOGIN, "password": PASSWORD})
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"__Host-{COOKIE}=")
    assert "Secure" in cookie
    assert "Domain" not in cookie
    assert client.get("/dossiers").status_code == 200


def test_a_page_that_renews_itself_keeps_no_session_alive(engine: Engine) -> None:
    client = signed_in(engine)

    def seen(ago: timedelta) -> None:
        with transaction(engine) as session:
            session.execute(update(SignIn).values(seen_at=datetime.now(UTC) - ago))

    seen(sign_ins.IDLE_FOR - timedelta(minutes=1))
    assert client.get("/dossiers", headers={"sec-fetch-dest": "empty"}).status_code == 200
    with reading(engine) as session:
        assert datetime.now(UTC) - session.scalars(select(SignIn.seen_at)).one() > timedelta(hours=1)
    assert client.get("/dossiers").status_code == 200
    with reading(engine) as session:
        assert datetime.now(UTC) - session.scalars(select(SignIn.seen_at)).one() < timedelta(minutes=1)
    seen(sign_ins.IDLE_FOR)
    assert client.get("/dossiers").status_code == 303


def test_the_address_that_people_use_is_that_of_the_forms_also_behind_a_proxy(engine: Engine) -> None:
    client = nobody(engine, address="https://ocop.example/")
    sent = {"login": LOGIN, "password": PASSWORD}
    for origin, status in ((HOST, 303), ("https://ocop.example", 303), ("https://xau.example", 403), ("null", 403)):
        client.cookies.clear()
        assert client.post("/sign-in", data=sent, headers={"origin": origin}).status_code == status


# The second step


def with_second_factor(engine: Engine, home: Path) -> pyotp.TOTP:
    with transaction(engine) as session:
        row = accounts.account_by_login(session, LOGIN)
        row.second_factor = second_factor.new_seed()
        return pyotp.TOTP(second_factor.key_of(row, Secret(home), row.second_factor))


def test_the_second_step_asks_for_the_digits_and_not_for_the_password_again(engine: Engine, home: Path) -> None:
    telephone, client = with_second_factor(engine, home), nobody(engine)
    page = client.post("/sign-in", data={"login": LOGIN, "password": PASSWORD, "next": "/plan"})
    assert page.status_code == 200
    assert page.headers["cache-control"] == "no-store"
    assert 'type="password"' not in page.text
    assert COOKIE not in page.cookies
    ticket = re.findall(r'name="ticket" value="([^"]+)"', page.text)[0]
    wrong = client.post("/sign-in", data={"ticket": ticket, "digits": "không", "next": "/plan"})
    assert (wrong.status_code, ticket in wrong.text) == (401, True)
    answer = client.post("/sign-in", data={"ticket": ticket, "digits": telephone.now(), "next": "/plan"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/plan")
    assert client.get("/plan").status_code == 200
    late = client.post("/sign-in", data={"ticket": ticket, "digits": telephone.now()})
    assert late.status_code == 401
    assert 'name="password"' in late.text, "it begins anew"


# Forgotten passwords and invitations


def keys(engine: Engine) -> list[AccountKey]:
    with reading(engine) as session:
        rows = list(session.scalars(select(AccountKey).order_by(AccountKey.id)))
        session.expunge_all()
        return rows


def test_the_answer_to_a_forgotten_password_does_not_tell_who_has_an_account(engine: Engine) -> None:
    client = nobody(engine)
    pages = [client.post("/forgotten", data={"login": login}) for login in (LOGIN, "nobody@office.example")]
    assert [page.status_code for page in pages] == [200, 200]
    assert pages[0].text.replace(LOGIN, "…") == pages[1].text.replace("nobody@office.example", "…")
    assert [key.purpose for key in keys(engine)] == ["reset"]
    assert happened(engine)[1:] == ["reset_asked", "reset_asked"]
    with reading(engine) as session:
        (letter,) = session.scalars(select(Letter).where(Letter.notice == "password_reset"))
        assert letter.email == LOGIN
        assert letter.facts["pages"] == HOST
    assert client.post("/forgotten", data={"login": " "}).status_code == 422


def test_forgetting_again_and_again_is_stopped_by_address_and_not_by_name(engine: Engine) -> None:
    client = nobody(engine)
    codes = [client.post("/forgotten", data={"login": f"ai-do-{number}"}).status_code for number in range(11)]
    assert codes == [200] * 10 + [429]
    assert happened(engine).count("reset_asked") == 10


def reset_key(engine: Engine, home: Path, purpose: KeyPurpose = KeyPurpose.RESET) -> str:
    now = datetime.now(UTC)
    sender = invitations.Sender(Secret(home), HOST, now, now)
    return perform(
        engine,
        lambda session: (
            invitations.send_all(session, [accounts.account_by_login(session, LOGIN, lock=True)], purpose, sender)[
                0
            ].key
        ),
    )


def test_a_link_sets_a_password_once_with_the_rules_beside_the_field(engine: Engine, home: Path) -> None:
    session, client = signed_in(engine), nobody(engine)
    link = f"/welcome/{in_fours(reset_key(engine, home))}"
    for _ in range(2):
        page = client.get(link)
        assert (page.status_code, page.headers["cache-control"]) == (200, "no-store"), "opening it uses nothing up"
    assert all(rule in text(client, link) for rule in RULES)
    assert LOGIN in page.text
    wrong = client.post(link, data={"password": OTHER, "again": OTHER + "x"})
    assert (wrong.status_code, "không giống nhau" in wrong.text) == (422, True)
    weak = client.post(link, data={"password": "matkhau123456789", "again": "matkhau123456789"})
    assert (weak.status_code, "dễ đoán" in weak.text) == (422, True)
    done = client.post(link, data={"password": OTHER, "again": OTHER})
    assert (done.status_code, "Đã đặt mật khẩu" in done.text) == (200, True)
    assert COOKIE not in done.cookies, "who has the link signs in like everybody"
    assert session.get("/dossiers").status_code == 303
    for again in (client.get(link), client.post(link, data={"password": OTHER, "again": OTHER})):
        assert (again.status_code, "đã dùng rồi" in again.text) == (404, True)
    assert client.post("/sign-in", data={"login": LOGIN, "password": OTHER}).status_code == 303


def test_a_key_of_a_letter_on_paper_is_typed(engine: Engine, home: Path) -> None:
    key, client = reset_key(engine, home), nobody(engine)
    assert "Mã trong thư" in text(client, "/welcome")
    answer = client.post("/welcome", data={"key": f" {in_fours(key).lower()} "})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/welcome/{in_fours(key)}")
    wrong = client.post("/welcome", data={"key": "ABCD-EFGH-ABCD-EFGH-ABCD-EFGH"})
    assert (wrong.status_code, "Mã không dùng được" in wrong.text) == (404, True)


def test_a_link_works_in_the_browser_of_somebody_else_who_is_signed_in(engine: Engine, home: Path) -> None:
    other = console(engine)
    link = f"/welcome/{in_fours(reset_key(engine, home))}"
    assert "Đã đặt mật khẩu" in other.post(link, data={"password": OTHER, "again": OTHER}).text
    assert other.get("/late").status_code == 200


def test_another_site_sets_no_password(engine: Engine, home: Path) -> None:
    link = f"/welcome/{in_fours(reset_key(engine, home))}"
    answer = nobody(engine).post(
        link, data={"password": OTHER, "again": OTHER}, headers={"origin": "https://xau.example"}
    )
    assert answer.status_code == 403


# One's own account


def test_the_account_page_shows_sessions_and_what_happened(engine: Engine) -> None:
    client, other = signed_in(engine), signed_in(engine)
    assert other
    page = text(client, "/account")
    assert "Phiên làm việc đang mở: 2" in page
    assert page.count("phiên này") == 1
    assert "Trình duyệt thử" in page
    assert "Được mời" in page
    assert "theo danh sách cán bộ" in page


def test_a_new_password_asks_for_the_old_one_and_gives_the_session_another_token(engine: Engine) -> None:
    client, other = signed_in(engine), signed_in(engine)
    before = client.cookies[COOKIE]
    assert "không giống nhau" in post(client, "/account/password", current=PASSWORD, password=OTHER, again="x")
    assert "dễ đoán" in post(client, "/account/password", current=PASSWORD, password="a" * 12, again="a" * 12)
    assert "Mật khẩu hiện nay không đúng" in post(
        client, "/account/password", current="sai", password=OTHER, again=OTHER
    )
    answer = client.post(
        "/account/password",
        data={"form_token": token_of_forms(before), "current": PASSWORD, "password": OTHER, "again": OTHER},
    )
    assert answer.status_code == 303
    after = answer.cookies[COOKIE]
    assert after != before
    client.cookies.clear()
    client.cookies.set(COOKIE, after)
    client.cookies.set(SAID, answer.cookies[SAID])
    assert "Đã đổi mật khẩu" in text(client, "/account")
    assert other.get("/account").status_code == 303
    client.cookies.set(COOKIE, before)
    assert client.get("/account").status_code == 303
    assert happened(engine)[1:] == ["failed", "password_changed"]


def test_the_second_factor_is_turned_on_with_the_telephone_and_off_with_the_password(
    engine: Engine, home: Path
) -> None:
    client = signed_in(engine)
    page = client.get("/account/second-factor")
    assert page.headers["cache-control"] == "no-store"
    assert "<svg" in page.text
    assert not Links(page.text).inline
    seed = re.findall(r'name="seed" value="([^"]+)"', page.text)[0]
    shown = re.findall(r"<code>([A-Z2-7]+)</code>", page.text)[0]
    telephone = pyotp.TOTP(shown)
    assert shown == second_factor.key_of(account(engine), Secret(home), seed)
    wrong = post(client, "/account/second-factor", seed=seed, digits="không", password=PASSWORD)
    assert "Mã 6 số không đúng" in wrong
    assert shown in wrong, "the same picture is shown again"
    assert "Mật khẩu hiện nay không đúng" in post(
        client, "/account/second-factor", seed=seed, digits=telephone.now(), password="sai"
    )
    assert account(engine).second_factor is None
    before = client.cookies[COOKIE]
    answer = client.post(
        "/account/second-factor",
        data={"form_token": token_of_forms(before), "seed": seed, "digits": telephone.now(), "password": PASSWORD},
    )
    assert answer.status_code == 303
    assert account(engine).second_factor == seed
    assert shown not in whole_record(engine)
    client.cookies.clear()
    client.cookies.set(COOKIE, answer.cookies[COOKIE])
    assert "đang bật" in text(client, "/account")
    assert "không đúng" in post(client, "/account/second-factor/off", password="sai")
    assert "Đã tắt xác thực hai bước" in post(client, "/account/second-factor/off", password=PASSWORD)
    assert account(engine).second_factor is None


def test_own_sessions_are_ended_one_by_one_or_all_others(engine: Engine) -> None:
    client, other, third = signed_in(engine), signed_in(engine), signed_in(engine)
    with reading(engine) as session:
        ids = session.scalars(select(SignIn.id).order_by(SignIn.id)).all()
    assert "Đã kết thúc phiên" in post(client, f"/account/sessions/{ids[1]}/end")
    assert [each.get("/account").status_code for each in (client, other, third)] == [200, 303, 200]
    assert "Đã kết thúc các phiên làm việc khác" in post(client, "/account/sessions/end-others")
    assert [each.get("/account").status_code for each in (client, third)] == [200, 303]
    assert "đã kết thúc rồi" in post(client, f"/account/sessions/{ids[2]}/end")


def test_nobody_ends_a_session_or_a_key_of_somebody_else(engine: Engine) -> None:
    client, now = signed_in(engine), datetime.now(UTC)
    other = console(engine)
    assert other
    with transaction(engine) as session:
        theirs = session.scalars(select(SignIn.id).order_by(SignIn.id.desc())).first()
        account_id = session.scalars(select(SignIn.account_id).order_by(SignIn.id.desc())).first()
        assert account_id
        api_keys.make_api_key(session, accounts.account_by_number(session, account_id), "của người khác", now)
        key = session.scalars(select(AccountKey.id).order_by(AccountKey.id.desc())).first()
    token = {"form_token": form_token(client)}
    assert client.post(f"/account/sessions/{theirs}/end", data=token).status_code == 404
    assert client.post(f"/account/keys/{key}/end", data=token).status_code == 404
    assert other.get("/late").status_code == 200


def test_a_key_for_programs_is_shown_once_and_opens_until_it_is_taken_back(engine: Engine) -> None:
    client = signed_in(engine)
    assert "Mật khẩu hiện nay không đúng" in post(client, "/account/keys", label="Cổng", password="sai")
    assert "Hãy đặt tên" in post(client, "/account/keys", label=" ", password=PASSWORD)
    answer = client.post(
        "/account/keys", data={"form_token": form_token(client), "label": "Cổng dữ liệu", "password": PASSWORD}
    )
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    key = re.findall(r"<code>([\w-]{40,})</code>", answer.text)[0]
    program = nobody(engine)
    asked = {"authorization": f"Bearer {key}"}
    assert program.get("/api/v1/cycles", headers=asked).status_code == 200
    page = client.get("/account").text
    assert key not in page
    assert "Cổng dữ liệu" in page
    number = re.findall(r"/account/keys/(\d+)/end", page)[0]
    assert "Đã thu hồi khóa" in post(client, f"/account/keys/{number}/end")
    assert program.get("/api/v1/cycles", headers=asked).status_code == 401


def test_a_person_is_called_as_in_the_list_of_people_and_others_as_they_like(engine: Engine) -> None:
    client = signed_in(engine)
    assert "danh sách cán bộ" in post(client, "/account/name", name="Giám đốc sở")
    assert account(engine).name != "Giám đốc sở"
    with transaction(engine) as session:
        sign_in(client, session, accounts.Owner(administrator=True))
    assert "Đã đổi tên" in post(client, "/account/name", name="  Nguyễn   Quản Trị ")
    assert account(engine, "administrator").name == "Nguyễn Quản Trị"
    assert "từ 1 đến 200" in post(client, "/account/name", name=" ")
    with reading(engine) as session:
        assert session.scalars(select(AccountEvent.detail).where(AccountEvent.event == "renamed")).one() == (
            "administrator → Nguyễn Quản Trị"
        )


def test_who_guesses_the_password_of_an_open_session_is_stopped(engine: Engine) -> None:
    client = signed_in(engine)
    for _ in range(sign_ins.LOCKED_AFTER):
        assert "không đúng" in post(client, "/account/keys", label="x", password="đoán")
    assert "Đã gõ sai mật khẩu nhiều lần" in post(client, "/account/keys", label="x", password=PASSWORD)
    assert account(engine).locked_until is not None


# The sentence after a form


def test_a_sentence_is_shown_once_and_only_to_the_session_that_it_is_for(engine: Engine) -> None:
    client, other = signed_in(engine), signed_in(engine)
    answer = client.post("/account/sessions/end-others", data={"form_token": form_token(client)})
    sealed = answer.cookies[SAID]
    client.cookies.set(SAID, sealed)
    with transaction(engine) as session:
        session.execute(update(SignIn).values(ended_at=None))
    other.cookies.set(SAID, sealed)
    assert "Đã kết thúc các phiên" not in text(other, "/account")
    polled = client.get("/account", headers={"sec-fetch-dest": "empty"})
    assert "Đã kết thúc các phiên" not in polled.text
    page = client.get("/account")
    assert "Đã kết thúc các phiên làm việc khác" in page.text
    assert f"{SAID}=" in page.headers["set-cookie"]
    assert "Max-Age=0" in page.headers["set-cookie"]
    for forged in ("", ".", "a.b", sealed[:-2] + "xx", f"{'0' * 64}.{sealed.partition('.')[2]}"):
        client.cookies.set(SAID, forged)
        assert client.get("/account").status_code == 200
        assert "Đã kết thúc các phiên" not in client.get("/account").text


def test_the_hash_of_the_tests_is_of_their_password() -> None:
    assert passwords.compare(PASSWORD, CHEAP).right


@pytest.mark.parametrize(
    ("agent", "told"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36", "Chrome trên Windows"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0", "Edge trên Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1 Version/18.0 Safari/604.1", "Safari trên iPhone"),
        ("Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0.0.0 Mobile Safari/537.36", "Chrome trên Android"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0", "Firefox trên Linux"),
        ("testclient", "testclient"),
        ("", ""),
    ],
)  # fmt: skip
def test_a_session_is_told_by_what_its_user_calls_the_browser(agent: str, told: str) -> None:
    assert browser(agent) == told
