"""CSV files: what other systems give and take, in the encoding they ask for."""

from collections.abc import Sequence

from robots.bench import Bench
from robots.registry import NO_NAME, Columns, Function, Name, lasting
from robots.steps.cells import NO_KINDS, Kinds
from robots.steps.workbook import rows_of_done
from robots.tables import csv_table, records
from robots.workbooks.csv_text import Delimiter, Encoding
from robots.workbooks.csv_text import read_csv as read_text
from robots.workbooks.csv_text import write_csv as write_text


def read_csv(
    bench: Bench,
    file: str,
    into: Name,
    encoding: Encoding = "utf-8",
    delimiter: Delimiter = ",",
    heading_row: int = 1,
    columns: Kinds = NO_KINDS,
) -> None:
    """Read a CSV file; a step with for_each_row goes through it.

    Args:
        file: The file.
        into: The name of the table.
        encoding: utf-8 (with or without a mark) or cp932.
        delimiter: Between the values.
        heading_row: The row of the headings.
        columns: Name of the value and its column; every column as text when left out.
    """
    held = read_text(bench.places.resolve(file), encoding, delimiter, heading_row)
    table = csv_table(held, heading_row)
    bench.tables[into] = tuple(records(table.rows(columns or table.all_columns())))


@lasting
def write_csv(
    bench: Bench,
    file: str,
    columns: Columns,
    encoding: Encoding = "utf-8-sig",
    rows: Name = NO_NAME,
    allow_gaiji: bool = False,
) -> None:
    """Write a CSV file of all items done so far, or of a table that was read; each time the whole file anew.

    Args:
        file: The file, such as outbox/一覧.csv.
        columns: Heading and value of each column; of a table's row write ${each.見出し}.
        encoding: utf-8-sig (Excel opens it), utf-8 or cp932. What does not fit is told with row and column.
        rows: The name of a table; the items done when left out.
        allow_gaiji: true: write the town's own characters (U+E000 to U+F8FF) where the encoding has room.
    """
    values: list[Sequence[str]] = [list(columns)]
    if rows:
        for row in bench.table(rows):
            scope = bench.scope.with_row(row)
            values.append([template.fill(scope) for template in columns.values()])
    else:
        values += rows_of_done(bench, columns)
    write_text(bench.places.resolve(file), values, encoding, allow_gaiji=allow_gaiji)


ACTIONS: tuple[Function, ...] = (read_csv, write_csv)
"""The actions of this file."""
