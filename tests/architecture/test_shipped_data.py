"""What is shipped is complete, says where it comes from, and puts nothing invented beside a real producer."""

import csv
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from ocop.plan_file import read_plan, rounds_in
from ocop.plan_settings import settings
from tests.architecture.tree import ROOT

DATA = ROOT / "deployments" / "data"
PLANS = sorted((ROOT / "deployments" / "plans").glob("*.toml"))
UNITS = DATA / "nam_dinh_units_2025H1.csv"
HISTORY = DATA / "recognitions_published.csv"
COMMUNES = {"356": 21, "359": 14, "360": 23, "361": 20, "362": 18, "363": 21, "364": 14, "365": 20, "366": 24}


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("path", sorted(DATA.glob("*.csv")), ids=lambda path: path.name)
def test_every_row_of_data_has_a_source(path: Path) -> None:
    found = rows(path)
    assert found
    assert [row for row in found if not row["source"].strip()] == []
    assert path.name in (DATA / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", PLANS, ids=lambda path: path.stem)
def test_a_shipped_plan_is_valid_and_each_of_its_values_has_a_source(path: Path) -> None:
    for round_key in rounds_in(path) or [""]:
        plan = read_plan(path, round_key=round_key)
        assert plan.document.key == path.stem
        assert [setting.key for setting in settings(plan) if not setting.source.strip()] == []


def test_the_rounds_of_2027_have_the_dates_that_the_law_orders() -> None:
    path = ROOT / "deployments" / "plans" / "ninh_binh_2027.toml"
    assert {key: [row.day for row in read_plan(path, round_key=key).deadlines] for key in rounds_in(path)} == {
        "dot_1": [date(2027, 4, 30), date(2027, 6, 30), date(2027, 7, 30), date(2027, 9, 30)],
        "dot_2": [date(2027, 10, 30), date(2027, 12, 30), date(2028, 1, 30), date(2028, 3, 30)],
    }


def test_the_first_plan_explains_every_value_that_an_office_has_to_write() -> None:
    head, _, _ = (ROOT / "deployments" / "plans" / "first_plan.toml").read_text(encoding="utf-8").partition("[sources]")
    explained, silent = False, []
    for line in filter(None, map(str.strip, head.splitlines())):
        if line.startswith("#"):
            explained = True
        elif line.startswith("["):
            explained = explained and line == "[[deadlines]]"
        elif not explained:
            silent.append(line)
    assert silent == []


def test_the_plan_of_2025_has_the_dates_and_targets_that_it_orders() -> None:
    plan = read_plan((ROOT / "deployments" / "plans" / "nam_dinh_2025.toml").read_text(encoding="utf-8"))
    assert [(row.stage, row.day) for row in plan.deadlines] == [
        ("district_evaluation", date(2025, 6, 15)),
        ("provincial_submission", date(2025, 6, 20)),
        ("provincial_evaluation", date(2025, 7, 20)),
    ]
    assert (plan.targets.new_three_stars, plan.targets.five_stars_evaluated) == (40, 1)


def test_the_units_of_nam_dinh_are_nine_districts_and_a_hundred_and_seventy_five_communes() -> None:
    units = rows(UNITS)
    assert Counter(row["level"] for row in units) == {"central": 1, "province": 1, "district": 9, "commune": 175}
    assert Counter(row["parent_code"] for row in units if row["level"] == "commune") == COMMUNES
    assert len({row["code"] for row in units}) == len(units)
    assert {row["valid_to"] for row in units if row["level"] in {"district", "commune"}} == {"2025-06-30"}


def test_published_recognitions_keep_day_place_and_star_and_name_no_real_producer() -> None:
    published = [(row["decision_date"], row["district"], row["authority_level"], row["star"]) for row in rows(HISTORY)]
    assert published == [
        ("2021-12-13", "Huyện Nghĩa Hưng", "province", "4"),
        ("2021-12-13", "Huyện Nghĩa Hưng", "province", "3"),
        ("2025-01-17", "Huyện Hải Hậu", "central", "5"),
        ("2024-11-15", "Thành phố Nam Định", "district", "3"),
    ]
    for row in rows(HISTORY):
        assert row["simulated"] == "có"
        assert "mô phỏng" in row["product_name"]
        assert "mô phỏng" in row["producer_name"]
