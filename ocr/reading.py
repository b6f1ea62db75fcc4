"""What comes out of reading: frozen values from one character up to one file.

Units: boxes are pixels of the upright page image (origin top left); probabilities are calibrated, 0 to 1.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as attribute
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from backoffice.messages import error_text, text

Gray = NDArray[np.uint8]
"""A gray image, shape (height, width), dtype uint8, 0 black to 255 white."""

PICTURE_QUALITY = 80
"""Of pages kept for people, JPEG, 0–100."""

ILLEGIBLE = "●"
"""Stands for one character that could not be read. Never part of an accepted value."""


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong or doubtful about a value.

    Attributes:
        field: Name of the field.
        key: Catalogue text key, "ocr.…".
        values: Placeholders of the text.
    """

    field: str
    key: str
    values: Mapping[str, object] = attribute(default_factory=dict)

    def explain(self, language: str | None = None) -> str:
        """Return the finding as a person reads it."""
        return text(self.key, language=language, **self.values)


@dataclass(frozen=True)
class RawReading:
    """A value as a recogniser saw it, before validation and decision.

    Attributes:
        value: Best reading; `●` for an illegible character, "" for empty.
        score: Uncalibrated belief in the whole value, 0 to 1.
        candidates: Best readings with their scores, best first.
        reason: Catalogue text key when the recogniser itself has a doubt, else "".
        parts: (calibration group, uncalibrated score) of every judgement that the value rests on.
        cells: (cell, character) of every character of the value, as far as each stands in a cell of its own.
    """

    value: str
    score: float
    candidates: tuple[tuple[str, float], ...] = ()
    reason: str = ""
    parts: tuple[tuple[str, float], ...] = ()
    cells: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True)
class FieldReading:
    """One field of a document, decided.

    Attributes:
        name: Field name of the form.
        kind: Field kind of the form.
        page: Page of the form, from 1.
        value: The value in record form (see docs), or the best guess when not accepted.
        probability: Calibrated probability that `value` is right.
        accepted: True when nobody needs to look.
        reason: Catalogue text key that says why a person must look; "" when accepted.
        reason_values: Placeholders of the reason.
        candidates: (value, probability), best first.
        box_px: x, y, width, height in pixels of the upright page image.
        crop: The field as scanned, upright.
        personal: True for personal data.
        cells: (cell, calibrated probability) of every character of `value`; empty when they stand in no cells.
    """

    name: str
    kind: str
    page: int
    value: str
    probability: float
    accepted: bool
    reason: str
    reason_values: Mapping[str, object]
    candidates: tuple[tuple[str, float], ...]
    box_px: tuple[int, int, int, int]
    crop: Gray = attribute(repr=False, compare=False)
    personal: bool = False
    cells: tuple[tuple[int, float], ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the field for `ocr read --json`."""
        return {
            "value": self.value,
            "probability": round(self.probability, 5),
            "accepted": self.accepted,
            "reason": self.reason,
            "candidates": [[value, round(p, 5)] for value, p in self.candidates],
        }


def packed(image: Gray) -> bytes:
    """Return a page as JPEG, to be kept and shown to people.

    Args:
        image: Shape (height, width), dtype uint8.
    """
    options = [cv2.IMWRITE_JPEG_QUALITY, PICTURE_QUALITY]
    written, content = cv2.imencode(".jpg", image, options)
    if not written:
        raise ValueError(f"a picture of {image.shape} cannot be packed")
    return np.asarray(content).tobytes()


@dataclass(frozen=True)
class PageReading:
    """How one page of the file lay on its blank.

    Attributes:
        source_page: Page of the file, from 1.
        form_page: Page of the form, from 1.
        rotation: Degrees clockwise by which the scan had to be turned to stand upright: 0, 90, 180 or 270.
        residual_mm: Root mean square distance of independent check points after registration, in mm.
        inliers: Number of points that the registration was fitted on.
        score: Share of the blank's print found again on the page, 0 to 1.
        dpi: Resolution of the picture.
        picture: The page laid upright on its blank, as JPEG: a file of a thousand pages keeps them all until it ends.
    """

    source_page: int
    form_page: int
    rotation: int
    residual_mm: float
    inliers: int
    score: float
    dpi: int
    picture: bytes = attribute(repr=False, compare=False)

    @property
    def image(self) -> Gray:
        """The picture, unpacked: shape (height, width), dtype uint8."""
        return cv2.imdecode(np.frombuffer(self.picture, np.uint8), cv2.IMREAD_GRAYSCALE).astype(np.uint8)

    def as_json(self) -> dict[str, Any]:
        """Return the page for `ocr read --json`."""
        return {
            "page": self.source_page,
            "form_page": self.form_page,
            "rotation": self.rotation,
            "residual_mm": round(self.residual_mm, 3),
            "inliers": self.inliers,
        }


@dataclass(frozen=True)
class PageRefusal:
    """A page that was not read.

    Attributes:
        source_page: Page of the file, from 1.
        reason: Catalogue error key, "ocr.page_…".
        values: Placeholders of the error.
    """

    source_page: int
    reason: str
    values: Mapping[str, object] = attribute(default_factory=dict)

    def explain(self, language: str | None = None) -> str:
        """Return what is wrong and what to do, in one line."""
        parts = error_text(self.reason, language=language, **self.values)
        return f"{parts.what} {parts.why} {parts.do}"


@dataclass(frozen=True)
class DocumentReading:
    """One filled form: all its pages and fields.

    Attributes:
        form: Name of the form.
        pages: Pages found, in form order.
        fields: Every field of the pages found, in form order.
        key: The dedupe key of the record, "" when a key field is not certain.
        complete: False when a page of the form is missing.
        missing_pages: Form pages that are missing, from 1.
        version: Version of the form that was seen.
    """

    form: str
    pages: tuple[PageReading, ...]
    fields: tuple[FieldReading, ...]
    key: str
    complete: bool
    missing_pages: tuple[int, ...] = ()
    version: int = 1

    @property
    def accepted(self) -> bool:
        """True when the document is complete and no field needs a person."""
        return self.complete and all(field.accepted for field in self.fields)

    def values(self) -> dict[str, str]:
        """Return the value of every field by name, accepted or not."""
        return {field.name: field.value for field in self.fields}

    def as_json(self, file: str) -> dict[str, Any]:
        """Return the document for `ocr read --json`."""
        return {
            "file": file,
            "form": self.form,
            "version": self.version,
            "page": self.pages[0].source_page,
            "pages": [page.as_json() for page in self.pages],
            "rotation": self.pages[0].rotation,
            "residual_mm": round(max(page.residual_mm for page in self.pages), 3),
            "complete": self.complete,
            "accepted": self.accepted,
            "fields": {field.name: field.as_json() for field in self.fields},
        }


@dataclass(frozen=True)
class FileReading:
    """Everything read from one file.

    Attributes:
        file: File name without folder.
        documents: The filled forms in file order.
        refused: The pages that could not be read, with reasons.
        seconds: Wall seconds per stage.
    """

    file: str
    documents: tuple[DocumentReading, ...]
    refused: tuple[PageRefusal, ...]
    seconds: Mapping[str, float] = attribute(default_factory=dict, compare=False)

    def as_json_lines(self) -> list[dict[str, Any]]:
        """Return one object per document and per refused page."""
        refused = [
            {
                "file": self.file,
                "page": page.source_page,
                "form": None,
                "reason": page.reason,
                "message": page.explain(),
            }
            for page in self.refused
        ]
        return [document.as_json(self.file) for document in self.documents] + refused
