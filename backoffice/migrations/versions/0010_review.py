"""Documents in hand, comments on documents, and rounds of double entry."""

import sqlalchemy as sa
from alembic import op

from backoffice.tables import UtcTime

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("field_entries", sa.Column("round", sa.Integer(), nullable=False, server_default="0"))
    op.create_table(
        "document_turns",
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.Column("who", sa.String(length=100), nullable=False),
        sa.Column("held_at", UtcTime(), nullable=True),
        sa.Column("skipped_at", UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["document_id"], ["documents.id"], name=op.f("fk_document_turns_document_id_documents")
        ),
        sa.PrimaryKeyConstraint("document_id", "who", name=op.f("pk_document_turns")),
    )
    op.create_index(op.f("ix_document_turns_who"), "document_turns", ["who"])
    op.create_table(
        "document_comments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.Column("who", sa.String(length=100), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"], ["documents.id"], name=op.f("fk_document_comments_document_id_documents")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document_comments")),
    )
    op.create_index(op.f("ix_document_comments_document_id"), "document_comments", ["document_id"])
