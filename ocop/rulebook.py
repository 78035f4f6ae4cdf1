"""The procedures that a dossier can be pinned to, by key."""

from collections.abc import Mapping

from ocop.procedure import Procedure
from ocop.procedures.qd26 import QD26
from ocop.procedures.qd26_renewal import QD26_RENEWAL
from ocop.procedures.qd148 import QD148
from ocop.procedures.qd1489 import QD1489

PROCEDURES: Mapping[str, Procedure] = {procedure.key: procedure for procedure in (QD148, QD1489, QD26, QD26_RENEWAL)}
