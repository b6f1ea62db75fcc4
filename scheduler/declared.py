"""How single values of a job are checked while its file is loaded, so that the message stands at their line."""

from collections.abc import Callable

from backoffice.declarations import refuse
from backoffice.suggest import did_you_mean
from scheduler.days import KNOWN_DAYS, DaysUnknown
from scheduler.times import TimeUnreadable


def checked(parse: Callable[[str], object], key: str, value: str) -> str:
    """Return a text that `parse` can read.

    Args:
        parse: Reads it; raises TimeUnreadable or DaysUnknown.
        key: Catalogue key of the error to tell.
        value: The text as written.

    Raises:
        PydanticCustomError: It cannot be read; words for days are answered with the nearest.
    """
    try:
        parse(value)
    except (TimeUnreadable, DaysUnknown) as error:
        hint = did_you_mean(value, KNOWN_DAYS) if isinstance(error, DaysUnknown) else ""
        raise refuse(key, value=value, hint=hint) from error
    return value
