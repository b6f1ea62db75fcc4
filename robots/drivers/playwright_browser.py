"""The real browser: Edge, Chrome or Chromium of this machine, driven through Playwright.

Every wait is Playwright's own: an element is acted on as soon as it is visible, stable and enabled. What Playwright
says when something goes wrong is turned into the errors of this house; its own texts may hold what was typed and
are never passed on.
"""

import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Error, Locator, Page
from playwright.sync_api import TimeoutError as TookTooLong

from backoffice.settings import Settings
from backoffice.suggest import did_you_mean
from robots.drivers.browser import Cover, Expectation, Notice
from robots.drivers.finding import choose_way, covered, nearest_words, place_of
from robots.drivers.tab import Tab
from robots.errors import NotFoundOnPage, StepFailed, TargetTrouble, TargetUnreachable
from robots.targets import Spot

_CHANGING = "Execution context was destroyed"
"""What Playwright says when the page went away while it was looked at."""
_SLICE = 0.5
"""A long wait looks up this often, in seconds, whether the target has answered with an error page."""


class PlaywrightBrowser:
    """Drives the browser that the settings name or that is found on the machine.

    Args:
        settings: Browser settings and the target systems; other hosts are out of its reach.
        environ: Environment; the process's own by default.
    """

    def __init__(self, settings: Settings, environ: Mapping[str, str] | None = None) -> None:
        self._tab = Tab(settings, environ)

    def start(self) -> None:
        """Start the browser with an empty profile.

        Raises:
            BrowserMissing: There is none, or it does not start.
        """
        self._tab.start()

    def renew(self) -> None:
        """Throw the session away and begin with an empty one."""
        self._tab.renew()

    def close(self) -> None:
        """End the browser; harmless when it is not running."""
        self._tab.close()

    def open(self, url: str, timeout: float) -> None:
        """Go to an address and wait until the page is there."""
        host = urlsplit(url).netloc
        self._tab.trouble = None
        try:
            answer = self._page.goto(url, timeout=timeout * 1000, wait_until="domcontentloaded")
        except Error as error:
            reason = "timeout" if isinstance(error, TookTooLong) else _net_error(error)
            raise TargetUnreachable(
                "robots.target_unreachable", where=host, host=host, reason=reason
            ) from error
        if answer is not None and answer.status >= 400:
            raise TargetTrouble("robots.target_trouble", where=host, status=answer.status)

    def go_back(self, timeout: float) -> None:
        """Go back one page."""
        with self._told("go_back"):
            self._page.go_back(timeout=timeout * 1000, wait_until="domcontentloaded")

    def fill(self, spot: Spot, value: str, timeout: float, *, secret: bool = False) -> None:
        """Replace the content of an input."""
        with self._told(spot):
            place = self._locate(spot, timeout)
            if secret:
                self._tab.remember_secret(place, value)
            place.fill(value, timeout=timeout * 1000)

    def select(self, spot: Spot, option: str, timeout: float) -> None:
        """Choose an option of a list by its words."""
        with self._told(spot):
            place = self._locate(spot, timeout)
            try:
                place.select_option(label=option, timeout=timeout * 1000)
            except TookTooLong as error:
                if not place.count():
                    raise
                offered = [word.strip() for word in place.locator("option").all_inner_texts()]
                raise StepFailed(
                    "robots.option_missing", where=spot.describe(), hint=did_you_mean(option, offered)
                ) from error

    def check(self, spot: Spot, checked: bool, timeout: float) -> None:
        """Make a check box or radio button be on or off."""
        with self._told(spot):
            self._locate(spot, timeout).set_checked(checked, timeout=timeout * 1000)

    def options(self, spot: Spot) -> list[str]:
        """Return the words of the choices that stand in a field now."""
        with self._told(spot):
            labels = self._locator([spot.option("")]).evaluate_all(
                "boxes => boxes.map(box => box.labels?.[0]?.textContent ?? box.nextSibling?.textContent ?? '')"
            )
            return [str(label).strip() for label in labels]

    def click(self, spot: Spot, timeout: float, *, wait: bool = True) -> None:
        """Press a button or follow a link, once."""
        with self._told(spot):
            place = self._locate(spot, timeout)
            self._tab.trouble = None
            place.click(timeout=timeout * 1000, no_wait_after=not wait)

    def press(self, key: str, spot: Spot | None, timeout: float) -> None:
        """Press a key on a target, or wherever the focus is."""
        with self._told(spot or key):
            if spot is None:
                self._page.keyboard.press(key)
            else:
                self._locate(spot, timeout).press(key, timeout=timeout * 1000)

    def find(self, spot: Spot, timeout: float) -> None:
        """Wait until the target is on the page."""
        with self._told(spot):
            place = self._locate(spot, timeout)
            place.wait_for(state="visible", timeout=timeout * 1000)

    def read(self, spot: Spot, timeout: float) -> str:
        """Return the value of an input, or the text of anything else."""
        with self._told(spot):
            place = self._locate(spot, timeout)
            script = (
                "e => 'value' in e && e.tagName !== 'LI' && e.tagName !== 'BUTTON' ? e.value : e.innerText"
            )
            return str(place.evaluate(script, timeout=timeout * 1000)).strip()

    def wait_for(self, expected: Expectation, unless: tuple[Spot, ...], timeout: float) -> int | None:
        """Wait until the expectation holds or one of `unless` is seen; a sign wins over the expectation."""
        with self._told(expected.spot or expected.url):
            deadline = time.monotonic() + timeout
            while True:
                came = self._came(expected, unless, min(_SLICE, timeout))
                try:
                    sign = self._sign(unless)
                    if sign is not None or (came and self._holds(expected, bool(unless))):
                        return sign
                except Error as error:
                    if _CHANGING not in error.message:
                        raise  # else the page changed under our eyes: look again at the new one
                if self._tab.trouble is not None or time.monotonic() >= deadline:
                    raise TookTooLong("expectation")

    def seen(self, spots: tuple[Spot, ...]) -> int | None:
        """Return the index of the first of these spots that is on the page now, or None."""
        try:
            return self._sign(spots)
        except (Error, StepFailed):
            return None  # no page to look at: nothing is seen

    def texts(self, spot: Spot) -> list[str]:
        """Return the texts of everything on the page that the spot means now."""
        with self._told(spot):
            return [words.strip() for words in self._locator([spot]).all_inner_texts()]

    def screenshot(self, file: Path, cover: Cover) -> bool:
        """Take a picture with personal values covered; False when a secret is on the screen."""
        with self._told("screenshot"):
            if self._tab.shows_secret():
                return False
            mask = [covered(self._page, cover)]
            self._page.screenshot(
                path=file, full_page=True, mask=mask, mask_color="#404040", animations="disabled"
            )
            return True

    def take_notices(self) -> list[Notice]:
        """Return and forget what happened since the last call."""
        notices, self._tab.notices = self._tab.notices, []
        return notices

    @property
    def _page(self) -> Page:
        return self._tab.page

    def _locator(self, spots: Iterable[Spot]) -> Locator:
        return place_of(self._page, spots)

    def _locate(self, spot: Spot, timeout: float) -> Locator:
        place, notices = choose_way(self._page, spot, timeout)
        self._tab.notices.extend(notices)
        return place

    def _sign(self, spots: tuple[Spot, ...]) -> int | None:
        if not spots or not self._locator(spots).count():
            return None
        return next((at for at, spot in enumerate(spots) if self._locator([spot]).count()), None)

    def _came(self, expected: Expectation, unless: tuple[Spot, ...], seconds: float) -> bool:
        try:
            if expected.spot is not None and expected.visible:
                self._locator([expected.spot, *unless]).first.wait_for(
                    state="visible", timeout=seconds * 1000
                )
            elif expected.spot is not None:
                self._locator([expected.spot]).first.wait_for(state="hidden", timeout=seconds * 1000)
            else:
                self._page.wait_for_url(
                    lambda url: expected.url in url, timeout=seconds * 1000, wait_until="commit"
                )
        except TookTooLong:
            return False
        return True

    def _holds(self, expected: Expectation, ambiguous: bool) -> bool:
        """Check what one wait cannot: address and spot together, a spot that must be gone, what it was that came."""
        if expected.url and expected.url not in self._page.url:
            self._page.wait_for_timeout(50)
            return False
        if expected.spot is None or (expected.visible and not expected.url and not ambiguous):
            return True
        return bool(self._locator([expected.spot]).count()) == expected.visible

    @contextmanager
    def _told(self, what: Spot | str) -> Iterator[None]:
        """Turn Playwright's errors into ours."""
        where = what.describe() if isinstance(what, Spot) else what
        try:
            yield
        except TookTooLong as error:
            self._raise_trouble(error)
            raise NotFoundOnPage(
                "robots.not_found_on_page", where=where, wanted=where, hint=self._nearest(what)
            ) from error
        except Error as error:
            self._raise_trouble(error)
            if "strict mode violation" in error.message:
                raise StepFailed("robots.target_ambiguous", where=where) from error
            if "closed" in error.message or "crashed" in error.message:
                raise StepFailed("robots.browser_gone", where="browser") from error
            raise StepFailed("robots.step_not_possible", where=where, reason=_reason(error)) from error

    def _raise_trouble(self, error: Error) -> None:
        if self._tab.trouble is not None:
            host = urlsplit(self._page.url).netloc
            raise TargetTrouble("robots.target_trouble", where=host, status=self._tab.trouble) from error

    def _nearest(self, what: Spot | str) -> str:
        return nearest_words(self._page, what) if isinstance(what, Spot) else "-"


def _net_error(error: Error) -> str:
    words = error.message.split()
    return next((word for word in words if word.startswith("net::")), "net").removeprefix("net::")


def _reason(error: Error) -> str:
    """Return a short cause without what was typed: only known phrases of Playwright pass."""
    known = (
        "not an <input>",
        "not a <select>",
        "Cannot type text into input",
        "not a checkbox",
        "Malformed value",
    )
    return next((phrase for phrase in known if phrase in error.message), "-")
