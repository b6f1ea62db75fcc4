"""See which printed options were circled or ticked, and whether a seal or a signature is there.

What counts is ink that is not print. A mark's strength is the length of its ink, in terms of the option's own box. A
mark that may have been taken back (a ring with lines through it, a tick that was struck out) or that lies on two
options is unclear: a person looks, whatever its strength.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np

from ocr.cells import PX_PER_MM, SPECK_MM2, Cut
from ocr.cleanup import Mask, despeckle
from ocr.reading import RawReading
from ocr.recognisers.shapes import CLASSES, OTHER, OTHER_FROM, load_shapes

CIRCLE_MIDDLE, CIRCLE_WIDTH = 0.33, 0.033
"""A circle's ink is about 0.9 times the box's outline, a stray stroke less than 0.2."""

TICK_MIDDLE, TICK_WIDTH = 0.42, 0.038
"""A tick's longest extent is about once the side of the box, dirt less than 0.25."""

INNER_INK = 0.5
"""A ring leaves the middle of its word free; ink this long there, in terms of the middle's width, crosses it out."""

SHARED_INK = 0.3
"""A stroke with this share of its ink on a second option belongs to both."""

FILLED = 0.85
"""A scribble with this share of its ink in the box may fill it: a tick; one that leaves the box strikes it out."""

COVERED = 0.45
"""A box that is filled in has so much of it covered, gaps of half a millimetre closed."""

PEN_MM = 0.45
"""Usual width of a ball pen's line after scanning."""


@dataclass(frozen=True)
class OptionMark:
    """One option.

    Attributes:
        name: Its name.
        strength: Ink found, in terms of the option's box; 0 for none.
        probability: Belief that it is marked, 0 to 1.
        unclear: Whether the mark may have been taken back, or belong to another option.
    """

    name: str
    strength: float
    probability: float
    unclear: bool = False


def tick_strength(cut: Cut) -> float:
    """Return the longest extent of ink in and just around a check box, in terms of its side."""
    strokes = _inside(cut, grow_mm=1.2)
    parts = _parts(strokes)
    if not parts:
        return 0.0
    side = min(cut.box[2], cut.box[3])
    longest = max(np.hypot(width, height) for _, _, width, height, _ in parts)
    area = sum(part[4] for part in parts) / (side * side)
    return float(min(longest / side, area * 8))


def circle_strength(strokes: Mask, box: tuple[int, int, int, int]) -> float:
    """Return the length of ink around a printed option, in terms of the outline of its box.

    Args:
        strokes: Ink that belongs to this option, without print.
        box: The option's box in the same pixels.
    """
    area = float((strokes > 0).sum())
    outline = 2.0 * (box[2] + box[3])
    found = cv2.findNonZero(strokes)
    if found is None:
        return 0.0
    _, _, width, height = cv2.boundingRect(found)
    spread = min(1.0, width / box[2] * 1.2) * min(1.0, height / box[3] * 1.3)
    return float(area / (PEN_MM * PX_PER_MM) / outline * spread)


def read_ticks(cuts: Mapping[str, Cut]) -> list[OptionMark]:
    """Judge check boxes, each on its own."""
    marks = []
    for name, cut in cuts.items():
        strength = tick_strength(cut)
        belief = _belief(strength, TICK_MIDDLE, TICK_WIDTH)
        marks.append(OptionMark(name, strength, belief, belief >= 0.5 and is_struck(cut)))
    return marks


def is_struck(cut: Cut) -> bool:
    """Say whether the mark in a check box looks taken back: no tick, cross or circle, and not a box filled in."""
    x, y, width, height = cut.box
    strokes = _inside(cut, grow_mm=2.5)
    total = int((strokes > 0).sum())
    if total == 0:
        return False
    rim = round(0.1 * min(width, height))
    inner = cut.strokes[max(0, y - rim) : y + height + rim, max(0, x - rim) : x + width + rim]
    if (inner > 0).sum() / total >= FILLED and _covered(inner) >= COVERED:
        return False
    other = load_shapes().beliefs([np.where(strokes > 0, 0, 255).astype(np.uint8)])[0][CLASSES.index(OTHER)]
    return bool(other > OTHER_FROM)


def _covered(strokes: Mask) -> float:
    reach = round(0.5 * PX_PER_MM) | 1
    return float((cv2.morphologyEx(strokes, cv2.MORPH_CLOSE, np.ones((reach, reach), np.uint8)) > 0).mean())


def read_circles(whole: Cut, boxes: Mapping[str, tuple[int, int, int, int]]) -> list[OptionMark]:
    """Judge printed words that may be circled; each stroke counts for the option it lies on most.

    Args:
        whole: One cut over all options with a margin of some millimetres.
        boxes: Each option's box within the cut, pixels.
    """
    strokes = despeckle(whole.strokes, round(SPECK_MM2 * PX_PER_MM**2))
    shares, shared = _shares(strokes, boxes)
    marks = []
    for name, box in boxes.items():
        strength = circle_strength(shares[name], box)
        belief = _belief(strength, CIRCLE_MIDDLE, CIRCLE_WIDTH)
        unclear = belief >= 0.5 and (name in shared or inner_ink(shares[name], box) >= INNER_INK)
        marks.append(OptionMark(name, strength, belief, unclear))
    return marks


def inner_ink(strokes: Mask, box: tuple[int, int, int, int]) -> float:
    """Return the length of ink in the middle of an option's box (half its width, 44 % of its height), in its widths."""
    x, y, width, height = box
    left, top = x + width // 4, y + round(0.28 * height)
    middle = strokes[max(0, top) : top + round(0.44 * height), max(0, left) : left + width // 2]
    return float((middle > 0).sum()) / (PEN_MM * PX_PER_MM) / max(1, width // 2)


def choose_one(marks: list[OptionMark]) -> RawReading:
    """Return the one marked option.

    None gives "", several are all told (joined by 、), both with a reason; so does a mark that is unclear. Of one clear
    and one unclear mark the clear one is told: the other was most likely taken back.
    """
    ranked = sorted(marks, key=lambda mark: -mark.probability)
    certain = _certain(marks)
    marked = [mark for mark in marks if mark.probability >= 0.5]
    clear = [mark for mark in marked if not mark.unclear]
    candidates = tuple((mark.name, mark.probability) for mark in ranked if mark.probability > 0.01)
    told = "、".join(mark.name for mark in clear or marked)
    if not marked:
        return RawReading("", certain, candidates, "ocr.no_mark")
    if len(clear) > 1:
        return RawReading(told, 0.0, candidates, "ocr.two_marks")
    if len(clear) < len(marked):
        return RawReading(told, 0.0, candidates, "ocr.mark_unclear")
    return RawReading(told, certain, candidates)


def choose_many(marks: list[OptionMark]) -> RawReading:
    """Return all marked options joined by 、 in printed order; "" when none is marked; unclear ones give a reason."""
    marked = [mark for mark in marks if mark.probability >= 0.5]
    value = "、".join(mark.name for mark in marked if not mark.unclear)
    if any(mark.unclear for mark in marked):
        every = "、".join(mark.name for mark in marked)
        return RawReading(value, 0.0, ((value, 0.5), (every, 0.5)), "ocr.mark_unclear")
    certain = _certain(marks)
    return RawReading(value, certain, ((value, certain),))


def _certain(marks: list[OptionMark]) -> float:
    """Return the belief that every option was judged rightly."""
    return float(np.prod([max(mark.probability, 1 - mark.probability) for mark in marks]))


def read_presence(cut: Cut) -> RawReading:
    """Say whether a seal, a stamp or a signature stands in the box: present or empty."""
    strokes = _inside(cut, grow_mm=0.5)
    length_mm = float((strokes > 0).sum()) / (PEN_MM * PX_PER_MM) / PX_PER_MM
    found = cv2.findNonZero(strokes)
    extent_mm = 0.0 if found is None else max(cv2.boundingRect(found)[2:]) / PX_PER_MM
    probability = _belief(min(length_mm / 8.0, extent_mm / 4.0), 0.8, 0.12)
    value = "present" if probability >= 0.5 else "empty"
    score = max(probability, 1 - probability)
    return RawReading(value, score, ((value, score),))


def read_checkbox(cut: Cut) -> RawReading:
    """Say whether a single check box is ticked: checked or empty."""
    strength = tick_strength(cut)
    probability = _belief(strength, TICK_MIDDLE, TICK_WIDTH)
    value = "checked" if probability >= 0.5 else "empty"
    score = max(probability, 1 - probability)
    if value == "checked" and is_struck(cut):
        return RawReading(value, 0.0, ((value, 0.5), ("empty", 0.5)), "ocr.mark_unclear")
    return RawReading(value, score, ((value, score),))


def _shares(
    strokes: Mask, boxes: Mapping[str, tuple[int, int, int, int]]
) -> tuple[dict[str, Mask], frozenset[str]]:
    """Give every connected stroke to the option whose box (grown by 2 mm) holds most of it, if it holds half.

    Returns:
        The strokes of each option, and the options that share a large stroke with another one (each box as printed).
    """
    count, labels, stats, _ = cv2.connectedComponentsWithStats(strokes, connectivity=8)
    grow = round(2.0 * PX_PER_MM)
    names = list(boxes)
    held, own = np.zeros((len(names), count)), np.zeros((len(names), count))
    for index, (x, y, width, height) in enumerate(boxes.values()):
        window = labels[max(0, y - grow) : y + height + grow, max(0, x - grow) : x + width + grow]
        held[index] = np.bincount(window.ravel(), minlength=count)
        own[index] = np.bincount(
            labels[max(0, y - grow) : y + height + grow, x : x + width].ravel(), minlength=count
        )
    area = np.maximum(stats[:, cv2.CC_STAT_AREA], 1)
    best = np.where(held.max(axis=0) / area >= 0.5, held.argmax(axis=0), -1)
    best[0] = -1
    both = (own / area >= SHARED_INK).sum(axis=0) > 1
    both &= stats[:, cv2.CC_STAT_WIDTH] > 2 * grow
    both[0] = False
    shared = frozenset(name for index, name in enumerate(names) if (own[index][both] > 0).any())
    shares = {
        name: np.where(best[labels] == index, 255, 0).astype(np.uint8) for index, name in enumerate(names)
    }
    return shares, shared


def _inside(cut: Cut, grow_mm: float) -> Mask:
    x, y, width, height = cut.box
    grow = round(grow_mm * PX_PER_MM)
    window = cut.strokes[max(0, y - grow) : y + height + grow, max(0, x - grow) : x + width + grow]
    return despeckle(window, round(SPECK_MM2 * PX_PER_MM**2))


def _parts(strokes: Mask) -> list[tuple[int, int, int, int, int]]:
    _, _, stats, _ = cv2.connectedComponentsWithStats(strokes, connectivity=8)
    return [(int(x), int(y), int(w), int(h), int(a)) for x, y, w, h, a in stats[1:]]


def _belief(strength: float, middle: float, width: float) -> float:
    """Return the logistic belief that a mark of this strength is meant."""
    return float(1 / (1 + np.exp(-np.clip((strength - middle) / width, -30, 30))))
