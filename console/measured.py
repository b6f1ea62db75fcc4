"""What a measurement of reading found, as tables for people: figures, kinds, planted faults, what is taken for what."""

from collections.abc import Mapping
from typing import Any

from console.calling import put_table, told

MOST_CONFUSIONS = 12
"""Commonest mistakes shown; all of them are in the JSON."""


def put_measured(found: Mapping[str, Any]) -> None:
    """Print the result of `ocr eval`."""
    figures = {name: value for name, value in found.items() if not isinstance(value, list | dict)}
    put_table([told("figure"), told("value")], [[name, str(value)] for name, value in figures.items()])
    parts = {"by_kind": told("by_kind"), "by_form": told("by_form"), "by_fault": told("by_fault")}
    for part, head in parts.items():
        table = found.get(part)
        if table:
            names = list(next(iter(table.values())))
            rows = [[key, *(str(row[name]) for name in names)] for key, row in table.items()]
            put_table([head, *names], rows)
    mistakes = commonest(found.get("classes", {}))
    if mistakes:
        heads = [told("confused_truth"), told("confused_read"), told("confused_count")]
        put_table(heads, [[truth, read, str(count)] for truth, read, count in mistakes])


def commonest(classes: Mapping[str, Mapping[str, Any]]) -> list[tuple[str, str, int]]:
    """Return (truth, what it was taken for, how often) of the commonest mistakes, commonest first."""
    pairs = [(truth, read, n) for truth, row in classes.items() for read, n in row["read_as"].items()]
    return sorted(pairs, key=lambda pair: (-pair[2], pair[0], pair[1]))[:MOST_CONFUSIONS]
