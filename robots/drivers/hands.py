"""What a robot does on a page with its hands: typing, choosing, pressing, moving files in and out."""

import time
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Error
from playwright.sync_api import TimeoutError as TookTooLong

from backoffice.files import safe_name
from backoffice.suggest import did_you_mean
from robots.drivers.browser import Answer, Scroll
from robots.drivers.grip import Grip, no_guard
from robots.drivers.tab import Tab
from robots.errors import StepFailed
from robots.targets import Spot

_LOOK_MS = 50
_SCROLLING = """(e, to) => {
  const page = !e || e === document.body, box = page ? document.scrollingElement : e;
  const step = (page ? innerHeight : e.clientHeight) * 0.9;
  const top = { top: 0, bottom: box.scrollHeight, down: box.scrollTop + step, up: box.scrollTop - step }[to];
  box.scrollTo({ top, behavior: "instant" });
}"""


class Hands:
    """Acts on the page.

    Args:
        tab: The browser.
        grip: Gets hold of targets.
    """

    def __init__(self, tab: Tab, grip: Grip) -> None:
        self._tab = tab
        self._grip = grip

    def guard_press(self, check: Callable[[], None] | None) -> None:
        """Call a check directly before every press."""
        self._grip.guard = check or no_guard

    def fill(self, spot: Spot, value: str, timeout: float, *, secret: bool = False) -> None:
        """Replace the content of an input."""
        with self._grip.told(spot):
            if secret:
                place = self._grip.locate(spot, timeout)
                self._tab.remember_secret(place, value)
                place.fill(value, timeout=timeout * 1000)
            else:
                self._grip.do(spot, timeout, lambda place, ms: place.fill(value, timeout=ms))

    def type(self, spot: Spot | None, value: str, timeout: float, *, secret: bool = False) -> None:
        """Type key by key, behind what stands there."""
        with self._grip.told(spot or "type"):
            focused = self._tab.page.locator(":focus")
            place = focused if spot is None else self._grip.locate(spot, timeout)
            if secret:
                self._tab.remember_secret(place, value)
            if spot is None:
                self._tab.page.keyboard.type(value)
                return
            place.press("End", timeout=timeout * 1000)
            place.press_sequentially(value, timeout=timeout * 1000)

    def select(self, spot: Spot, option: str, timeout: float) -> None:
        """Choose an option of a list by its words."""
        with self._grip.told(spot):
            try:
                self._grip.do(spot, timeout, lambda place, ms: place.select_option(label=option, timeout=ms))
            except TookTooLong as error:
                self._tell_options(spot, option, error)
                raise

    def check(self, spot: Spot, checked: bool, timeout: float) -> None:
        """Make a check box or radio button be on or off."""
        with self._grip.told(spot):
            self._grip.do(spot, timeout, lambda place, ms: place.set_checked(checked, timeout=ms))

    def click(self, spot: Spot, timeout: float, *, wait: bool = True) -> None:
        """Press a button or follow a link, once."""
        with self._grip.told(spot):
            place = self._grip.locate(spot, timeout)
            self._tab.traffic.trouble = None
            self._grip.press(lambda: place.click(timeout=timeout * 1000, no_wait_after=not wait))
            self._grip.await_dialog(timeout)

    def double_click(self, spot: Spot, timeout: float) -> None:
        """Press twice, quickly."""
        with self._grip.told(spot):
            place = self._grip.locate(spot, timeout)
            self._tab.traffic.trouble = None
            self._grip.press(lambda: place.dblclick(timeout=timeout * 1000))
            self._grip.await_dialog(timeout)

    def hover(self, spot: Spot, timeout: float) -> None:
        """Move the pointer onto the target."""
        with self._grip.told(spot):
            self._grip.locate(spot, timeout).hover(timeout=timeout * 1000)

    def press(self, key: str, spot: Spot | None, timeout: float) -> None:
        """Press a key on a target, or wherever the focus is."""
        with self._grip.told(spot or key):
            if spot is None:
                self._grip.guard()
                self._tab.page.keyboard.press(key)
            else:
                place = self._grip.locate(spot, timeout)
                self._grip.press(lambda: place.press(key, timeout=timeout * 1000))
            self._grip.await_dialog(timeout)

    def scroll(self, spot: Spot | None, to: Scroll, timeout: float) -> None:
        """Scroll to a target, or within a target or the page."""
        with self._grip.told(spot or "scroll"):
            if spot is None:
                self._tab.page.evaluate(f"to => ({_SCROLLING})(null, to)", to)
                return
            place = self._grip.locate(spot, timeout)
            if to == "into_view":
                place.scroll_into_view_if_needed(timeout=timeout * 1000)
            else:
                place.evaluate(_SCROLLING, to, timeout=timeout * 1000)

    def upload(self, spot: Spot, file: Path, timeout: float) -> None:
        """Put a file into a file input, or into the file dialog that a button opens."""
        with self._grip.told(spot):
            place = self._grip.locate(spot, timeout)
            if place.evaluate("e => e.tagName === 'INPUT' && e.type === 'file'", timeout=timeout * 1000):
                place.set_input_files(file, timeout=timeout * 1000)
                return
            with self._tab.page.expect_file_chooser(timeout=timeout * 1000) as asked:
                place.click(timeout=timeout * 1000)
            asked.value.set_files(file, timeout=timeout * 1000)

    def download(self, spot: Spot, folder: Path, timeout: float) -> Path:
        """Press the target, wait until the download is complete, and return the file in the folder."""
        with self._grip.told(spot):
            place = self._grip.locate(spot, timeout)
            ended: list[str] = []
            wire = self._tab.wire()
            wire.send("Page.enable")
            wire.on("Page.downloadProgress", lambda news: _note_end(news, ended))
            try:
                with self._tab.page.expect_download(timeout=timeout * 1000) as started:
                    place.click(timeout=timeout * 1000, no_wait_after=True)
            except TookTooLong as error:
                self._grip.hear(error)
                raise StepFailed("robots.download_missing", where=spot.describe()) from error
            end = time.monotonic() + timeout
            while not ended and time.monotonic() < end:
                self._tab.page.wait_for_timeout(_LOOK_MS)
            download, late = started.value, not ended
            if late:
                download.cancel()
            failed = "timeout" if late else download.failure()
            if failed:
                raise StepFailed("robots.download_failed", where=spot.describe(), reason=_known(failed))
            file = _free_name(folder, safe_name(download.suggested_filename))
            try:
                download.save_as(file)
            except (OSError, Error) as error:
                raise StepFailed(
                    "robots.download_failed", where=spot.describe(), reason=type(error).__name__
                ) from error
            return file

    def answer_dialog(self, answer: Answer) -> None:
        """Say how the next dialog is to be answered."""
        self._tab.dialogs.announced.append(answer)

    def _tell_options(self, spot: Spot, option: str, error: Error) -> None:
        """Name the nearest options when it is the option that is missing, and not the list."""
        try:
            offered = self._grip.locate(spot, 0).locator("option").all_inner_texts()
        except TookTooLong:
            return
        words = [word.strip() for word in offered]
        if option.strip() not in words:
            hint = did_you_mean(option, words)
            raise StepFailed("robots.option_missing", where=spot.describe(), hint=hint) from error


def _note_end(news: dict[str, object], ended: list[str]) -> None:
    state = str(news.get("state"))
    if state != "inProgress":
        ended.append(state)


def _known(failure: str) -> str:
    """Return a cause without an address in it."""
    return failure if failure.isascii() and " " not in failure and "/" not in failure else "failed"


def _free_name(folder: Path, name: str) -> Path:
    """Return a file name in the folder that is not taken; the folder is made."""
    folder.mkdir(parents=True, exist_ok=True)
    file, number = folder / name, 1
    while file.exists():
        number += 1
        file = folder / f"{Path(name).stem}-{number}{Path(name).suffix}"
    return file
