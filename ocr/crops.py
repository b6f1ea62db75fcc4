"""Raw crops of single fields, cut by somebody else: no blank is at hand, so frames are found in the crop itself."""

import cv2
import numpy as np

from ocr.cleanup import Mask
from ocr.reading import Gray
from ocr.recognisers.cell_crop import ink_of, without_frame
from ocr.recognisers.characters import Cell

_STROKE = 0.35
"""Ink above this share of full black belongs to a stroke."""


def cell_of_crop(gray: Gray, alphabet: str) -> Cell:
    """Return a crop of one character cell, without frame remnants, ready for the reader.

    Args:
        gray: The crop, uint8, any size.
        alphabet: What may stand in it.
    """
    ink = without_frame(ink_of(gray))
    clean = np.asarray(255 * (1 - ink), dtype=np.uint8)
    return Cell(clean, np.where(ink > _STROKE, 255, 0).astype(np.uint8), alphabet, gray)


def cells_of_row(gray: Gray, count: int, alphabet: str) -> list[Cell]:
    """Return the cells of a crop that holds a row of `count` equal cells."""
    edges = np.rint(np.linspace(0, gray.shape[1], count + 1)).astype(int)
    return [cell_of_crop(gray[:, edges[i] : edges[i + 1]], alphabet) for i in range(count)]


def line_of_crop(gray: Gray, alphabet: str) -> Cell:
    """Return a crop of a free line, without rulings that run along it, ready for the reader."""
    clean = _white_ground(gray)
    level, _ = cv2.threshold(clean, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    ink = np.where(clean < min(max(level + 10, 110), 215), 255, 0).astype(np.uint8)
    return Cell(clean, _without_rulings(ink), alphabet)


def _white_ground(gray: Gray) -> Gray:
    """Divide the paper's shade away; white on black is turned round."""
    if np.median(gray) < 100:
        gray = np.asarray(255 - gray, dtype=np.uint8)
    reach = max(3, gray.shape[0] // 3) | 1
    ground = cv2.blur(cv2.dilate(gray, np.ones((reach, reach), np.uint8)), (reach, reach))
    return np.asarray(cv2.divide(gray, np.maximum(ground, 40), scale=255), dtype=np.uint8)


def _without_rulings(ink: Mask) -> Mask:
    """Drop lines longer than 2.5 times the height of the crop, and what touches the top or bottom edge only."""
    height, width = ink.shape
    length = min(width, max(20, round(2.5 * height)))
    lines = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((1, length), np.uint8))
    zone = cv2.dilate(lines, np.ones((3, 3), np.uint8))
    rest = cv2.bitwise_and(ink, cv2.bitwise_not(zone))
    crossing = cv2.morphologyEx(rest, cv2.MORPH_CLOSE, np.ones((9, 1), np.uint8))
    joined = cv2.bitwise_or(rest, cv2.bitwise_and(crossing, ink))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    top, tall, area = stats[:, cv2.CC_STAT_TOP], stats[:, cv2.CC_STAT_HEIGHT], stats[:, cv2.CC_STAT_AREA]
    sliver = ((top == 0) | (top + tall == height)) & (tall < 0.12 * height)
    keep = ~sliver & (area >= max(4, height * height // 900))
    keep[0] = False
    return np.where(keep[labels] & (count > 1), 255, 0).astype(np.uint8)
