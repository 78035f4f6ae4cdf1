"""The summer of 2025: units are reorganised, competence is pending, the rules change, the province closes; nothing is lost."""

import asyncio
import email
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from email.utils import getaddresses
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from casework.actors import person
from casework.board.dossier import story
from casework.doctor.balance import conservation
from casework.doctor.checkup import examine
from casework.doctor.invariant import Look
from casework.events import EVENT_LABELS
from casework.reorganisation import reorganise
from casework.rules import cycle_by_code
from casework.scope import WHOLE
from models.cycles import Breach, Deadline
from models.dossiers import Dossier
from models.letters import Letter
from models.record import Event
from models.session import make_engine, transaction, trial
from models.settings import DatabaseSettings
from models.units import Unit
from notifications.delivery import deliver
from notifications.letterbox import Letterbox
from notifications.settings import MailSettings, StartTls
from ocop.errors import NotPossibleNow
from ocop.levels import Level
from tests.e2e.summer import AT_DISTRICTS, GIAO_HAI, HONG_QUANG, NUMBER, Summer, until_the_end_of_june
from tests.factories import CYCLE, at

pytestmark = pytest.mark.long

MERGED, IN_FORCE = date(2025, 7, 1), date(2025, 7, 6)
PROVINCE = "36/officer"
"""The person who was the province's officer in Nam Định and is it in Ninh Bình."""
AMENDED = "Quyết định 1489/QĐ-TTg"


@dataclass
class Played:
    """The summer as it was played: who has which dossier, what was looked at when, what was said."""

    office: Summer
    box: Letterbox
    home: Path
    found: dict[str, str] = field(default_factory=dict)
    stood: dict[str, dict[str, str]] = field(default_factory=dict)
    """Day -> name -> stage."""
    equations: dict[str, dict[str, str]] = field(default_factory=dict)
    """Day -> unit -> equation."""
    broken: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    sent: dict[str, set[str]] = field(default_factory=dict)
    """Day -> addresses that got a letter."""
    answers: dict[str, Any] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)

    read: int = 0
    """How many letters of the box were looked at."""

    def send(self) -> None:
        """Send what may leave by now."""
        mail = MailSettings(
            host="127.0.0.1", port=self.box.port, starttls=StartTls.NEVER, sender_address="ocop@office.example"
        )
        asyncio.run(deliver(self.office.engine, mail, self.office.now))

    def look(self, when: str) -> None:
        """Send what may leave, ask every invariant, and remember where everything stands."""
        office, before = self.office, self.read
        self.send()
        self.read = len(self.box.letters())
        messages = [email.message_from_bytes(path.read_bytes()) for path in self.box.letters()[before:]]
        self.sent[when] = {address for one in messages for _, address in getaddresses(one.get_all("To", []))}
        with transaction(office.engine) as session:
            self.broken[when] = {
                finding.invariant.key: [str(violation) for violation in finding.violations[:3]]
                for finding in examine(Look(session, office.now, self.home))
                if not finding.holds
            }
            cycle = cycle_by_code(session, CYCLE, must_be_open=False)
            self.equations[when] = {row.unit: row.equation for row in conservation(session, cycle) if row.holds}
        stages = {row.code: row.stage for row in office.rows(select(Dossier.code, Dossier.stage))}
        self.stood[when] = {name: stages[code] for name, code in self.found.items()}

    def refuse(self, name: str, work: Callable[[], object]) -> None:
        """Try what is not possible now, and remember what it said."""
        with pytest.raises(NotPossibleNow) as refusal:
            work()
        self.refused[name] = refusal.value.vietnamese


@contextmanager
def played(home: Path, box: Letterbox) -> Iterator[Played]:
    """Play the summer on a fresh record."""
    from models import migrate

    engine = make_engine(DatabaseSettings(home=home, db_url=""))
    migrate.upgrade(engine)
    summer = Played(Summer(engine).found(), box, home)
    play(summer)
    yield summer
    engine.dispose()


def play(summer: Played) -> None:
    """Let people act and the watch run from 8/4 to 21/7/2025."""
    office = summer.office
    office.post = summer.send
    summer.read = len(summer.box.letters())
    summer.found = found = until_the_end_of_june(office)
    summer.look("30/6")

    office.learn_of_the_merger(without=[HONG_QUANG])
    office.go("2025-07-01 00:10")
    asked: dict[str, Any] = {"day": MERGED, "document": NUMBER, "suspend": Level.DISTRICT}
    summer.refuse("a commune without a row", lambda: office.act("reorganise", PROVINCE, **asked))
    office.learn_of_the_merger()
    summer.answers["tried"] = trial(
        office.engine,
        lambda session: reorganise(session, actor=person(session, PROVINCE), at=office.now, key="thử", **asked),
    )
    summer.answers["done"] = office.act("reorganise", PROVINCE, **asked)
    office.go("2025-07-01 07:40")
    summer.look("1/7")

    office.go("2025-07-03")
    code = found["district_evaluation"]
    summer.refuse("a suspended dossier", lambda: office.evaluate(code, "66", PROVINCE))
    office.province_finds(found["sent_back_in_july"], "61")
    office.go("2025-07-05 23:50")
    summer.look("5/7")

    office.go("2025-07-06 00:10")
    summer.answers["changed"] = office.act(
        "change-procedure", PROVINCE, cycle=CYCLE, procedure="qd1489", from_day=IN_FORCE, document=AMENDED
    )
    office.go("2025-07-07")
    summer.look("7/7")
    july(office, found)
    summer.look("18/7")
    office.go("2025-07-20 00:10")
    summer.look("20/7")
    end(office, found)
    summer.look("21/7")


def july(office: Summer, found: dict[str, str]) -> None:
    """Judge at the province what the districts had, and what the communes send."""
    of_b, today = f"{GIAO_HAI}/officer", office.now.date()
    for name in ("district_supplement", "provincial_supplement"):
        office.act("supplement", PROVINCE, dossier=found[name], supplemented_on=today, note="Đã có phiếu.")
    office.act("receive", of_b, dossiers=[found["registered"]], received_on=today)
    sent = [found["registered"], found["commune_review"]]
    office.act("report", of_b, dossiers=sent, number="9/BC", reported_on=today, findings="Đủ nội dung.")
    office.act("submit", of_b, dossiers=sent, number="10/UBND", signed_on=today)
    office.go("2025-07-18")
    for name, mean in (
        ("district_evaluation", "66"), ("district_supplement", "71"), ("provincial_submission", "80"),
        ("district_recognition", "60"), ("provincial_evaluation", "45"), ("provincial_supplement", "88"),
        ("registered", "55"), ("commune_review", "52"),
    ):  # fmt: skip
        office.province_finds(found[name], mean)


def end(office: Summer, found: dict[str, str]) -> None:
    """Recognise what waits for it, end what is left, and close."""
    office.go("2025-07-21")
    waiting = office.rows(select(Dossier.code).where(Dossier.stage == "provincial_recognition").order_by(Dossier.id))
    office.act(
        "recognise", PROVINCE, dossiers=[row.code for row in waiting], number="1200/QĐ-UBND", signed_on=office.now.date(),
        signer="Người ký mô phỏng",
    )  # fmt: skip
    office.act(
        "forgo",
        PROVINCE,
        dossiers=[found["central_proposal"]],
        reason="Chủ thể không đề nghị.",
        decided_on=office.now.date(),
    )
    office.act(
        "carry-over", f"{GIAO_HAI}/officer", dossiers=[found["commune_supplement"]], decided_on=office.now.date(),
        reason="Chủ thể chưa bổ sung.",
    )  # fmt: skip
    office.tick()
    office.act("close-cycle", PROVINCE, cycle=CYCLE)


@pytest.fixture(scope="module")
def summer(letterbox: Letterbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    """The summer, played once."""
    with played(tmp_path_factory.mktemp("summer"), letterbox) as done:
        yield done


def test_every_invariant_holds_at_every_step(summer: Played) -> None:
    assert list(summer.broken) == ["30/6", "1/7", "5/7", "7/7", "18/7", "20/7", "21/7"]
    assert {when: broken for when, broken in summer.broken.items() if broken} == {}


def test_a_commune_left_out_of_the_file_is_named_and_nothing_moves(summer: Played) -> None:
    assert "Xã Hồng Quang (cấp xã, mã 13876) chưa có đơn vị kế thừa" in summer.refused["a commune without a row"]


def test_the_trial_tells_what_the_act_then_does(summer: Played) -> None:
    tried, done = summer.answers["tried"], summer.answers["done"]
    assert tried["report"] == done["report"]
    assert "Đơn vị kết thúc sau ngày 30/6/2025: 9 huyện, 1 tỉnh, 175 xã" in done["report"]
    assert "Bước 'Tỉnh trả về huyện': 1 hồ sơ, Huyện Ý Yên (mã 360) sang Tỉnh Ninh Bình (mã 37)" in done["report"]
    assert "Bước 'Đã đăng ký': 1 hồ sơ, Xã Giao Hải (mã 14203) sang Xã Giao Phúc (mã 14203)" in done["report"]


def test_dossiers_stood_at_every_stage_at_which_one_can_rest(summer: Played) -> None:
    assert set(summer.stood["30/6"].values()) == {
        "registered", "commune_review", "commune_supplement", "district_evaluation", "district_supplement",
        "provincial_submission", "district_recognition", "returned_to_district", "provincial_evaluation",
        "provincial_supplement", "provincial_recognition", "central_proposal", "central_evaluation", "recognised",
        "not_ranked", "retracted", "disqualified", "carried_over",
    }  # fmt: skip
    assert summer.stood["1/7"] == summer.stood["30/6"], "a reorganisation moves no dossier to another stage"


def test_conservation_has_what_was_handed_on(summer: Played) -> None:
    before, after = summer.equations["30/6"], summer.equations["1/7"]
    assert before["Huyện Ý Yên"] == "nhận 13 = chuyển lên 10 + đang giải quyết 3"
    assert after["Huyện Ý Yên"] == "nhận 13 = chuyển lên 10 + bàn giao 3"
    assert after["Xã Giao Hải"] == "nhận 7 = chuyển lên 2 + rút 1 + chuyển kỳ 1 + bàn giao 3"
    assert after["Xã Giao Phúc"] == "nhận 3 = đang giải quyết 3"
    assert after["Tỉnh Ninh Bình"] == "nhận 11 = đang giải quyết 11"


def test_from_1_to_5_july_what_stood_at_a_district_is_suspended_and_no_clock_runs(summer: Played) -> None:
    office, found = summer.office, summer.found
    lines = office.rows(
        select(Dossier.code, Event.effective_at, Event.rule)
        .join(Dossier, Dossier.id == Event.dossier_id)
        .where(Event.event == "suspend")
    )
    on_the_day = {line.code for line in lines if line.effective_at == at("2025-07-01 00:00")}
    assert on_the_day == {found[name] for name in AT_DISTRICTS}
    assert {line.code for line in lines} - on_the_day == {found["sent_back_in_july"]}, "it was sent back to no district"
    at_districts = {found[name] for name in AT_DISTRICTS}
    back = found["sent_back_in_july"]
    letters = office.rows(
        select(Letter.facts, Letter.owed_at).where(
            Letter.notice.in_(("overdue", "deadline_reminder", "supplement_reminder", "supplement_overdue")),
            Letter.owed_at >= at("2025-07-01 00:10"),
            Letter.owed_at < at("2025-07-06 00:00"),
        )
    )
    told = {
        (dossier["code"], row.owed_at)
        for row in letters
        for dossier in row.facts.get("dossiers", [row.facts.get("dossier")])
    }
    assert told, "others are still reminded"
    assert not {code for code, _ in told} & at_districts
    assert not [when for code, when in told if code == back and when >= at("2025-07-03")]
    struck = office.rows(
        select(Dossier.code)
        .join(Breach, Breach.dossier_id == Dossier.id)
        .where(Breach.struck_at >= at("2025-07-01 00:10"), Breach.struck_at < at("2025-07-06 00:00"))
    )
    assert not {row.code for row in struck} & {*at_districts, back}
    assert "tạm dừng từ ngày 1/7/2025, chờ xác định thẩm quyền" in summer.refused["a suspended dossier"]


def test_on_6_july_each_goes_on_at_the_image_of_its_stage(summer: Played) -> None:
    assert summer.stood["7/7"] == summer.stood["30/6"] | {
        "district_evaluation": "provincial_evaluation",
        "district_supplement": "provincial_supplement",
        "provincial_submission": "provincial_evaluation",
        "district_recognition": "provincial_evaluation",
        "returned_to_district": "provincial_recognition",
        "sent_back_in_july": "provincial_recognition",
        "after_return": "provincial_recognition",
    }
    assert "Hết tạm dừng: 7 hồ sơ" in summer.answers["changed"]["report"]


def test_a_period_of_a_dossiers_own_comes_later_by_the_days_lost_at_the_image_of_its_stage(summer: Played) -> None:
    rows = summer.office.rows(
        select(Deadline.stage, Deadline.day)
        .join(Dossier, Dossier.id == Deadline.dossier_id)
        .where(Dossier.code == summer.found["district_supplement"], Deadline.kind == "supplement")
        .order_by(Deadline.id)
    )
    assert rows == [
        ("district_supplement", date(2025, 7, 10)),
        ("district_supplement", date(2025, 7, 16)),
        ("provincial_supplement", date(2025, 7, 16)),
    ], "from 10/7 by the four working days of 1 to 4 July"


def test_no_letter_goes_to_an_abolished_unit_after_1_july(summer: Played) -> None:
    office = summer.office
    gone = select(Unit.id).where(Unit.valid_to == date(2025, 6, 30))
    later = Letter.sent_at >= at("2025-07-01 00:00")
    assert office.rows(select(func.count(Letter.id)).where(later, Letter.unit_id.in_(gone))) == [(0,)]
    assert office.rows(select(func.count(Letter.id)).where(later, Letter.reply_unit_id.in_(gone))) == [(0,)]
    districts = {row.code for row in office.rows(select(Unit.code).where(Unit.level == "district"))}
    to_districts = {f"{role}.{code}@office.example" for role in ("officer", "head", "vice_chair") for code in districts}
    assert to_districts & summer.sent["30/6"], "until then they were written to"
    for when in ("1/7", "5/7", "7/7", "18/7", "20/7", "21/7"):
        assert not to_districts & summer.sent[when], when
    handed = office.rows(
        select(Letter.notice).where(
            Letter.notice == "returned_to_district", Letter.facts.contains("readdressed_from"), later
        )
    )
    assert handed, "what was owed in the evening of 30/6 to a district went to the province"


def test_the_province_closes_on_20_july_and_the_dossier_left_behind_is_late(summer: Played) -> None:
    late = summer.office.rows(
        select(Dossier.code, Deadline.stage)
        .join(Breach, Breach.dossier_id == Dossier.id)
        .join(Deadline, Deadline.id == Breach.deadline_id)
        .where(Breach.struck_at == at("2025-07-20 00:00"))
        .order_by(Deadline.stage)
    )
    left = summer.found["commune_supplement"]
    assert late == [(left, "provincial_evaluation"), (left, "provincial_submission")]
    assert set(summer.stood["21/7"].values()) == {
        "recognised", "not_ranked", "retracted", "disqualified", "carried_over", "central_evaluation"
    }  # fmt: skip
    stars = summer.office.rows(
        select(Event.details).where(Event.event == "recognise", Event.recorded_at >= at("2025-07-21 00:00"))
    )
    assert sorted(row.details["awarded_star"] for row in stars) == [3, 3, 3, 3, 3, 3, 3, 4, 4, 4, 4]


def test_each_dossier_explains_its_way_in_sentences_that_quote_the_rule(summer: Played) -> None:
    with transaction(summer.office.engine) as session:
        told = {name: story(session, code, summer.office.now, WHOLE) for name, code in summer.found.items()}
        for name, one in told.items():
            for event in one.events:
                assert EVENT_LABELS[event.event], name
                assert event.rule, f"{name}: {event.event}"
        returned = told["returned_to_district"]
        way = [
            (EVENT_LABELS[event.event], returned.label(event.to_stage), returned.unit(event.unit_id), event.rule)
            for event in returned.events
            if event.recorded_at >= at("2025-06-30 00:00") and event.event != "evaluate"
        ]
    assert [(what, stage, unit, rule.split(",")[0]) for what, stage, unit, rule in way] == [
        ("Ký quyết định kết quả đánh giá", "Tỉnh đã có kết quả", "Tỉnh Nam Định", "Quyết định 148/QĐ-TTg"),
        ("Chuyển bước theo quy trình", "Tỉnh trả về huyện", "Tỉnh Nam Định", "Kế hoạch năm của UBND tỉnh"),
        ("Chuyển hồ sơ cho đơn vị kế thừa", "Tỉnh trả về huyện", "Huyện Ý Yên", "Quy tắc của phần mềm"),
        ("Tạm dừng hồ sơ, chờ xác định thẩm quyền", "Tỉnh trả về huyện", "Tỉnh Ninh Bình", "Quy tắc của phần mềm"),
        ("Chuyển chu trình sang quy trình mới", "Tỉnh đã có kết quả", "Tỉnh Ninh Bình", "Quyết định 1489/QĐ-TTg"),
        ("Chuyển bước theo quy trình", "Chờ tỉnh công nhận", "Tỉnh Ninh Bình", "Quyết định 1489/QĐ-TTg"),
        ("Công nhận và cấp giấy chứng nhận", "Đã công nhận", "Tỉnh Ninh Bình", "Quyết định 1489/QĐ-TTg"),
    ]
