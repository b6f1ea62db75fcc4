"""Which browsers a person is signed in with, and which of these sessions were ended."""

import sqlalchemy as sa
from alembic import op

from backoffice.tables import UtcTime

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "open_sessions",
        sa.Column("handle", sa.String(length=64), nullable=False),
        sa.Column("user", sa.String(length=100), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("begun_at", UtcTime(), nullable=False),
        sa.Column("seen_at", UtcTime(), nullable=False),
        sa.Column("ended_at", UtcTime(), nullable=True),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("browser", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(["user"], ["users.name"], name=op.f("fk_open_sessions_user_users")),
        sa.PrimaryKeyConstraint("handle", name=op.f("pk_open_sessions")),
    )
    op.create_index(op.f("ix_open_sessions_user"), "open_sessions", ["user"])
