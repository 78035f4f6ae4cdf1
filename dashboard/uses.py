"""When sessions were last used, written down together: each commit of ours would end the pages that are kept for everybody."""

import time
from collections.abc import Mapping
from datetime import datetime
from threading import Lock

WRITTEN_EVERY = 60
"""Seconds between two writings where none presses; what was noted since is lost when the process ends, which an idle time of
hours bears."""


class Uses:
    """Sessions whose use is to be written down."""

    def __init__(self) -> None:
        self._noted: dict[int, datetime] = {}
        self._written: float | None = None
        self._lock = Lock()

    def note(self, sign_in_id: int, at: datetime, *, pressing: bool = False) -> Mapping[int, datetime]:
        """Note a use; return all that were noted, to be written now, when it presses or the last writing is long enough ago."""
        with self._lock:
            self._noted[sign_in_id] = at
            now = time.monotonic()
            if not pressing and self._written is not None and now - self._written < WRITTEN_EVERY:
                return {}
            self._written, noted, self._noted = now, self._noted, {}
            return noted
