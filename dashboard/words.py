"""Vietnamese words that pages have for history lines, letters, purposes and states."""

from datetime import datetime
from urllib.parse import quote, urlencode

from casework.outbox import STATE_LABELS
from models.letters import LetterState
from notifications.vietnamese import FILTERS as LETTER_FILTERS
from ocop import text
from ocop.notices import Notice
from ocop.working_days import VIETNAM

EVENTS = {
    "register": "Đăng ký hồ sơ",
    "receive": "Tiếp nhận hồ sơ",
    "report": "Xã lập báo cáo đánh giá",
    "route": "Chuyển bước theo quy trình",
    "request_supplement": "Trả hồ sơ để bổ sung",
    "supplement": "Nhận bổ sung",
    "evaluate": "Ghi kết quả phiên họp hội đồng",
    "decide": "Ký quyết định kết quả",
    "submit": "Ký danh sách gửi tỉnh",
    "keep": "Giữ lại huyện, không gửi tỉnh",
    "propose": "Ký đề nghị trung ương đánh giá 5 sao",
    "forgo": "Không đề nghị trung ương",
    "record_central_result": "Ghi kết quả của trung ương",
    "recognise": "Công nhận, cấp giấy chứng nhận",
    "revoke": "Thu hồi giấy chứng nhận",
    "retract": "Chủ thể rút hồ sơ",
    "disqualify": "Loại hồ sơ",
    "carry_over": "Chuyển hồ sơ sang kỳ sau",
    "annul": "Hủy kết quả bằng văn bản",
    "correct": "Đính chính",
    "add_evidence": "Thêm tài liệu minh chứng",
    "waive_evidence": "Chấp nhận tài liệu đã hết hạn",
    "accept_late": "Chấp nhận hồ sơ muộn",
    "complain": "Nhận kiến nghị của chủ thể",
    "answer_complaint": "Trả lời kiến nghị",
    "extend": "Gia hạn",
}
"""The events of histories and of closed breaches."""

PURPOSES = {
    "result": "Kết quả đánh giá",
    "after_return": "Kết quả sau khi tỉnh trả về",
    "recognition": "Công nhận sản phẩm",
    "central": "Kết quả của trung ương",
    "imported": "Công nhận những năm trước",
}

OCCASIONS = {"register": "đăng ký", "registered": "đăng ký", "supplement": "bổ sung"}

NOTICES = {
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
    Notice.RETRACTED: "Chủ thể rút hồ sơ",
    Notice.DISQUALIFIED: "Hồ sơ bị loại",
    Notice.CARRIED_OVER: "Chuyển kỳ sau",
    Notice.REOPENED: "Xem xét lại hồ sơ",
    Notice.CORRECTED: "Đính chính",
    Notice.COMPLAINT_RECEIVED: "Đã nhận kiến nghị",
    Notice.COMPLAINT_ANSWERED: "Trả lời kiến nghị",
    Notice.COMPLAINT_DUE: "Kiến nghị sắp hết hạn trả lời",
    Notice.ACCEPTED_LATE: "Chấp nhận hồ sơ muộn",
    Notice.DEADLINE_EXTENDED: "Gia hạn",
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
    Notice.DAILY_DIGEST: "Tình hình trong ngày",
}

STATES = {state.value: f"{label[0].upper()}{label[1:]}" for state, label in STATE_LABELS.items()}
BAD_STATES = frozenset({LetterState.DEAD.value, LetterState.HELD.value})


def moment(value: datetime) -> str:
    """Return an instant as tables show it: '07:30 16/6/2025'."""
    local = value.astimezone(VIETNAM)
    return f"{local:%H:%M} {text.day(local.date())}"


def short(unit: str) -> str:
    """Return a unit's name as a column's head: 'Huyện Giao Thủy' is 'Giao Thủy'; a city keeps its kind."""
    return unit.removeprefix("Huyện ").removeprefix("Xã ")


def address(path: str, **parameters: str | int | None) -> str:
    """Return a link with the parameters that are set."""
    given = {name: value for name, value in parameters.items() if value not in (None, "")}
    return f"{path}?{urlencode(given)}" if given else path


def segment(value: str | int) -> str:
    """Return a code as part of a path."""
    return quote(str(value), safe="")


FILTERS = {
    **LETTER_FILTERS,
    "moment": moment,
    "short": short,
    "segment": segment,
    "decimal": text.decimal,
    "event": lambda key: EVENTS.get(key, key),
    "notice": lambda key: NOTICES.get(key, key),
    "state": lambda key: STATES.get(key, key),
    "purpose": lambda key: PURPOSES.get(key, key),
}
