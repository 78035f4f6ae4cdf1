"""The procedures that a dossier can be pinned to, by key."""

from collections.abc import Mapping

from ocop.procedure import Procedure, Stage
from ocop.procedures.qd26 import QD26
from ocop.procedures.qd26_renewal import QD26_RENEWAL
from ocop.procedures.qd148 import QD148
from ocop.procedures.qd1489 import QD1489

PROCEDURES: Mapping[str, Procedure] = {procedure.key: procedure for procedure in (QD148, QD1489, QD26, QD26_RENEWAL)}


def stage_of(procedure: Procedure, key: str) -> Stage:
    """Return a stage by its key: the procedure's own, or the older one's that a dossier stood under before.

    For what was: history and breaches name stages that a procedure of today does not have. KeyError when none has it.
    """
    laws = [law for law in (procedure, *PROCEDURES.values()) if law.knows(key)]
    if not laws:
        raise KeyError(key)
    return laws[0].stage(key)
