"""What every command works with: the folders chosen on the command line, the office behind them, and how to answer."""

import json
import sys
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table

from backoffice.messages import current_language, text, use_language
from backoffice.settings import Settings, load_settings

if TYPE_CHECKING:
    from console.wiring import Office


@dataclass(frozen=True)
class Call:
    """One call of the command.

    Attributes:
        configs: Folder of the declarations.
        var: Working folder in place of the one in the settings, or None.
        language: Language asked for on the command line, or None.
    """

    configs: Path
    var: Path | None
    language: str | None

    @cached_property
    def settings(self) -> Settings:
        """The settings in force; they also choose the language when nobody else did."""
        settings = load_settings(self.configs, var=self.var)
        self._settle_language(settings)
        return settings

    @cached_property
    def office(self) -> "Office":
        """The installation, its database opened and up to date."""
        from backoffice.logs import set_up_logs
        from console.wiring import open_office

        office = open_office(self.configs, var=self.var)
        self._settle_language(office.settings)
        set_up_logs(office.settings.folder("logs"), days=office.settings.log_days)
        return office

    def _settle_language(self, settings: Settings) -> None:
        import os

        if self.language is None and "HAKADORI_LANGUAGE" not in os.environ:
            use_language(settings.language)


def call_of(context: typer.Context) -> Call:
    """Return the call that a command belongs to."""
    call = context.find_object(Call)
    if call is None:
        raise LookupError("a command was called without its application")
    return call


def told(key: str, /, **values: Any) -> str:
    """Return a text of this room."""
    return text(f"console.{key}", **values)


def put_json(value: Any) -> None:
    """Print one JSON value on one line, for programs."""
    print(json.dumps(value, ensure_ascii=False, default=str), flush=True)


def say(message: str) -> None:
    """Print a line for people."""
    print(message, flush=True)


FOLDED = 16
"""Columns beside figures are folded to this width, eight kanji, and no further."""


def put_table(
    headings: list[str], rows: list[list[str]], *, title: str = "", figures: Collection[int] = ()
) -> None:
    """Print a table for people; nothing but the title when it has no rows.

    Args:
        headings: Of the columns.
        rows: Their cells.
        title: Above the table.
        figures: Numbers of the columns, from 0, that hold figures: right-aligned and never cut, however narrow the
            window is; then the other columns are folded.
    """
    table = Table(title=title or None, title_justify="left")
    needed = 1
    for number, heading in enumerate(headings):
        figure = number in figures
        widest = max([cell_len(heading), *(cell_len(row[number]) for row in rows)])
        least = widest if figure else min(FOLDED, widest)
        needed += least + 3
        table.add_column(
            heading,
            justify="right" if figure else "left",
            no_wrap=figure,
            overflow="fold" if figures else "ellipsis",
            min_width=least if figures else None,
        )
    for row in rows:
        table.add_row(*row)
    console = Console()
    if figures and console.width < needed:
        console = Console(width=needed)  # a window that is too narrow breaks the lines, but no figure is cut
    console.print(table)


def progress_console() -> Console:
    """Return where progress is shown: standard error, and only when a person watches it."""
    return Console(stderr=True, quiet=not sys.stderr.isatty())


def language_now() -> str:
    """Return the language in force."""
    return current_language()
