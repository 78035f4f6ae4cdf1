"""A refusal says to an officer what is wrong where, and to a log how much."""

from ocop.errors import InvalidInput, InvalidRows, RowProblem


def test_a_bad_row_is_named_by_sheet_row_and_column() -> None:
    assert str(RowProblem("Hồ sơ", 7, "Mã", "để trống")) == "trang 'Hồ sơ', dòng 7, cột 'Mã': để trống"
    assert str(RowProblem("", 7, "Mã", "để trống")) == "dòng 7, cột 'Mã': để trống"


def test_a_refused_file_names_every_bad_row() -> None:
    problems = [RowProblem("", 2, "Mã", "để trống"), RowProblem("", 9, "Điểm", "không phải số")]
    refused = InvalidRows(problems)
    assert isinstance(refused, InvalidInput)
    assert refused.problems == tuple(problems)
    assert str(refused) == (
        "Tệp có 2 chỗ sai, chưa nhập dòng nào:\ndòng 2, cột 'Mã': để trống\ndòng 9, cột 'Điểm': không phải số"
    )
    assert refused.english == "2 problems in the file, nothing imported"
