"""Reading the words on a screen for desktop robots: PP-OCRv6 finds the lines and reads them, all on this machine.

Robots may not import the reading room, so its reader is handed to them as a plain function from here.
"""

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from robots.drivers.desktop import Area, FindText, Picture, TextLine

LARGEST_SIDE = 2560
"""A larger screen is looked at reduced to this many pixels along its longer side."""
LEAST_SCORE = 0.5
"""Lines that the network is less sure of are left out; the value is RapidOCR's own default."""


def screen_reader(threads: int = 0) -> FindText:
    """Return a function that finds and reads the lines of a picture; the networks are loaded at its first call.

    Args:
        threads: CPU threads; 0 for all cores.
    """
    made: list[_RapidReader] = []

    def find(picture: Picture) -> Sequence[TextLine]:
        if not made:
            made.append(_RapidReader(threads))
        return made[0].read(picture)

    return find


class _RapidReader:
    """The networks out of the rapidocr wheel; nothing is downloaded."""

    def __init__(self, threads: int) -> None:
        from ocr.recognisers.runtime import load_rapid_ocr

        self._engine: Any = load_rapid_ocr()(
            params={
                "Global.log_level": "critical",
                "Global.use_cls": False,
                "Global.text_score": LEAST_SCORE,
                "EngineConfig.onnxruntime.intra_op_num_threads": threads or -1,
                "Det.limit_type": "max",  # a screen is read in its own size, never blown up
                "Det.limit_side_len": LARGEST_SIDE,
            }
        )

    def read(self, picture: Picture) -> list[TextLine]:
        """Read every line of a picture."""
        found = self._engine(cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), use_cls=False)
        if found.boxes is None or found.txts is None:
            return []
        return [
            TextLine(words, _area(box)) for box, words in zip(found.boxes, found.txts, strict=True) if words
        ]


def _area(box: NDArray[np.float32]) -> Area:
    """Return the upright rectangle around four corners, shape (4, 2)."""
    left, top = (int(value) for value in box.min(axis=0))
    right, bottom = (int(value) for value in box.max(axis=0))
    return Area(left, top, right - left, bottom - top)
