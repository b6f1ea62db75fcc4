"""How many requests one person, one system or one address may send: enough for fast work, too few to wear us out.

Each has a bucket that holds a minute's worth of requests and fills evenly. The buckets live in this process; after a
restart everybody begins with a full one. Wrong passwords are slowed down separately and for longer (`sign_in.py`).
"""

import math
import threading
from collections import OrderedDict
from datetime import datetime

from console.errors import TooManyRequests

MOST_BUCKETS = 10_000
"""Beyond so many the one unused for longest is forgotten, so that strangers cannot fill the memory."""


class RateLimit:
    """Buckets of one size.

    Args:
        per_minute: Requests that a bucket holds, and that flow into it each minute.
    """

    def __init__(self, per_minute: int) -> None:
        self._per_minute = per_minute
        self._buckets: OrderedDict[str, tuple[float, datetime]] = OrderedDict()
        self._guard = threading.Lock()

    def spend(self, whose: str, now: datetime) -> None:
        """Take one request out of a bucket.

        Raises:
            TooManyRequests: It is empty; the error says for how many seconds.
        """
        with self._guard:
            left, since = self._buckets.pop(whose, (float(self._per_minute), now))
            flowed = max((now - since).total_seconds(), 0.0) / 60 * self._per_minute
            left = min(left + flowed, float(self._per_minute))
            self._buckets[whose] = (left - 1 if left >= 1 else left, now)
            while len(self._buckets) > MOST_BUCKETS:
                self._buckets.popitem(last=False)
        if left < 1:
            seconds = math.ceil((1 - left) * 60 / self._per_minute)
            raise TooManyRequests("people.too_many_requests", seconds=seconds)
