"""The flow that sends letters ends in a state that says how they stand; a task of it is retried only where time heals."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import TaskRunFilter, TaskRunFilterFlowRunId
from prefect.states import Failed
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError, OperationalError

from cli.serving.prefect_server import PrefectServer
from flows.letter_delivery import letter_delivery
from ocop.errors import NotPossibleNow
from tasks.database import heals
from tests.factories import an_office, at
from tests.integration.mail_server import MailServer, mail_server

pytestmark = pytest.mark.anyio


@pytest.fixture
def sends_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[MailServer], None]:
    """Name the test's database and a mail server in the environment, as an installation does."""
    monkeypatch.setenv("OCOP_HOME", str(tmp_path))

    def name(server: MailServer) -> None:
        monkeypatch.setenv("OCOP_SMTP_HOST", "127.0.0.1")
        monkeypatch.setenv("OCOP_SMTP_PORT", str(server.port))
        monkeypatch.setenv("OCOP_SMTP_STARTTLS", "never")
        monkeypatch.setenv("OCOP_SMTP_SENDER_ADDRESS", "ocop@namdinh.example")

    return name


async def test_a_run_of_the_flow_says_sent_waiting_or_away_with_its_numbers(
    sqlite_engine: Engine, prefect_server: PrefectServer, sends_to: Callable[[MailServer], None]
) -> None:
    del prefect_server
    morning = an_office(sqlite_engine).now
    state = await letter_delivery(morning, return_state=True)
    assert state.name == "Away"
    assert "còn 8 thư chờ gửi" in (state.message or "")
    assert "OCOP_SMTP_HOST" in (state.message or "")
    async with mail_server() as server:
        sends_to(server)
        server.at_rcpt["officer.36@office.example"].append("451 busy")
        state = await letter_delivery(morning, return_state=True)
        assert (state.name, state.message) == (
            "Waiting",
            "Đã gửi 7 thư, 1 thư chưa gửi được, sẽ gửi lại; còn 1 thư chờ gửi, 0 thư chờ trao tay.",
        )
        state = await letter_delivery(morning + timedelta(minutes=2), return_state=True)
        assert (state.name, state.message) == ("Sent", "Đã gửi 1 thư; còn 0 thư chờ gửi, 0 thư chờ trao tay.")
        state = await letter_delivery(morning + timedelta(minutes=4), return_state=True)
        assert (state.name, state.message) == ("Sent", "Đã gửi 0 thư; còn 0 thư chờ gửi, 0 thư chờ trao tay.")
    assert len(server.received) == 8


async def test_a_wrong_mail_setting_fails_the_run_at_once_by_name(
    sqlite_engine: Engine,
    prefect_server: PrefectServer,
    sends_to: Callable[[MailServer], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    del prefect_server, sqlite_engine
    async with mail_server() as server:
        sends_to(server)
        monkeypatch.setenv("OCOP_SMTP_SENDER_ADDRESS", "khong phai dia chi")
        state = await letter_delivery(at("2025-04-08"), return_state=True)
    assert state.is_failed()
    assert "OCOP_SMTP_SENDER_ADDRESS" in (state.message or "")
    assert state.state_details.flow_run_id is not None
    of_this_run = TaskRunFilter(flow_run_id=TaskRunFilterFlowRunId(any_=[state.state_details.flow_run_id]))
    async with get_client() as client:
        runs = await client.read_task_runs(task_run_filter=of_this_run)
    assert {run.run_count for run in runs if run.name.startswith("deliver_letters")} <= {1}


LOCKED = OperationalError("UPDATE letters", None, Exception("database is locked"))


@pytest.mark.parametrize(
    ("fault", "healed"),
    [
        (LOCKED, True),
        (ExceptionGroup("side by side", [LOCKED]), True),
        (ExceptionGroup("side by side", [ExceptionGroup("deeper", [LOCKED])]), True),
        (ExceptionGroup("side by side", [LOCKED, ValueError("a fault of ours")]), False),
        (IntegrityError("INSERT", None, Exception("unique")), False),
        (NotPossibleNow("chưa được", "not yet"), False),
        (ValueError("a fault of ours"), False),
        (None, False),
    ],
)
async def test_only_a_database_that_was_away_or_locked_is_tried_again(fault: Exception | None, healed: bool) -> None:
    assert heals(None, None, Failed(data=fault)) is healed
