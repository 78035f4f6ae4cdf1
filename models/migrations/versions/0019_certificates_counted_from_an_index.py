"""Count the certificates of a territory without reading the certificates themselves."""

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Widen the index by commune and end: the product that may have filed again, and what ended a certificate."""
    op.drop_index("ix_certificates_commune", "certificates")
    op.create_index(
        "ix_certificates_commune",
        "certificates",
        ["commune_id", "valid_until", "product_id", "replaced_on", "revoked_on"],
    )


def downgrade() -> None:
    """Narrow it again."""
    op.drop_index("ix_certificates_commune", "certificates")
    op.create_index("ix_certificates_commune", "certificates", ["commune_id", "valid_until"])
