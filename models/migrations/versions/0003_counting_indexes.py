"""Let pages count what is standing, judged, recognised and overdue from indexes alone, and turn the leaves of a list."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

OPEN = sa.text("closed_at IS NULL")
DOUBTED = sa.text("unconfirmed > 0")
COUNTING = sa.text("counts IS 1 AND annulled_on IS NULL"), sa.text("counts IS true AND annulled_on IS NULL")


def upgrade() -> None:
    """Give two indexes the columns that a count reads besides, and add five."""
    op.drop_index("ix_dossiers_board", "dossiers")
    op.create_index(
        "ix_dossiers_board", "dossiers",
        ["cycle_id", "stage", "district_id", "province_id", "commune_id", "stage_since"],
    )  # fmt: skip
    op.create_index("ix_dossiers_code", "dossiers", ["cycle_id", "code"])
    op.drop_index("ix_breaches_open", "breaches")
    op.create_index(
        "ix_breaches_open", "breaches", ["dossier_id", "deadline_id", "closed_at"], sqlite_where=OPEN,
        postgresql_where=OPEN,
    )  # fmt: skip
    op.create_index(
        "ix_evaluations_counting", "evaluations", ["dossier_id", "stage", "level", "counts", "annulled_on"],
        sqlite_where=COUNTING[0], postgresql_where=COUNTING[1],
    )  # fmt: skip
    op.create_index("ix_decisions_dossier", "decisions", ["dossier_id", "awarded_star", "annulled_on"])
    op.create_index("ix_certificates_dossier", "certificates", ["dossier_id"])
    op.create_index("ix_letters_doubted", "letters", ["unconfirmed"], sqlite_where=DOUBTED, postgresql_where=DOUBTED)


def downgrade() -> None:
    """Take the five away, and from the two what was added."""
    op.drop_index("ix_letters_doubted", "letters")
    op.drop_index("ix_certificates_dossier", "certificates")
    op.drop_index("ix_decisions_dossier", "decisions")
    op.drop_index("ix_evaluations_counting", "evaluations")
    op.drop_index("ix_breaches_open", "breaches")
    op.create_index("ix_breaches_open", "breaches", ["dossier_id"], sqlite_where=OPEN, postgresql_where=OPEN)
    op.drop_index("ix_dossiers_code", "dossiers")
    op.drop_index("ix_dossiers_board", "dossiers")
    op.create_index("ix_dossiers_board", "dossiers", ["cycle_id", "stage", "district_id", "commune_id", "stage_since"])
