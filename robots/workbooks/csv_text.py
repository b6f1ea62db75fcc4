"""CSV files in the encodings that Japanese offices exchange: utf-8 with and without its mark, and cp932.

Nothing is replaced, in neither direction: bytes that are not in the encoding, and characters that it cannot hold, are
told with their row and column.
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Literal

from backoffice.files import write_atomically
from backoffice.japanese.encoding import EncodingFinding, Loss, check_table
from robots.workbooks.errors import TableFileWrong, ValueNotWritable, WorkbookInUse
from robots.workbooks.package import LARGEST_FILE_BYTES

Encoding = Literal["utf-8", "utf-8-sig", "cp932"]
Delimiter = Literal[",", ";", "\t"]
TOLD_AT_MOST = 5
"""So many characters that do not fit are named; of the others only the number."""


@dataclass(frozen=True)
class CsvText:
    """The values of a CSV file.

    Attributes:
        name: Of the file, for messages.
        rows: Its records, the headings first; empty lines are kept as empty records, so that numbers stay true.
    """

    name: str
    rows: Sequence[Sequence[str]]


def read_csv(
    path: Path, encoding: Encoding = "utf-8", delimiter: Delimiter = ",", heading_row: int = 1
) -> CsvText:
    """Read a CSV file.

    Args:
        path: The file.
        encoding: "utf-8" and "utf-8-sig" both read files with and without a mark (BOM).
        delimiter: Between the values.
        heading_row: From here on every record must have the same number of values; a title above it need not.

    Raises:
        TableFileWrong: It is missing, in another encoding, or no CSV; with the line.
    """
    content = _content(path)
    text = _decoded(content, path, "utf-8-sig" if encoding == "utf-8" else encoding)
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[list[str]] = []
    try:
        for row in reader:
            rows.append(row)
    except csv.Error as error:
        where = f"{path.name}:{reader.line_num}"
        raise TableFileWrong("workbooks.csv_broken", where=where, reason=str(error)) from error
    _refuse_ragged(path, rows, heading_row)
    return CsvText(path.name, rows)


def write_csv(
    path: Path, rows: Sequence[Sequence[str]], encoding: Encoding, *, allow_gaiji: bool = False
) -> None:
    """Write a CSV file with Windows line ends, whole or not at all.

    Args:
        path: The file.
        rows: Its records.
        encoding: "utf-8-sig" is what Excel opens without asking.
        allow_gaiji: Write characters of private use where the encoding has room for them.

    Raises:
        ValueNotWritable: A character would be lost or changed; nothing was written.
        WorkbookInUse: The file cannot be replaced.
    """
    plain = "utf-8" if encoding == "utf-8-sig" else encoding
    found = check_table(rows, encoding=plain)
    if allow_gaiji:
        found = tuple(one for one in found if one.loss is not Loss.GAIJI or not _holds(one.character, plain))
    if found:
        raise _lost(path, found, encoding)
    made = StringIO(newline="")
    csv.writer(made, lineterminator="\r\n").writerows(rows)
    try:
        write_atomically(path, made.getvalue().encode(encoding))
    except PermissionError as error:
        raise WorkbookInUse("workbooks.in_use", where=path.name, name=path.name) from error


def _content(path: Path) -> bytes:
    try:
        if path.stat().st_size > LARGEST_FILE_BYTES:
            limit = LARGEST_FILE_BYTES // 1024**2
            raise TableFileWrong("workbooks.too_large", where=path.name, limit=limit)
        return path.read_bytes()
    except FileNotFoundError as error:
        raise TableFileWrong("workbooks.missing", where=path.name, name=path.name) from error
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise TableFileWrong("workbooks.not_readable", where=path.name, reason=reason) from error


def _decoded(content: bytes, path: Path, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        other = "cp932" if encoding != "cp932" else "utf-8"
        fits = _decodes(content, other)
        key = "workbooks.csv_other_encoding" if fits else "workbooks.csv_encoding"
        where = f"{path.name}:{line}"
        raise TableFileWrong(key, where=where, encoding=encoding, other=other, line=line) from error


def _decodes(content: bytes, encoding: str) -> bool:
    try:
        content.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _refuse_ragged(path: Path, rows: Sequence[Sequence[str]], heading_row: int) -> None:
    table = rows[heading_row - 1 :]
    wide = len(table[0]) if table else 0
    for number, row in enumerate(table, start=heading_row):
        if row and len(row) != wide:
            raise TableFileWrong(
                "workbooks.csv_ragged", where=f"{path.name}:{number}", row=number, found=len(row), wanted=wide
            )


def _lost(path: Path, found: Sequence[EncodingFinding], encoding: str) -> ValueNotWritable:
    told = " / ".join(one.explain() for one in found[:TOLD_AT_MOST])
    return ValueNotWritable(
        "workbooks.csv_characters", where=path.name, encoding=encoding, count=len(found), told=told
    )


def _holds(character: str, encoding: str) -> bool:
    try:
        return character.encode(encoding).decode(encoding) == character
    except UnicodeError:
        return False
