"""Letters leave every few minutes: what is owed and may leave by now."""

from datetime import datetime

from prefect import State, flow
from prefect.states import Completed

from tasks import reconciling
from tasks.letters import deliver_letters
from tasks.runs import UNKEPT


@flow(name="letter-delivery", **UNKEPT)
async def letter_delivery(at: datetime | None = None) -> State[None]:
    """Send the letters that are due; the state says whether all left, some wait, or the mail server is away."""
    told = await deliver_letters(reconciling.instant(at))
    return Completed(name=told.standing, message=told.message)
