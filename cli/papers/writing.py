"""Which papers are generated, and the writing of them."""

from collections.abc import Callable, Mapping

from cli.main import command
from cli.papers.commands import commands
from cli.papers.environment import ROOT, example, settings
from cli.papers.plan import plan
from cli.papers.procedure import notices, stages

PAPERS: Mapping[str, Callable[[], str]] = {
    "docs/stages.md": stages,
    "docs/notices.md": notices,
    "docs/commands.md": lambda: commands(command(english=True)),
    "docs/settings.md": settings,
    "docs/plan.md": plan,
    "deployments/env.example": example,
}
"""The generated files by their place in the project."""


def write() -> None:
    """Write every generated paper."""
    for place, compose in PAPERS.items():
        (ROOT / place).write_text(compose(), encoding="utf-8")
