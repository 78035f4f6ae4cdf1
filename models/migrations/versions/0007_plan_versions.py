"""Keep every version of a cycle's plan, and which of them a deadline was set under and when a later one replaced it."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

CYCLES = sa.table(
    "cycles", sa.column("id"), sa.column("plan"), sa.column("plan_sha256"), sa.column("opened_at")
)  # fmt: skip
VERSIONS = sa.table(
    "plan_versions",
    *(
        sa.column(name)
        for name in (
            "cycle_id", "number", "plan", "plan_sha256", "document", "reason", "effective_at", "recorded_at", "in_force_at"
        )
    ),
)  # fmt: skip


def upgrade() -> None:
    """Add table and columns; the plan that a cycle runs under is its first version."""
    op.create_table(
        "plan_versions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("cycle_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("plan_sha256", sa.String(length=64), nullable=False),
        sa.Column("document", sa.String(length=200), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("effective_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("in_force_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["cycle_id"], ["cycles.id"], name=op.f("fk_plan_versions_cycle_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_versions")),
        sa.UniqueConstraint("cycle_id", "number", name=op.f("uq_plan_versions_cycle_id_number")),
        sa.UniqueConstraint("cycle_id", "effective_at", name=op.f("uq_plan_versions_cycle_id_effective_at")),
    )
    op.add_column("cycles", sa.Column("plan_version", sa.Integer(), nullable=False, server_default="1"))
    op.add_column("deadlines", sa.Column("plan_version", sa.Integer(), nullable=False, server_default="1"))
    op.add_column("deadlines", sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=True))
    connection = op.get_bind()
    for row in connection.execute(sa.select(CYCLES).order_by(CYCLES.c.id)).all():
        connection.execute(
            sa.insert(VERSIONS).values(
                cycle_id=row.id, number=1, plan=row.plan, plan_sha256=row.plan_sha256, document=_number(row.plan), reason="",
                effective_at=row.opened_at, recorded_at=row.opened_at, in_force_at=row.opened_at,
            )
        )  # fmt: skip


def _number(plan: str) -> str:
    """Return the number of a plan's document; an empty text where a damaged row does not tell it."""
    try:
        return str(json.loads(plan)["plan"]["number"])[:200]
    except (ValueError, KeyError, TypeError):
        return ""


def downgrade() -> None:
    """Drop them; a cycle keeps the plan in force."""
    op.drop_column("deadlines", "replaced_at")
    op.drop_column("deadlines", "plan_version")
    op.drop_column("cycles", "plan_version")
    op.drop_table("plan_versions")
