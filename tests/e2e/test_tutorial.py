"""The tutorial is true: its commands are run in order, word by word, and print the lines that stand under them."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ENGLISH, VIETNAMESE = (ROOT / "docs" / name for name in ("tutorial.md", "tutorial.vi.md"))
MARK = "=== khối"
SHELL = """
set -euo pipefail
mkfifo asked answered ended
"$PYTHON" -c "$SERVER" "$PWD" & server=$!
trap 'kill $server' EXIT
pipes=$PWD
ocop() {
  printf '%s\\0' "${OCOP_HOME:-}" "$@" > "$pipes/asked"
  cat "$pipes/answered"
  return "$(cat "$pipes/ended")"
}
"""
"""The shell of the tutorial, in which `ocop` is the program itself in a fresh child of a process that has imported it."""
SERVER = """
import os, sys
from cli.main import main
pipes = sys.argv[1]
while True:
    with open(f"{pipes}/asked", encoding="utf-8") as asked:
        home, *words = asked.read().split("\\0")[:-1]
    child = os.fork()
    if child == 0:
        answered = os.open(f"{pipes}/answered", os.O_WRONLY)
        os.dup2(answered, 1), os.dup2(answered, 2), os.close(answered)
        os.environ["OCOP_HOME"] = home
        sys.argv = ["ocop", *words]
        main()
        sys.exit(0)
    _, status = os.waitpid(child, 0)
    with open(f"{pipes}/ended", "w") as ended:
        ended.write(str(os.waitstatus_to_exitcode(status)))
"""


def steps(paper: Path) -> list[tuple[str, list[str]]]:
    """Return what is typed and the lines that it prints, step by step."""
    text = paper.read_text(encoding="utf-8")
    found = re.findall(r"^```bash\n(.*?)^```\n\n^```text\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    assert len(found) == text.count("```bash")
    return [(typed, said.splitlines()) for typed, said in found]


def test_both_languages_type_the_same_and_read_the_same() -> None:
    assert steps(ENGLISH) == steps(VIETNAMESE)


@pytest.mark.long
def test_the_tutorial_runs_word_by_word_in_an_empty_folder(tmp_path: Path) -> None:
    (tmp_path / "deployments").symlink_to(ROOT / "deployments")
    typed = "".join(f'echo "{MARK} {number}"\n{lines}' for number, (lines, _) in enumerate(steps(ENGLISH)))
    environment = {name: value for name, value in os.environ.items() if not name.startswith("OCOP_")}
    environment |= {"PYTHON": sys.executable, "SERVER": SERVER, "PYTHONUTF8": "1"}
    done = subprocess.run(
        ["bash", "-c", SHELL + typed],
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stdout
    printed = done.stdout.split(MARK)[1:]
    assert len(printed) == len(steps(ENGLISH))
    for (_, said), output in zip(steps(ENGLISH), printed, strict=True):
        missing = [line for line in said if line not in output]
        assert missing == [], output
    assert "HTX mô phỏng Giao Xuân" in (tmp_path / "data" / "tutorial" / "thu.html").read_text(encoding="utf-8")
