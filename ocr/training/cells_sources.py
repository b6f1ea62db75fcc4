"""Raw material of the cell reader's training, and what is kept apart for measuring."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ocr.recognisers.cell_alphabets import CLASSES
from ocr.training import cells_fonts as fonts
from ocr.training import cells_strokes as strokes
from ocr.training.cells_pen import Picture

_STRAYS = (
    "←↑→♪♂♀☆★◇■●▲℡㎡ΑΒΓΔΣΩαβγδжДЯﾊ§¶£€©®永東京都府県山川田中村大小本日月"
    "年金木水火土一二三口十人入八千万区市町番号様氏名円※〒○△□◎★@#&%?+=()「」〈々"
)


@dataclass(frozen=True)
class Sources:
    """Raw material of one side of the split.

    Attributes:
        skeletons: Stroke skeletons per character.
        written: Glyphs of handwriting fonts per character.
        printed: Glyphs of print fonts per character.
        fax: Cleaned ink of real fax digits per digit.
        mnist: Ink of MNIST digits per digit.
        crops: Whole real crops per digit, frames and all.
        strays: Glyphs that are no class of ours.
    """

    skeletons: dict[str, list[strokes.Skeleton]]
    written: dict[str, list[Picture]]
    printed: dict[str, list[Picture]]
    fax: dict[str, list[Picture]]
    mnist: dict[str, list[Picture]]
    crops: dict[str, list[Picture]]
    strays: list[Picture]


HELD_STROKES = 120
"""So many kanji of the tomoe strokes are kept for measuring: networks know these kanji from fonts alone."""


def held_strokes(data: Path) -> dict[str, strokes.Skeleton]:
    """Return the pen strokes of kanji that no network is trained on: every 24th kanji in code order, 120 in all."""
    tomoe = strokes.load_tomoe(data / "strokes" / "tomoe_all.tdic")
    kanji = sorted(character for character in tomoe if character >= "一")
    return {character: tomoe[character] for character in kanji[::24][:HELD_STROKES]}


def load_training(data: Path, fonts_folder: Path, classes: Sequence[str]) -> Sources:
    """Load everything that may be trained on (see the model cards).

    Args:
        data: The shared data folder with `strokes`, `digits_fax` and `mnist_t10k`.
        fonts_folder: Where the fonts of npm packages were installed.
        classes: The characters wanted.
    """
    train, _ = strokes.load_skeletons(Path(__file__).parent / "skeletons.txt")
    held = held_strokes(data)
    for character, skeleton in strokes.load_tomoe(data / "strokes" / "tomoe_all.tdic").items():
        if character in classes and character not in held:
            train.setdefault(character, []).extend([skeleton, skeleton])
    fax = fonts.fax_rows(data / "digits_fax", held_out=False)
    crops: dict[str, list[Picture]] = {}
    for crop, text in fax:
        crops.setdefault(text, []).append(255 - crop)
    written = fonts.font_glyphs(fonts.HANDWRITING + fonts.web_fonts(fonts_folder), classes)
    foreign = [character for character in _STRAYS if character not in classes]
    stray = fonts.font_glyphs(fonts.HANDWRITING[::3] + fonts.PRINT[:1], foreign)
    return Sources(
        skeletons=train,
        written=written,
        printed=fonts.font_glyphs(fonts.PRINT, classes),
        fax=fonts.real_glyphs(fax),
        mnist=fonts.real_glyphs(fonts.mnist_rows(data / "mnist_t10k", held_out=False)),
        crops=crops,
        strays=[glyph for glyphs in stray.values() for glyph in glyphs],
    )


def load_unseen(classes: Sequence[str] = CLASSES) -> tuple[Sources, Sources]:
    """Load what is never trained on: (the held-out font family, the held-out skeleton variants)."""
    _, held = strokes.load_skeletons(Path(__file__).parent / "skeletons.txt")
    glyphs = fonts.font_glyphs(fonts.HELD_OUT, classes)
    nothing: dict[str, list[Picture]] = {}
    return (
        Sources({}, glyphs, nothing, nothing, nothing, nothing, []),
        Sources(held, nothing, nothing, nothing, nothing, nothing, []),
    )
