"""No act and no flow is left out of the trials."""

import ast
from importlib import import_module

from prefect import Flow

from casework.acts import ACTS
from tests.architecture.tree import ROOT, modules
from tests.cases import CASES
from tests.faults.flows import FLOWS, LETTERS, PREFECTS_OWN


def test_every_act_is_tried() -> None:
    assert set(CASES) == set(ACTS)


def test_every_flow_is_tried() -> None:
    names = {module.path.stem for module in modules("flows")}
    flows = {name for name in names if isinstance(getattr(import_module(f"flows.{name}"), name, None), Flow)}
    assert flows == {*FLOWS, LETTERS, *PREFECTS_OWN}


def test_a_flow_left_to_prefect_never_asks_the_record() -> None:
    for name in PREFECTS_OWN:
        asked = {imported for imported in _imports(f"flows/{name}.py") if imported.startswith("tasks")}
        for path in (f"flows/{name}.py", *(f"{task.replace('.', '/')}.py" for task in asked)):
            rooms = {imported.partition(".")[0] for imported in _imports(path)}
            assert not rooms & {"casework", "models", "notifications", "sqlalchemy"}, path
            assert "tasks.database" not in _imports(path)


def _imports(path: str) -> set[str]:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    found = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    return found | {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module}
