"""Who approved which version of a robot."""

import sqlalchemy as sa
from alembic import op

from backoffice.tables import UtcTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "robot_approvals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("robot", sa.String(length=100), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("script", sa.Text(), nullable=False),
        sa.Column("who", sa.String(length=100), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_robot_approvals")),
    )
    with op.batch_alter_table("robot_approvals", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_robot_approvals_robot"), ["robot"], unique=False)
