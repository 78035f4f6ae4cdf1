"""Which law a dossier is filed and judged under on a day, and whether one of re-recognition is filed in its window."""

from datetime import date

from sqlalchemy.orm import Session

from casework.days import calendar
from models.dossiers import Dossier
from models.results import Certificate
from ocop.errors import InvalidInput, NotPossibleNow
from ocop.levels import DossierKind
from ocop.plan_sections import OutsideWindow, ReRecognition
from ocop.procedure import Procedure
from ocop.text import day as told
from ocop.transition_2026 import FINISHING, IN_FORCE_FROM, LAST_FILED, filed_under, time_to_finish
from ocop.validity import filing_window


def require_law(procedure: Procedure, kind: DossierKind, filed_on: date, cycle: str) -> None:
    """Raise InvalidInput for a dossier that a cycle's procedure does not take: of another kind, or filed under a later law."""
    if kind not in procedure.kinds:
        taken = ", ".join(known.label for known in DossierKind if known in procedure.kinds)
        raise InvalidInput(
            f"Chu trình {cycle} chỉ nhận hồ sơ {taken}; hồ sơ {kind.label} đăng ký vào đợt đánh giá.",
            f"{procedure.key} takes no {kind} dossier",
        )
    if not filed_under(procedure.key, filed_on):
        raise InvalidInput(
            f"Hồ sơ nộp ngày {told(filed_on)} theo Quyết định 26/2026/QĐ-TTg (hiệu lực từ {told(IN_FORCE_FROM)}); chu trình "
            f"{cycle} theo quy định cũ nên không nhận. Hãy đăng ký vào chu trình theo quyết định mới.",
            f"nothing is filed under {procedure.key} on {filed_on}",
        )


def past_the_transition(session: Session, dossier: Dossier, held_on: date, *, again: bool) -> list[str]:
    """Return the warning for a dossier judged under an older law after its time to finish; `again` for a re-evaluation."""
    if dossier.procedure_key not in LAST_FILED or held_on < IN_FORCE_FROM:
        return []
    time = time_to_finish(dossier.registered_on, calendar(session), re_evaluation=again)
    if time is None or held_on <= time.last_day:
        return []
    sentence = (
        f"Hồ sơ {dossier.code} theo quy định cũ phải xong chậm nhất ngày {told(time.last_day)} ({FINISHING}); ngày họp "
        f"{told(held_on)} đã quá. Hãy hỏi cơ quan ban hành kế hoạch, hoặc dùng “Chuyển chu trình "
        "sang quy trình mới”."
    )
    return [sentence]


def outside_window(rules: ReRecognition, certificate: Certificate, product: str, filed_on: date) -> list[str]:
    """Return the warning for a dossier filed outside the window, none inside it; NotPossibleNow where the plan refuses."""
    window = filing_window(certificate.valid_until, rules.earliest_days, rules.latest_days)
    if filed_on in window:
        return []
    early = filed_on < window.opens_on
    sentence = (
        f"Sản phẩm '{product}': nộp ngày {told(filed_on)} là {'sớm' if early else 'muộn'}. Giấy chứng nhận "
        f"{certificate.number} hết hạn ngày {told(certificate.valid_until)}; hồ sơ công nhận lại nộp từ ngày "
        f"{told(window.opens_on)} đến hết ngày {told(window.closes_on)} (trước khi hết hạn {rules.earliest_days} đến "
        f"{rules.latest_days} ngày)."
    )
    if rules.outside is OutsideWindow.WARN:
        return [f"{sentence} Theo kế hoạch hồ sơ vẫn được nhận."]
    remedy = f"Hãy nộp từ ngày {told(window.opens_on)}." if early else "Hãy đăng ký sản phẩm vào một đợt đánh giá."
    raise NotPossibleNow(
        f"{sentence} {remedy}",
        f"filed on {filed_on}, outside the window {window.opens_on} to {window.closes_on}",
    )
