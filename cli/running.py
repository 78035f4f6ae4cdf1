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
UNTIL = "Chỉ chơi đến cuối giờ làm việc của ngày này (ví dụ 2025-06-12); 'ocop serve' mở vào lúc đó."


def add_running(app: App) -> None:
    """Add the commands; what they need is imported when they run, so that other commands start without Prefect."""

    @app.command(name="demo", group=RUNNING)
    def demo(*, until: Annotated[date | None, Parameter(converter=day_typed, help=UNTIL)] = None) -> None:
        """Chơi trọn năm 2025 theo kế hoạch Nam Định với dữ liệu mô phỏng, in tổng kết và ai đăng nhập được.

        Dùng thư mục OCOP_HOME (mặc định: data). Chạy lại thì dựng lại từ đầu; thư mục có sổ thật thì không bị đụng tới.
        Xong thì 'ocop serve' mở vào một buổi sáng giữa năm; sổ cuối năm nằm trong thư mục con ca-nam.
        """
        from cli.demo.accounts import tell_accounts
        from cli.demo.morning import MORNING, WHOLE
        from cli.demo.play import ending, play
        from cli.demo.story import ENDS
        from cli.demo.summary import summarise
        from cli.serving.processes import CannotServe

        settings = DatabaseSettings()
        with told():
            try:
                ends, opens = (ENDS, MORNING) if until is None else (ending(until), None)
                played = play(settings.home, lambda sentence: OUT.print(sentence, markup=False), ends, opens)
            except CannotServe as reason:
                ERR.print(str(reason), style="red", markup=False)
                raise SystemExit(1) from reason
            told_of = settings.home / WHOLE if opens else settings.home
            summarise(make_engine(DatabaseSettings(home=told_of, db_url="")), played)
            tell_accounts(DatabaseSettings(home=settings.home, db_url=""))

    @app.command(name="serve", group=RUNNING)
    def serve() -> None:
        """Mở trang theo dõi, máy chủ Prefect và các luồng việc tự động trên 127.0.0.1; Ctrl-C để dừng tất cả."""
        from cli.demo.accounts import tell_accounts
        from cli.demo.play import caught_letters
        from cli.serving.processes import CannotServe
        from cli.serving.supervisor import serve as serve_all

        settings = DatabaseSettings()
        tell_accounts(settings)
        try:
            with caught_letters(settings):
                serve_all(settings.home, ServeSettings(), lambda sentence: OUT.print(sentence, markup=False))
        except CannotServe as reason:
            ERR.print(str(reason), style="red", markup=False)
            raise SystemExit(1) from reason
