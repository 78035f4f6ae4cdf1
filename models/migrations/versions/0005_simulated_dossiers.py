"""Tell at once whether a cycle has invented dossiers: where it has none, each page read them all to know."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the index; it holds nothing where nothing is invented."""
    op.create_index(
        "ix_dossiers_simulated", "dossiers", ["cycle_id"], sqlite_where=sa.text("simulated IS 1"),
        postgresql_where=sa.text("simulated IS true"),
    )  # fmt: skip


def downgrade() -> None:
    """Drop the index."""
    op.drop_index("ix_dossiers_simulated", "dossiers")
