"""One scripted verifier in a real Chromium: real keys, and what the page itself measured of them.

What happens in the page is clocked in the page: an observer that is there before the page's own script notes the moment
the page is ready with the focus in a doubtful field, and for every key the time from the key event to what it brought.
"""

from __future__ import annotations

import difflib
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from playwright.sync_api import Page, sync_playwright

from benchmarks.review_office import DOUBTFUL, PASSWORD, Waiting

OBSERVER = """
(() => {
  const seen = (window.__seen = { ready: null, first: null, enters: [] });
  const look = () => {
    const held = document.activeElement?.closest("[data-field]");
    if (seen.ready === null && document.documentElement.dataset.ready && held) seen.ready = performance.now();
  };
  new MutationObserver(look).observe(document, { attributes: true, subtree: true, attributeFilter: ["data-ready"] });
  let pressed = null;
  addEventListener("keydown", (event) => {
    pressed = event.key === "Enter" && !event.ctrlKey ? event.timeStamp : null;
    if (seen.key === undefined) seen.key = event.timeStamp;
  }, true);
  addEventListener("input", () => {
    if (seen.first === null) seen.first = performance.now() - seen.key;
  });
  addEventListener("focusin", () => {
    if (pressed !== null) seen.enters.push(performance.now() - pressed);
    pressed = null;
  });
})();
"""


@dataclass
class Seen:
    """What one verifier measured; all times in milliseconds.

    Attributes:
        usable: Start of the navigation until a doubtful field has the focus and has taken a key.
        focus: Enter until the next focus.
        turns: Ctrl+Enter until the next document is usable, as the person feels it.
        lost: Characters that were typed and did not arrive in their field.
        typed: Characters typed.
        keys_per_second: How fast they were really typed.
    """

    usable: list[float] = field(default_factory=list)
    focus: list[float] = field(default_factory=list)
    turns: list[float] = field(default_factory=list)
    lost: int = 0
    typed: int = 0
    typing_seconds: float = 0.0


def review_all(url: str, name: str, documents: Sequence[Waiting], browser_path: str, rate: float) -> Seen:
    """Sign in and work through the documents with the keyboard alone.

    Args:
        url: The console.
        name: The verifier.
        documents: In the order in which the console gives them.
        browser_path: Executable of the browser.
        rate: Keys a second.
    """
    seen = Seen()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=["--no-sandbox"])
        context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="ja-JP")
        context.add_init_script(OBSERVER)
        page = context.new_page()
        page.set_default_timeout(60_000)
        _sign_in(page, url, name)
        page.goto(f"{url}/documents/{documents[0].id}")
        for place, document in enumerate(documents):
            page.wait_for_url(f"**/documents/{document.id}*")
            page.wait_for_selector("html[data-ready]")
            _review(page, document, seen, rate)
            pressed = time.time() * 1000
            page.keyboard.press("Control+Enter")
            if place + 1 < len(documents):
                page.wait_for_url(f"**/documents/{documents[place + 1].id}*")
                page.wait_for_selector("html[data-ready]")
                ready = page.evaluate("performance.timeOrigin + window.__seen.ready")
                seen.turns.append(ready - pressed)
        page.wait_for_url(f"{url}/documents")
        browser.close()
    return seen


def _sign_in(page: Page, url: str, name: str) -> None:
    page.goto(f"{url}/login")
    page.fill("[name=name]", name)
    page.fill("[name=password]", PASSWORD)
    page.click("button[type=submit]")
    page.wait_for_url(f"{url}/")


def _review(page: Page, document: Waiting, seen: Seen, rate: float) -> None:
    """Type every doubtful field as it stands on the paper; the focus comes to each by Enter."""
    for name in DOUBTFUL:
        words = document.truth[name]
        began = time.perf_counter()
        for place, letter in enumerate(words):
            time.sleep(max(0.0, began + place / rate - time.perf_counter()))
            page.keyboard.press(letter) if letter.isascii() else page.keyboard.insert_text(letter)
        seen.typing_seconds += time.perf_counter() - began + 1 / rate
        arrived = page.locator(f'[data-field="{name}"] [data-input]').input_value()
        seen.typed += len(words)
        seen.lost += lost_characters(words, arrived)
        page.keyboard.press("Enter")
    told = page.evaluate("window.__seen")
    seen.usable.append(told["ready"] + max(told["first"] or 0.0, 0.0))
    seen.focus.extend(told["enters"])


def lost_characters(typed: str, arrived: str) -> int:
    """Return how many typed characters are missing from what arrived, in their order."""
    matching = difflib.SequenceMatcher(None, typed, arrived, autojunk=False).get_matching_blocks()
    return len(typed) - sum(block.size for block in matching)
