"""Whatever happens to a plan file, it is read, or refused with lines, keys and remedies."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from ocop.plan import dump, load
from ocop.plan_file import PlanErrors, read_plan
from ocop.plan_settings import settings
from ocop.toml_lines import line_numbers

LINES = (
    (Path(__file__).parents[2] / "deployments" / "plans" / "nam_dinh_2025.toml")
    .read_text(encoding="utf-8")
    .splitlines()
)
LITERALS = ["-1", "0", "3", "999999999999", "70.5", "nan", "inf", "true", '""', '"x"', "2025-06-15", "07:30:00", "[]"]
LITERALS += ["[1]", '["x"]', "{}", "{ a = 1 }", "'''\n[x]\n'''", "2025-02-30", "1e400", "[[", '"', "đ", "\\", "\x00"]


@st.composite
def damaged(draw: st.DrawFn) -> str:
    """Return the shipped plan with a few lines lost, doubled, moved, or given another value."""
    lines = list(LINES)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(lines) - 1))
        match draw(st.sampled_from(["lose", "double", "move", "value", "noise"])):
            case "lose":
                del lines[at]
            case "double":
                lines.insert(at, lines[at])
            case "move":
                lines.insert(draw(st.integers(0, len(lines) - 1)), lines.pop(at))
            case "value":
                lines[at] = f"{lines[at].partition('=')[0]}= {draw(st.sampled_from(LITERALS))}"
            case _:
                lines[at] = draw(st.text("ab1=.[]{}\"'#\\ \t\r\x0c\u2028đ", max_size=12))
    return "\n".join(lines)


@given(damaged())
def test_a_damaged_plan_is_read_or_refused_with_lines_and_remedies(toml: str) -> None:
    try:
        plan = read_plan(toml)
    except PlanErrors as refused:
        problems = refused.problems
    else:
        assert load(dump(plan)) == plan
        assert all(setting.value_text and setting.source.strip() for setting in settings(plan))
        return
    assert problems
    for problem in problems:
        assert 1 <= problem.line <= toml.count("\n") + 1
        assert problem.problem
        assert problem.remedy


@given(st.permutations(range(3)))
def test_deadlines_may_stand_in_any_order_in_the_file(order: list[int]) -> None:
    toml = "\n".join(LINES)
    head, *rows = toml.partition("[targets]")[0].split("[[deadlines]]")
    shuffled = (
        head + "".join(f"[[deadlines]]{rows[index]}" for index in order) + "[targets]" + toml.partition("[targets]")[2]
    )
    assert set(read_plan(shuffled).deadlines) == set(read_plan(toml).deadlines)


def test_every_key_of_the_shipped_plan_is_found_on_its_own_line() -> None:
    for key, number in line_numbers("\n".join(LINES)).items():
        if isinstance(key[-1], str):
            assert key[-1] in LINES[number - 1]
