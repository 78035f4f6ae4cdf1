"""`python -m tests.mutation`: mutate the rules and the one writer, and say how many mutants no test notices."""

import argparse
import json
import sys
import time
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from tests.mutation.attempts import Outcome, Task, attempt_all
from tests.mutation.checkout import ROOT, here, path_of, preload
from tests.mutation.operators import Mutant
from tests.mutation.planting import names_in, planted, quick
from tests.mutation.tracing import Traced, chosen, trace

MODULES = (
    *sorted(
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for path in (ROOT / "ocop").rglob("*.py")
        if path.name != "__init__.py"
    ),
    "casework.gate",
    "casework.ledger",
)

RULES = ("tests/unit", "tests/property", "tests/architecture/test_notices.py")
"""The rules' own tests. Those that compare printed tables with the code are left out: they would notice any change."""
NOT_RULES = ("--ignore=tests/property/test_random_walk.py",)
RECORD = tuple(
    f"tests/integration/test_{name}.py"
    for name in (
        *("acts_together", "acts_rights", "acts_supplement", "acts_return_and_forwarding", "acts_days_and_numbers"),
        *(
            "gate",
            "ledger",
            "deadline_acts",
            "deadline_strokes",
            "deadline_extensions",
            "reminders",
            "ladder",
            "way_of_a_dossier",
        ),
    )
)
"""The acts' tests on a database, for the one writer and for what the rules' own tests let pass."""

EXPLAINED = Path(__file__).parent / "explained.toml"
PAPER = ROOT / "docs" / "mutation.md"
BEGIN, END = "<!-- table -->", "<!-- end -->"


def explained() -> dict[str, dict[str, str]]:
    """Return by module the survivors that change nothing that a rule says, and why."""
    return tomllib.loads(EXPLAINED.read_text(encoding="utf-8")) if EXPLAINED.exists() else {}


def pools_for(module: str) -> tuple[tuple[str, ...], ...]:
    """Return the pools of tests to try in turn."""
    return ((*RULES, *NOT_RULES), RECORD) if module.startswith("ocop") else (RECORD,)


def mutants(modules: Sequence[str], only: str) -> Iterator[tuple[Mutant, Mapping[str, str]]]:
    """Yield every mutant of the modules whose key holds a text, with the names of its module."""
    for module in modules:
        names = names_in(module)
        yield from ((site.mutant, names) for site in planted(module, names)[1] if only in site.mutant.key)


def main() -> int:
    """Try the mutants, print what survived unexplained, and fail when there is any."""
    asked = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    asked.add_argument("modules", nargs="*", help="like ocop.scoring; all without")
    asked.add_argument("--only", default="", help="mutants whose key holds this text")
    asked.add_argument("--sample", type=int, default=1, help="every so-manieth mutant only")
    asked.add_argument("--list", action="store_true", help="name the mutants and try none")
    asked.add_argument("--results", type=Path, default=ROOT / "build" / "mutants.json", help="what was found before")
    asked.add_argument("--survivors", action="store_true", help="try again only what is neither killed nor explained")
    asked.add_argument("--write", action="store_true", help="write the table of docs/mutation.md from the results")
    asked.add_argument("--rules-only", action="store_true", help="leave the tests on a database out")
    args = asked.parse_args()
    modules = args.modules or MODULES
    before: dict[str, list[str]] = json.loads(args.results.read_text("utf-8")) if args.results.exists() else {}
    with here():
        if args.write:
            write(before)
            return 0
        every = list(mutants(modules, args.only))[:: args.sample]
        if args.list:
            for mutant, _ in every:
                print(f"{mutant.module} {mutant.key}")  # noqa: T201
            return 0
        known = explained()
        todo = [
            (mutant, names) for mutant, names in every if not (args.survivors and _settled(told(mutant), before, known))
        ]
        after = dict(before)
        if not args.only and args.sample == 1:
            living = {told(mutant) for mutant, _ in every}
            after = {key: found for key, found in after.items() if key in living or not _of(key, modules)}
        saved = began = time.perf_counter()
        for mutant, outcome, by in try_all(todo, rules_only=args.rules_only):
            after[told(mutant)] = [outcome.value, by]
            if time.perf_counter() > saved + 10:
                save(after, args.results)
                saved = time.perf_counter()
            if outcome in {Outcome.SURVIVED, Outcome.UNTESTED}:
                why = known.get(mutant.module, {}).get(mutant.key)
                say(f"{outcome.value}: {mutant.module}:{mutant.lines[0]} {mutant.key}" + (f"  [{why}]" if why else ""))
        save(after, args.results)
        say(f"{len(todo)} mutants in {time.perf_counter() - began:.0f} s")
        left = [key for key, (outcome, _) in after.items() if outcome in {"survived", "untested"}]
        open_ones = [key for key in left if not _why(key, known)]
        say(f"{len(after)} known, {len(left)} survived, {len(open_ones)} of them unexplained")
        return 1 if open_ones else 0


def save(results: Mapping[str, Sequence[str]], path: Path) -> None:
    """Keep what was found, so that a later run need only try the survivors."""
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(results, ensure_ascii=False, indent=0), encoding="utf-8")


Todo = Sequence[tuple[Mutant, Mapping[str, str]]]


def try_all(todo: Todo, *, rules_only: bool) -> Iterator[tuple[Mutant, Outcome, str]]:
    """Yield what becomes of each mutant: tried where it can be planted in place, then anew, then with the next pool."""
    by_pools: dict[tuple[tuple[str, ...], ...], list[tuple[Mutant, Mapping[str, str]]]] = {}
    for entry in todo:
        by_pools.setdefault(pools_for(entry[0].module), []).append(entry)
    for pools, entries in by_pools.items():
        left = entries
        for number, pool in enumerate(pools[:1] if rules_only else pools):
            if not left:
                break
            say(f"running {' '.join(pool)} once without a mutant")
            traced = trace(pool, MODULES)
            say(f"{len(traced.tests)} tests, {sum(traced.seconds.values()):.0f} s; {len(left)} mutants")
            preload(traced.libraries)
            last = number + 1 == len(pools) or rules_only
            in_place = [entry for entry in left if quick(entry[0])]
            survivors = [entry for entry in left if not quick(entry[0])]
            final: list[tuple[Mutant, Outcome]] = []
            if pool == RECORD:  # its conftest has imported everything
                final, survivors = [(mutant, Outcome.SURVIVED) for mutant, _ in survivors], []
            names = dict(left)
            for again, entries_now in ((False, in_place), (True, survivors)):
                tasks = _tasks(entries_now, traced, narrow=not again and pool != RECORD)  # those have no second chance
                for mutant, outcome, by in attempt_all(pool, tasks, anew=again):
                    if outcome in {Outcome.KILLED, Outcome.TIMEOUT}:
                        yield mutant, outcome, by
                    elif not again and pool != RECORD:
                        say(f"not yet: {mutant.module}:{mutant.lines[0]} {mutant.key}")
                        survivors.append((mutant, names[mutant]))  # values made at import may hide it
                    else:
                        final.append((mutant, outcome))
            if last:
                yield from ((mutant, outcome, "") for mutant, outcome in final)
            left = [(mutant, names[mutant]) for mutant, _ in final]


def _tasks(entries: Todo, traced: Traced, *, narrow: bool) -> list[Task]:
    found = []
    for mutant, names in entries:
        tests = chosen(mutant, traced, narrow=narrow)
        found.append((mutant, names, tests, {test: traced.seconds[test] for test in tests}))
    return found


def told(mutant: Mutant) -> str:
    return f"{mutant.module} {mutant.key}"


def _settled(key: str, before: Mapping[str, Sequence[str]], known: Mapping[str, Mapping[str, str]]) -> bool:
    """Return whether a mutant was killed before, or survived and is explained."""
    outcome = before.get(key, [""])[0]
    return outcome in {"killed", "timeout"} or bool(outcome and _why(key, known))


def _of(key: str, modules: Sequence[str]) -> bool:
    return key.partition(" ")[0] in modules


def _why(key: str, known: Mapping[str, Mapping[str, str]]) -> str:
    module, _, inner = key.partition(" ")
    return known.get(module, {}).get(inner, "")


def say(line: str) -> None:
    print(line, flush=True)  # noqa: T201


def write(results: Mapping[str, Sequence[str]]) -> None:
    """Write score and explained survivors between the paper's two marks."""
    known = explained()
    rows: dict[str, Counter[str]] = {module: Counter() for module in MODULES}
    living = [told(mutant) for mutant, _ in mutants(MODULES, "")]
    for key in living:
        rows[key.partition(" ")[0]]["mutants"] += 1
    results = {key: results[key] for key in living if key in results}
    for key, (outcome, _) in results.items():
        module = key.partition(" ")[0]
        rows[module]["tried"] += 1
        killed = outcome in {"killed", "timeout"}
        rows[module]["killed" if killed else "explained" if _why(key, known) else "open"] += 1
    lines = [
        "| module | mutants | tried | killed by tests | survivors explained | unexplained |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    total: Counter[str] = Counter()
    for module, count in rows.items():
        total += count
        lines.append(_row(f"`{path_of(module).relative_to(ROOT)}`", count))
    lines += [_row("**all**", total), "", "| survivor | why it may |", "|---|---|"]
    for key, (outcome, _) in results.items():
        if outcome in {"survived", "untested"} and (why := _why(key, known)):
            module, _, inner = key.partition(" ")
            lines.append(f"| `{module}` {_code(inner)} | {why} |")
    for module, reasons in known.items():
        for inner in reasons:
            if results.get(f"{module} {inner}", [""])[0] not in {"survived", "untested"}:
                say(f"explained, but no survivor: {module} {inner}")
    paper = PAPER.read_text(encoding="utf-8")
    head, _, rest = paper.partition(BEGIN)
    tail = rest.partition(END)[2]
    PAPER.write_text(f"{head}{BEGIN}\n" + "\n".join(lines) + f"\n{END}{tail}", encoding="utf-8")


def _row(name: str, count: Mapping[str, int]) -> str:
    return f"| {name} | {count['mutants']} | {count['tried']} | {count['killed']} | {count['explained']} | {count['open']} |"


def _code(text: str) -> str:
    return "`` " + text.replace("|", "\\|") + " ``"


if __name__ == "__main__":
    sys.exit(main())
