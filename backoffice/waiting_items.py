"""Which waiting items are ready at a moment: a retry may be put off, but never for long.

A moment further ahead than anybody puts off was written while the clock was wrong; such an item is ready, or it would
wait, seen by nobody, until that day has come.
"""

from datetime import datetime, timedelta

import sqlalchemy as sa

from backoffice.tables import work_items

FARTHEST = timedelta(hours=2)
"""Robots put a try off for an hour at most (`robots/attempt.py`)."""


def is_ready(now: datetime) -> sa.ColumnElement[bool]:
    """Return the condition of an item that need not wait at this moment."""
    not_before = work_items.c.not_before
    return sa.or_(not_before.is_(None), not_before <= now, not_before > now + FARTHEST)
