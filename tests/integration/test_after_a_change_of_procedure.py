"""A cycle that went over to another procedure: its history still reads in words."""

from sqlalchemy import Engine

from tests.integration.listed import rows
from tests.integration.test_procedure_change import change, summer


def test_the_history_names_the_stages_that_a_dossier_stood_at_before(sqlite_engine: Engine) -> None:
    office, found = summer(sqlite_engine)
    change(office)
    ways = [str(row["Bước"]) for row in rows(office, "history", dossier=found["district"])]
    assert ways[-1] == "Huyện đánh giá → Tỉnh đánh giá"
    assert not [way for way in ways if "_" in way]
