"""The forms of real plans, brought to one plan of one round: rounds in a file, a second document that refines it, coarse dates.

All of it happens before the values are checked, on the file as read; where each value came from is remembered, so that a
refusal names the line of the document in which it stands.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeGuard

from ocop import text
from ocop.coarse_dates import resolve
from ocop.phrase import Phrase
from ocop.plan_faults import ONE_OF, Fault
from ocop.plan_rounds import DateWords
from ocop.plan_sections import COARSE, STATED
from ocop.toml_lines import Key

Raw = dict[str, Any]


@dataclass(frozen=True)
class Composed:
    """One plan made of a file's shared part, one of its rounds and the documents that refine it."""

    raw: Raw
    origins: dict[Key, tuple[int, Key]] = field(default_factory=dict)
    """For a place in `raw`: the number of the document it came from, 0 for the first, and its place there."""
    faults: list[tuple[int, Fault]] = field(default_factory=list)
    """What the forms themselves do not allow, by document."""

    def origin(self, key: Key) -> tuple[int, Key]:
        """Return the document and the place in it of a value, or of the nearest table above it that was moved."""
        for end in range(len(key), 0, -1):
            if key[:end] in self.origins:
                document, place = self.origins[key[:end]]
                return document, (*place, *key[end:])
        return 0, key


REFINING_KEYS = frozenset({"refines", "number", "title", "issued_on", "issuer"})
"""What a refining document says of itself; all else of [plan] is the first document's."""
EACH_DEADLINE = Phrase("viết mỗi thời hạn một mục [[deadlines]]")


def compose(documents: Sequence[Mapping[str, Any]], round_key: str = "") -> Composed:
    """Return the plan of one round of the first document, refined by the others in their order."""
    first = dict(documents[0])
    made = Composed(first)
    if isinstance(plan := first.get("plan"), Mapping) and "refines" in plan:
        made.faults.append(
            (0, Fault(("plan", "refines"), Phrase("tệp này làm rõ kế hoạch %(plan)s, tự nó không mở được chu trình",
                                                  plan=str(plan["refines"])),
                      Phrase("đưa tệp kế hoạch gốc trước, tệp này sau")))
        )  # fmt: skip
        first["plan"] = {key: value for key, value in plan.items() if key != "refines"}
    _choose_round(made, round_key)
    for number, document in enumerate(documents[1:], start=1):
        made.faults.extend((number, fault) for fault in _refine(made, number, document))
    _read_coarse_dates(made.raw)
    return made


def round_keys(raw: Mapping[str, Any]) -> list[str]:
    """Return the keys of a file's rounds in their order; none for a plan of one."""
    rounds = raw.get("rounds")
    return [str(row.get("key", "")) for row in rounds if isinstance(row, Mapping)] if isinstance(rounds, list) else []


def _choose_round(made: Composed, wanted: str) -> None:
    """Put the chosen round in place of the file's list of rounds."""
    rounds = made.raw.pop("rounds", None)
    rows = {
        index: row for index, row in enumerate(rounds if isinstance(rounds, list) else ()) if isinstance(row, Mapping)
    }
    if rounds is not None and (not rows or len(rows) < len(rounds)):
        fault = Fault(("rounds",), Phrase("phải là một danh sách các đợt"), Phrase("viết mỗi đợt một mục [[rounds]]"))
        made.faults.append((0, fault))
    if not rows:
        if wanted and rounds is None:
            none = Phrase("kế hoạch không chia đợt nên không có đợt '%(round)s'", round=wanted)
            made.faults.append((0, Fault((), none, Phrase("bỏ tên đợt"))))
        return
    keys = {index: str(row.get("key", "")) for index, row in rows.items()}
    listed = ", ".join(f"'{key}'" for key in keys.values())
    seen: set[str] = set()
    for index, key in keys.items():
        if key in seen:
            twice = Phrase("đợt '%(round)s' có hai mục", round=key)
            fault = Fault(("rounds", index, "key"), twice, Phrase("đặt cho mỗi đợt một mã riêng"))
            made.faults.append((0, fault))
        seen.add(key)
    if wanted not in seen:
        said = Phrase("không có đợt '%(round)s'", round=wanted)
        if not wanted:
            said = Phrase("kế hoạch chia nhiều đợt, chưa nói đợt nào")
        made.faults.append((0, Fault(("rounds",), said, Phrase("nêu một trong các đợt: %(rounds)s", rounds=listed))))
    place = next((index for index, key in keys.items() if key == wanted), next(iter(keys)))
    chosen = dict(rows[place])
    if "opens_on" in chosen and isinstance(made.raw.get("plan"), Mapping):
        made.raw["plan"] = {**made.raw["plan"], "opens_on": chosen.pop("opens_on")}
        made.raw["sources"] = _cited(made.raw, {"plan.opens_on": str(chosen.get("section", ""))})
        made.origins["plan", "opens_on"] = 0, ("rounds", place, "opens_on")
    shared, own = made.raw.get("deadlines", []), chosen.pop("deadlines", [])
    if isinstance(shared, list) and isinstance(own, list):
        _add_deadlines(made, shared, own, place)
    elif not isinstance(own, list):
        made.raw["deadlines"] = own
        made.origins["deadlines",] = 0, ("rounds", place, "deadlines")
    following = chosen.get("next_round", next((key for index, key in keys.items() if index > place), None))
    if following is not None and following not in keys.values():
        fault = Fault(
            ("rounds", place, "next_round"), Phrase("không có đợt '%(round)s'", round=str(following)),
            Phrase(ONE_OF, known=listed),
        )  # fmt: skip
        made.faults.append((0, fault))
    made.raw["round"] = {**chosen, **({"next_round": following} if following is not None else {})}
    made.origins["round",] = 0, ("rounds", place)


def _add_deadlines(made: Composed, shared: list[Any], own: list[Any], place: int) -> None:
    """Put a round's deadlines after the shared ones, in place of one for the same stage."""
    stages = [row.get("stage") for row in own if isinstance(row, Mapping)]
    kept = [
        (index, row)
        for index, row in enumerate(shared)
        if not (isinstance(row, Mapping) and row.get("stage") in stages)
    ]
    made.raw["deadlines"] = [row for _, row in kept] + own
    for new, (old, _) in enumerate(kept):
        made.origins["deadlines", new] = 0, ("deadlines", old)
    for index in range(len(own)):
        made.origins["deadlines", len(kept) + index] = 0, ("rounds", place, "deadlines", index)


def _cited(raw: Mapping[str, Any], more: Mapping[str, str]) -> Any:
    """Return the sources with more of them; what is no table stays as it is, to be refused as such."""
    sources = raw.get("sources", {})
    return {**sources, **more} if isinstance(sources, Mapping) else sources


def _refine(made: Composed, number: int, document: Mapping[str, Any]) -> Iterator[Fault]:
    """Put a refining document's values over the plan's, each with the source that the refining document gives it."""
    head, base = document.get("plan"), made.raw.get("plan")
    if not isinstance(head, Mapping) or not isinstance(base, Mapping):
        yield Fault(
            ("plan",),
            Phrase("thiếu bảng [plan] của văn bản làm rõ"),
            Phrase("thêm [plan] với refines, number, title, issued_on, issuer"),
        )
        return
    missing = sorted(REFINING_KEYS - set(head))
    if missing:
        lacks = Phrase("văn bản làm rõ thiếu %(keys)s", keys=", ".join(missing))
        yield Fault(("plan",), lacks, Phrase("thêm các dòng đó vào [plan]"))
    elif head["refines"] != base.get("number"):
        yield Fault(
            ("plan", "refines"),
            Phrase(
                "văn bản này làm rõ kế hoạch '%(refined)s', không phải '%(plan)s'",
                refined=str(head["refines"]), plan=str(base.get("number")),
            ),
            Phrase("đưa đúng tệp kế hoạch gốc"),
        )  # fmt: skip
    for key in head:
        if key not in REFINING_KEYS:
            yield Fault(
                ("plan", key), Phrase("văn bản làm rõ không đổi được giá trị này của kế hoạch"),
                Phrase(
                    "bỏ dòng này; [plan] của văn bản làm rõ chỉ có %(keys)s", keys=", ".join(sorted(REFINING_KEYS))
                ),
            )  # fmt: skip
    if "rounds" in document:
        yield Fault(
            ("rounds",), Phrase("văn bản làm rõ không thêm được đợt"),
            Phrase("ghi [[deadlines]]; nó áp dụng cho đợt được mở"),
        )  # fmt: skip
    sources = document.get("sources", {})
    used: set[str] = set()
    for name, stated in document.items():
        if name in {"plan", "sources", "rounds", "deadlines"}:
            continue
        if not isinstance(stated, Mapping):
            lines = Phrase("viết [%(key)s] rồi mỗi thiết lập một dòng", key=name)
            yield Fault((name,), Phrase("phải là một bảng"), lines)
            continue
        below = made.raw.get(name)
        made.raw[name] = _over(below if isinstance(below, Mapping) else {}, stated)
        yield from _cite(
            made, number, [((name, *key), ".".join((name, *key))) for key in _leaves(stated)], sources, used
        )
    yield from _refine_deadlines(made, number, document, sources, used)
    for key in set(sources) - used if isinstance(sources, Mapping) else ():
        unused = Phrase("không có giá trị nào của văn bản này dùng nguồn đó")
        yield Fault(("sources", key), unused, Phrase("bỏ dòng này"))
    issued = head.get("issued_on")
    told = (
        f"{head.get('number')} ngày {text.day(issued) if isinstance(issued, date) else issued} của {head.get('issuer')}"
    )
    earlier = base.get("refined_by", [])
    made.raw["plan"] = {**base, "refined_by": [*earlier, told] if isinstance(earlier, list) else earlier}
    made.raw["sources"] = _cited(made.raw, {"plan.refined_by": str(head.get("number"))})


def _over(below: Mapping[str, Any], stated: Mapping[str, Any]) -> Raw:
    """Return a table with another's values over it, tables inside it likewise."""
    merged = dict(below)
    for key, value in stated.items():
        inner = below.get(key)
        merged[key] = _over(inner, value) if isinstance(value, Mapping) and isinstance(inner, Mapping) else value
    return merged


def _leaves(stated: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    for key, value in stated.items():
        if isinstance(value, Mapping):
            yield from ((key, *rest) for rest in _leaves(value))
        else:
            yield (key,)


def _cite(
    made: Composed, number: int, values: Sequence[tuple[Key, str]], sources: Any, used: set[str], shared: str = ""
) -> Iterator[Fault]:
    """Take the source of each value from the refining document, under its own key or a section above it."""
    for place, key in values:
        parts = key.split(".")
        places = [".".join(parts[:end]) for end in range(len(parts), 0, -1)]
        if shared:
            places = [key, f"{shared}.{parts[-1]}", shared]
        found = next((name for name in places if isinstance(sources, Mapping) and name in sources), None)
        if found is None:
            remedy = Phrase('thêm vào [sources] của văn bản này dòng "%(key)s" = "..."', key=key)
            yield Fault(place, Phrase("giá trị không ghi nguồn"), remedy)
            continue
        used.add(found)
        made.raw["sources"] = _cited(made.raw, {key: sources[found]})
        made.origins[("sources", key)] = number, ("sources", found)
        if not shared:
            made.origins[place] = number, place


def _refine_deadlines(
    made: Composed, number: int, document: Mapping[str, Any], sources: Any, used: set[str]
) -> Iterator[Fault]:
    """Put a refining document's deadlines over those of the same stage; a new stage is added."""
    rows, below = document.get("deadlines", []), made.raw.get("deadlines", [])
    if not isinstance(rows, list):
        yield Fault(("deadlines",), Phrase("phải là một danh sách"), EACH_DEADLINE)
    if not isinstance(rows, list) or not isinstance(below, list):
        return
    merged = list(below)
    for index, row in enumerate(rows):
        if not isinstance(row, Mapping):
            yield Fault(("deadlines", index), Phrase("phải là một bảng"), EACH_DEADLINE)
            continue
        stages = [old.get("stage") if isinstance(old, Mapping) else None for old in merged]
        known = row.get("stage") in stages
        place = stages.index(row.get("stage")) if known else len(merged)
        before = merged[place] if known else {}
        stated = STATED & set(row)
        if "date" in row and "wording" not in row:
            yield Fault(
                ("deadlines", index, "wording"), Phrase("ngày mới mà không có lời văn mới"),
                Phrase("ghi wording như văn bản này viết"),
            )  # fmt: skip
        if stated and "section" not in row:
            yield Fault(
                ("deadlines", index, "section"), Phrase("thiếu 'Phần của kế hoạch'"),
                Phrase("ghi phần của văn bản này nêu ngày đó"),
            )  # fmt: skip
        quoted = {"section": f"{before['section']}; {row['section']}"} if {"section"} <= set(row) & set(before) else {}
        if "date" in row:  # new words are read anew: how the old ones were read does not hold for them
            before = {key: value for key, value in before.items() if key != "boundary"}
        merged[place:] = [{**before, **row, **quoted}, *merged[place + 1 :]]
        for key in row:
            made.origins["deadlines", place, key] = number, ("deadlines", index, key)
        if not known:
            made.origins["deadlines", place] = number, ("deadlines", index)
        rules = [key for key in row if key not in STATED | {"stage", "section"}]
        values: list[tuple[Key, str]] = [
            (("deadlines", index, key), f"deadlines.{row.get('stage')}.{key}") for key in rules
        ]
        yield from _cite(made, number, values, sources, used, "deadlines")
    made.raw["deadlines"] = merged


def _read_coarse_dates(raw: Raw) -> None:
    """Put the days that coarse words come to in the place of the words, and say whose reading that is."""
    plan, stated, cited = raw.get("plan"), raw.get("dates", {}), raw.get("sources", {})
    year = plan.get("year") if isinstance(plan, Mapping) else None
    if not _whole(year, 1, 9999) or not isinstance(stated, Mapping):
        return
    days = {name: field.default for name, field in DateWords.model_fields.items()} | dict(stated)
    if not all(_whole(value, 1, 31) for value in days.values()) or not isinstance(cited, Mapping):
        return
    rows = raw.get("deadlines")
    raw["deadlines"] = with_days(rows, year, days)
    for row in rows if isinstance(rows, list) else ():
        if isinstance(row, Mapping) and "boundary" not in row and isinstance(row.get("date"), str):
            key = f"deadlines.{row.get('stage')}.boundary"
            raw["sources"] = {key: COARSE, **raw.get("sources", {})}


def _whole(value: Any, least: int, most: int) -> TypeGuard[int]:
    """Return whether a value is a whole number within bounds; the others are refused where they stand."""
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def with_days(rows: Any, year: int, days: Mapping[str, int]) -> Any:
    """Return rows of dates with coarse words replaced by the day they come to, the words kept beside it.

    `days` are the values of `[dates]`. What is not understood stays, to be refused where it stands.
    """
    parts = {
        "trong": days["within_day"],
        "dau": days["early_day"],
        "giua": days["middle_day"],
        "cuoi": days["late_day"],
    }
    made = []
    for row in rows if isinstance(rows, list) else ():
        words = row.get("date") if isinstance(row, Mapping) else None
        reading = resolve(words, year, parts) if isinstance(words, str) else None
        if reading is not None:
            row = {"boundary": "inclusive", **row, "date": reading.day, "given": words, "reading": reading.rule}
        made.append(row)
    return made if isinstance(rows, list) else rows
