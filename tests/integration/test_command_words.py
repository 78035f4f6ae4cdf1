"""The command line speaks Vietnamese: its help, and what it says to words that it cannot read."""

from typing import Any

import pytest
from rich.console import Console

from casework.act import Act
from casework.act_words import ACT_WORDS, OPTION_WORDS
from casework.acts import ACTS
from cli.act_hints import ON_THE_COMMAND_LINE, TYPED
from cli.context import table
from cli.main import command

COMMON = {"--as", "--at", "--key", "--on-behalf", "--dry-run"}


def typed(words: str, capsys: pytest.CaptureFixture[str]) -> str:
    """Return what a mistyped command prints, on one line."""
    with pytest.raises(SystemExit) as ended:
        command()(words.split())
    assert ended.value.code == 1
    return " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("opn-cycle", "Không có lệnh 'opn-cycle'. Có phải là open-cycle? Xem cách ghi: ocop --help"),
        ("open-cycle --cod X", "Thiếu --code: Mã chu trình, tự đặt, ví dụ ND-2025. Đã ghi --cod; hãy ghi --code."),
        ("list --exel a.xlsx", "Không có tùy chọn --exel. Có phải là --excel?"),
        ("import foo x.csv", "KIND: không có 'foo'; chọn một trong: units, successions, people, history, dossiers."),
        ("list dossiers --day 32/1/2025", "--day: '32/1/2025' không có trong lịch; hãy ghi ngày/tháng/năm"),
        (
            "reorganise --day 1/7/2025 --document 1 --clocks foo --as x",
            "--clocks: không có 'foo'; chọn một trong: keep, restart.",
        ),
        (
            "acknowledge --cycle A --stage b --level thôn",
            "--level: cấp 'thôn' không có; các cấp: xã, huyện, tỉnh, trung ương.",
        ),
        ("calendar seed năm 2027", "FIRST-YEAR: 'năm' không đọc được; hãy ghi một số nguyên."),
        ("close-cycle --cycle A --cycle B", "--cycle chỉ được ghi một lần."),
        ("plan check a.toml b.toml", "Thừa: b.toml. Xem cách ghi: ocop plan check --help"),
    ],
)
def test_a_mistyped_command_is_told_what_is_wrong_and_where_the_right_form_stands(
    words: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    printed = typed(words, capsys)
    assert printed.startswith("Không thực hiện được: ")
    assert said in printed
    assert "Xem cách ghi: ocop" in printed


def test_a_day_is_typed_as_an_office_writes_it_or_as_a_file_has_it() -> None:
    for day in ("1/7/2025", "01/07/2025", "2025-07-01"):
        _, bound, _ = command().parse_args(["reorganise", "--day", day, "--document", "1", "--as", "36/officer"])
        assert bound.arguments["day"].isoformat() == "2025-07-01"


def test_every_act_and_every_option_of_one_has_its_words() -> None:
    assert set(ACT_WORDS) == set(ACTS)
    assert set(OPTION_WORDS) == {name for act in ACTS.values() for name in act.signature.parameters}
    assert set(TYPED) <= set(OPTION_WORDS)
    assert [
        name for name, pairs in ON_THE_COMMAND_LINE.items() if any(said not in ACT_WORDS[name] for said, _ in pairs)
    ] == []


@pytest.mark.parametrize("act", ACTS.values(), ids=lambda act: act.name)
def test_the_help_of_an_act_has_no_english_sentence(act: Act, capsys: pytest.CaptureFixture[str]) -> None:
    page: Any = command()
    page.help_print([act.name])
    printed = " ".join(capsys.readouterr().out.split())
    assert f"{act.title}." in printed
    english = {"Usage", "Parameters", "[required]", "[default", "[choices", "The", "the", "with"}
    assert not english & set(printed.replace(":", " ").split())


def printed_at(width: int, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return what a list of one dossier prints on a screen of some width."""
    screen = Console(width=width, force_terminal=True, color_system=None, soft_wrap=True, highlight=False, record=True)
    monkeypatch.setattr("cli.context.OUT", screen)
    columns = ["Mã hồ sơ", "Sản phẩm", "Loại hồ sơ", "Xã", "Huyện", "Bước", "Quá hạn", "Điểm trung bình"]
    place = ["Xã Giao Xuân", "Huyện Giao Thủy", "Đã đăng ký"]
    table("Hồ sơ: 1 dòng", columns, [["ND2025-0001", "Nước mắm [1]", "lần đầu", *place, None, ""]])
    return [line.rstrip() for line in screen.export_text().splitlines()]


def test_a_list_on_a_narrow_screen_is_read_row_by_row_with_whole_words(monkeypatch: pytest.MonkeyPatch) -> None:
    assert printed_at(80, monkeypatch) == [
        "Hồ sơ: 1 dòng",
        "ND2025-0001",
        "    Sản phẩm: Nước mắm [1] · Loại hồ sơ: lần đầu · Xã: Xã Giao Xuân · Huyện:",
        "    Huyện Giao Thủy · Bước: Đã đăng ký",
    ]
    assert any("│ ND2025-0001 │ Nước mắm [1] │" in line for line in printed_at(160, monkeypatch))
