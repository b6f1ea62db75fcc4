"""A line chart as SVG: what was saved in all, month after month, and where it leads by the end of the year."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from scheduler.chart_labels import SMALL, every, labels_below, width_of
from scheduler.chart_svg import (
    HEIGHT,
    LEFT,
    RIGHT,
    WIDTH,
    height_of,
    number,
    picture,
    scale,
    short_number,
    ticks_of,
)


@dataclass(frozen=True)
class Ahead:
    """What is expected at the last label.

    Attributes:
        low: Lower end of the interval.
        expected: The expected value.
        high: Its upper end.
        name: Said beside it.
    """

    low: float
    expected: float
    high: float
    name: str


def line_chart(
    labels: Sequence[str],
    values: Sequence[float],
    *,
    identifier: str,
    title: str,
    description: str,
    unit: str,
    ahead: Ahead | None = None,
) -> str:
    """Draw a line through the first labels, and a broken one on to what is expected at the last.

    Args:
        labels: What stands below each point.
        values: Of the first labels, at most as many as there are labels.
        identifier: Unique in the page; names the title and description for screen readers.
        title: Heard by screen readers and shown on hover.
        description: The figures in a sentence.
        unit: Shown at the axis.
        ahead: What is expected at the last label; drawn only when `values` ends before it.

    Returns:
        One `<svg>` element; all texts are escaped.

    Raises:
        ValueError: There are more values than labels.
    """
    if len(values) > len(labels):
        raise ValueError("not more values than labels")
    future = ahead if ahead and 0 < len(values) < len(labels) else None
    ticks = ticks_of([*values, *((future.low, future.high) if future else ())])
    places = [_x(index, len(labels)) for index in range(len(labels))]
    points = [(x, height_of(value, ticks)) for x, value in zip(places, values, strict=False)]
    drawn = scale(ticks) + labels_below(labels, places, HEIGHT) + _path(points, "")
    drawn += _points(points, values, (WIDTH - LEFT - RIGHT) / max(len(labels), 1))
    if future:
        drawn += _future(points[-1], places[-1], future, ticks)
    return picture(drawn, identifier=identifier, title=title, description=description, unit=unit)


def _x(index: int, count: int) -> float:
    room = (WIDTH - LEFT - RIGHT) / count
    return LEFT + room * (index + 0.5)


def _path(points: Sequence[tuple[float, float]], dashes: str) -> str:
    told = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    broken = f' stroke-dasharray="{dashes}"' if dashes else ""
    return f'<polyline points="{told}" fill="none" stroke="currentColor" stroke-width="2"{broken}/>'


def _points(points: Sequence[tuple[float, float]], values: Sequence[float], room: float) -> str:
    """Draw the points, with as many figures as fit beside each other; the last one always has its figure."""
    shown = [short_number(value) for value in values]
    step = every(max((width_of(figure, SMALL) for figure in shown), default=0.0), room)
    drawn = []
    for place, ((x, y), figure) in enumerate(zip(points, shown, strict=True), 1):
        drawn.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5"/>')
        if (len(points) - place) % step == 0:
            drawn.append(
                f'<text x="{x:.1f}" y="{y - 9:.1f}" text-anchor="middle" font-size="10">{figure}</text>'
            )
    return "".join(drawn)


def _future(start: tuple[float, float], x: float, ahead: Ahead, ticks: Sequence[float]) -> str:
    low, middle, high = (height_of(value, ticks) for value in (ahead.low, ahead.expected, ahead.high))
    bar = f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{high:.1f}" y2="{low:.1f}" stroke="currentColor" stroke-opacity="0.5"/>'
    ends = "".join(
        f'<line x1="{x - 6:.1f}" x2="{x + 6:.1f}" y1="{y:.1f}" y2="{y:.1f}" stroke="currentColor"/>'
        for y in (low, high)
    )
    text = (
        f'<text x="{x - 10:.1f}" y="{middle - 6:.1f}" text-anchor="end" font-size="11">'
        f"{escape(ahead.name)} {number(ahead.expected)}</text>"
    )
    ring = (
        f'<circle cx="{x:.1f}" cy="{middle:.1f}" r="3.5" fill="none" stroke="currentColor" stroke-width="2"/>'
    )
    return _path([start, (x, middle)], "6 4") + bar + ends + ring + text
