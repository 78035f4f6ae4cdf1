"""The files of others that docs/vendored.md lists: read from the table, fetched anew from their packages."""

import re
import subprocess
import tarfile
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from cli.papers.environment import ROOT

PAPER = ROOT / "docs" / "vendored.md"
ROW = re.compile(r"^\| ([^|]+/[^|]+) \|(.+)\|$", re.MULTILINE)


@dataclass(frozen=True)
class Vendored:
    """A file of others: where it stands, the package and the place in it that it was taken from, and why it is here."""

    file: str
    package: str
    version: str
    place: str
    terms: str
    sum: str
    why: str

    @property
    def path(self) -> Path:
        """Where it stands."""
        return ROOT / self.file

    def line(self) -> str:
        """Return its line of the table."""
        cells = (self.file, self.package, self.version, self.place, self.terms, self.sum, self.why)
        return f"| {' | '.join(cells)} |"


def listed(text: str) -> list[Vendored]:
    """Return the files of the table, in its order."""
    return [_read(found) for found in ROW.finditer(text)]


def _read(found: re.Match[str]) -> Vendored:
    return Vendored(*(cell.strip() for cell in found[0].strip("|").split("|")))


def sum_of(path: Path) -> str:
    """Return a file's sha256 as the table writes it."""
    return sha256(path.read_bytes()).hexdigest()


def fetch(package: str, version: str, places: dict[str, Path]) -> None:
    """Take files out of a package that npm fetches from wherever it is set up to."""
    with TemporaryDirectory() as folder:
        command = ["npm", "pack", "--silent", f"{package}@{version}"]
        name = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout.split()[-1]
        with tarfile.open(Path(folder) / name) as packed:
            for place, path in places.items():
                found = packed.extractfile(f"package/{place}")
                if found is None:
                    raise FileNotFoundError(f"{package} {version} has no {place}")
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(found.read())


def renew() -> None:
    """Fetch every listed file anew and write its sum into the table."""
    text = PAPER.read_text(encoding="utf-8")
    files = listed(text)
    for package, version in sorted({(file.package, file.version) for file in files}):
        fetch(package, version, {file.place: file.path for file in files if file.place and file.package == package})
    PAPER.write_text(ROW.sub(_summed, text), encoding="utf-8")


def _summed(found: re.Match[str]) -> str:
    file = _read(found)
    return replace(file, sum=sum_of(file.path)).line()


if __name__ == "__main__":
    renew()
