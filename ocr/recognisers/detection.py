"""The text finder: PP-OCRv6 detection through PaddleOCR on ONNX Runtime, giving where lines of text stand on a page.

Fields of a known form need no finding. Pages without a template and blank forms whose labels are wanted do. The
network marks, pixel by pixel, where text is (differentiable binarisation, Liao et al. 2020); each blob becomes a
rectangle, which may be turned.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.cleanup import to_dpi
from ocr.reading import Gray
from ocr.recognisers.runtime import load_text_detection
from ocr.recognisers.weights import DETECTION_MODEL, prepare_detection_weights

FIND_DPI = 150
"""Pages are looked at in this resolution: print of 6 points is then 12 pixels high, which is enough."""

Corners = NDArray[np.float32]
"""Shape (4, 2), dtype float32: x, y in pixels, top left, top right, bottom right, bottom left of upright text."""


@dataclass(frozen=True, eq=False)
class TextPlace:
    """A place where a line of text was found.

    Attributes:
        corners: Its rectangle in pixels of the page that was looked at.
        score: How sure the network is, 0 to 1.
    """

    corners: Corners
    score: float

    @property
    def size(self) -> tuple[float, float]:
        """Width and height along the rectangle's own sides, pixels."""
        across = np.linalg.norm(self.corners[1] - self.corners[0])
        down = np.linalg.norm(self.corners[3] - self.corners[0])
        return float(across), float(down)


class TextFinder:
    """The network, loaded on first use.

    Args:
        models: Folder in which prepared weights are kept.
        threads: CPU threads; 0 for all cores.
        dpi: Resolution at which pages are looked at.
    """

    def __init__(self, models: Path, threads: int = 0, dpi: float = FIND_DPI) -> None:
        self._models = models
        self._threads = threads
        self._dpi = dpi
        self._predictor: Any = None

    def find(self, gray: Gray, dpi: float) -> list[TextPlace]:
        """Find the lines of text on a page.

        Args:
            gray: The page, uint8, 255 white.
            dpi: Its resolution in pixels per inch.

        Returns:
            The places in no particular order, in pixels of `gray`.
        """
        self._load()
        small = to_dpi(gray, dpi, min(dpi, self._dpi))
        found = next(iter(self._predictor([cv2.cvtColor(small, cv2.COLOR_GRAY2BGR)])))
        scale = np.array([gray.shape[1] / small.shape[1], gray.shape[0] / small.shape[0]], dtype=np.float32)
        return [
            TextPlace(np.asarray(corners, dtype=np.float32) * scale, float(score))
            for corners, score in zip(found["dt_polys"], found["dt_scores"], strict=True)
        ]

    def _load(self) -> None:
        if self._predictor is not None:
            return
        folder = prepare_detection_weights(self._models)
        config = {"intra_op_num_threads": self._threads} if self._threads else None
        model = load_text_detection()(
            model_name=DETECTION_MODEL,
            model_dir=str(folder),
            engine="onnxruntime",
            device="cpu",
            engine_config=config,
            limit_side_len=32,
            limit_type="min",
        )
        self._predictor = model.paddlex_predictor
