"""Pages that went wrong before they were scanned: nothing is invented or wrongly accepted, refusals have reasons."""

import json
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from ocr.intake import read_pages
from ocr.pipeline import Reader
from ocr.reading import DocumentReading, FileReading, Gray
from ocr.template import load_forms

SCANS = Path("samples/scans")
FORM = "kouza_furikae"


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    yield Reader(load_forms(Path("configs/forms")), tmp_path_factory.mktemp("models"), threads=2)


def scan(stem: str) -> Gray:
    picture = np.fromfile(next(SCANS.glob(f"{stem}.*")), np.uint8)
    return np.asarray(cv2.imdecode(picture, cv2.IMREAD_GRAYSCALE), np.uint8)


def truth(stem: str) -> dict[str, str]:
    told = json.loads((SCANS / "truth" / f"{stem}.json").read_text(encoding="utf-8"))
    fields: dict[str, str] = told["documents"][0]["fields"]
    return fields


def read(reader: Reader, folder: Path, gray: Gray, dpi: float = 200.0) -> FileReading:
    path = folder / "page.png"
    Image.fromarray(gray).save(path, dpi=(dpi, dpi))
    return reader.read_file(path)


def wrong_accepted(document: DocumentReading, wanted: dict[str, str]) -> list[str]:
    return [field.name for field in document.fields if field.accepted and field.value != wanted[field.name]]


def blank_form(reader: Reader) -> Gray:
    page = next(iter(read_pages(reader.forms[FORM].blank_path(1))))
    return np.asarray(cv2.resize(page.gray, (1654, 2339), interpolation=cv2.INTER_AREA), np.uint8)


def test_a_form_faded_to_half_is_read_and_nothing_wrong_is_accepted(reader: Reader, tmp_path: Path) -> None:
    faded = (255 - (255 - scan("nouzei-001").astype(np.float32)) * 0.5).astype(np.uint8)
    (document,) = read(reader, tmp_path, faded).documents
    wanted = truth("nouzei-001")
    assert document.form == FORM
    assert wrong_accepted(document, wanted) == []
    assert sum(field.value == wanted[field.name] for field in document.fields) >= 0.8 * len(document.fields)


def test_a_form_that_nobody_filled_in_gives_no_values(reader: Reader, tmp_path: Path) -> None:
    (document,) = read(reader, tmp_path, blank_form(reader)).documents
    assert document.form == FORM
    invented = {f.name: f.value for f in document.fields if f.value not in ("", "empty")}
    assert invented == {}
    assert not document.accepted
    assert document.key == ""


def test_coffee_over_two_corner_marks_hinders_nothing(reader: Reader, tmp_path: Path) -> None:
    page = scan("nouzei-001")
    height, width = page.shape
    stain = np.ones((height, width), np.float32)
    for x, y in ((0.06, 0.04), (0.94, 0.96)):
        middle = (round(x * width), round(y * height))
        cv2.circle(stain, middle, round(0.09 * width), 0.62, -1)
        cv2.circle(stain, middle, round(0.09 * width), 0.4, 9)
        cv2.circle(stain, middle, round(0.03 * width), 0.15, -1)
    stain = cv2.GaussianBlur(stain, (0, 0), 3)
    (document,) = read(reader, tmp_path, (page * stain).astype(np.uint8)).documents
    assert document.form == FORM
    assert document.pages[0].residual_mm <= 0.5
    assert wrong_accepted(document, truth("nouzei-001")) == []


def test_two_forms_on_one_sheet_are_never_mixed(reader: Reader, tmp_path: Path) -> None:
    left, right = (
        cv2.resize(scan(stem), (1169, 1654), interpolation=cv2.INTER_AREA)
        for stem in ("nouzei-001", "nouzei-002")
    )
    reading = read(reader, tmp_path, np.hstack([left, right]))
    for document in reading.documents:
        assert not document.accepted
        firsts = [wrong_accepted(document, truth(stem)) for stem in ("nouzei-001", "nouzei-002")]
        assert [] in firsts
    assert reading.documents or [page.reason.startswith("ocr.page_") for page in reading.refused] == [True]


def test_half_a_form_is_refused_or_left_to_a_person(reader: Reader, tmp_path: Path) -> None:
    page = scan("nouzei-001")
    page[page.shape[0] // 2 :] = 255
    reading = read(reader, tmp_path, page)
    wanted = truth("nouzei-001")
    assert not any(document.accepted for document in reading.documents)
    assert [wrong_accepted(document, wanted) for document in reading.documents] in ([], [[]])
