"""A file of successors is taken whole or not at all: each row names two units of the right days, and a division is complete."""

import csv
import io
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select, update
from sqlalchemy.orm import Session, aliased

from casework.imports.columns import Imported
from casework.imports.reading import read
from casework.imports.settings import ImportSettings
from casework.imports.successions import import_successions
from casework.imports.units import import_units
from models.session import transaction
from models.successions import Succession
from models.units import Unit
from ocop.errors import InvalidRows

DATA = Path(__file__).parents[3] / "deployments" / "data"
COLUMNS = ("level", "code", "successor_level", "successor_code", "from_day", "covers", "roles", "document")
UNITS = """level,code,name,parent_code,valid_from,valid_to
trung ương,TW,Trung ương,,1/1/2021,
tỉnh,36,Tỉnh Cũ,TW,1/1/2021,30/6/2025
tỉnh,37,Tỉnh Mới,TW,1/7/2025,
huyện,365,Huyện Một,36,1/1/2021,30/6/2025
xã,14101,Xã A,365,1/1/2021,30/6/2025
xã,14102,Xã B,365,1/1/2021,30/6/2025
xã,20001,Xã Mới,37,1/7/2025,
xã,20002,Xã Mới Hai,37,1/7/2025,
"""
SAID = "Nghị quyết sắp xếp"


@pytest.fixture
def units(sqlite_engine: Engine) -> Engine:
    """A record with a handful of units before and after 1/7/2025."""
    with transaction(sqlite_engine) as session:
        import_units(session, read("units.csv", UNITS.encode(), ImportSettings()))
    return sqlite_engine


def take(engine: Engine, *rows: tuple[str, ...]) -> Imported:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows(rows)
    with transaction(engine) as session:
        return import_successions(session, read("s.csv", text.getvalue().encode(), ImportSettings()))


def test_one_to_one_many_to_one_and_one_to_many_are_taken_and_the_same_file_twice_changes_nothing(
    units: Engine,
) -> None:
    rows = (
        ("tỉnh", "36", "tỉnh", "37", "1/7/2025", "", "chuyển", SAID),
        ("xã", "14101", "xã", "20001", "1/7/2025", "", "chuyển", SAID),
        ("xã", "14102", "xã", "20001", "1/7/2025", "", "kết thúc", SAID),
        ("huyện", "365", "xã", "20001", "1/7/2025", "14101", "", SAID),
        ("huyện", "365", "xã", "20002", "1/7/2025", "14102", "", SAID),
    )
    assert take(units, *rows) == Imported(5, 0, 0)
    assert take(units, *rows) == Imported(0, 5, 0)
    with transaction(units) as session:
        kept = session.execute(
            select(Unit.code, Succession.covers, Succession.main, Succession.roles)
            .join(Unit, Unit.id == Succession.unit_id)
            .order_by(Succession.id)
        ).all()
    assert kept == [
        ("36", "", True, "move"), ("14101", "", True, "move"), ("14102", "", True, "end"),
        ("365", "14101", True, ""), ("365", "14102", False, ""),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (("xã", "99999", "xã", "20001", "1/7/2025", "", "", SAID), "99999"),
        (("xã", "14101", "xã", "14102", "1/7/2025", "", "", SAID), "không còn hoặc chưa có"),
        (("xã", "14101", "xã", "20001", "1/7/2025", "", "bỏ", SAID), "hãy ghi 'chuyển' hoặc 'kết thúc'"),
        (("huyện", "365", "tỉnh", "37", "1/7/2025", "14101 20001", "", SAID), "20001"),
        (("xã", "14101", "xã", "20001", "1/7/2025", "14101", "", SAID), "một xã không chia được"),
    ],
)
def test_a_row_that_names_no_unit_of_that_day_or_divides_wrongly_is_refused(
    units: Engine, row: tuple[str, ...], said: str
) -> None:
    with pytest.raises(InvalidRows, match=said):
        take(units, row)


def test_a_unit_with_two_successors_names_the_communes_of_each(units: Engine) -> None:
    with pytest.raises(InvalidRows, match="hãy ghi mã các xã") as refused:
        take(
            units,
            ("huyện", "365", "xã", "20001", "1/7/2025", "", "", SAID),
            ("huyện", "365", "xã", "20002", "1/7/2025", "", "", SAID),
        )
    assert [problem.row for problem in refused.value.problems] == [2, 3]
    with transaction(units) as session:
        assert session.scalar(select(func.count()).select_from(Succession)) == 0


def followed(engine: Engine) -> list[tuple[str, str, bool]]:
    """Return who follows whom, by code, and whether as the main successor."""
    old, new = aliased(Unit), aliased(Unit)
    with transaction(engine) as session:
        rows = session.execute(
            select(old.code, new.code, Succession.main)
            .select_from(Succession)
            .join(old, old.id == Succession.unit_id)
            .join(new, new.id == Succession.successor_id)
            .order_by(Succession.id)
        )
        return [tuple(row) for row in rows]


def test_a_corrected_file_replaces_what_an_earlier_one_said_of_a_unit(units: Engine) -> None:
    take(
        units,
        ("xã", "14101", "xã", "20001", "1/7/2025", "", "chuyển", SAID),
        ("xã", "14102", "xã", "20002", "1/7/2025", "", "chuyển", SAID),
    )
    assert take(units, ("xã", "14101", "xã", "20002", "1/7/2025", "", "chuyển", SAID)) == Imported(1, 0, 1)
    assert followed(units) == [("14102", "20002", True), ("14101", "20002", True)]


def test_a_unit_ends_on_one_day(units: Engine) -> None:
    with transaction(units) as session:
        session.execute(update(Unit).where(Unit.code == "14101").values(valid_to=None))
    with pytest.raises(InvalidRows, match="một đơn vị kết thúc một lần: dòng 2 ghi ngày 1/7/2025"):
        take(
            units,
            ("xã", "14101", "xã", "20001", "1/7/2025", "", "chuyển", SAID),
            ("xã", "14101", "xã", "20002", "1/8/2025", "", "chuyển", SAID),
        )


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([("20001", "20002", "1/9/2025"), ("20002", "20001", "1/10/2025")], "hãy ghi đơn vị (đã kết thúc|còn tồn tại)"),
        ([("20001", "20002", "1/10/2025"), ("20002", "20001", "1/9/2025")], "hãy ghi đơn vị (đã kết thúc|còn tồn tại)"),
        ([("20002", "20001", "1/8/2025"), ("14101", "20002", "1/9/2025")], "đã có đơn vị kế thừa từ ngày 1/8/2025"),
    ],
)
@pytest.mark.parametrize("in_one_file", [True, False])
def test_nobody_follows_a_unit_that_has_ended_so_who_follows_whom_never_goes_round(
    units: Engine, rows: list[tuple[str, str, str]], said: str, in_one_file: bool
) -> None:
    with transaction(units) as session:
        session.execute(update(Unit).values(valid_from=date(2021, 1, 1), valid_to=None))
    lines = [("xã", old, "xã", new, day, "", "chuyển", SAID) for old, new, day in rows]
    with pytest.raises(InvalidRows, match=said):
        if in_one_file:
            take(units, *lines)
        for line in lines:
            take(units, line)


def test_a_new_office_imports_its_shipped_units_with_nothing_before_them_and_again_after_those_of_nam_dinh(
    sqlite_engine: Engine,
) -> None:
    def take_in(session: Session, name: str) -> Imported:
        return import_units(session, read(name, (DATA / name).read_bytes(), ImportSettings()))

    with transaction(sqlite_engine) as session:
        assert take_in(session, "ninh_binh_units_from_2025-07-01.csv") == Imported(131, 0, 0)
        assert take_in(session, "nam_dinh_units_2025H1.csv") == Imported(185, 1, 0), "the centre is the same in both"


def test_the_shipped_files_bring_the_175_communes_9_districts_and_the_province_of_nam_dinh_to_ninh_binh(
    sqlite_engine: Engine,
) -> None:
    with transaction(sqlite_engine) as session:
        for name in ("nam_dinh_units_2025H1.csv", "ninh_binh_units_from_2025-07-01.csv"):
            import_units(session, read(name, (DATA / name).read_bytes(), ImportSettings()))
        name = "nam_dinh_successions_2025-07-01.csv"
        taken = import_successions(session, read(name, (DATA / name).read_bytes(), ImportSettings()))
        assert taken == Imported(1 + 9 + 175, 0, 0)
        ended = set(session.scalars(select(Unit.id).where(Unit.valid_to == date(2025, 6, 30))))
        assert ended == set(session.scalars(select(Succession.unit_id))), "nobody is without a successor"
