"""Finding on a page what a step points at: spots become Playwright locators of our own selector engine.

The engine (page_finder.js) runs in the page, so that one round trip finds and acts, with Playwright's own waiting.
"""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from playwright.sync_api import Error, Locator, Page
from playwright.sync_api import TimeoutError as TookTooLong

from backoffice.messages import text
from backoffice.suggest import did_you_mean, nearest
from robots.drivers.browser import Cover, Notice
from robots.targets import Spot

ENGINE = "hakadori"
"""Name of the selector engine."""

_WORDS = Path(__file__).with_name("page_words.js").read_text(encoding="utf-8")
_HARMLESS = ("field", "option", "button", "heading")
"""Kinds whose words may all be told when nothing is near; links and cells may be people's names."""
_WORDS_TOLD = 12
_PREFERENCE = 0.5
"""How long the first way to find a target is still waited for when another way already works, in seconds."""


def place_of(page: Page, spots: Iterable[Spot]) -> Locator:
    """Return the place that the first of these spots with a match means."""
    ways = [_spec(way) for spot in spots for way in spot.ways()]
    return page.locator(f"{ENGINE}={_json({'any': ways})}")


def choose_way(page: Page, spot: Spot, timeout: float) -> tuple[Locator, list[Notice]]:
    """Return where to act: the first way that works, with a notice when it is not the first one written.

    Args:
        page: The page.
        spot: What to act on; with alternatives this waits until one of them is there.
        timeout: Longest wait in seconds.
    """
    if not spot.alternatives:
        return place_of(page, [spot]), []
    place_of(page, [spot]).first.wait_for(state="visible", timeout=timeout * 1000)
    ways = [place_of(page, [way]) for way in spot.ways()]
    if not ways[0].count():
        try:
            ways[0].first.wait_for(state="visible", timeout=_PREFERENCE * 1000)
        except TookTooLong:
            at = next((at for at, way in enumerate(ways) if way.count()), 0)
            written = [way.describe() for way in spot.ways()]
            values = {"wanted": written[0], "used": written[at]}
            return ways[at], [Notice("robots.fallback_used", values)]
    return ways[0], []


def covered(page: Page, cover: Cover) -> Locator:
    """Return everything on the page that a picture must not show."""
    body = {"personal": {"labels": sorted(cover.labels), "values": sorted(cover.values)}}
    return page.locator(f"{ENGINE}={_json(body)}")


def nearest_words(page: Page, spot: Spot) -> str:
    """Return the words on the page that are nearest to those that were not found."""
    if spot.private:
        return "-"
    try:
        words = page.evaluate(_WORDS, spot.kind)
    except Error:
        return "-"  # the page is just changing: there is nothing to compare with
    longer = [word for word in words if spot.name in word]
    names = list(dict.fromkeys([*longer, *nearest(spot.name, words)]))[:4]
    if names:
        return text("backoffice.did_you_mean", names=", ".join(names))
    return did_you_mean(spot.name, words[:_WORDS_TOLD]) if spot.kind in _HARMLESS else "-"


def _spec(spot: Spot) -> dict[str, Any]:
    told = ("kind", "name", "field", "row", "nth", "value", "count")
    return {key: value for key in told if (value := getattr(spot, key)) not in (None, "")}


def _json(body: Mapping[str, Any]) -> str:
    return json.dumps(body, ensure_ascii=False).replace(">", "\\u003e")
