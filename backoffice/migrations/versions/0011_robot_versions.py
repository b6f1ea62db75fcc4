"""Versions of robots saved in the console, and what approvers sent back."""

import sqlalchemy as sa
from alembic import op

from backoffice.tables import UtcTime

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "robot_versions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("file", sa.String(length=200), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("script", sa.Text(), nullable=False),
        sa.Column("who", sa.String(length=100), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_robot_versions")),
    )
    op.create_table(
        "robot_refusals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("robot", sa.String(length=100), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("who", sa.String(length=100), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_robot_refusals")),
    )
    with op.batch_alter_table("robot_versions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_robot_versions_file"), ["file"], unique=False)
    with op.batch_alter_table("robot_refusals", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_robot_refusals_robot"), ["robot"], unique=False)
