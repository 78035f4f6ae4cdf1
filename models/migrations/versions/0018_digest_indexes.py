"""Count where a cycle's dossiers stood at an instant, and what was recorded late, without reading its whole history."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

MOVES = sa.text("from_stage <> to_stage")
LATE = sa.text("""details LIKE '%"recorded_late"\\:true%'""")


def upgrade() -> None:
    """Add one index on the moves by the instant from which they hold, and one on the lines recorded late."""
    op.create_index(
        "ix_events_moves", "events", ["cycle_id", "effective_at", "from_stage", "to_stage"],
        sqlite_where=MOVES, postgresql_where=MOVES,
    )  # fmt: skip
    op.create_index(
        "ix_events_late", "events", ["cycle_id", "recorded_at"], sqlite_where=LATE, postgresql_where=LATE
    )  # fmt: skip


def downgrade() -> None:
    """Take both away."""
    op.drop_index("ix_events_late", "events")
    op.drop_index("ix_events_moves", "events")
