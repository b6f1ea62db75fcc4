"""How hands and eyes get hold of a page: where a target is, and in whose words it is told that it is not there.

Every wait is Playwright's own where the page has one frame; with several, all are looked through in turn. What
Playwright says when something goes wrong is turned into the errors of this house; its own texts may hold what was
typed and are never passed on.
"""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TypeVar
from urllib.parse import urlsplit

from playwright.sync_api import Error, Locator
from playwright.sync_api import TimeoutError as TookTooLong

from backoffice.messages import text
from robots.drivers.finding import choose_way, is_there, nearest_words, place_of
from robots.drivers.tab import Tab
from robots.errors import DialogUnexpected, NotFoundOnPage, PageUnfinished, StepFailed, TargetTrouble
from robots.targets import Spot

_SLICE = 0.5
"""A long wait looks up this often, in seconds: frames may have come, the target may have answered with trouble."""
_ASKING = 5.0
"""So long, in seconds, a busy PC may take to say why something that is there cannot be used."""
_LOOK_MS = 50
"""How often several frames are looked through."""
_BEGUN = re.compile(r"performing \w+ action|elementHandle\.press")
"""What Playwright's log says once the mouse or a key has really gone down."""
_WHY_UNUSABLE = """e => {
  if (e.disabled || e.closest("fieldset:disabled") || e.getAttribute("aria-disabled") === "true") return "disabled";
  if (e.readOnly) return "readonly";
  const box = e.getBoundingClientRect();
  const top = e.getRootNode().elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
  return top && !e.contains(top) && !top.contains(e) ? "covered" : "moving";
}"""

T = TypeVar("T")


class Grip:
    """Gets hold of targets.

    Args:
        tab: The browser.

    Attributes:
        guard: Called directly before every press, when the target is found.
    """

    def __init__(self, tab: Tab) -> None:
        self._tab = tab
        self.guard: Callable[[], None] = no_guard

    def locate(self, spot: Spot, timeout: float) -> Locator:
        """Wait until a target is shown in one of the frames, and return where to act.

        Raises:
            TimeoutError: Playwright's; it is not there in time.
        """
        end = time.monotonic() + timeout
        while True:
            try:
                place = self._look(spot, end)
            except TookTooLong:
                raise
            except Error:
                if not self._tab.windows.closed_by_itself():
                    raise
                place = None  # its window closed while we looked: look in the one that is left
            if place is not None:
                return place

    def press(self, act: Callable[[], None]) -> None:
        """Do something once that may close the window it is done in: closed in the middle of it, it has been done."""
        self.guard()
        try:
            act()
        except TookTooLong:
            raise
        except Error as error:
            if not (_BEGUN.search(error.message) and self._tab.windows.closed_by_itself()):
                raise

    def do(self, spot: Spot, timeout: float, act: Callable[[Locator, float], T]) -> T:
        """Do something that may be begun twice (fill, select, check) on a target, with one round trip when it is there.

        Args:
            spot: The target.
            timeout: For finding and doing together, in seconds.
            act: Gets the place and the milliseconds it may take.
        """
        end = time.monotonic() + timeout
        frames = self._tab.frames
        if len(frames) == 1 and not spot.alternatives:
            try:
                return act(place_of(frames[0], [spot]), min(_SLICE, timeout) * 1000)
            except TookTooLong:
                if timeout <= _SLICE:
                    raise
            except Error:
                if not self._tab.windows.closed_by_itself():
                    raise
        place = self.locate(spot, max(0.0, end - time.monotonic()))
        return act(place, max(0.05, end - time.monotonic()) * 1000)

    @contextmanager
    def told(self, what: Spot | str, *, gone: bool = False) -> Iterator[None]:
        """Turn Playwright's errors into ours; a dialog that nobody announced wins over all others.

        Args:
            what: What it is about.
            gone: It is waited for to go away.
        """
        try:
            yield
        except TookTooLong as error:
            self._tab.dialogs.announced.clear()
            self.hear(error)
            self._raise_trouble(error)
            raise self._why_not(what, gone) from error
        except Error as error:
            self._tab.dialogs.announced.clear()
            self.hear(error)
            self._raise_trouble(error)
            where = what.describe() if isinstance(what, Spot) else what
            if "strict mode violation" in error.message:
                raise StepFailed("robots.target_ambiguous", where=where) from error
            if "closed" in error.message or "crashed" in error.message:
                raise StepFailed("robots.browser_gone", where="browser") from error
            raise StepFailed("robots.step_not_possible", where=where, reason=_reason(error)) from error
        self.hear(None)

    def hear(self, cause: BaseException | None) -> None:
        """Tell a dialog that nobody announced, or that said something else than announced.

        Raises:
            DialogUnexpected: There was one since the last call.
        """
        unexpected, other = self._tab.dialogs.take()
        if unexpected is not None:
            raise DialogUnexpected(
                "robots.dialog_unexpected", where=unexpected.kind, said=unexpected.said
            ) from cause
        if other is not None:
            raise DialogUnexpected("robots.dialog_says_other", where=other.kind, said=other.said) from cause

    def await_dialog(self, timeout: float) -> None:
        """Wait until every announced dialog has come.

        Raises:
            NotFoundOnPage: One did not.
        """
        end = time.monotonic() + timeout
        while self._tab.dialogs.announced:
            if time.monotonic() > end:
                self._tab.dialogs.announced.clear()
                raise NotFoundOnPage("robots.dialog_missing", where="dialog")
            self._tab.page.wait_for_timeout(_LOOK_MS)

    def _look(self, spot: Spot, end: float) -> Locator | None:
        """Look once, or for a slice of time, through what is shown; None when the target is not there yet."""
        frames = self._tab.frames
        for frame in frames:
            if is_there(place_of(frame, [spot])):
                place, notices = choose_way(frame, spot)
                self._tab.notices.extend(notices)
                return place
        left = end - time.monotonic()
        if left <= 0 or self._stop_waiting():
            raise TookTooLong("locate")
        if len(frames) > 1:
            self._tab.page.wait_for_timeout(_LOOK_MS)
            return None
        with suppress(TookTooLong):
            place_of(frames[0], [spot]).first.wait_for(state="visible", timeout=min(_SLICE, left) * 1000)
        return None

    def _stop_waiting(self) -> bool:
        dialogs = self._tab.dialogs
        return self._tab.traffic.trouble is not None or bool(dialogs.unexpected or dialogs.other)

    def _raise_trouble(self, error: Error) -> None:
        status = self._tab.traffic.trouble
        if status is not None:
            host = urlsplit(self._tab.page.url).netloc
            raise TargetTrouble("robots.target_trouble", where=host, status=status) from error

    def _why_not(self, what: Spot | str, gone: bool) -> Exception:
        wanted = what.describe() if isinstance(what, Spot) else what
        if self._tab.traffic.page_awaited():
            self._tab.stop_loading()
            return PageUnfinished(
                "robots.page_unfinished", where=urlsplit(self._tab.page.url).netloc, wanted=wanted
            )
        if gone:
            return NotFoundOnPage("robots.still_on_page", wanted=wanted)
        reason = self._unusable(what) if isinstance(what, Spot) else ""
        if reason:
            told = text(f"robots.unusable_{reason}")
            return StepFailed("robots.not_usable", where=wanted, wanted=wanted, reason=told)
        hint = nearest_words(self._tab.frames, what) if isinstance(what, Spot) else ""
        return NotFoundOnPage("robots.not_found_on_page", wanted=wanted, hint=hint)

    def _unusable(self, spot: Spot) -> str:
        """Say why a target that is there could not be used; empty when it is not there."""
        try:
            for frame in self._tab.frames:
                place = place_of(frame, [spot])
                if place.count():
                    return str(place.first.evaluate(_WHY_UNUSABLE, timeout=_ASKING * 1000))
        except Error:
            return ""
        return ""


def no_guard() -> None:
    """Let every press through."""


def _reason(error: Error) -> str:
    """Return a short cause without what was typed: only known phrases of Playwright pass."""
    known = (
        "not an <input>",
        "not a <select>",
        "Cannot type text into input",
        "not a checkbox",
        "Malformed value",
        "Unknown key",
    )
    return next((phrase for phrase in known if phrase in error.message), "-")
