"""Starts rehearsals beside the pages, one at a time, and reads what they tell: each has a folder, and ends by itself."""

import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from threading import Lock
from typing import Any

from sqlalchemy import Engine

from ocop.errors import NotFound, NotPossibleNow
from ocop.phrase import Phrase, from_json

MINUTES = 20
"""After so long a rehearsal ends, done or not."""
REPORT = "report.json"
KEPT = 20
"""How many of the newest are kept."""
GRACE = timedelta(minutes=2)
COMMAND = ("-m", "cli.main", "rehearse")
"""What plays a cycle: a program of its own, for it needs a Prefect server and a copy of the record."""


@dataclass(frozen=True)
class Rehearsal:
    """One rehearsal and how far it is."""

    id: str
    cycle: str
    """The running cycle that is played; empty where a plan is."""
    province_of: str
    """The cycle by which a reader is let see it."""
    plan: str
    """What the plan is called, where one is played that nobody has opened."""
    until: date | None
    by: str
    started_at: datetime
    pid: int
    running: bool
    instants: int = 0
    reached: datetime | None = None
    refusal: str = ""
    done: bool = False
    """Whether there is a report."""
    report: Mapping[str, Any] | None = None
    """What it showed; read for one that is looked at, not for a list."""

    @property
    def cut_off(self) -> bool:
        """Whether it ended without telling anything."""
        return not self.running and not self.done and not self.refusal


_CHILDREN: list[subprocess.Popen[bytes]] = []
"""The programs that this process started: they are its children also when nobody asks for their rehearsals any more."""


@dataclass
class Rehearsals:
    """The rehearsals of an installation."""

    folder: Path
    engine: Callable[[], Engine]
    program: Sequence[str] = (sys.executable, *COMMAND)
    _started: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def start(
        self, *, cycle: str, seen_by: str, by: str, at: datetime, wall: datetime, until: date | None = None, plan: str = "",
        plan_name: str = "", refinement: str = "", round_key: str = "",
    ) -> str:  # fmt: skip
        """Start one and return its name; NotPossibleNow while another runs."""
        with self._lock:
            if running := next((one for one in self.all(wall) if one.running), None):
                raise NotPossibleNow(
                    f"Đang có một lượt diễn tập do {running.by} bắt đầu. Hãy đợi lượt đó xong, hoặc dừng lượt đó.",
                    f"a rehearsal that {running.by} started is running. Wait until it is done, or stop it",
                )
            name = f"{wall:%Y%m%d%H%M%S}-{secrets.token_hex(4)}"
            folder = self.folder / name
            folder.mkdir(parents=True)
            words = ["--at", at.isoformat(), "--report", str(folder), "--minutes", str(MINUTES)]
            words += ["--until", until.isoformat()] if until else []
            if plan:
                words += ["--plan", _kept(folder / "plan.toml", plan), "--round-key", round_key] if round_key else [
                    "--plan", _kept(folder / "plan.toml", plan)
                ]  # fmt: skip
                words += ["--refinement", _kept(folder / "refinement.toml", refinement)] if refinement.strip() else []
            else:
                words += ["--cycle", cycle]
            process = self._run(folder, words)
            self._started[name] = process
            _CHILDREN.append(process)
            told = {
                "cycle": "" if plan else cycle, "province_of": seen_by, "plan": plan_name, "by": by, "pid": process.pid,
                "until": until.isoformat() if until else None, "started_at": wall.isoformat(),
            }  # fmt: skip
            _kept(folder / "request.json", json.dumps(told, ensure_ascii=False))
            self._tidy()
            return name

    def _run(self, folder: Path, words: Sequence[str]) -> "subprocess.Popen[bytes]":
        url = self.engine().url.render_as_string(hide_password=False)
        with (folder / "log").open("wb") as log:
            return subprocess.Popen(
                [*self.program, *words],
                env={**os.environ, "OCOP_DB_URL": url, "PYTHONUTF8": "1"},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def stop(self, name: str, wall: datetime) -> None:
        """Ask a rehearsal that runs to end; it takes its copy with it."""
        found = self.find(name, wall)
        if found.running:
            os.kill(found.pid, signal.SIGTERM)
            if process := self._started.get(name):
                process.wait(30)

    def find(self, name: str, wall: datetime) -> Rehearsal:
        """Return one rehearsal; NotFound where there is none of this name."""
        found = next((one for one in self.all(wall) if one.id == name), None)
        if found is None:
            raise NotFound(
                "Không có lượt diễn tập này; chỉ các lượt gần đây được giữ.",
                f"there is no rehearsal '{name}'; only recent ones are kept",
            )
        report = _json(self.folder / found.id / REPORT)
        return replace(found, report=None if report is None else _spoken(report))

    def workbook(self, name: str, wall: datetime) -> bytes:
        """Return the workbook of a rehearsal that is done."""
        found = self.find(name, wall)
        if not found.done:
            raise NotFound("Lượt diễn tập này chưa có kết quả.", "this rehearsal has no result yet")
        return (self.folder / found.id / "report.xlsx").read_bytes()

    def all(self, wall: datetime) -> list[Rehearsal]:
        """Return the rehearsals that are kept, the newest first."""
        names = sorted((path.parent.name for path in self.folder.glob("*/request.json")), reverse=True)
        return [self._read(name, wall) for name in names]

    def _read(self, name: str, wall: datetime) -> Rehearsal:
        told = _json(self.folder / name / "request.json")
        done, refusal = (self.folder / name / REPORT).exists(), _json(self.folder / name / "refusal.json")
        progress = _json(self.folder / name / "progress.json")
        assert told is not None
        started = datetime.fromisoformat(told["started_at"])
        over = done or refusal is not None or wall - started > timedelta(minutes=MINUTES) + GRACE
        return Rehearsal(
            name, told["cycle"], told["province_of"], told["plan"],
            date.fromisoformat(told["until"]) if told["until"] else None, told["by"], started, told["pid"],
            not over and self._alive(name, told["pid"]), progress["instants"] if progress else 0,
            datetime.fromisoformat(progress["at"]) if progress else None, from_json(refusal["refusal"]) if refusal else "",
            done,
        )  # fmt: skip

    def _alive(self, name: str, pid: int) -> bool:
        if process := self._started.get(name):
            return process.poll() is None
        try:
            os.kill(pid, 0)
        except OSError:
            return False
        told = Path("/proc", str(pid), "cmdline")  # after a restart another program may have the number
        return not Path("/proc/self").exists() or (told.exists() and name.encode() in told.read_bytes())

    def _tidy(self) -> None:
        """Remove all but the newest."""
        for path in sorted(self.folder.glob("*/request.json"), reverse=True)[KEPT:]:
            shutil.rmtree(path.parent, ignore_errors=True)


def _spoken(report: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a report whose words can be said in the reader's language."""
    return {
        "sentences": [from_json(sentence) for sentence in report["sentences"]],
        "sheets": [
            {
                "title": Phrase(sheet["title"]),
                "columns": [Phrase(name) for name in sheet["columns"]],
                "rows": [[from_json(cell) for cell in row] for row in sheet["rows"]],
            }
            for sheet in report["sheets"]
        ],
    }


def _kept(path: Path, text: str) -> str:
    path.write_text(text, encoding="utf-8")
    return str(path)


def _json(path: Path) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return found
