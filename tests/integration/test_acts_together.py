"""Two officers at one dossier, the same request twice, and two watches at once."""

from collections.abc import Callable
from threading import Barrier, Thread

import pytest
from sqlalchemy import Engine, func, select

from casework.actors import person
from casework.acts import ACTS
from casework.agenda import catch_up
from casework.registration import Goods, Maker
from models.cycles import AgendaItem, Breach, Escalation
from models.dossiers import Dossier
from models.letters import Letter
from models.record import Event, Request
from models.results import Decision, Evaluation
from models.session import perform, transaction
from ocop.errors import AlreadyExists, KeyReused, NotPossibleNow, RuleViolation, SomeoneWasFaster
from tests.factories import Office, an_office, at


def together(*works: Callable[[], object]) -> list[object]:
    """Run works at once, each in a thread, and return their answers or what they raised, in order."""
    barrier, answers = Barrier(len(works)), dict[int, object]()

    def run(place: int, work: Callable[[], object]) -> None:
        barrier.wait()
        try:
            answers[place] = work()
        except Exception as raised:  # noqa: BLE001 - it is the answer
            answers[place] = raised

    threads = [Thread(target=run, args=(place, work)) for place, work in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [answers[place] for place in range(len(works))]


def version(office: Office, code: str) -> int:
    """Return the version of a dossier as a page shows it."""
    return int(office.rows(select(Dossier.version).where(Dossier.code == code))[0][0])


def test_the_loser_of_two_who_saw_the_same_dossier_is_told_who_did_what_and_when(engine: Engine) -> None:
    office = an_office(engine).go("2025-05-05 10:15")
    code = office.at_district()
    seen = {code: version(office, code)}
    ask = {"dossier": code, "reason": "Thiếu giấy", "requested_on": office.now.date()}
    office.act("request-supplement", "365/officer", seen=seen, **ask)
    with pytest.raises(
        SomeoneWasFaster,
        match=r"cập nhật bởi cán bộ phụ trách Huyện Giao Thủy .Trả hồ sơ để bổ sung. lúc 10:15 ngày 05/05/2025",
    ):
        office.act("retract", "365/head", seen=seen, dossier=code, requested_on=office.now.date(), reason="Xin rút")
    assert office.stage(code) == "district_supplement"
    again = {code: version(office, code)}
    office.act("retract", "365/head", seen=again, dossier=code, requested_on=office.now.date(), reason="Xin rút")


def test_a_refusal_by_the_table_says_who_acted_last_and_when(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-05-05 10:15")
    code = office.at_district()
    office.act("request-supplement", "365/officer", dossier=code, reason="Thiếu", requested_on=office.now.date())
    with pytest.raises(
        NotPossibleNow,
        match=r"Việc gần nhất: cán bộ phụ trách Huyện Giao Thủy .Trả hồ sơ để bổ sung. lúc 10:15 ngày 05/05/2025",
    ):
        office.evaluate(code, "55", "365/head")


def test_two_officers_who_record_one_session_at_once_leave_one_result(engine: Engine) -> None:
    office = an_office(engine).go("2025-05-05")
    code = office.at_district()
    answers = together(
        lambda: office.evaluate(code, "55", "365/officer", key="one"),
        lambda: office.evaluate(code, "80", "365/head", key="other"),
    )
    assert sorted(type(answer).__name__ for answer in answers) == ["AlreadyExists", "dict"]
    refused = next(answer for answer in answers if isinstance(answer, AlreadyExists))
    assert "Huyện Giao Thủy" in refused.vietnamese
    assert office.rows(select(func.count(Evaluation.id))) == [(1,)]


def test_two_decisions_at_once_leave_one(engine: Engine) -> None:
    office = an_office(engine).go("2025-05-05")
    code = office.at_district()
    office.evaluate(code, "55")
    sign = {"dossiers": [code], "signed_on": office.now.date(), "signer": "Nguyễn Văn Ký"}
    answers = together(
        lambda: office.act("decide", "365/officer", key="one", number="1/QĐ", **sign),
        lambda: office.act("decide", "365/head", key="other", number="2/QĐ", **sign),
    )
    lost = [answer for answer in answers if isinstance(answer, RuleViolation)]
    assert len(lost) == 1, answers
    assert office.rows(select(func.count(Decision.id)).where(Decision.annulled_on.is_(None))) == [(1,)]
    numbers = [row[0] for row in office.rows(select(Event.number).where(Event.dossier_id == 1).order_by(Event.number))]
    assert numbers == list(range(1, len(numbers) + 1))


def test_the_same_request_twice_at_once_is_performed_once_and_answered_twice(engine: Engine) -> None:
    office = an_office(engine).go("2025-05-05")
    code = office.at_district()
    answers = together(*[lambda: office.evaluate(code, "55", key="the same")] * 2)
    assert sorted(answer["replayed"] for answer in answers if isinstance(answer, dict)) == [False, True]
    assert office.rows(select(func.count(Evaluation.id))) == [(1,)]
    assert office.rows(select(func.count()).select_from(Request).where(Request.key == "the same")) == [(1,)]


def test_a_key_with_another_request_under_it_is_refused(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    code = office.at_district()
    first = office.evaluate(code, "55", key="k")
    again = office.evaluate(code, "55", key="k")
    assert (first["replayed"], again["replayed"]) == (False, True)
    assert {**first, "replayed": True} == again
    with pytest.raises(KeyReused):
        office.evaluate(code, "56", key="k")
    with pytest.raises(KeyReused):
        office.evaluate(code, "55", "365/head", key="k")
    with pytest.raises(KeyReused):
        office.act(
            "decide", "365/officer", key="k", dossiers=[code], number="1", signed_on=office.now.date(), signer="K"
        )  # fmt: skip


def test_a_replay_is_answered_also_when_the_dossier_has_moved_on(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    code = office.at_district()
    seen = {code: version(office, code)}
    office.evaluate(code, "55", key="k", seen=seen)
    office.decide(code)
    assert office.evaluate(code, "55", key="k", seen=seen)["replayed"] is True


def test_two_watches_at_once_strike_and_climb_once(engine: Engine) -> None:
    office = an_office(engine).go("2025-06-02")
    office.at_district()
    office.now = at("2025-06-30")

    def watch() -> object:
        return perform(engine, lambda session: catch_up(session, office.now))

    answers = together(watch, watch)
    assert not [answer for answer in answers if isinstance(answer, Exception)], answers
    assert office.rows(select(func.count(Breach.id))) == [(2,)]  # 15/6 and 20/6
    assert office.rows(select(func.count(Escalation.id))) == [(9,)]  # five rungs, and four of the second ladder
    assert office.rows(
        select(func.count(AgendaItem.id)).where(AgendaItem.done_at.is_(None), AgendaItem.due_at <= office.now)
    ) == [(0,)]
    keys = [row[0] for row in office.rows(select(Letter.key))]
    assert len(keys) == len(set(keys))


def test_two_registrations_of_one_product_at_once_leave_one_open_dossier(engine: Engine) -> None:
    office = an_office(engine).go("2025-05-05")
    body = {"producer": Maker("CT-1", "HTX mô phỏng", "14101"), "product": Goods("SP-1", "Mật ong mô phỏng")}
    answers = together(lambda: office.register(**body), lambda: office.register(**body))
    assert sorted(type(answer).__name__ for answer in answers) == ["AlreadyExists", "str"], answers


def test_an_act_that_is_refused_leaves_nothing_behind(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    code = office.at_district()
    before = office.rows(select(func.count(Event.id)))
    with pytest.raises(RuleViolation):
        office.evaluate(code, "55", "366/officer")
    assert office.rows(select(func.count(Event.id))) == before
    assert office.rows(select(func.count(Evaluation.id))) == [(0,)]


def test_every_act_has_a_title_a_sentence_and_a_name_of_its_own() -> None:
    assert len(ACTS) >= 25
    for name, act in ACTS.items():
        assert act.title.strip(), name
        assert act.doc.strip(), name


def test_an_actor_is_found_by_code(sqlite_engine: Engine) -> None:
    an_office(sqlite_engine)
    with transaction(sqlite_engine) as session:
        assert person(session, "365/officer").name == "cán bộ phụ trách Huyện Giao Thủy"
