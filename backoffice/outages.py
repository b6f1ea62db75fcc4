"""Wait through a database that is away for a moment: restarted, locked by a backup, on a full disk.

Only what may be asked twice is asked through here. A claim may be: should the answer of the first try be lost, the item
it took stays with the run and is given back when the run ends.
"""

import time
from collections.abc import Callable
from typing import TypeVar

from loguru import logger
from sqlalchemy.exc import DBAPIError, IntegrityError, ProgrammingError

PATIENCE_SECONDS = (0.2, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
"""Waits between the tries, a minute in all: a PostgreSQL that recovers after a crash needs seconds to a minute."""
_OURS = (IntegrityError, ProgrammingError)
"""These say that the statement is wrong, not that the database is away; waiting changes nothing."""

T = TypeVar("T")


def through_outages(work: Callable[[], T], *, sleep: Callable[[float], None] = time.sleep) -> T:
    """Do some work on the database and do it again while the database is away.

    Args:
        work: One whole transaction that may be done twice.
        sleep: Waits between the tries.

    Returns:
        What `work` returns.

    Raises:
        DBAPIError: The last trouble, when the database stayed away.
    """
    for pause in PATIENCE_SECONDS:
        try:
            return work()
        except _OURS:
            raise
        except DBAPIError as error:
            logger.warning("database away ({}), next try in {} s", type(error).__name__, pause)
            sleep(pause)
    return work()
