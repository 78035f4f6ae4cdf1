"""A plan file looked at before a cycle is opened from it or a running one amended: findings, dates, the sentences behind them."""

from typing import Annotated

from fastapi import APIRouter, File, Form, Query, Response, UploadFile

from casework.board.plan_check import Checked, check_plan, shipped, shipped_text
from dashboard.view import View, Viewed
from ocop.errors import InvalidInput, NotFound, RuleViolation
from ocop.phrase import Phrase
from ocop.plan_file import PlanErrors, PlanProblem

router = APIRouter()

LONGEST = 500_000
"""Characters of a plan; those that are shipped have some ten thousand."""
Pasted = Annotated[str, Form(max_length=LONGEST)]
Sent = Annotated[UploadFile | None, File()]


@router.get("/plan/check")
def ask(view: Viewed, shipped_name: Annotated[str, Query(alias="shipped", max_length=100)] = "") -> Response:
    """Show the form, or what is found in a plan that comes with the software."""
    if not shipped_name:
        return _page(view)
    if not (plan := shipped_text(shipped_name)):
        raise NotFound("Không có kế hoạch mẫu này.", f"no plan called '{shipped_name}' comes with the software")
    return _checked(view, plan, "")


@router.post("/plan/check")
def check(
    view: Viewed, file: Sent = None, plan: Pasted = "", refinement_file: Sent = None, refinement: Pasted = ""
) -> Response:  # fmt: skip
    """Show what is found in a plan that was sent or pasted; nothing is written."""
    try:
        plan, refinement = _text(file, plan), _text(refinement_file, refinement)
    except InvalidInput as refused:
        return _page(view, plan=plan, refinement=refinement, error=refused.told)
    if not plan.strip():
        nothing = Phrase("Chưa có kế hoạch để kiểm tra. Hãy chọn tệp, hoặc dán nội dung vào ô.")
        return _page(view, error=nothing)
    return _checked(view, plan, refinement)


def _checked(view: View, plan: str, refinement: str) -> Response:
    try:
        found = check_plan(view.session, plan, refinement)
    except PlanErrors as wrong:
        said = Phrase(
            "Tệp kế hoạch có %(count)s chỗ sai, chưa dùng được. Hãy sửa từng chỗ dưới đây.", count=len(wrong.problems)
        )
        return _page(view, plan=plan, refinement=refinement, error=said, problems=wrong.problems)
    except RuleViolation as refused:
        return _page(view, plan=plan, refinement=refinement, error=refused.told)
    return _page(view, plan=plan, refinement=refinement, rounds=found)


def _page(
    view: View, *, plan: str = "", refinement: str = "", error: str = "", problems: tuple[PlanProblem, ...] = (),
    rounds: list[Checked] | None = None,
) -> Response:  # fmt: skip
    return view.page(
        "plan_check.html.j2",
        status=422 if error else 200,
        plan=plan,
        refinement=refinement,
        error=error,
        problems=problems,
        rounds=rounds or [],
        shipped=shipped(),
        longest=LONGEST,
        open_cycles=[cycle for cycle in view.cycles if cycle.closed_at is None],
    )


def _text(file: UploadFile | None, pasted: str) -> str:
    """Return the text of a file that was sent, or what was pasted."""
    if file is None or not file.filename:
        return pasted
    content = file.file.read(4 * LONGEST + 1)
    try:
        read = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InvalidInput(
            f"Tệp '{file.filename}' không phải chữ UTF-8. Hãy lưu lại tệp ở dạng UTF-8.",
            f"the file '{file.filename}' is not UTF-8 text. Save it as UTF-8",
        ) from None
    if len(read) > LONGEST:
        raise InvalidInput(
            f"Tệp '{file.filename}' quá dài cho một kế hoạch.", f"the file '{file.filename}' is too long for a plan"
        )
    return read
