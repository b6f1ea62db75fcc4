"""The actions that come with Hakadori, together."""

from functools import cache

from robots.registry import Registry
from robots.steps import browser, desktop, flow, workbook


@cache
def standard_registry() -> Registry:
    """Return the registry of all actions that come with Hakadori."""
    return Registry((*browser.ACTIONS, *desktop.ACTIONS), (*workbook.ACTIONS, *flow.ACTIONS))
