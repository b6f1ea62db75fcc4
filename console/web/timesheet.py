"""The seconds that people spent: no second of a person counts twice.

Each page measures its own seconds of work. Two windows side by side measure the same minutes, and an answer that was
lost on the way makes a page send its seconds again. So a page gets at most the time that passed since its last answer,
less what was booked for the same person in that very time. What an act took that then failed is given back, for the
page sends it again. The sheet lies in this process: after a restart it begins empty, and
the first bound alone holds for what was open before.
"""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

KEPT = timedelta(hours=12)
"""As long as a page's token lasts at most (`web/sessions.py`)."""


class Timesheet:
    """What each person booked lately."""

    def __init__(self) -> None:
        self._booked: dict[str, deque[tuple[datetime, float]]] = {}
        self._guard = threading.Lock()

    def take(self, who: str, asked: float, since: datetime, now: datetime) -> float:
        """Return how many seconds a page may book, and remember them.

        Args:
            who: The person.
            asked: Seconds that the page measured.
            since: When the page got its last answer.
            now: The present moment.
        """
        with self._guard:
            booked = self._booked.setdefault(who, deque())
            while booked and booked[0][0] <= now - KEPT:
                booked.popleft()
            meanwhile = sum(min(taken, (at - since).total_seconds()) for at, taken in booked if at > since)
            granted = max(min(asked, (now - since).total_seconds() - meanwhile), 0.0)
            if granted:
                booked.append((now, granted))
            return granted

    @contextmanager
    def taken(self, who: str, asked: float, since: datetime, now: datetime) -> Iterator[float]:
        """Take seconds for an act, as `take`; when the act fails they were never taken."""
        granted = self.take(who, asked, since, now)
        try:
            yield granted
        except BaseException:
            self._give_back(who, (now, granted))
            raise

    def _give_back(self, who: str, entry: tuple[datetime, float]) -> None:
        with self._guard:
            booked = self._booked[who]
            if entry in booked:  # of no seconds there is none
                booked.remove(entry)
