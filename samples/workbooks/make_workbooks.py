"""Make the sample workbook: everything that Excel can hold and that most programs lose when they save it.

    python -m samples.workbooks.make_workbooks            writes samples/workbooks/kouza_meibo.xlsx
    python -m samples.workbooks.make_workbooks --check    is the committed file what the program makes?

Furigana, a shape, a chart, a drop-down list whose choices stand on another sheet (x14), a pivot table, a formula with
its last result, a Japanese date format, and a template sheet with merged cells, a shape and a print area. The parts are
written by hand from the rules of ECMA-376, because no library writes them all. Everyone in it is made up.
"""

from __future__ import annotations

import argparse
import zipfile
from io import BytesIO
from pathlib import Path

from samples.workbooks.parts import drawing, pivot, sheets

FILE = Path("samples") / "workbooks" / "kouza_meibo.xlsx"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
CHANGED = (2026, 4, 1, 9, 0, 0)


def make(target: Path) -> None:
    """Write the workbook; the same program gives the same bytes."""
    target.write_bytes(content())


def content() -> bytes:
    """Return the bytes of the workbook."""
    made = BytesIO()
    with zipfile.ZipFile(made, "w") as package:
        for name, part in {**sheets.PARTS, **drawing.PARTS, **pivot.PARTS}.items():
            info = zipfile.ZipInfo(name, CHANGED)
            info.compress_type = zipfile.ZIP_DEFLATED
            package.writestr(info, (HEAD + "\n".join(line.strip() for line in part.splitlines())).encode())
    return made.getvalue()


def main() -> None:
    """Write the file, or compare it."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="compare only")
    if not parser.parse_args().check:
        make(FILE)
    elif FILE.read_bytes() != content():
        raise SystemExit(f"{FILE} is not what this program makes")


if __name__ == "__main__":
    main()
