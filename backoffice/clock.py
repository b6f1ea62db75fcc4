"""The clock that enters at the edges, so that tests can bring their own."""

from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

Clock = Callable[[], datetime]

TOKYO = ZoneInfo("Asia/Tokyo")


def local_time(moment: datetime, zone: str = "Asia/Tokyo") -> str:
    """Return an aware moment as people read it in their zone, to the minute: 2026-04-01 18:00."""
    return f"{moment.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"


def utc_now() -> datetime:
    """Return the present moment, aware, in UTC."""
    return datetime.now(UTC)
