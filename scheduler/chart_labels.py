"""What stands below the points and bars of a chart, so that no label runs into its neighbour, be it 1 month or 60.

As long as the labels fit, they stand there whole. Months that do not fit are written as their number, with the year
below the first month and below each January. When even that is too wide, only every second, third … label is written;
the table beside the chart has them all.
"""

import re
from collections.abc import Sequence
from html import escape
from math import ceil
from unicodedata import east_asian_width

SMALL, USUAL = 10, 12
"""Sizes of the letters, in units of the picture."""
_MONTH = re.compile(r"(\d{4})-(\d{2})")
_GAP = 4
_YEAR_ROOM = 34


def labels_below(labels: Sequence[str], places: Sequence[float], bottom: float) -> str:
    """Write the labels below their places.

    Args:
        labels: In order.
        places: Where the middle of each lies, from left to right, evenly.
        bottom: The lower edge of the picture.
    """
    room = places[1] - places[0] if len(places) > 1 else float("inf")
    if all(width_of(label, USUAL) + _GAP <= room for label in labels):
        return "".join(_text(x, bottom - 14, label, USUAL) for x, label in zip(places, labels, strict=True))
    months = [_MONTH.fullmatch(label) for label in labels]
    if all(months):
        return _months([(month[1], int(month[2])) for month in months if month], places, room, bottom)
    step = every(max(width_of(label, SMALL) for label in labels), room)
    return "".join(_text(places[n], bottom - 14, labels[n], SMALL) for n in range(0, len(labels), step))


def every(width: float, room: float) -> int:
    """Return how far apart texts of a width must stand, in places that are `room` wide: 1 for every place."""
    return max(1, ceil((width + _GAP) / room))


def width_of(text: str, size: float) -> float:
    """Return about how wide a text is: a kanji is as wide as high, a letter or digit 0.58 of it."""
    return sum(1.0 if east_asian_width(letter) in "WFA" else 0.58 for letter in text) * size


def _months(months: Sequence[tuple[str, int]], places: Sequence[float], room: float, bottom: float) -> str:
    step = every(width_of("12", SMALL), room)
    drawn = [
        _text(places[n], bottom - 20, str(month), SMALL)
        for n, (_, month) in enumerate(months)
        if n % step == 0
    ]
    free = 0.0
    for place, (year, month) in zip(places, months, strict=True):
        if place >= free and (free == 0.0 or month == 1):
            drawn.append(_text(place, bottom - 7, year, SMALL))
            free = place + _YEAR_ROOM
    return "".join(drawn)


def _text(x: float, y: float, label: str, size: int) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="middle" font-size="{size}">{escape(label)}</text>'
