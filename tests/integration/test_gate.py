"""The gate by itself: which moves it lets through, and in which words it refuses the others."""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine, event, select, text
from sqlalchemy.orm import Session

from casework.actors import ENGINE, Actor, person
from casework.gate import Gatekeeper, ended_before, faster, impossible, path_above, suspended, unit_at
from casework.moves import ProposedMove, Rebind
from casework.registration import Goods, Maker
from models.cycles import Cycle
from models.dossiers import Dossier
from models.units import Unit
from ocop.errors import InvalidInput, NotPossibleNow, NotYours, RuleViolation, SomeoneWasFaster
from ocop.levels import Level
from ocop.procedure import Facts, Move
from ocop.rulebook import PROCEDURES
from tests.factories import CYCLE, Office, an_office, at

DAY = date(2025, 5, 5)
LAST = "Việc gần nhất: cán bộ phụ trách Xã Giao Xuân (Đăng ký hồ sơ) lúc 09:00 ngày 05/05/2025."


@dataclass
class Desk:
    """A dossier as it would be with some of its values changed; nothing of it is written."""

    office: Office
    session: Session
    row: Dossier

    def gate(self, *moves: ProposedMove, actor: Actor = ENGINE) -> Gatekeeper:
        """Return the gate of moves of this dossier."""
        cycles = {self.row.cycle_id: self.session.get_one(Cycle, self.row.cycle_id)}
        return Gatekeeper(self.session, moves, {self.row.id: self.row}, cycles, actor, self.office.now)

    def judge(
        self, name: str, who: str = "", on_behalf: str = "", past: Mapping[Any, int] | None = None, **more: Any
    ) -> Move | RuleViolation:
        """Return what becomes of one move."""
        move = ProposedMove(self.row.id, name, **({"occurred_on": DAY} | more))
        gate = self.gate(move, actor=person(self.session, who, on_behalf) if who else ENGINE)
        if past is not None:
            gate.past = Counter(past)
        return gate.judge(move, self.row)

    def unit(self, code: str) -> int:
        """Return the id of a unit."""
        return self.session.scalars(select(Unit.id).where(Unit.code == code)).one()


@pytest.fixture
def office(sqlite_engine: Engine) -> Office:
    return an_office(sqlite_engine).go("2025-05-05 09:00")


@contextmanager
def desk(office: Office, code: str, **changed: Any) -> Iterator[Desk]:
    with Session(office.engine) as session, session.no_autoflush:
        row = session.scalars(select(Dossier).where(Dossier.code == code)).one()
        for name, value in changed.items():
            setattr(row, name, value)
        yield Desk(office, session, row)
        session.rollback()


@pytest.fixture
def filed(office: Office) -> Iterator[Desk]:
    """A dossier that was registered a moment ago."""
    with desk(office, office.register()) as found:
        yield found


def let_through(answer: Move | RuleViolation) -> str:
    assert isinstance(answer, Move), answer
    return answer.target


def said(answer: Move | RuleViolation, kind: type[RuleViolation] = NotPossibleNow) -> str:
    assert type(answer) is kind, answer
    return answer.vietnamese


def test_its_own_officer_and_the_engine_move_a_dossier_and_what_the_table_lacks_is_refused(filed: Desk) -> None:
    assert let_through(filed.judge("receive", "14101/officer")) == "commune_review"
    assert let_through(filed.judge("receive")) == "commune_review"
    refused = filed.judge("decide", "14101/officer")
    assert said(refused) == (
        f"Hồ sơ {filed.row.code} đang ở bước 'Đã đăng ký' (đang chờ: xã tiếp nhận hồ sơ) nên không thực hiện được việc này. {LAST}"
    )
    assert isinstance(refused, RuleViolation)
    assert refused.english.startswith(f"dossier {filed.row.code} at registered: no decide; possible: ")
    assert "receive" in refused.english


def test_what_is_impossible_names_what_waits_or_that_it_has_ended(filed: Desk) -> None:
    law = PROCEDURES[filed.row.procedure_key]
    filed.row.stage = "not_ranked"
    assert impossible(filed.session, law, filed.row, "decide").vietnamese == (
        f"Hồ sơ {filed.row.code} đang ở bước 'Không phân hạng' (đã kết thúc) nên không thực hiện được việc này. {LAST}"
    )
    filed.row.stage = "nowhere"
    assert (
        f"Hồ sơ {filed.row.code}: bước 'nowhere' không có"
        in impossible(filed.session, law, filed.row, "decide").vietnamese
    )


@pytest.mark.parametrize(("column", "value"), [("procedure_key", "qd_of_nobody"), ("stage", "nowhere")])
def test_a_damaged_dossier_is_refused_for_what_it_is(filed: Desk, column: str, value: str) -> None:
    setattr(filed.row, column, value)
    assert "Dữ liệu đã bị sửa ngoài phần mềm" in said(filed.judge("receive", "14101/officer"))


def test_the_version_that_an_actor_saw_is_the_one_that_moves(filed: Desk) -> None:
    assert let_through(filed.judge("receive", "14101/officer", version=filed.row.version)) == "commune_review"
    refused = filed.judge("receive", "14101/officer", version=filed.row.version + 1)
    by = LAST.removeprefix("Việc gần nhất: ").removesuffix(".")
    assert said(refused, SomeoneWasFaster) == (
        f"Hồ sơ {filed.row.code} vừa được cập nhật bởi {by}. Hãy mở lại hồ sơ rồi thực hiện."
    )
    assert (
        faster(filed.session, filed.row.id, filed.row.code).english == f"dossier {filed.row.code} was changed meanwhile"
    )


def test_a_producer_does_what_is_a_producers_with_their_own_dossiers_alone(filed: Desk) -> None:
    own, other = (Actor("Chủ thể", producer_id=filed.row.producer_id + more) for more in (0, 1))
    for actor, name, target in ((own, "retract", "retracted"), (other, "retract", None), (own, "receive", None)):
        move = ProposedMove(filed.row.id, name, DAY)
        answer = filed.gate(move, actor=actor).judge(move, filed.row)
        if target:
            assert let_through(answer) == target
        else:
            assert isinstance(answer, NotYours)


def test_nothing_moves_a_suspended_dossier_but_what_binds_it_anew(filed: Desk) -> None:
    filed.row.suspended_at = at("2025-05-02 09:00")
    answer = filed.judge("receive", "14101/officer")
    told = f"Hồ sơ {filed.row.code} tạm dừng từ ngày 2/5/2025, chờ xác định thẩm quyền"
    assert said(answer).startswith(told)
    assert suspended(filed.row).english.startswith(f"dossier {filed.row.code} is suspended from 2/5/2025 until")
    assert let_through(filed.judge("resume", "36/officer", rebind=rebound(filed.row))) == "registered"
    filed.row.suspended_at = None
    assert "tạm dừng từ ngày , chờ" in suspended(filed.row).vietnamese


def rebound(row: Dossier, **changed: Any) -> Rebind:
    names = ("procedure_key", "stage", "commune_id", "district_id", "province_id", "suspended_at")
    return Rebind(**({name: getattr(row, name) for name in names} | changed), rule="văn bản")


def test_the_province_binds_anew_whence_a_dossier_comes_or_whither_it_goes(filed: Desk) -> None:
    rebind = rebound(filed.row)
    elsewhere = filed.unit("00")
    for who in ("36/officer", ""):
        assert let_through(filed.judge("transfer", who, rebind=rebind)) == "registered"
    assert (
        let_through(filed.judge("transfer", "36/officer", rebind=rebound(filed.row, province_id=elsewhere)))
        == "registered"
    )
    refused = filed.judge("transfer", "14101/officer", rebind=rebind)
    assert (
        said(refused, NotYours) == f"Hồ sơ {filed.row.code}: chỉ cán bộ cấp tỉnh của chu trình được thực hiện việc này."
    )
    assert isinstance(refused, RuleViolation)
    assert refused.english == f"dossier {filed.row.code}: only people of the cycle's province may do this"
    assert isinstance(filed.judge("transfer", "00/officer", rebind=rebind), NotYours)
    filed.row.province_id = elsewhere
    assert let_through(filed.judge("transfer", "36/officer", rebind=rebind)) == "registered"
    filed.row.stage = "not_ranked"
    assert "(đã kết thúc)" in said(filed.judge("transfer", "36/officer", rebind=rebind))


def test_a_person_of_its_path_is_told_who_acted_last_and_a_stranger_is_not(filed: Desk) -> None:
    for stage, holder, others in (
        ("registered", "14101", ("365/officer", "36/officer")),
        ("district_evaluation", "365", ("14101/officer", "36/officer")),
        ("provincial_evaluation", "36", ("14101/officer", "365/officer")),
    ):
        filed.row.stage, filed.row.holder_id = stage, filed.unit(holder)
        assert let_through(filed.judge("retract", f"{holder}/officer")) == "retracted"
        for who in others:
            assert said(filed.judge("retract", who), NotYours).endswith(LAST)
        stranger = filed.judge("retract", "14201/officer")
        assert said(stranger, NotYours).endswith("nên không được thực hiện việc này.")
    filed.row.stage, filed.row.holder_id = "registered", filed.unit("14101")
    above = filed.judge("retract", "365/officer")
    assert said(above, NotYours) == (
        "Đơn vị cấp trên chỉ được nhập thay khi ghi rõ văn bản cho phép và người ký. Hãy điền phần "
        f"“Nhập thay đơn vị không có cán bộ”. {LAST}"
    )


def test_a_unit_above_acts_with_a_document_where_the_holder_has_no_officer(filed: Desk) -> None:
    document = "36/UQ-UBND, Nguyễn Văn Ký"
    answer = filed.judge("receive", "36/officer", document)
    assert "có cán bộ phụ trách nên cấp trên không nhập thay" in said(answer, NotYours)
    filed.session.execute(
        text("DELETE FROM posts WHERE unit_id = :unit AND role = 'officer'"), {"unit": filed.unit("14101")}
    )
    for who in ("365/officer", "36/officer"):
        assert let_through(filed.judge("receive", who, document)) == "commune_review"


def test_a_move_is_its_holders_its_levels_or_its_papers_units(filed: Desk) -> None:
    filed.row.stage, filed.row.holder_id = "provincial_evaluation", filed.unit("36")
    for who, unit, free in (
        ("36/officer", None, True),
        ("365/officer", None, False),
        ("365/officer", "365", True),
        ("14101/officer", "365", False),
    ):
        answer = filed.judge("correct", who, unit_id=unit and filed.unit(unit))
        assert isinstance(answer, Move if free else NotYours), (who, unit)
    filed.row.stage, filed.row.holder_id = "district_evaluation", filed.unit("365")
    assert let_through(filed.judge("accept_late", "36/officer")) == "district_evaluation"  # a note of the province's
    assert isinstance(filed.judge("accept_late", "365/officer"), NotYours)
    filed.row.stage, filed.row.holder_id = "central_evaluation", filed.unit("00")
    for name in ("record_central_result", "complain"):  # the centre keeps no record here
        assert isinstance(filed.judge(name, "36/officer", facts=Facts(mean=Decimal(95), stars_after_gates=5)), Move)
        assert isinstance(filed.judge(name, "00/officer", facts=Facts(mean=Decimal(95), stars_after_gates=5)), NotYours)


BACK = "returned_to_district"
ROUTED = ("route", "provincial_decided", BACK)
UNDONE = ("annul", BACK, "provincial_evaluation")


@pytest.mark.parametrize(
    ("earlier", "used_up"),
    [
        ({}, 0),
        ({ROUTED: 1}, 1),
        ({ROUTED: 1, UNDONE: 1}, 0),
        ({ROUTED: 2, UNDONE: 1}, 2),
        ({ROUTED: 2, UNDONE: 2}, 0),
        ({ROUTED: 1, ("annul", "provincial_decided", "provincial_evaluation"): 1}, 1),
        ({ROUTED: 1, ("decide", BACK, "return_decided"): 1}, 1),
        ({ROUTED: 1, ("route", "district_decided", "not_ranked"): 3}, 1),
        ({("route", "district_decided", BACK): 1}, 0),
    ],
)
def test_the_province_returns_a_dossier_once_and_once_more_for_each_return_that_was_annulled(
    filed: Desk, earlier: dict[tuple[str, str, str], int], used_up: int
) -> None:
    filed.row.stage, filed.row.holder_id = "provincial_decided", filed.unit("36")
    own = {(filed.row.id, *move): number for move, number in earlier.items()}
    others = {(filed.row.id + 1, *UNDONE): 5, (filed.row.id + 1, *ROUTED): 5}
    answer = filed.judge("route", past=own | others, facts=Facts(mean=Decimal(55), stars_after_gates=3))
    if used_up:
        assert said(answer) == (
            f"Hồ sơ {filed.row.code}: bước quay lại này chỉ được thực hiện {used_up} lần và đã dùng hết."
        )
        assert isinstance(answer, RuleViolation)
        assert answer.english == f"route from provincial_decided is used up ({used_up})"
    else:
        assert let_through(answer) == BACK


def test_what_is_bounded_is_counted_in_history(filed: Desk) -> None:
    filed.row.stage = "commune_supplement"
    move = ProposedMove(filed.row.id, "supplement", DAY)
    steps = (
        ("request_supplement", "commune_review", "commune_supplement"),
        ("supplement", "commune_supplement", "commune_review"),
    )
    for number, (name, source, target) in enumerate(steps * 2, filed.row.version + 1):
        filed.session.execute(
            text(
                "INSERT INTO events (chain, number, cycle_id, dossier_id, event, from_stage, to_stage, unit_id, "
                "actor_name, on_behalf, occurred_on, effective_at, recorded_at, reason, rule, details, prev_hash, hash) SELECT chain, :number, cycle_id, "
                "dossier_id, :name, :source, :target, unit_id, actor_name, on_behalf, occurred_on, effective_at, recorded_at, reason, rule, "
                "details, prev_hash, hash || :number FROM events WHERE dossier_id = :dossier AND number = 1"
            ),
            {"number": number, "name": name, "source": source, "target": target, "dossier": filed.row.id},
        )
    filed_once = {(filed.row.id, "register", "", "registered"): 1}
    assert filed.gate(move).past == {(filed.row.id, *step): 2 for step in steps} | filed_once
    assert let_through(filed.judge("supplement", "14101/officer")) == "commune_review"


def test_a_result_is_annulled_by_a_document_whoever_proposes_it(filed: Desk) -> None:
    filed.row.stage = "district_decided"
    for who in ("", "36/officer"):
        refused = filed.judge("annul", who, unit_id=filed.unit("36"))
        assert said(refused) == f"Hồ sơ {filed.row.code}: muốn hủy kết quả phải có số văn bản của cơ quan ban hành."
        assert isinstance(refused, RuleViolation)
        assert refused.english == (
            f"dossier {filed.row.code}: to annul a result give the number of a document of the body that issued it"
        )
        assert (
            let_through(filed.judge("annul", who, unit_id=filed.unit("36"), document="9/QĐ")) == "district_evaluation"
        )


def beside(office: Office) -> tuple[str, str]:
    """Return a dossier that has ended and another of its product that is open."""
    ended = office.judged("20")
    assert office.stage(ended) == "not_ranked"
    product = office.rows(
        text(
            "SELECT p.code, p.name, q.code, q.name FROM dossiers d JOIN products p ON p.id = d.product_id "
            f"JOIN producers q ON q.id = d.producer_id WHERE d.code = '{ended}'"
        )
    )[0]
    again = office.register(
        producer=Maker(product[2], product[3], "14101", simulated=True),
        product=Goods(product[0], product[1], "Thực phẩm"),
    )
    return ended, again


def test_an_ended_dossier_is_opened_again_only_while_its_product_has_no_other_open_one(office: Office) -> None:
    ended, other = beside(office)
    office.register("14102")
    with desk(office, ended) as there:
        refused = there.judge("annul", "365/officer", document="9/QĐ")
        assert said(refused) == (
            f"Hồ sơ {ended} đã kết thúc và sản phẩm đang có hồ sơ {other} chưa kết thúc; mỗi sản phẩm chỉ có một hồ sơ mở. "
            f"Hãy kết thúc hồ sơ {other} trước."
        )
        assert isinstance(refused, RuleViolation)
        assert refused.english == (
            f"dossier {ended} has ended and its product has the open dossier {other}; a product has one open dossier. End dossier "
            f"{other} first"
        )
        assert let_through(there.judge("complain", "365/officer")) == "not_ranked"  # that opens nothing
        there.row.stage = "district_decided"
        assert let_through(there.judge("annul", "365/officer", document="9/QĐ")) == "district_evaluation"
    office.act("retract", "14101/officer", dossier=other, requested_on=office.now.date(), reason="Không tham gia nữa")
    with desk(office, ended) as there:
        assert let_through(there.judge("annul", "365/officer", document="9/QĐ")) == "district_evaluation"


def test_an_act_is_not_older_than_the_step_that_it_builds_on(filed: Desk) -> None:
    assert let_through(filed.judge("receive", "14101/officer", occurred_on=DAY)) == "commune_review"
    refused = filed.judge("receive", "14101/officer", occurred_on=date(2025, 5, 4))
    assert said(refused, InvalidInput) == (
        f"Hồ sơ {filed.row.code}: ngày 4/5/2025 sớm hơn ngày 5/5/2025 của bước trước đó. Hãy kiểm tra lại ngày."
    )
    assert isinstance(refused, RuleViolation)
    assert refused.english == (
        f"dossier {filed.row.code}: 4/5/2025 lies before 5/5/2025, the day of the step before. Check the day"
    )
    assert let_through(filed.judge("receive", occurred_on=date(2025, 5, 4))) == "commune_review"  # no person dates it
    older = ProposedMove(filed.row.id, "retract", date(2025, 5, 4))
    gate = filed.gate(ProposedMove(filed.row.id, "receive", DAY), older, actor=person(filed.session, "14101/officer"))
    assert let_through(gate.judge(older, filed.row)) == "retracted"  # what ends a dossier may be older


def test_one_question_asks_what_several_dossiers_need(office: Office) -> None:
    codes = [office.register(), office.register("14102")]
    with Session(office.engine) as session:
        rows = {row.id: row for row in session.scalars(select(Dossier).where(Dossier.code.in_(codes)))}
        cycle = session.scalars(select(Cycle).where(Cycle.code == CYCLE)).one()
        moves = [ProposedMove(key, "receive", DAY) for key in rows]
        asked: list[str] = []
        event.listen(office.engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
        gate = Gatekeeper(session, moves, rows, {cycle.id: cycle}, person(session, "36/officer"), office.now)
    assert gate.last_steps == dict.fromkeys(rows, DAY)
    assert sum("FROM events" in statement for statement in asked) == 1


def test_what_ended_under_an_older_procedure_is_registered_anew(filed: Desk) -> None:
    told = ended_before(filed.row)
    name = PROCEDURES[filed.row.procedure_key].name
    assert told.vietnamese.startswith(f"Hồ sơ {filed.row.code} đã kết thúc theo quy trình cũ ('{name}') trước khi")
    assert told.english.startswith(f"dossier {filed.row.code} ended under the old procedure before")


def test_the_units_of_a_dossiers_path(filed: Desk) -> None:
    row = filed.row
    units = [filed.unit(code) for code in ("14101", "365", "36")]
    assert [unit_at(row, level) for level in (Level.COMMUNE, Level.DISTRICT, Level.PROVINCE)] == units
    assert unit_at(row, Level.CENTRAL) is None
    assert path_above(row, units[0]) == (units[1], units[2])
    assert path_above(row, units[1]) == (units[2],)
    assert path_above(row, units[2]) == ()
    assert path_above(row, filed.unit("14201")) == (units[2],)
