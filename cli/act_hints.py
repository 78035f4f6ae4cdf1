"""What a command's help says besides the words of acts: how a value is typed, and which command lists it."""

from collections.abc import Mapping, Sequence

from casework.act_words import ACT_WORDS, OPTION_WORDS

TYPED: Mapping[str, str] = {
    "boundary": ": exclusive là không, inclusive là có",
    "certificates": ", theo thứ tự của --dossiers",
    "clocks": ": keep giữ nguyên, restart tính lại ở đơn vị mới",
    "complaint": " (ocop list complaints)",
    "cycle": " (ocop list cycles)",
    "days": ", ghi theo mẫu JSON trong docs/commands.md",
    "dossier": " (ocop list dossiers)",
    "dossiers": "; nhiều hồ sơ thì ghi tùy chọn này nhiều lần",
    "effective_at": ", ví dụ '2025-06-13 09:00'; bỏ trống là bây giờ",
    "evidence": ", ghi theo mẫu JSON trong docs/commands.md",
    "finding": ", in ra khi ghi (ocop record-finding)",
    "gates": ", ghi theo mẫu JSON trong docs/commands.md",
    "kind": ": first lần đầu, upgrade nâng hạng, re-recognition công nhận lại",
    "letters": "; nhiều thư thì ghi nhiều lần",
    "person": " (ocop list people)",
    "plan": " (.toml)",
    "procedure": ", ví dụ qd1489 (docs/stages.md)",
    "refinement": " (.toml)",
    "roles": ": move chuyển sang đơn vị mới, end kết thúc",
    "roll": ": none không dời, next_working_day, previous_working_day",
    "scores": ", ghi theo mẫu JSON trong docs/commands.md",
    "stage": ", ví dụ district_evaluation (ocop list deadlines)",
    "unit": " (ocop list units)",
}
"""By the option's name, what follows the words for it."""

ON_THE_COMMAND_LINE: Mapping[str, Sequence[tuple[str, str]]] = {
    "open-cycle": [("Hãy kiểm tra kế hoạch trước", "Hãy chạy ocop plan check trước")],
    "amend-plan": [("Xem trước thì thấy", "--dry-run liệt kê")],
    "edit-calendar": [("Xem trước thì thấy", "--dry-run liệt kê")],
    "reorganise": [("rồi xem trước", "rồi chạy --dry-run (trước ngày đó thì kèm --at)")],
    "change-procedure": [
        ("của quy trình mới;", "của quy trình mới (docs/stages.md);"),
        ("Hãy xem trước kết quả", "Hãy chạy --dry-run trước"),
    ],
}
"""By the act's name, what its words call otherwise than a command does."""


def option_words(name: str) -> str:
    """Return the help of an act's option."""
    return f"{OPTION_WORDS[name].removesuffix('.')}{TYPED.get(name, '')}."


def act_words(name: str) -> str:
    """Return what an act's command does."""
    words = ACT_WORDS[name]
    for said, typed in ON_THE_COMMAND_LINE.get(name, ()):
        words = words.replace(said, typed)
    return words
