"""Find a producer's dossiers and letters, and the products of a star class that everybody may know."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

STANDING = sa.text("replaced_on IS NULL AND revoked_on IS NULL")


def upgrade() -> None:
    """Add three indexes."""
    op.create_index("ix_dossiers_producer", "dossiers", ["producer_id"])
    op.create_index("ix_letters_recipient", "letters", ["recipient"])
    op.create_index(
        "ix_certificates_star",
        "certificates",
        ["star", "valid_until"],
        sqlite_where=STANDING,
        postgresql_where=STANDING,
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_index("ix_certificates_star", "certificates")
    op.drop_index("ix_letters_recipient", "letters")
    op.drop_index("ix_dossiers_producer", "dossiers")
