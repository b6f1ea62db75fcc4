"""Tables of the watched folders, beside those of `tables.py`: events of documents, inboxes, waiting files, receipts.

`database.py` imports this module, so that the metadata are whole wherever a database is opened.
"""

import sqlalchemy as sa

from backoffice.tables import UtcTime, metadata

document_events = sa.Table(
    "document_events",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("file_id", sa.ForeignKey("received_files.id"), nullable=False, index=True),
    sa.Column("document_id", sa.Integer),
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("what", sa.String(40), nullable=False),
    sa.Column("who", sa.String(100), nullable=False),
    sa.Column("details", sa.JSON, nullable=False),
)
"""What happened to a received file and its documents, in order; counts and names of fields, never a value."""

inbox_states = sa.Table(
    "inbox_states",
    metadata,
    sa.Column("department", sa.String(100), primary_key=True),
    sa.Column("marker", sa.String(40), nullable=False),
    sa.Column("away_since", UtcTime),
    sa.Column("away_reason", sa.String(40), nullable=False, default=""),
    sa.Column("changed_at", UtcTime, nullable=False),
)
"""Whether a department's inbox can be reached; `marker` is what we wrote into the folder to know it again."""

inbox_waits = sa.Table(
    "inbox_waits",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("department", sa.String(100), nullable=False),
    sa.Column("name", sa.String(400), nullable=False),
    sa.Column("reason", sa.String(40), nullable=False),
    sa.Column("first_seen_at", UtcTime, nullable=False),
    sa.Column("told_at", UtcTime),
    sa.UniqueConstraint("department", "name"),
)
"""Files of an inbox that could not be taken yet: half-written, locked, not readable, or refused where they lie."""

receipts = sa.Table(
    "receipts",
    metadata,
    sa.Column("file_id", sa.ForeignKey("received_files.id"), primary_key=True),
    sa.Column("stage", sa.String(40), nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("written_at", UtcTime, nullable=False),
)
"""The receipt that the department of a file got last, so that it is written anew only when something changed."""
