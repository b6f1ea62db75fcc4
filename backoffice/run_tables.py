"""Tables about runs that people watch and stop, beside those of `tables.py`.

`database.py` imports this module, so that the metadata are whole wherever a database is opened.
"""

import sqlalchemy as sa

from backoffice.tables import UtcTime, item_events, metadata

run_stops = sa.Table(
    "run_stops",
    metadata,
    sa.Column("run", sa.String(40), primary_key=True),
    sa.Column("who", sa.String(100), nullable=False),
    sa.Column("why", sa.Text, nullable=False),
    sa.Column("at", UtcTime, nullable=False),
)
"""Runs that a person asked to end after the item in hand; the run's own process looks here."""

sa.Index("ix_item_events_run", item_events.c.run)
"""The moves that a run made: asked once a second while somebody watches it, and when its items are counted."""
