"""`hakadori ocr …`: one JSON object a document, a reason for every file that cannot be read, measured truth."""

from __future__ import annotations

import csv
import json
import struct
import zlib
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw, ImageFont
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

from backoffice.messages import use_language
from console.cli import main

SAMPLES = Path("samples") / "scans"
FONT = "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"
KEYS = {"file", "form", "page", "rotation", "residual_mm", "fields", "accepted", "pages"}


@pytest.fixture(autouse=True)
def japanese() -> None:
    use_language("ja")


def call(tmp_path: Path, *words: str) -> int:
    return main(["--var", str(tmp_path / "var"), "ocr", *words, "--json"])


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def giant(path: Path) -> Path:
    """Write a PNG that says it is 40,000 × 40,000 pixels."""
    head = struct.pack(">IIBBBBB", 40_000, 40_000, 8, 0, 0, 0, 0)
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")
    )
    return path


def locked(path: Path) -> Path:
    """Write a PDF with a password."""
    canvas = Canvas(str(path), encrypt=StandardEncryption("user-password", "owner-password"))
    canvas.drawString(72, 720, "locked")
    canvas.save()
    return path


def test_one_object_is_printed_for_a_document(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(tmp_path, "read", str(SAMPLES / "nouzei-001.jpg"), "--form", "auto") == 0
    (found,) = lines(capsys)
    assert set(found) >= KEYS
    assert (found["form"], found["page"]) == ("kouza_furikae", 1)
    truth = json.loads((SAMPLES / "truth" / "nouzei-001.json").read_text(encoding="utf-8"))["documents"][0]
    assert set(found["fields"]) == set(truth["fields"])
    for name, field in found["fields"].items():
        assert set(field) == {"value", "probability", "accepted", "reason", "candidates"}, name


def test_every_bad_file_gets_its_reason_and_the_others_are_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = [
        giant(tmp_path / "giant.png"),
        locked(tmp_path / "locked.pdf"),
        tmp_path / "words.txt",
        tmp_path / "half.jpg",
    ]
    bad[2].write_text("not a picture", encoding="utf-8")
    bad[3].write_bytes((SAMPLES / "nouzei-001.jpg").read_bytes()[:4000])
    assert call(tmp_path, "read", *map(str, bad), str(SAMPLES / "nouzei-001.jpg")) == 3
    *refused, read = lines(capsys)
    assert [line["form"] for line in refused] == [None] * 4
    reasons = [line["reason"] for line in refused]
    assert len(set(reasons[:3])) == 3, reasons
    assert all("対処" in line["message"] or line["message"] for line in refused)
    assert read["form"] == "kouza_furikae"


def test_crops_are_measured(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with (tmp_path / "labels.csv").open("w", encoding="utf-8", newline="") as stream:
        table = csv.writer(stream)
        table.writerow(["file", "text"])
        for digit in "0123456789":
            image = Image.new("L", (64, 64), 255)
            ImageDraw.Draw(image).text((18, -2), digit, fill=20, font=ImageFont.truetype(FONT, 48))
            image.save(tmp_path / f"{digit}.png")
            table.writerow([f"{digit}.png", digit])
    words = ("eval", str(tmp_path / "labels.csv"), "--kind", "digits", "--cells", "1")
    assert call(tmp_path, *words) == 0
    (found,) = lines(capsys)
    assert set(found) >= {"n", "exact", "cer", "accepted", "wrong_accepted", "ms_per_field", "errors"}
    assert found["n"] == 10
    assert found["exact"] >= 0.9


def test_check_boxes_are_measured_and_the_risk_is_drawn(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = ["file,text"]
    for number, text in enumerate(["empty", "checked"] * 3):
        image = Image.new("L", (76, 76), 255)
        ImageDraw.Draw(image).rectangle((18, 18, 58, 58), outline=0, width=3)
        if text == "checked":
            ImageDraw.Draw(image).line((24, 34, 36, 50, 62, 10), fill=0, width=4)
        image.save(tmp_path / f"{number}.png")
        rows.append(f"{number}.png,{text}")
    labels, picture = tmp_path / "labels.csv", tmp_path / "risk.svg"
    labels.write_text("\n".join(rows), encoding="utf-8")
    assert call(tmp_path, "eval", str(labels), "--kind", "checkbox", "--svg", str(picture)) == 0
    (found,) = lines(capsys)
    assert (found["exact"], found["kind"], found["limit"]) == (1.0, "checkbox", 0.001)
    assert set(found) >= {"ece", "aurc", "risk_coverage", "classes"}
    assert found["classes"]["checked"] == {"n": 3, "right": 3, "read_as": {}, "accepted_wrong": 0}
    assert picture.read_text(encoding="utf-8").startswith("<svg")


def test_a_picture_that_cannot_be_written_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    image = Image.new("L", (40, 40), 255)
    image.save(tmp_path / "0.png")
    (tmp_path / "labels.csv").write_text("file,text\n0.png,blank\n", encoding="utf-8")
    nowhere = tmp_path / "missing" / "risk.svg"
    assert call(tmp_path, "eval", str(tmp_path / "labels.csv"), "--kind", "mark", "--svg", str(nowhere)) == 2
    assert lines(capsys)[0]["error"]["key"] == "console.svg_not_written"


@pytest.mark.parametrize(
    ("words", "key"),
    [
        ((), "console.eval_what"),
        (("labels.csv",), "console.eval_kind_missing"),
        (("labels.csv", "--kind", "digits", "--samples", "x"), "console.eval_what"),
        (("--samples", "nowhere"), "console.no_samples"),
    ],
)
def test_a_measurement_of_nothing_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], key: str
) -> None:
    assert call(tmp_path, "eval", *words) == 2
    assert lines(capsys)[0]["error"]["key"] == key
