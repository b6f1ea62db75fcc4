"""Where a cell lies in the kept picture of its field, so that a page can show it alone."""

from collections.abc import Sequence

from ocr.template import FormPage
from ocr.template_cells import Box
from ocr.template_fields import AnyField, BoxField

CROP_MARGIN_MM = 3.0
"""The kept picture of a field shows so much paper around its box, as far as the page reaches."""
AROUND_CELL_MM = 0.9
"""A cell is shown with so much of its neighbours: a stroke that leaves its cell belongs to it all the same."""

Part = tuple[float, float, float, float]
"""Left, top, right, bottom as shares of a picture, 0 to 1."""

WHOLE: Part = (0.0, 0.0, 1.0, 1.0)


def around(boxes: Sequence[Box]) -> Box:
    """Return the smallest box around boxes."""
    left, top = min(x for x, _, _, _ in boxes), min(y for _, y, _, _ in boxes)
    right, bottom = max(x + width for x, _, width, _ in boxes), max(y + height for _, y, _, height in boxes)
    return left, top, right - left, bottom - top


def part_of_crop(page: FormPage, field: AnyField, cell: int) -> Part:
    """Return which part of a field's picture shows one of its cells, with a little around it.

    Args:
        page: The page of the form that the field is on.
        field: The field as declared.
        cell: Number of the cell from 0, row by row; the whole picture for a field without such a cell.
    """
    if not isinstance(field, BoxField) or not 0 <= cell < field.cell_count:
        return WHOLE
    x, y, width, height = around(field.boxes())
    left, top = max(0.0, x - CROP_MARGIN_MM), max(0.0, y - CROP_MARGIN_MM)
    right = min(page.size_mm[0], x + width + CROP_MARGIN_MM)
    bottom = min(page.size_mm[1], y + height + CROP_MARGIN_MM)
    row, column = divmod(cell, sum(field.groups))
    at_x, at_y, _, row_height = field.row_boxes()[row]
    first, last = field.spans()[column]
    return (
        max(0.0, (at_x + first - AROUND_CELL_MM - left) / (right - left)),
        max(0.0, (at_y - AROUND_CELL_MM - top) / (bottom - top)),
        min(1.0, (at_x + last + AROUND_CELL_MM - left) / (right - left)),
        min(1.0, (at_y + row_height + AROUND_CELL_MM - top) / (bottom - top)),
    )
