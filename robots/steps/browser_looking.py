"""Browser actions that look at the page: expecting, waiting, reading, keeping a picture."""

from typing import Literal

from robots.bench import Bench
from robots.drivers.browser import Expectation
from robots.errors import NotFoundOnPage, StepFailed
from robots.registry import Columns, Function, Name
from robots.steps.browser import SEPARATOR
from robots.targets import Spot


def expect(
    bench: Bench,
    target: Spot | None,
    value: str = "",
    contains: str = "",
    url: str = "",
    visible: bool = True,
    count: int | None = None,
) -> None:
    """Wait until the page shows something; go on only then.

    Args:
        target: What shall be on the page.
        value: The value that the input shall have, or the text that the place shall show.
        contains: A part of that value or text.
        url: Text that the address shall contain.
        visible: false: it shall not be on the page.
        count: How many of them there shall be.
    """
    if target is not None:
        target = target.limited(value=value or None, contains=contains or None, count=count)
    seen = bench.browser.wait_for(Expectation(target, visible, url), bench.refusals, bench.timeout)
    if seen is not None:
        raise bench.fail(seen)


def wait_until(
    bench: Bench,
    target: Spot | None,
    state: Literal["shown", "gone", "enabled", "disabled", "quiet"] = "shown",
) -> None:
    """Wait for the page without asking anything of it; most steps wait by themselves and need no such step.

    Args:
        target: What to wait for; left out, until the page loads nothing any more.
        state: shown, gone, enabled, disabled, or quiet (the page loads nothing any more).
    """
    if target is None or state == "quiet":
        bench.browser.wait_quiet(bench.timeout)
    else:
        bench.browser.wait_state(target, state, bench.timeout)


def read(bench: Bench, target: Spot, into: Name) -> None:
    """Read a value from the page and keep it with the item.

    Args:
        target: The place to read: of an input its value, of anything else its text.
        into: The name under which it is kept; later ${result.NAME}.
    """
    value = bench.browser.read(target, bench.timeout)
    if not value:
        raise NotFoundOnPage("robots.nothing_to_read", where=target.describe())
    bench.result[into] = value


def read_table(bench: Bench, target: Spot, columns: Columns) -> None:
    """Read columns of a table and keep each with the item, its rows joined by 、 (as `for_each` takes them).

    Args:
        target: The table, something in it, or the heading above it.
        columns: Name under which a column is kept, and its heading, such as 番号一覧: 受付番号.
    """
    table = bench.browser.read_table(target, bench.timeout)
    wanted = {name: heading.fill(bench.scope) for name, heading in columns.items()}
    head = next((at for at, row in enumerate(table) if set(wanted.values()) <= set(row)), None)
    if head is None:
        there = "".join(f"「{cell}」" for cell in (table[0] if table else []) if cell)
        raise NotFoundOnPage("robots.columns_missing", where=target.describe(), there=there or "-")
    for name, heading in wanted.items():
        bench.result[name] = SEPARATOR.join(_column(table[head + 1 :], table[head].index(heading), heading))


def screenshot(bench: Bench, name: Name) -> None:
    """Keep a picture of the page with the evidence; personal values are covered.

    Args:
        name: What the picture is called.
    """
    bench.evidence.picture(bench.browser, name, bench.cover)


def _column(rows: list[list[str]], at: int, heading: str) -> list[str]:
    cells = [" ".join(row[at].split()) for row in rows if len(row) > at]
    if any(SEPARATOR in cell for cell in cells):
        raise StepFailed("robots.column_has_separator", where=heading, separator=SEPARATOR)
    return cells


ACTIONS: tuple[Function, ...] = (expect, wait_until, read, read_table, screenshot)
"""The actions of this file."""
