"""An installation with documents to review and a real `hakadori serve`, for the measurement of review speed.

Every document is a 市税等口座振替依頼書 of its own: the blank drawn at 300 dpi, its fields written into it, the page
kept as the reader keeps it (JPEG at 150 dpi, crops as PNG at 300 dpi) and entered through the document store.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
from PIL import Image, ImageDraw, ImageFont

from backoffice.document import Field, NewDocument
from console.wiring import Office, open_office
from ocr.blank import WORK_DPI
from ocr.fields import IMAGE_DPI
from ocr.intake import read_pages
from ocr.template import Form
from ocr.template_fields import AnyField

ROOT = Path(__file__).resolve().parents[1]
FORM, DEPARTMENT = "kouza_furikae", "nouzei"
BLANK = ROOT / "samples" / "forms" / "kouza_furikae.pdf"
PASSWORD = "measured-with-this"
PICTURE_QUALITY = 80
CROP_MARGIN = 12
"""Pixels at 300 dpi."""
END_SECONDS = 60
FONTS = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "C:/Windows/Fonts/YuGothR.ttc",
    "C:/Windows/Fonts/msgothic.ttc",
)
WRITTEN = {
    "届出日": "2026-04-01",
    "納税者氏名カナ": "ミホン　ハナコ",
    "納税者氏名": "見本　花子",
    "郵便番号": "1000001",
    "住所": "東京都千代田区千代田１番",
    "金融機関コード": "0001",
    "支店コード": "001",
    "預金種別": "普通",
    "口座名義カナ": "ミホン　ハナコ",
    "対象税目": "市県民税、軽自動車税",
    "振替方法": "期別",
    "届出印": "present",
}
DOUBTFUL = ("通知書番号", "納税者氏名カナ", "口座番号")
"""What a person has to look at in each document, in the order of the form; the first is typed with plain keys."""


@dataclass(frozen=True)
class Waiting:
    """A document that waits.

    Attributes:
        id: Its number.
        key: 通知書番号, the key of the record that it becomes.
        truth: Doubtful field → what stands on the paper.
    """

    id: int
    key: str
    truth: Mapping[str, str]


def truth_of(number: int) -> dict[str, str]:
    """Return what stands on the paper of a document; letters and digits differ from one to the next."""
    kana = "".join("アイウエオカキクケコサシスセソタ"[(number * 7 + place * 3) % 16] for place in range(6))
    own = {"通知書番号": f"{number:010d}", "電話番号": f"03{number * 7919 % 10**8:08d}"}
    return WRITTEN | own | {"口座番号": f"{number * 104729 % 10**7:07d}", "納税者氏名カナ": f"ミホン　{kana}"}


def open_measured(folder: Path) -> Office:
    """Make an installation with the shipped forms and no jobs in an empty folder."""
    configs = folder / "configs"
    shutil.copytree(ROOT / "configs" / "forms", configs / "forms")
    shutil.copytree(ROOT / "samples" / "forms", folder / "samples" / "forms")
    shutil.copy(ROOT / "configs" / "hakadori.yaml", configs)
    return open_office(configs, var=folder / "var")


def enter_documents(office: Office, first: int, count: int) -> list[Waiting]:
    """Write documents and enter them as waiting.

    Args:
        office: The installation.
        first: Number of the first.
        count: How many.
    """
    form = office.forms[FORM]
    paper = Image.fromarray(next(iter(read_pages(BLANK))).gray)
    return [_enter(office, form, paper, number) for number in range(first, first + count)]


def _enter(office: Office, form: Form, paper: Image.Image, number: int) -> Waiting:
    truth = truth_of(number)
    sheet, boxes = _written(paper, form, truth)
    folder = office.settings.folder("crops") / "measured" / str(number)
    folder.mkdir(parents=True)
    small = sheet.resize([round(side * IMAGE_DPI / WORK_DPI) for side in sheet.size])
    small.save(folder / "page-1.jpg", quality=PICTURE_QUALITY)
    home = office.settings.var
    fields = []
    for position, (page, declared) in enumerate(form.fields()):
        left, top, right, bottom = boxes[declared.name]
        crop = folder / f"field-{position}.png"
        margin = CROP_MARGIN
        sheet.crop((left - margin, top - margin, right + margin, bottom + margin)).save(crop)
        fields.append(_field(declared, page, truth, boxes[declared.name], crop.relative_to(home).as_posix()))
    picture = (folder / "page-1.jpg").relative_to(home).as_posix()
    file = office.documents.claim_file(
        DEPARTMENT, f"{number}.jpg", f"{number:064d}", 1, f"originals/{number}"
    )
    page_row = {"source_page": 1, "form_page": 1, "rotation": 0, "residual_mm": 0.1, "picture": picture}
    new = NewDocument(file.id, 0, DEPARTMENT, form.form, form.version, (page_row,), tuple(fields))
    document = office.documents.add_document(new)
    return Waiting(document, truth["通知書番号"], {name: truth[name] for name in DOUBTFUL})


def _written(
    paper: Image.Image, form: Form, truth: Mapping[str, str]
) -> tuple[Image.Image, dict[str, tuple[int, int, int, int]]]:
    """Return the filled page at 300 dpi, and each field's box on it: left, top, right, bottom."""
    sheet, scale, boxes = paper.convert("L"), WORK_DPI / 25.4, {}
    draw = ImageDraw.Draw(sheet)
    for _, declared in form.fields():
        parts = declared.boxes()
        left, top = min(x for x, _, _, _ in parts), min(y for _, y, _, _ in parts)
        right, bottom = max(x + w for x, _, w, _ in parts), max(y + h for _, y, _, h in parts)
        box = (round(left * scale), round(top * scale), round(right * scale), round(bottom * scale))
        boxes[declared.name] = box
        _write(draw, box, truth[declared.name], getattr(declared, "cells", None))
    return sheet, boxes


def _write(draw: ImageDraw.ImageDraw, box: tuple[int, int, int, int], words: str, cells: int | None) -> None:
    left, top, right, bottom = box
    font = _font(round((bottom - top) * 0.6))
    step = (right - left) / cells if cells else font.size
    for place, letter in enumerate(words):
        draw.text((left + (place + 0.25) * step, top + (bottom - top) * 0.1), letter, fill=40, font=font)


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    path = next((font for font in FONTS if Path(font).is_file()), None)
    return ImageFont.truetype(path, min(size, 64)) if path else ImageFont.load_default(min(size, 64))


def _field(
    declared: AnyField, page: int, truth: Mapping[str, str], box: tuple[int, int, int, int], crop: str
) -> Field:
    doubtful = declared.name in DOUBTFUL
    right = truth[declared.name]
    read = f"{right[:-1]}●" if doubtful else right
    left, top, edge, bottom = (round(side * IMAGE_DPI / WORK_DPI) for side in box)
    return Field(
        name=declared.name,
        kind=declared.kind,
        page=page,
        value=read,
        read_value=read,
        probability=0.61 if doubtful else 0.9995,
        accepted=not doubtful,
        reason="",
        candidates=((read, 0.61), (right, 0.3)) if doubtful else ((right, 0.9995),),
        crop=crop,
        box=(left, top, edge - left, bottom - top),
        personal=declared.personal,
    )


def add_verifiers(office: Office, names: Sequence[str]) -> None:
    """Enter people who may review."""
    for name in names:
        office.users.add(name, PASSWORD, roles=["verifier"], departments=[DEPARTMENT])


@dataclass(frozen=True)
class Served:
    """A running console.

    Attributes:
        url: Its address.
        process: Its process.
    """

    url: str
    process: psutil.Process

    def cpu_seconds(self) -> float:
        """Return the processor time that it has used so far."""
        used = self.process.cpu_times()
        return float(used.user + used.system)


@contextmanager
def served(office: Office) -> Iterator[Served]:
    """Run `hakadori serve` on a free port, with schedule and watched folders."""
    folders = ["--configs", str(office.configs), "--var", str(office.settings.var)]
    command = [sys.executable, "-m", "console", *folders, "serve", "--json"]
    environ = {**os.environ, "HAKADORI_WEB__PORT": "0"}
    with subprocess.Popen(command, cwd=ROOT, env=environ, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield Served(json.loads(process.stdout.readline())["url"], psutil.Process(process.pid))
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(END_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
