"""The kinds of paper that a dossier carries as evidence, and what an expired one does to it."""

from enum import StrEnum

from ocop.phrase import phrases


class EvidenceKind(StrEnum):
    """The 15 kinds of evidence that a dossier may hold; each paper has an expiry of its own."""

    BUSINESS_REGISTRATION = "business_registration"
    PRODUCTION_CONDITIONS = "production_conditions"
    ORIGIN_AND_LINKAGE = "origin_and_linkage"
    ENVIRONMENT = "environment"
    LOCAL_WORKERS = "local_workers"
    ACCOUNTS = "accounts"
    INTELLECTUAL_PROPERTY = "intellectual_property"
    MARKET_CONTRACTS = "market_contracts"
    PROMOTION = "promotion"
    STORY = "story"
    QUALITY_DECLARATION = "quality_declaration"
    TEST_REPORT = "test_report"
    BARCODE_AND_TRACEABILITY = "barcode_and_traceability"
    QUALITY_SYSTEM = "quality_system"
    AWARDS = "awards"

    @property
    def label(self) -> str:
        """The kind's Vietnamese name."""
        return EVIDENCE_LABELS[self]


EVIDENCE_LABELS = phrases(
    {
        EvidenceKind.BUSINESS_REGISTRATION: "giấy đăng ký kinh doanh",
        EvidenceKind.PRODUCTION_CONDITIONS: "giấy tờ về điều kiện sản xuất",
        EvidenceKind.ORIGIN_AND_LINKAGE: "nguồn gốc nguyên liệu, hợp đồng liên kết",
        EvidenceKind.ENVIRONMENT: "hồ sơ bảo vệ môi trường",
        EvidenceKind.LOCAL_WORKERS: "sử dụng lao động địa phương",
        EvidenceKind.ACCOUNTS: "sổ sách, báo cáo kế toán",
        EvidenceKind.INTELLECTUAL_PROPERTY: "sở hữu trí tuệ",
        EvidenceKind.MARKET_CONTRACTS: "hợp đồng, cam kết tiêu thụ",
        EvidenceKind.PROMOTION: "hoạt động quảng bá, xúc tiến thương mại",
        EvidenceKind.STORY: "câu chuyện sản phẩm",
        EvidenceKind.QUALITY_DECLARATION: "công bố chất lượng sản phẩm",
        EvidenceKind.TEST_REPORT: "phiếu kết quả kiểm nghiệm",
        EvidenceKind.BARCODE_AND_TRACEABILITY: "mã số mã vạch, truy xuất nguồn gốc",
        EvidenceKind.QUALITY_SYSTEM: "chứng nhận hệ thống quản lý chất lượng",
        EvidenceKind.AWARDS: "giải thưởng, khen thưởng",
    }
)


class ExpiredEvidence(StrEnum):
    """What a paper does that has expired by the day of the council's session; the plan says so for each kind."""

    HOLD = "hold"
    """The dossier is held until the paper is supplemented or waived with a reason."""
    WARN = "warn"
    """The council is told, the dossier goes on."""

    @property
    def label(self) -> str:
        """The rule in Vietnamese."""
        return EXPIRED_EVIDENCE_LABELS[self]


EXPIRED_EVIDENCE_LABELS = phrases(
    {
        ExpiredEvidence.HOLD: "giữ hồ sơ đến khi bổ sung hoặc được miễn có lý do",
        ExpiredEvidence.WARN: "cảnh báo, hồ sơ đi tiếp",
    }
)
