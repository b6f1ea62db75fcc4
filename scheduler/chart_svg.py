"""Small charts as SVG, made on the server: no script, no style sheet of their own, readable by screen readers.

Everything is drawn in `currentColor`, so that the chart follows the page's text colour in light and dark mode; series
differ by density, and every bar carries its value as text, so that colour is never alone. Beside each chart stands a
table with the same figures.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, floor, log10

from scheduler.chart_labels import labels_below

WIDTH, HEIGHT = 720, 300
LEFT, RIGHT, TOP, BOTTOM = 64, 16, 48, 36
DENSITY = ("0.35", "0.85", "0.6")
NARROWEST = 9.0
"""A narrower bar carries no figure: upright ones, as high as their letters are wide, would run together."""
CHARACTER = 5.8
"""Width of a digit of the small texts, in units of the picture."""


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
    if len(series) > len(DENSITY) or any(len(row.values) != len(labels) for row in series):
        raise ValueError("up to three series, each as long as the labels")
    ticks = ticks_of([value for row in series for value in row.values])
    room = (WIDTH - LEFT - RIGHT) / max(len(labels), 1)
    middles = [LEFT + room * (index + 0.5) for index in range(len(labels))]
    parts = [scale(ticks)]
    parts += [_group(index, middle, room, series, ticks) for index, middle in enumerate(middles)]
    parts.append(labels_below(labels, middles, HEIGHT))
    parts += [legend(index, row.name) for index, row in enumerate(series)]
    return picture("".join(parts), identifier=identifier, title=title, description=description, unit=unit)


def picture(
    drawn: str, *, identifier: str, title: str, description: str, unit: str, height: float = HEIGHT
) -> str:
    """Put what was drawn into one `<svg>` element with its title and description for screen readers."""
    name = escape(identifier, quote=True)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:g}" role="img" '
        f'aria-labelledby="{name}-title {name}-desc" fill="currentColor" font-size="12">'
        f'<title id="{name}-title">{escape(title)}</title><desc id="{name}-desc">{escape(description)}</desc>'
        f'<text x="4" y="18">{escape(unit)}</text>{drawn}</svg>'
    )


def scale(ticks: Sequence[float]) -> str:
    """Draw the lines and figures of the axis; the zero line is the strong one."""
    return "".join(
        _line_of_tick(tick, ticks, "0.9" if tick == 0 else "0.2") + _tick_text(tick, ticks) for tick in ticks
    )


def ticks_of(values: Sequence[float]) -> list[float]:
    """Return round values that span all values and zero: steps of 1, 2 or 5 times a power of ten, at most nine."""
    low, high = min([0.0, *values]), max([0.0, *values])
    span = (high - low) or 1.0
    power = 10.0 ** floor(log10(span / 4))
    step = next(factor * power for factor in (1, 2, 5, 10) if span / (factor * power) <= 5)
    first, last = floor(low / step), max(ceil(high / step), floor(low / step) + 1)
    return [round(n * step, 10) for n in range(first, last + 1)]


def height_of(value: float, ticks: Sequence[float]) -> float:
    """Return where a value lies between the top and the bottom of the picture."""
    part = (value - ticks[0]) / (ticks[-1] - ticks[0])
    return HEIGHT - BOTTOM - part * (HEIGHT - TOP - BOTTOM)


def _line_of_tick(tick: float, ticks: Sequence[float], density: str) -> str:
    y = f"{height_of(tick, ticks):.1f}"
    return (
        f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y}" y2="{y}" stroke="currentColor" '
        f'stroke-opacity="{density}"/>'
    )


def _tick_text(tick: float, ticks: Sequence[float]) -> str:
    y = height_of(tick, ticks) + 4
    return f'<text x="{LEFT - 6}" y="{y:.1f}" text-anchor="end">{number(tick)}</text>'


def _group(index: int, middle: float, room: float, series: Sequence[Series], ticks: Sequence[float]) -> str:
    width = min(room * 0.8 / max(len(series), 1), 60)
    left = middle - width * len(series) / 2
    bars = [
        _bar(left + n * width, width, row.values[index], ticks, DENSITY[n]) for n, row in enumerate(series)
    ]
    return "".join(bars)


def _bar(x: float, width: float, value: float, ticks: Sequence[float], density: str) -> str:
    zero, end = height_of(0, ticks), height_of(value, ticks)
    top, height = min(zero, end), abs(zero - end)
    shown, middle, edge = short_number(value), x + width / 2, top if value >= 0 else top + height
    return (
        f'<rect x="{x:.1f}" y="{top:.1f}" width="{width * 0.92:.1f}" height="{height:.1f}" '
        f'fill-opacity="{density}"/>'
        f"{_text_of_bar(shown, middle, edge, width, above=value >= 0)}"
    )


def _text_of_bar(shown: str, x: float, edge: float, width: float, *, above: bool) -> str:
    """Write a value at the end of its bar; upright, or not at all, when it would run into its neighbour."""
    if width < NARROWEST:
        return ""
    if len(shown) * CHARACTER <= width * 1.05:
        y = edge - 3 if above else edge + 11
        return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="middle" font-size="10">{shown}</text>'
    y, anchor = (edge - 3, "start") if above else (edge + 3, "end")
    turned = f'transform="rotate(-90 {x + 3.5:.1f} {y:.1f})"'
    return (
        f'<text x="{x + 3.5:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="10" {turned}>{shown}</text>'
    )


def legend(index: int, name: str) -> str:
    """Draw one entry of the legend."""
    x = LEFT + 60 + index * 160
    return (
        f'<rect x="{x}" y="8" width="12" height="12" fill-opacity="{DENSITY[index]}"/>'
        f'<text x="{x + 18}" y="18">{escape(name)}</text>'
    )


def short_number(value: float) -> str:
    """Return a figure as it stands at its bar: two decimals below 10, none from 100 on."""
    if abs(value) >= 10:
        return number(value if abs(value) < 100 else round(value))
    shown = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if shown == "-0" else shown.replace("-", "−")


def number(value: float) -> str:
    """Return a figure with at most one decimal and a real minus sign."""
    shown = f"{value:,.1f}".removesuffix(".0")
    return "0" if shown == "-0" else shown.replace("-", "−")
