"""Pictures of many cells in one: a sheet of tiles, cut from the kept pictures of their fields."""

import io
from collections.abc import Mapping, Sequence
from pathlib import Path

from PIL import Image

from backoffice.cell_book import WHOLE, OpenField
from console.web.desk import Desk
from console.web.tiles import TileFinder
from ocr.cell_places import WHOLE as WHOLE_PICTURE
from ocr.cell_places import Part, part_of_crop
from ocr.template import FormPage, form_of

COLUMNS = 10
PER_SHEET = 50
CELL_SIZE = (72, 96)
MARK_SIZE = (216, 96)
PAPER = 255

Cells = Sequence[tuple[int, int, int]]
"""(document, position of the field, place in its value) of every tile of a sheet."""


def draw_sheet(desk: Desk, cells: Cells, fields: Mapping[tuple[int, int], OpenField]) -> bytes:
    """Return a sheet as PNG: tiles in rows of `COLUMNS`; a tile whose picture is gone stays white.

    Args:
        desk: Where the pictures and forms are.
        cells: What stands on it, in its order.
        fields: (document, position) → the field.
    """
    width, height = tile_size(cells)
    rows = -(-len(cells) // COLUMNS)
    sheet = Image.new("L", (width * COLUMNS, height * rows), PAPER)
    finder, opened = TileFinder(desk), dict[str, Image.Image]()
    for number, (document, position, place) in enumerate(cells):
        field = fields.get((document, position))
        if field is None or not finder.may_show(field):
            continue
        crop = opened.get(field.crop) or _open(desk.settings.var, field.crop)
        if crop is None:
            continue
        opened[field.crop] = crop
        tile = _fitted(crop, _part(desk, finder, field, place), (width, height))
        row, column = divmod(number, COLUMNS)
        sheet.paste(
            tile, (column * width + (width - tile.width) // 2, row * height + (height - tile.height) // 2)
        )
    content = io.BytesIO()
    sheet.save(content, "PNG", compress_level=1)
    return content.getvalue()


def tile_size(cells: Cells) -> tuple[int, int]:
    """Return width and height of the tiles of a sheet, in pixels: marks are wider than characters."""
    return MARK_SIZE if any(place == WHOLE for _, _, place in cells) else CELL_SIZE


def _part(desk: Desk, finder: TileFinder, field: OpenField, place: int) -> Part:
    declared, page = finder.declared(field), _page_of(desk, field)
    if declared is None or page is None or not 0 <= place < len(field.cells):
        return WHOLE_PICTURE
    return part_of_crop(page, declared, field.cells[place][0])


def _page_of(desk: Desk, field: OpenField) -> FormPage | None:
    form = form_of(desk.forms, field.form, field.version)
    pages = form.pages if form is not None else ()
    return next((page for page in pages if any(known.name == field.name for known in page.fields)), None)


def _open(var: Path, stored: str) -> Image.Image | None:
    home = var.resolve()
    path = Path(home, stored).resolve()
    if not stored or not path.is_relative_to(home) or not path.is_file():
        return None
    try:
        with Image.open(path) as picture:
            return picture.convert("L")
    except OSError:  # broken or still being written: its tile stays white
        return None


def _fitted(crop: Image.Image, part: Part, size: tuple[int, int]) -> Image.Image:
    left, top, right, bottom = part
    box = (left * crop.width, top * crop.height, right * crop.width, bottom * crop.height)
    cut = crop.crop((round(box[0]), round(box[1]), max(round(box[2]), round(box[0]) + 1), round(box[3])))
    share = min(size[0] / cut.width, size[1] / max(cut.height, 1))
    shape = (max(1, round(cut.width * share)), max(1, round(cut.height * share)))
    return cut.resize(shape, Image.Resampling.BILINEAR)
