"""The cell reader with its real weights reads cells it has not seen."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from ocr.reading import Gray
from ocr.recognisers.cell import CellReader
from ocr.recognisers.cell_alphabets import DIGITS, KATAKANA
from ocr.recognisers.network import MODELS
from ocr.training import cells_strokes
from ocr.training.cells_data import Synthesiser
from ocr.training.cells_sources import Sources

SKELETONS = Path(cells_strokes.__file__).parent / "skeletons.txt"


@pytest.fixture(scope="module")
def reader() -> CellReader:
    return CellReader(threads=1)


@pytest.fixture(scope="module")
def unseen() -> Sources:
    _, held_out = cells_strokes.load_skeletons(SKELETONS)
    return Sources(held_out, {}, {}, {}, {}, {}, [])


def clean(text: str, unseen: Sources) -> Gray:
    paths = [cells_strokes.pen_path(stroke) for stroke in unseen.skeletons[text][0]]
    ink = cells_strokes.draw(paths, (80, 72), (14, 14, 44, 52), 3.0, np.random.default_rng(1))
    return (255 - ink).astype(np.uint8)


def share_right(reader: CellReader, unseen: Sources, alphabet: str) -> float:
    maker = Synthesiser(unseen, np.random.default_rng(20))
    texts = [text for text in alphabet if text in unseen.skeletons for _ in range(6)]
    readings = reader.read([maker.crop(text) for text in texts], alphabet)
    return float(np.mean([r.candidates[0][0] == text for r, text in zip(readings, texts, strict=True)]))


def test_reads_cleanly_written_digits(reader: CellReader, unseen: Sources) -> None:
    readings = reader.read([clean(text, unseen) for text in DIGITS], DIGITS)
    assert "".join(r.candidates[0][0] for r in readings) == DIGITS


def test_reads_cleanly_written_katakana(reader: CellReader, unseen: Sources) -> None:
    texts = "アイウエオカキクケコサシスセソタチツテト"
    readings = reader.read([clean(text, unseen) for text in texts], KATAKANA)
    assert "".join(r.candidates[0][0] for r in readings) == texts


@pytest.mark.parametrize(("alphabet", "least"), [(DIGITS, 0.9), (KATAKANA, 0.8)])
def test_reads_unseen_writing_through_frames_fax_and_specks(
    reader: CellReader, unseen: Sources, alphabet: str, least: float
) -> None:
    assert share_right(reader, unseen, alphabet) >= least


def test_only_characters_of_the_alphabet_compete(reader: CellReader, unseen: Sources) -> None:
    (reading,) = reader.read([clean("7", unseen)], "123")
    assert {text for text, _ in reading.candidates} == {"1", "2", "3"}
    assert sum(p for _, p in reading.candidates) == pytest.approx(1.0)


def test_a_blank_cell_is_empty(reader: CellReader) -> None:
    framed = np.full((76, 68), 255, np.uint8)
    cv2.rectangle(framed, (1, 1), (66, 74), (60,), 2)
    for reading in reader.read([np.full((76, 68), 240, np.uint8), framed], DIGITS):
        assert reading.empty > 0.9


def test_a_written_cell_is_not_empty(reader: CellReader, unseen: Sources) -> None:
    assert all(r.empty < 0.05 for r in reader.read([clean(text, unseen) for text in DIGITS], DIGITS))


def test_a_blackened_character_is_none(reader: CellReader, unseen: Sources) -> None:
    cell = clean("8", unseen)
    zigzag = np.array([[12 + 4 * i, 16 if i % 2 else 64] for i in range(13)])
    cv2.polylines(cell, [zigzag], False, (0,), 4)
    (reading,) = reader.read([cell], DIGITS)
    assert reading.other > 0.5


def test_reads_in_chunks_what_it_reads_at_once(reader: CellReader, unseen: Sources) -> None:
    crops = [clean(text, unseen) for text in DIGITS] * 30
    many = reader.read(crops, DIGITS)
    few = reader.read(crops[:10], DIGITS)
    assert len(many) == 300
    assert [r.candidates[0][0] for r in many[290:]] == [r.candidates[0][0] for r in few]


def test_a_small_vowel_is_read_only_when_it_is_clearly_small(reader: CellReader, unseen: Sources) -> None:
    large = clean("イ", unseen)
    small = np.full_like(large, 255)
    small[44:76, 12:41] = cv2.resize(large, (29, 32), interpolation=cv2.INTER_AREA)
    assert [r.candidates[0][0] for r in reader.read([large, small], KATAKANA)] == ["イ", "ィ"]


def test_no_cells_give_no_readings(reader: CellReader) -> None:
    assert reader.read([], DIGITS) == []


def test_the_weights_stay_small() -> None:
    assert (MODELS / "cells.onnx").stat().st_size < 12_000_000


def test_refuses_weights_made_for_other_classes(tmp_path: Path) -> None:
    (tmp_path / "cells.json").write_text('{"classes": ["0"], "temperatures": {}}', encoding="utf-8")
    with pytest.raises(ValueError, match="other classes"):
        CellReader(weights=tmp_path / "cells.onnx")
