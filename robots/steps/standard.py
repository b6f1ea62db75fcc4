"""The actions that come with Hakadori, together."""

from functools import cache

from robots.registry import Registry
from robots.steps import (
    browser,
    browser_looking,
    browser_windows,
    cells,
    csv_files,
    desktop,
    files,
    flow,
    mail,
    python,
    rows,
    workbook,
)
from robots.steps.brought import brought_actions


@cache
def standard_registry() -> Registry:
    """Return the registry of all actions: those that come with Hakadori, and those that other packages bring."""
    on_page = (*browser.ACTIONS, *browser_looking.ACTIONS, *browser_windows.ACTIONS, *desktop.ACTIONS)
    tables = (*workbook.ACTIONS, *cells.ACTIONS, *rows.ACTIONS, *csv_files.ACTIONS)
    elsewhere = (*tables, *files.ACTIONS, *mail.ACTIONS, *python.ACTIONS, *flow.ACTIONS)
    brought = brought_actions((*on_page, *elsewhere))
    return Registry((*on_page, *brought.on_page), (*elsewhere, *brought.elsewhere))
