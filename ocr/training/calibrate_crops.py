"""Single crops for the calibration, read as `hakadori ocr eval` reads them; no network was trained on any of them.

Digits: real faxes of held-out sheets, the last thousand of MNIST, drawn ones, the held-out font. Kana and kanji: drawn
ones and the sets of `dev_sets.py` (held-out font, strokes and skeletons) made with a seed of their own, other than the
one the readers are tuned on. Marks: the real ones as a network judged them that never saw a real mark, and drawn ones.
Left out: small kana and ゛゜ ー by themselves, which nobody can tell from full ones
in a crop cut by somebody else; and, for digits, made ones but those of the font, since there are real ones.
Check boxes have no curve of their own (the real ones may not be fitted on): that of forms serves. Lines: those of
`lines_compose.py`, part B.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from ocr.evaluate import TEXT_KINDS, load_labels, read_crops
from ocr.reading import Gray, RawReading
from ocr.recognisers.cell_alphabets import CAPITALS, DIGITS, KATAKANA, SMALL_KANA
from ocr.recognisers.characters import Networks
from ocr.recognisers.shapes import CLASSES, OTHER, read_marks
from ocr.training import cells_fonts, cells_sources
from ocr.training.calibrate_fit import Judgement
from ocr.training.cells_sets import TestSet, fax_set, pen_sets, synthetic_set
from ocr.training.dev_sets import dev_sets
from ocr.training.marks_crops import JUDGED, MarkMaker

SEED = 20261121
MOST = 400
"""Crops taken of one made set; real ones are all taken."""

MARKS = 3
"""Times MOST, so many made marks."""


def judge_crops(data: Path, networks: Networks, lines: Path | None, most: int) -> Iterator[Judgement]:
    """Yield the judgement of every crop.

    Args:
        data: The shared data folder.
        networks: The readers.
        lines: A folder of `lines_compose --part B`, for the lines; None leaves them out.
        most: Crops taken of one made set; with less than MOST, of real ones too (a rehearsal).
    """
    for kind, test in _character_sets(data, most):
        few = len(test.crops) if most >= MOST else most
        raws = read_crops(networks, list(test.crops[:few]), kind, 1, None)
        yield from judge(raws, test.texts[:few], test.name)
        print(f"{kind:9s} {test.name:24s} {len(raws)} read", flush=True)
    yield from _judge_marks(MARKS * most)
    if lines is not None:
        yield from _judge_lines(lines, networks, most)


def judge(raws: Iterable[RawReading], texts: Sequence[str], source: str) -> Iterator[Judgement]:
    """Compare readings that rest on one judgement each; what has a reason for doubt is never accepted, so not asked."""
    for raw, text in zip(raws, texts, strict=True):
        parts = [part for part in raw.parts if part[0] != "empty"]
        if len(parts) == 1 and not raw.reason:
            yield Judgement(parts[0][0], parts[0][1], raw.value == text, source)


def _character_sets(data: Path, most: int) -> Iterator[tuple[str, TestSet]]:
    """Yield (kind, set) of single characters."""
    mnist = cells_fonts.mnist_rows(data / "mnist_t10k", held_out=True)
    yield "digits", fax_set(data, fit=True)
    yield "digits", fax_set(data, fit=False)
    yield (
        "digits",
        TestSet("mnist, last 1000", DIGITS, [crop for crop, _ in mnist], [text for _, text in mnist]),
    )
    digits, hiragana = pen_sets(data)
    yield "digits", digits
    yield "hiragana", hiragana
    for name, make in dev_sets(data, SEED).items():
        drawn = list(make())
        chosen = np.random.default_rng(SEED).permutation(len(drawn))[:most]
        texts = [drawn[i][0] for i in chosen]
        yield name.split("_")[0], TestSet(name, "", [drawn[i][1] for i in chosen], texts)
    font, skeletons = cells_sources.load_unseen()
    yield "alnum", synthetic_set("alnum_scan_font", font, DIGITS + CAPITALS, _each(800, 36, most), SEED)
    full = "".join(character for character in KATAKANA if character not in SMALL_KANA + "゛゜ー")
    yield "katakana", synthetic_set("katakana_scan_skeletons", skeletons, full, _each(800, 74, most), SEED)


def _each(count: int, characters: int, most: int) -> int:
    """Return how often to make each character of a script for about so many crops in all, fewer in a rehearsal."""
    return max(1, round(count * min(1.0, most / MOST) / characters))


def _judge_marks(count: int) -> Iterator[Judgement]:
    """Yield what was said of marks; not of "other", which may look like a mark, nor of shapes that are ambiguous."""
    for _, score, right in json.loads(JUDGED.read_text(encoding="utf-8")):
        yield Judgement("mark", score, right, "real marks")
    rng = np.random.default_rng(SEED)
    maker = MarkMaker({}, rng, whole=True)
    known = [name for name in CLASSES if name != OTHER]
    names = [known[i] for i in rng.integers(0, len(known), count)]
    crops: list[Gray] = [maker.crop(name) for name in names]
    yield from judge(read_marks(crops), names, "made marks")


def _judge_lines(folder: Path, networks: Networks, most: int) -> Iterator[Judgement]:
    """Yield the judgement of every line: right when the whole text is."""
    for labels in sorted(folder.glob("*/labels.csv")):
        if labels.parent.name == "kanji":
            continue  # names are read with the form's space between family and given name
        kind = labels.parent.name if labels.parent.name in TEXT_KINDS else "text"
        rows = load_labels(labels)[:most]
        raws = read_crops(networks, [row.gray for row in rows], kind, 0, None)
        yield from judge(raws, [row.text for row in rows], f"lines {labels.parent.name}")
        print(f"{kind:9s} {labels.parent.name:24s} {len(raws)} read", flush=True)
