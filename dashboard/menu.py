"""The entries of the navigation, in the order of an office's day; each reader sees those that they may open."""

from collections.abc import Iterable
from typing import NamedTuple

from dashboard.rights import Kind, may
from ocop.phrase import Phrase


class Entry(NamedTuple):
    """One entry: where it leads, what it is called, and under which head it stands."""

    path: str
    label: str
    group: str = ""


MENU = tuple(
    Entry(path, Phrase(label), Phrase(group))
    for path, label, group in (
        ("/", "Hôm nay", ""),
        ("/work", "Việc của tôi", ""),
        ("/my", "Của tôi", ""),
        ("/heat", "Bản đồ nhiệt", "Theo dõi"),
        ("/procedure", "Quy trình", "Theo dõi"),
        ("/late", "Quá hạn", "Theo dõi"),
        ("/dossiers", "Hồ sơ", ""),
        ("/acts", "Nghiệp vụ", ""),
        ("/certificates", "Giấy chứng nhận", "Sản phẩm"),
        ("/public", "Sản phẩm OCOP", "Sản phẩm"),
        ("/letters", "Thư", ""),
        ("/plan", "Kế hoạch", "Kế hoạch và lịch"),
        ("/calendar", "Lịch làm việc", "Kế hoạch và lịch"),
        ("/plan/check", "Kiểm tra kế hoạch", "Kế hoạch và lịch"),
        ("/plan/rehearse", "Diễn tập", "Kế hoạch và lịch"),
        ("/imports", "Nhập dữ liệu", "Quản trị"),
        ("/users", "Đơn vị và người dùng", "Quản trị"),
        ("/audit", "Nhật ký", "Quản trị"),
        ("/operations", "Vận hành", "Quản trị"),
    )
)


def menu_for(kinds: Iterable[Kind]) -> tuple[Entry, ...]:
    """Return the entries that a reader may open; who reads no whole province is led from the first page to another of them."""
    known = frozenset(kinds)
    here = [entry for entry in MENU if entry.path != "/" or Kind.PROVINCE in known]
    return tuple(entry for entry in here if may(known, "GET", entry.path))
