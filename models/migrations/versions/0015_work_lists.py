"""Find what stands on a unit's desk in the order in which it waits, and what of it somebody took."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

RUNNING = sa.text("ended_at IS NULL")


def upgrade() -> None:
    """Let the index on the holder tell the stage's day and the cycle too, and add one on the unit of an assignment."""
    op.drop_index("ix_dossiers_holder", "dossiers")
    op.create_index("ix_dossiers_holder", "dossiers", ["holder_id", "stage", "stage_since", "cycle_id"])
    op.create_index("ix_assignments_unit", "assignments", ["unit_id"], sqlite_where=RUNNING, postgresql_where=RUNNING)


def downgrade() -> None:
    """Put the shorter index back."""
    op.drop_index("ix_assignments_unit", "assignments")
    op.drop_index("ix_dossiers_holder", "dossiers")
    op.create_index("ix_dossiers_holder", "dossiers", ["holder_id", "stage"])
