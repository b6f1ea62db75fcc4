"""What watched folders remember: claims, events of documents, inboxes that are away, waiting files, receipts."""

import sqlalchemy as sa
from alembic import op

from backoffice.tables import UtcTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("received_files", sa.Column("claim", sa.String(length=40), nullable=True))
    op.create_index(op.f("ix_received_files_claim"), "received_files", ["claim"], unique=True)
    op.create_table(
        "document_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("file_id", sa.Integer(), nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=True),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("what", sa.String(length=40), nullable=False),
        sa.Column("who", sa.String(length=100), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["file_id"], ["received_files.id"], name=op.f("fk_document_events_file_id_received_files")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document_events")),
    )
    op.create_index(op.f("ix_document_events_file_id"), "document_events", ["file_id"], unique=False)
    op.create_table(
        "inbox_states",
        sa.Column("department", sa.String(length=100), nullable=False),
        sa.Column("marker", sa.String(length=40), nullable=False),
        sa.Column("away_since", UtcTime(), nullable=True),
        sa.Column("away_reason", sa.String(length=40), nullable=False),
        sa.Column("changed_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("department", name=op.f("pk_inbox_states")),
    )
    op.create_table(
        "inbox_waits",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("department", sa.String(length=100), nullable=False),
        sa.Column("name", sa.String(length=400), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("first_seen_at", UtcTime(), nullable=False),
        sa.Column("told_at", UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbox_waits")),
        sa.UniqueConstraint("department", "name", name=op.f("uq_inbox_waits_department_name")),
    )
    op.create_table(
        "receipts",
        sa.Column("file_id", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(length=40), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("written_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["file_id"], ["received_files.id"], name=op.f("fk_receipts_file_id_received_files")
        ),
        sa.PrimaryKeyConstraint("file_id", name=op.f("pk_receipts")),
    )
