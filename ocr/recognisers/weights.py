"""Where the weights of text reader and text finder come from: the rapidocr wheel, laid out as PaddleOCR wants them.

PaddleOCR takes a folder with `inference.onnx` and `inference.yml`; rapidocr ships the networks alone, the reader's
characters in the ONNX metadata. A folder is written once. A larger network can be put there by hand; nothing is
downloaded.
"""

import importlib.util
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

from ocr.errors import WeightsMissing
from ocr.recognisers.runtime import load_onnxruntime

MODEL = "PP-OCRv6_small_rec"
"""PaddleOCR's name of the network that reads lines."""

DETECTION_MODEL = "PP-OCRv6_small_det"
"""PaddleOCR's name of the network that finds lines."""

_WHEEL_FILES = {MODEL: "models/PP-OCRv6_rec_small.onnx", DETECTION_MODEL: "models/PP-OCRv6_det_small.onnx"}


def prepare_weights(models: Path) -> Path:
    """Return the folder of the reading network under `models`, written on first use.

    Raises:
        WeightsMissing: The rapidocr wheel does not hold the network.
    """
    return _prepare(models, MODEL, lambda source: _description(read_characters(source)))


def prepare_detection_weights(models: Path) -> Path:
    """Return the folder of the finding network under `models`, written on first use.

    Raises:
        WeightsMissing: The rapidocr wheel does not hold the network.
    """
    return _prepare(models, DETECTION_MODEL, lambda source: _detection_description())


def _prepare(models: Path, model: str, describe: Callable[[Path], str]) -> Path:
    folder = models / model
    if (folder / "inference.yml").is_file():
        return folder
    source = _wheel_weights(model)
    folder.mkdir(parents=True, exist_ok=True)
    _replace(folder / "inference.onnx", source.read_bytes())
    _replace(folder / "inference.yml", describe(source).encode())
    return folder


def read_characters(network: Path) -> list[str]:
    """Return the network's characters in the order of its outputs, without CTC blank (first) and space (last)."""
    session = load_onnxruntime().InferenceSession(str(network), providers=["CPUExecutionProvider"])
    characters = session.get_modelmeta().custom_metadata_map.get("character", "").splitlines()
    if not characters:
        raise WeightsMissing("ocr.weights_without_characters", where=network.name)
    return [c for c in characters if c != " "] if characters[-1] == " " else characters


def _wheel_weights(model: str) -> Path:
    spec = importlib.util.find_spec("rapidocr")
    name = _WHEEL_FILES[model]
    path = Path(spec.origin).parent / name if spec and spec.origin else Path(name)
    if not path.is_file():
        raise WeightsMissing("ocr.weights_missing", where=path.name, name=path.name)
    return path


def _description(characters: list[str]) -> str:
    """Return inference.yml: the preprocessing of PP-OCR recognisers and the characters (JSON is YAML)."""
    image = {"image_shape": [3, 48, 320]}
    return json.dumps(
        {
            "Global": {"model_name": MODEL},
            "PreProcess": {
                "transform_ops": [
                    {"DecodeImage": {"channel_first": False, "img_mode": "BGR"}},
                    {"RecResizeImg": image},
                ]
            },
            "PostProcess": {"name": "CTCLabelDecode", "character_dict": characters},
        },
        ensure_ascii=False,
    )


def _detection_description() -> str:
    """Return inference.yml: scaling (ImageNet's mean and spread) and the settings of the published network.

    Page size is the caller's choice, so the resizing here never changes a page (`detection.py` scales it).
    """
    return json.dumps(
        {
            "Global": {"model_name": DETECTION_MODEL},
            "PreProcess": {
                "transform_ops": [
                    {"DecodeImage": {"channel_first": False, "img_mode": "BGR"}},
                    {"DetResizeForTest": {"resize_long": 4000}},
                    {
                        "NormalizeImage": {
                            "mean": [0.485, 0.456, 0.406],
                            "std": [0.229, 0.224, 0.225],
                            "scale": "1./255.",
                            "order": "hwc",
                        }
                    },
                    {"ToCHWImage": None},
                ]
            },
            "PostProcess": {
                "name": "DBPostProcess",
                "thresh": 0.3,
                "box_thresh": 0.6,
                "max_candidates": 3000,
                "unclip_ratio": 1.5,
            },
        }
    )


def _replace(path: Path, content: bytes) -> None:
    """Write a file so that another process sees all of it or nothing."""
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    part.write_bytes(content)
    part.replace(path)


def remove_weights(models: Path) -> None:
    """Delete the prepared folders, so that the next use writes them anew."""
    for model in _WHEEL_FILES:
        shutil.rmtree(models / model, ignore_errors=True)
