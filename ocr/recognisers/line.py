"""The text reader: PP-OCRv6 through PaddleOCR on ONNX Runtime, giving probabilities instead of text.

A tile is a gray image 48 pixels high. The network looks at it in steps of 8 pixels and gives, for every step, a
probability for each of its 18,708 characters, for the space, and for "nothing" (the CTC blank, Graves et al. 2006).
Which text that means is decided afterwards, knowing what may stand in the field (`decode.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ocr.recognisers.runtime import load_text_recognition
from ocr.recognisers.weights import MODEL, prepare_weights

TILE_HEIGHT = 48
"""Height in pixels that the network was trained with."""

STEP = 8
"""Pixels of a tile per step of the network."""

PAD = 127.5
"""Gray value outside the tile; it becomes 0 in the network's scale, the padding it was trained with."""

LARGEST_BATCH = 48
"""Tiles per call of the network; more costs memory (18,710 floats per step and tile) and gains nothing."""

LARGEST_BATCH_WIDTH = 4800
"""Pixels side by side in a call that reads free text: 600 steps of 18,710 floats are 45 MB."""

Tile = NDArray[np.float32]
"""Shape (48, width), float32, 0 black to 255 white."""

Matrix = NDArray[np.float32]
"""Shape (steps, 1 + characters asked for): column 0 is "nothing", then one column per character asked for."""


@dataclass(frozen=True)
class Spelling:
    """What a tile of free text says.

    Attributes:
        text: The characters, spaces included.
        places: Middle of each character, pixels from the left of the tile.
        probabilities: How sure the network is of each character, 0 to 1.
    """

    text: str
    places: tuple[float, ...]
    probabilities: tuple[float, ...]


class LineReader:
    """The network, loaded on first use.

    Args:
        models: Folder in which prepared weights are kept.
        threads: CPU threads; 0 for all cores.
    """

    def __init__(self, models: Path, threads: int = 0) -> None:
        self._models = models
        self._threads = threads
        self._predictor: Any = None
        self._index: dict[str, int] = {}

    def knows(self, character: str) -> bool:
        """Say whether the network can put this character out at all."""
        self._load()
        return character in self._index

    def known(self, alphabet: str) -> str:
        """Return the alphabet without the characters that the network cannot put out."""
        self._load()
        return "".join(c for c in alphabet if c in self._index)

    def characters(self) -> str:
        """Return every character of the network."""
        self._load()
        return "".join(self._index)

    def probabilities(self, tiles: Sequence[Tile], alphabets: Sequence[str]) -> list[Matrix]:
        """Read tiles.

        Args:
            tiles: Gray images of TILE_HEIGHT rows and any width, float32, 255 white.
            alphabets: For each tile the characters asked for; each must be known.

        Returns:
            For each tile one matrix, columns "nothing" and the alphabet's characters in order.
        """
        self._load()
        results: list[Matrix] = [np.zeros((0, 0), np.float32)] * len(tiles)
        columns = {a: np.array([0, *(self._index[c] for c in a)]) for a in set(alphabets)}
        order = sorted(range(len(tiles)), key=lambda i: tiles[i].shape[1])
        for batch in _batches(order, tiles):
            output = self._predictor.runner(x=[_stack([tiles[i] for i in batch])])[0]
            for row, index in enumerate(batch):
                results[index] = np.asarray(output[row][:, columns[alphabets[index]]], dtype=np.float32)
        return results

    def spell(self, tiles: Sequence[Tile]) -> list["Spelling"]:
        """Read tiles of free text: the likeliest character at every step (CTC best path, Graves et al. 2006).

        Args:
            tiles: Gray images of TILE_HEIGHT rows and any width, float32, 255 white.

        Returns:
            One spelling per tile; the characters' places are in pixels of the tile.
        """
        self._load()
        results = [Spelling("", (), ())] * len(tiles)
        characters = self._predictor.post_op.character
        order = sorted(range(len(tiles)), key=lambda i: tiles[i].shape[1])
        for batch in _batches(order, tiles, LARGEST_BATCH_WIDTH):
            output = self._predictor.runner(x=[_stack([tiles[i] for i in batch])])[0]
            for row, index in enumerate(batch):
                results[index] = _best_path(output[row], characters)
        return results

    def _load(self) -> None:
        if self._predictor is not None:
            return
        folder = prepare_weights(self._models)
        config = {"intra_op_num_threads": self._threads} if self._threads else None
        model = load_text_recognition()(
            model_name=MODEL, model_dir=str(folder), engine="onnxruntime", device="cpu", engine_config=config
        )
        self._predictor = model.paddlex_predictor
        characters = self._predictor.post_op.character
        self._index = {c: i for i, c in enumerate(characters) if i > 0}


def _batches(order: Sequence[int], tiles: Sequence[Tile], most: float = float("inf")) -> list[list[int]]:
    """Split tiles, sorted by width, so that none is padded to more than 1.3 times its width plus a cell.

    No batch has more than LARGEST_BATCH tiles, nor more than `most` columns of pixels in all.
    """
    batches: list[list[int]] = []
    for index in order:
        width = tiles[index].shape[1]
        if batches and len(batches[-1]) < LARGEST_BATCH and (len(batches[-1]) + 1) * width <= most:
            narrowest = tiles[batches[-1][0]].shape[1]
            if width <= narrowest * 1.3 + TILE_HEIGHT:
                batches[-1].append(index)
                continue
        batches.append([index])
    return batches


def _best_path(matrix: NDArray[np.float32], characters: Sequence[str]) -> Spelling:
    """Merge the repeats of the likeliest path and drop its "nothing"."""
    best = matrix.argmax(axis=1)
    starts = np.flatnonzero(np.diff(best, prepend=-1))
    ends = [*starts[1:], len(best)]
    runs = [
        (int(best[a]), (a + b) / 2, float(matrix[a:b, best[a]].max()))
        for a, b in zip(starts, ends, strict=False)
        if best[a] > 0
    ]
    return Spelling(
        "".join(characters[c] for c, _, _ in runs),
        tuple(STEP * float(middle) for _, middle, _ in runs),
        tuple(probability for _, _, probability in runs),
    )


def _stack(tiles: Sequence[Tile]) -> NDArray[np.float32]:
    """Return the tiles as the network wants them: (n, 3, 48, widest), −1 to 1, padded with 0 on the right."""
    widest = max(tile.shape[1] for tile in tiles)
    stacked = np.full((len(tiles), TILE_HEIGHT, widest), PAD, dtype=np.float32)
    for row, tile in enumerate(tiles):
        stacked[row, :, : tile.shape[1]] = tile
    scaled = stacked / 127.5 - 1.0
    return np.repeat(scaled[:, None], 3, axis=1)
