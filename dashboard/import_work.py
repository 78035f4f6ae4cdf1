"""Looks at an uploaded file, and takes it in, beside the pages: one file at a time, telling how far it is."""

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from casework.importing import Sender, take_in_once, times
from casework.imports.keeping import SHOWN_ROWS, Standing, Upload, Uploads
from casework.imports.reading import read
from casework.imports.settings import ImportSettings
from models.session import perform, reading, trial
from ocop.errors import InvalidRows, RuleViolation

PATIENCE = 1.5
"""Seconds for which a form's answer waits for the work: a small file is done by then."""
EVERY = timedelta(seconds=1)
"""How often the work tells how far it is."""

log = logging.getLogger("ocop.imports")


@dataclass
class ImportWork:
    """The work on the uploads of an installation."""

    uploads: Uploads
    engine: Callable[[], Engine]

    def __post_init__(self) -> None:
        self._one = ThreadPoolExecutor(max_workers=1, thread_name_prefix="imports")

    def look(self, upload: Upload, sender: Sender, at: datetime) -> None:
        """Try a file and write what it would do; wait a moment for it."""
        self._begin(replace(upload, standing=Standing.LOOKING), sender, at)

    def take(self, upload: Upload, sender: Sender, at: datetime) -> None:
        """Take a file in and write what it did; wait a moment for it."""
        self._begin(replace(upload, standing=Standing.TAKING), sender, at)

    def _begin(self, upload: Upload, sender: Sender, at: datetime) -> None:
        upload = self.uploads.tell(upload, seen_at=datetime.now(UTC), done=0, total=0, refusal="", problems=())
        future = self._one.submit(self._work, upload, sender, at)
        future.add_done_callback(partial(self._fault, upload))
        wait([future], PATIENCE)

    def _work(self, upload: Upload, sender: Sender, at: datetime) -> None:
        taking = upload.standing is Standing.TAKING
        content = self.uploads.content(upload)
        told = upload.seen_at
        try:
            first = read(upload.name, content, ImportSettings())[0].rows
            upload = replace(upload, header=first[0][1], rows=[cells for _, cells in first[1 : 1 + SHOWN_ROWS]])
            if not taking:
                with reading(self.engine()) as session:
                    upload = replace(upload, time=times(session, upload.kind, content))

            def tell(done: int, total: int) -> None:
                nonlocal told
                if (now := datetime.now(UTC)) - told > EVERY:
                    told = now
                    self.uploads.tell(upload, done=done, total=total, seen_at=now)

            def work(session: Session) -> dict[str, int]:
                found = take_in_once(
                    session, upload.kind, upload.name, content, sender, at, time=upload.time, tell=tell
                )
                return {"new": found.new, "changed": found.changed, "unchanged": found.unchanged}

            done = (perform if taking else trial)(self.engine(), work)
        except InvalidRows as refused:
            self.uploads.tell(upload, standing=Standing.LOOKED, problems=refused.problems)
        except RuleViolation as refused:
            self.uploads.tell(upload, standing=Standing.REFUSED, refusal=refused.told)
        else:
            self.uploads.tell(upload, standing=Standing.TAKEN if taking else Standing.LOOKED, problems=(), **done)

    def _fault(self, upload: Upload, future: "Future[None]") -> None:
        """Write that the work broke; the server's log has why."""
        if fault := future.exception():
            log.error("the import of %s broke", upload.name, exc_info=fault)
            self.uploads.tell(upload, standing=Standing.BROKEN)
