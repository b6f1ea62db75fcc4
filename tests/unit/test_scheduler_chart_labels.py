"""Below a chart no label runs into its neighbour, be it one month or five years."""

from itertools import pairwise
from xml.etree import ElementTree

import pytest

from scheduler.chart_labels import every, width_of
from scheduler.chart_line import line_chart
from scheduler.chart_svg import Series, bar_chart

SVG = "{http://www.w3.org/2000/svg}"
WORDS = {"identifier": "c", "title": "t", "description": "d", "unit": "h"}


def months(count: int, first: int = 2025 * 12 + 3) -> list[str]:
    return [f"{month // 12}-{month % 12 + 1:02}" for month in range(first, first + count)]


def drawn(svg: str, below: float = 264) -> dict[float, list[tuple[float, float, str]]]:
    """Return the texts below the axis by their line: (left, right, text) from left to right."""
    lines: dict[float, list[tuple[float, float, str]]] = {}
    for text in ElementTree.fromstring(svg).findall(f"{SVG}text"):
        y = float(text.get("y", "0"))
        if y > below and text.get("text-anchor") == "middle":
            half = width_of(text.text or "", float(text.get("font-size", "12"))) / 2
            x = float(text.get("x", "0"))
            lines.setdefault(y, []).append((x - half, x + half, text.text or ""))
    return {y: sorted(texts) for y, texts in lines.items()}


@pytest.mark.parametrize("count", [1, 2, 12, 13, 24, 36, 60])
def test_labels_of_months_never_touch(count: int) -> None:
    names = months(count)
    values = tuple(float(n) for n in range(count))
    bars = bar_chart(names, [Series("a", values), Series("b", values)], **WORDS)
    for svg in (bars, line_chart(names, list(values), **WORDS)):
        lines = drawn(svg)
        assert lines
        for texts in lines.values():
            assert all(left[1] < right[0] for left, right in pairwise(texts)), (count, texts)


def test_twelve_months_are_written_whole_and_two_years_as_numbers_over_their_years() -> None:
    values = [1.0] * 24
    [whole] = drawn(line_chart(months(12), values[:12], **WORDS)).values()
    assert [text for _, _, text in whole] == months(12)
    above, below = drawn(line_chart(months(24), values, **WORDS)).values()
    assert [text for _, _, text in above] == [str((n + 3) % 12 + 1) for n in range(24)]
    assert [text for _, _, text in below] == ["2025", "2026", "2027"]


def test_figures_at_the_points_keep_their_distance_and_the_last_is_always_told() -> None:
    values = [1234.0 + n for n in range(60)]
    texts = ElementTree.fromstring(line_chart(months(60), values, **WORDS)).findall(f"{SVG}text")
    told = [t for t in texts if t.get("font-size") == "10" and "," in (t.text or "")]
    assert told[-1].text == "1,293"
    distances = [float(b.get("x", "0")) - float(a.get("x", "0")) for a, b in pairwise(told)]
    assert min(distances) > width_of("1,293", 10)


def test_bars_too_narrow_for_a_figure_carry_none() -> None:
    def chart(count: int) -> str:
        return bar_chart(months(count), [Series(name, (77.5,) * count) for name in "ab"], **WORDS)

    assert ">77.5<" not in chart(60)
    assert ">77.5<" in chart(24)


def test_long_names_are_left_out_evenly() -> None:
    assert every(40, 100) == 1
    assert every(97, 100) == 2
    names = [f"とても長い名前のジョブ{n}" for n in range(12)]
    [texts] = drawn(bar_chart(names, [Series("a", (1.0,) * 12)], **WORDS)).values()
    assert 2 <= len(texts) < 12
    assert all(left[1] < right[0] for left, right in pairwise(texts))
