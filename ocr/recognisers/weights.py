"""Where the text reader's weights come from: the rapidocr wheel, laid out as PaddleOCR wants them.

PaddleOCR takes a folder with `inference.onnx` and `inference.yml`; rapidocr ships the network alone, its characters
in the ONNX metadata. The folder is written once. A larger network can be put there by hand; nothing is downloaded.
"""

import importlib.util
import json
import os
import shutil
from pathlib import Path

from ocr.errors import WeightsMissing
from ocr.recognisers.runtime import load_onnxruntime

MODEL = "PP-OCRv6_small_rec"
"""PaddleOCR's name of the network."""

_WHEEL_FILE = "models/PP-OCRv6_rec_small.onnx"


def prepare_weights(models: Path) -> Path:
    """Return the folder of the network under `models`, written on first use.

    Raises:
        WeightsMissing: The rapidocr wheel does not hold the network.
    """
    folder = models / MODEL
    if (folder / "inference.yml").is_file():
        return folder
    source = _wheel_weights()
    folder.mkdir(parents=True, exist_ok=True)
    _replace(folder / "inference.onnx", source.read_bytes())
    _replace(folder / "inference.yml", _description(read_characters(source)).encode())
    return folder


def read_characters(network: Path) -> list[str]:
    """Return the network's characters in the order of its outputs, without CTC blank (first) and space (last)."""
    session = load_onnxruntime().InferenceSession(str(network), providers=["CPUExecutionProvider"])
    characters = session.get_modelmeta().custom_metadata_map.get("character", "").splitlines()
    if not characters:
        raise WeightsMissing("ocr.weights_without_characters", where=network.name)
    return [c for c in characters if c != " "] if characters[-1] == " " else characters


def _wheel_weights() -> Path:
    spec = importlib.util.find_spec("rapidocr")
    path = Path(spec.origin).parent / _WHEEL_FILE if spec and spec.origin else Path(_WHEEL_FILE)
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


def _replace(path: Path, content: bytes) -> None:
    """Write a file so that another process sees all of it or nothing."""
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    part.write_bytes(content)
    part.replace(path)


def remove_weights(models: Path) -> None:
    """Delete the prepared folder, so that the next use writes it anew."""
    shutil.rmtree(models / MODEL, ignore_errors=True)
