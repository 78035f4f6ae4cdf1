"""Find the work that was set aside without reading all that lies ahead."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ASIDE = sa.text("done_at IS NULL AND outcome <> ''")


def upgrade() -> None:
    """Add the index; it holds nothing while nothing is set aside."""
    op.create_index("ix_agenda_aside", "agenda", ["due_at"], sqlite_where=ASIDE, postgresql_where=ASIDE)


def downgrade() -> None:
    """Drop the index."""
    op.drop_index("ix_agenda_aside", "agenda")
