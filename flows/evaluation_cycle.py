"""A whole cycle in the plan's order, so that one run shows the state of the year."""

from datetime import datetime

from prefect import State, flow
from prefect.states import Completed, Failed

from flows.central_evaluation import central_evaluation
from flows.commune_review import commune_review
from flows.district_evaluation import district_evaluation
from flows.provincial_evaluation import provincial_evaluation
from flows.provincial_submission import provincial_submission
from flows.returned_to_district import returned_to_district
from flows.returned_to_province import returned_to_province
from flows.written_opinion import written_opinion
from tasks import reconciling
from tasks.runs import UNKEPT

PHASES = {
    "commune_review": commune_review,
    "district_evaluation": district_evaluation,
    "provincial_submission": provincial_submission,
    "provincial_evaluation": provincial_evaluation,
    "returned_to_district": returned_to_district,
    "central_evaluation": central_evaluation,
    "written_opinion": written_opinion,
    "returned_to_province": returned_to_province,
}
"""The flow of each phase of any procedure; a cycle runs those of its own."""
WORST_FIRST = ("Overdue", "Due", "Open", "Not started", "Closed")


@flow(name="evaluation-cycle", flow_run_name="evaluation-cycle-{cycle}", **UNKEPT)
async def evaluation_cycle(cycle: str | None = None, at: datetime | None = None) -> State[None]:
    """Reconcile a cycle, or every open one: the flow of each phase that has something due or ready, in order."""
    moment = reconciling.instant(at)
    names: list[str] = []
    for code in [cycle] if cycle else reconciling.open_cycles():
        done = set[str]()
        # A phase may make work for a later one: it is asked again until the plan's order has been walked to its end.
        while todo := [phase for phase in reconciling.phases_due(code, moment) if phase not in done]:
            state = await PHASES[todo[0]](code, moment, return_state=True)
            done.add(todo[0])
            names.append(state.name or "")
    message = f"{len(names)} bước có việc: {', '.join(names) or 'không'}{reconciling.set_aside()}"
    if set(names) - set(WORST_FIRST):  # a phase failed or crashed; the others have done their work
        return Failed(message=message)
    return Completed(name=next((name for name in WORST_FIRST if name in names), "Nothing due"), message=message)
