"""Why a certificate may be revoked, and how long its issuer has to decide."""

from ocop.revocation import DECIDE_WITHIN_DAYS, GROUND_LABELS, RULE, Ground, Outcome


def test_the_decision_of_2026_gives_six_grounds_each_in_words_of_its_own() -> None:
    assert {ground.value: ground.label for ground in Ground} == {
        "false_papers": "hồ sơ, giấy tờ giả mạo",
        "criteria_not_met": "sản phẩm không còn đáp ứng tiêu chí",
        "breach_of_law": "vi phạm pháp luật",
        "misuse_of_mark": "sử dụng sai biểu trưng, hạng sao",
        "production_stopped": "ngừng sản xuất",
        "other_finding": "kết luận khác của cơ quan có thẩm quyền",
    }
    assert list(GROUND_LABELS) == list(Ground)


def test_the_issuer_decides_within_fifteen_days_of_the_finding() -> None:
    assert DECIDE_WITHIN_DAYS == 15
    assert str(RULE) == (
        "Quyết định 26/2026/QĐ-TTg, thu hồi giấy chứng nhận: cơ quan cấp quyết định trong 15 ngày kể từ khi phát hiện"
    )


def test_a_finding_ends_with_a_revocation_or_leaves_the_certificate() -> None:
    assert [outcome.value for outcome in Outcome] == ["revoked", "kept"]
