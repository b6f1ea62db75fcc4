"""A small bar chart as SVG, made on the server: no script, no style sheet of its own, readable by screen readers.

Everything is drawn in `currentColor`, so that the chart follows the page's text colour in light and dark mode; series
differ by density, and every bar carries its value as text, so that colour is never alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, floor, log10

WIDTH, HEIGHT = 720, 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 12, 34, 36
_DENSITY = ("0.85", "0.4", "0.2")


@dataclass(frozen=True)
class Series:
    """One row of bars.

    Attributes:
        name: Shown in the legend.
        values: One per label, in `unit`; may be negative.
    """

    name: str
    values: tuple[float, ...]


def bar_chart(
    labels: Sequence[str],
    series: Sequence[Series],
    *,
    identifier: str,
    title: str,
    description: str,
    unit: str,
) -> str:
    """Draw groups of vertical bars around a zero line.

    Args:
        labels: What stands below each group.
        series: Up to three rows of bars, each as long as `labels`.
        identifier: Unique in the page; names the title and description for screen readers.
        title: Heard by screen readers and shown on hover.
        description: The figures in a sentence, for those who do not see the bars.
        unit: Shown at the axis.

    Returns:
        One `<svg>` element; all texts are escaped. An empty chart shows its axis only.

    Raises:
        ValueError: A series is not as long as the labels, or there are more than three.
    """
    if len(series) > len(_DENSITY) or any(len(row.values) != len(labels) for row in series):
        raise ValueError("up to three series, each as long as the labels")
    ticks = _ticks([value for row in series for value in row.values])
    parts = [
        _line_of_tick(tick, ticks, "0.9" if tick == 0 else "0.2") + _tick_text(tick, ticks) for tick in ticks
    ]
    parts += [_group(index, label, labels, series, ticks) for index, label in enumerate(labels)]
    parts += [_legend(index, row.name) for index, row in enumerate(series)]
    name = escape(identifier, quote=True)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-labelledby="{name}-title {name}-desc" fill="currentColor" font-size="12">'
        f'<title id="{name}-title">{escape(title)}</title><desc id="{name}-desc">{escape(description)}</desc>'
        f'<text x="4" y="{_TOP - 18}">{escape(unit)}</text>{"".join(parts)}</svg>'
    )


def _ticks(values: Sequence[float]) -> list[float]:
    """Return round values that span all values and zero: steps of 1, 2 or 5 times a power of ten, at most nine."""
    low, high = min([0.0, *values]), max([0.0, *values])
    span = (high - low) or 1.0
    power = 10.0 ** floor(log10(span / 4))
    step = next(factor * power for factor in (1, 2, 5, 10) if span / (factor * power) <= 5)
    first, last = floor(low / step), max(ceil(high / step), floor(low / step) + 1)
    return [round(n * step, 10) for n in range(first, last + 1)]


def _height_of(value: float, ticks: Sequence[float]) -> float:
    part = (value - ticks[0]) / (ticks[-1] - ticks[0])
    return HEIGHT - _BOTTOM - part * (HEIGHT - _TOP - _BOTTOM)


def _line_of_tick(tick: float, ticks: Sequence[float], density: str) -> str:
    y = f"{_height_of(tick, ticks):.1f}"
    return (
        f'<line x1="{_LEFT}" x2="{WIDTH - _RIGHT}" y1="{y}" y2="{y}" stroke="currentColor" '
        f'stroke-opacity="{density}"/>'
    )


def _tick_text(tick: float, ticks: Sequence[float]) -> str:
    y = _height_of(tick, ticks) + 4
    return f'<text x="{_LEFT - 6}" y="{y:.1f}" text-anchor="end">{_number(tick)}</text>'


def _group(
    index: int, label: str, labels: Sequence[str], series: Sequence[Series], ticks: Sequence[float]
) -> str:
    room = (WIDTH - _LEFT - _RIGHT) / len(labels)
    start, width = _LEFT + index * room, min(room * 0.8 / max(len(series), 1), 60)
    middle = start + room / 2
    left = middle - width * len(series) / 2
    bars = [
        _bar(left + n * width, width, row.values[index], ticks, _DENSITY[n]) for n, row in enumerate(series)
    ]
    text = f'<text x="{middle:.1f}" y="{HEIGHT - 14}" text-anchor="middle">{escape(label)}</text>'
    return "".join(bars) + text


def _bar(x: float, width: float, value: float, ticks: Sequence[float], density: str) -> str:
    zero, end = _height_of(0, ticks), _height_of(value, ticks)
    top, height = min(zero, end), abs(zero - end)
    text_y = top - 3 if value >= 0 else top + height + 12
    return (
        f'<rect x="{x:.1f}" y="{top:.1f}" width="{width * 0.92:.1f}" height="{height:.1f}" '
        f'fill-opacity="{density}"/>'
        f'<text x="{x + width / 2:.1f}" y="{text_y:.1f}" text-anchor="middle" font-size="10">{_number(value)}</text>'
    )


def _legend(index: int, name: str) -> str:
    x = _LEFT + 60 + index * 160
    return (
        f'<rect x="{x}" y="8" width="12" height="12" fill-opacity="{_DENSITY[index]}"/>'
        f'<text x="{x + 18}" y="18">{escape(name)}</text>'
    )


def _number(value: float) -> str:
    shown = f"{value:,.1f}".removesuffix(".0")
    return "0" if shown == "-0" else shown.replace("-", "−")
