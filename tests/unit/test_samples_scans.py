"""The 30 sample scans and their truth: complete, small enough, and what the plan says."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pypdfium2
import pytest
from PIL import Image

from samples.forms.geometry import load_place
from samples.scans.compose.page import Hands, compose_page
from samples.scans.compose.scanner import Scanner, scan
from samples.scans.compose.sheet import PX, blank_sheet
from samples.scans.compose.writer import invent_writer, missing_fonts
from samples.scans.make_scans.filling import make_file, truth_of
from samples.scans.make_scans.plan import SEED, further_files, received_on, sample_files, values_of

SCANS = Path("samples") / "scans"
FILES = sorted(path for path in SCANS.glob("*.*"))
with_fonts = pytest.mark.skipif(bool(missing_fonts()), reason="handwriting fonts are not installed")


def _truth(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((SCANS / "truth" / f"{path.stem}.json").read_text(encoding="utf-8"))
    return found


def test_there_are_30_files_with_truth_and_nothing_else() -> None:
    assert [path.name for path in FILES] == sorted(file.name for file in sample_files())
    assert len(FILES) == 30
    assert {path.stem for path in (SCANS / "truth").iterdir()} == {path.stem for path in FILES}


def test_scans_stay_small() -> None:
    assert max(path.stat().st_size for path in FILES) < 1_000_000
    assert sum(path.stat().st_size for path in FILES) < 12_000_000


def test_truth_files_are_those_of_the_plan() -> None:
    for file in sample_files():
        assert _truth(SCANS / file.name) == truth_of(file, SEED)


def test_every_kind_of_trouble_is_there() -> None:
    truths = [_truth(path) for path in FILES]
    assert Counter(truth["fault"] for truth in truths if truth["fault"]) == {
        "unreadable": 1, "not_a_form": 1, "duplicate": 1}  # fmt: skip
    documents = [document for truth in truths for document in truth["documents"]]
    assert {document["rotation"] for document in documents} == {0, 90, 180}
    assert sum(len(document.get("planted", {})) for document in documents) == 6
    assert any(len(truth["documents"]) > 1 for truth in truths)


def test_duplicate_has_the_same_bytes_and_the_rescan_does_not() -> None:
    bytes_of = {path.name: path.read_bytes() for path in FILES}
    assert bytes_of["nouzei-012.jpg"] == bytes_of["nouzei-002.jpg"]
    assert bytes_of["nouzei-011.jpg"] != bytes_of["nouzei-004.jpg"]
    first, again = (_truth(SCANS / f"nouzei-{number}.jpg")["documents"][0] for number in ("004", "011"))
    assert first["fields"] == again["fields"]


def test_truth_covers_every_page_of_the_file() -> None:
    for path in FILES:
        truth = _truth(path)
        if truth["fault"] in (None, "duplicate"):
            pages = [page for document in truth["documents"] for page in document["pages"]]
            assert pages == list(range(1, _page_count(path) + 1)), path.name


def test_fax_files_have_unequal_resolution() -> None:
    with Image.open(SCANS / "nouzei-003.tif") as image:
        assert image.mode == "1"
        assert tuple(round(float(value)) for value in image.info["dpi"]) == (204, 196)


@with_fonts
def test_same_seed_writes_the_same_page_and_another_writer_does_not() -> None:
    values = {"接種日": "2026-10-21", "ロット番号": "AB1234"}
    hands = Hands(invent_writer(1), invent_writer(2))
    first = compose_page("yobou_yoshin", 2, values, hands, 9).pixels
    assert np.array_equal(first, compose_page("yobou_yoshin", 2, values, hands, 9).pixels)
    other = Hands(invent_writer(1), invent_writer(3))
    assert not np.array_equal(first, compose_page("yobou_yoshin", 2, values, other, 9).pixels)


@with_fonts
def test_ink_lies_in_the_cells_that_have_a_value_only() -> None:
    row = load_place("kouza_furikae").field("通知書番号").row
    writer = invent_writer(4)
    page = compose_page("kouza_furikae", 1, {"通知書番号": "80"}, Hands(writer, writer), 3).pixels
    change = (blank_sheet("kouza_furikae", 1).pixels - page).sum(axis=2)
    ink = []
    for cell in row.cells():
        x0, y0, x1, y1 = (round(value * PX) for value in (cell.x, cell.y, cell.right, cell.bottom))
        ink.append(change[y0:y1, x0:x1].sum() > 50)
    assert ink[:2] == [True, True]
    assert not any(ink[3:])


def test_scan_rotation_is_undone_by_turning_clockwise() -> None:
    paper = np.ones((300, 200, 3), np.float32)
    paper[10:40, 10:40] = 0
    for rotation in (0, 90, 180, 270):
        clean = Scanner(rotation=rotation, noise=0, dirt=0)
        upright = np.rot90(scan(paper, clean, 1).pixels, -rotation // 90)
        assert upright[15:35, 15:35].max() < 100


def test_received_stamp_is_not_older_than_the_paper() -> None:
    forms = [filled for file in (*sample_files(), *further_files(60, seed=8)) for filled in file.forms]
    stamped = [(filled, values_of(filled)[0]) for filled in forms if filled.received]
    dates = [(received_on(filled, values), values) for filled, values in stamped]
    assert sum(bool(stamp) for stamp, _ in dates) > 10
    for stamp, values in dates:
        if stamp:
            year, month, day = map(int, stamp.split("."))
            written = values.get("届出日") or values["異動年月日"]
            assert f"{year + 2018}-{month:02}-{day:02}" >= written


@with_fonts
def test_development_set_has_scans_and_truth(tmp_path: Path) -> None:
    files = further_files(2, seed=7)
    for file in files:
        make_file(file, tmp_path, 7)
        truth = json.loads((tmp_path / "truth" / f"{file.stem}.json").read_text(encoding="utf-8"))
        assert (tmp_path / file.name).stat().st_size > 10_000
        assert truth["documents"][0]["fields"]


def _page_count(path: Path) -> int:
    if path.suffix == ".pdf":
        document = pypdfium2.PdfDocument(path)
        count = len(document)
        document.close()
        return count
    with Image.open(path) as image:
        return int(getattr(image, "n_frames", 1))
