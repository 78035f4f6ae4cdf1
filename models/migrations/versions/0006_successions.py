"""Units that follow units, dossiers bound anew to units or to a procedure, and dossiers for which nobody is competent."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables, empty, and the columns: nothing is suspended and nothing was bound anew."""
    op.create_table(
        "successions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("successor_id", sa.Integer(), nullable=False),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column("main", sa.Boolean(), nullable=False),
        sa.Column("covers", sa.Text(), nullable=False),
        sa.Column("roles", sa.String(length=10), nullable=False),
        sa.Column("document", sa.String(length=200), nullable=False),
        sa.Column("source", sa.String(length=400), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_successions_unit_id")),
        sa.ForeignKeyConstraint(["successor_id"], ["units.id"], name=op.f("fk_successions_successor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_successions")),
        sa.UniqueConstraint(
            "unit_id", "successor_id", "from_day", name=op.f("uq_successions_unit_id_successor_id_from_day")
        ),
    )
    op.create_index("ix_successions_successor", "successions", ["successor_id", "from_day"])
    op.create_table(
        "bindings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("dossier_id", sa.Integer(), nullable=False),
        sa.Column("from_number", sa.Integer(), nullable=False),
        sa.Column("until_number", sa.Integer(), nullable=False),
        sa.Column("procedure_key", sa.String(length=40), nullable=False),
        sa.Column("commune_id", sa.Integer(), nullable=False),
        sa.Column("district_id", sa.Integer(), nullable=True),
        sa.Column("province_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossiers.id"], name=op.f("fk_bindings_dossier_id")),
        sa.ForeignKeyConstraint(["commune_id"], ["units.id"], name=op.f("fk_bindings_commune_id")),
        sa.ForeignKeyConstraint(["district_id"], ["units.id"], name=op.f("fk_bindings_district_id")),
        sa.ForeignKeyConstraint(["province_id"], ["units.id"], name=op.f("fk_bindings_province_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bindings")),
        sa.UniqueConstraint("dossier_id", "until_number", name=op.f("uq_bindings_dossier_id_until_number")),
    )
    op.add_column("dossiers", sa.Column("suspended_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("cycles", sa.Column("suspended_level", sa.String(length=20), nullable=False, server_default=""))


def downgrade() -> None:
    """Drop them."""
    op.drop_column("cycles", "suspended_level")
    op.drop_column("dossiers", "suspended_at")
    op.drop_table("bindings")
    op.drop_index("ix_successions_successor", "successions")
    op.drop_table("successions")
