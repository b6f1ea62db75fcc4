"""The blank forms: what is printed is where the clerk's template says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pypdfium2
import pytest

from samples.forms.geometry import FORMS, Box, FieldPlace, FormPlace, load_place

DPI = 300
PX_PER_MM = DPI / 25.4
DARK = 128
BLANKS = Path("samples") / "forms"


def _render(form: str, number: int) -> np.ndarray:
    document = pypdfium2.PdfDocument(BLANKS / f"{form}.pdf")
    image = np.asarray(document[number - 1].render(scale=DPI / 72, grayscale=True).to_pil())
    document.close()
    return image


def _ruling_share(image: np.ndarray, x0: float, y0: float, x1: float, y1: float) -> float:
    """Share of the line from (x0, y0) to (x1, y1), in mm, that has dark ink within 0.25 mm of it."""
    count = 200
    xs = np.linspace(x0, x1, count) * PX_PER_MM
    ys = np.linspace(y0, y1, count) * PX_PER_MM
    reach = round(0.25 * PX_PER_MM)
    hit = [image[int(y) - reach : int(y) + reach + 1, int(x) - reach : int(x) + reach + 1].min() < DARK
           for x, y in zip(xs, ys, strict=True)]  # fmt: skip
    return float(np.mean(hit))


def _edges(box: Box) -> list[tuple[float, float, float, float]]:
    return [
        (box.x, box.y, box.right, box.y),
        (box.x, box.bottom, box.right, box.bottom),
        (box.x, box.y, box.x, box.bottom),
        (box.right, box.y, box.right, box.bottom),
    ]


def _printed_boxes(field: FieldPlace) -> list[Box]:
    cells = [cell for row in field.rows.values() for cell in row.cells()]
    return cells + (list(field.options.values()) if field.style == "tick" else [])


@pytest.mark.parametrize("form", FORMS)
def test_every_cell_and_check_box_has_its_ruling_where_the_template_says(form: str) -> None:
    for page in load_place(form).pages:
        image = _render(form, page.number)
        for field in page.fields.values():
            for box in _printed_boxes(field):
                shares = [_ruling_share(image, *edge) for edge in _edges(box)]
                # Dotted separators leave gaps, so a share of 0.7 is a whole dotted line.
                assert min(shares) > 0.7, (form, field.name, box, shares)


@pytest.mark.parametrize("form", FORMS)
def test_nothing_is_printed_inside_a_character_cell(form: str) -> None:
    for page in load_place(form).pages:
        image = _render(form, page.number)
        for field in page.fields.values():
            for row in field.rows.values():
                for cell in row.cells():
                    inner = _inside(image, cell, 1.7 if field.kind == "decimal" else 0.6)
                    assert inner.min() > DARK, (form, field.name, cell)


@pytest.mark.parametrize("form", FORMS)
def test_free_lines_are_empty_and_high_enough_to_write_on(form: str) -> None:
    for page in load_place(form).pages:
        image = _render(form, page.number)
        for field in page.fields.values():
            for row in field.rows.values():
                if row.count == 0 and field.kind != "seal":
                    assert row.box.h >= 8
                    assert _inside(image, row.box, 0.6).min() > DARK, (form, field.name)


@pytest.mark.parametrize("form", FORMS)
def test_cells_are_at_least_6_by_7_mm(form: str) -> None:
    for field in _all_fields(load_place(form)):
        for row in field.rows.values():
            for cell in row.cells():
                assert cell.w >= 6 and cell.h >= 7, (form, field.name)


@pytest.mark.parametrize("form", FORMS)
def test_every_circled_word_is_printed_inside_its_option(form: str) -> None:
    for page in load_place(form).pages:
        image = _render(form, page.number)
        for field in page.fields.values():
            if field.style == "circle":
                for box in field.options.values():
                    assert _inside(image, box, 1.0).min() < DARK, (form, field.name)
                    for edge in _edges(box):
                        assert _ruling_share(image, *edge) < 0.2, (form, field.name, "a ruling in the way")


def test_corner_marks_are_solid_and_only_on_the_form_that_says_so() -> None:
    page = load_place("kouza_furikae").pages[0]
    image = _render("kouza_furikae", 1)
    half = page.mark_size / 2
    assert len(page.marks) == 4
    for x, y in page.marks:
        mark = Box(x - half, y - half, page.mark_size, page.mark_size)
        assert _inside(image, mark, 0.3).max() < DARK
        assert _inside(image, Box(mark.x - 1, mark.y - 1, 0.8, 7), 0).min() > DARK
    assert all(not page.marks for form in FORMS[1:] for page in load_place(form).pages)


def test_blank_has_the_page_size_of_its_template() -> None:
    for form in FORMS:
        document = pypdfium2.PdfDocument(BLANKS / f"{form}.pdf")
        sizes = [tuple(round(side / 72 * 25.4, 1) for side in page.get_size()) for page in document]
        document.close()
        assert sizes == [page.size for page in load_place(form).pages]


def _inside(image: np.ndarray, box: Box, margin: float) -> np.ndarray:
    x0, x1 = (box.x + margin) * PX_PER_MM, (box.right - margin) * PX_PER_MM
    y0, y1 = (box.y + margin) * PX_PER_MM, (box.bottom - margin) * PX_PER_MM
    return image[round(y0) : round(y1), round(x0) : round(x1)]


def _all_fields(place: FormPlace) -> list[FieldPlace]:
    return [field for page in place.pages for field in page.fields.values()]
