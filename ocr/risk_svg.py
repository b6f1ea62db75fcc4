"""The risk–coverage curve as a picture: how many errors one accepts when one accepts more.

Plain SVG text, no dependency. Risk is drawn on a logarithmic scale from 0.01 % to 100 %; no error at all lies on the
ground line. The dashed line is the limit that accepted values keep to.
"""

from collections.abc import Mapping, Sequence
from html import escape
from math import log10
from typing import Any

from backoffice.messages import text
from ocr.reliability import RiskPoint

WIDTH, HEIGHT = 720, 420
_LEFT, _RIGHT, _TOP, _BOTTOM = 84, 24, 48, 56
_DECADES = 4
"""From 10⁻⁴ to 1."""


def risk_picture(
    points: Sequence[RiskPoint], *, title: str, limit: float, accepted: float, wrong: float
) -> str:
    """Draw a risk–coverage curve.

    Args:
        points: The curve, coverage rising.
        title: What was measured.
        limit: Largest expected error of an accepted value.
        accepted: Share of values accepted at this limit.
        wrong: Share of all values that were accepted and wrong.

    Returns:
        One `<svg>` document; texts in the language of the process, escaped. Without points the axes alone.
    """
    description = text(
        "ocr.risk_summary", accepted=f"{accepted:.1%}", wrong=f"{wrong:.2%}", limit=f"{limit:.2%}"
    )
    path = " ".join(f"{_x(p.coverage):.1f},{_y(p.risk):.1f}" for p in points)
    curve = (
        f'<polyline points="{path}" fill="none" stroke="currentColor" stroke-width="2"/>' if points else ""
    )
    mark = f'<circle cx="{_x(accepted):.1f}" cy="{_y(wrong / accepted):.1f}" r="5"/>' if accepted else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        'aria-labelledby="risk-title risk-desc" fill="currentColor" font-size="13" font-family="sans-serif">'
        f'<title id="risk-title">{escape(title)}</title><desc id="risk-desc">{escape(description)}</desc>'
        f'<text x="{_LEFT}" y="18" font-size="15">{escape(title)}</text>'
        f'<text x="{_LEFT}" y="36">{escape(description)}</text>'
        f"{_grid()}{_limit_line(limit)}{curve}{mark}</svg>\n"
    )


def picture_of(name: str, told: Mapping[str, Any]) -> str:
    """Draw the curve of what `ocr eval --json` tells.

    Args:
        name: The file or folder that was measured.
        told: Holds risk_coverage, limit, accepted, wrong_accepted and, for crops, kind.
    """
    points = [RiskPoint(**point) for point in told["risk_coverage"]]
    title = text("ocr.risk_title", name=name, kind=told.get("kind", "samples"))
    shares = {"accepted": told["accepted"], "wrong": told["wrong_accepted"]}
    return risk_picture(points, title=title, limit=told["limit"], **shares)


def _x(coverage: float) -> float:
    return _LEFT + coverage * (WIDTH - _LEFT - _RIGHT)


def _y(risk: float) -> float:
    """Return the height of a risk; everything at or below the smallest decade lies on the ground line."""
    share = 0.0 if risk <= 0 else max(0.0, 1 + log10(risk) / _DECADES)
    return HEIGHT - _BOTTOM - min(1.0, share) * (HEIGHT - _TOP - _BOTTOM)


def _grid() -> str:
    lines = []
    for decade in range(_DECADES + 1):
        risk = 10.0 ** (decade - _DECADES)
        y = _y(risk)
        name = f"{risk:.2%}" if decade else f"≤ {risk:.2%}"
        lines.append(
            f'<line x1="{_LEFT}" y1="{y:.1f}" x2="{WIDTH - _RIGHT}" y2="{y:.1f}" stroke="currentColor" '
            f'stroke-opacity="0.2"/><text x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{name}</text>'
        )
    for tenth in range(0, 11, 2):
        x = _x(tenth / 10)
        lines.append(
            f'<line x1="{x:.1f}" y1="{_TOP}" x2="{x:.1f}" y2="{HEIGHT - _BOTTOM}" stroke="currentColor" '
            f'stroke-opacity="0.2"/><text x="{x:.1f}" y="{HEIGHT - _BOTTOM + 18}" text-anchor="middle">'
            f"{tenth * 10} %</text>"
        )
    foot, side = escape(text("ocr.risk_coverage_axis")), escape(text("ocr.risk_axis"))
    middle = (_TOP + HEIGHT - _BOTTOM) / 2
    lines.append(f'<text x="{_x(0.5):.1f}" y="{HEIGHT - 12}" text-anchor="middle">{foot}</text>')
    lines.append(
        f'<text x="16" y="{middle:.1f}" text-anchor="middle" transform="rotate(-90 16 {middle:.1f})">{side}</text>'
    )
    return "".join(lines)


def _limit_line(limit: float) -> str:
    y = _y(limit)
    label = escape(text("ocr.risk_limit", limit=f"{limit:.2%}"))
    return (
        f'<line x1="{_LEFT}" y1="{y:.1f}" x2="{WIDTH - _RIGHT}" y2="{y:.1f}" stroke="currentColor" '
        f'stroke-dasharray="6 4"/><text x="{WIDTH - _RIGHT}" y="{y - 6:.1f}" text-anchor="end">{label}</text>'
    )
