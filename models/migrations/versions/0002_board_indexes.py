"""Let pages count dossiers by stage and unit, and find a product's dossiers, from an index alone."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the two indexes."""
    op.create_index("ix_dossiers_board", "dossiers", ["cycle_id", "stage", "district_id", "commune_id", "stage_since"])
    op.create_index("ix_dossiers_product_id", "dossiers", ["product_id"])


def downgrade() -> None:
    """Drop the two indexes."""
    op.drop_index("ix_dossiers_product_id", "dossiers")
    op.drop_index("ix_dossiers_board", "dossiers")
