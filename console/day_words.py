"""On which days a job is due, in the language of the reader, whatever language its file says it in."""

from calendar import month_abbr

from backoffice.messages import current_language, text
from scheduler.days import Days, EveryDay, Move, NamedDay, NthOpenDay, OfficeDays, Weekdays, parse_days
from scheduler.times import parse_every

LAST_DAY = 31


def days_in_words(written: str) -> str:
    """Return a rule for days as people say it: `開庁日` is "open days" in English."""
    rule = parse_days(written)
    if isinstance(rule, NamedDay):
        return _named(rule)
    return _told(rule) or written


def interval_in_words(written: str) -> str:
    """Return an interval as people say it: `2時間` is "2 hours" in English."""
    hours, minutes = divmod(parse_every(written), 60)
    if minutes:
        return text("days.minutes", count=60 * hours + minutes)
    return text("days.hours", count=hours)


def _told(rule: Days) -> str:
    match rule:
        case EveryDay():
            return text("days.every_day")
        case OfficeDays(open=is_open):
            return text("days.open" if is_open else "days.closed")
        case NthOpenDay(n=1):
            return text("days.first_open")
        case NthOpenDay(n=-1):
            return text("days.last_open")
        case NthOpenDay(n=n):
            return text("days.nth_open", n=n)
        case Weekdays(numbers=numbers):
            names = text("console.weekday_names").split()
            return text("days.between").join(names[number] for number in sorted(numbers))
    return ""


def _named(rule: NamedDay) -> str:
    which = "last" if rule.day == LAST_DAY and rule.month is None else "numbered"
    month = rule.month or 0
    name = month_abbr[month] if current_language() == "en" else str(month)
    told = text(f"days.{'yearly' if rule.month else 'monthly'}_{which}", month=name, day=rule.day)
    return told if rule.move is Move.STAY else told + text(f"days.move_{rule.move.name.lower()}")
