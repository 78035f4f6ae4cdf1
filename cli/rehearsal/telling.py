"""Tells whoever started a rehearsal how far it is and what it showed, in the files of a folder; ends it when its time is over."""

import json
import os
import signal
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from types import FrameType

from casework.exports import Sheet, to_excel
from casework.exports import told as cell
from ocop.errors import RuleViolation
from ocop.phrase import Phrase, to_json

PROGRESS, REPORT, WORKBOOK, REFUSAL = "progress.json", "report.json", "report.xlsx", "refusal.json"
"""The files of the folder; each is there whole or not at all."""


class TimeOver(RuleViolation):
    """The rehearsal took longer than it may."""


class Telling:
    """What a rehearsal writes for its reader; without a folder nothing is written."""

    def __init__(self, folder: Path | None) -> None:
        """Tell in a folder that is there already."""
        self._folder = folder
        self._instants = 0

    def step(self, at: datetime) -> None:
        """Tell the instant to which the clock was just driven."""
        self._instants += 1
        self._write(PROGRESS, json.dumps({"instants": self._instants, "at": at.isoformat()}).encode())

    def report(self, sentences: Sequence[str], sheets: Sequence[Sheet], glance: Mapping[str, Sequence[str]]) -> None:
        """Tell what the rehearsal showed: of each list the columns of a glance, the workbook has them all.

        The report comes last, so that whoever finds it finds the workbook too.
        """
        self._write(WORKBOOK, to_excel(sheets))
        lists = []
        for sheet in sheets:
            columns = list(glance.get(sheet.title, sheet.columns))
            places = [list(sheet.columns).index(name) for name in columns]
            rows = [
                [to_json(found) if isinstance(found := row[place], Phrase) else cell(found) for place in places]
                for row in sheet.rows
            ]
            lists.append({"title": sheet.title, "columns": columns, "rows": rows})
        said = [to_json(sentence) for sentence in sentences]
        self._write(REPORT, json.dumps({"sentences": said, "sheets": lists}, ensure_ascii=False).encode())

    def refuse(self, sentence: str) -> None:
        """Tell why there is no report."""
        self._write(REFUSAL, json.dumps({"refusal": to_json(sentence)}, ensure_ascii=False).encode())

    def _write(self, name: str, content: bytes) -> None:
        if self._folder is None:
            return
        draft = self._folder / f".{name}.{os.getpid()}"
        draft.write_bytes(content)
        draft.replace(self._folder / name)


@contextmanager
def within(minutes: int | None) -> Iterator[None]:
    """Raise TimeOver in the block when it takes longer, and SystemExit when it is asked to stop: scratch folders go either way."""

    def over(number: int, frame: FrameType | None) -> None:
        del number, frame
        raise TimeOver(
            f"Diễn tập quá {minutes} phút nên đã dừng. Hãy diễn tập đến một ngày sớm hơn.",
            f"the rehearsal took longer than {minutes} minutes and was stopped. Rehearse up to an earlier day",
        )

    def stop(number: int, frame: FrameType | None) -> None:
        del number, frame
        raise SystemExit(1)

    if minutes is None:
        yield
        return
    before = signal.signal(signal.SIGALRM, over), signal.signal(signal.SIGTERM, stop)
    signal.alarm(60 * minutes)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before[0])
        signal.signal(signal.SIGTERM, before[1])
