"""Tell a file that is still being written from one that is whole, by its structure alone.

A scan on a network share can keep its size for a while and still be half there. PDF, PNG, JPEG and TIFF all say in
their structure where they end; nothing is decoded here, and of a long file only its ends and its index are read.

Sources: ISO 32000-1 7.5 and annex F (PDF trailer, linearized length), RFC 2083 (PNG chunks), ITU-T T.81 B.1.1 (JPEG
segments), TIFF 6.0 section 2, BigTIFF (8-byte offsets, Adobe/AWare 2007).
"""

import re
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO

TAIL_BYTES = 4096
"""Scanners append padding and comments behind the end mark; this far back the mark is looked for."""
HEAD_BYTES = 1024
"""Some scanners write a few bytes before the PDF header; a linearized PDF tells its length within these."""
LEAST_BYTES = 8
"""No scan is shorter; a file of fewer bytes has not told its kind yet."""
MAX_TIFF_PAGES = 20_000
_TYPE_BYTES = {
    1: 1,
    2: 1,
    3: 2,
    4: 4,
    5: 8,
    6: 1,
    7: 1,
    8: 2,
    9: 4,
    10: 8,
    11: 4,
    12: 8,
    13: 4,
    16: 8,
    17: 8,
    18: 8,
}
_OFFSETS, _COUNTS, _TILE_OFFSETS, _TILE_COUNTS, _COMPRESSION = 273, 279, 324, 325, 259
_UNCOMPRESSED = 1
_KEPT_TAGS = (_OFFSETS, _COUNTS, _TILE_OFFSETS, _TILE_COUNTS, _COMPRESSION)
ZERO_BYTES = 64
"""Compressed pixels never end in so many zeros: the room of the file is reserved, its end is not written yet."""


class Completeness(StrEnum):
    """What the structure of a file says."""

    WHOLE = "whole"
    PART = "part"
    UNKNOWN = "unknown"


def look(path: Path) -> Completeness:
    """Say whether a file is whole.

    Returns:
        WHOLE or PART for PDF, PNG, JPEG and TIFF; PART for an empty file, for one too short to tell its kind and for
        one that begins with zeros (Windows reserves the whole length of a copy before it writes); UNKNOWN for
        everything else, whose reading will be refused with its own reason.

    Raises:
        OSError: The file cannot be opened.
    """
    with path.open("rb") as stream:
        return look_into(stream)


def look_into(stream: BinaryIO) -> Completeness:
    """Say whether an open file is whole; see `look`."""
    size = stream.seek(0, 2)
    stream.seek(0)
    head = stream.read(HEAD_BYTES)
    if size < LEAST_BYTES or not head[:8].strip(b"\x00"):
        return Completeness.PART
    check = _check_for(head)
    if check is None:
        return Completeness.UNKNOWN
    try:
        return Completeness.WHOLE if check(stream, size) else Completeness.PART
    except (struct.error, EOFError):
        return Completeness.PART


def _check_for(head: bytes) -> Callable[[BinaryIO, int], bool] | None:
    if head.startswith(b"\x89PNG"):
        return _png_ends
    if head.startswith(b"\xff\xd8\xff"):
        return _jpeg_ends
    if head[:4] in (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+"):
        return _tiff_is_whole
    return _pdf_ends if b"%PDF-" in head else None


def _tail(stream: BinaryIO, size: int, start: int = 0) -> bytes:
    stream.seek(max(start, size - TAIL_BYTES))
    return stream.read()


def _pdf_ends(stream: BinaryIO, size: int) -> bool:
    """A PDF ends with the place of its index and %%EOF; one made for the web also tells its length in front."""
    stream.seek(0)
    told = re.search(rb"/Linearized\b.{0,200}?/L\s+(\d+)", stream.read(HEAD_BYTES), re.DOTALL)
    if told and size < int(told.group(1)):
        return False
    places = re.findall(rb"startxref\s+(\d+)\s+%%EOF", _tail(stream, size))
    return bool(places) and int(places[-1]) < size


def _png_ends(stream: BinaryIO, size: int) -> bool:
    """Walk from chunk to chunk up to IEND; each tells its length."""
    place = 8
    while place + 12 <= size:
        stream.seek(place)
        length, kind = struct.unpack(">I4s", stream.read(8))
        place += 12 + int(length)
        if kind == b"IEND":
            return place <= size
    return False


def _jpeg_ends(stream: BinaryIO, size: int) -> bool:
    """Walk over the segments, which may hold a whole preview picture, to the scan; behind it stands the end mark."""
    place = 2
    while True:
        mark, kind = _unpack(stream, ">BB", place)
        if mark != 0xFF:
            return b"\xff\xd9" in _tail(stream, size)
        if kind == 0xFF:  # fill byte
            place += 1
            continue
        if kind == 0xDA:
            return b"\xff\xd9" in _tail(stream, size, place)
        (length,) = _unpack(stream, ">H", place + 2)
        place += 2 + length


@dataclass(frozen=True)
class _Tiff:
    """How numbers are written: byte order, and 4-byte or (BigTIFF) 8-byte places."""

    order: str
    big: bool

    @property
    def place(self) -> str:
        return self.order + ("Q" if self.big else "I")

    @property
    def count(self) -> str:
        return self.order + ("Q" if self.big else "H")

    @property
    def entry(self) -> str:
        return self.order + ("HHQQ" if self.big else "HHII")


def _tiff_is_whole(stream: BinaryIO, size: int) -> bool:
    stream.seek(0)
    head = stream.read(4)
    tiff = _Tiff("<" if head[:2] == b"II" else ">", 43 in head[2:])
    for entries in _tiff_pages(stream, tiff):
        for offsets_tag, counts_tag in ((_OFFSETS, _COUNTS), (_TILE_OFFSETS, _TILE_COUNTS)):
            offsets, counts = entries.get(offsets_tag, ()), entries.get(counts_tag, ())
            pieces = list(zip(offsets, counts, strict=False))
            if any(start + length > size for start, length in pieces):
                return False
            if entries.get(_COMPRESSION, (_UNCOMPRESSED,)) != (_UNCOMPRESSED,) and _unwritten(stream, pieces):
                return False
    return True


def _unwritten(stream: BinaryIO, pieces: list[tuple[int, int]]) -> bool:
    start, length = max(pieces, default=(0, 0))
    if length < ZERO_BYTES:
        return False
    stream.seek(start + length - ZERO_BYTES)
    return not stream.read(ZERO_BYTES).strip(b"\x00")


def _tiff_pages(stream: BinaryIO, tiff: _Tiff) -> Iterator[dict[int, tuple[int, ...]]]:
    """Yield the entries that tell where the pixels lie, page by page; every page must be reachable."""
    (place,) = _unpack(stream, tiff.place, 8 if tiff.big else 4)
    width, counted = struct.calcsize(tiff.entry), struct.calcsize(tiff.count)
    seen: set[int] = set()
    if not place:
        raise EOFError  # the first page is written last by many programs
    while place and place not in seen and len(seen) < MAX_TIFF_PAGES:
        seen.add(place)
        (number,) = _unpack(stream, tiff.count, place)
        if not number:
            raise EOFError  # room reserved, not written
        entries = {}
        for index in range(number):
            at = place + counted + width * index
            tag, kind, count, _ = _unpack(stream, tiff.entry, at)
            if tag in _KEPT_TAGS:
                entries[tag] = _tiff_numbers(stream, tiff, kind, count, at + width)
        yield entries
        (place,) = _unpack(stream, tiff.place, place + counted + width * number)


def _tiff_numbers(stream: BinaryIO, tiff: _Tiff, kind: int, count: int, end: int) -> tuple[int, ...]:
    """Return the numbers of an entry that ends at `end`: they stand in its last bytes, or where these point."""
    letter = {3: "H", 4: "I", 13: "I", 16: "Q", 18: "Q"}.get(kind, "I")
    room = struct.calcsize(tiff.place)
    place = end - room
    if count * _TYPE_BYTES.get(kind, 4) > room:
        (place,) = _unpack(stream, tiff.place, place)
    return _unpack(stream, f"{tiff.order}{min(count, 1_000_000)}{letter}", place)


def _unpack(stream: BinaryIO, layout: str, place: int) -> tuple[int, ...]:
    stream.seek(place)
    length = struct.calcsize(layout)
    raw = stream.read(length)
    if len(raw) < length:
        raise EOFError(layout)
    return struct.unpack(layout, raw)
