"""Tables: rows that are filled, rows that need not be, and rows that were left out in between."""

from collections.abc import Iterator, Mapping
from itertools import groupby

from ocr.reading import Finding
from ocr.template import Form, TableRow

NO_VALUE = ("", "empty")
"""How an empty field is kept: nothing, or "empty" for what is looked at."""


def is_filled(row: TableRow, values: Mapping[str, str]) -> bool:
    """Say whether anything stands in a row."""
    return any(values.get(name, "") not in NO_VALUE for name in row.fields.values())


def needless_fields(form: Form, values: Mapping[str, str]) -> frozenset[str]:
    """Return the fields of rows in which nothing stands: there is nothing to require in them."""
    empty = [row for row in form.table_rows() if not is_filled(row, values)]
    return frozenset(name for row in empty for name in row.fields.values())


def table_findings(form: Form, values: Mapping[str, str]) -> Iterator[Finding]:
    """Yield what is wrong with rows: one left out above a filled one, too few. Empty rows below are fine."""
    for _, group in groupby(form.table_rows(), key=lambda row: row.table.name):
        rows = list(group)
        last = max((row.number for row in rows if is_filled(row, values)), default=0)
        for row in rows:
            first = next(iter(row.fields.values()))
            if is_filled(row, values):
                continue
            if row.number < last:
                yield Finding(first, "ocr.row_left_out", {"row": row.number, "table": row.table.name})
            elif row.number <= row.table.min_rows:
                yield Finding(
                    first, "ocr.too_few_rows", {"least": row.table.min_rows, "table": row.table.name}
                )
