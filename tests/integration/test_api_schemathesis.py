"""The API as schemathesis asks it, drawn from its own description, as each role: no fault, and no answer that is not described."""

import copy
import random
import shutil
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case, GenerationMode
from schemathesis.specs.openapi import checks as of_openapi
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from casework import accounts, clock
from dashboard.api import described
from dashboard.app import create_app
from dashboard.settings import WebSettings
from models.accounts import KeyPurpose
from models.dossiers import Dossier
from models.letters import Letter
from models.results import Certificate
from models.session import make_engine, transaction
from models.settings import DatabaseSettings
from models.units import Person, Producer, Unit
from ocop.rulebook import PROCEDURES
from tests.factories import CYCLE, PLAN
from tests.integration.console_pages import HOST, NOWHERE, walked

ROLES = ("nobody", "administrator", "producer", "14201/officer", "365/officer", "36/officer", "00/officer")
CHECKS = [
    schemathesis.checks.not_a_server_error,
    of_openapi.status_code_conformance,
    of_openapi.content_type_conformance,
    of_openapi.response_headers_conformance,
    of_openapi.response_schema_conformance,
    of_openapi.negative_data_rejection,
]
BOTH = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)


@pytest.fixture(scope="module")
def kept(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A walked record to copy from, with its clock at rest."""
    home = tmp_path_factory.mktemp("walked")
    shutil.copy(migrated_sqlite, home / "ocop.db")
    engine = make_engine(DatabaseSettings(home=home, db_url=""))
    office = walked(engine)
    with transaction(engine) as session:
        clock.drive(session, office.now)
    with engine.connect() as connection:
        connection.connection.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # type: ignore[union-attr]
    engine.dispose()
    return home / "ocop.db"


@pytest.fixture
def engine(kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """A copy of the walked record: what one role does there, no other finds."""
    monkeypatch.setenv("OCOP_HOME", str(tmp_path / "home"))
    shutil.copy(kept, tmp_path / "ocop.db")
    found = make_engine(DatabaseSettings(home=tmp_path, db_url=""))
    yield found
    found.dispose()


def key_of(session: Session, role: str) -> str:
    """Return a key of an account of a role; none for nobody."""
    if role == "nobody":
        return ""
    owner = accounts.Owner(person=role)
    if role == "administrator":
        owner = accounts.Owner(administrator=True)
    if role == "producer":
        owner = accounts.Owner(producer=session.scalars(select(Producer.code).order_by(Producer.id)).first() or "")
    now = datetime.now(UTC)
    account = accounts.open_account(session, login=role, owner=owner, at=now, by="")
    return accounts.make_key(session, account, KeyPurpose.API, now)


class Known:
    """What a record has, to be put in the place of drawn values: no draw would ever name a dossier."""

    def __init__(self, session: Session) -> None:
        self.dossiers = session.scalars(select(Dossier.code)).all()
        self.certificates = session.scalars(select(Certificate.number)).all()
        self.letters = session.scalars(select(Letter.id)).all()
        self.people = session.scalars(select(Person.code)).all()
        self.units = [tuple(row) for row in session.execute(select(Unit.level, Unit.code))]
        self.stages = [stage.key for stage in PROCEDURES["qd148"].stages]

    def put_in(self, body: dict[str, Any], chance: random.Random) -> None:
        """Put what the record has, and days near its own, in the place of what was drawn, mostly."""
        level, unit = chance.choice(self.units)
        known: dict[str, Callable[[], Any]] = {
            "dossier": lambda: chance.choice(self.dossiers),
            "dossiers": lambda: chance.sample(self.dossiers, chance.randint(1, 4)),
            "cycle": lambda: CYCLE,
            "carried_from": lambda: "",
            "certificate": lambda: chance.choice(["", *self.certificates]),
            "certificates": list,
            "complaint": lambda: 1,
            "finding": lambda: 1,
            "letters": lambda: chance.sample(self.letters, 2),
            "level": lambda: level,
            "unit": lambda: unit,
            "person": lambda: chance.choice(self.people),
            "substitute": lambda: chance.choice(["", *self.people]),
            "stage": lambda: chance.choice(self.stages),
            "plan": lambda: PLAN,
            "refinement": lambda: None,
            "on_behalf": lambda: chance.choice(["", "15/UBND, Nguyễn Văn Ký"]),
            "seen": lambda: {chance.choice(self.dossiers): chance.randint(1, 6)},
            "effective_at": lambda: "2025-06-18T00:00:00+07:00",
        }
        for name in body:
            if chance.random() < 0.85:
                if name in known:
                    body[name] = known[name]()
                elif name.endswith(("_on", "day", "since")):
                    body[name] = f"2025-06-{chance.randint(9, 24):02d}"


def drawn(operation: Any, mode: GenerationMode, examples: int) -> list[Case]:
    """Return cases for an operation, the same in every run."""
    found: list[Case] = []

    @settings(
        max_examples=examples, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )  # fmt: skip
    @given(case=operation.as_strategy(generation_mode=mode))
    def draw(case: Case) -> None:
        found.append(case)

    draw()
    return found


def without_keys(description: dict[str, Any]) -> dict[str, Any]:
    """Return a description that asks for no key: each role brings its own, and test_api.py tries what is none."""
    found = copy.deepcopy(description)
    for operation in (operation for methods in found["paths"].values() for operation in methods.values()):
        del operation["security"]
    return found


def without_patterns(part: Any) -> Any:
    """Return a description without the patterns of free text, from which drawing takes most of the time."""
    if isinstance(part, dict):
        bare = {name: without_patterns(value) for name, value in part.items()}
        if str(bare.get("pattern", "")).startswith("^[^"):
            del bare["pattern"]
        return bare
    return [without_patterns(value) for value in part] if isinstance(part, list) else part


class Asking:
    """One role at the API of one record."""

    def __init__(self, engine: Engine, role: str) -> None:
        self.app, self.role = create_app(engine, WebSettings(prefect_url=NOWHERE)), role
        with transaction(engine) as session:
            key = key_of(session, role)
            self.known = Known(session)
        self.headers = {"Authorization": f"Bearer {key}"} if key else {}
        self.statuses: list[int] = []

    def ask(self, case: Case, checks: Sequence[Any] = CHECKS) -> int:
        """Ask one case and look at the answer; a case that fits the description gets what the record has."""
        chance = random.Random(f"{case.operation.label} {len(self.statuses)}")
        positive = case.meta is not None and case.meta.generation.mode is GenerationMode.POSITIVE
        if positive and isinstance(case.body, dict):
            self.known.put_in(case.body, chance)
        if positive and "{code}" in case.path and chance.random() < 0.8:
            case.path_parameters = {"code": chance.choice(self.known.dossiers)}
        if positive and case.method == "POST":
            case.headers["Idempotency-Key"] = f"{self.role}-{len(self.statuses)}"
        answer = case.call_and_validate(HOST, app=self.app, headers=self.headers, checks=list(checks))
        self.statuses.append(answer.status_code)
        return int(answer.status_code)


def operations(description: dict[str, Any]) -> list[Any]:
    """Return what may be asked."""
    return [found.ok() for found in schemathesis.openapi.from_dict(description).get_all_operations()]


Drawn = Sequence[tuple[Any, dict[GenerationMode, list[Case]]]]


@pytest.fixture(scope="module")
def few() -> Drawn:
    """A case of each mode for every operation, drawn once for all roles."""
    description = without_patterns(without_keys(described()))
    return [(found, {mode: drawn(found, mode, 1) for mode in BOTH}) for found in operations(description)]


@pytest.fixture(scope="module")
def many() -> Drawn:
    """Many cases of each mode for every operation, drawn once for all roles."""
    return [(found, {mode: drawn(found, mode, 20) for mode in BOTH}) for found in operations(without_keys(described()))]


@pytest.mark.parametrize("role", ROLES)
def test_no_draw_brings_a_fault_or_an_answer_that_is_not_described(engine: Engine, few: Drawn, role: str) -> None:
    asking = Asking(engine, role)
    for operation, cases in few:
        reached = {asking.ask(case.derive(keep_auth=True)) for mode in BOTH for case in cases[mode]}
        if role == "nobody":
            assert reached <= {401, 404}, operation.label  # a code may be no address at all
    expected = {
        "nobody": {401}, "administrator": {403}, "producer": {200, 403}, "14201/officer": {200, 403, 404, 422},
        "365/officer": {200, 403, 404, 422}, "36/officer": {200, 404, 409, 422}, "00/officer": {200, 403, 404},
    }[role]  # fmt: skip
    assert set(asking.statuses) >= expected


@pytest.mark.long
@pytest.mark.parametrize("role", ROLES)
def test_no_draw_of_many_brings_a_fault(
    engine: Engine, many: Drawn, role: str, record_property: Callable[[str, object], None]
) -> None:
    asking = Asking(engine, role)
    checks = [
        *CHECKS, of_openapi.missing_required_header, of_openapi.unsupported_method, of_openapi.allow_header_conformance,
    ]  # fmt: skip
    for _, cases in many:
        for case in (case for mode in BOTH for case in cases[mode]):
            asking.ask(case.derive(keep_auth=True), checks)
    record_property("requests drawn for the API", len(asking.statuses))
    record_property("requests drawn for the API and done", asking.statuses.count(200))
