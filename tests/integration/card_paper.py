"""A form that holds every kind of field: its template, its blank, and a filled sheet, all made by the test itself."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import zxingcpp
from PIL import Image, ImageDraw, ImageFont

from ocr.template import Form, load_form
from ocr.template_fields import BoxField, ChoiceField, MarkField
from ocr.template_times import DateField, TimeField
from samples.forms.geometry import Box
from samples.scans.compose.lines import write_glyph, write_line
from samples.scans.compose.marks import draw_ring, draw_tick
from samples.scans.compose.pen import draw_lines, write_character
from samples.scans.compose.sheet import PX, Sheet
from samples.scans.compose.writer import SEAL_FONT, Writer, invent_writer

TEMPLATE = """\
form: card
title: いろいろな欄のある届
version: {version}
process: card
key: [整理番号]
pages:
  - blank: {blank}
    size_mm: [148, 210]
    corner_marks: true
    marks_mm: [[10, 10], [138, 10], [10, 200], [138, 200]]
    fields:
      - {{name: 整理番号, kind: digits, box: [30, 18, 38, 7], cells: 5, pitch: 8}}
      - {{name: 郵便番号, kind: postal, box: [90, 18, 45, 7], cells: [3, 4], gap: 3}}
      - {{name: 銀行, kind: bank, box: [30, 29, 24, 7], cells: 4}}
      - {{name: 支店, kind: branch, box: [66, 29, 18, 7], cells: 3}}
      - {{name: よみ, kind: kana, box: [30, 40, 42, 7], cells: 6}}
      - {{name: 品名, kind: katakana, box: [90, 29, 42, 15], cells: 6, rows: 2, row_gap: 1}}
      - name: 開始
        kind: time
        half: {{style: circle, options: {{午前: [30, 51, 12, 7], 午後: [44, 51, 12, 7]}}}}
        hour: {{box: [62, 51, 12, 7]}}
        minute: {{box: [80, 51, 12, 7]}}
        required: false
      - name: 受付日
        kind: date
        era: 西暦
        year: {{box: [30, 62, 24, 7], cells: 4}}
        month: {{box: [60, 62, 12, 7]}}
        day: {{box: [78, 62, 12, 7]}}
        past: true
      - {{name: 申込額, kind: amount, box: [30, 73, 42, 7], cells: 7, yen: true, min: 100}}
      - {{name: 体温, kind: decimal, decimals: 1, box: [90, 73, 18, 7], cells: 3, min: 34, max: 42}}
      - {{name: 判定, kind: mark, box: [30, 84, 10, 8], marks: {{circle: 可, cross: 不可, triangle: 保留}}}}
      - {{name: 同意, kind: checkbox, box: [60, 85, 5, 5]}}
      - {{name: 券, kind: barcode, box: [100, 82, 28, 28], formats: [qr, ean13], required: false}}
      - {{name: 希望, kind: choice, style: tick, options: {{郵送: [30, 97, 5, 5], 窓口: [52, 97, 5, 5]}}}}
      - {{name: 備考, kind: text, box: [30, 106, 60, 9], required: false}}
      - name: 明細
        kind: table
        rows: 4
        pitch: 9
        min_rows: 1
        columns:
          - {{name: 数量, kind: amount, box: [30, 124, 12, 7], cells: 2, min: 1}}
          - {{name: 単価, kind: amount, box: [48, 124, 24, 7], cells: 4}}
          - {{name: 金額, kind: amount, box: [80, 124, 30, 7], cells: 5}}
      - {{name: 合計, kind: amount, box: [80, 164, 30, 7], cells: 5}}
{extra}rules:
  - {{product: [明細.数量, 明細.単価], equals: 明細.金額}}
  - {{sum: [明細.金額], equals: 合計}}
  - {{required: [備考], when: {{field: 判定, is: 保留}}}}
"""
LABELS = {"整理番号": "整理", "郵便番号": "〒"}


def make_form(folder: Path, name: str = "card", version: int = 1, extra: str = "") -> Form:
    """Write a template and draw its blank; returns the loaded form."""
    blank, path = folder / f"{name}.png", folder / f"{name}.yaml"
    template = TEMPLATE.format(blank=blank.name, version=version, extra=extra)
    path.write_text(template, encoding="utf-8")
    Image.new("L", (8, 8), 255).save(blank)
    form = load_form(path)
    draw_blank(form).save(blank, dpi=(300, 300))
    return form


def draw_blank(form: Form) -> Image.Image:
    """Draw boxes, cells, printed options, names and corner marks as a printer would."""
    page = form.pages[0]
    picture = Image.new("L", tuple(round(side * PX) for side in page.size_mm), 255)
    draw = ImageDraw.Draw(picture)
    font = ImageFont.truetype(str(SEAL_FONT), round(3.2 * PX))
    for x, y in page.marks_mm or ():
        draw.rectangle([_px(x - 2.5), _px(y - 2.5), _px(x + 2.5), _px(y + 2.5)], fill=0)
    draw.text((_px(30), _px(6)), f"{form.title} 第{form.version}版", font=font, fill=0)
    for field in page.fields:
        first = field.boxes()[0]
        if isinstance(field, BoxField) and field.cell_count:
            for x, y, w, h in cell_boxes(field):
                draw.rectangle([_px(x), _px(y), _px(x + w), _px(y + h)], outline=0, width=3)
        elif isinstance(field, DateField | TimeField):
            for row in field.parts().values():
                _frame(draw, row.box)
                draw.line([_px(row.box[0] + row.box[2] / 2), _px(row.box[1])] * 2, fill=0)
        elif isinstance(field, ChoiceField):
            for option, box in field.options.items():
                _frame(draw, box)
                draw.text((_px(box[0] + 6), _px(box[1] + 0.8)), option, font=font, fill=0)
        else:
            _frame(draw, first)
        if isinstance(field, TimeField) and field.half:
            for word, box in field.half.options.items():
                draw.text((_px(box[0] + 2.5), _px(box[1] + 2)), str(word), font=font, fill=0)
        if "." not in field.name or field.name.startswith("明細1"):
            word = LABELS.get(field.name, field.name.rpartition(".")[2])
            left = first[0] - 3.4 * len(word) if "." not in field.name else first[0]
            draw.text(
                (_px(max(16, left)), _px(first[1] + (1.8 if "." not in field.name else -4))),
                word,
                font=font,
                fill=0,
            )
    return picture


def plain_writer(seed: int = 3) -> Writer:
    """Return a careful hand: what is tested is the reading of kinds, not of bad handwriting."""
    return replace(
        invent_writer(seed), ink="black", pen_mm=0.5, size=0.68, aspect=0.95, slant=0.0, tilt_deg=0.0, wobble=0.5,
        careless=0.4, drift=(0.0, 0.0), link=0.0, pressure=0.2, font="klee", kana_in_lines=False, tick="check",
        variants={},
    )  # fmt: skip


def fill(form: Form, values: Mapping[str, str]) -> Sheet:
    """Write values on a fresh sheet; each value is what is written, cell by cell (a space leaves a cell empty)."""
    gray = np.asarray(Image.open(form.blank_path(1)).convert("RGB"), np.float32) / 255
    sheet = Sheet(gray.copy())
    writer, rng = plain_writer(), np.random.default_rng(5)
    for field in form.pages[0].fields:
        written = values.get(field.name, "")
        if not written:
            continue
        if isinstance(field, BoxField) and field.cell_count:
            write_cells(sheet, cell_boxes(field), written, writer)
        elif isinstance(field, DateField | TimeField):
            half, *parts = written.split("|") if "|" in written else ("", written)
            if half and isinstance(field, TimeField) and field.half:
                draw_ring(sheet, Box(*field.half.options[half]), writer, rng)  # type: ignore[index]
            for row, text in zip(field.parts().values(), parts[0].split("/"), strict=True):
                x, y, w, h = row.box
                boxes = [(x + w * i / row.cells, y, w / row.cells, h) for i in range(row.cells)]
                write_cells(sheet, boxes, text.rjust(row.cells), writer)
        elif isinstance(field, ChoiceField):
            for name in written.split("、"):
                draw_tick(sheet, Box(*field.options[name]), writer, rng)
        elif isinstance(field, MarkField):
            draw_mark(sheet, Box(*field.box), written, writer)
        elif field.kind == "checkbox":
            draw_tick(sheet, Box(*field.box), writer, rng)
        elif field.kind == "barcode":
            stick_code(sheet, field.box, written)
        else:
            write_line(sheet, written, Box(*field.box), writer, rng)
    return sheet


def scan(sheet: Sheet, path: Path) -> Path:
    """Save a sheet as a gray scan of 300 dpi, slightly turned and blurred."""
    gray = cv2.cvtColor(np.asarray(np.clip(sheet.pixels, 0, 1) * 255, np.uint8), cv2.COLOR_RGB2GRAY)
    height, width = gray.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), 0.6, 1.0)
    turned = cv2.warpAffine(gray, turn, (width, height), borderValue=(250,))
    Image.fromarray(cv2.GaussianBlur(turned, (0, 0), 0.7)).save(path, dpi=(300, 300))
    return path


def cell_boxes(field: BoxField) -> list[tuple[float, float, float, float]]:
    """Return the printed cells of a field in reading order, mm."""
    return [
        (x + left, y, right - left, h) for x, y, _, h in field.row_boxes() for left, right in field.spans()
    ]


def write_cells(
    sheet: Sheet, boxes: Sequence[tuple[float, float, float, float]], text: str, writer: Writer
) -> None:
    """Write one character into each cell, from the left; a space leaves a cell empty."""
    rng = np.random.default_rng(11)
    for (x, y, w, h), letter in zip(boxes, text, strict=False):
        if letter == " ":
            continue
        height, width = h * 0.68, min(h * 0.68 * (0.6 if letter.isascii() else 0.9), w * 0.8)
        box = Box(x + (w - width) / 2, y + (h - height) / 2, width, height)
        if letter in "¥金":
            write_glyph(sheet, letter, Box(x + w * 0.2, y + h * 0.2, w * 0.6, h * 0.6), writer, rng)
        else:
            write_character(sheet, letter, box, writer, rng)


def draw_mark(sheet: Sheet, box: Box, mark: str, writer: Writer) -> None:
    """Draw a circle, a cross or a triangle of 5 mm in the middle of a box."""
    rng = np.random.default_rng(2)
    x, y = box.centre
    angle = np.linspace(-1.6, 4.8, 60)
    lines = {
        "circle": [np.stack([x + 2.5 * np.cos(angle), y + 2.5 * np.sin(angle)], axis=1)],
        "cross": [_way((x - 2.3, y - 2.3), (x + 2.3, y + 2.3)), _way((x + 2.3, y - 2.3), (x - 2.3, y + 2.3))],
        "triangle": [_way((x, y - 2.5), (x - 2.6, y + 2), (x + 2.6, y + 2), (x, y - 2.5))],
        "check": [_way((x - 2.2, y), (x - 0.6, y + 2.2), (x + 2.8, y - 2.6))],
    }[mark]
    draw_lines(sheet, [line * PX for line in lines], writer.pen_mm / 2 * PX, writer, rng)


def stick_code(sheet: Sheet, box: tuple[float, float, float, float], text: str) -> None:
    """Stick a printed QR code into a box, or an EAN-13 for 13 digits."""
    bars = len(text) == 13 and text.isdigit()
    kind = zxingcpp.BarcodeFormat.EAN13 if bars else zxingcpp.BarcodeFormat.QRCode
    code = np.asarray(zxingcpp.create_barcode(text, kind).to_image(scale=4 if not bars else 3))
    width = round((box[2] - 6) * PX)
    sized = cv2.resize(
        code, (width, round(code.shape[0] * width / code.shape[1])), interpolation=cv2.INTER_AREA
    )
    sheet.ink(np.asarray(1 - sized / 255, np.float32), _px(box[0] + 3), _px(box[1] + 3), (0.0, 0.0, 0.0))


def _way(*corners: tuple[float, float]) -> np.ndarray:
    return np.concatenate([np.linspace(a, b, 20) for a, b in pairwise(corners)])


def _frame(draw: ImageDraw.ImageDraw, box: tuple[float, float, float, float]) -> None:
    x, y, w, h = box
    draw.rectangle([_px(x), _px(y), _px(x + w), _px(y + h)], outline=0, width=3)


def _px(mm: float) -> int:
    return round(mm * PX)
