"""A picture of a page, with the places that nobody may see painted over before it reaches the disk."""

import io
import math
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

COVER_COLOUR = (64, 64, 64)
QUALITY = 85
"""Of JPEG pictures, 0–100: small print stays legible, and taking, painting and keeping one costs a third of a PNG
(`benchmarks/robot_overhead.py` tells what pictures cost)."""
_MARGIN = 2
"""Pixels painted around each place, for letters that reach out of their box."""
_BLOCK = 8
"""Edge of the squares, in pixels, that JPEG compresses as one: what stood in a corner of one shimmers through all of it
(ITU-T T.81, A.3.1), so that whole squares are painted."""
_JPEG = b"\xff\xd8"

Box = tuple[float, float, float, float]
"""Left, top, right, bottom in pixels of the picture."""


@dataclass(frozen=True)
class Shot:
    """A picture as taken; only `save` lets it out, and only with its boxes painted.

    Attributes:
        picture: The picture, a JPEG or PNG.
        boxes: Places to paint over.
    """

    picture: bytes = field(repr=False)
    boxes: tuple[Box, ...] = ()

    @property
    def suffix(self) -> str:
        """The ending of a file name for it: ".jpg" or ".png"."""
        return ".jpg" if self.picture.startswith(_JPEG) else ".png"

    def save(self, file: Path) -> None:
        """Write the picture with every box painted over.

        Raises:
            OSError: It cannot be written.
        """
        file.write_bytes(self.covered())

    def covered(self) -> bytes:
        """Return the picture with every box painted over, in the format it was taken in."""
        if not self.boxes:
            return self.picture
        from PIL import Image, ImageDraw  # only where a picture is painted: it takes long to load

        taken = Image.open(io.BytesIO(self.picture))
        image = taken if taken.mode == "RGB" else taken.convert("RGB")  # converting copies: half of the cost
        pen, grid = ImageDraw.Draw(image), _BLOCK if self.suffix == ".jpg" else 1
        for box in self.boxes:
            pen.rectangle(_whole_squares(box, grid), fill=COVER_COLOUR)
        painted = io.BytesIO()
        if grid > 1:
            image.save(painted, "JPEG", quality=QUALITY)
        else:
            image.save(painted, "PNG", compress_level=1)
        return painted.getvalue()


def _whole_squares(box: Box, grid: int) -> tuple[int, int, int, int]:
    """Return the box with its margin, grown to whole squares of the grid; the last pixel is part of it."""
    left, top, right, bottom = box
    return (
        math.floor((left - _MARGIN) / grid) * grid,
        math.floor((top - _MARGIN) / grid) * grid,
        math.ceil((right + _MARGIN) / grid) * grid,
        math.ceil((bottom + _MARGIN) / grid) * grid,
    )


class Darkroom:
    """Paints and writes pictures beside the work, in order, so that the robot need not wait for the disk."""

    def __init__(self) -> None:
        self._worker: ThreadPoolExecutor | None = None
        self._open: list[Future[None]] = []

    def give(self, shot: Shot, file: Path) -> None:
        """Take a picture to be written."""
        if self._worker is None:
            self._worker = ThreadPoolExecutor(1, "darkroom")
        self._open.append(self._worker.submit(shot.save, file))

    def failures(self, *, wait: bool = False) -> list[OSError]:
        """Return and forget what went wrong with the pictures that are finished; with `wait`, finish all first."""
        ended = [one for one in self._open if wait or one.done()]
        self._open = [one for one in self._open if one not in ended]
        found = [one.exception() for one in ended]
        unforeseen = [error for error in found if error is not None and not isinstance(error, OSError)]
        if unforeseen:
            raise unforeseen[0]
        return [error for error in found if isinstance(error, OSError)]

    def close(self) -> None:
        """Finish every picture."""
        if self._worker is not None:
            self._worker.shutdown(wait=True)
        self._worker = None
