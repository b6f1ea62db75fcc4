"""Unfinished robots kept on the server, one for each author."""

import sqlalchemy as sa
from alembic import op

from backoffice.tables import UtcTime

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "robot_drafts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("robot", sa.String(length=100), nullable=False),
        sa.Column("who", sa.String(length=100), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("script", sa.Text(), nullable=False),
        sa.Column("rests_on", sa.String(length=64), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_robot_drafts")),
        sa.UniqueConstraint("robot", "who", name=op.f("uq_robot_drafts_robot_who")),
    )
