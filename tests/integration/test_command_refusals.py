"""What the command prints of a refusal is the whole sentence, whatever stands in it."""

import pytest

from cli.context import told
from ocop.errors import InvalidInput, RuleViolation
from ocop.plan_file import read_plan
from tests.factories import PLAN


def printed(violation: RuleViolation, capsys: pytest.CaptureFixture[str]) -> str:
    """Return what a command that is refused prints, on one line."""
    with pytest.raises(SystemExit) as ended, told():
        raise violation
    assert ended.value.code == 1
    return " ".join(capsys.readouterr().err.split())


def test_words_in_brackets_are_printed_as_they_stand(capsys: pytest.CaptureFixture[str]) -> None:
    violation = InvalidInput("Sản phẩm '[Kẹo] dồi [/lạc]' đăng ký sau hạn.", "'[red]' is late")
    assert printed(violation, capsys) == f"Không thực hiện được: {violation.vietnamese} ({violation.english})"


def test_a_broken_plan_is_told_with_the_tables_that_its_remedies_name(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(RuleViolation) as refused:
        read_plan(PLAN.replace('stage = "provincial_submission"', 'stage = "district_evaluation"'))
    said = printed(refused.value, capsys)
    assert "giữ một mục [[deadlines]] cho mỗi giai đoạn" in said
    assert " ".join(refused.value.vietnamese.split()) in said
