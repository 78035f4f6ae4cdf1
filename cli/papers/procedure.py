"""The pages on a procedure: where a dossier can stand, what takes it on, and whom each letter goes to."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import groupby
from pathlib import Path

import casework
from cli.papers import transitions
from cli.papers.markdown import code, page, table
from notifications.rendering import TEMPLATES
from ocop.levels import Level
from ocop.notices import AT_ANY_HOUR, AUDIENCE, Notice, Party
from ocop.procedure import REGISTER, ROUTE, Back, Condition, Move, OwnPeriod, Procedure
from ocop.rulebook import PROCEDURES
from ocop.sources import Source

BOUNDS: Mapping[Back, str] = {
    Back.SUPPLEMENT: "at most `supplement.at_most` times at each level",
    Back.ONCE: "once in a round",
    Back.DOCUMENT: "once for each document that annuls a result",
}
"""What bounds a move that leads back, in words."""
PARTIES: Mapping[Party, str] = {
    Party.PRODUCER: "producer (chủ thể)",
    Party.COMMUNE: "commune (xã)",
    Party.DISTRICT: "district (huyện)",
    Party.PROVINCE: "province (tỉnh)",
    Party.HOLDER: "the unit that holds the dossier",
    Party.COORDINATOR_OFFICE: "coordinator office (Văn phòng Điều phối)",
    Party.ACCOUNT: "the account's owner",
}
CASEWORK = Path(casework.__file__).parent


def stages() -> str:
    """Return the page of every procedure's stages, phases, moves and notes."""
    return page(
        "Stages and moves",
        "A dossier is pinned to the procedure of its cycle: the rule set that it was filed under. Rows for one event at one "
        f"stage are tried from the top; the first whose condition holds is taken. `{ROUTE}` is done by the flows; everything "
        "else is a person's act of the same name (`ocop --help`). One flow reconciles one phase (`flows/`); a phase is a part "
        "of the plan. Notes are events that write a line of history and leave the dossier where it is.",
        "Each rule is quoted as pages and letters quote it. The numbered text of the decisions was not at hand: a source "
        "names the document and the subject, not an article that nobody read. 'Quy tắc của phần mềm' marks a rule of ours.",
        *(part for procedure in PROCEDURES.values() for part in _procedure(procedure)),
        *transitions.parts(condition),
    )


def _procedure(procedure: Procedure) -> Iterator[str]:
    """Yield the parts of the page on one procedure."""
    yield f"## {procedure.name} (`{procedure.key}`)"
    yield f"After {procedure.source.full_name}."
    yield f"### Stages of `{procedure.key}`"
    yield _stages(procedure)
    yield f"### Phases of `{procedure.key}`"
    yield table(("phase", "open stages"), [(code(phase), code(*held)) for phase, held in procedure.phases.items()])
    yield f"### Moves of `{procedure.key}`"
    yield _moves(procedure)
    yield f"### Notes of `{procedure.key}`"
    yield _notes(procedure)


def notices() -> str:
    """Return the page of letters: subject, recipients, what owes each."""
    owed = _owed()
    rows = [
        (
            code(notice),
            notice.label,
            f"`{_subject(notice)}`",
            "; ".join(PARTIES[party] for party in AUDIENCE[notice]),
            "; ".join(owed.get(notice) or [f"`casework/{place}`" for place in _named_in(notice)]),
            "yes" if notice in AT_ANY_HOUR else "",
        )
        for notice in Notice
    ]
    return page(
        "Letters",
        "A letter's kind is a member of `Notice`; its words lie in the folder of the same name under "
        "`notifications/templates/`. A unit's letter goes to its officer, and to the next rung of the ladder when it has "
        "none; a person without e-mail gets it on paper, to be handed over. A notice that no row of the table of moves owes is "
        "owed by the module named: by the agenda at its instant, or by an act on a cycle, a certificate or a deadline, or by an account.",
        "Letters wait for the hour of the plan (`notices.hour`) of a working day where they remind or escalate; only what "
        "the law makes due on its day, and what its reader has asked for and waits for, passes the quiet hours.",
        table(("notice", "in Vietnamese", "subject", "to", "owed by", "passes quiet hours"), rows),
    )


def _stages(procedure: Procedure) -> str:
    starts = {stage: f"start, filed with the {place}" for place, stage in procedure.starts.items()}
    rows = []
    for stage in procedure.stages:
        marks = [
            starts.get(stage.key, ""),
            "final" if stage.final else "",
            "a council evaluates" if stage.evaluates else "",
            "in writing; it meets only when opinions differ" if stage.in_writing else "",
            _lasts(stage.period) if stage.period else "",
            "waits for a supplement" if stage.supplement else "",
            f"a decision is routed ({stage.result})" if stage.result else "",
            f"awards up to {stage.awards_up_to} stars" if stage.awards_up_to else "",
        ]
        rows.append((code(stage.key), stage.label, stage.level.label, stage.waits_for, "; ".join(filter(None, marks))))
    return table(("stage", "in Vietnamese", "level", "waits for", "what it is"), rows)


def _lasts(own: OwnPeriod) -> str:
    """Return a stage's own period in words."""
    unit = "working days" if own.working else "days"
    length = f"{own.days} {unit}" if own.days else f"{code(own.setting)} {unit}"
    return f"{length} for each dossier from {'the complete file' if own.from_complete else 'receipt'}" + (
        f" ({own.rule})" if own.rule else ""
    )


def _moves(procedure: Procedure) -> str:
    """Return the table of moves; rows that stand together and differ in their source alone share a line."""
    alike = groupby(_ways(procedure), key=lambda move: (move.event, move.target, move.when, move.by, move.letters,
                                                       move.back, move.rule))  # fmt: skip
    rows = [
        (
            code(event),
            code(*(move.source for move in group)),
            code(target),
            condition(when),
            _by(by, event),
            code(*letters),
            BOUNDS[back] if back else "",
            _cited(rule),
        )
        for (event, target, when, by, letters, back, rule), group in alike
    ]
    return table(("event", "from", "to", "when", "by", "letters", "leads back", "source"), rows)


def _ways(procedure: Procedure) -> list[Move]:
    """Return the ways into the procedure, then its moves."""
    return [*(procedure.entry(start) for start in dict.fromkeys(procedure.starts.values())), *procedure.moves]


def _notes(procedure: Procedure) -> str:
    order = [stage.key for stage in procedure.stages]
    open_stages = set(procedure.open_stages)
    every = {frozenset(order): "every stage", frozenset(open_stages): "every open stage"}
    rows = [
        (
            code(note.event),
            every.get(note.stages) or code(*sorted(note.stages, key=order.index)),
            _by(note.by, note.event),
            code(*note.letters),
            _cited(note.rule),
        )
        for note in procedure.notes
    ]
    return table(("event", "at", "by", "letters", "source"), rows)


def condition(when: Condition) -> str:
    """Return a condition as the table says it: its function's first sentence, nothing where it always holds."""
    name: str = getattr(when, "__name__", "")
    if name == "always":
        return ""
    return (when.__doc__ or name).strip().split("\n")[0].removeprefix("Hold ").rstrip(".")


def _by(level: Level | None, event: str) -> str:
    if event == ROUTE:
        return "flow"
    if event == REGISTER:
        return "the commune or a unit above it"
    return f"officer of the {level}" if level else "the unit that holds it"


def _cited(rule: Source | None) -> str:
    return str(rule) if rule else ""


def _owed() -> dict[Notice, list[str]]:
    """Return by notice the events of all procedures that owe it, each with the stages from which it does."""
    found: dict[Notice, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for procedure in PROCEDURES.values():
        for move in _ways(procedure):
            for notice in move.letters:
                places = found[notice][move.event]
                if move.source and move.source not in places:
                    places.append(move.source)
        for note in procedure.notes:
            for notice in note.letters:
                found[notice][note.event] = []
    few = 3
    return {
        notice: [
            code(event) + (f" at {code(*places)}" if 0 < len(places) <= few else "") for event, places in events.items()
        ]
        for notice, events in found.items()
    }


def _named_in(notice: Notice) -> list[str]:
    """Return the modules of casework that name a notice which no row of the table owes."""
    named = f"Notice.{notice.name}"
    return sorted(
        path.relative_to(CASEWORK).as_posix()
        for path in CASEWORK.rglob("*.py")
        if any(re.search(rf"{named}\b", line) for line in path.read_text(encoding="utf-8").splitlines())
    )


def _subject(notice: Notice) -> str:
    return (TEMPLATES / notice / "subject.txt.j2").read_text(encoding="utf-8").strip()
