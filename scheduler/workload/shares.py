"""Shares that add up: parts of a whole in percent, rounded so that the rounded shares make exactly 100.

Method of the largest remainder (Hamilton 1792): every share is rounded down, and the hundredths that are then missing
go to those with the largest remainders. A share differs from the exact one by less than one unit of its last digit.
"""

from collections.abc import Sequence
from decimal import ROUND_FLOOR, Decimal

HUNDRED = Decimal(100)


def shares(parts: Sequence[Decimal], digits: int = 2) -> list[Decimal]:
    """Return the shares of some parts in percent.

    Args:
        parts: Not negative; the whole is their sum.
        digits: Decimals of a share.

    Returns:
        One share per part; together exactly 100, or all 0 when the whole is 0.
    """
    whole = sum(parts, Decimal(0))
    unit = Decimal(1).scaleb(-digits)
    if not whole:
        return [Decimal(0).quantize(unit) for _ in parts]
    exact = [part * HUNDRED / whole for part in parts]
    down = [share.quantize(unit, ROUND_FLOOR) for share in exact]
    missing = int((HUNDRED - sum(down, Decimal(0))) / unit)
    by_remainder = sorted(range(len(parts)), key=lambda n: (down[n] - exact[n], n))
    for n in by_remainder[:missing]:
        down[n] += unit
    return down
