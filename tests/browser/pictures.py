"""`make pictures`: every page as its reader sees it on the demo's morning, at a desk and on a telephone, in docs/pictures."""

import os
import re
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from cli.demo.accounts import DOES
from cli.serving.prefect_server import PrefectServer
from cli.serving.processes import free_port
from models import migrate
from models.session import make_engine
from models.settings import DatabaseSettings
from tests.browser.chromium import CHROMIUM, FLAGS
from tests.browser.pages import MORE_FOR, UNLINKED, kind_of, links, route_of
from tests.browser.served import DESK, PHONE, Console, served
from tests.browser.small_png import small

FOLDER = Path(__file__).parents[2] / "docs" / "pictures"
SIZES = {"may-tinh": (DESK, 1150), "dien-thoai": (PHONE, 1500)}
"""The folders, each with a size of screen and how much of a long page is shown."""
OWN = frozenset({"/"})
"""Pages that look different for each reader."""

INDEX = (
    "# The pages as their readers see them", "",
    "Written by `make pictures` from the demo's morning; everybody and everything in them is invented. Long pages are cut.", "",
    "| Page | Signed in as | At a desk, 1366 wide | On a telephone, 390 wide |", "| --- | --- | --- | --- |",
)  # fmt: skip
"""How the list of the pictures begins."""


def name_of(reader: str, address: str) -> str:
    """Return what a picture is called: the reader and the page."""
    path = address.partition("?")[0]
    route = path if path.startswith("/acts/") else route_of(path) or path
    said = re.sub(r"\{(\w+)(:\w+)?\}", "mot", route).strip("/").replace("/", "-") or "hom-nay"
    return f"{reader or 'khach'}-{said}"


def shown(console: Console, reader: str, known: set[str]) -> Iterator[tuple[str, str]]:
    """Yield the pages that a reader reaches by links and that were not shown yet, each with its picture's name."""
    page = console.open(reader)
    waiting = ["/", *filter(None, [MORE_FOR.get(reader)])] if reader else list(UNLINKED.values())
    met = set(known) - OWN | {"/"}
    while waiting:
        address = waiting.pop(0)
        answer = page.goto(address)
        kind = kind_of(address)
        if answer is None or answer.status >= 400 or kind is None:
            continue
        if kind in OWN or kind not in known:
            yield name_of(reader, address), address
        known.add(kind)
        for link in links(page):
            found = kind_of(link)
            if found is not None and found not in met:
                met.add(found)
                waiting.append(link)


def take(page: Page, blank: Page, address: str, name: str) -> None:
    """Write the pictures of a page."""
    for folder, (size, most) in SIZES.items():
        page.set_viewport_size(size)  # type: ignore[arg-type]
        page.goto(address)
        page.wait_for_load_state("networkidle")
        height = min(most, page.evaluate("document.documentElement.scrollHeight"))
        clip = {"x": 0, "y": 0, "width": size["width"], "height": max(height, size["height"])}
        seen = page.screenshot(full_page=True, clip=clip, animations="disabled")  # type: ignore[arg-type]
        (FOLDER / folder).mkdir(parents=True, exist_ok=True)
        (FOLDER / folder / f"{name}.png").write_bytes(small(blank, seen))


def copied(home: Path, folder: Path) -> Path:
    """Copy a demo's record, brought to this version, and its runs; what is copied may be open and stays as it is."""
    shutil.copytree(home / "prefect", folder / "prefect")
    with closing(sqlite3.connect(home / "ocop.db")) as read, closing(sqlite3.connect(folder / "ocop.db")) as written:
        read.backup(written)
    migrate.upgrade(make_engine(DatabaseSettings(home=folder, db_url="")))
    return folder


def main(home: Path) -> None:
    """Show the pages of a demo's folder."""
    if CHROMIUM is None or not (home / "ocop.db").exists():
        sys.exit(f"Needs Chromium and a demo in {home}: apt-get install chromium chromium-l10n; make demo")
    for folder in SIZES:
        shutil.rmtree(FOLDER / folder, ignore_errors=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright, ExitStack() as stack:
        data = copied(home, Path(folder))
        prefect = PrefectServer(data / "prefect", free_port())
        stack.callback(prefect.stop)
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=list(FLAGS), env={**os.environ, "LANG": "vi_VN.UTF-8", "LANGUAGE": "vi"}
        )
        prefect.wait()
        console = stack.enter_context(served(data, browser, refresh_seconds=3600, prefect_url=prefect.ui_url))
        known, lines, blank = set[str](), list[str](), browser.new_page()
        for reader in ("", *DOES):
            page = console.open(reader)
            for name, address in list(shown(console, reader, known)):
                take(page, blank, address, name)
                path = address.partition("?")[0]
                lines.append(
                    f"| `{path}` | {reader or '–'} | [máy tính](may-tinh/{name}.png) | [điện thoại](dien-thoai/{name}.png) |"
                )
                sys.stdout.write(f"{lines[-1]}\n")
            console.close_pages()
        (FOLDER / "README.md").write_text("\n".join([*INDEX, *lines, ""]), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "data"))
