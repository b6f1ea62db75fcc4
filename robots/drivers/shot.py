"""A picture of a page, with the places that nobody may see painted over before it reaches the disk."""

import io
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

COVER_COLOUR = (64, 64, 64)
_MARGIN = 2
"""Pixels painted around each place, for letters that reach out of their box."""

Box = tuple[float, float, float, float]
"""Left, top, right, bottom in pixels of the picture."""


@dataclass(frozen=True)
class Shot:
    """A picture as taken; only `save` lets it out, and only with its boxes painted.

    Attributes:
        png: The picture.
        boxes: Places to paint over.
    """

    png: bytes = field(repr=False)
    boxes: tuple[Box, ...] = ()

    def save(self, file: Path) -> None:
        """Write the picture with every box painted over.

        Raises:
            OSError: It cannot be written.
        """
        file.write_bytes(self.covered())

    def covered(self) -> bytes:
        """Return the picture with every box painted over, as PNG."""
        if not self.boxes:
            return self.png
        from PIL import Image, ImageDraw  # only where a picture is painted: it takes long to load

        with Image.open(io.BytesIO(self.png)) as taken:
            image = taken.convert("RGB")
        pen = ImageDraw.Draw(image)
        for left, top, right, bottom in self.boxes:
            pen.rectangle(
                (left - _MARGIN, top - _MARGIN, right + _MARGIN, bottom + _MARGIN), fill=COVER_COLOUR
            )
        painted = io.BytesIO()
        image.save(painted, "PNG", compress_level=1)
        return painted.getvalue()


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
