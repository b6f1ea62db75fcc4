"""Surveys of working hours and the jobs linked to them."""

import sqlalchemy as sa
from alembic import op

from backoffice.tables import UtcTime
from backoffice.workload_tables import Hours

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "workload_surveys",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("file", sa.String(length=400), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("who", sa.String(length=100), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workload_surveys")),
        sa.UniqueConstraint("name", "version", name=op.f("uq_workload_surveys_name_version")),
    )
    op.create_table(
        "workload_lines",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("survey_id", sa.Integer(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("department", sa.String(length=100), nullable=False),
        sa.Column("category", sa.String(length=100), nullable=False),
        sa.Column("business", sa.String(length=200), nullable=False),
        sa.Column("task_kind", sa.String(length=100), nullable=False),
        sa.Column("hours", Hours(), nullable=False),
        sa.Column("volume", sa.BigInteger(), nullable=True),
        sa.Column("medium", sa.String(length=10), nullable=False),
        sa.Column("routine", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(
            ["survey_id"], ["workload_surveys.id"], name=op.f("fk_workload_lines_survey_id_workload_surveys")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workload_lines")),
        sa.UniqueConstraint("survey_id", "row", name=op.f("uq_workload_lines_survey_id_row")),
    )
    op.create_table(
        "workload_links",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("survey", sa.String(length=100), nullable=False),
        sa.Column("job", sa.String(length=100), nullable=False),
        sa.Column("department", sa.String(length=100), nullable=False),
        sa.Column("category", sa.String(length=100), nullable=False),
        sa.Column("business", sa.String(length=200), nullable=False),
        sa.Column("who", sa.String(length=100), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workload_links")),
    )
    with op.batch_alter_table("workload_links", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_workload_links_survey_job"), ["survey", "job"], unique=False)
