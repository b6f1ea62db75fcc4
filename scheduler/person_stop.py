"""A run that a person asked to end: its own process hears of it between two items, wherever it works."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event

from loguru import logger
from sqlalchemy.exc import DBAPIError

from backoffice.stop_requests import StopRequests
from scheduler.pulse import Pulse

LOOK_SECONDS = 1.0
"""How often a run looks whether somebody asked it to end."""


@contextmanager
def heard(requests: StopRequests, run: str, ask: Callable[[], None]) -> Iterator[None]:
    """Look for a person's request while a run works, and pass it on.

    Args:
        requests: The requests of the database.
        run: The run.
        ask: Asks its task to end after the item in hand; called once.
    """
    passed_on = Event()

    def look() -> None:
        try:
            if not passed_on.is_set() and requests.of(run) is not None:
                ask()
                passed_on.set()
                logger.info("run {} was asked to end after the item in hand", run)
        except DBAPIError as error:
            logger.warning("requests to stop run {} not read: {}", run, type(error).__name__)

    with Pulse(f"stop {run}", LOOK_SECONDS, look):
        yield
