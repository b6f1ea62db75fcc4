"""The table of baselines entered on the page, beside those of `tables.py`.

`database.py` imports this module, so that the metadata are whole wherever a database is opened.
"""

import sqlalchemy as sa

from backoffice.tables import UtcTime, metadata

baselines = sa.Table(
    "baselines",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("job", sa.String(100), nullable=False),
    sa.Column("valid_from", sa.Date, nullable=False),
    sa.Column("basis", sa.JSON),
    sa.Column("why", sa.Text, nullable=False),
    sa.Column("who", sa.String(100), nullable=False),
    sa.Column("at", UtcTime, nullable=False),
    sa.Index(None, "job", "valid_from"),
)
"""What an item of a job cost by hand, from a day on; only added to, never changed. Without a basis (null) the job's own
file counts again from that day."""
