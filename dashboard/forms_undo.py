"""Which act takes another one back, where the law allows it, and what its form is filled with."""

from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from typing import Any, NamedTuple

from casework.acts import ACTS

Filled = Mapping[str, str]
OF_A_DOSSIER: Filled = {"dossier": "dossier"}
UNDO: Mapping[str, Sequence[tuple[str, Filled]]] = {
    "evaluate": [("annul", OF_A_DOSSIER)],
    "decide": [("annul", OF_A_DOSSIER), ("correct-decision", {**OF_A_DOSSIER, "purpose": "=result"})],
    "recognise": [
        ("correct-decision", {**OF_A_DOSSIER, "purpose": "=recognition"}),
        ("correct-certificate", {"certificate": "certificate"}),
        ("revoke", {"certificate": "certificate"}),
    ],
    "request-supplement": [("supplement", OF_A_DOSSIER)],
    "record-finding": [("close-finding", {"finding": "finding"})],
    "suspend": [("resume", {"cycle": "cycle"})],
    "leave": [("end-leave", {"person": "person", "level": "level", "unit": "unit"})],
    "set-target": [("set-target", {"cycle": "cycle", "level": "level", "unit": "unit"})],
    "adopt-plan": [("adopt-plan", {"cycle": "cycle", "level": "level", "unit": "unit"})],
    "claim": [("release", {"dossiers": "dossier"})],
    "assign": [("release", {"dossiers": "dossier"})],
}
"""By an act's name, the acts that take it back, each with the values of its form: a value of the first act or of its answer, or
after an equals sign the value itself. Of some the later simply takes the place of the earlier."""
MOST = 20


class TakingBack(NamedTuple):
    """One way to take an act back."""

    act: str
    title: str
    about: str
    """Which dossier or certificate is meant, where there are several."""
    values: Mapping[str, str]


def taking_back(name: str, body: Mapping[str, Any], answer: Mapping[str, Any]) -> list[TakingBack]:
    """Return the ways to take back what an act has just done."""
    found = []
    for known in list(_done(body, answer))[:MOST]:
        for act, filled in UNDO.get(name, ()):
            values = {
                field: word[1:] if word.startswith("=") else known.get(word, "") for field, word in filled.items()
            }
            if all(values.values()):
                about = known.get("dossier") or known.get("certificate") or ""
                found.append(TakingBack(act, ACTS[act].title, about, values))
    return found


def _done(body: Mapping[str, Any], answer: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    """Yield what is known of each thing that was done: one, or each dossier of a batch."""
    known = {
        name: str(value.value if isinstance(value, Enum) else value)
        for name, value in {**answer, **body}.items()
        if isinstance(value, str | int | Enum) and value != ""
    }
    issued = {one["dossier"]: one["certificate"] for one in answer.get("certificates", ())}
    batch = answer.get("done")
    if batch is None:
        yield known
        return
    for one in batch:
        yield known | {"dossier": one["dossier"], "certificate": issued.get(one["dossier"]) or ""}
