"""Whole or half: told by the structure, for every kind of scan, cut at every place."""

import io
import struct

import pytest
from PIL import Image

from ocr.completeness import Completeness, look_into


def scan(kind: str, **more: object) -> bytes:
    image = Image.effect_noise((120, 90), 60)
    stream = io.BytesIO()
    pages = {"save_all": True, "append_images": [image]} if kind in ("tiff", "pdf") else {}
    image.save(stream, kind, **pages, **more)
    return stream.getvalue()


def preview() -> bytes:
    """Return a JPEG that holds a whole little JPEG, end mark and all, in its head, as cameras write it."""
    whole = scan("jpeg")
    inner = b"Exif\0\0" + scan("jpeg")[:5000] + b"\xff\xd9"
    return whole[:2] + b"\xff\xe1" + struct.pack(">H", len(inner) + 2) + inner + whole[2:]


def rewritten() -> bytes:
    """Return a PDF of two parts, each with its own end mark, as programs save a change."""
    first = scan("pdf")
    return first + b"\n7 0 obj\n" + b"x" * 9000 + b"\nendobj\nstartxref\n%d\n%%%%EOF\n" % (len(first) + 1)


def for_the_web() -> bytes:
    body = b"1 0 obj\n<< /Linearized 1 /L %010d /N 1 >>\nendobj\nstartxref\n0\n%%%%EOF\n" + b"x" * 9000
    tail = b"\nstartxref\n9\n%%EOF\n"
    return b"%PDF-1.7\n" + body % (9 + len(body % 0) + len(tail)) + tail


def fax() -> bytes:
    stream = io.BytesIO()
    Image.effect_noise((120, 90), 60).convert("1").save(stream, "tiff", compression="group4")
    return stream.getvalue()


KINDS = {
    "png": scan("png"), "jpeg": scan("jpeg"), "progressive": scan("jpeg", progressive=True), "tiff": scan("tiff"),
    "fax": fax(), "bigtiff": scan("tiff", big_tiff=True), "pdf": scan("pdf"), "preview": preview(),
    "bigtiff compressed": scan("tiff", big_tiff=True, compression="tiff_deflate"),
    "linearized": for_the_web(), "late header": b"\0SCAN\r\n" * 3 + scan("pdf"),
}  # fmt: skip


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_whole_file_is_whole_also_with_padding_behind(kind: str) -> None:
    assert look_into(io.BytesIO(KINDS[kind])) is Completeness.WHOLE
    if kind != "linearized":
        assert look_into(io.BytesIO(KINDS[kind] + bytes(200))) is Completeness.WHOLE


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_file_cut_anywhere_is_a_part(kind: str) -> None:
    whole = KINDS[kind]
    told = 30 if kind == "late header" else 0  # before that nobody can know what it is
    cuts = {*range(told, told + 20), *(len(whole) * share // 40 for share in range(1, 40)), len(whole) - 40}
    taken = {cut for cut in cuts if look_into(io.BytesIO(whole[:cut])) is not Completeness.PART}
    assert not taken, f"of {len(whole)} bytes"


def test_a_file_whose_room_is_reserved_but_not_written_is_a_part() -> None:
    for kind in ("pdf", "png", "fax", "jpeg", "bigtiff compressed"):
        whole = KINDS[kind]
        reserved = whole[: len(whole) // 2] + bytes(len(whole) - len(whole) // 2)
        assert look_into(io.BytesIO(reserved)) is Completeness.PART, kind
    assert look_into(io.BytesIO(bytes(5000))) is Completeness.PART


def test_a_changed_pdf_is_whole_at_its_last_end() -> None:
    assert look_into(io.BytesIO(rewritten())) is Completeness.WHOLE


def test_what_is_no_scan_is_unknown() -> None:
    assert look_into(io.BytesIO(b"PK\x03\x04 something else entirely")) is Completeness.UNKNOWN
