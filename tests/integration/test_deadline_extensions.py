"""Who opens a deadline again, for whom and with what: extensions and dossiers that are accepted late."""

import pytest
from sqlalchemy import Engine, func, select

from models.cycles import Breach, Deadline, Escalation, LateAcceptance
from models.dossiers import Dossier
from ocop.errors import InvalidInput, NotFound, NotPossibleNow, NotYours, TooLate
from ocop.levels import Level
from tests.factories import an_office, day
from tests.integration.deadline_facts import breaches, extension
from tests.records import letters, read_all, readers

pytestmark = pytest.mark.postgresql_long


def test_an_extension_before_the_stroke_moves_it(engine: Engine) -> None:
    office = an_office(engine).go("2025-06-02")
    code = office.at_district()
    answer = office.act("extend", "36/officer", **extension())
    assert answer["last_day"] == "2025-06-25"
    office.go("2025-06-25 23:59:59")
    assert [row[1] for row in breaches(office)] == ["provincial_submission"]
    office.evaluate(code, "55", held_on=day("2025-06-25"))
    office.go("2025-06-26 00:00")
    assert "district_evaluation" not in {row[1] for row in breaches(office)}


def test_an_extension_after_the_stroke_closes_the_open_breach_and_a_new_miss_is_a_new_one(engine: Engine) -> None:
    office = an_office(engine).go("2025-06-02")
    code = office.at_district()
    office.go("2025-06-16")
    answer = office.act("extend", "36/officer", **extension(day=day("2025-06-19")))
    assert answer["closed_breaches"] == 1
    ((by, closed),) = office.rows(select(Breach.closed_by, Breach.closed_at))
    assert (by, closed) == ("extend", office.now)
    office.go("2025-06-20 09:00")
    found = [row for row in breaches(office) if row[1] == "district_evaluation"]
    assert [row[-1] for row in found] == [False, True]
    assert {row[0] for row in found} == {code}
    read_all(office)


def test_the_ladder_of_an_extended_deadline_stops_climbing(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-06-02")
    office.at_district()
    office.go("2025-06-16 08:00")
    office.act("extend", "36/officer", **extension())
    office.go("2025-06-19 23:00")
    assert office.rows(select(func.count(Escalation.id))) == [(1,)]


def test_an_extension_needs_document_and_reason_and_a_later_day_ahead(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-06-02")
    for wrong in ({"document": " "}, {"reason": ""}, {"day": day("2025-06-14")}):
        with pytest.raises(InvalidInput):
            office.act("extend", "36/officer", **extension(**wrong))
    office.go("2025-06-27")
    with pytest.raises(InvalidInput, match="đã qua"):
        office.act("extend", "36/officer", **extension())
    with pytest.raises(NotFound, match="district_evaluation"):
        office.act("extend", "36/officer", **extension(stage="commune_review", day=day("2025-07-10")))


@pytest.mark.parametrize("who", ["365/officer", "365/vice_chair", "14101/officer", "00/officer"])
def test_a_unit_never_extends_its_own_deadline(sqlite_engine: Engine, who: str) -> None:
    office = an_office(sqlite_engine).go("2025-06-02")
    with pytest.raises(NotYours):
        office.act("extend", who, **extension())
    with pytest.raises(NotYours):
        office.act("extend", who, **extension(level=Level.DISTRICT, unit="365"))


def test_an_extension_for_one_district_holds_for_its_dossiers_alone(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-06-02")
    here, there = office.at_district("14101"), office.at_district("14201")
    office.go("2025-06-16")
    assert office.act("extend", "36/officer", **extension(level=Level.DISTRICT, unit="365"))["closed_breaches"] == 1
    office.evaluate(here, "55")
    with pytest.raises(TooLate):
        office.evaluate(there, "55", "366/officer")
    told = letters(office, "deadline_extended")
    assert readers(told) == {"cán bộ phụ trách Huyện Giao Thủy", "Văn phòng Điều phối nông thôn mới Tỉnh Nam Định"}


def test_of_two_extensions_to_one_day_the_one_given_later_holds_and_a_miss_is_one_breach(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-06-02")
    code = office.at_district()
    unit = {"level": Level.DISTRICT, "unit": "365"}
    for more in ({"day": day("2025-06-18")} | unit, {"day": day("2025-06-25")} | unit, {"day": day("2025-06-25")}):
        office.act("extend", "36/officer", **extension(**more))
    office.go("2025-06-26 08:00")
    found = select(Deadline.scope).join(Breach, Breach.deadline_id == Deadline.id).join(Dossier)
    missed = found.where(Dossier.code == code, Deadline.stage == "district_evaluation")
    assert office.rows(missed) == [("all",)]
    read_all(office)


def test_an_extension_that_overruns_the_next_deadline_is_reported_when_it_is_entered(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-06-02")
    fits = office.act("extend", "36/officer", **extension(day=day("2025-06-18")))
    assert fits["warnings"] == []
    overruns = office.act("extend", "36/officer", **extension(day=day("2025-06-25")))
    assert len(overruns["warnings"]) == 1
    assert "Chờ gửi tỉnh" in overruns["warnings"][0]
    far = office.act("extend", "36/officer", **extension(day=day("2025-07-25")))
    assert len(far["warnings"]) == 2


def test_an_extension_is_no_longer_reported_once_the_next_deadline_was_extended_too(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-06-02")
    office.act("extend", "36/officer", **extension(stage="provincial_submission", day=day("2025-07-01")))
    assert office.act("extend", "36/officer", **extension(day=day("2025-06-25")))["warnings"] == []


def test_accept_late_opens_a_deadline_for_named_dossiers_with_document_and_reason(engine: Engine) -> None:
    office = an_office(engine).go("2025-06-02")
    named, other = office.at_district(), office.at_district()
    office.go("2025-06-17")
    body = {"dossiers": [named], "stage": "district_evaluation", "document": "71/UBND", "reason": "Chủ thể bị bão"}
    with pytest.raises(NotYours):
        office.act("accept-late", "365/officer", **body)
    with pytest.raises(InvalidInput):
        office.act("accept-late", "36/officer", **(body | {"document": ""}))
    with pytest.raises(InvalidInput):
        office.act("accept-late", "36/officer", **(body | {"reason": " "}))
    office.act("accept-late", "36/officer", **body)
    assert [row[-1] for row in breaches(office)] == [True, True]  # it stays open until the act itself
    office.evaluate(named, "55")
    with pytest.raises(TooLate):
        office.evaluate(other, "55")
    assert [row[-1] for row in breaches(office)] == [False, True]
    assert office.rows(select(LateAcceptance.document)) == [("71/UBND",)]


def test_a_dossier_past_the_stage_cannot_be_accepted_late_there(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-06-02")
    code = office.judged("75")
    with pytest.raises(NotPossibleNow):
        office.act(
            "accept-late", "36/officer", dossiers=[code], stage="district_evaluation", document="71", reason="Bão"
        )
