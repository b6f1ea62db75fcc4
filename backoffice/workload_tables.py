"""Tables of surveys of working hours (業務棚卸), beside those of `tables.py`.

`database.py` imports this module, so that the metadata are whole wherever a database is opened.
"""

from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.types import TypeDecorator

from backoffice.tables import UtcTime, metadata


class Hours(TypeDecorator[Decimal]):
    """Hours as an exact decimal, kept as a whole number of thousandths: their sums never drift, on any database."""

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Any) -> int | None:
        """Turn hours into thousandths.

        Raises:
            ValueError: For hours finer than a thousandth.
        """
        if value is None:
            return None
        thousandths = value * 1000
        if thousandths != int(thousandths):
            raise ValueError("stored hours are not finer than a thousandth")
        return int(thousandths)

    def process_result_value(self, value: int | None, dialect: Any) -> Decimal | None:
        """Give back hours."""
        return None if value is None else Decimal(value) / 1000


workload_surveys = sa.Table(
    "workload_surveys",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.String(100), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("file", sa.String(400), nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("who", sa.String(100), nullable=False),
    sa.Column("at", UtcTime, nullable=False),
    sa.UniqueConstraint("name", "version"),
)
"""Surveys of working hours (業務棚卸); importing one again adds a version and keeps the old ones."""

workload_lines = sa.Table(
    "workload_lines",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("survey_id", sa.ForeignKey("workload_surveys.id"), nullable=False),
    sa.Column("row", sa.Integer, nullable=False),
    sa.Column("department", sa.String(100), nullable=False),
    sa.Column("category", sa.String(100), nullable=False),
    sa.Column("business", sa.String(200), nullable=False),
    sa.Column("task_kind", sa.String(100), nullable=False),
    sa.Column("hours", Hours, nullable=False),
    sa.Column("volume", sa.BigInteger),
    sa.Column("medium", sa.String(10), nullable=False),
    sa.Column("routine", sa.Float),
    sa.UniqueConstraint("survey_id", "row"),
)

workload_links = sa.Table(
    "workload_links",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("survey", sa.String(100), nullable=False),
    sa.Column("job", sa.String(100), nullable=False),
    sa.Column("department", sa.String(100), nullable=False),
    sa.Column("category", sa.String(100), nullable=False),
    sa.Column("business", sa.String(200), nullable=False),
    sa.Column("who", sa.String(100), nullable=False),
    sa.Column("at", UtcTime, nullable=False),
    sa.Index(None, "survey", "job"),
)
"""Which surveyed business a job serves; only added to, the newest row of a job counts (an empty business: none)."""
