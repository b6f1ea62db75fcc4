"""The real browser: Edge, Chrome or Chromium of this machine, driven through Playwright.

Every wait is Playwright's own: an element is acted on as soon as it is visible, stable and enabled. What Playwright
says when something goes wrong is turned into the errors of this house; its own texts may hold what was typed and
are never passed on.
"""

import json
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser as Program
from playwright.sync_api import (
    BrowserContext,
    Dialog,
    Error,
    Locator,
    Page,
    Playwright,
    Request,
    Response,
    sync_playwright,
)
from playwright.sync_api import TimeoutError as TookTooLong

from backoffice.messages import text
from backoffice.settings import Settings
from backoffice.suggest import did_you_mean, nearest
from robots.drivers.browser import Cover, Expectation, Notice
from robots.drivers.chromium import executable_of, hosts_of, switches
from robots.errors import BrowserMissing, NotFoundOnPage, StepFailed, TargetTrouble, TargetUnreachable
from robots.targets import Spot

ENGINE = "hakadori"
_FINDER = Path(__file__).with_name("page_finder.js")
_WORDS = Path(__file__).with_name("page_words.js")
_HARMLESS = ("field", "option", "button", "heading")
"""Kinds whose words may all be told when nothing is near; links and cells may be people's names."""
_WORDS_TOLD = 12
_SLICE = 0.5
"""A long wait looks up this often, in seconds, whether the target has answered with an error page."""
_PREFERENCE = 0.5
"""How long the first way to find a target is still waited for when another way already works, in seconds."""


class PlaywrightBrowser:
    """Drives the browser that the settings name or that is found on the machine.

    Args:
        settings: Browser settings and the target systems; other hosts are out of its reach.
        environ: Environment; the process's own by default.
    """

    def __init__(self, settings: Settings, environ: Mapping[str, str] | None = None) -> None:
        self._settings = settings.browser
        self._hosts = hosts_of(settings.targets)
        self._environ = os.environ if environ is None else environ
        self._playwright: Playwright | None = None
        self._program: Program | None = None
        self._context: BrowserContext | None = None
        self._open_page: Page | None = None
        self._notices: list[Notice] = []
        self._trouble: int | None = None
        self._secrets: list[tuple[Locator, str]] = []

    def start(self) -> None:
        """Start the browser with an empty profile.

        Raises:
            BrowserMissing: There is none, or it does not start.
        """
        program = executable_of(self._settings, self._environ)
        self._playwright = sync_playwright().start()
        self._playwright.selectors.register(ENGINE, _FINDER.read_text(encoding="utf-8"), content_script=True)
        try:
            self._program = self._playwright.chromium.launch(
                executable_path=program,
                channel=None if program else self._settings.channel,
                headless=self._settings.headless,
                args=switches(self._hosts),
            )
        except Error as error:
            self.close()
            name = str(program or self._settings.channel)
            raise BrowserMissing("robots.browser_does_not_start", where="browser", path=name) from error
        self.renew()

    def renew(self) -> None:
        """Throw the session away and begin with an empty one."""
        if self._program is None:
            self.start()
            return
        if not self._program.is_connected():
            self.close()
            self.start()
            return
        if self._context is not None:
            self._context.close()
        self._secrets.clear()
        self._trouble = None
        self._context = self._program.new_context(
            locale="ja-JP", timezone_id="Asia/Tokyo", service_workers="block"
        )
        page = self._context.new_page()
        page.on("response", self._on_response)
        page.on("requestfailed", self._on_blocked)
        page.on("dialog", self._on_dialog)
        self._open_page = page

    def close(self) -> None:
        """End the browser; harmless when it is not running."""
        self._open_page, self._context = None, None
        if self._program is not None and self._program.is_connected():
            self._program.close()
        self._program = None
        if self._playwright is not None:
            self._playwright.stop()
        self._playwright = None

    def open(self, url: str, timeout: float) -> None:
        """Go to an address and wait until the page is there."""
        host = urlsplit(url).netloc
        self._trouble = None
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
                self._secrets.append((place, value))
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
            self._trouble = None
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
                sign = self.seen(unless)
                if sign is not None or (came and self._holds(expected)):
                    return sign
                if self._trouble is not None or time.monotonic() >= deadline:
                    raise TookTooLong("expectation")

    def seen(self, spots: tuple[Spot, ...]) -> int | None:
        """Return the index of the first of these spots that is on the page now, or None."""
        try:
            if not spots or not self._locator(spots).count():
                return None
            return next((at for at, spot in enumerate(spots) if self._locator([spot]).count()), None)
        except Error:
            return None  # no page to look at: nothing is seen

    def texts(self, spot: Spot) -> list[str]:
        """Return the texts of everything on the page that the spot means now."""
        with self._told(spot):
            return [words.strip() for words in self._locator([spot]).all_inner_texts()]

    def screenshot(self, file: Path, cover: Cover) -> bool:
        """Take a picture with personal values covered; False when a secret is on the screen."""
        with self._told("screenshot"):
            if self._secret_shows():
                return False
            body = {"personal": {"labels": sorted(cover.labels), "values": sorted(cover.values)}}
            mask = [self._page.locator(f"{ENGINE}={_json(body)}")]
            self._page.screenshot(
                path=file, full_page=True, mask=mask, mask_color="#404040", animations="disabled"
            )
            return True

    def take_notices(self) -> list[Notice]:
        """Return and forget what happened since the last call."""
        notices, self._notices = self._notices, []
        return notices

    @property
    def _page(self) -> Page:
        if self._open_page is None:
            raise StepFailed("robots.browser_gone", where="browser")
        return self._open_page

    def _locator(self, spots: Iterator[Spot] | tuple[Spot, ...] | list[Spot]) -> Locator:
        ways = [_spec(way) for spot in spots for way in spot.ways()]
        return self._page.locator(f"{ENGINE}={_json({'any': ways})}")

    def _locate(self, spot: Spot, timeout: float) -> Locator:
        """Return where to act: the first way that works, with a notice when it is not the first one written."""
        if not spot.alternatives:
            return self._locator([spot])
        self._locator([spot]).first.wait_for(state="visible", timeout=timeout * 1000)
        ways = [self._locator([way]) for way in spot.ways()]
        if not ways[0].count():
            try:
                ways[0].first.wait_for(state="visible", timeout=_PREFERENCE * 1000)
            except TookTooLong:
                at = next((at for at, way in enumerate(ways) if way.count()), 0)
                written = [way.describe() for way in spot.ways()]
                values = {"wanted": written[0], "used": written[at]}
                self._notices.append(Notice("robots.fallback_used", values))
                return ways[at]
        return ways[0]

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

    def _holds(self, expected: Expectation) -> bool:
        """Check what one wait cannot: an address together with a spot, or a spot that must be gone."""
        if expected.url and expected.url not in self._page.url:
            self._page.wait_for_timeout(50)
            return False
        if expected.spot is None or (expected.visible and not expected.url):
            return True
        return bool(self._locator([expected.spot]).count()) == expected.visible

    def _secret_shows(self) -> bool:
        return any(place.count() and place.input_value() == value for place, value in self._secrets)

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
        if self._trouble is not None:
            host = urlsplit(self._page.url).netloc
            raise TargetTrouble("robots.target_trouble", where=host, status=self._trouble) from error

    def _nearest(self, what: Spot | str) -> str:
        if not isinstance(what, Spot) or self._open_page is None:
            return "-"
        try:
            words = self._page.evaluate(_WORDS.read_text(encoding="utf-8"), what.kind)
        except Error:
            return "-"
        if what.private:
            return "-"
        longer = [word for word in words if what.name in word]
        names = list(dict.fromkeys([*longer, *nearest(what.name, words)]))[:4]
        if names:
            return text("backoffice.did_you_mean", names=", ".join(names))
        return did_you_mean(what.name, words[:_WORDS_TOLD]) if what.kind in _HARMLESS else "-"

    def _on_response(self, response: Response) -> None:
        request = response.request
        if request.is_navigation_request() and response.frame == self._page.main_frame:
            self._trouble = response.status if response.status >= 400 else None

    def _on_blocked(self, request: Request) -> None:
        host = urlsplit(request.url).hostname or ""
        if host and host not in self._hosts:
            self._notices.append(Notice("robots.request_blocked", {"host": host}))

    def _on_dialog(self, dialog: Dialog) -> None:
        self._notices.append(Notice("robots.dialog_closed", {"kind": dialog.type}))
        dialog.dismiss()


def _spec(spot: Spot) -> dict[str, Any]:
    told = ("kind", "name", "field", "row", "nth", "value", "count")
    return {key: value for key in told if (value := getattr(spot, key)) not in (None, "")}


def _json(body: Mapping[str, Any]) -> str:
    return json.dumps(body, ensure_ascii=False).replace(">", "\\u003e")


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
