"""Fills a blank page by hand: every field of the template gets its value written, ticked, ringed or sealed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from samples.forms.geometry import Box, CellRow, FieldPlace, PagePlace, load_place
from samples.scans.compose.lines import write_line
from samples.scans.compose.marks import draw_ring, draw_tick, press_clinic, press_received, press_seal, sign
from samples.scans.compose.pen import write_character
from samples.scans.compose.sheet import Sheet, blank_sheet
from samples.scans.compose.writer import Writer

ERAS = (("令和", 2019, "2019-05-01"), ("平成", 1989, "1989-01-08"), ("昭和", 1926, "1926-12-25"),
        ("大正", 1912, "1912-07-30"))  # fmt: skip
LINES = ("kanji", "address", "text")
RIGHT_ALIGNED = ("amount", "account")
STAMPS = {"idou_todoke": Box(240, 33, 45, 34), "kouza_furikae": Box(18, 207, 22, 15)}
CLINIC_BOX = Box(50, 223, 70, 12)
ILLNESSES = ("高血圧", "糖尿病", "ぜんそく", "かぜ", "腰痛")
VACCINES = ("肺炎球菌", "コロナ", "帯状疱疹")
ASIDES = {
    "質問3": (Box(42, 174.2, 42, 7), ILLNESSES),
    "質問4": (Box(42, 190.2, 42, 7), ILLNESSES),
    "質問9": (Box(52, 78.2, 40, 7), VACCINES),
}
"""What people add beside the answer はい: in no field, but there on real sheets."""
FOR_OFFICE = ("体温", "医師判定", "接種日", "ロット番号")


@dataclass(frozen=True)
class Hands:
    """Who writes on the sheet: the applicant, and the clerk or doctor who fills the office's fields."""

    applicant: Writer
    office: Writer


def compose_page(
    form: str, page: int, values: Mapping[str, str], hands: Hands, seed: int, *, received: str = ""
) -> Sheet:
    """Write ``values`` on page ``page`` (1-based) of a fresh blank.

    Args:
        form: Name of the template in ``configs/forms``.
        page: Page of the blank, from 1.
        values: Field name to value in the notation of the truth files; a missing or empty value stays blank.
            A ``choice`` with two names joined by "、" gets two marks (a planted mistake).
        hands: The writing styles.
        seed: Same seed, same page, to the pixel.
        received: Date on a 受付 stamp such as "8.10.21"; no stamp when empty.

    Returns:
        The sheet at 300 dpi, before scanning.
    """
    sheet = blank_sheet(form, page)
    place = load_place(form).pages[page - 1]
    for number, field in enumerate(place.fields.values()):
        rng = np.random.default_rng([seed, page, number])
        writer = hands.office if field.name in FOR_OFFICE else hands.applicant
        _fill(sheet, field, values, writer, rng)
    rng = np.random.default_rng([seed, page, 999])
    if received and form in STAMPS:
        press_received(sheet, STAMPS[form], ("はかどり市", received, "受 付"), rng)
    if form == "yobou_yoshin":
        _beside_the_fields(sheet, page, place, values, hands, rng)
    return sheet


def _beside_the_fields(
    sheet: Sheet,
    page: int,
    place: PagePlace,
    values: Mapping[str, str],
    hands: Hands,
    rng: np.random.Generator,
) -> None:
    """Add what is on real sheets and in no field: illnesses, vaccines, the clinic's stamp."""
    for name, (box, words) in ASIDES.items():
        if name in place.fields and values.get(name) == "はい":
            write_line(sheet, str(rng.choice(words)), box, hands.applicant, rng)
    if page == 2 and rng.random() < 0.7:
        press_clinic(sheet, CLINIC_BOX, rng)


def _fill(
    sheet: Sheet, field: FieldPlace, values: Mapping[str, str], writer: Writer, rng: np.random.Generator
) -> None:
    value = values.get(field.name, "")
    if not value or value == "empty":
        return
    if field.kind == "date":
        _fill_date(sheet, field, value, writer, rng)
    elif field.kind in ("choice", "choices"):
        _mark(sheet, field, value.split("、"), writer, rng)
    elif field.kind == "seal":
        press_seal(sheet, field.row.box, _any_name(values)[0], rng)
    elif field.kind == "signature":
        sign(sheet, field.row.box, "　".join(_any_name(values)), writer, rng)
    elif field.kind in LINES:
        write_line(sheet, value, field.row.box, writer, rng)
    else:
        letters = value.replace(".", "") if field.kind == "decimal" else value
        _fill_cells(sheet, field.row, letters, writer, rng, right=field.kind in RIGHT_ALIGNED)


def _any_name(values: Mapping[str, str]) -> list[str]:
    return (values.get("納税者氏名") or values.get("氏名") or "見本").split("　")


def _mark(
    sheet: Sheet, field: FieldPlace, names: list[str], writer: Writer, rng: np.random.Generator
) -> None:
    draw = draw_tick if field.style == "tick" else draw_ring
    for name in names:
        draw(sheet, field.options[name], writer, rng)


def _fill_date(sheet: Sheet, field: FieldPlace, value: str, writer: Writer, rng: np.random.Generator) -> None:
    era, first = next((name, year) for name, year, start in ERAS if value >= start)
    year, month, day = (int(part) for part in value.split("-"))
    if field.options:
        _mark(sheet, field, [era], writer, rng)
    for part, number in (("year", year - first + 1), ("month", month), ("day", day)):
        text = f"{number:02}" if writer.zero_fill else str(number)
        _fill_cells(sheet, field.rows[part], text, writer, rng, right=not writer.day_left)


def _fill_cells(
    sheet: Sheet, row: CellRow, text: str, writer: Writer, rng: np.random.Generator, *, right: bool
) -> None:
    cells = list(row.cells())
    if right:
        cells = cells[len(cells) - len(text) :]
    for cell, letter in zip(cells, text, strict=False):
        if letter not in " 　":
            write_character(sheet, letter, _in_cell(cell, letter, writer, rng), writer, rng)


def _in_cell(cell: Box, letter: str, writer: Writer, rng: np.random.Generator) -> Box:
    """Where in its cell a character lands: off the middle, now and then over the line."""
    size = writer.size * float(rng.normal(1, 0.06 * writer.careless))
    if rng.random() < 0.02 * writer.careless:
        size *= float(rng.uniform(1.15, 1.35))
    height = min(size, 1.15) * cell.h
    width = min(height * writer.aspect * (0.72 if letter.isascii() else 0.95), cell.w * 1.05)
    x = cell.centre[0] + cell.w * (writer.drift[0] + float(rng.normal(0, 0.055 * writer.careless)))
    y = cell.centre[1] + cell.h * (writer.drift[1] + float(rng.normal(0, 0.05 * writer.careless)))
    return Box(x - width / 2, y - height / 2, width, height)
