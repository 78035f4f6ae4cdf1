"""Commands that set an installation up and keep it: tables, calendar, clock, and the watch of a plain cron line."""

from datetime import UTC, date, datetime
from typing import Annotated

from cyclopts import App, Parameter
from sqlalchemy import select
from sqlalchemy.orm import Session

from casework import calendar_table, clock, poison
from casework.agenda import catch_up, in_words
from casework.calendar_seed import calendar_rows
from casework.reconcile import cycles_with_work
from casework.routing import route
from casework.settings import ClockSettings
from cli.context import ERR, OUT, database, moment, remark, table, told
from cli.mistyped import day_typed
from models import migrate
from models.cycles import CalendarDay as CalendarRow
from models.cycles import Cycle
from models.session import perform, reading
from ocop.text import day as shown
from ocop.working_days import DAY_KIND_LABELS, DayKind

UPKEEP = "Vận hành"

Day = Annotated[date, Parameter(converter=day_typed, help="Ngày, ví dụ 13/6/2025.")]


def watch(session: Session, at: datetime) -> dict[str, int]:
    """Do everything due until an instant and carry on what is ready in all cycles with work; return how many of each."""
    done = dict(catch_up(session, at))
    asked = cycles_with_work().with_for_update().execution_options(populate_existing=True)  # as they are now
    cycles = session.scalars(asked).all()
    done["route"] = sum(route(session, cycle, at).moved for cycle in cycles if not poison.unfit(cycle))
    return done


def _not_counted() -> None:
    """Say that what the running cycles reckoned from the calendar is as it was."""
    with reading(database()) as session:
        if session.scalar(select(Cycle.id).where(Cycle.closed_at.is_(None)).limit(1)) is not None:
            ERR.print(
                "  lưu ý: hạn và việc nhắc của chu trình đang mở chưa được tính lại; để tính lại, dùng lệnh: ocop edit-calendar",
                markup=False, style="yellow",
            )  # fmt: skip


def add_upkeep(app: App) -> None:
    """Add the commands."""

    @app.command(name="migrate", group=UPKEEP)
    def bring_up() -> None:
        """Tạo hoặc nâng cấp các bảng của cơ sở dữ liệu."""
        with told():
            engine = database(migrated=False)
            migrate.upgrade(engine)
            OUT.print(f"Cơ sở dữ liệu đã ở phiên bản {migrate.newest()}.", markup=False)

    @app.command(name="reconcile", group=UPKEEP)
    def reconcile(*, at: str | None = None) -> None:
        """Làm mọi việc đến hạn và chuyển các hồ sơ đã sẵn sàng, không cần Prefect (dùng cho cron)."""
        with told():
            engine = database()

            def work(session: Session) -> tuple[dict[str, int], list[tuple[str, str]]]:
                instant = (
                    moment(engine, at) if at else clock.tick(session, datetime.now(UTC), ClockSettings().longest_gap)
                )
                return watch(session, instant), list(poison.named(session))

            done, aside = perform(engine, work)
            words = in_words(done)
            OUT.print(f"Đã làm: {words}." if words else "Không có việc đến hạn.", markup=False)
            remark(ERR, *(f"phải gác lại {which}: {why}" for which, why in aside))

    calendar = App(name="calendar", help="Lịch ngày nghỉ và ngày làm bù.", group=UPKEEP)
    app.command(calendar)

    @calendar.command(name="seed")
    def seed(first_year: int, last_year: int) -> None:
        """Nạp ngày nghỉ của các năm; ngày đã sửa tay được giữ nguyên."""
        with told():
            new = perform(
                database(), lambda session: calendar_table.seed(session, calendar_rows(first_year, last_year))
            )
            OUT.print(f"Đã thêm {new} ngày vào lịch.", markup=False)

    @calendar.command(name="set")
    def set_day(
        day: Day,
        kind: DayKind,
        name: str,
        *,
        source: Annotated[str, Parameter(help="Văn bản quy định ngày này.")],
    ) -> None:
        """Ghi một ngày nghỉ (holiday) hoặc ngày làm bù (worked)."""
        with told():
            perform(database(), lambda session: calendar_table.set_day(session, day, kind, name, source))
            OUT.print(f"Đã ghi {shown(day)} là {DAY_KIND_LABELS[kind]}.", markup=False)
            _not_counted()

    @calendar.command(name="unset")
    def unset_day(day: Day) -> None:
        """Bỏ một ngày khỏi lịch: trở lại ngày thường."""
        with told():
            found = perform(database(), lambda session: calendar_table.unset_day(session, day))
            OUT.print(f"Đã bỏ ngày {shown(day)}." if found else f"Lịch không có ngày {shown(day)}.", markup=False)
            _not_counted()

    @calendar.command(name="list")
    def list_days(year: int) -> None:
        """In các ngày nghỉ và ngày làm bù của một năm."""
        with told(), reading(database()) as session:
            rows = session.scalars(
                select(CalendarRow)
                .where(CalendarRow.day.between(date(year, 1, 1), date(year, 12, 31)))
                .order_by(CalendarRow.day)
            )
            table(
                f"Lịch năm {year}",
                ["Ngày", "Loại", "Tên", "Nguồn"],
                [(shown(row.day), DAY_KIND_LABELS[DayKind(row.kind)], row.name, row.source) for row in rows],
            )

    clocks = App(name="clock", help="Đồng hồ của phần mềm.", group=UPKEEP)
    app.command(clocks)

    @clocks.command(name="accept")
    def accept() -> None:
        """Xác nhận đồng hồ máy chủ đúng sau một thời gian dừng dài: lần theo dõi sau làm bù mọi việc đến hạn."""
        with told():
            perform(database(), lambda session: clock.accept(session, datetime.now(UTC)))
            OUT.print("Đã xác nhận đồng hồ.", markup=False)
