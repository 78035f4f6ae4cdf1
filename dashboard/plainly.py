"""Says on a page what a refusal says on the command line: what to do about it here, and no command to type."""

import re

from casework.acts import ACTS

_TITLES = {name: f"“{act.title}”" for name, act in ACTS.items()}
_NAMES = "|".join(sorted(_TITLES, key=len, reverse=True))
_ACT = re.compile(rf"(?:lệnh:? )?ocop ({_NAMES})(?![a-z-])")
_REPLACED = (
    (re.compile(r" Xem danh sách bằng lệnh: ocop [a-z -]+\."), ""),
    (re.compile(r" ?\((?:tùy chọn --[a-z-]+|ocop [^)]*)\)"), ""),
    (re.compile(r"[Hh]ãy chạy thử như của ngày đó: --dry-run --at [\d-]+"), "Hãy bấm Xem trước"),
    (re.compile(r"(?<=,) hãy chạy:? ocop [a-z _-]*[a-z]"), " hãy báo người quản trị phần mềm"),
    (re.compile(r":? [Hh]ãy chạy:? ocop [a-z _-]*[a-z](?: \d{4})*"), ". Hãy báo người quản trị phần mềm"),
    (re.compile(r": ocop [a-z -]+ TỆP"), ""),
    (re.compile(r", cần xử lý: ocop list dead-letters"), ", cần xử lý ở trang Thư"),
    (re.compile(r"; xem: ocop doctor[a-z_ ]*"), "; hãy báo người quản trị phần mềm"),
    (re.compile(r" hoặc chạy ocop backup"), " ở trang Vận hành"),
    (re.compile(r"hoặc --roles"), "hoặc ô “Nhiệm vụ cán bộ khi tệp không nêu”"),
    (re.compile(r"bỏ --suspend, rồi"), "để trống ô cấp tạm dừng, rồi"),
)


def plainly(sentence: str) -> str:
    """Return a refusal's or a warning's sentence as a page says it."""
    said = _ACT.sub(lambda found: _TITLES[found[1]], sentence)
    for pattern, instead in _REPLACED:
        said = pattern.sub(instead, said)
    return re.sub(r"\.\s*\. ", ". ", said)
