"""A survey file as a grid of texts with true row numbers: CSV in UTF-8 (BOM or not) or cp932, or an Excel sheet.

The encoding is found, not guessed: bytes that are UTF-8 are UTF-8 (cp932 text practically never is), everything else
must be cp932 from end to end. Nothing is replaced.
"""

import csv
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO, StringIO
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from backoffice.errors import Problem
from backoffice.suggest import did_you_mean
from scheduler.workload.survey import SurveyWrong

LARGEST_BYTES = 50 * 1024**2
LARGEST_UNPACKED = 500 * 1024**2
"""So much a workbook may hold unpacked: a packed file of kilobytes could otherwise fill the memory."""
MOST_CELLS = 5_000_000
"""Of a sheet, empty ones included: one stray cell at the far end makes it billions."""
_EXCEL = {".xlsx", ".xlsm"}


@dataclass(frozen=True)
class Grid:
    """The cells of a survey file.

    Attributes:
        file: Its name.
        sha256: Of its bytes.
        encoding: "utf-8", "utf-8-sig", "cp932" or "xlsx".
        rows: Its rows from the first on; the n-th (from 1) is row n as Excel counts them. Empty cells are "".
    """

    file: str
    sha256: str
    encoding: str
    rows: Sequence[Sequence[str]]


def read_grid(path: Path, sheet: str | None = None) -> Grid:
    """Read a survey file.

    Args:
        path: A .csv, .txt, .xlsx or .xlsm file.
        sheet: Of a workbook; the first one by default.

    Raises:
        SurveyWrong: It is missing, too large, of another kind, in an unknown encoding, or broken.
    """
    content = _content(path)
    digest = sha256(content).hexdigest()
    if path.suffix.lower() in _EXCEL:
        return Grid(path.name, digest, "xlsx", _excel(content, path.name, sheet))
    if path.suffix.lower() not in (".csv", ".txt"):
        raise SurveyWrong.single("workload.file_kind", path.name, name=path.name)
    text, encoding = _decoded(content, path.name)
    return Grid(path.name, digest, encoding, _csv(text, path.name))


def _content(path: Path) -> bytes:
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise SurveyWrong.single("workload.file_large", path.name, limit=LARGEST_BYTES // 1024**2)
        return path.read_bytes()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise SurveyWrong.single(
            "workload.file_unreadable", path.name, name=path.name, reason=reason
        ) from error


def _decoded(content: bytes, name: str) -> tuple[str, str]:
    candidates = ["utf-8-sig"] if content.startswith(b"\xef\xbb\xbf") else ["utf-8", "cp932"]
    line = 0
    for encoding in candidates:
        try:
            return content.decode(encoding), encoding
        except UnicodeDecodeError as error:
            line = max(line, content.count(b"\n", 0, error.start) + 1)
    raise SurveyWrong.single("workload.encoding_unknown", f"{name}:{line}", line=line)


def _csv(text: str, name: str) -> list[list[str]]:
    first = text.partition("\n")[0]
    delimiter = "\t" if "\t" in first and "," not in first else ","
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[list[str]] = []
    try:
        for row in reader:
            rows.append([cell.strip() for cell in row])
    except csv.Error as error:
        where = f"{name}:{reader.line_num}"
        raise SurveyWrong.single("workload.csv_broken", where, reason=str(error)) from error
    return rows


def _excel(content: bytes, name: str, sheet: str | None) -> list[list[str]]:
    try:
        with ZipFile(BytesIO(content)) as packed:
            if sum(part.file_size for part in packed.infolist()) > LARGEST_UNPACKED:
                raise SurveyWrong.single("workload.file_large", name, limit=LARGEST_UNPACKED // 1024**2)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # openpyxl tells what it does not keep; we only read
            values = load_workbook(BytesIO(content), data_only=True)
            formulas = load_workbook(BytesIO(content))
    except (BadZipFile, InvalidFileException, KeyError, OSError, ValueError) as error:
        raise SurveyWrong.single("workload.excel_broken", name, name=name) from error
    chosen = sheet if sheet is not None else values.sheetnames[0]
    if chosen not in values.sheetnames:
        hint = did_you_mean(chosen, values.sheetnames)
        raise SurveyWrong([Problem(name, "workload.sheet_missing", {"sheet": chosen, "hint": hint})])
    if values[chosen].max_row * values[chosen].max_column > MOST_CELLS:
        raise SurveyWrong.single("workload.sheet_large", name, sheet=chosen, most=f"{MOST_CELLS:,}")
    asked = zip(values[chosen].iter_rows(), formulas[chosen].iter_rows(), strict=True)
    return [[_shown(a.value, b.value) for a, b in zip(row, told, strict=True)] for row, told in asked]


def _shown(value: object, formula: object) -> str:
    """Return a cell as text; a formula that no program has calculated yet stays visible as a formula."""
    if value is None:
        return str(formula) if isinstance(formula, str) and formula.startswith("=") else ""
    return str(value).strip()
