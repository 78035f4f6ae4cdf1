"""Tell who did what from the newest back, and what one person did, without reading everything."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

BY_PEOPLE = sa.text("actor_id IS NOT NULL")


def upgrade() -> None:
    """Add four indexes."""
    op.create_index("ix_events_recorded", "events", ["recorded_at", "id"])
    op.create_index(
        "ix_events_actor",
        "events",
        ["actor_id", "recorded_at", "id"],
        sqlite_where=BY_PEOPLE,
        postgresql_where=BY_PEOPLE,
    )
    op.create_index("ix_requests_recorded", "requests", ["recorded_at", "key"])
    op.create_index("ix_account_events_at", "account_events", ["at", "id"])


def downgrade() -> None:
    """Drop them."""
    op.drop_index("ix_account_events_at", "account_events")
    op.drop_index("ix_requests_recorded", "requests")
    op.drop_index("ix_events_actor", "events")
    op.drop_index("ix_events_recorded", "events")
