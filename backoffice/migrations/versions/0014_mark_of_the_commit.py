"""When an item's commit step began, by a clock that nobody sets."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("work_items", sa.Column("mark", sa.String(length=80), nullable=True))
