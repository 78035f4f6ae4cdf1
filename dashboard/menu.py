"""The entries of the navigation, in the order of an office's day; each reader sees those that they may open."""

from collections.abc import Iterable
from typing import NamedTuple

from dashboard.rights import Kind, may


class Entry(NamedTuple):
    """One entry: where it leads, what it is called, and under which head it stands."""

    path: str
    label: str
    group: str = ""


MENU = (
    Entry("/", "Hôm nay"),
    Entry("/work", "Việc của tôi"),
    Entry("/my", "Của tôi"),
    Entry("/heat", "Bản đồ nhiệt", "Theo dõi"),
    Entry("/procedure", "Quy trình", "Theo dõi"),
    Entry("/late", "Quá hạn", "Theo dõi"),
    Entry("/dossiers", "Hồ sơ"),
    Entry("/acts", "Nghiệp vụ"),
    Entry("/certificates", "Giấy chứng nhận", "Sản phẩm"),
    Entry("/public", "Sản phẩm OCOP", "Sản phẩm"),
    Entry("/letters", "Thư"),
    Entry("/plan", "Kế hoạch", "Kế hoạch và lịch"),
    Entry("/calendar", "Lịch làm việc", "Kế hoạch và lịch"),
    Entry("/plan/check", "Kiểm tra kế hoạch", "Kế hoạch và lịch"),
    Entry("/plan/rehearse", "Diễn tập", "Kế hoạch và lịch"),
    Entry("/imports", "Nhập dữ liệu", "Quản trị"),
    Entry("/users", "Đơn vị và người dùng", "Quản trị"),
    Entry("/audit", "Nhật ký", "Quản trị"),
    Entry("/operations", "Vận hành", "Quản trị"),
)


def menu_for(kinds: Iterable[Kind]) -> tuple[Entry, ...]:
    """Return the entries that a reader may open; who reads no whole province is led from the first page to another of them."""
    known = frozenset(kinds)
    here = [entry for entry in MENU if entry.path != "/" or Kind.PROVINCE in known]
    return tuple(entry for entry in here if may(known, "GET", entry.path))
