"""Runs that people watch and stop: who asked a run to end, and a quick way to the moves that a run made."""

import sqlalchemy as sa
from alembic import op

from backoffice.tables import UtcTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "run_stops",
        sa.Column("run", sa.String(length=40), nullable=False),
        sa.Column("who", sa.String(length=100), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("run", name=op.f("pk_run_stops")),
    )
    op.create_index(op.f("ix_item_events_run"), "item_events", ["run"], unique=False)
