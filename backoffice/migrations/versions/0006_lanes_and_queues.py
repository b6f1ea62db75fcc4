"""Lanes and queues of runs, and the indexes that keep a claim quick in a large ledger."""

import sqlalchemy as sa
from alembic import op

from backoffice.tables import UtcTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

WAITING = "state IN ('new', 'retry')"


def upgrade() -> None:
    with op.batch_alter_table("runs", schema=None) as batch_op:
        batch_op.add_column(sa.Column("lane", sa.Integer(), nullable=False, server_default="1"))
        batch_op.add_column(sa.Column("queue", sa.String(length=100), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("beat_at", UtcTime(), nullable=True))
        batch_op.create_index(batch_op.f("ix_runs_job_slot"), ["job", "slot"], unique=False)
        batch_op.create_index(batch_op.f("ix_runs_state"), ["state"], unique=False)
    op.create_index(
        "ix_work_items_waiting",
        "work_items",
        ["process", sa.text("(id + 0)")],
        unique=False,
        sqlite_where=sa.text(WAITING),
        postgresql_where=sa.text(WAITING),
    )
    op.create_index(op.f("ix_work_items_run_state"), "work_items", ["run", "state"], unique=False)
