"""The chains of history: a line that is missing, changed or cut off is found, in the last resort by a published root."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import delete, func, select, update

from casework import digest
from casework.doctor.chains import dossier_fault, verify
from casework.events import EVENT_LABELS
from casework.rules import cycle_by_code
from models.dossiers import Dossier
from models.letters import Letter
from models.record import Event
from tests.factories import CYCLE
from tests.integration.doctor.broken_year import Broken

pytestmark = pytest.mark.postgresql_long


def test_a_line_taken_out_of_the_middle_is_missed(broken: Broken) -> None:
    broken.unlock()
    line = broken.line("three stars", "evaluate")
    broken.session.execute(delete(Event).where(Event.id == line.id))
    assert "lines_are_numbered" in broken.findings()
    (fault,) = verify(broken.session).faults
    assert fault.named.endswith(broken.year["three stars"])
    assert f"thiếu dòng {line.number}" in fault.what


def test_verify_names_a_dossier_whose_history_ends_before_its_version(broken: Broken) -> None:
    row = broken.dossier("three stars")
    broken.cut("three stars", lines=2)
    (fault,) = verify(broken.session).faults
    assert fault.named == f"hồ sơ {row.code}"
    assert fault.what == f"lịch sử dừng ở dòng {row.version - 2}, phải đến dòng {row.version}: mất đoạn cuối"


def test_verify_names_a_dossier_of_whose_history_nothing_is_left(broken: Broken) -> None:
    row = broken.dossier("registered")
    broken.cut("registered", lines=row.version)
    (fault,) = verify(broken.session).faults
    assert fault.named == f"hồ sơ {row.code}"
    assert "không còn dòng lịch sử nào" in fault.what


def test_verify_names_the_first_line_that_does_not_fit(broken: Broken) -> None:
    broken.unlock()
    for event in ("decide", "report"):
        line = broken.line("three stars", event)
        broken.session.execute(update(Event).where(Event.id == line.id).values(actor_name="Người khác"))
    (fault,) = verify(broken.session).faults
    assert f"dòng {broken.line('three stars', 'report').number} ('{EVENT_LABELS['report']}'" in fault.what


@pytest.mark.parametrize(
    ("breaks", "said"),
    [
        (
            lambda broken: broken.cut("three stars", lines=broken.dossier("three stars").version),
            "không còn dòng lịch sử nào",
        ),
        (lambda broken: broken.cut("three stars"), "mất đoạn cuối"),
        (lambda broken: broken.change("three stars", head="0" * 64), "mã băm cuối"),
    ],
)
def test_one_dossier_s_history_is_checked_alone(broken: Broken, breaks: Callable[[Broken], None], said: str) -> None:
    mine, other = (
        broken.session.scalars(select(Dossier).where(Dossier.code == broken.year[name])).one()
        for name in ("three stars", "complained")
    )
    assert dossier_fault(broken.session, mine) is None
    breaks(broken)
    broken.session.expire_all()
    fault = dossier_fault(broken.session, mine)
    assert fault is not None
    assert said in fault.what
    assert dossier_fault(broken.session, other) is None


def test_a_tail_cut_with_care_is_found_by_the_published_root_alone(broken: Broken) -> None:
    cycle = cycle_by_code(broken.session, CYCLE)
    published = digest.root(broken.session, cycle)
    assert verify(broken.session, root=published).matched == f"chu trình {CYCLE}, hiện nay"
    row = broken.dossier("complained")
    broken.cut("complained")
    last = broken.session.scalars(
        select(Event.hash).where(Event.dossier_id == row.id, Event.number == row.version - 1)
    ).one()
    broken.change("complained", version=row.version - 1, head=last)
    assert verify(broken.session).sound
    assert verify(broken.session, root=published).matched == ""


def test_a_root_of_an_earlier_morning_is_found_again_in_the_record_of_today(broken: Broken) -> None:
    letters = broken.session.scalars(
        select(Letter).where(Letter.notice == "daily_digest").order_by(Letter.owed_at, Letter.id)
    ).all()
    present = digest.root(broken.session, cycle_by_code(broken.session, CYCLE))
    earlier = {letter.facts["root"] for letter in letters} - {present}
    assert len(earlier) > 5
    for root in earlier:
        assert verify(broken.session, cycle=CYCLE, root=root).matched.startswith(f"chu trình {CYCLE}, lúc")
    assert verify(broken.session, root="0" * 64).matched == ""


def test_a_root_is_compared_with_the_record_as_it_was_at_an_instant(broken: Broken) -> None:
    published = digest.root(broken.session, cycle_by_code(broken.session, CYCLE))
    broken.forge("registered", "add_evidence")
    later = broken.year.office.now + timedelta(days=1)
    line = select(func.max(Event.id)).scalar_subquery()
    broken.unlock()
    broken.session.execute(update(Event).where(Event.id == line).values(recorded_at=later))
    assert verify(broken.session, root=published, as_of=broken.year.office.now).matched
    assert not verify(broken.session, root=published, as_of=later).matched
