"""The `ocop` command: every act of the engine, its files, its lists, its upkeep, and what serves and plays it."""

import sys

from cyclopts import App

from cli.accounts import add_accounts
from cli.acts import add_acts
from cli.files import add_files
from cli.keeping import add_keeping
from cli.letters import add_letters
from cli.lists import add_lists
from cli.mistyped import Page, in_vietnamese, mistyped
from cli.plans import add_plans
from cli.rehearsal.command import add_rehearsal
from cli.running import add_running
from cli.upkeep import add_upkeep


def command(*, english: bool = False) -> App:
    """Return the command line with all its commands; with the `english` sentences of acts for the papers."""
    app = App(
        name="ocop",
        help="Điều hành chu trình đánh giá, phân hạng sản phẩm OCOP của một tỉnh.",
        help_format="plaintext",
        help_formatter=Page(),
        error_formatter=mistyped,
    )
    in_vietnamese(app)
    add_acts(app, english=english)
    for add in (
        add_files,
        add_plans,
        add_letters,
        add_lists,
        add_upkeep,
        add_accounts,
        add_keeping,
        add_rehearsal,
        add_running,
    ):
        add(app)
    return app


def main() -> None:
    """Run the command line; what is printed is UTF-8 wherever it goes."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    command()()


if __name__ == "__main__":
    main()
