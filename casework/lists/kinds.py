"""Every kind of list by its name."""

from casework.lists.away import LEAVES
from casework.lists.findings import FINDINGS
from casework.lists.inner import INNER_DATES
from casework.lists.listing import ListKind
from casework.lists.mail import MAIL
from casework.lists.plans import PLAN_VERSIONS
from casework.lists.progress import PROGRESS
from casework.lists.registers import REGISTERS
from casework.lists.watch import WATCH

KINDS: dict[str, ListKind] = {
    kind.key: kind for kind in (*WATCH, PLAN_VERSIONS, INNER_DATES, *PROGRESS, *FINDINGS, LEAVES, *REGISTERS, *MAIL)
}
