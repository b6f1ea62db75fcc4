"""Bad files through the real command line: each lands in failed/ with a reason a clerk understands, none is lost.

The command is the one an office types, the reader is the real one, the exit code is checked.
"""

import json
import os
import shutil
import struct
import subprocess
import sys
import zlib
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

ROOT = Path(__file__).parents[2]


def bomb() -> bytes:
    """Return a well-formed PNG of some hundred bytes that says it is 40,000 × 40,000 pixels."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", 40_000, 40_000, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b""))
        + chunk(b"IEND", b"")
    )


def locked() -> bytes:
    stream = BytesIO()
    page = Canvas(stream, encrypt=StandardEncryption("secret", canPrint=0))
    page.drawString(100, 100, "locked")
    page.save()
    return stream.getvalue()


def blank() -> bytes:
    stream = BytesIO()
    Image.new("L", (1654, 2339), 255).save(stream, "JPEG", dpi=(200, 200))
    return stream.getvalue()


def half() -> bytes:
    whole = (ROOT / "samples" / "scans" / "nouzei-003.tif").read_bytes()
    return whole[: len(whole) // 2]


BAD = {"letter.docx": b"PK\x03\x04 not a scan", "bomb.png": bomb(), "locked.pdf": locked(), "blank.jpg": blank(),
       "half.tif": half(), "text.pdf": b"%PDF-1.7 only says so\n%%EOF\n"}  # fmt: skip
TOLD = {
    "letter.docx": "letter.docx",
    "bomb.png": "1600 百万画素",
    "locked.pdf": "パスワード",
    "blank.jpg": "白紙",
    "half.tif": "half.tif",
    "text.pdf": "text.pdf",
}


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run the reading job once over all bad files and one good one; returns the working folder."""
    var = tmp_path_factory.mktemp("var")
    inbox = var / "inbox" / "nouzei"
    inbox.mkdir(parents=True)
    for name, content in BAD.items():
        (inbox / name).write_bytes(content)
    shutil.copy(ROOT / "samples" / "scans" / "nouzei-001.jpg", inbox / "good.jpg")
    quick = {"HAKADORI_INBOX__STABLE_SECONDS": "0.2", "HAKADORI_INBOX__GIVE_UP_HOURS": "0.0001"}
    command = [sys.executable, "-m", "console", "--var", str(var), "job", "run", "nouzei_yomitori", "--json"]
    done = subprocess.run(
        command, cwd=ROOT, env=os.environ | quick, capture_output=True, text=True, check=False, timeout=500
    )
    (var / "told.txt").write_text(done.stdout + done.stderr, encoding="utf-8")
    (var / "code.txt").write_text(str(done.returncode))
    return var


def test_the_command_says_that_some_files_failed(office: Path) -> None:
    assert (office / "code.txt").read_text() == "3", (office / "told.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", sorted(BAD))
def test_a_bad_file_lies_unchanged_beside_its_reason(office: Path, name: str) -> None:
    failed = office / "failed" / "nouzei"
    assert (failed / name).read_bytes() == BAD[name]
    reason = (failed / f"{name}.reason.txt").read_text(encoding="utf-8-sig")
    assert TOLD[name] in reason
    assert "理由:" in reason and "対処:" in reason


def test_the_good_file_among_them_is_read(office: Path) -> None:
    assert (office / "originals" / "nouzei" / "good.jpg").exists()
    assert list((office / "inbox").rglob("*.*")) == []
    assert not list((office / "work").rglob("*.*"))


def test_reading_from_the_command_line_tells_the_same_as_json(tmp_path: Path) -> None:
    (tmp_path / "bomb.png").write_bytes(bomb())
    command = [sys.executable, "-m", "console", "ocr", "read", str(tmp_path / "bomb.png"), "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=500)
    told = json.loads(done.stdout.splitlines()[0])
    assert (told["form"], done.returncode) == (None, 3)
    assert "1600 百万画素" in told["message"]
