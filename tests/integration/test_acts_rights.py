"""Who may do what: role, territory and time; acts on behalf of a unit that has no officer."""

from collections.abc import Callable

import pytest
from sqlalchemy import Engine, select, update

from casework.registration import Goods, Maker
from casework.submission import KeptBecause
from models.record import Event
from models.session import transaction
from models.units import Person, Post
from ocop.errors import NotFound, NotPossibleNow, NotYours
from ocop.levels import DossierKind, Role
from tests.cases import for_the_centre
from tests.factories import CYCLE, Office, all_gates, an_office, at, council, day

Step = Callable[[Office, str, str], object]


def on(office: Office) -> object:
    """Return today."""
    return office.now.date()


ACTS_BY_LEVEL: dict[str, tuple[str, Callable[[Office], str], Step]] = {
    # act: (who may, how the dossier gets there, the act)
    "receive": ("14101", lambda o: o.register(), lambda o, w, c: o.act("receive", w, dossiers=[c], received_on=on(o))),
    "report": (
        "14101",
        lambda o: _received(o),
        lambda o, w, c: o.act("report", w, dossiers=[c], number="1/BC", reported_on=on(o), findings="Đủ."),
    ),
    "evaluate": ("365", lambda o: o.at_district(), lambda o, w, c: o.evaluate(c, "55", w)),
    "decide": ("365", lambda o: _evaluated(o), lambda o, w, c: o.decide(c, w)),
    "recognise": ("365", lambda o: o.judged("55"), lambda o, w, c: o.recognise(c, w)),
    "submit": (
        "365",
        lambda o: o.judged("75"),
        lambda o, w, c: o.act("submit", w, dossiers=[c], number="88", signed_on=on(o)),
    ),
    "keep": (
        "365",
        lambda o: o.judged("75"),
        lambda o, w, c: o.act("keep", w, dossiers=[c], because=KeptBecause.DECLINED, reason="Xin giữ", decided_on=on(o)),
    ),
    "evaluate at the province": ("36", lambda o: o.at_province(), lambda o, w, c: o.evaluate(c, "75", w)),
    "propose": (
        "36",
        lambda o: for_the_centre(o),
        lambda o, w, c: o.act("propose", w, dossiers=[c], number="90", signed_on=on(o)),
    ),
    "record the centre's result": (
        "36",
        lambda o: _at_centre(o),
        lambda o, w, c: o.act(
            "record-central-result", w, dossier=c, held_on=on(o), minutes="7/BB", mean=council("93")[0].total,
            gates=all_gates(), number="2000/QĐ", signed_on=on(o), signer="Bộ trưởng",
        ),
    ),
    "complain at the centre": (
        "36",
        lambda o: _at_centre(o),
        lambda o, w, c: o.act("complain", w, dossier=c, received_on=on(o), body="Chậm"),
    ),
}  # fmt: skip


def _received(office: Office) -> str:
    code = office.register()
    office.act("receive", "14101/officer", dossiers=[code], received_on=on(office))
    return code


def _evaluated(office: Office) -> str:
    code = office.at_district()
    office.evaluate(code, "55")
    return code


def _at_centre(office: Office) -> str:
    code = for_the_centre(office)
    office.act("propose", "36/officer", dossiers=[code], number="90", signed_on=on(office))
    office.tick()
    return code


@pytest.mark.parametrize("name", ACTS_BY_LEVEL)
def test_an_act_belongs_to_its_unit_and_level_and_to_nobody_else(sqlite_engine: Engine, name: str) -> None:
    unit, reach, act = ACTS_BY_LEVEL[name]
    office = an_office(sqlite_engine).go("2025-05-05")
    code = reach(office)
    stage = office.stage(code)
    for wrong in {"14101", "14102", "365", "366", "36", "00"} - {unit}:
        with pytest.raises(NotYours):
            act(office, f"{wrong}/officer", code)
    assert office.stage(code) == stage
    act(office, f"{unit}/officer", code)


@pytest.mark.parametrize(
    ("today", "may"), [("2025-05-04", False), ("2025-05-05", True), ("2025-05-20", True), ("2025-05-21", False)]
)
def test_the_right_person_acts_only_between_the_first_and_the_last_day_of_the_post(
    sqlite_engine: Engine, today: str, may: bool
) -> None:
    office = an_office(sqlite_engine).go("2025-05-02 09:00")
    code = office.at_district()
    with transaction(sqlite_engine) as session:
        officer = session.scalars(select(Person.id).where(Person.code == "365/officer")).one()
        dates = {"valid_from": day("2025-05-05"), "valid_to": day("2025-05-20")}
        session.execute(update(Post).where(Post.person_id == officer).values(**dates))
    office.now = at(today)
    if may:
        office.evaluate(code, "55")
    else:
        with pytest.raises(NotYours, match="trong ngày này"):
            office.evaluate(code, "55")


def test_nobody_is_an_actor_without_a_row(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    code = office.at_district()
    with pytest.raises(NotFound):
        office.evaluate(code, "55", "365/nobody")


def unstaffed(office: Office, unit: str, role: Role = Role.OFFICER) -> None:
    """Let a unit's officer leave."""
    with transaction(office.engine) as session:
        officer = session.scalars(select(Person.id).where(Person.code == f"{unit}/{role.value}")).one()
        session.execute(update(Post).where(Post.person_id == officer).values(valid_to=day("2025-04-30")))


def test_a_unit_without_an_officer_has_its_acts_entered_by_the_level_above_with_document_and_signer(
    engine: Engine,
) -> None:
    office = an_office(engine).go("2025-05-05")
    code = office.register()
    body = {"dossiers": [code], "received_on": office.now.date()}
    document = "19/UBND-VP, Nguyễn Văn Xã ký"
    with pytest.raises(NotYours, match="có cán bộ phụ trách"):
        office.act("receive", "365/officer", on_behalf=document, **body)
    unstaffed(office, "14101")
    with pytest.raises(NotYours, match="ghi rõ văn bản"):
        office.act("receive", "365/officer", **body)
    with pytest.raises(NotYours):
        office.act("receive", "366/officer", on_behalf=document, **body)  # not above this commune
    office.act("receive", "365/officer", on_behalf=document, **body)
    ((told, name),) = office.rows(select(Event.on_behalf, Event.actor_name).where(Event.event == "receive"))
    assert (told, name) == (document, "cán bộ phụ trách Huyện Giao Thủy")


def test_a_unit_below_never_acts_for_the_one_above(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    code = office.at_district()
    unstaffed(office, "365")
    with pytest.raises(NotYours):
        office.evaluate(code, "55", "14101/officer")
    with pytest.raises(NotYours):
        office.act(
            "request-supplement", "14101/officer", on_behalf="1/UBND", dossier=code, reason="Thiếu",
            requested_on=office.now.date(),
        )  # fmt: skip


def test_a_producers_dossier_is_entered_at_its_commune_or_above_it(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")

    def enter(who: str) -> object:
        return office.act(
            "register", who, cycle=CYCLE, kind=DossierKind.FIRST, proposed_star=3, registered_on=office.now.date(),
            producer=Maker(f"CT-{who}", "HTX mô phỏng", "14101", simulated=True), product=Goods(f"SP-{who}", "Mật ong mô phỏng"),
        )  # fmt: skip

    for who in ("14101/officer", "365/officer", "36/officer"):
        enter(who)
    for who in ("14102/officer", "366/officer"):
        with pytest.raises(NotYours):
            enter(who)


def test_a_closed_dossier_takes_no_paper(sqlite_engine: Engine) -> None:
    office = an_office(sqlite_engine).go("2025-05-05")
    code = office.judged("45")
    with pytest.raises(NotPossibleNow):
        office.act("add-evidence", "365/officer", dossier=code, evidence=[])
