"""Real scans through the whole reader: real networks, real pictures, no database."""

import json
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from ocr.evaluate import evaluate_labels
from ocr.evaluate_samples import evaluate_samples
from ocr.pipeline import Reader
from ocr.reading import DocumentReading
from ocr.template import load_forms

SCANS = Path("samples/scans")


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    yield Reader(load_forms(Path("configs/forms")), tmp_path_factory.mktemp("models"))


def _truth(stem: str) -> list[dict[str, object]]:
    documents: list[dict[str, object]] = json.loads((SCANS / "truth" / f"{stem}.json").read_text("utf-8"))[
        "documents"
    ]
    return documents


def _wrong(document: DocumentReading, truth: dict[str, object]) -> list[str]:
    fields = truth["fields"]
    assert isinstance(fields, dict)
    return [field.name for field in document.fields if field.value != fields[field.name]]


def test_a_form_upside_down_is_read_right(reader: Reader) -> None:
    reading = reader.read_file(SCANS / "nouzei-007.jpg")
    document = reading.documents[0]
    assert (document.form, document.pages[0].rotation, document.complete) == ("kouza_furikae", 180, True)
    assert document.pages[0].residual_mm < 0.2
    assert len(_wrong(document, _truth("nouzei-007")[0])) <= 1
    assert not any(f.accepted for f in document.fields if f.name in _wrong(document, _truth("nouzei-007")[0]))
    line = reading.as_json_lines()[0]
    assert line["pages"][0]["inliers"] > 50
    assert set(line["fields"]["口座番号"]) == {"value", "probability", "accepted", "reason", "candidates"}
    json.dumps(line)


def test_crops_and_boxes_lie_on_the_upright_page(reader: Reader) -> None:
    document = reader.read_file(SCANS / "nouzei-007.jpg").documents[0]
    height, width = document.pages[0].image.shape
    for field in document.fields:
        x, y, w, h = field.box_px
        assert 0 <= x < x + w <= width
        assert 0 <= y < y + h <= height
        assert field.crop.dtype == np.uint8
        assert field.crop.size > 0


def test_both_pages_of_a_form_make_one_document(reader: Reader) -> None:
    documents = reader.read_file(SCANS / "kenkou-004.tif").documents
    assert [[page.form_page for page in document.pages] for document in documents] == [[1, 2]]
    assert documents[0].complete


def test_a_missing_page_makes_the_document_doubtful(reader: Reader, tmp_path: Path) -> None:
    second = tmp_path / "second.tif"
    with Image.open(SCANS / "kenkou-004.tif") as image:
        image.seek(1)
        image.save(second, dpi=image.info["dpi"], compression="group4")
    document = reader.read_file(second).documents[0]
    assert (document.complete, document.missing_pages, document.accepted, document.key) == (
        False,
        (1,),
        False,
        "",
    )
    assert {field.reason for field in document.fields if field.page == 1} == {"ocr.page_missing"}


def test_planted_mistakes_go_to_a_person(reader: Reader) -> None:
    fields = {f.name: f for f in reader.read_file(SCANS / "nouzei-009.png").documents[0].fields}
    assert (fields["預金種別"].accepted, fields["預金種別"].reason) == (False, "ocr.two_marks")


def test_papers_that_are_no_forms_are_refused_with_a_reason(reader: Reader) -> None:
    faint, letter = (reader.read_file(SCANS / name) for name in ("nouzei-013.jpg", "shiminzei-010.jpg"))
    assert [page.reason for page in faint.refused] == ["ocr.page_unreadable"]
    assert [page.reason for page in letter.refused] == ["ocr.page_unknown_form"]
    assert letter.as_json_lines()[0]["form"] is None


def test_evaluation_of_samples_counts_fields_and_faults(reader: Reader, tmp_path: Path) -> None:
    (tmp_path / "truth").mkdir()
    for name in ("shiminzei-006.jpg", "nouzei-013.jpg"):
        (tmp_path / name).write_bytes((SCANS / name).read_bytes())
        truth = Path("truth") / f"{Path(name).stem}.json"
        (tmp_path / truth).write_bytes((SCANS / truth).read_bytes())
    counted = evaluate_samples(tmp_path, reader)
    assert (counted["files"], counted["documents"], counted["documents_found"], counted["n"]) == (2, 1, 1, 15)
    assert counted["wrong_accepted"] == 0
    told = {"file": "nouzei-013.jpg", "fault": "unreadable", "answer": "ocr.page_unreadable"}
    assert counted["faults"] == [told | {"expected": "ocr.page_unreadable", "right": True}]
    assert counted["by_fault"] == {"unreadable": {"n": 1, "right": 1}}
    assert 0 <= counted["ece"] <= 1
    assert counted["risk_coverage"][-1]["coverage"] == 1.0


def test_evaluation_of_crops_reads_digits_in_frames(tmp_path: Path) -> None:
    rows = ["file,text"]
    for digit in "0123456789":
        cell = np.full((70, 70), 255, np.uint8)
        cv2.rectangle(cell, (0, 0), (69, 69), 0, 2)
        cv2.putText(cell, digit, (20, 54), cv2.FONT_HERSHEY_SIMPLEX, 1.6, 0, 3)
        cv2.imwrite(str(tmp_path / f"{digit}.png"), cell)
        rows.append(f"{digit}.png,{digit}")
    (tmp_path / "labels.csv").write_text("\n".join(rows), encoding="utf-8")
    counted = evaluate_labels(tmp_path / "labels.csv", "digits", models=tmp_path / "models", cells=1)
    assert set(counted) >= {"n", "exact", "cer", "accepted", "wrong_accepted", "ms_per_field", "errors"}
    assert counted["n"] == 10
    assert counted["exact"] >= 0.9
    assert counted["wrong_accepted"] == 0
