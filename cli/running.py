"""Commands that start what runs for long: the demo's year and the serving of one machine."""

from datetime import date
from typing import Annotated

from cyclopts import App, Parameter

from cli.context import ERR, OUT, told
from cli.mistyped import day_typed
from cli.settings import ServeSettings
from models.session import make_engine
from models.settings import DatabaseSettings

RUNNING = "Chạy"
UNTIL = "Dừng vào cuối giờ làm việc của ngày này (ví dụ 2025-06-12), để 'ocop serve' mở giữa chu trình đang chạy."


def add_running(app: App) -> None:
    """Add the commands; what they need is imported when they run, so that other commands start without Prefect."""

    @app.command(name="demo", group=RUNNING)
    def demo(*, until: Annotated[date | None, Parameter(converter=day_typed, help=UNTIL)] = None) -> None:
        """Chơi trọn năm 2025 theo kế hoạch Nam Định với dữ liệu mô phỏng, rồi in tổng kết.

        Dùng thư mục OCOP_HOME (mặc định: data). Chạy lại thì dựng lại từ đầu; thư mục có sổ thật thì không bị đụng tới.
        """
        from cli.demo.play import ending, play
        from cli.demo.story import ENDS
        from cli.demo.summary import summarise
        from cli.serving.processes import CannotServe

        settings = DatabaseSettings()
        with told():
            try:
                ends = ENDS if until is None else ending(until)
                played = play(settings.home, lambda sentence: OUT.print(sentence, markup=False), ends)
            except CannotServe as reason:
                ERR.print(str(reason), style="red", markup=False)
                raise SystemExit(1) from reason
            summarise(make_engine(DatabaseSettings(home=settings.home, db_url="")), played)

    @app.command(name="serve", group=RUNNING)
    def serve() -> None:
        """Mở trang theo dõi, máy chủ Prefect và các luồng việc tự động trên 127.0.0.1; Ctrl-C để dừng tất cả."""
        from cli.serving.processes import CannotServe
        from cli.serving.supervisor import serve as serve_all

        try:
            serve_all(DatabaseSettings().home, ServeSettings(), lambda sentence: OUT.print(sentence, markup=False))
        except CannotServe as reason:
            ERR.print(str(reason), style="red", markup=False)
            raise SystemExit(1) from reason
