"""Draw the blank forms as vector PDFs from the templates in ``configs/forms``.

Run it from the project root after changing a template or a form module::

    python -m samples.forms.make_blanks

Needs reportlab and fonts-ipaexfont (developers only). The same input gives the same bytes.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from reportlab.pdfgen.canvas import Canvas

from samples.forms import idou_todoke, kouza_furikae, yobou_yoshin
from samples.forms.geometry import load_place
from samples.forms.sheet import Sheet, register_fonts

FOLDER = Path("samples") / "forms"
PAGES: dict[str, tuple[Callable[[Sheet], None], ...]] = {
    "kouza_furikae": (kouza_furikae.draw,),
    "idou_todoke": (idou_todoke.draw,),
    "yobou_yoshin": (yobou_yoshin.draw_front, yobou_yoshin.draw_back),
}


def make_blank(form: str, target: Path) -> None:
    """Draw all pages of ``form`` into the PDF ``target``."""
    place = load_place(form)
    canvas = Canvas(str(target), invariant=True, pageCompression=1)
    canvas.setTitle(place.title)
    canvas.setAuthor("Hakadori (composed sample, fictional town)")
    for page, draw in zip(place.pages, PAGES[form], strict=True):
        draw(Sheet(canvas, page))
        canvas.showPage()
    canvas.save()


def main() -> None:
    """Draw every blank into the folder given by ``--out``."""
    parser = argparse.ArgumentParser(description="Draw the blank forms from configs/forms.")
    parser.add_argument("--out", type=Path, default=FOLDER, help="folder for the PDF files")
    out: Path = parser.parse_args().out
    register_fonts()
    for form in PAGES:
        make_blank(form, out / f"{form}.pdf")
        print(out / f"{form}.pdf")


if __name__ == "__main__":
    main()
