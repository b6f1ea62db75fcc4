"""A chart of lying bars as SVG, for long names: one row per business, department or job."""

from collections.abc import Sequence
from html import escape
from unicodedata import east_asian_width

from scheduler.chart_svg import (
    CHARACTER,
    DENSITY,
    RIGHT,
    WIDTH,
    Series,
    legend,
    number,
    picture,
    short_number,
    ticks_of,
)

NAMES = 210
"""Room for the names on the left."""
_TOP, _BAR, _GAP, _BELOW = 34, 13, 12, 26
_LONGEST_NAME = 32


def rows_chart(
    labels: Sequence[str],
    series: Sequence[Series],
    *,
    identifier: str,
    title: str,
    description: str,
    unit: str,
) -> str:
    """Draw rows of lying bars from a zero line; the picture is as high as it has rows.

    Args:
        labels: The names; a long one is cut in the picture (the table beside it has it whole).
        series: Up to three bars per name, each as long as `labels`; values may be negative.
        identifier: Unique in the page; names the title and description for screen readers.
        title: Heard by screen readers and shown on hover.
        description: The figures in a sentence.
        unit: Shown at the axis.

    Returns:
        One `<svg>` element; all texts are escaped.

    Raises:
        ValueError: A series is not as long as the labels, or there are more than three.
    """
    if len(series) > len(DENSITY) or any(len(row.values) != len(labels) for row in series):
        raise ValueError("up to three series, each as long as the labels")
    ticks = ticks_of([value for row in series for value in row.values])
    step = _BAR * len(series) + _GAP
    bottom = _TOP + step * len(labels)
    parts = [_tick(tick, ticks, bottom) for tick in ticks]
    for index, label in enumerate(labels):
        top = _TOP + step * index + _GAP / 2
        parts.append(_name(label, top + _BAR * len(series) / 2 + 4))
        parts += [_bar(row.values[index], top + n * _BAR, ticks, DENSITY[n]) for n, row in enumerate(series)]
    parts += [legend(index, row.name) for index, row in enumerate(series)]
    words = {"identifier": identifier, "title": title, "description": description, "unit": unit}
    return picture("".join(parts), height=bottom + _BELOW, **words)


def _place(value: float, ticks: Sequence[float]) -> float:
    room = WIDTH - NAMES - RIGHT - 40
    return NAMES + room * (value - ticks[0]) / (ticks[-1] - ticks[0])


def _tick(tick: float, ticks: Sequence[float], bottom: float) -> str:
    x, density = f"{_place(tick, ticks):.1f}", "0.9" if tick == 0 else "0.2"
    return (
        f'<line x1="{x}" x2="{x}" y1="{_TOP}" y2="{bottom}" stroke="currentColor" stroke-opacity="{density}"/>'
        f'<text x="{x}" y="{bottom + 16}" text-anchor="middle">{number(tick)}</text>'
    )


def _name(label: str, y: float) -> str:
    shown = label
    while _width(shown) > _LONGEST_NAME:
        shown = shown.removesuffix("…")[:-1] + "…"
    return f'<text x="{NAMES - 8}" y="{y:.1f}" text-anchor="end">{escape(shown)}</text>'


def _width(label: str) -> int:
    """Return the width of a text in half characters: a kanji has two, a letter one."""
    return sum(2 if east_asian_width(character) in "WFA" else 1 for character in label)


def _bar(value: float, y: float, ticks: Sequence[float], density: str) -> str:
    zero, end = _place(0, ticks), _place(value, ticks)
    left, width, shown = min(zero, end), abs(zero - end), short_number(value)
    inside = value < 0 and left - len(shown) * CHARACTER < NAMES - 4
    x, anchor = (zero + 4, "start") if inside else (end + 4, "start") if value >= 0 else (end - 4, "end")
    return (
        f'<rect x="{left:.1f}" y="{y:.1f}" width="{width:.1f}" height="{_BAR - 1}" fill-opacity="{density}"/>'
        f'<text x="{x:.1f}" y="{y + _BAR - 3:.1f}" text-anchor="{anchor}" font-size="10">{shown}</text>'
    )
