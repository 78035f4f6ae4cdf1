"""The command line adds to a sentence how what it tells to do is typed, and leaves the sentence as it is."""

import pytest

from cli.context import show, told
from cli.remedies import typed
from ocop.errors import NotPossibleNow


def test_each_title_that_a_sentence_names_has_a_line_once_and_in_order() -> None:
    assert typed(
        "Hãy dùng “Gia hạn” hoặc “Chấp nhận hồ sơ muộn”; xem “Danh sách hồ sơ”.", "Bước “Huyện đánh giá”: “Gia hạn”."
    ) == ["Lệnh: ocop extend …", "Lệnh: ocop accept-late …", "Lệnh: ocop list dossiers"]


def test_a_value_is_told_with_its_option() -> None:
    assert typed("Cần nêu “Mã chu trình”.") == ["Tùy chọn “Mã chu trình”: --cycle MÃ"]


def test_a_sentence_that_names_nothing_to_do_gets_no_line() -> None:
    assert typed("Hồ sơ đang ở bước “Gia công”, mã 'Gia hạn'.") == []


def test_a_refusal_is_printed_whole_and_then_what_to_type(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit), told():
        raise NotPossibleNow("Hồ sơ tạm dừng. Tỉnh dùng “Cho tiếp tục hồ sơ đã tạm dừng”.", "suspended")
    assert capsys.readouterr().err.splitlines() == [
        "Không thực hiện được: Hồ sơ tạm dừng. Tỉnh dùng “Cho tiếp tục hồ sơ đã tạm dừng”.",
        "  Lệnh: ocop resume …",
        "(suspended)",
    ]


def test_what_was_refused_and_what_is_to_be_noted_are_printed_with_what_to_type(
    capsys: pytest.CaptureFixture[str],
) -> None:
    reason = "dữ liệu không xử lý được. Hãy báo người quản trị dùng “Kiểm tra sổ”."
    show(
        {
            "message": "Đã chuyển 0 hồ sơ.",
            "refused": [{"dossier": "A", "reason": reason}, {"dossier": "B", "reason": reason}],
            "warnings": ["hoặc dùng “Chuyển chu trình sang quy trình mới”."],
        }
    )
    assert capsys.readouterr().out.splitlines() == [
        "Đã chuyển 0 hồ sơ.",
        f"  từ chối A: {reason}",
        f"  từ chối B: {reason}",
        "  Lệnh: ocop doctor",
        "  lưu ý: hoặc dùng “Chuyển chu trình sang quy trình mới”.",
        "  Lệnh: ocop change-procedure …",
    ]
