"""Tell a file that is still being written from one that is whole, by its structure alone.

A scan on a network share can keep its size for a while and still be half there. PDF, PNG, JPEG and TIFF all say in
their structure where they end; nothing is decoded here.

Sources: ISO 32000-1 7.5 (PDF trailer), RFC 2083 (PNG IEND), ITU-T T.81 B.1.1.3 (JPEG EOI), TIFF 6.0 section 2.
"""

import struct
from collections.abc import Callable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO

TAIL_BYTES = 4096
"""Scanners append padding and comments behind the end mark; this far back the mark is looked for."""
MAX_TIFF_PAGES = 20_000
_TYPE_BYTES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8}
_OFFSETS, _COUNTS, _TILE_OFFSETS, _TILE_COUNTS = 273, 279, 324, 325


class Completeness(StrEnum):
    """What the structure of a file says."""

    WHOLE = "whole"
    PART = "part"
    UNKNOWN = "unknown"


def look(path: Path) -> Completeness:
    """Say whether a file is whole.

    Returns:
        WHOLE or PART for PDF, PNG, JPEG and TIFF; PART for an empty file and for one that begins with zeros (Windows
        reserves the whole length of a copy before it writes); UNKNOWN for everything else, whose
        reading will be refused with its own reason.

    Raises:
        OSError: The file cannot be opened.
    """
    size = path.stat().st_size
    with path.open("rb") as stream:
        head = stream.read(8)
        if not head.strip(b"\x00"):
            return Completeness.PART
        check = _check_for(head)
        if check is None:
            return Completeness.UNKNOWN
        try:
            return Completeness.WHOLE if check(stream, size) else Completeness.PART
        except (struct.error, EOFError):
            return Completeness.PART


def _check_for(head: bytes) -> Callable[[BinaryIO, int], bool] | None:
    if head.startswith(b"%PDF"):
        return _pdf_ends
    if head.startswith(b"\x89PNG"):
        return _png_ends
    if head.startswith(b"\xff\xd8\xff"):
        return _jpeg_ends
    if head[:4] in (b"II*\x00", b"MM\x00*"):
        return _tiff_is_whole
    return None


def _tail(stream: BinaryIO, size: int) -> bytes:
    stream.seek(max(0, size - TAIL_BYTES))
    return stream.read()


def _pdf_ends(stream: BinaryIO, size: int) -> bool:
    return b"%%EOF" in _tail(stream, size)


def _png_ends(stream: BinaryIO, size: int) -> bool:
    return b"IEND" in _tail(stream, size)


def _jpeg_ends(stream: BinaryIO, size: int) -> bool:
    return b"\xff\xd9" in _tail(stream, size)


def _tiff_is_whole(stream: BinaryIO, size: int) -> bool:
    stream.seek(0)
    order = "<" if stream.read(2) == b"II" else ">"
    for entries in _tiff_pages(stream, order):
        for offsets_tag, counts_tag in ((_OFFSETS, _COUNTS), (_TILE_OFFSETS, _TILE_COUNTS)):
            offsets, counts = entries.get(offsets_tag, ()), entries.get(counts_tag, ())
            if any(start + length > size for start, length in zip(offsets, counts, strict=False)):
                return False
    return True


def _tiff_pages(stream: BinaryIO, order: str) -> Iterator[dict[int, tuple[int, ...]]]:
    """Yield the entries that hold offsets and byte counts, page by page."""
    (place,) = _unpack(stream, order + "I", 4)
    seen: set[int] = set()
    while place and place not in seen and len(seen) < MAX_TIFF_PAGES:
        seen.add(place)
        (number,) = _unpack(stream, order + "H", place)
        entries = {}
        for index in range(number):
            tag, kind, count, _ = _unpack(stream, order + "HHII", place + 2 + 12 * index)
            if tag in (_OFFSETS, _COUNTS, _TILE_OFFSETS, _TILE_COUNTS):
                entries[tag] = _tiff_numbers(stream, order, kind, count, place + 2 + 12 * index + 8)
        yield entries
        (place,) = _unpack(stream, order + "I", place + 2 + 12 * number)


def _tiff_numbers(stream: BinaryIO, order: str, kind: int, count: int, place: int) -> tuple[int, ...]:
    letter = {3: "H", 4: "I"}.get(kind, "I")
    if count * _TYPE_BYTES.get(kind, 4) > 4:
        (place,) = _unpack(stream, order + "I", place)
    return _unpack(stream, f"{order}{min(count, 1_000_000)}{letter}", place)


def _unpack(stream: BinaryIO, layout: str, place: int) -> tuple[int, ...]:
    stream.seek(place)
    length = struct.calcsize(layout)
    raw = stream.read(length)
    if len(raw) < length:
        raise EOFError(layout)
    return struct.unpack(layout, raw)
