"""The clock that enters at the edges, so that tests can bring their own."""

from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

Clock = Callable[[], datetime]

TOKYO = ZoneInfo("Asia/Tokyo")


def utc_now() -> datetime:
    """Return the present moment, aware, in UTC."""
    return datetime.now(UTC)
