"""Every act has a form made from its signature, and what is typed into one is read back or refused at the field."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from casework.act_words import CHOICE_WORDS, FIELD_HELP, FIELD_WORDS, PART_HELP, ROW_WORDS
from casework.acts import ACTS
from casework.ballots import Score
from casework.evidence import NewEvidence
from casework.registration import Goods, Maker
from dashboard.forms import Field, Shape, form_of
from dashboard.forms_read import Filled, Sent, Upload, read_form
from ocop.deadlines import Boundary, Roll
from ocop.errors import InvalidInput
from ocop.evidence import EvidenceKind
from ocop.levels import DossierKind
from ocop.scoring import Gate
from ocop.working_days import VIETNAM


class Kept:
    """Keeps nothing and names every file by what it holds."""

    def keep(self, upload: Upload) -> str:
        if not upload.name.endswith(".pdf"):
            raise InvalidInput(f"Tệp '{upload.name}' không thuộc loại được đính kèm (pdf).", "not taken")
        return f"ticket-{upload.content.decode()}"

    def hash_of(self, ticket: str) -> str:
        if not ticket.startswith("ticket-"):
            raise ValueError("tệp không do bạn gửi; hãy chọn lại tệp")
        return ticket.removeprefix("ticket-")


def read(act: str, /, uploads: dict[str, Upload] | None = None, **typed: str | list[str]) -> Filled:
    """Return what a form reads; a path's points are typed as double underscores."""
    values = {path.replace("__", "."): value if isinstance(value, list) else [value] for path, value in typed.items()}
    return read_form(form_of(act), Sent(values, uploads or {}), Kept())


def whole(field: Field) -> list[Field]:
    """Return a field and its parts."""
    return [field, *field.parts]


@pytest.mark.parametrize("name", sorted(ACTS))
def test_every_value_of_every_act_has_a_field_with_a_vietnamese_label(name: str) -> None:
    form = form_of(name)
    assert [field.name for field in form.fields] == list(ACTS[name].signature.parameters)
    for field in (one for found in form.fields for one in whole(found)):
        assert field.label
        assert not field.label.endswith(".")
        assert field.label[0].isupper()
        assert all(label and label.lower() == label for _, label in field.choices if field.name not in {"procedure"})
    labels = [field.label for field in form.fields]
    assert len(set(labels)) == len(labels), "two fields of one form are called the same"


def test_the_words_of_forms_are_those_of_values_that_acts_have() -> None:
    names = {name for act in ACTS.values() for name in act.signature.parameters}
    names |= {f"{act.name}.{name}" for act in ACTS.values() for name in act.signature.parameters}
    assert set(FIELD_WORDS) | set(FIELD_HELP) <= names
    assert {key.partition(".")[0] for key in CHOICE_WORDS} == {"Roles", "Gate"}
    parts = {
        f"{field.make.__name__}.{part.name}"
        for name in ACTS
        for field in form_of(name).fields
        for part in field.parts
        if field.make
    }
    assert set(PART_HELP) | set(ROW_WORDS) <= parts
    assert all(words.endswith((".", "”.")) for words in [*FIELD_WORDS.values(), *FIELD_HELP.values()])


def test_a_session_is_read_with_its_scores_and_gates() -> None:
    filled = read(
        "evaluate",
        dossier="ND2025-0001",
        held_on="2025-06-10",
        minutes="01/BB-HĐ",
        members="5",
        scores__0__member="Ủy viên 1", scores__0__total="81,5", scores__0__chair="1",
        scores__1__member="", scores__1__total="",
        scores__2__member="Ủy viên 2", scores__2__recused="thuộc chủ thể",
        gates__0__star="3", gates__0__passed="yes",
        gates__1__star="4", gates__1__passed="no", gates__1__reason="thiếu mã vạch",
        gates__2__star="5", gates__2__passed="",
    )  # fmt: skip
    assert filled.errors == {}
    assert filled.body == {
        "dossier": "ND2025-0001",
        "held_on": date(2025, 6, 10),
        "minutes": "01/BB-HĐ",
        "members": 5,
        "scores": [Score("Ủy viên 1", Decimal("81.5"), chair=True), Score("Ủy viên 2", None, recused="thuộc chủ thể")],
        "gates": [Gate(3, True), Gate(4, False, "thiếu mã vạch")],
    }


def test_a_registration_is_read_with_its_producer_product_and_papers() -> None:
    filled = read(
        "register",
        {"evidence.0.file_sha256": Upload("phiếu.pdf", b"abc")},
        cycle="ND2025", producer__code="CT-1", producer__name="Hợp tác xã Sao Biển", producer__commune="14101",
        producer__email="saobien@example.com", product__code="SP-1", product__name="Nước mắm", kind="first",
        proposed_star="4", registered_on="5/5/2025", evidence__0__kind="test_report", evidence__0__title="Phiếu kiểm nghiệm",
        evidence__0__expires_on="2026-01-31",
    )  # fmt: skip
    assert filled.errors == {}
    paper = NewEvidence(
        EvidenceKind.TEST_REPORT, "Phiếu kiểm nghiệm", None, date(2026, 1, 31), file_name="phiếu.pdf", file_sha256="abc"
    )
    assert filled.body == {
        "cycle": "ND2025",
        "producer": Maker("CT-1", "Hợp tác xã Sao Biển", "14101", email="saobien@example.com", simulated=False),
        "product": Goods("SP-1", "Nước mắm"),
        "kind": DossierKind.FIRST,
        "proposed_star": 4,
        "registered_on": date(2025, 5, 5),
        "evidence": [paper],
    }
    assert filled.sent.one("evidence.0.file_sha256") == "ticket-abc", "a kept file need not be sent again"


def test_what_is_wrong_is_said_at_the_field_with_row_field_and_remedy() -> None:
    filled = read(
        "evaluate", {"evidence.0": Upload("x", b"")}, dossier="", held_on="32/1/2025", minutes="1", members="năm",
        scores__0__member="Ủy viên 1", scores__0__total="tám mươi", scores__1__total="80",
        gates__0__star="3", gates__0__passed="maybe",
    )  # fmt: skip
    assert filled.errors == {
        "dossier": "Thiếu hồ sơ. Hãy ghi hồ sơ.",
        "held_on": "Ngày họp hội đồng: '32/1/2025' không có trong lịch; hãy ghi ngày/tháng/năm, ví dụ 15/6/2025.",
        "members": "Số thành viên của hội đồng: 'năm' không hợp lệ; hãy ghi số nguyên từ 0 đến 10000000.",
        "scores.0.total": "Dòng 1, điểm: 'tám mươi' không phải điểm; hãy ghi số, ví dụ 81,5.",
        "scores.1.member": "Dòng 2: thiếu thành viên. Hãy ghi thành viên.",
        "gates.0.passed": "Dòng 1, kết quả: không có 'maybe'; hãy chọn một trong: đạt, không đạt.",
    }
    assert filled.sent.one("scores.0.total") == "tám mươi"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"stage": "x" * 41}, "Bước: dài 41 ký tự, nhiều nhất 40; hãy viết ngắn lại."),
        ({"document": "a\x00b"}, "Số văn bản: có ký tự điều khiển không in được; hãy gõ lại ô này."),
        ({"reason": "a\x07b"}, "Lý do: có ký tự điều khiển không in được; hãy gõ lại."),
        ({"boundary": "sometimes"}, "Có kể ngày được nêu không: không có 'sometimes'; hãy chọn một trong: "),
        ({"day": "2025-06-31"}, "Hạn mới: '2025-06-31' không có trong lịch"),
    ],
)
def test_a_value_that_cannot_be_taken_is_refused(typed: dict[str, Any], said: str) -> None:
    (name,) = typed
    assert read("extend", **typed).errors[name].startswith(said)


def test_what_was_left_out_stands_at_its_default() -> None:
    filled = read(
        "extend", cycle="ND2025", stage="district_evaluation", day="20/6/2025", document="99/UBND", reason="bão\r\nlũ",
        boundary="exclusive", roll="none", level="", unit=" ",
    )  # fmt: skip
    assert filled.errors == {}
    assert filled.body["reason"] == "bão\nlũ"
    assert (filled.body["boundary"], filled.body["roll"]) == (Boundary.EXCLUSIVE, Roll.NONE)
    assert not {"level", "unit"} & set(filled.body)


def test_lists_are_read_from_ticks_and_typed_lines_together() -> None:
    filled = read(
        "recognise", dossiers=["A-1", "A-2, A-3\nA-1"], certificates="GCN 1\n\nGCN 2\n", number="1", signer="K"
    )
    assert filled.body["dossiers"] == ["A-1", "A-2", "A-3"]
    assert filled.body["certificates"] == ["GCN 1", "GCN 2"]
    assert read("resend", letters="3 4,5").body["letters"] == [3, 4, 5]
    assert "Thư số: 'x'" in read("resend", letters="3 x").errors["letters"]
    assert read("receive", dossiers=" ").errors["dossiers"] == "Chưa nêu hồ sơ nào. Hãy ghi ít nhất một mục."


@pytest.mark.parametrize("typed", ["2025-06-13T09:00", "13/6/2025 09:00", "2025-06-13 09:00"])
def test_an_instant_is_one_of_viet_nam(typed: str) -> None:
    found = read("amend-plan", effective_at=typed).body["effective_at"]
    assert found == datetime(2025, 6, 13, 9, tzinfo=VIETNAM)
    assert "không phải thời điểm" in read("amend-plan", effective_at="sáng mai").errors["effective_at"]


def test_a_plan_comes_from_a_file_or_is_pasted_and_the_file_wins() -> None:
    assert read("open-cycle", plan="a = 1").body["plan"] == "a = 1"
    filled = read("open-cycle", {"plan": Upload("kế hoạch.toml", "tên = 'Nam Định'\n".encode())}, plan="a = 1")
    assert filled.body["plan"] == "tên = 'Nam Định'"
    assert filled.sent.one("plan") == "tên = 'Nam Định'", "the text is kept for when the form is shown again"
    wrong = read("open-cycle", {"plan": Upload("ảnh.png", b"\xff\xfe\x00")}).errors["plan"]
    assert wrong == "Tệp kế hoạch: tệp 'ảnh.png' không phải chữ UTF-8; hãy lưu lại tệp ở dạng UTF-8."


def test_a_file_that_may_not_be_attached_is_refused_at_its_row_and_a_foreign_ticket_too() -> None:
    typed = {"dossier": "A", "evidence__0__kind": "story", "evidence__0__title": "x"}
    wrong = read("add-evidence", {"evidence.0.file_sha256": Upload("a.exe", b"1")}, **typed).errors
    assert "không thuộc loại được đính kèm" in wrong["evidence.0.file_sha256"]
    foreign = read("add-evidence", evidence__0__file_sha256="0" * 64, **typed).errors
    assert "không do bạn gửi" in foreign["evidence.0.file_sha256"]


def test_a_row_goes_and_those_behind_it_come_forward() -> None:
    sent = Sent({"scores.0.member": ["a"], "scores.1.member": ["b"], "scores.2.member": ["c"], "number": ["1"]})
    assert sent.rows("scores") == 3
    left = sent.without_row("scores", 1)
    assert left.values == {"scores.0.member": ["a"], "scores.1.member": ["c"], "number": ["1"]}


def test_every_shape_is_used_by_some_act() -> None:
    used = {one.shape for name in ACTS for field in form_of(name).fields for one in whole(field)}
    assert used == set(Shape)
