"""How what a sentence tells to do is typed: the rooms below name acts, tools and values by their titles, in quotes."""

import re
from collections.abc import Mapping

from casework.acts import ACTS

TOOLS: Mapping[str, str] = {
    "Cho đặt lại mật khẩu": "ocop account reset TÊN",
    "Danh sách giấy chứng nhận": "ocop list certificates",
    "Danh sách hồ sơ": "ocop list dossiers",
    "Gửi lời mời mới": "ocop account invite TÊN",
    "Khôi phục bản sao lưu": "ocop restore TỆP",
    "Khởi động phần mềm": "ocop serve",
    "Kiểm lịch sử": "ocop verify",
    "Kiểm tra sổ": "ocop doctor",
    "Làm việc đến hạn ngay": "ocop reconcile",
    "Nhập cán bộ": "ocop import people TỆP",
    "Nhập đơn vị hành chính": "ocop import units TỆP",
    "Nhập đơn vị kế thừa": "ocop import successions TỆP",
    "Nạp danh sách cả năm": "ocop calendar seed NĂM-ĐẦU NĂM-CUỐI",
    "Sao lưu": "ocop backup TỆP",
    "Thư không gửi được": "ocop list dead-letters",
    "Tải tệp mẫu": "ocop template LOẠI TỆP",
    "Đơn vị và người dùng": "ocop list people",
    "Đồng hồ máy chủ đúng, làm bù các việc": "ocop clock accept",
}
"""By the title of what is no act, the command; its words in capitals are for the reader to fill in."""

OPTIONS: Mapping[str, str] = {
    "Mã chu trình": "--cycle MÃ",
    "Mã hồ sơ": "--dossier MÃ",
    "Ngày xét hiệu lực": "--day NGÀY",
    "Nhiệm vụ cán bộ khi tệp không nêu": "--roles move, --roles end",
    "Nhập thay đơn vị không có cán bộ": "--on-behalf 'VĂN BẢN, NGƯỜI KÝ'",
    "Xem trước": "--dry-run, thêm --at NGÀY để xem như của ngày đó",
    "Đơn vị và các đơn vị dưới nó": "--unit CẤP:MÃ",
}
"""By what a value is called, the option of the same command that says it."""

QUOTED = re.compile("“([^“”]+)”")


def typed(*sentences: str) -> list[str]:
    """Return a line for each title that sentences name, in their order: what to type for it."""
    commands = {**TOOLS, **{act.title: f"ocop {name} …" for name, act in ACTS.items()}}
    named = dict.fromkeys(title for sentence in sentences for title in QUOTED.findall(sentence))
    return [
        f"Lệnh: {commands[title]}" if title in commands else f"Tùy chọn “{title}”: {OPTIONS[title]}"
        for title in named
        if title in commands or title in OPTIONS
    ]
