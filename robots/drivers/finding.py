"""Finding on a page what a step points at: spots become Playwright locators of our own selector engine.

The engine (page_finder.js) runs in the page, so that one round trip finds and acts, with Playwright's own waiting.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from playwright.sync_api import Error, Frame, Locator
from playwright.sync_api import TimeoutError as TookTooLong

from backoffice.messages import text
from backoffice.suggest import nearest
from robots.drivers.browser import Cover, Notice
from robots.targets import Spot

ENGINE = "hakadori"
"""Name of the selector engine."""

_WORDS = Path(__file__).with_name("page_words.js").read_text(encoding="utf-8")
_HARMLESS = ("field", "option", "button", "heading")
"""Kinds whose words may all be told when nothing is near; links and cells may be people's names."""
_WORDS_TOLD = 6
_PREFERENCE = 0.5
"""How long the first way to find a target is still waited for when another way already works, in seconds."""


def place_of(frame: Frame, spots: Iterable[Spot]) -> Locator:
    """Return the place in a frame that the first of these spots with a match means."""
    ways = [_spec(way) for spot in spots for way in spot.ways()]
    return frame.locator(f"{ENGINE}={_json({'any': ways})}")


def is_there(place: Locator) -> bool:
    """Say whether a place is on the page now; a page that is just changing has nothing."""
    try:
        return place.count() > 0
    except Error as error:
        if "closed" in error.message or "crashed" in error.message:
            raise
        return False


def choose_way(frame: Frame, spot: Spot) -> tuple[Locator, list[Notice]]:
    """Return where to act: the first way that works, with a notice when it is not the first one written.

    Args:
        frame: Where one of the ways has a match.
        spot: What to act on.
    """
    if not spot.alternatives:
        return place_of(frame, [spot]), []
    ways = [place_of(frame, [way]) for way in spot.ways()]
    if is_there(ways[0]):
        return ways[0], []
    try:
        ways[0].first.wait_for(state="visible", timeout=_PREFERENCE * 1000)
    except TookTooLong:
        at = next((at for at, way in enumerate(ways) if is_there(way)), 0)
        written = [way.describe() for way in spot.ways()]
        return ways[at], [Notice("robots.fallback_used", {"wanted": written[0], "used": written[at]})]
    return ways[0], []


def covered(frame: Frame, cover: Cover) -> Locator:
    """Return everything in a frame that a picture must not show."""
    return frame.locator(f"{ENGINE}={_json({'personal': _listed(cover)})}")


def boxes_of(frame: Frame, cover: Cover) -> dict[str, Any]:
    """Return where everything stands that a picture must not show, in pixels of the frame's window.

    Returns:
        "boxes" (left, top, right, bottom each), "scrolled" (x, y), and "tall": the page is higher than its window.
    """
    words = frame.locator(f"{ENGINE}={_json({'boxes': _listed(cover)})}").text_content()
    told: dict[str, Any] = json.loads(words or "{}")
    return told


def nearest_words(frames: Sequence[Frame], spot: Spot) -> str:
    """Return a sentence with the words on the page that are nearest to those that were not found; empty for none."""
    if spot.private:
        return ""
    found = [_words(frame, spot.kind) for frame in frames]
    told = list(dict.fromkeys(word for one in found for word in one["told"]))
    words = list(dict.fromkeys([*told, *(word for one in found for word in one["near"])]))
    longer = [word for word in words if spot.name in word]
    names = list(dict.fromkeys([*longer, *nearest(spot.name, words)]))[:4]
    if not names and spot.kind in _HARMLESS:
        names = told[:_WORDS_TOLD]
    return text("robots.page_has", words="".join(f"「{name}」" for name in names)) if names else ""


def _words(frame: Frame, kind: str) -> dict[str, list[str]]:
    try:
        words: dict[str, list[str]] = frame.evaluate(_WORDS, kind)
    except Error:
        return {"told": [], "near": []}  # the page is just changing: there is nothing to compare with
    return words


def _listed(cover: Cover) -> dict[str, list[str]]:
    return {"labels": sorted(cover.labels), "values": sorted(cover.values)}


def _spec(spot: Spot) -> dict[str, Any]:
    told = ("kind", "name", "field", "row", "nth", "value", "contains", "count")
    return {key: value for key in told if (value := getattr(spot, key)) not in (None, "")}


def _json(body: Mapping[str, Any]) -> str:
    return json.dumps(body, ensure_ascii=False).replace(">", "\\u003e")
