"""Tables of the review page, beside those of `tables.py`: who has which document in hand, and what was said about it.

`database.py` imports this module, so that the metadata are whole wherever a database is opened.
"""

import sqlalchemy as sa

from backoffice.tables import UtcTime, metadata

document_turns = sa.Table(
    "document_turns",
    metadata,
    sa.Column("document_id", sa.ForeignKey("documents.id"), primary_key=True),
    sa.Column("who", sa.String(100), primary_key=True),
    sa.Column("held_at", UtcTime),
    sa.Column("skipped_at", UtcTime),
    sa.Index(None, "who"),
)
"""A person's hand on a document: since when it is open there (or handed out in advance), and when it was skipped."""

document_comments = sa.Table(
    "document_comments",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("document_id", sa.ForeignKey("documents.id"), nullable=False, index=True),
    sa.Column("who", sa.String(100), nullable=False),
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
)
"""What people said about a document to whoever opens it next; erased with its values (`retention.py`)."""

cell_choices = sa.Table(
    "cell_choices",
    metadata,
    sa.Column("document_id", sa.ForeignKey("documents.id"), primary_key=True),
    sa.Column("name", sa.String(100), primary_key=True),
    sa.Column("seen", sa.Text, nullable=False),
    sa.Column("chosen", sa.JSON, nullable=False),
    sa.Column("who", sa.String(100), nullable=False),
    sa.Column("at", UtcTime, nullable=False),
)
"""Characters of a field that people confirmed one by one in group review: `chosen` maps the place in the value to the
character, `seen` is the value that was shown. Erased with the values of the document (`retention.py`)."""
