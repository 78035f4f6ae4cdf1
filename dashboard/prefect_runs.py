"""Asks Prefect's REST API what ran last; a page never waits long for it, nor breaks without it."""

import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import Any

import httpx

from casework.agenda import WORK_LABELS
from casework.board.keeping import KEPT
from ocop.phrase import Joined, Phrase, phrases
from ocop.recall import Memory

ASKED = {
    "sort": "START_TIME_DESC",
    "limit": 15,
    "flow_runs": {"state": {"type": {"not_any_": ["SCHEDULED"]}}},
}
STATES: Mapping[str, str] = phrases(
    {
        "COMPLETED": "xong",
        "RUNNING": "đang chạy",
        "PENDING": "chuẩn bị chạy",
        "FAILED": "hỏng",
        "CRASHED": "bị ngắt",
        "CANCELLED": "đã hủy",
        "CANCELLING": "đang hủy",
        "PAUSED": "tạm dừng",
    }
)
BAD = frozenset({"FAILED", "CRASHED"})
STANDINGS: Mapping[str, str] = phrases(
    {
        "Overdue": "có hồ sơ quá hạn",
        "Due": "sắp đến hạn",
        "Open": "bước còn hồ sơ",
        "Closed": "đã xong bước",
        "Not started": "chưa bắt đầu",
        "Nothing due": "không có việc đến hạn",
        "Away": "máy chủ thư chưa nhận",
        "Watched": "đã kiểm tra",
    }
)
"""What the flows name their last states."""
NAMED = re.compile(rf"(?<=[:,] )(?:{'|'.join([*STANDINGS, 'Failed', 'Crashed'])})(?=[,;.]|$)")
"""Such a name in a flow's message, which lists those of the flows that it ran."""
FLOWS: Mapping[str, str] = phrases(
    {
        "evaluation-cycle": "Chu trình",
        "commune-review": "Xã đánh giá",
        "district-evaluation": "Huyện đánh giá",
        "provincial-submission": "Gửi tỉnh",
        "provincial-evaluation": "Tỉnh đánh giá",
        "returned-to-district": "Tỉnh trả về huyện",
        "central-evaluation": "Trung ương đánh giá",
        "written-opinion": "Lấy ý kiến bằng văn bản",
        "returned-to-province": "Trung ương trả về tỉnh",
        "deadline-watch": "Theo dõi thời hạn",
        "letter-delivery": "Gửi thư",
        "expiry-sweep": "Rà giấy chứng nhận",
        "daily-digest": "Bản tin ngày",
        "conservation-check": "Kiểm tra sổ",
        "backup": "Sao lưu",
        "forget-old-runs": "Dọn lượt chạy cũ",
    }
)
"""What an officer calls the flows; Prefect itself gives a run two English words at random."""

WORDS = (
    Phrase("không"),
    Phrase("sẽ gửi lại"),
    Phrase("Chưa đặt OCOP_SMTP_HOST: thư được giữ lại cho đến khi có máy chủ thư."),
)
"""What stands among the values and lists of the flows' messages."""
MEMORY = Memory(
    (
        "%(number)s bước có việc: %(names)s",
        "đã chuyển %(number)s hồ sơ",
        "%(waiting)s hồ sơ đang chờ, %(overdue)s quá hạn, %(passed)s đã qua bước này",
        "%(wording)s, hạn cuối %(day)s",
        "đến hạn: %(done)s",
        "%(what)s %(number)s",
        "không chuyển được %(number)s: %(which)s",
        "phải gác lại %(number)s: %(which)s",
        "%(number)s bản tin",
        "%(warned)s mốc báo hết hạn, %(lists)s danh sách hằng tháng",
        "Đã gửi %(number)s thư",
        "%(number)s thư chưa gửi được",
        "%(number)s thư bị từ chối hẳn",
        "%(number)s thư có thể đã gửi hai lần",
        "còn %(waiting)s thư chờ gửi, %(hand)s thư chờ trao tay.",
        "còn %(waiting)s thư chờ gửi, %(hand)s thư chờ trao tay. Máy chủ thư: %(fault)s",
        "còn %(waiting)s thư chờ gửi, %(hand)s thư chờ trao tay, %(dead)s thư không gửi được cần xử lý.",
        "còn %(waiting)s thư chờ gửi, %(hand)s thư chờ trao tay, %(dead)s thư không gửi được cần xử lý. Máy chủ thư: %(fault)s",
        "đã xóa %(number)s bản cũ",
        "đã xóa %(number)s tệp không thuộc hồ sơ nào",
        "Đã xóa %(number)s lượt chạy cũ hơn %(days)s ngày",
        *KEPT,
    ),
    {label: label for label in (*STANDINGS.values(), *STATES.values(), *WORK_LABELS.values(), *WORDS)},
    {name: r"\d+" for name in ("number", "waiting", "overdue", "passed", "warned", "lists", "hand", "dead", "days")}
    | {"what": "|".join(WORK_LABELS.values()), "day": r"\d{1,2}/\d{1,2}/\d{4}"},
)
"""What the flows say of their runs (flows/), which Prefect keeps as it was written."""


@dataclass(frozen=True)
class Run:
    """One flow run as Prefect tells it."""

    name: str
    """Prefect's name of the run, under which its pages find it."""
    flow: str
    state: str
    bad: bool
    started: datetime | None
    seconds: float
    message: str
    url: str


@dataclass(frozen=True)
class Runs:
    """The last runs, or why Prefect could not be asked."""

    runs: Sequence[Run]
    fault: str = ""


SERVED = (
    "deadline-watch", "evaluation-cycle", "letter-delivery", "daily-digest", "expiry-sweep", "conservation-check", "backup",
    "forget-old-runs",
)  # fmt: skip
"""The flows with a schedule of their own (prefect.yaml); the others run within them."""


@dataclass(frozen=True)
class Flow:
    """A flow with a schedule, and how it ran last."""

    name: str
    label: str
    last: Run | None
    """None where it never ran, or its runs were tidied away."""


@dataclass(frozen=True)
class Flows:
    """The flows with their last runs, or why Prefect could not be asked."""

    flows: Sequence[Flow]
    fault: str = ""


@dataclass
class Watched:
    """A Prefect server that is asked at most once in so many seconds, however many pages want to know."""

    server: str
    patience: float
    """Seconds that it may take to answer."""
    keep: float
    """Seconds for which an answer holds, and also that there was none."""
    _known: tuple[float, Runs] | None = None
    _flows: tuple[float, Flows] | None = None
    _one: Lock = field(default_factory=Lock)

    def runs(self) -> Runs:
        """Return the last runs, as known for a short while."""
        with self._one:
            now = time.monotonic()
            if self._known is None or now - self._known[0] > self.keep:
                self._known = (now, last_runs(self.server, self.patience))
            return self._known[1]

    def flows(self) -> Flows:
        """Return the flows with their last runs, as known for a short while."""
        with self._one:
            now = time.monotonic()
            if self._flows is None or now - self._flows[0] > self.keep:
                self._flows = (now, last_by_flow(self.server, self.patience))
            return self._flows[1]


def last_by_flow(server: str, seconds: float) -> Flows:
    """Return each flow that has a schedule, with its last run."""
    base = server.rstrip("/")
    found = []
    try:
        with httpx.Client(timeout=seconds, trust_env=False) as client:
            for name in SERVED:
                asked = {**ASKED, "limit": 1, "flows": {"name": {"any_": [name]}}}
                answer = client.post(f"{base}/api/flow_runs/filter", json=asked)
                answer.raise_for_status()
                rows = answer.json()
                found.append(Flow(name, FLOWS[name], _run(base, rows[0], name) if rows else None))
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, KeyError, TypeError) as fault:
        return Flows([], _away(base, fault))
    return Flows(found)


def last_runs(server: str, seconds: float) -> Runs:
    """Return the last flow runs of a Prefect server, the newest first."""
    base = server.rstrip("/")
    try:
        answer = httpx.post(f"{base}/api/flow_runs/filter", json=ASKED, timeout=seconds, trust_env=False)
        answer.raise_for_status()
        rows = answer.json()
        asked = {"flows": {"id": {"any_": sorted({str(row["flow_id"]) for row in rows})}}}
        answer = httpx.post(f"{base}/api/flows/filter", json=asked, timeout=seconds, trust_env=False)
        answer.raise_for_status()
        flows = {str(row["id"]): str(row["name"]) for row in answer.json()}
        return Runs([_run(base, row, flows.get(str(row["flow_id"]), "")) for row in rows])
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, KeyError, TypeError) as fault:
        return Runs([], _away(base, fault))


def _away(base: str, fault: Exception) -> Phrase:
    return Phrase("Máy chủ Prefect tại %(url)s không trả lời (%(fault)s).", url=base, fault=type(fault).__name__)


def _run(base: str, row: Mapping[str, Any], flow: str) -> Run:
    state = row.get("state") or {}
    kind, name = str(state.get("type", "")), str(state.get("name", ""))
    told = STATES.get(kind, kind.lower())
    if name in STANDINGS:
        told = Joined(": ", (told, STANDINGS[name]))
    started = row.get("start_time")
    return Run(
        name=str(row["name"]),
        flow=_flow(flow, str(row["name"])),
        state=told,
        bad=kind in BAD,
        started=datetime.fromisoformat(started) if started else None,
        seconds=float(row.get("total_run_time") or 0),
        message=recalled(str(state.get("message") or "")),
        url=f"{base}/runs/flow-run/{row['id']}",
    )


def recalled(message: str) -> str:
    """Return what a flow said of its run as the phrase that it was, the flows' own names in it as officers call them."""
    return MEMORY.recall(NAMED.sub(_standing, message))


def _standing(name: re.Match[str]) -> str:
    return STANDINGS.get(name[0]) or STATES[name[0].upper()]


def _flow(flow: str, run: str) -> str:
    """Return what a run did, with the cycle where the flow names its runs by it: 'Tỉnh đánh giá, ND-2025'."""
    label = FLOWS.get(flow, flow or run)
    cycle = run.removeprefix(f"{flow}-")
    return label if cycle in (run, "None") else Joined(", ", (label, cycle))
