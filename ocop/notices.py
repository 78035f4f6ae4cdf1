"""Every letter that the engine can owe, and to whom it goes."""

from collections.abc import Mapping
from enum import StrEnum

from ocop.phrase import Meant, phrases


class Party(StrEnum):
    """A recipient as seen from a dossier or a unit."""

    PRODUCER = "producer"
    COMMUNE = "commune"
    DISTRICT = "district"
    PROVINCE = "province"
    HOLDER = "holder"
    COORDINATOR_OFFICE = "coordinator_office"
    ACCOUNT = "account"
    """Whose account it is."""


class Notice(StrEnum):
    """A letter's kind; its templates lie in the folder of the same name."""

    CYCLE_OPENED = "cycle_opened"
    CYCLE_CLOSED = "cycle_closed"
    REGISTERED = "registered"
    RECEIVED = "received"
    RETURNED_FOR_COMPLETION = "returned_for_completion"
    SUPPLEMENTED = "supplemented"
    COMMUNE_REPORTED = "commune_reported"
    FORWARDED_TO_DISTRICT = "forwarded_to_district"
    DISTRICT_RESULT = "district_result"
    SELECTED_FOR_PROVINCE = "selected_for_province"
    KEPT_AT_DISTRICT = "kept_at_district"
    SENT_TO_PROVINCE = "sent_to_province"
    ARRIVED_AT_PROVINCE = "arrived_at_province"
    PROVINCIAL_RESULT = "provincial_result"
    PROVINCIAL_RANKING = "provincial_ranking"
    RETURNED_TO_DISTRICT = "returned_to_district"
    RETURN_RESULT = "return_result"
    TO_RECOGNISE = "to_recognise"
    RECOGNISED = "recognised"
    NOT_RANKED = "not_ranked"
    PROPOSED_TO_CENTRE = "proposed_to_centre"
    ARRIVED_AT_CENTRE = "arrived_at_centre"
    NOT_PROPOSED = "not_proposed"
    CENTRAL_RESULT = "central_result"
    CENTRAL_COMPLETED = "central_completed"
    SELECTED_FOR_MINISTRY = "selected_for_ministry"
    PROPOSED_TO_MINISTRY = "proposed_to_ministry"
    NOT_PROPOSED_TO_MINISTRY = "not_proposed_to_ministry"
    ARRIVED_AT_MINISTRY = "arrived_at_ministry"
    MINISTRY_RESULT = "ministry_result"
    RETURNED_TO_PROVINCE = "returned_to_province"
    RESULT_AFTER_MINISTRY = "result_after_ministry"
    RETRACTED = "retracted"
    DISQUALIFIED = "disqualified"
    CARRIED_OVER = "carried_over"
    REOPENED = "reopened"
    CORRECTED = "corrected"
    COMPLAINT_RECEIVED = "complaint_received"
    COMPLAINT_ANSWERED = "complaint_answered"
    COMPLAINT_DUE = "complaint_due"
    ACCEPTED_LATE = "accepted_late"
    DEADLINE_EXTENDED = "deadline_extended"
    PLAN_AMENDED = "plan_amended"
    CALENDAR_CHANGED = "calendar_changed"
    DEADLINE_REMINDER = "deadline_reminder"
    OVERDUE = "overdue"
    SUPPLEMENT_REMINDER = "supplement_reminder"
    SUPPLEMENT_OVERDUE = "supplement_overdue"
    EVIDENCE_EXPIRING = "evidence_expiring"
    RUNG_VACANT = "rung_vacant"
    EXPIRY_WARNING = "expiry_warning"
    EXPIRED = "expired"
    EXPIRED_LIST = "expired_list"
    REVOKED = "revoked"
    FINDING_RECORDED = "finding_recorded"
    FINDING_DUE = "finding_due"
    DAILY_DIGEST = "daily_digest"
    REORGANISED = "reorganised"
    TRANSFERRED = "transferred"
    SUSPENDED = "suspended"
    RESUMED = "resumed"
    PROCEDURE_CHANGED = "procedure_changed"
    ACCOUNT_INVITED = "account_invited"
    PASSWORD_RESET = "password_reset"

    @property
    def label(self) -> str:
        """What lists and pages call it in Vietnamese."""
        return NOTICE_LABELS[self]


_LABELS = phrases(
    {
        Notice.CYCLE_OPENED: "Mở chu trình",
        Notice.CYCLE_CLOSED: "Đóng chu trình",
        Notice.REGISTERED: "Đã đăng ký hồ sơ",
        Notice.RECEIVED: "Đã tiếp nhận hồ sơ",
        Notice.RETURNED_FOR_COMPLETION: "Đề nghị bổ sung hồ sơ",
        Notice.SUPPLEMENTED: "Chủ thể đã bổ sung",
        Notice.COMMUNE_REPORTED: "Xã đã lập báo cáo",
        Notice.FORWARDED_TO_DISTRICT: "Đã chuyển lên huyện",
        Notice.DISTRICT_RESULT: "Kết quả cấp huyện",
        Notice.SELECTED_FOR_PROVINCE: "Đủ điều kiện gửi tỉnh",
        Notice.KEPT_AT_DISTRICT: "Giữ lại huyện",
        Notice.SENT_TO_PROVINCE: "Đã ký gửi tỉnh",
        Notice.ARRIVED_AT_PROVINCE: "Hồ sơ đã đến tỉnh",
        Notice.PROVINCIAL_RESULT: "Kết quả cấp tỉnh",
        Notice.PROVINCIAL_RANKING: "Kết quả, xếp hạng cấp tỉnh",
        Notice.RETURNED_TO_DISTRICT: "Tỉnh trả về huyện",
        Notice.RETURN_RESULT: "Kết quả sau trả về",
        Notice.TO_RECOGNISE: "Chờ ký công nhận",
        Notice.RECOGNISED: "Công nhận sản phẩm",
        Notice.NOT_RANKED: "Không phân hạng",
        Notice.PROPOSED_TO_CENTRE: "Đề nghị trung ương",
        Notice.ARRIVED_AT_CENTRE: "Hồ sơ đã chuyển trung ương",
        Notice.NOT_PROPOSED: "Không đề nghị trung ương",
        Notice.CENTRAL_RESULT: "Kết quả của trung ương",
        Notice.CENTRAL_COMPLETED: "Hoàn thành bước trung ương",
        Notice.SELECTED_FOR_MINISTRY: "Đủ điều kiện đề nghị bộ",
        Notice.PROPOSED_TO_MINISTRY: "Đề nghị bộ đánh giá",
        Notice.NOT_PROPOSED_TO_MINISTRY: "Không đề nghị bộ đánh giá",
        Notice.ARRIVED_AT_MINISTRY: "Hồ sơ đã chuyển bộ",
        Notice.MINISTRY_RESULT: "Kết quả của bộ",
        Notice.RETURNED_TO_PROVINCE: "Bộ trả về tỉnh",
        Notice.RESULT_AFTER_MINISTRY: "Kết quả của tỉnh sau khi bộ trả về",
        Notice.RETRACTED: "Chủ thể rút hồ sơ",
        Notice.DISQUALIFIED: "Hồ sơ bị loại",
        Notice.CARRIED_OVER: "Chuyển kỳ sau",
        Notice.REOPENED: "Xem xét lại hồ sơ",
        Notice.CORRECTED: "Đính chính",
        Notice.COMPLAINT_RECEIVED: "Đã nhận kiến nghị",
        Notice.COMPLAINT_ANSWERED: "Trả lời kiến nghị",
        Notice.COMPLAINT_DUE: "Kiến nghị chưa trả lời đến hạn",
        Notice.ACCEPTED_LATE: "Chấp nhận hồ sơ muộn",
        Notice.DEADLINE_EXTENDED: "Gia hạn",
        Notice.PLAN_AMENDED: "Sửa đổi kế hoạch",
        Notice.CALENDAR_CHANGED: "Lịch làm việc thay đổi",
        Notice.DEADLINE_REMINDER: "Nhắc hạn",
        Notice.OVERDUE: "Quá hạn, báo cáo vượt cấp",
        Notice.SUPPLEMENT_REMINDER: "Nhắc bổ sung hồ sơ",
        Notice.SUPPLEMENT_OVERDUE: "Quá hạn bổ sung",
        Notice.EVIDENCE_EXPIRING: "Tài liệu sắp hết hạn",
        Notice.RUNG_VACANT: "Khuyết người phụ trách",
        Notice.EXPIRY_WARNING: "Giấy chứng nhận sắp hết hạn",
        Notice.EXPIRED: "Giấy chứng nhận đã hết hạn",
        Notice.EXPIRED_LIST: "Danh sách đã hết hạn",
        Notice.REVOKED: "Thu hồi giấy chứng nhận",
        Notice.FINDING_RECORDED: "Có căn cứ xem xét thu hồi",
        Notice.FINDING_DUE: "Quá hạn quyết định thu hồi",
        Notice.DAILY_DIGEST: "Tình hình trong ngày",
        Notice.REORGANISED: "Sắp xếp đơn vị, đổi quy trình",
        Notice.TRANSFERRED: "Chuyển hồ sơ cho đơn vị kế thừa",
        Notice.SUSPENDED: "Tạm dừng, chờ xác định thẩm quyền",
        Notice.RESUMED: "Tiếp tục giải quyết hồ sơ",
        Notice.PROCEDURE_CHANGED: "Chuyển hồ sơ sang quy trình mới",
        Notice.ACCOUNT_INVITED: "Mời dùng tài khoản",
        Notice.PASSWORD_RESET: "Đặt lại mật khẩu",
    }
)

NAMED_LIKE_ACTS = (
    Notice.CYCLE_CLOSED, Notice.NOT_PROPOSED, Notice.RETRACTED, Notice.COMPLAINT_ANSWERED, Notice.ACCEPTED_LATE,
    Notice.DEADLINE_EXTENDED, Notice.PLAN_AMENDED, Notice.REVOKED,
)  # fmt: skip
NOTICE_LABELS: Mapping[Notice, str] = _LABELS | {notice: Meant(_LABELS[notice], "thư") for notice in NAMED_LIKE_ACTS}

_P, _C, _D, _T, _H, _O = (
    Party.PRODUCER,
    Party.COMMUNE,
    Party.DISTRICT,
    Party.PROVINCE,
    Party.HOLDER,
    Party.COORDINATOR_OFFICE,
)

AUDIENCE: Mapping[Notice, tuple[Party, ...]] = {
    Notice.CYCLE_OPENED: (_C, _D, _T, _O),
    Notice.CYCLE_CLOSED: (_D, _T, _O),
    Notice.REGISTERED: (_P, _H),
    Notice.RECEIVED: (_P,),
    Notice.RETURNED_FOR_COMPLETION: (_P, _C),
    Notice.SUPPLEMENTED: (_H,),
    Notice.COMMUNE_REPORTED: (_P,),
    Notice.FORWARDED_TO_DISTRICT: (_P, _H),
    Notice.DISTRICT_RESULT: (_P, _C),
    Notice.SELECTED_FOR_PROVINCE: (_P, _H),
    Notice.KEPT_AT_DISTRICT: (_P, _H),
    Notice.SENT_TO_PROVINCE: (_P, _T),
    Notice.ARRIVED_AT_PROVINCE: (_H, _O),
    Notice.PROVINCIAL_RESULT: (_P, _D),
    Notice.PROVINCIAL_RANKING: (_P, _C),
    Notice.RETURNED_TO_DISTRICT: (_P, _H, _O),
    Notice.RETURN_RESULT: (_P, _C),
    Notice.TO_RECOGNISE: (_H,),
    Notice.RECOGNISED: (_P, _C, _D, _O),
    Notice.NOT_RANKED: (_P, _C),
    Notice.PROPOSED_TO_CENTRE: (_P, _O),
    Notice.ARRIVED_AT_CENTRE: (_T, _O),
    Notice.NOT_PROPOSED: (_P, _O),
    Notice.CENTRAL_RESULT: (_P, _T, _O),
    Notice.CENTRAL_COMPLETED: (_P, _D),
    Notice.SELECTED_FOR_MINISTRY: (_P, _H),
    Notice.PROPOSED_TO_MINISTRY: (_P, _C, _O),
    Notice.NOT_PROPOSED_TO_MINISTRY: (_P, _H, _O),
    Notice.ARRIVED_AT_MINISTRY: (_T, _O),
    Notice.MINISTRY_RESULT: (_P, _C, _T, _O),
    Notice.RETURNED_TO_PROVINCE: (_P, _H, _O),
    Notice.RESULT_AFTER_MINISTRY: (_P, _C),
    Notice.RETRACTED: (_P, _H),
    Notice.DISQUALIFIED: (_P, _C, _O),
    Notice.CARRIED_OVER: (_P, _H),
    Notice.REOPENED: (_P, _H),
    Notice.CORRECTED: (_P, _H, _O),
    Notice.COMPLAINT_RECEIVED: (_P, _H),
    Notice.COMPLAINT_ANSWERED: (_P,),
    Notice.COMPLAINT_DUE: (_H, _O),
    Notice.ACCEPTED_LATE: (_P, _H),
    Notice.DEADLINE_EXTENDED: (_H, _O),
    Notice.PLAN_AMENDED: (_C, _D, _T, _O),
    Notice.CALENDAR_CHANGED: (_H, _O),
    Notice.DEADLINE_REMINDER: (_H,),
    Notice.OVERDUE: (_H,),
    Notice.SUPPLEMENT_REMINDER: (_P,),
    Notice.SUPPLEMENT_OVERDUE: (_P, _H),
    Notice.EVIDENCE_EXPIRING: (_P, _H),
    Notice.RUNG_VACANT: (_O,),
    Notice.EXPIRY_WARNING: (_P, _C),
    Notice.EXPIRED: (_P, _C, _O),
    Notice.EXPIRED_LIST: (_H,),
    Notice.REVOKED: (_P, _C, _O),
    Notice.FINDING_RECORDED: (_P, _C, _O),
    Notice.FINDING_DUE: (_H, _O),
    Notice.DAILY_DIGEST: (_O,),
    Notice.REORGANISED: (_H, _O),
    Notice.TRANSFERRED: (_P,),
    Notice.SUSPENDED: (_P,),
    Notice.RESUMED: (_P,),
    Notice.PROCEDURE_CHANGED: (_P,),
    Notice.ACCOUNT_INVITED: (Party.ACCOUNT,),
    Notice.PASSWORD_RESET: (Party.ACCOUNT,),
}
"""Who gets which letter; a unit's letter goes to its officer, and to the next rung of the ladder when it has none."""

LEGAL_NOTICES = frozenset({Notice.EXPIRY_WARNING, Notice.EXPIRED, Notice.REVOKED})
"""Letters that the law makes due on their day."""

AT_ANY_HOUR = LEGAL_NOTICES | {Notice.PASSWORD_RESET}
"""Letters that pass the quiet hours: what the law makes due on its day, and what its reader has asked for and waits for."""
