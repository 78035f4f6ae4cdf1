"""Facts for each kind of letter: all of them, and only what no letter can be written without."""

from typing import Any

from notifications.facts import (
    ACCOUNT_NOTICES,
    CERTIFICATE_NOTICES,
    UNIT_NOTICES,
    AccountFacts,
    CertificateFacts,
    CertificateHeld,
    DossierFacts,
    DossierListed,
    DossierNamed,
    StageDue,
    UnitFacts,
)
from ocop.notices import Notice

CODE = "ND-2025-0117"

DOSSIER: DossierNamed = {
    "code": CODE,
    "product": "Nước mắm Sa Châu <loại đặc biệt>",
    "producer": "Hợp tác xã Giao Châu & Cộng sự",
    "kind_label": "nâng hạng",
    "commune": "Xã Giao Châu",
    "district": "Huyện Giao Thủy",
    "stage_label": "Huyện đánh giá",
    "waits_for": "hội đồng cấp huyện họp và huyện ký kết quả",
    "holder": "Huyện Giao Thủy",
}

CERTIFICATE: CertificateHeld = {
    "number": "27/GCN-OCOP",
    "star": 4,
    "issued_on": "2025-07-15",
    "valid_until": "2028-07-15",
    "product": "Nước mắm Sa Châu <loại đặc biệt>",
    "producer": "Hợp tác xã Giao Châu & Cộng sự",
    "commune": "Xã Giao Châu",
}

DEADLINE: StageDue = {
    "stage_label": "Huyện đánh giá",
    "wording": "trước ngày 15/6/2025",
    "rule": "Kế hoạch 61/KH-UBND, nội dung đánh giá cấp huyện",
    "last_day": "2025-06-14",
    "strikes_at": "2025-06-14T17:00:00.000000+00:00",
    "working_days_left": 3,
}

LISTED: DossierListed = {
    "code": CODE,
    "product": "Nước mắm Sa Châu",
    "producer": "Hợp tác xã Giao Châu",
    "stage_label": "Huyện đánh giá",
    "holder": "Huyện Giao Thủy",
    "since": "2025-05-12",
    "simulated": True,
}

FULL_DOSSIER: DossierFacts = {
    "recipient_name": "Nguyễn Thị Hường",
    "unit_name": "Xã Giao Châu",
    "reply_name": "Huyện Giao Thủy",
    "cycle_title": "Triển khai Chương trình OCOP năm 2025",
    "simulated": True,
    "owed_on": "2025-06-10",
    "dossier": DOSSIER,
    "event": "decide",
    "occurred_on": "2025-06-09",
    "reason": "Phiếu kiểm nghiệm đã hết hạn\nvà thiếu hợp đồng liên kết",
    "document": "Biên bản 12/BB-HĐ",
    "rule": "Quyết định 148/QĐ-TTg, trình tự đánh giá, phân hạng: cấp huyện",
    "result": {
        "mean": "69.995",
        "stars_by_points": 3,
        "stars_after_gates": 2,
        "awarded_star": None,
        "gates_failed": [{"star": 3, "reason": "chưa có phiếu kiểm nghiệm còn hiệu lực"}],
    },
    "due_on": "2025-06-14",
    "certificate": {key: CERTIFICATE[key] for key in ("number", "star", "issued_on", "valid_until")},  # type: ignore[typeddict-item,literal-required]
    "details": {"evidence": [{"label": "Phiếu kiểm nghiệm", "valid_until": "2025-06-01"}]},
}

FULL_UNIT: UnitFacts = {
    "recipient_name": "Trần Văn Bình",
    "unit_name": "Huyện Giao Thủy",
    "reply_name": "Tỉnh Nam Định",
    "cycle_title": "Triển khai Chương trình OCOP năm 2025",
    "simulated": True,
    "owed_on": "2025-06-16",
    "deadline": DEADLINE,
    "unit": "Huyện Giao Thủy",
    "unit_phone": "0228 389 0000",
    "rung": 2,
    "role_label": "phó chủ tịch Ủy ban nhân dân",
    "dossiers": [LISTED],
    "total": 1234,
    "plan": {
        "number": "61/KH-UBND",
        "issued_on": "2025-04-08",
        "title": "Triển khai Chương trình OCOP năm 2025",
        "deadlines": [
            {"stage_label": "Huyện đánh giá", "wording": "trước ngày 15/6/2025", "last_day": "2025-06-14"},
        ],
    },
    "counts": [{"label": "Sản phẩm được công nhận", "value": 1042}],
    "certificates": [
        {
            "number": "3/GCN",
            "product": "Muối Bạch Long",
            "producer": "HTX Bạch Long",
            "star": 3,
            "valid_until": "2025-05-30",
        },
    ],
    "health": ["2 thư không gửi được"],
    "root": "9f2c",
    "changes": ["Huyện đánh giá: hạn cuối 14/6/2025 → 19/6/2025"],
    "effective_from": "09:00 ngày 2/6/2025",
    "reason": "ảnh hưởng của bão",
    "document": "Công văn 99/UBND-NN",
}

FULL_CERTIFICATE: CertificateFacts = {
    "recipient_name": "Hợp tác xã Giao Châu",
    "unit_name": "Xã Giao Châu",
    "reply_name": "Tỉnh Nam Định",
    "cycle_title": "Triển khai Chương trình OCOP năm 2025",
    "simulated": True,
    "owed_on": "2028-03-17",
    "certificate": CERTIFICATE,
    "days_left": 120,
    "window": {"from": "2028-01-17", "to": "2028-03-17"},
    "dossier": None,
    "reason": "không còn sản xuất",
    "document": "Quyết định 5/QĐ-UBND",
}


FULL_ACCOUNT: AccountFacts = {
    "recipient_name": "Nguyễn Thị Hường",
    "unit_name": "Xã Giao Châu",
    "reply_name": "Tỉnh Nam Định",
    "cycle_title": "",
    "simulated": True,
    "owed_on": "2025-06-10",
    "login": "huong@giaochau.example",
    "name": "Nguyễn Thị Hường",
    "by_name": "Quản trị tỉnh",
    "ends_at": "2025-06-17T02:00:00.000000+00:00",
    "pages": "https://ocop.example",
    "seed": "hat-giong-khong-bi-mat",
    "on_paper": True,
}


def full(notice: Notice) -> dict[str, Any]:
    """Return facts with every optional one known."""
    if notice in ACCOUNT_NOTICES:
        return {**FULL_ACCOUNT}
    if notice in UNIT_NOTICES:
        return {**FULL_UNIT}
    return {**FULL_CERTIFICATE} if notice in CERTIFICATE_NOTICES else {**FULL_DOSSIER}


def sparse(notice: Notice) -> dict[str, Any]:
    """Return facts with every optional one empty, as casework writes them when there is nothing to say."""
    facts = full(notice) | {"unit_name": "", "reply_name": "", "cycle_title": "", "simulated": False, "reason": ""}
    facts |= {"document": ""}
    if notice in UNIT_NOTICES:
        return facts | {
            "deadline": None,
            "unit_phone": "",
            "rung": 0,
            "role_label": "",
            "dossiers": [],
            "total": 0,
            "plan": None,
            "counts": [],
            "certificates": [],
            "health": [],
            "root": "",
        }
    if notice in ACCOUNT_NOTICES:
        return facts | {"by_name": "", "on_paper": False}
    if notice in CERTIFICATE_NOTICES:
        return facts | {"days_left": 0, "window": None}
    empty = {"district": "", "waits_for": "", "holder": ""}
    return facts | {
        "dossier": {**DOSSIER, **empty},
        "rule": "",
        "result": None,
        "due_on": None,
        "certificate": None,
        "details": {},
    }
