"""Made samples: a character written somewhere in a cell, and all that can happen to it."""

from collections.abc import Sequence

import numpy as np

from ocr.recognisers.cell_alphabets import CHARACTERS, DIGITS, EMPTY, OTHER, SMALL_KANA, STRUCK
from ocr.recognisers.cell_crop import SIDE, normalise
from ocr.training import cells_paper as paper
from ocr.training import cells_strokes as strokes
from ocr.training.cells_pen import Picture, draw_path
from ocr.training.cells_sources import Sources

_BASE_OF_SMALL = dict(zip(SMALL_KANA, "あいうえおつやゆよわアイウエオツヤユヨワカケ", strict=True))

SMALL_SIGNS = "、。・"
"""Signs that are a dot or a dash in their cell."""

Box = tuple[float, float, float, float]
"""x, y, width, height in pixels of the cell."""


class Synthesiser:
    """Makes samples: a character written somewhere in a cell, and all that can happen to it.

    Args:
        sources: Raw material.
        rng: Source of chance; the same seed gives the same samples.
        characters: What stands in neighbours, struck-out and doubly filled cells.
        side: Edge of the stored pictures in pixels.
    """

    def __init__(
        self,
        sources: Sources,
        rng: np.random.Generator,
        characters: Sequence[str] = CHARACTERS,
        side: int = SIDE,
    ) -> None:
        self.sources = sources
        self._characters = characters
        self._side = side
        self._rng = rng
        self._fields = paper.smooth_fields(160, np.random.default_rng(7))

    def crop(self, name: str, clean: bool = False) -> Picture:
        """Return one gray crop, dtype uint8, of a class; sides between 40 and 110 pixels.

        Args:
            name: The class.
            clean: Another hand and pen, but no frame, neighbours, specks, wear, fax or scanner.

        Raises:
            KeyError: No source has this character.
        """
        rng = self._rng
        shape = self._cell_shape()
        if name in DIGITS and self.sources.crops and rng.random() < 0.12:
            ink = self._real_crop(name, shape)
        elif name in (EMPTY, STRUCK, OTHER):
            ink = self._no_character(name, shape)
        else:
            ink = self._character(name, shape)
        if clean:
            return (255 - ink).astype(np.uint8)
        return self._through_the_scanner(ink, quiet=name in SMALL_KANA or name in "゛゜")

    def pictures(self, name: str) -> Picture:
        """Return one sample as stored, shape (2, side, side), dtype uint8."""
        return np.round(normalise(self.crop(name), self._side) * 255).astype(np.uint8)

    def _cell_shape(self) -> tuple[int, int]:
        """Choose a cell: height and width."""
        rng = self._rng
        height = int(rng.integers(56, 96))
        ratio = 1.0 if rng.random() < 0.35 else float(rng.uniform(0.55, 1.2))
        return height, int(np.clip(height * ratio, 40, 110))

    def _box(self, name: str, shape: tuple[int, int]) -> Box:
        """Choose where in the cell the character stands: x, y, width, height."""
        rng = self._rng
        height, width = shape
        if name in SMALL_KANA:
            part = rng.uniform(0.24, 0.47)
            high, wide = part * height, min(part * height * 1.15, 0.75 * width)
            x = rng.uniform(0.05, 0.6) * (width - wide)
            return x, rng.uniform(0.55, 1.0) * (height - high) * 0.97, wide, high
        if name in SMALL_SIGNS:
            part = rng.uniform(0.12, 0.35)
            wide = min(part * height, 0.5 * width)
            return rng.random() * (width - wide), rng.uniform(0.2, 1) * (height - wide), wide, wide
        if name in "゛゜":
            part = rng.uniform(0.18, 0.5)
            wide = min(part * height, 0.6 * width)
            return rng.random() * (width - wide), rng.uniform(0, 0.6) * (height - wide), wide, wide
        least = 0.30 if name in DIGITS or name.isascii() else 0.48
        part = rng.uniform(least, 0.98) if rng.random() < 0.9 else rng.uniform(0.9, 1.04)
        high, wide = part * height, min(part * height, 1.02 * width)
        free_x, free_y = width - wide, height - high
        return free_x * self._place(), free_y * self._place(), wide, high

    def _place(self) -> float:
        """Choose a share of the free room, mostly near the middle."""
        return float(np.clip(self._rng.normal(0.5, 0.28), -0.05, 1.05))

    def _character(self, name: str, shape: tuple[int, int]) -> Picture:
        """Write one character with one of its sources."""
        box, ink = self._box(name, shape), None
        for _ in range(4):
            ink = self._written(name, shape, box)
            if ink.max() > 120:
                break
        assert ink is not None
        return ink

    def _written(self, name: str, shape: tuple[int, int], box: Box) -> Picture:
        """Choose a source of a character and lay it into the box."""
        rng = self._rng
        shapes = _BASE_OF_SMALL.get(name, name)
        shares = {"strokes": 0.50, "written": 0.42, "printed": 0.08}
        if is_kanji(name):
            shares = {"strokes": 0.30, "written": 0.60, "printed": 0.10}
        if name in DIGITS:
            shares = {"strokes": 0.30, "written": 0.14, "printed": 0.05, "fax": 0.33, "mnist": 0.18}
        plain, mark = strokes.parts_of(shapes)
        skeletons = self.sources.skeletons.get(shapes) or self.sources.skeletons.get(plain, [])
        have = {
            "strokes": skeletons or name in "゛゜",
            "written": self.sources.written.get(shapes),
            "printed": self.sources.printed.get(shapes),
            "fax": self.sources.fax.get(name),
            "mnist": self.sources.mnist.get(name),
        }
        kinds = [kind for kind in shares if have[kind]]
        if not kinds:
            raise KeyError(name)
        weights = np.array([shares[kind] for kind in kinds])
        kind = kinds[int(rng.choice(len(kinds), p=weights / weights.sum()))]
        if kind == "strokes":
            return self._stroked(shapes, plain, mark, shape, box)
        bank = getattr(self.sources, kind)[name if kind in ("fax", "mnist") else shapes]
        glyph = bank[int(rng.integers(0, len(bank)))]
        field = self._fields[int(rng.integers(0, len(self._fields)))]
        return paper.repenned(paper.laid(glyph, shape, box, field, rng, rng.uniform(0.2, 1.2)), rng)

    def _stroked(self, shapes: str, plain: str, mark: str, shape: tuple[int, int], box: Box) -> Picture:
        """Draw a skeleton, deformed, with a pen of any width."""
        rng = self._rng
        own = self.sources.skeletons.get(shapes, [])
        if shapes in "゛゜":
            skeleton = strokes.mark_alone(shapes, rng)
        elif mark and (not own or rng.random() < 0.7) and plain in self.sources.skeletons:
            bases = self.sources.skeletons[plain]
            skeleton = strokes.voiced(bases[int(rng.integers(0, len(bases)))], mark, rng)
        else:
            skeleton = own[int(rng.integers(0, len(own)))]
        size = max(box[2], box[3])
        pen = float(np.clip(size * np.exp(rng.normal(np.log(0.045), 0.45)), 1.0, 0.16 * size))
        if is_kanji(shapes):
            pen = min(pen, 0.05 * size)
        most = 1.05 if is_kanji(shapes) else 1.35
        return strokes.draw(strokes.deformed(skeleton, rng, rng.uniform(0.4, most)), shape, box, pen, rng)

    def _real_crop(self, name: str, shape: tuple[int, int]) -> Picture:
        """Take a whole real crop, frame and all, slightly turned."""
        rng = self._rng
        bank = self.sources.crops[name]
        crop = bank[int(rng.integers(0, len(bank)))]
        grow = rng.uniform(0.9, 1.12)
        size = min(shape) * grow
        box = ((shape[1] - size) / 2 + rng.normal(0, 2), (shape[0] - size) / 2 + rng.normal(0, 2), size, size)
        field = self._fields[int(rng.integers(0, len(self._fields)))]
        return paper.repenned(paper.laid(crop, shape, box, field, rng, rng.uniform(0, 0.7)), rng)

    def _any_character(self, shape: tuple[int, int]) -> Picture:
        """Write any character of our classes."""
        while True:
            name = self._characters[int(self._rng.integers(0, len(self._characters)))]
            try:
                return self._character(name, shape)
            except KeyError:
                continue

    def _no_character(self, name: str, shape: tuple[int, int]) -> Picture:
        """Make an empty cell, a struck-out character, or something that is no character."""
        if name == EMPTY:
            return np.zeros(shape, np.uint8)
        return self._struck(shape) if name == STRUCK else self._stray(shape)

    def _struck(self, shape: tuple[int, int]) -> Picture:
        """Write a character and strike it out: a double line, a zigzag, a scribble or blackened."""
        rng = self._rng
        ink = self._any_character(shape)
        ys, xs = np.nonzero(ink > 80)
        if ys.size == 0:
            return self._stray(shape)
        low, high = np.array([xs.min(), ys.min()]) - 4, np.array([xs.max(), ys.max()]) + 4
        span = np.maximum(high - low, 14)
        pen, style = int(rng.integers(1, 5)), rng.random()
        if style < 0.35:
            ends = rng.uniform([[-0.1, 0.25], [0.85, 0.2]], [[0.1, 0.6], [1.15, 0.6]])
            gap = np.array([0.0, rng.uniform(0.12, 0.3)])
            lines = [ends, ends + gap] + ([ends + 2 * gap] if rng.random() < 0.3 else [])
        elif style < 0.75:
            turns = int(rng.integers(6, 16))
            zigzag = rng.uniform(0, 1, (turns, 2))
            zigzag[:, int(rng.integers(0, 2))] = np.arange(turns) % 2 + rng.normal(0, 0.08, turns)
            lines = [zigzag]
        else:
            lines = [rng.uniform(-0.05, 1.05, (int(rng.integers(9, 20)), 2))]
            pen = int(rng.integers(2, 8))
        for line in lines:
            draw_path(ink, low + line * span, pen)
        return ink

    def _stray(self, shape: tuple[int, int]) -> Picture:
        """Draw something that is no character of ours: another sign, two characters in one cell, scrawls."""
        rng = self._rng
        drawn = rng.random()
        if drawn < 0.45 and self.sources.strays:
            glyph = self.sources.strays[int(rng.integers(0, len(self.sources.strays)))]
            field = self._fields[int(rng.integers(0, len(self._fields)))]
            return paper.repenned(paper.laid(glyph, shape, self._box("あ", shape), field, rng), rng)
        if drawn < 0.65:
            half = (shape[0], shape[1] // 2)
            return np.hstack([self._any_character(half), self._any_character((shape[0], shape[1] - half[1]))])
        ink = np.zeros(shape, np.uint8)
        for _ in range(int(rng.integers(3, 8))):
            spots = rng.uniform(0.05, 0.95, (int(rng.integers(3, 6)), 2)) * [shape[1], shape[0]]
            path = strokes.pen_path(strokes.Stroke(spots.astype(np.float32), rng.random() < 0.6))
            draw_path(ink, path, int(rng.integers(1, 5)))
        return ink

    def _through_the_scanner(self, ink: Picture, quiet: bool) -> Picture:
        """Add frame, neighbours, specks and wear; scan; cut with a random margin."""
        rng = self._rng
        if rng.random() < 0.14:
            ink = paper.worn(ink, rng)
        if rng.random() < 0.45:
            ink = paper.framed(ink, rng)
        if rng.random() < 0.10:
            ink = paper.crowded(ink, self._any_character((72, 72)), rng)
        if rng.random() < 0.22:
            ink = paper.specked(ink, rng)
        if not quiet and rng.random() < 0.15:
            ink = self._margin_changed(ink)
        return paper.scanned(ink, rng)

    def _margin_changed(self, ink: Picture) -> Picture:
        """Cut the crop tight around the ink, or leave much paper around it."""
        rng = self._rng
        ys, xs = np.nonzero(ink > 80)
        if ys.size == 0 or rng.random() < 0.4:
            more = int(rng.integers(4, 20))
            return np.pad(ink, more)
        room = rng.integers(0, 9, 4)
        top, left = max(0, ys.min() - int(room[0])), max(0, xs.min() - int(room[1]))
        part = ink[top : ys.max() + 1 + int(room[2]), left : xs.max() + 1 + int(room[3])]
        lack = max(0, max(part.shape) // 3 - min(part.shape))
        axis = int(np.argmin(part.shape))
        pad = [(0, 0), (0, 0)]
        pad[axis] = (lack, lack)
        return np.pad(part, pad)


def is_kanji(name: str) -> bool:
    """Say whether a class is one kanji."""
    return len(name) == 1 and ("一" <= name <= "龥" or name in "﨑々〆")
