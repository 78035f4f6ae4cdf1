"""What is wrong with this installation, in lines for the morning letter and the console: empty when nothing is."""

import json
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casework import poison
from models.letters import Letter, LetterState
from models.record import Mark
from ocop.phrase import Phrase
from ocop.working_days import VIETNAM, at_hour

CHECKED = "conservation_check"
"""Mark of the last nightly check; its value tells what was broken."""
BACKED_UP = "backup"
"""Mark of the last backup; its value names the file."""
SENDING_HELD = "sending_held"
"""Mark of a restored copy whose letters are held; its value tells what it was restored from."""
BACKUP_DUE = timedelta(days=2)
"""After so long without a new backup somebody is told; before the first one nobody is."""


def lines(session: Session, at: datetime, *, thorough: bool = True) -> list[Phrase]:
    """Return a sentence for each thing that a person should look at.

    Not `thorough` leaves to the nightly check what only a look at every dossier finds.
    """
    marks = {mark.name: mark for mark in session.scalars(_MARKS)}
    found: list[Phrase] = []
    if dead := session.scalar(_DEAD):
        found.append(
            Phrase("%(number)s thư không gửi được, cần xử lý từng thư trong “Thư không gửi được”", number=dead)
        )
    if SENDING_HELD in marks:
        found.append(
            Phrase(
                "Đây là bản khôi phục: mọi thư đang được giữ lại; nếu là bản chính, tỉnh dùng “Cho gửi thư của bản khôi phục”"
            )
        )
    if thorough and (aside := list(poison.named(session))):
        which, why = aside[0]
        named = {"which": which, "why": why}
        found.append(
            Phrase(
                "Phải gác lại, không xử lý được: %(which)s (%(why)s) và %(more)s chỗ khác; "
                "người quản trị xem bằng “Kiểm tra sổ”",
                more=len(aside) - 1,
                **named,
            )
            if len(aside) > 1
            else Phrase(
                "Phải gác lại, không xử lý được: %(which)s (%(why)s); người quản trị xem bằng “Kiểm tra sổ”", **named
            )
        )
    if (checked := marks.get(CHECKED)) and (told := _broken(checked)):
        found.append(told)
    if (backup := marks.get(BACKED_UP)) and at - backup.set_at > BACKUP_DUE:
        found.append(
            Phrase(
                "Bản sao lưu gần nhất đã từ %(when)s: kiểm tra luồng sao lưu hoặc dùng “Sao lưu”", when=_when(backup)
            )
        )
    return found


_MARKS = select(Mark).where(Mark.name.in_((CHECKED, BACKED_UP, SENDING_HELD)))
_DEAD = select(func.count()).where(Letter.state == LetterState.DEAD)


def _broken(mark: Mark) -> Phrase | None:
    """Return the sentence for a nightly check that found something, or None."""
    outcome = json.loads(mark.value)
    broken, chains = len(outcome["broken"]), outcome["faulty_chains"]
    if not broken and not chains:
        return None
    return Phrase(
        "Kiểm tra sổ lúc %(when)s: %(broken)s quy tắc không giữ được, %(chains)s chuỗi lịch sử sai; "
        "người quản trị xem từng chỗ bằng “Kiểm tra sổ”",
        when=_when(mark), broken=broken, chains=chains,
    )  # fmt: skip


def _when(mark: Mark) -> Phrase:
    local = mark.set_at.astimezone(VIETNAM)
    return at_hour(f"{local:%H:%M}", f"{local:%d/%m/%Y}")
