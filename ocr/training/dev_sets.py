"""Write labelled single crops of material that no network is trained on: `python -m ocr.training.dev_sets OUT`.

Each folder under OUT holds pictures and a `labels.csv`, as `hakadori ocr eval` takes them. Pen sets are thin even
strokes that fill the picture, as drawing tablets give them; scan sets went through frames, neighbours, fax or scanner.
Fonts: the held-out family Setofont. Strokes: kanji of tomoe whose strokes were held out, kana skeletons marked "!".
"""

import argparse
import csv
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np

from ocr.recognisers.cell_alphabets import DIGITS, HIRAGANA, KATAKANA, SMALL_KANA
from ocr.recognisers.glyph_alphabets import GLYPHS, LEVEL_ONE
from ocr.training import cells_sources, cells_strokes
from ocr.training.cells_data import Synthesiser
from ocr.training.cells_pen import Picture, grown

PEN_SIDE = 96
"""Edge of a pen picture in pixels."""

Drawn = Iterator[tuple[str, Picture]]


def pen_of_strokes(
    skeletons: dict[str, list[cells_strokes.Skeleton]], times: int, rng: np.random.Generator
) -> Drawn:
    """Yield characters drawn by pen from skeletons, deformed as by other hands."""
    for name, variants in skeletons.items():
        for number in range(times):
            paths = cells_strokes.deformed(variants[number % len(variants)], rng, rng.uniform(0.3, 1.1))
            box = (8.0, 8.0, PEN_SIDE - 16.0, PEN_SIDE - 16.0)
            ink = cells_strokes.draw(paths, (PEN_SIDE, PEN_SIDE), box, rng.uniform(1.6, 3.4), rng)
            yield name, (255 - ink).astype(np.uint8)


def pen_of_glyphs(glyphs: dict[str, list[Picture]], wanted: str) -> Drawn:
    """Yield characters of a font, followed along the middle of their strokes with a thin pen."""
    for name in wanted:
        for glyph in glyphs.get(name, []):
            scale = (PEN_SIDE - 16) / max(glyph.shape)
            size = (max(1, round(glyph.shape[1] * scale)), max(1, round(glyph.shape[0] * scale)))
            part = (cv2.resize(glyph, size) > 110).astype(np.uint8) * 255
            square = np.zeros((PEN_SIDE, PEN_SIDE), np.uint8)
            top, left = (PEN_SIDE - size[1]) // 2, (PEN_SIDE - size[0]) // 2
            square[top : top + size[1], left : left + size[0]] = part
            middle = np.asarray(cv2.ximgproc.thinning(square), np.uint8)
            line = cv2.GaussianBlur(grown(middle, 3), (0, 0), 0.6)
            yield name, (255 - line).astype(np.uint8)


def scanned(maker: Synthesiser, wanted: str, times: int) -> Drawn:
    """Yield characters as a scanner or fax delivers them; those without a source are left out."""
    for name in wanted:
        for _ in range(times):
            try:
                yield name, maker.crop(name)
            except KeyError:
                break


def write_set(folder: Path, drawn: Drawn) -> int:
    """Write pictures and labels; return how many."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = []
    for number, (name, picture) in enumerate(drawn):
        file = f"{number:05d}.png"
        cv2.imencode(".png", picture)[1].tofile(folder / file)
        rows.append((file, name))
    with (folder / "labels.csv").open("w", encoding="utf-8", newline="") as labels:
        writer = csv.writer(labels)
        writer.writerow(("file", "text"))
        writer.writerows(rows)
    return len(rows)


def dev_sets(data: Path, seed: int) -> dict[str, Callable[[], Drawn]]:
    """Return every set by name, made only when called."""
    font, skeletons = cells_sources.load_unseen(GLYPHS)
    held = {name: [skeleton] for name, skeleton in cells_sources.held_strokes(data).items()}
    nothing: dict[str, list[Picture]] = {}
    strokes = cells_sources.Sources(held, nothing, nothing, nothing, nothing, nothing, [])
    full = {c: s for c, s in skeletons.skeletons.items() if c not in SMALL_KANA + "゛゜"}

    def large(script: str) -> str:
        return "".join(c for c in script if c not in SMALL_KANA + "゛゜ー")

    def maker(sources: cells_sources.Sources, number: int) -> Synthesiser:
        return Synthesiser(
            sources, np.random.default_rng([seed, number]), sorted(sources.skeletons or sources.written)
        )

    def rng(number: int) -> np.random.Generator:
        return np.random.default_rng([seed, 50 + number])

    return {
        "kanji_pen_strokes": lambda: pen_of_strokes(held, 4, rng(1)),
        "kanji_pen_font": lambda: pen_of_glyphs(font.written, LEVEL_ONE[::3]),
        "kanji_scan_strokes": lambda: scanned(maker(strokes, 1), "".join(held), 3),
        "kanji_scan_font": lambda: scanned(maker(font, 2), LEVEL_ONE[1::6], 1),
        "katakana_pen_strokes": lambda: pen_of_strokes(
            {c: s for c, s in full.items() if c in KATAKANA}, 6, rng(2)
        ),
        "katakana_pen_font": lambda: pen_of_glyphs(font.written, large(KATAKANA)),
        "katakana_scan_font": lambda: scanned(maker(font, 3), large(KATAKANA), 5),
        "hiragana_pen_font": lambda: pen_of_glyphs(font.written, large(HIRAGANA)),
        "hiragana_scan_font": lambda: scanned(maker(font, 4), large(HIRAGANA), 5),
        "digits_scan_font": lambda: scanned(maker(font, 5), DIGITS, 40),
    }


def main() -> None:
    """Write every set."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--seed", type=int, default=77)
    given = parser.parse_args()
    for name, make in dev_sets(given.data, given.seed).items():
        print(name, write_set(given.out / name, make()))


if __name__ == "__main__":
    main()
