"""Tables about robots, beside `robot_approvals` in `tables.py`: the versions saved in the console, and refusals.

`database.py` imports this module, so that the metadata are whole wherever a database is opened.
"""

import sqlalchemy as sa

from backoffice.tables import UtcTime, metadata

robot_versions = sa.Table(
    "robot_versions",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("file", sa.String(200), nullable=False, index=True),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("script", sa.Text, nullable=False),
    sa.Column("who", sa.String(100), nullable=False),
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("why", sa.Text, nullable=False),
)
"""Each text that a robot's file ever had by way of the console, and who saved it; only added to. An empty `who` is the
text that lay there before somebody first saved, written by an unknown hand."""

robot_refusals = sa.Table(
    "robot_refusals",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("robot", sa.String(100), nullable=False, index=True),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("who", sa.String(100), nullable=False),
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("why", sa.Text, nullable=False),
)
"""Which content of a robot an approver sent back, and why; only added to."""

robot_drafts = sa.Table(
    "robot_drafts",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("robot", sa.String(100), nullable=False),
    sa.Column("who", sa.String(100), nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("script", sa.Text, nullable=False),
    sa.Column("rests_on", sa.String(64), nullable=False),
    sa.Column("at", UtcTime, nullable=False),
    sa.UniqueConstraint("robot", "who"),
)
"""Unfinished texts, one for each author of a robot; `rests_on` is the hash of the saved text that it was begun with,
empty for a robot that is not saved yet. A draft goes when its author saves the robot or drops it."""
