"""Every notice has words, in both parts, from all of its facts and from few."""

import re
import unicodedata
from datetime import UTC, date, datetime
from decimal import Decimal
from html.parser import HTMLParser
from typing import Any

import pytest
from jinja2 import UndefinedError

from notifications.facts import ACCOUNT_NOTICES, CERTIFICATE_NOTICES, DOSSIER_NOTICES, UNIT_NOTICES
from notifications.rendering import LONGEST_SUBJECT, TEMPLATES, Rendered, words
from notifications.vietnamese import committee, day, instant, number, points, prose, sentence
from ocop.notices import AUDIENCE, Notice
from ocop.procedures.qd148 import QD148, STAGES
from tests.integration.letter_facts import CERTIFICATE, CODE, DOSSIER, full, sparse

PARTS = {"subject.txt.j2", "body.txt.j2", "body.html.j2"}
KEYS = {stage.key for stage in STAGES if "_" in stage.key} | {move.event for move in QD148.moves if "_" in move.event}


class Shown(HTMLParser):
    """Collects what a reader of a page sees, and checks that what is opened is closed."""

    VOID = frozenset({"meta", "br", "img", "hr"})

    def __init__(self, page: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.open: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.words.append(data)

    @property
    def text(self) -> str:
        """All words on one line."""
        assert self.open == []
        return " ".join(" ".join(self.words).split())


def everything_said(rendered: Rendered) -> str:
    return f"{rendered.subject}\n{rendered.text}\n{rendered.html}"


def test_every_notice_has_its_folder_and_no_folder_is_without_a_notice() -> None:
    assert {folder.name for folder in TEMPLATES.iterdir() if folder.is_dir()} == set(Notice)


@pytest.mark.parametrize("notice", Notice)
def test_a_folder_holds_subject_text_and_html(notice: Notice) -> None:
    assert {file.name for file in (TEMPLATES / notice).iterdir()} == PARTS


def test_every_notice_has_one_kind_of_facts_and_an_audience() -> None:
    kinds = (DOSSIER_NOTICES, UNIT_NOTICES, CERTIFICATE_NOTICES, ACCOUNT_NOTICES)
    assert frozenset().union(*kinds) == set(Notice) == set(AUDIENCE)
    assert sum(map(len, kinds)) == len(Notice)


@pytest.mark.parametrize("facts", [full, sparse], ids=["full", "sparse"])
@pytest.mark.parametrize("notice", Notice)
def test_a_letter_reads_well(notice: Notice, facts: Any) -> None:
    rendered = words(notice, facts(notice))
    said = everything_said(rendered)
    assert not re.search(r"\{\{|\{%|\bNone\b|\bnull\b|\bTrue\b|\bFalse\b|Undefined", said)
    assert unicodedata.is_normalized("NFC", said)
    assert not [key for key in KEYS if re.search(rf"\b{key}\b", said)]
    assert not re.search(r"\d{4}-\d{2}-\d{2}", said), "a day was not written as Vietnamese writes it"
    assert "\n" not in rendered.subject
    assert 10 <= len(rendered.subject) <= LONGEST_SUBJECT
    shown = Shown(rendered.html).text
    assert not re.search(r" [,.;]|\(\)|[–:] [.,]|,\s*,|\.\.(?!\.)", rendered.text + shown)
    assert not re.search(r"Đề nghị +(đưa|ký|quyết|xử lý ngay|hoàn)", rendered.text), "nobody is asked"
    assert "\n\n\n" not in rendered.text
    assert "Kính gửi: " in rendered.text
    assert "Việc tiếp theo" in shown


@pytest.mark.parametrize("facts", [full, sparse], ids=["full", "sparse"])
@pytest.mark.parametrize("notice", sorted(DOSSIER_NOTICES))
def test_all_parts_of_a_dossiers_letter_name_its_code(notice: Notice, facts: Any) -> None:
    rendered = words(notice, facts(notice))
    assert rendered.subject.removeprefix("[mô phỏng] ").startswith(CODE)
    assert CODE in rendered.text
    assert CODE in rendered.html


@pytest.mark.parametrize("notice", Notice)
def test_both_parts_say_the_same_sentences(notice: Notice) -> None:
    rendered = words(notice, full(notice))
    shown = Shown(rendered.html).text
    sentences = [line for line in rendered.text.split("\n") if line.endswith(".") and "phần mềm điều hành" not in line]
    assert len(sentences) >= 3
    for line in sentences:
        assert " ".join(line.removeprefix("[MÔ PHỎNG] ").split()) in shown


@pytest.mark.parametrize("notice", sorted(DOSSIER_NOTICES))
def test_a_dossiers_letter_quotes_its_rule_and_its_next_day(notice: Notice) -> None:
    rendered = words(notice, full(notice))
    for part in (rendered.text, rendered.html):
        assert "Quyết định 148/QĐ-TTg" in part
        assert "14/6/2025" in part


@pytest.mark.parametrize("notice", Notice)
def test_a_simulated_letter_says_so_in_its_subject_and_in_both_parts(notice: Notice) -> None:
    rendered = words(notice, full(notice))
    assert rendered.subject.startswith("[mô phỏng] ")
    assert "[MÔ PHỎNG]" in rendered.text
    assert "[MÔ PHỎNG]" in rendered.html
    assert "phỏng" not in everything_said(words(notice, sparse(notice)))


@pytest.mark.parametrize("notice", Notice)
def test_what_people_typed_is_not_read_as_html(notice: Notice) -> None:
    facts = full(notice) | {"recipient_name": "<script>alert(1)</script>", "reason": "<b>x</b>"}
    html = words(notice, facts).html
    assert "<script>" not in html
    assert "<b>" not in html
    assert "<loại đặc biệt>" not in html


@pytest.mark.parametrize("notice", Notice)
def test_decomposed_names_leave_composed(notice: Notice) -> None:
    facts = full(notice) | {"recipient_name": unicodedata.normalize("NFD", "Đặng Thị Thuỷ")}
    assert "Đặng Thị Thuỷ" in words(notice, facts).text


@pytest.mark.parametrize("notice", Notice)
def test_a_letter_without_its_recipients_name_is_not_written(notice: Notice) -> None:
    facts = full(notice)
    del facts["recipient_name"]
    with pytest.raises(UndefinedError, match="recipient_name"):
        words(notice, facts)


def test_facts_that_an_earlier_version_did_not_keep_read_as_empty() -> None:
    facts = full(Notice.RECEIVED)
    for later in ("certificate", "result", "details", "document"):
        del facts[later]
    assert CODE in words(Notice.RECEIVED, facts).text


def test_a_certificate_revoked_by_an_act_on_its_dossier_takes_the_names_from_there() -> None:
    certificate = {key: CERTIFICATE[key] for key in ("number", "star", "issued_on", "valid_until")}  # type: ignore[literal-required]
    facts = full(Notice.REVOKED) | {"dossier": DOSSIER, "certificate": certificate}
    rendered = words(Notice.REVOKED, facts)
    assert rendered.subject.startswith(f"[mô phỏng] {CODE}: thu hồi giấy chứng nhận")
    assert "Nước mắm Sa Châu" in rendered.text


def test_a_list_that_was_cut_says_how_many_are_left_out() -> None:
    rendered = words(Notice.OVERDUE, full(Notice.OVERDUE))
    assert "và 1.233 hồ sơ khác" in rendered.text
    assert "và 1.233 hồ sơ khác" in rendered.html


def test_an_escalation_names_its_rung_and_the_first_letter_does_not() -> None:
    assert "vượt cấp" in words(Notice.OVERDUE, full(Notice.OVERDUE)).subject
    assert "vượt cấp" not in words(Notice.OVERDUE, full(Notice.OVERDUE) | {"rung": 0}).text


def test_a_long_subject_is_cut_with_a_mark() -> None:
    long = {**DOSSIER, "product": "Trà hoa vàng " * 30}
    subject = words(Notice.REGISTERED, full(Notice.REGISTERED) | {"dossier": long}).subject
    assert len(subject) <= LONGEST_SUBJECT
    assert subject.endswith("…")


def test_evidence_that_ends_is_listed_by_name_and_day() -> None:
    assert (
        "Phiếu kiểm nghiệm: hết hạn ngày 1/6/2025"
        in words(Notice.EVIDENCE_EXPIRING, full(Notice.EVIDENCE_EXPIRING)).text
    )


def test_days_instants_points_and_numbers_are_written_in_vietnamese() -> None:
    assert day("2025-06-05") == day(date(2025, 6, 5)) == day(datetime(2025, 6, 4, 17, tzinfo=UTC)) == "5/6/2025"
    assert instant("2025-06-14T17:00:00+00:00") == "24:00 ngày 14/6/2025"
    assert instant("2025-06-16T00:30:00+00:00") == "07:30 ngày 16/6/2025"
    assert points("69.995") == points(Decimal("69.995")) == "69,99"
    assert number(15600) == "15.600"
    assert number(Decimal("7.50")) == "7,5"
    assert number("3/4") == "3/4"


@pytest.mark.parametrize(
    ("unit", "acts"),
    [
        ("Huyện Hải Hậu", "Ủy ban nhân dân huyện Hải Hậu"),
        ("Thị trấn Cồn", "Ủy ban nhân dân thị trấn Cồn"),
        ("Văn phòng Điều phối nông thôn mới tỉnh", "Văn phòng Điều phối nông thôn mới tỉnh"),
        ("", "đơn vị đang giữ hồ sơ"),
    ],
)
def test_a_place_acts_through_its_peoples_committee(unit: str, acts: str) -> None:
    assert committee(unit) == acts


def test_words_become_paragraphs_and_sentences() -> None:
    assert prose("một\n hai ,\n\n\n  ba") == ["Một hai,", "Ba"]
    assert sentence(" thiếu\ngiấy ") == "thiếu giấy."
    assert sentence("xong!") == "xong!"


def test_a_reminder_on_the_last_working_day_says_so_and_counts_no_days() -> None:
    facts = full(Notice.DEADLINE_REMINDER)
    facts["deadline"] = {**facts["deadline"], "working_days_left": 0}
    rendered = words(Notice.DEADLINE_REMINDER, facts)
    assert "hôm nay là ngày làm việc cuối cùng" in rendered.subject
    assert "hôm nay là ngày làm việc cuối cùng còn kịp" in rendered.text
    assert "0 ngày làm việc" not in everything_said(rendered)
