"""Raw material of the cell reader's training, and what is kept apart for measuring."""

from dataclasses import dataclass
from pathlib import Path

from ocr.recognisers.cell_alphabets import CLASSES
from ocr.training import cells_fonts as fonts
from ocr.training import cells_strokes as strokes
from ocr.training.cells_pen import Picture

_STRAYS = "永東京都府県山川田中村大小本日月年金木水火土一二三口十人入八千万区市町番号様氏名円※〒○△□◎★@#&%?+=()「」〈々"


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


def load_training(data: Path) -> Sources:
    """Load everything that may be trained on (see the model card).

    Args:
        data: The shared data folder with `strokes`, `digits_fax` and `mnist_t10k`.
    """
    train, _ = strokes.load_skeletons(Path(__file__).parent / "skeletons.txt")
    for character, skeleton in strokes.load_tomoe(data / "strokes" / "tomoe_all.tdic").items():
        if character in CLASSES:
            train.setdefault(character, []).extend([skeleton, skeleton])
    fax = fonts.fax_rows(data / "digits_fax", held_out=False)
    crops: dict[str, list[Picture]] = {}
    for crop, text in fax:
        crops.setdefault(text, []).append(255 - crop)
    written = fonts.font_glyphs(fonts.HANDWRITING, CLASSES)
    stray = fonts.font_glyphs(fonts.HANDWRITING[::3] + fonts.PRINT[:1], _STRAYS)
    return Sources(
        skeletons=train,
        written=written,
        printed=fonts.font_glyphs(fonts.PRINT, CLASSES),
        fax=fonts.real_glyphs(fax),
        mnist=fonts.real_glyphs(fonts.mnist_rows(data / "mnist_t10k", held_out=False)),
        crops=crops,
        strays=[glyph for glyphs in stray.values() for glyph in glyphs],
    )


def load_unseen() -> tuple[Sources, Sources]:
    """Load what is never trained on: (the held-out font family, the held-out skeleton variants)."""
    _, held = strokes.load_skeletons(Path(__file__).parent / "skeletons.txt")
    glyphs = fonts.font_glyphs(fonts.HELD_OUT, CLASSES)
    nothing: dict[str, list[Picture]] = {}
    return (
        Sources({}, glyphs, nothing, nothing, nothing, nothing, []),
        Sources(held, nothing, nothing, nothing, nothing, nothing, []),
    )
