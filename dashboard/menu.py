"""The entries of the navigation, in the order of an office's day; each reader sees those that they may open."""

from collections.abc import Iterable
from typing import NamedTuple

from dashboard.rights import Kind, may
from ocop.phrase import Meant, Phrase


class Entry(NamedTuple):
    """One entry: where it leads, what it is called, and under which head it stands."""

    path: str
    label: str
    group: str = ""


WATCH, PLANS, UPKEEP = Phrase("Theo dõi"), Phrase("Kế hoạch và lịch"), Phrase("Quản trị")
PRODUCTS = Meant("Sản phẩm", "các trang")
"""The heads, and one whose word elsewhere means a single product."""

MENU = tuple(
    Entry(path, Phrase(label), *group)
    for path, label, *group in (
        ("/", "Hôm nay"),
        ("/work", "Việc của tôi"),
        ("/my", "Của tôi"),
        ("/heat", "Bản đồ nhiệt", WATCH),
        ("/procedure", "Quy trình", WATCH),
        ("/late", "Quá hạn", WATCH),
        ("/dossiers", "Hồ sơ"),
        ("/acts", "Nghiệp vụ"),
        ("/certificates", "Giấy chứng nhận", PRODUCTS),
        ("/public", "Sản phẩm OCOP", PRODUCTS),
        ("/letters", "Thư"),
        ("/plan", "Kế hoạch", PLANS),
        ("/calendar", "Lịch làm việc", PLANS),
        ("/plan/check", "Kiểm tra kế hoạch", PLANS),
        ("/plan/rehearse", "Diễn tập", PLANS),
        ("/imports", "Nhập dữ liệu", UPKEEP),
        ("/users", "Đơn vị và người dùng", UPKEEP),
        ("/audit", "Nhật ký", UPKEEP),
        ("/operations", "Vận hành", UPKEEP),
    )
)


def menu_for(kinds: Iterable[Kind]) -> tuple[Entry, ...]:
    """Return the entries that a reader may open; who reads no whole province is led from the first page to another of them."""
    known = frozenset(kinds)
    here = [entry for entry in MENU if entry.path != "/" or Kind.PROVINCE in known]
    return tuple(entry for entry in here if may(known, "GET", entry.path))
