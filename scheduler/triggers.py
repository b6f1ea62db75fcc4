"""When a job is due: pure functions of its triggers, the office calendar and a time zone.

Every timed trigger (at, every, cron) becomes a `Rule`: on which days, at which times of day. A slot is a moment at
which a rule is due; its name in the book of firings is that moment in UTC, the same in every zone.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from backoffice.calendar import OfficeCalendar
from scheduler.cron import parse_cron
from scheduler.days import Days, parse_days
from scheduler.job import Job, Trigger
from scheduler.times import parse_clock, parse_every, parse_window, times_of_every

_ONE_DAY = timedelta(days=1)
HORIZON_DAYS = 9 * 366
"""How far a next slot is sought: 29 February by cron may be eight years away (1896 to 1904, 2096 to 2104)."""


@dataclass(frozen=True)
class Rule:
    """The timed part of one trigger.

    Attributes:
        days: On which days.
        times: At which local times, ascending.
    """

    days: Days
    times: tuple[time, ...]


@dataclass(frozen=True)
class Timetable:
    """All timed rules of one job, with what is needed to turn them into moments.

    Attributes:
        rules: Its timed triggers; empty for a job that only follows, watches files or waits for a person.
        calendar: When the office is open.
        zone: The zone in which its times are meant (settings.timezone).
    """

    rules: tuple[Rule, ...]
    calendar: OfficeCalendar
    zone: ZoneInfo

    def slots_of(self, day: date) -> list[datetime]:
        """Return the moments of one local day, ascending, aware, each once.

        A time that a change to summer time skips is due at the same distance from midnight; Japan has no such change.
        """
        due = {
            datetime.combine(day, clock, tzinfo=self.zone).astimezone(UTC)
            for rule in self.rules
            if rule.days.holds(day, self.calendar)
            for clock in rule.times
        }
        return [moment.astimezone(self.zone) for moment in sorted(due)]

    def slots(self, after: datetime, until: datetime) -> Iterator[datetime]:
        """Yield the slots later than `after` and not later than `until`, ascending."""
        if not self.rules:
            return
        day, last = after.astimezone(self.zone).date(), until.astimezone(self.zone).date()
        while day <= last:
            yield from (slot for slot in self.slots_of(day) if after < slot <= until)
            day += _ONE_DAY

    def next_slot(self, after: datetime) -> datetime | None:
        """Return the first slot later than `after`; None when there is none within nine years."""
        return next(self.slots(after, after + timedelta(days=HORIZON_DAYS)), None)

    def previous_slot(self, before: datetime, *, days: int = 366) -> datetime | None:
        """Return the last slot not later than `before`, looked for over some days back."""
        day = before.astimezone(self.zone).date()
        for _ in range(days + 1):
            due = [slot for slot in self.slots_of(day) if slot <= before]
            if due:
                return due[-1]
            day -= _ONE_DAY
        return None


def timetable(job: Job, calendar: OfficeCalendar, zone: ZoneInfo) -> Timetable:
    """Build the timetable of a job; times that lie outside of its window are none of its times."""
    rules = timed_rules(job.when)
    if job.window is not None:
        window = parse_window(job.window)
        rules = tuple(Rule(rule.days, tuple(filter(window.holds, rule.times))) for rule in rules)
    return Timetable(tuple(rule for rule in rules if rule.times), calendar, zone)


def timed_rules(triggers: Sequence[Trigger]) -> tuple[Rule, ...]:
    """Return the rules of the triggers that are timed."""
    rules = []
    for trigger in triggers:
        if trigger.at is not None:
            times = tuple(sorted(parse_clock(clock) for clock in trigger.at))
            rules.append(Rule(parse_days(trigger.days), times))
        elif trigger.every is not None:
            rules.append(Rule(parse_days(trigger.days), times_of_every(parse_every(trigger.every))))
        elif trigger.cron is not None:
            rules.append(Rule(*parse_cron(trigger.cron)))
    return tuple(rules)


def slot_name(slot: datetime) -> str:
    """Return a slot's name in the book of firings: ISO 8601 in UTC, to the second."""
    return slot.astimezone(UTC).isoformat(timespec="seconds")


def in_window(job: Job, moment: datetime, zone: ZoneInfo) -> bool:
    """Say whether the job's window allows it to run at this moment; no window allows always."""
    if job.window is None:
        return True
    return parse_window(job.window).holds(moment.astimezone(zone).time())


def window_end(job: Job, moment: datetime, zone: ZoneInfo) -> datetime | None:
    """Return when the job must stop by its window; None without a window, or when `moment` is outside it."""
    if job.window is None or not in_window(job, moment, zone):
        return None
    return parse_window(job.window).closes(moment.astimezone(zone))
