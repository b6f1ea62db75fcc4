"""The words on a screen: read once, and after that only the rows that have changed."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from robots.drivers.desktop import Area, Desktop, FindText, Picture, TextLine
from robots.errors import StepFailed
from robots.matching import plain
from robots.screen_picture import changed_rows

_AROUND = 10
"""Rows above and below a change that are read with it, so that no line is cut."""


class ScreenWords:
    """Reads the words of one screen.

    Args:
        desktop: The driver.
        find_text: Reads the words of a picture; None: nobody can.
    """

    def __init__(self, desktop: Desktop, find_text: FindText | None) -> None:
        self._desktop = desktop
        self._find_text = find_text
        self._seen: tuple[Picture, Sequence[TextLine]] | None = None

    def forget(self) -> None:
        """Read the whole screen the next time."""
        self._seen = None

    def lines(self) -> Sequence[TextLine]:
        """Return the lines of text on the screen; only the rows that changed since the last time are read again.

        Raises:
            StepFailed: Nobody here can read the screen.
        """
        if self._find_text is None:
            raise StepFailed("robots.no_text_reader", where=f"screen {self._desktop.name}")
        shown = self._desktop.picture()
        band = (0, shown.shape[0])
        if self._seen is not None and self._seen[0].shape == shown.shape:
            changed = changed_rows(self._seen[0], shown)
            if changed is None:
                return self._seen[1]
            band = _whole_lines(changed, self._seen[1], shown.shape[0])
        kept = [] if self._seen is None else [line for line in self._seen[1] if not _touches(line, band)]
        read = self._find_text(np.ascontiguousarray(shown[band[0] : band[1]]))
        moved = [replace(line, area=replace(line.area, top=line.area.top + band[0])) for line in read]
        self._seen = (shown, [*kept, *moved])
        return self._seen[1]


def words_after(lines: Sequence[TextLine], area: Area, after: str) -> str:
    """Return the words right of an area, or those that follow some words on the same line; empty for none.

    Args:
        lines: The lines on the screen.
        area: Where the words stand that the wanted ones follow.
        after: Those words.
    """
    beside = []
    for line in lines:
        middle = line.area.top + line.area.height / 2
        if not area.top <= middle <= area.top + area.height:
            continue
        if plain(after) in plain(line.words):
            beside.append((line.area.left, line.words[_end_of(line.words, after) :]))
        elif line.area.left >= area.left + area.width - 4:
            beside.append((line.area.left, line.words))
    told = [words.strip(" :：　") for _, words in sorted(beside)]
    return next((words for words in told if words), "")


def _touches(line: TextLine, band: tuple[int, int]) -> bool:
    return line.area.top < band[1] and line.area.top + line.area.height > band[0]


def _whole_lines(band: tuple[int, int], lines: Sequence[TextLine], height: int) -> tuple[int, int]:
    """Widen a band of rows to whole lines of text."""
    top, bottom = band[0] - _AROUND, band[1] + _AROUND
    for line in (line for line in lines if _touches(line, (top, bottom))):
        top, bottom = min(top, line.area.top - 2), max(bottom, line.area.top + line.area.height + 2)
    return max(0, top), min(height, bottom)


def _end_of(line: str, words: str) -> int:
    """Return where words end in a line, spaces apart."""
    wanted = plain(words)
    return next((end for end in range(1, len(line) + 1) if plain(line[:end]).endswith(wanted)), len(line))
