"""Times of day as a clerk writes them: `18:00`, `30分`, `22:00-06:00`."""

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta

MINUTES_OF_DAY = 24 * 60
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})")
_EVERY = re.compile(r"(\d{1,4})\s*(分|時間|minutes?|min|m|hours?|h)")
_HOURS = ("時間", "h")


class TimeUnreadable(ValueError):
    """The text is no time of the kind asked for."""


@dataclass(frozen=True)
class Window:
    """A span of the day in which a job may run; it may reach over midnight.

    Attributes:
        start: First moment in the window, local time.
        end: First moment after it.
    """

    start: time
    end: time

    def holds(self, moment: time) -> bool:
        """Say whether a time of day lies in the window; start counts, end does not."""
        if self.start < self.end:
            return self.start <= moment < self.end
        return moment >= self.start or moment < self.end

    def closes(self, moment: datetime) -> datetime:
        """Return when the window that holds `moment` (local, aware) ends.

        Raises:
            ValueError: `moment` is outside the window.
        """
        if not self.holds(moment.timetz().replace(tzinfo=None)):
            raise ValueError("outside the window")
        end = datetime.combine(moment.date(), self.end, tzinfo=moment.tzinfo)
        return end if end > moment else end + timedelta(days=1)


def parse_clock(text: str) -> time:
    """Read a time of day, `H:MM` or `HH:MM`, 0:00 to 23:59.

    Raises:
        TimeUnreadable: It is none.
    """
    found = _CLOCK.fullmatch(text.strip())
    if found is None or int(found[1]) > 23 or int(found[2]) > 59:
        raise TimeUnreadable(text)
    return time(int(found[1]), int(found[2]))


def parse_every(text: str) -> int:
    """Read an interval (`30分`, `2時間`, `45 minutes`) and return it in minutes, 1 to 1440.

    Raises:
        TimeUnreadable: It is none.
    """
    found = _EVERY.fullmatch(text.strip())
    if found is None:
        raise TimeUnreadable(text)
    minutes = int(found[1]) * (60 if found[2].startswith(_HOURS) else 1)
    if not 1 <= minutes <= MINUTES_OF_DAY:
        raise TimeUnreadable(text)
    return minutes


def parse_window(text: str) -> Window:
    """Read a window, `22:00-06:00` (also with 〜 or ～).

    Raises:
        TimeUnreadable: It is none, or start and end are the same.
    """
    parts = re.split(r"[-〜～]", text.strip())
    if len(parts) != 2:
        raise TimeUnreadable(text)
    window = Window(parse_clock(parts[0]), parse_clock(parts[1]))
    if window.start == window.end:
        raise TimeUnreadable(text)
    return window


def times_of_every(minutes: int) -> tuple[time, ...]:
    """Return the times of day of an interval, counted from each midnight, so that every PC finds the same ones."""
    return tuple(time(m // 60, m % 60) for m in range(0, MINUTES_OF_DAY, minutes))
