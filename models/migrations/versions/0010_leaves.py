"""Know when somebody is away from a post, and who stands in."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table, empty: nobody is away."""
    op.create_table(
        "leaves",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("deputy_post_id", sa.Integer(), nullable=True),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column("to_day", sa.Date(), nullable=False),
        sa.Column("document", sa.String(length=200), nullable=False),
        sa.Column("recorded_by", sa.String(length=200), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_leaves_post_id")),
        sa.ForeignKeyConstraint(["deputy_post_id"], ["posts.id"], name=op.f("fk_leaves_deputy_post_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leaves")),
    )
    op.create_index("ix_leaves_post", "leaves", ["post_id", "to_day"])
    op.create_index("ix_leaves_deputy", "leaves", ["deputy_post_id"])


def downgrade() -> None:
    """Drop it; substitutes keep their posts for the time."""
    op.drop_index("ix_leaves_deputy", "leaves")
    op.drop_index("ix_leaves_post", "leaves")
    op.drop_table("leaves")
