"""The simulator in small: an office plays with faults, nothing breaks, and the same seed leads to the same record."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.simulate import Run
from benchmarks.simulation.shadow import Violation
from tests.model import law

ROOT = Path(__file__).parents[2]


def played_apart(hash_seed: str, *options: str) -> str:
    """Return the last line that the simulator prints in a process of its own: its root."""
    run = subprocess.run(
        [sys.executable, "-m", "benchmarks.simulate", *options],
        check=False, cwd=ROOT, env=os.environ | {"PYTHONHASHSEED": hash_seed}, capture_output=True, text=True, timeout=1200,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout.splitlines()[-1]


def test_an_office_under_faults_keeps_every_rule_and_leaves_nothing_undone() -> None:
    run = Run(seed=148, steps=90, faults=0.2, dossiers=5, years=3, quiet=True)
    run.play()
    told = run.told
    assert told.transitions > 20, run.summary()
    assert told.faults["statement"], run.summary()
    assert told.mail.total(), run.summary()


@pytest.mark.long
def test_the_same_seed_leads_to_the_same_root_in_another_process() -> None:
    options = ("--seed", "61", "--steps", "400", "--faults", "0.1", "--dossiers", "40")
    first = played_apart("1", *options)
    assert first.startswith("root ")
    assert first == played_apart("2", *options)


@pytest.mark.long
def test_years_of_an_office_under_faults_break_no_rule() -> None:
    run = Run(seed=2025, transitions=5_000, faults=0.1, dossiers=120, years=4, examine_every=400, quiet=True)
    run.play()
    assert run.told.transitions >= 5_000
    assert set(run.told.faults) == {"statement", "commit", "reply"}, run.summary()
    assert run.told.examined >= 3


def test_a_line_that_the_law_does_not_know_ends_a_run(monkeypatch: pytest.MonkeyPatch) -> None:
    known = law.permitted
    monkeypatch.setattr(
        law, "permitted", lambda source, event, target: event != "receive" and known(source, event, target)
    )
    with pytest.raises(Violation, match=r"seed 1, era 1, step \d+, .*receive.* is not the law"):
        Run(seed=1, steps=300, faults=0.0, dossiers=7, quiet=True).play()
