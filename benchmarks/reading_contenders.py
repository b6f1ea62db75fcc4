"""The readers of a comparison, each in a child process of its own that answers questions line by line.

python -m benchmarks.reading_contenders NAME FOLDER
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import unicodedata
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

import cv2
import numpy as np

from backoffice.messages import use_language
from ocr.pipeline import Reader
from ocr.recognisers.runtime import load_onnxruntime
from ocr.recognisers.weights import (
    DETECTION_MODEL,
    MODEL,
    prepare_detection_weights,
    prepare_weights,
)
from ocr.template import load_forms

ROOT = Path(__file__).resolve().parents[1]
DIGIT_KINDS = (
    "digits", "amount", "postal", "phone", "mynumber", "corporate_number", "bank", "branch", "account", "decimal",
)  # fmt: skip

Line = tuple[float, float, float, float, str]
"""Left, top, right, bottom in pixels of the page, and the text read there."""


class Contender:
    """One reader's child process, seen from the parent.

    Args:
        name: ours, plain_paddleocr or tesseract_jpn.
        folder: Where `reading_pages.prepare_pages` wrote the pages.
    """

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        self.skipped = ""
        self._folder = folder
        self._child: subprocess.Popen[str] | None = None

    def start(self) -> bool:
        """Load and warm up the reader; False when it is not installed (see `skipped`)."""
        if self.name == "tesseract_jpn" and not _has_tesseract():
            self.skipped = "not installed (apt-get install tesseract-ocr-jpn)"
            return False
        command = [sys.executable, "-m", "benchmarks.reading_contenders", self.name, str(self._folder)]
        self._child = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )
        self.ask("warm_up")
        return True

    def ask(self, question: str) -> dict[str, Any]:
        """Return the child's answer; it may take minutes."""
        if self._child is None or self._child.stdin is None or self._child.stdout is None:
            raise RuntimeError("the reader was not started")
        self._child.stdin.write(question + "\n")
        for line in self._child.stdout:  # libraries may print lines of their own
            if line.startswith("ANSWER "):
                answer: dict[str, Any] = json.loads(line[7:])
                return answer
        raise RuntimeError(f"{self.name} ended without an answer")

    def stop(self) -> None:
        """End the child."""
        if self._child is not None and self._child.stdin is not None:
            self._child.stdin.close()
            self._child.wait(60)


class PageReader(Protocol):
    """What the child does with a set of pages."""

    def read(self, pages: Sequence[dict[str, Any]]) -> list[dict[str, str]]:
        """Return, for every page, field name to text."""
        ...


class Ours:
    """The whole of our reader on the files."""

    def __init__(self, files: Sequence[str], models: Path) -> None:
        self.network_seconds = 0.0
        self._asked: list[tuple[Any, tuple[Any, ...], dict[str, Any]]] | None = None
        self._watch_networks()
        self._files = [Path(file) for file in files]
        self._reader = Reader(load_forms(ROOT / "configs" / "forms"), models)

    def read(self, pages: Sequence[dict[str, Any]]) -> list[dict[str, str]]:
        """Read as many files as `pages` needs; one page means the first file."""
        files = self._files if len(pages) > 1 else self._files[:1]
        documents = [
            document for outcome in self._reader.read_files(files) for document in outcome.result().documents
        ]
        return [
            {field.name: field.value for field in document.fields if field.page == page.form_page}
            for document in documents
            for page in document.pages
        ]

    def limit(self, pages: Sequence[dict[str, Any]]) -> dict[str, float]:
        """Return the seconds that the networks alone take for all the inputs of one round."""
        self._asked = []
        self.read(pages)
        asked, self._asked = self._asked, None
        start, busy = time.perf_counter(), time.process_time()
        for session, given, named in asked:
            session.run(*given, **named)
        return {"seconds": time.perf_counter() - start, "cpu_seconds": time.process_time() - busy}

    def _watch_networks(self) -> None:
        session_class = load_onnxruntime().InferenceSession
        run: Callable[..., Any] = session_class.run

        def watched(session: Any, *given: Any, **named: Any) -> Any:
            if self._asked is not None:
                self._asked.append((session, given, named))
            start = time.perf_counter()
            try:
                return run(session, *given, **named)
            finally:
                self.network_seconds += time.perf_counter() - start

        session_class.run = watched


class Plain:
    """PaddleOCR's pipeline of detection and recognition, as it comes."""

    def __init__(self, models: Path) -> None:
        load_onnxruntime()
        from paddleocr import PaddleOCR

        self._pipeline = PaddleOCR(
            text_detection_model_name=DETECTION_MODEL,
            text_detection_model_dir=str(prepare_detection_weights(models)),
            text_recognition_model_name=MODEL,
            text_recognition_model_dir=str(prepare_weights(models)),
            use_doc_orientation_classify=False,
            use_doc_unwarping=False,
            use_textline_orientation=False,
            engine="onnxruntime",
            device="cpu",
        )

    def read(self, pages: Sequence[dict[str, Any]]) -> list[dict[str, str]]:
        """Read whole pages and give the lines to the fields."""
        return [assign(self._lines(page), page["fields"]) for page in pages]

    def _lines(self, page: dict[str, Any]) -> list[Line]:
        image = cv2.cvtColor(np.load(page["image"]), cv2.COLOR_GRAY2BGR)
        found = next(iter(self._pipeline.predict(image)))
        return [
            (*np.min(place, axis=0).tolist(), *np.max(place, axis=0).tolist(), text)
            for place, text in zip(found["rec_polys"], found["rec_texts"], strict=True)
        ]


class Tesseract:
    """Tesseract with its Japanese model, as it comes."""

    def read(self, pages: Sequence[dict[str, Any]]) -> list[dict[str, str]]:
        """Read whole pages and give the words to the fields."""
        return [assign(self._words(page), page["fields"]) for page in pages]

    def _words(self, page: dict[str, Any]) -> list[Line]:
        with tempfile.TemporaryDirectory() as folder:
            image = Path(folder) / "page.png"
            cv2.imwrite(str(image), np.load(page["image"]), [cv2.IMWRITE_PNG_COMPRESSION, 0])
            command = ["tesseract", str(image), "stdout", "-l", "jpn", "tsv"]
            table = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        words = []
        for row in table.splitlines()[1:]:
            parts = row.split("\t")
            if len(parts) == 12 and parts[11].strip():
                left, top, width, height = (float(part) for part in parts[6:10])
                words.append((left, top, left + width, top + height, parts[11]))
        return words


def assign(lines: Sequence[Line], fields: Sequence[dict[str, Any]]) -> dict[str, str]:
    """Give every line to the field that holds most of it, if that is at least half; left to right in a field."""
    found: dict[str, list[tuple[float, str]]] = {field["name"]: [] for field in fields}
    for left, top, right, bottom, text in lines:
        area = max(1.0, (right - left) * (bottom - top))
        shares = []
        for field in fields:
            x0, y0, x1, y1 = field["box"]
            shared = max(0.0, min(right, x1) - max(left, x0)) * max(0.0, min(bottom, y1) - max(top, y0))
            shares.append((shared / area, field["name"]))
        share, name = max(shares, default=(0.0, ""))
        if share >= 0.5:
            found[name].append((left, text))
    return {name: "".join(text for _, text in sorted(texts)) for name, texts in found.items()}


def same_text(kind: str, read: str, truth: str) -> bool:
    """Compare without spaces, in one width; digits are all that counts in fields of digits."""
    read, truth = (unicodedata.normalize("NFKC", text) for text in (read, truth))
    if kind in DIGIT_KINDS:
        return [c for c in read if c.isdigit()] == [c for c in truth if c.isdigit()]
    return "".join(read.split()) == "".join(truth.split())


def answer(reader: PageReader, pages: Sequence[dict[str, Any]], question: str) -> dict[str, Any]:
    """Do what is asked: warm_up, read or limit."""
    if question == "warm_up":
        reader.read(pages[:1])
        return {}
    if question == "limit" and isinstance(reader, Ours):
        return reader.limit(pages)
    before = reader.network_seconds if isinstance(reader, Ours) else 0.0
    start, busy = time.perf_counter(), _processor_seconds()
    texts = reader.read(pages)
    seconds, cpu = time.perf_counter() - start, _processor_seconds() - busy
    network = reader.network_seconds - before if isinstance(reader, Ours) else 0.0
    marks = [
        same_text(field["kind"], text.get(field["name"], ""), field["text"])
        for page, text in zip(pages, texts, strict=True)
        for field in page["fields"]
    ]
    who = resource.RUSAGE_CHILDREN if isinstance(reader, Tesseract) else resource.RUSAGE_SELF
    peak = resource.getrusage(who).ru_maxrss / 1024
    told = {
        "seconds": seconds,
        "fields": len(marks),
        "right": sum(marks),
        "peak_mb": peak,
        "cpu_seconds": cpu,
    }
    return {**told, "network_share": network / seconds}


def main(name: str, folder: Path) -> None:
    """Answer questions from standard input until it ends."""
    use_language("en")
    told = json.loads((folder / "pages.json").read_text(encoding="utf-8"))
    models = folder / f"models-{name}"
    reader: PageReader = (
        Ours(told["files"], models)
        if name == "ours"
        else Plain(models)
        if name == "plain_paddleocr"
        else Tesseract()
    )
    for line in sys.stdin:
        print("ANSWER " + json.dumps(answer(reader, told["pages"], line.strip())), flush=True)


def _processor_seconds() -> float:
    """Return the processor time of this process and of its children that have ended."""
    told = os.times()
    return told.user + told.system + told.children_user + told.children_system


def _has_tesseract() -> bool:
    if shutil.which("tesseract") is None:
        return False
    told = subprocess.run(["tesseract", "--list-langs"], check=False, capture_output=True, text=True).stdout
    return "jpn" in told.split()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
