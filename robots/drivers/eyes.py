"""What a robot sees of a page: reading, waiting, looking for signs, taking pictures with personal values covered."""

import time
from collections.abc import Callable, Sequence

from loguru import logger
from playwright.sync_api import Error, Frame, Locator, Page
from playwright.sync_api import TimeoutError as TookTooLong

from robots.drivers.browser import Cover, Expectation, Readiness
from robots.drivers.camera import Negative
from robots.drivers.finding import boxes_of, covered, is_there, place_of
from robots.drivers.grip import Grip
from robots.drivers.shot import QUALITY, Box, Shot
from robots.drivers.tab import Tab
from robots.errors import NotFoundOnPage, StepFailed
from robots.hiding import HIDDEN, hide
from robots.targets import Spot

_CHANGING = "Execution context was destroyed"
"""What Playwright says when the page went away while it was looked at."""
_SLICE = 0.5
"""A long wait looks up this often, in seconds, whether the target has answered with an error page."""
_LOOK_MS = 50
_CALM_LIMIT = 2.0
"""So long, in seconds, a page that keeps loading is waited for before something is read from it."""
_VALUE = "e => 'value' in e && !['LI', 'BUTTON'].includes(e.tagName) ? e.value : e.innerText"
_TABLE = """e => {
  const after = table => e.compareDocumentPosition(table) & Node.DOCUMENT_POSITION_FOLLOWING;
  const table = e.closest("table") || e.querySelector("table") ||
    [...e.getRootNode().querySelectorAll("table")].find(after);
  return table ? [...table.rows].map(row => [...row.cells].flatMap(
    cell => [cell.innerText.trim(), ...Array(Math.max(0, cell.colSpan - 1)).fill("")])) : null;
}"""
_STATE = """all => all.length !== 1 ? (all.length ? "several" : "gone") : all.some(e =>
  e.disabled || e.closest("fieldset:disabled") || e.getAttribute("aria-disabled") === "true") ? "disabled" : ""
"""
_CHOICES = "boxes => boxes.map(box => box.labels?.[0]?.textContent ?? box.nextSibling?.textContent ?? '')"


class Eyes:
    """Looks at the page.

    Args:
        tab: The browser.
        grip: Gets hold of targets.
    """

    def __init__(self, tab: Tab, grip: Grip) -> None:
        self._tab = tab
        self._grip = grip

    def find(self, spot: Spot, timeout: float) -> None:
        """Wait until the target is on the page, is the only one of its words, and can be used."""
        with self._grip.told(spot):
            end = time.monotonic() + timeout
            place = self._grip.locate(spot, timeout)
            while True:
                state = self._state(place)
                if state == "several":
                    raise StepFailed("robots.target_ambiguous", where=spot.describe())
                if not state:
                    return
                self._pause(end)
                if state == "gone":
                    place = self._grip.locate(spot, max(0.0, end - time.monotonic()))

    def read(self, spot: Spot, timeout: float) -> str:
        """Return the value of an input, or the text of anything else."""
        with self._grip.told(spot):
            self._calm(timeout)
            place = self._grip.locate(spot, timeout)
            return str(place.evaluate(_VALUE, timeout=timeout * 1000)).strip()

    def read_table(self, spot: Spot, timeout: float) -> list[list[str]]:
        """Return the texts of the cells of a table, row by row."""
        with self._grip.told(spot):
            self._calm(timeout)
            place = self._grip.locate(spot, timeout).first
            table: list[list[str]] | None = place.evaluate(_TABLE, timeout=timeout * 1000)
        if table is None:
            raise NotFoundOnPage("robots.no_table", where=spot.describe())
        return table

    def options(self, spot: Spot) -> list[str]:
        """Return the words of the choices that stand in a field now."""
        with self._grip.told(spot):
            frames = self._tab.frames
            places = [place_of(frame, [spot.option("")]) for frame in frames]
            found = next((place for place in places if is_there(place)), None)
            return [] if found is None else [str(label).strip() for label in found.evaluate_all(_CHOICES)]

    def wait_for(self, expected: Expectation, unless: tuple[Spot, ...], timeout: float) -> int | None:
        """Wait until the expectation holds or one of `unless` is seen; a sign wins over the expectation."""
        with self._grip.told(expected.spot or expected.url, gone=not expected.visible):
            end = time.monotonic() + timeout
            if expected.spot is not None and (not expected.visible or expected.spot.count is not None):
                self._calm(timeout)
            while True:
                try:
                    came = self._came(expected, unless, max(0.05, min(_SLICE, end - time.monotonic())))
                    sign = self._sign(unless)
                    if sign is not None or (came and self._holds(expected, bool(unless))):
                        return sign
                except Error as error:
                    if _CHANGING not in error.message and not self._tab.windows.closed_by_itself():
                        raise  # else the page changed or closed under our eyes: look again at what is there now
                self._grip.hear(None)
                if self._tab.traffic.trouble is not None or time.monotonic() >= end:
                    raise TookTooLong("expectation")

    def wait_state(self, spot: Spot, state: Readiness, timeout: float) -> None:
        """Wait until a target is shown, gone, enabled or disabled."""
        with self._grip.told(spot, gone=state == "gone"):
            end = time.monotonic() + timeout
            if state == "gone":
                self._until(lambda: not self._somewhere([spot]), end)
                return
            place = self._grip.locate(spot, timeout).first
            if state != "shown":
                self._until(lambda: place.is_enabled(timeout=_SLICE * 1000) == (state == "enabled"), end)

    def wait_quiet(self, timeout: float) -> None:
        """Wait until the page loads nothing any more."""
        with self._grip.told("wait_until"):
            if not self._tab.traffic.wait_quiet(self._tab.page, timeout):
                raise StepFailed("robots.never_quiet", where="wait_until")

    def seen(self, spots: tuple[Spot, ...]) -> int | None:
        """Return the index of the first of these spots that is on the page now, or None."""
        try:
            return self._sign(spots)
        except (Error, StepFailed):
            return None  # no page to look at: nothing is seen

    def texts(self, spot: Spot) -> list[str]:
        """Return the texts of everything on the page that the spot means now."""
        with self._grip.told(spot):
            found = [place_of(frame, [spot]).all_inner_texts() for frame in self._tab.frames]
            return [words.strip() for texts in found for words in texts]

    def page_text(self, cover: Cover) -> str:
        """Return all text of the window in use, frames included, without what a picture must not show."""
        with self._grip.told("page"):
            return "\n\n".join(filter(None, (_text_of(frame, cover) for frame in self._tab.page.frames)))

    def screenshot(self, cover: Cover) -> Shot | None:
        """Take a picture; personal values are painted over before it reaches the disk."""
        with self._grip.told("screenshot"):
            begun = self._begin(cover)
            return begun() if begun is not None else None

    def expose(self, cover: Cover, keep: Callable[[Shot], None]) -> bool:
        """Begin a picture and go on; it is kept before the page is touched again, or the log says why there is none."""
        try:
            begun = self._begin(cover)
        except (Error, StepFailed) as error:
            return _no_picture(error)
        if begun is None:
            return False

        def develop() -> None:
            try:
                keep(begun())
            except (Error, StepFailed) as error:
                _no_picture(error)

        self._tab.begun = develop
        return True

    def _begin(self, cover: Cover) -> Callable[[], Shot] | None:
        """Begin a picture; what must be covered is looked up before and after, should the page move meanwhile."""
        if self._tab.shows_secret():
            return None
        page = self._tab.page
        before, tall = self._boxes(page, cover)
        negative = self._whole_page(page, cover) if tall else self._tab.photograph(page)

        def finish() -> Shot:
            picture = negative()
            after, _ = self._boxes(page, cover)
            return Shot(picture, tuple(dict.fromkeys([*before, *after])))

        return finish

    def _whole_page(self, page: Page, cover: Cover) -> Negative:
        masks = [covered(frame, cover) for frame in page.frames]
        picture = page.screenshot(
            full_page=True, type="jpeg", quality=QUALITY, mask=masks, mask_color="#404040",
            animations="disabled",
        )  # fmt: skip
        return lambda: picture

    def _boxes(self, page: Page, cover: Cover) -> tuple[list[Box], bool]:
        """Return what must be painted over, in pixels of the picture, and whether the page is taller than shown."""
        seen = boxes_of(page.main_frame, cover)
        tall = bool(seen["tall"])
        x, y = seen["scrolled"] if tall else (0.0, 0.0)
        boxes = _moved(seen["boxes"], x, y)
        for frame in page.frames[1:]:
            outer = _place_in_page(frame)
            if outer is not None:
                inner = boxes_of(frame, cover)["boxes"]
                boxes += _moved(inner, outer[0] + x, outer[1] + y)
        return boxes, tall

    def _calm(self, timeout: float) -> None:
        """Let what is being loaded arrive before the page is read; a page that never rests is read all the same."""
        self._tab.traffic.settle(self._tab.page, min(timeout, _CALM_LIMIT))

    def _until(self, holds: Callable[[], bool], end: float) -> None:
        while not holds():
            self._pause(end)

    def _pause(self, end: float) -> None:
        """Wait a moment before the next look; past the end, or after a dialog that nobody announced, there is none."""
        self._grip.hear(None)
        if time.monotonic() >= end:
            raise TookTooLong("state")
        self._tab.page.wait_for_timeout(_LOOK_MS)

    def _state(self, place: Locator) -> str:
        """Return "several", "disabled", "gone" (also from a page that is just changing), or nothing: it can be used."""
        try:
            return str(place.evaluate_all(_STATE))
        except Error as error:
            lost = "closed" in error.message or "crashed" in error.message
            if lost and not self._tab.windows.closed_by_itself():
                raise
            return "gone"

    def _somewhere(self, spots: Sequence[Spot]) -> bool:
        return any(is_there(place_of(frame, spots)) for frame in self._tab.frames)

    def _sign(self, spots: tuple[Spot, ...]) -> int | None:
        if not spots or not self._somewhere(spots):
            return None
        return next((at for at, spot in enumerate(spots) if self._somewhere([spot])), None)

    def _came(self, expected: Expectation, unless: tuple[Spot, ...], seconds: float) -> bool:
        frames = self._tab.frames
        try:
            if expected.spot is None:
                self._tab.page.wait_for_url(
                    lambda url: expected.url in url, timeout=seconds * 1000, wait_until="commit"
                )
            elif len(frames) > 1:
                wanted = [expected.spot, *unless] if expected.visible else list(unless)
                there = self._somewhere(wanted)
                if not there and (expected.visible or self._somewhere([expected.spot])):
                    self._tab.page.wait_for_timeout(_LOOK_MS)
                    return False
            elif expected.visible:
                place = place_of(frames[0], [expected.spot, *unless]).first
                place.wait_for(state="visible", timeout=seconds * 1000)
            else:
                place_of(frames[0], [expected.spot]).first.wait_for(state="hidden", timeout=seconds * 1000)
        except TookTooLong:
            return False
        return True

    def _holds(self, expected: Expectation, ambiguous: bool) -> bool:
        """Check what one wait cannot: address and spot together, a spot that must be gone, what it was that came."""
        if expected.url and expected.url not in self._tab.page.url:
            self._tab.page.wait_for_timeout(_LOOK_MS)
            return False
        if expected.spot is None or (expected.visible and not expected.url and not ambiguous):
            return True
        return self._somewhere([expected.spot]) == expected.visible


def _no_picture(error: Exception) -> bool:
    """Tell the log, without what the browser says, which may hold what was typed; True, for nothing was withheld."""
    logger.warning("no picture: {}", type(error).__name__)
    return True


def _moved(boxes: Sequence[Sequence[float]], x: float, y: float) -> list[Box]:
    return [(left + x, top + y, right + x, bottom + y) for left, top, right, bottom in boxes]


def _place_in_page(frame: Frame) -> tuple[float, float] | None:
    """Return where a frame's content begins in the window, in pixels; None when it is not shown."""
    try:
        element = frame.frame_element()
        box = element.bounding_box()
        if box is None:
            return None
        border = element.evaluate("e => [e.clientLeft, e.clientTop]")
    except Error:
        return None  # the frame has gone meanwhile, and what it showed with it
    return box["x"] + border[0], box["y"] + border[1]


def _text_of(frame: Frame, cover: Cover) -> str:
    try:
        words = str(frame.evaluate("document.body ? document.body.innerText : ''")).strip()
        texts = {str(one).strip() for one in covered(frame, cover).evaluate_all(f"all => all.map({_VALUE})")}
    except Error:
        return ""  # the frame is just changing: it shows nothing
    exact = sorted((one for one in texts if len(one) > 1 and one in words), key=len, reverse=True)
    rest = texts.difference(exact)
    for one in exact:
        words = words.replace(one, HIDDEN)
    return hide(words, rest)
