"""What a coordinator wants to know when the year is over, read from the record that the play left."""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from casework import clock, outbox, scope
from casework.board.units import plan_numbers
from casework.doctor.balance import TERM_LABELS, conservation
from casework.rules import cycle_by_code, plan_of, procedure_of
from casework.standing import standing
from casework.timing import last_day
from cli.context import OUT, table
from cli.demo.morning import WHOLE
from cli.demo.play import CYCLE
from cli.demo.player import Played
from cli.demo.story import ENDS
from models.cycles import Breach, Cycle, Deadline, Escalation
from models.dossiers import Dossier
from models.letters import Letter, LetterState
from models.results import Certificate, Decision
from models.session import reading
from models.units import Unit
from notifications.vietnamese import instant
from ocop.levels import Level, Role
from ocop.notices import Notice
from ocop.text import count, decimal
from ocop.text import day as told
from ocop.working_days import day_of


def summarise(engine: Engine, played: Played) -> None:
    """Print the year: deadlines, who was late and told, results against targets, letters, the equation, the runs."""
    with reading(engine) as session:
        cycle = cycle_by_code(session, CYCLE, must_be_open=False)
        plan = plan_of(cycle).document
        OUT.rule(f"Chu trình {cycle.code}: {plan.number} ngày {told(plan.issued_on)}, {plan.issuer}")
        OUT.print(
            "Kế hoạch được chạy đúng như đã ban hành, coi như cấp huyện tồn tại đến hết chu trình (thực tế cấp huyện kết thúc "
            "ngày 30/6/2025).\nChủ thể, sản phẩm, con người và điểm số đều là mô phỏng; đơn vị hành chính, thời hạn, chỉ "
            "tiêu và các mốc công nhận đã công bố là thật.\n",
            markup=False,
        )
        for part in PARTS:
            part(session, cycle)
    _runs(played)


def _ends(session: Session) -> datetime:
    """Return where the play ended: its driven clock stands there."""
    return clock.driven(session) or ENDS


def _deadlines(session: Session, cycle: Cycle) -> None:
    """Print how each deadline found the districts' dossiers."""
    procedure = procedure_of(cycle)
    names = {unit.id: unit.name for unit in session.scalars(select(Unit).where(Unit.level == Level.DISTRICT))}
    for deadline in _plan_deadlines(session, cycle):
        by_district: dict[int, Counter[str]] = defaultdict(Counter)
        for row in standing(session, cycle, deadline.strikes_at):
            by_district[row.district_id][row.stage] = row.dossiers
        stages = [stage for stage in procedure.stages if any(counts[stage.key] for counts in by_district.values())]
        rows = [
            (names[unit], *(counts[stage.key] or "" for stage in stages), counts.total())
            for unit, counts in sorted(by_district.items(), key=lambda item: names[item[0]])
        ]
        sums = [sum(counts[stage.key] for counts in by_district.values()) for stage in stages]
        table(
            f"Hạn “{procedure.stage(deadline.stage).label}”: {deadline.wording}, hạn cuối hết ngày {told(last_day(deadline))}",
            ["Huyện", *(stage.label for stage in stages), "Cộng"],
            [*rows, ("Toàn tỉnh", *sums, sum(sums))],
        )


def _plan_deadlines(session: Session, cycle: Cycle) -> list[Deadline]:
    return list(
        session.scalars(
            select(Deadline).where(Deadline.cycle_id == cycle.id, Deadline.kind == "plan").order_by(Deadline.strikes_at)
        )
    )


def _late(session: Session, cycle: Cycle) -> None:
    """Print who was late at which deadline, and how those breaches ended."""
    procedure = procedure_of(cycle)
    rows = session.execute(
        select(
            Deadline.stage, Deadline.wording, Deadline.kind, Unit.name, func.count(), func.count(Breach.closed_at),
            func.min(Breach.struck_at),
        )
        .join(Deadline, Deadline.id == Breach.deadline_id)
        .join(Unit, Unit.id == Breach.unit_id)
        .where(Deadline.cycle_id == cycle.id)
        .group_by(Deadline.stage, Deadline.wording, Deadline.kind, Unit.name)
        .order_by(func.min(Breach.struck_at), Unit.name)
    )  # fmt: skip
    table(
        "Ai quá hạn (mỗi hồ sơ một vi phạm, ghi cho đơn vị đang giữ)",
        ["Quá hạn lúc", "Bước", "Thời hạn", "Đơn vị", "Hồ sơ", "Đã khắc phục"],
        [
            (instant(struck), procedure.stage(stage).label, wording, unit, number, closed)
            for stage, wording, _, unit, number, closed, struck in rows
        ],
    )


def _reminded(session: Session, cycle: Cycle) -> None:
    """Print how many units were reminded before each deadline of the plan, and who was told of a breach, when."""
    reminded: Counter[tuple[str, str]] = Counter()
    for cause in session.scalars(
        select(Letter.cause).where(Letter.cycle_id == cycle.id, Letter.notice == Notice.DEADLINE_REMINDER)
    ):
        _, deadline, _, before, *_ = cause.split("/")
        reminded[deadline, before] += 1
    procedure = procedure_of(cycle)
    days = plan_of(cycle).reminders.working_days_before
    table(
        "Nhắc việc trước hạn: số đơn vị được nhắc",
        ["Bước", *(f"{number} ngày làm việc" for number in days)],
        [
            (procedure.stage(row.stage).label, *(reminded[str(row.id), str(number)] for number in days))
            for row in _plan_deadlines(session, cycle)
        ],
    )
    rows = session.execute(
        select(Escalation, Deadline.stage, Unit.name)
        .join(Deadline, Deadline.id == Escalation.deadline_id)
        .join(Unit, Unit.id == Escalation.unit_id)
        .where(Deadline.cycle_id == cycle.id)
        .order_by(Escalation.due_at, Unit.name)
    ).all()
    table(
        "Báo cáo vượt cấp: gửi ai, khi nào",
        ["Lúc", "Đơn vị chậm", "Bước", "Hồ sơ", "Gửi", "Xác nhận"],
        [
            (
                instant(rung.due_at), unit, procedure.stage(stage).label, rung.dossiers,
                Role(rung.role).label + (" (khuyết, gửi bậc kế tiếp)" if rung.vacant else ""),
                f"{instant(rung.acknowledged_at)}, {rung.acknowledged_by}" if rung.acknowledged_at else "",
            )
            for rung, stage, unit in rows
        ],
    )  # fmt: skip


def _results(session: Session, cycle: Cycle) -> None:
    """Print where the dossiers ended, the stars awarded, the certificates, and the targets against them."""
    procedure = procedure_of(cycle)
    kinds = ("first", "upgrade", "re_recognition")
    by_stage: dict[str, Counter[str]] = defaultdict(Counter)
    for stage, kind, number in session.execute(
        select(Dossier.stage, Dossier.kind, func.count())
        .where(Dossier.cycle_id == cycle.id)
        .group_by(Dossier.stage, Dossier.kind)
    ):
        by_stage[stage][kind] = number
    table(
        "Hồ sơ kết thúc ở đâu",
        ["Bước", "Lần đầu", "Nâng hạng", "Công nhận lại", "Cộng"],
        [
            (stage.label, *(by_stage[stage.key][kind] or "" for kind in kinds), by_stage[stage.key].total())
            for stage in procedure.stages
            if stage.key in by_stage
        ],
    )
    awarded = session.execute(
        select(Certificate.star, func.count())
        .join(Dossier, Dossier.id == Certificate.dossier_id)
        .where(Dossier.cycle_id == cycle.id)
        .group_by(Certificate.star)
        .order_by(Certificate.star)
    ).tuples()
    returned = session.scalar(
        select(func.count(func.distinct(Decision.dossier_id)))
        .join(Dossier, Dossier.id == Decision.dossier_id)
        .where(Dossier.cycle_id == cycle.id, Decision.purpose == "after_return")
    )
    stars = ", ".join(f"{star} sao {number}" for star, number in awarded)
    OUT.print(f"Giấy chứng nhận cấp trong chu trình: {stars}. Tỉnh trả về huyện: {returned} hồ sơ.\n", markup=False)
    numbers = plan_numbers(session, cycle, _ends(session), scope.WHOLE)
    table(
        "Chỉ tiêu và kết quả",
        ["Chỉ tiêu", "Kế hoạch", "Kết quả"],
        [(target.label, target.wanted, target.reached) for target in numbers.targets],
    )
    table(
        "Đăng ký kế hoạch, đã nộp, đã đánh giá, đã công nhận",
        ["Đơn vị", "Kế hoạch", "Đã nộp", "Đã đánh giá", "Đã công nhận"],
        [
            (row.unit.name, "" if row.planned is None else row.planned, row.registered, row.judged, row.recognised)
            for row in numbers.counts
        ],
    )


def _certificates(session: Session, cycle: Cycle) -> None:
    """Print what the expiry sweep found."""
    del cycle
    watched = (Notice.EXPIRY_WARNING, Notice.EXPIRED, Notice.EXPIRED_LIST)
    warned: Counter[str] = Counter()
    for notice, number in session.execute(
        select(Letter.notice, func.count(func.distinct(Letter.cause)))
        .where(Letter.notice.in_(watched))
        .group_by(Letter.notice)
    ):
        warned[notice] = number
    out = session.scalar(
        select(func.count()).where(
            Certificate.valid_until < day_of(_ends(session)),
            Certificate.replaced_on.is_(None),
            Certificate.revoked_on.is_(None),
        )
    )
    OUT.print(
        f"Giấy chứng nhận: {warned[Notice.EXPIRY_WARNING]} lượt báo sắp hết hạn, {warned[Notice.EXPIRED]} lượt báo hết hạn "
        f"trong ngày, {warned[Notice.EXPIRED_LIST]} danh sách hằng tháng gửi đơn vị; đến {told(day_of(_ends(session)))} có {out} sản phẩm "
        "đã hết hạn mà chưa được công nhận lại.\n",
        markup=False,
    )


def _letters(session: Session, cycle: Cycle) -> None:
    """Print the letters by what became of them."""
    del cycle
    rows = session.execute(select(Letter.state, func.count()).group_by(Letter.state).order_by(Letter.state)).tuples()
    states = ", ".join(f"{outbox.STATE_LABELS[LetterState(state)]} {count(number)}" for state, number in rows)
    OUT.print(f"Thư: {states}.\n", markup=False)


def _equation(session: Session, cycle: Cycle) -> None:
    """Print the conservation equation of the province and its districts."""
    balances = [row for row in conservation(session, cycle) if row.level in (Level.DISTRICT, Level.PROVINCE)]
    terms = list(TERM_LABELS)
    table(
        "Đẳng thức bảo toàn: nhận = tổng các cột sau",
        ["Đơn vị", *TERM_LABELS.values(), "Khớp"],
        [(row.unit, *(getattr(row, term) for term in terms), "đúng" if row.holds else "SAI") for row in balances],
    )


PARTS: Sequence[Callable[[Session, Cycle], None]] = (
    _deadlines, _late, _reminded, _results, _certificates, _letters, _equation,
)  # fmt: skip


def _runs(played: Played) -> None:
    """Print what the play itself took, where everything lies, and what to type next."""
    runs = dict(played.flow_runs)
    whole = runs.pop("all", sum(runs.values()))
    named = ", ".join(f"{name} {number}" for name, number in sorted(runs.items(), key=lambda item: -item[1]))
    OUT.print(
        f"Đã chơi {played.acts} việc của cán bộ ({len(played.refused)} việc bị từ chối đúng quy tắc) và {whole} lượt chạy "
        f"luồng ({named}).\nThời gian: {_seconds(played.seconds)}, trong đó {_seconds(played.flow_seconds)} ở "
        f"các lượt chạy của Prefect (gồm cả phần việc của phần mềm: {_seconds(played.engine_seconds)}); thư được gửi song "
        "song với ngày kế tiếp.\n",
        markup=False,
    )
    for sentence in played.refused:
        OUT.print(f"  Bị từ chối: {sentence}", markup=False, style="dim")
    OUT.print(
        f"Mọi thứ nằm trong thư mục {played.home}: cơ sở dữ liệu ocop.db, tệp đã nhập trong imports/, {played.kept_letters} "
        "thư .eml trong letters/, các lượt chạy trong prefect/.\n"
        "Gõ tiếp: 'make serve' để mở trang web; '.venv/bin/ocop list dossiers' để xem danh sách; "
        "'.venv/bin/ocop doctor' để kiểm tra sổ.",
        markup=False,
    )
    if played.opens:
        OUT.print(
            f"Trang web và các lệnh mở sổ vào {instant(played.opens)}, khi chu trình đang chạy. Sổ cuối năm nằm trong "
            f"{played.home / WHOLE}: đặt OCOP_HOME={played.home / WHOLE} để xem bằng các lệnh.\n",
            markup=False,
        )


def _seconds(value: float) -> str:
    """Return seconds as a person reads them: '41,3 giây'."""
    return f"{decimal(Decimal(f'{value:.1f}'))} giây"
