"""The commands that read a plan file: what they print and how they end."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine, delete, select

from cli.main import command
from models.session import transaction
from models.units import Post, Unit
from ocop.levels import Level
from tests.factories import Office

SHIPPED = Path(__file__).parents[2] / "deployments" / "plans" / "nam_dinh_2025.toml"
FORMS = Path(__file__).parents[1] / "data" / "plans"
Typed = Callable[..., tuple[int, str]]


@pytest.fixture
def typed(capsys: pytest.CaptureFixture[str]) -> Typed:
    """What runs a command and returns how it ended and all that it printed."""

    def run(*words: str) -> tuple[int, str]:
        ended = 0
        try:
            command()(["plan", *words], exit_on_error=False, print_error=False)
        except SystemExit as stop:
            ended = int(stop.code or 0)
        said = capsys.readouterr()
        return ended, said.out + said.err

    return run


def test_a_plan_with_warnings_is_checked_without_a_database_and_ends_with_two(typed: Typed) -> None:
    ended, said = typed("check", str(SHIPPED))
    assert ended == 2
    assert "cảnh báo: hạn của bước 'Huyện đánh giá' hết vào ngày 14/6/2025 là thứ Bảy" in said
    assert said.endswith("Kế hoạch 61/KH-UBND: 3 cảnh báo, 7 lưu ý.\n")


def test_notes_alone_end_with_nought_and_a_plan_that_cannot_be_read_with_one(typed: Typed) -> None:
    assert typed("check", str(FORMS / "other_year.toml"))[0] == 0
    ended, said = typed("check", str(FORMS / "refinement.toml"))
    assert ended == 1
    assert "tự nó không mở được chu trình" in said


def test_every_round_is_checked_and_shown_or_the_one_that_is_named(typed: Typed) -> None:
    _, said = typed("check", str(FORMS / "several_rounds.toml"))
    assert "01/KH-UBND, Đợt 1: " in said
    assert "01/KH-UBND, Đợt 2: " in said
    ended, said = typed("show", str(FORMS / "several_rounds.toml"), "--round-key", "dot_1")
    assert ended == 0
    assert "chậm nhất ngày 13/6/2025" in said
    assert "27/02/2026" not in said
    assert "Đợt kế tiếp: dot_2" in said
    assert "chung cho các đợt: 14 giờ 30 ngày 27/3/2026, Trung tâm hội nghị tỉnh" in said


def test_a_refined_plan_is_shown_with_the_document_that_refines_it(typed: Typed) -> None:
    _, said = typed("show", str(FORMS / "base.toml"), "--refinement", str(FORMS / "refinement.toml"))
    assert "Được làm rõ bởi: 812/SNN-PTNT ngày 21/4/2025" in said
    assert "kế hoạch nêu 'giữa tháng 7', hiểu là ngày 15/7/2025" in said


def test_with_the_offices_units_a_stage_without_an_officer_is_found(
    sqlite_engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, typed: Typed
) -> None:
    monkeypatch.setenv("OCOP_HOME", str(tmp_path))
    monkeypatch.delenv("OCOP_DB_URL", raising=False)
    Office(sqlite_engine).found()
    assert "cán bộ phụ trách" not in typed("check", str(SHIPPED), "--office")[1]
    with transaction(sqlite_engine) as session:
        unit = session.scalars(select(Unit.id).where(Unit.level == Level.DISTRICT, Unit.code == "366")).one()
        session.execute(delete(Post).where(Post.unit_id == unit, Post.role == "officer"))
    assert "1/2 đơn vị cấp huyện chưa có cán bộ phụ trách: Huyện Hải Hậu" in typed("check", str(SHIPPED), "--office")[1]
