"""Upright rectangles in millimetres from the top left corner of the page."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Rect:
    """A rectangle: edges in mm."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        """Width in mm."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """Height in mm."""
        return self.bottom - self.top

    @property
    def area(self) -> float:
        """Area in mm²."""
        return self.width * self.height

    @property
    def middle(self) -> tuple[float, float]:
        """Centre, mm."""
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2

    def holds(self, point: tuple[float, float], reach: float = 0.0) -> bool:
        """Say whether a point lies inside, or at most `reach` mm outside."""
        x, y = point
        inside_x = self.left - reach <= x <= self.right + reach
        return inside_x and self.top - reach <= y <= self.bottom + reach

    def contains(self, other: "Rect", reach: float = 0.5) -> bool:
        """Say whether another rectangle lies inside, give or take `reach` mm."""
        return self.holds((other.left, other.top), reach) and self.holds((other.right, other.bottom), reach)

    def shared_width(self, other: "Rect") -> float:
        """Return how many mm of both widths lie above each other; negative is a gap."""
        return min(self.right, other.right) - max(self.left, other.left)

    def shared_height(self, other: "Rect") -> float:
        """Return how many mm of both heights lie beside each other; negative is a gap."""
        return min(self.bottom, other.bottom) - max(self.top, other.top)

    def overlap(self, other: "Rect") -> float:
        """Return intersection over union, 0 to 1."""
        across, down = self.shared_width(other), self.shared_height(other)
        if across <= 0 or down <= 0:
            return 0.0
        return across * down / (self.area + other.area - across * down)

    def beside(self, other: "Rect", share: float = 0.5) -> bool:
        """Say whether both stand in one line: at least `share` of the lower one's height is common."""
        return self.shared_height(other) >= share * min(self.height, other.height)

    def grown(self, across: float, down: float) -> "Rect":
        """Return the rectangle with each side moved outwards (inwards when negative) by some mm."""
        return Rect(self.left - across, self.top - down, self.right + across, self.bottom + down)

    def within(self, frame: "Rect") -> "Rect":
        """Return the part of the rectangle that lies inside a frame."""
        return Rect(
            max(self.left, frame.left),
            max(self.top, frame.top),
            min(self.right, frame.right),
            min(self.bottom, frame.bottom),
        )

    def box(self) -> list[float]:
        """Return x, y, width, height in tenths of a millimetre, as a template writes them."""
        left, top = round(self.left, 1), round(self.top, 1)
        return [left, top, round(round(self.right, 1) - left, 1), round(round(self.bottom, 1) - top, 1)]


def around(rects: Iterable[Rect]) -> Rect:
    """Return the smallest rectangle around some.

    Raises:
        ValueError: There are none.
    """
    known = list(rects)
    if not known:
        raise ValueError("no rectangles")
    return Rect(
        min(r.left for r in known),
        min(r.top for r in known),
        max(r.right for r in known),
        max(r.bottom for r in known),
    )
