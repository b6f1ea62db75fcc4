"""Made crops of hand-drawn marks: strokes or a real mark's ink, laid into a box, and what paper and fax do to it."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ocr.recognisers.shapes import BLANK, CLASSES, mark_pictures
from ocr.training import cells_paper as paper
from ocr.training import cells_strokes as strokes
from ocr.training.cells_pen import Picture
from ocr.training.marks_shapes import draw_mark, other_hand

JUDGED = Path(__file__).with_name("marks_judged.json")
"""What a network that never saw a real mark said of the real ones: [true name, score, right], for the calibration."""

SHARES = {"circle": 0.22, "cross": 0.2, "triangle": 0.2, "check": 0.2, "blank": 0.06, "other": 0.12}
"""How often each class is shown in training."""


class MarkMaker:
    """Makes crops of marks.

    Args:
        real: Ink of real marks by class, each of shape (h, w), dtype uint8, 0 none to 255 full; may be empty.
        rng: Source of chance; the same seed gives the same crops.
        real_share: How often a class that has real marks is shown as one of them, bent and turned.
        whole: Only marks whose name nobody would doubt: not bent by an unsteady hand, not cut off by the crop's edge.
    """

    def __init__(
        self,
        real: Mapping[str, Sequence[Picture]],
        rng: np.random.Generator,
        real_share: float = 0.35,
        whole: bool = False,
    ) -> None:
        self._real = real
        self._rng = rng
        self._share = real_share
        self._whole = whole
        self._fields = paper.smooth_fields(120, np.random.default_rng(11))

    def crop(self, name: str) -> Picture:
        """Return one gray crop of a class, dtype uint8, 0 black to 255 white; sides between 50 and 110 pixels.

        Raises:
            KeyError: There is no such class.
        """
        rng = self._rng
        height = int(rng.integers(56, 96))
        shape = height, int(np.clip(height * rng.uniform(0.85, 1.35), 50, 110))
        if name == BLANK:
            return self._on_paper(np.zeros(shape, np.uint8), 1.0)
        real = self._real.get(name, ())
        for _ in range(5):
            if len(real) and rng.random() < self._share:
                ink = self._bent(real[int(rng.integers(0, len(real)))], shape)
            else:
                ink = self._drawn(name, shape)
            if ink.max() > 120:
                break
        return self._on_paper(ink, 0.5)

    def _box(self, shape: tuple[int, int]) -> tuple[float, float, float, float]:
        """Choose where the mark stands: x, y, width, height in pixels."""
        rng = self._rng
        size = (
            rng.uniform(0.26, 0.95) * min(shape)
            if rng.random() < 0.85 or self._whole
            else rng.uniform(0.9, 1.1) * min(shape)
        )
        place = np.clip(rng.normal(0.5, 0.22, 2), -0.02, 1.02)
        return (shape[1] - size) * place[0], (shape[0] - size) * place[1], size, size

    def _drawn(self, name: str, shape: tuple[int, int]) -> Picture:
        rng = self._rng
        paths = draw_mark(name, rng)
        if rng.random() < 0.5 and not self._whole:
            paths = other_hand(paths, rng)
        box = self._box(shape)
        pen = float(np.exp(rng.normal(0.85, 0.35)))
        if rng.random() < 0.2:  # a felt pen
            pen = rng.uniform(0.06, 0.24) * box[2]
        return strokes.draw(paths, shape, box, pen, rng)

    def _bent(self, ink: Picture, shape: tuple[int, int]) -> Picture:
        rng = self._rng
        field = self._fields[int(rng.integers(0, len(self._fields)))]
        laid = paper.laid(ink, shape, self._box(shape), field, rng, rng.uniform(0.3, 1.2))
        return paper.repenned(laid, rng)

    def _on_paper(self, ink: Picture, dirt: float) -> Picture:
        """Add frames, a neighbour's stroke, specks and wear, then scan."""
        rng = self._rng
        out = ink
        if rng.random() < 0.5:
            out = paper.framed(out, rng)
        if rng.random() < 0.1:
            out = paper.crowded(out, self._drawn("other", ink.shape), rng)
        if rng.random() < dirt:
            out = paper.specked(out, rng)
        if rng.random() < 0.3 * dirt:
            out = powdered(out, rng)
        if rng.random() < 0.2:
            out = paper.worn(out, rng)
        return paper.scanned(out, rng)


def powdered(ink: Picture, rng: np.random.Generator, most: int = 24) -> Picture:
    """Scatter a cloud of up to `most` fax dots."""
    out = ink.copy()
    height, width = out.shape
    spread, centre = rng.uniform(0.05, 0.3), rng.uniform(0.2, 0.8, 2)
    for x, y in rng.normal(centre, spread, (int(rng.integers(3, most + 1)), 2)) * (width, height):
        if 1 <= x < width - 2 and 1 <= y < height - 2:
            out[int(y) : int(y) + int(rng.integers(1, 3)), int(x) : int(x) + int(rng.integers(1, 3))] = 255
    return out


def samples(maker: MarkMaker, count: int, rng: np.random.Generator) -> tuple[Picture, NDArray[np.int64]]:
    """Return pictures as the network reads them, shape (n, 2, 40, 40), uint8, and their class numbers, shape (n,)."""
    names = rng.choice(len(CLASSES), count, p=[SHARES[name] for name in CLASSES])
    pictures = [np.round(mark_pictures(maker.crop(CLASSES[name])) * 255).astype(np.uint8) for name in names]
    return np.array(pictures), names.astype(np.int64)
