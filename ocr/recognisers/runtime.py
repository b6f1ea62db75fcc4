"""ONNX Runtime and PaddleOCR, loaded so that they tell nobody: the only door to both.

Since 1.29 the official wheels of ONNX Runtime report each session to their maker over the network, and keep a number
of the machine in the user's folder. `ORT_DISABLE_TELEMETRY=1`, set before the library is loaded, is the full opt-out on
Linux (microsoft/onnxruntime pull request 27379); on Windows the events go to the system's log and are switched off by
`disable_telemetry_events`. PaddleOCR asks model hosts whether they are there unless it is told not to.
docs/adr tells the decision; tests/acceptance/test_demo.py counts the packets.
"""

import os
from typing import Any

QUIET = {"ORT_DISABLE_TELEMETRY": "1", "PADDLE_PDX_DISABLE_MODEL_SOURCE_CHECK": "True"}
"""Variables that must be set before the libraries are loaded."""


def load_onnxruntime() -> Any:
    """Return the module `onnxruntime` with its telemetry off."""
    os.environ.update(QUIET)
    import onnxruntime

    onnxruntime.disable_telemetry_events()
    return onnxruntime


def load_text_recognition() -> Any:
    """Return PaddleOCR's class `TextRecognition`; loading takes 3 s and 160 MB, so only where reading happens."""
    load_onnxruntime()
    from paddleocr import TextRecognition

    return TextRecognition


def load_text_detection() -> Any:
    """Return PaddleOCR's class `TextDetection`, which finds lines of text on a page."""
    load_onnxruntime()
    from paddleocr import TextDetection

    return TextDetection


def load_rapid_ocr() -> Any:
    """Return RapidOCR's class `RapidOCR`, which finds and reads the lines of a screen with the weights of its wheel."""
    load_onnxruntime()
    from rapidocr import RapidOCR

    return RapidOCR
