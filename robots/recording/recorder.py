"""Records what a person does in a real browser. The person works as always; closing the window ends the recording.

The browser is the robots' own: it reaches the town's target systems and nothing else.
"""

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Dialog, Error, Page, Playwright, sync_playwright

from backoffice.settings import Settings
from robots.drivers.chromium import executable_of, hosts_of, switches
from robots.errors import BrowserMissing, TargetUnreachable
from robots.recording.events import Done, Event, read_event

_FINDER = Path(__file__).parents[1] / "drivers" / "page_finder.js"
_RECORDER = Path(__file__).with_name("recorder.js")
_NAME = "hakadoriRecord"


class Recorder:
    """A browser that remembers what a person does in it.

    Args:
        settings: Browser settings and the target systems.
        environ: Environment; the process's own by default.
        headless: True for tests, where no person looks.

    Attributes:
        events: What was done so far, in order.
    """

    def __init__(
        self, settings: Settings, environ: Mapping[str, str] | None = None, *, headless: bool = False
    ) -> None:
        self._settings = settings
        self._environ = os.environ if environ is None else environ
        self._headless = headless
        self._playwright: Playwright | None = None
        self._program: Browser | None = None
        self._context: BrowserContext | None = None
        self._typed: set[str] = set()
        self.events: list[Event] = []

    def start(self, url: str) -> Page:
        """Open a browser at an address and begin to record.

        Raises:
            BrowserMissing: There is none, or it does not start.
            TargetUnreachable: The address does not answer.
        """
        settings = self._settings.browser
        program = executable_of(settings, self._environ)
        self._playwright = sync_playwright().start()
        try:
            self._program = self._playwright.chromium.launch(
                executable_path=program,
                channel=None if program else settings.channel,
                headless=self._headless,
                args=switches(hosts_of(self._settings.targets)),
            )
        except Error as error:
            self.close()
            name = str(program or settings.channel)
            raise BrowserMissing("robots.browser_does_not_start", where="browser", path=name) from error
        self._context = self._program.new_context(locale="ja-JP", timezone_id="Asia/Tokyo")
        self._context.expose_binding(_NAME, lambda _source, told: self._hear(json.loads(told)))
        self._context.add_init_script(_script())
        page = self._context.new_page()
        page.on("dialog", self._answer)
        try:
            page.goto(url)
        except Error as error:
            self.close()
            raise TargetUnreachable("robots.record_unreachable", where=url, url=url) from error
        return page

    def wait_until_closed(self, page: Page, show: Callable[[int], None]) -> None:
        """Wait until the person closes the window.

        Args:
            page: The page that `start` returned.
            show: Told now and then how much was recorded.
        """
        while not page.is_closed():
            try:
                page.wait_for_timeout(200)
            except Error:
                break  # closed while we waited
            show(len(self.events))

    def close(self) -> None:
        """End the browser; harmless when it is not running."""
        self._typed.clear()
        if self._program is not None and self._program.is_connected():
            self._program.close()
        self._program = None
        if self._playwright is not None:
            self._playwright.stop()
        self._playwright = None

    def _hear(self, told: dict[str, Any]) -> None:
        self.events.append(read_event(told, self._typed))

    def _answer(self, dialog: Dialog) -> None:
        """Say yes to a question of the page, and write down that this was done before the click that brought it."""
        place = len(self.events)
        if place and isinstance(self.events[-1], Done) and self.events[-1].action == "click":
            place -= 1
        self.events.insert(place, Done("dialog", dialog.page.url if dialog.page else ""))
        dialog.accept()


def _script() -> str:
    finder = _FINDER.read_text(encoding="utf-8").strip().removesuffix(";")
    recorder = _RECORDER.read_text(encoding="utf-8")
    return f"(() => {{\nconst finder =\n{finder};\n{recorder}\n}})();"
