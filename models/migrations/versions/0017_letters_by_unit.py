"""Count and find a unit's letters of a kind in one index: every level reads its own."""

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Let the index by unit and state know the kind too."""
    op.drop_index("ix_letters_unit", "letters")
    op.create_index("ix_letters_unit", "letters", ["unit_id", "state", "notice"])


def downgrade() -> None:
    """Make it as it was."""
    op.drop_index("ix_letters_unit", "letters")
    op.create_index("ix_letters_unit", "letters", ["unit_id", "state"])
