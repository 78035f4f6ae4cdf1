"""Which law a dossier is filed and judged under on a day, and whether one of re-recognition is filed in its window."""

from datetime import date

from sqlalchemy.orm import Session

from casework.days import calendar
from models.dossiers import Dossier
from models.results import Certificate
from ocop.errors import InvalidInput, NotPossibleNow
from ocop.levels import DossierKind
from ocop.phrase import Joined, Phrase
from ocop.plan_sections import OutsideWindow, ReRecognition
from ocop.procedure import Procedure
from ocop.transition_2026 import FINISHING, IN_FORCE_FROM, LAST_FILED, filed_under, time_to_finish
from ocop.validity import filing_window


def require_law(procedure: Procedure, kind: DossierKind, filed_on: date, cycle: str) -> None:
    """Raise InvalidInput for a dossier that a cycle's procedure does not take: of another kind, or filed under a later law."""
    if kind not in procedure.kinds:
        taken = Joined(", ", (known.label for known in DossierKind if known in procedure.kinds))
        raise InvalidInput(
            Phrase(
                "Chu trình %(cycle)s chỉ nhận hồ sơ %(taken)s; hồ sơ %(kind)s đăng ký vào đợt đánh giá.",
                cycle=cycle, taken=taken, kind=kind.label,
            ),
            f"{procedure.key} takes no {kind} dossier",
        )  # fmt: skip
    if not filed_under(procedure.key, filed_on):
        raise InvalidInput(
            Phrase(
                "Hồ sơ nộp ngày %(day)s theo Quyết định 26/2026/QĐ-TTg (hiệu lực từ %(since)s); chu trình %(cycle)s theo quy định cũ "
                "nên không nhận. Hãy đăng ký vào chu trình theo quyết định mới.",
                day=filed_on, cycle=cycle, since=IN_FORCE_FROM,
            ),
            f"nothing is filed under {procedure.key} on {filed_on}",
        )  # fmt: skip


def past_the_transition(session: Session, dossier: Dossier, held_on: date, *, again: bool) -> list[str]:
    """Return the warning for a dossier judged under an older law after its time to finish; `again` for a re-evaluation."""
    if dossier.procedure_key not in LAST_FILED or held_on < IN_FORCE_FROM:
        return []
    time = time_to_finish(dossier.registered_on, calendar(session), re_evaluation=again)
    if time is None or held_on <= time.last_day:
        return []
    sentence = Phrase(
        "Hồ sơ %(dossier)s theo quy định cũ phải xong chậm nhất ngày %(last)s (%(law)s); ngày họp %(held)s đã quá. Hãy hỏi cơ quan "
        "ban hành kế hoạch, hoặc dùng “Chuyển chu trình sang quy trình mới”.",
        dossier=dossier.code, last=time.last_day, law=str(FINISHING), held=held_on,
    )  # fmt: skip
    return [sentence]


def outside_window(rules: ReRecognition, certificate: Certificate, product: str, filed_on: date) -> list[str]:
    """Return the warning for a dossier filed outside the window, none inside it; NotPossibleNow where the plan refuses."""
    window = filing_window(certificate.valid_until, rules.earliest_days, rules.latest_days)
    if filed_on in window:
        return []
    early = filed_on < window.opens_on
    first = (
        Phrase("Sản phẩm '%(product)s': nộp ngày %(day)s là sớm.", product=product, day=filed_on)
        if early
        else Phrase("Sản phẩm '%(product)s': nộp ngày %(day)s là muộn.", product=product, day=filed_on)
    )
    why = Phrase(
        "Giấy chứng nhận %(certificate)s hết hạn ngày %(ends)s; hồ sơ công nhận lại nộp từ ngày %(opens)s đến hết ngày %(closes)s "
        "(trước khi hết hạn %(earliest)s đến %(latest)s ngày).",
        certificate=certificate.number, ends=certificate.valid_until, opens=window.opens_on, closes=window.closes_on,
        earliest=rules.earliest_days, latest=rules.latest_days,
    )  # fmt: skip
    if rules.outside is OutsideWindow.WARN:
        return [Joined(" ", (first, why, Phrase("Theo kế hoạch hồ sơ vẫn được nhận.")))]
    remedy = (
        Phrase("Hãy nộp từ ngày %(day)s.", day=window.opens_on)
        if early
        else Phrase("Hãy đăng ký sản phẩm vào một đợt đánh giá.")
    )
    raise NotPossibleNow(
        Joined(" ", (first, why, remedy)),
        f"filed on {filed_on}, outside the window {window.opens_on} to {window.closes_on}",
    )
