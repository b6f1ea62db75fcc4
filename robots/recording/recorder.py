"""Records what a person does in a real browser. The person works as always; closing the window ends the recording.

The browser is the robots' own: it reaches the town's target systems and nothing else.
"""

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from playwright.sync_api import (
    Browser,
    BrowserContext,
    Dialog,
    Error,
    Page,
    Playwright,
    Request,
    sync_playwright,
)

from backoffice.settings import Settings
from robots.drivers.chromium import executable_of, hosts_of, switches
from robots.errors import BrowserMissing, TargetUnreachable
from robots.recording.events import Done, Event, read_event
from robots.recording.pages import VisitedPages

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
        self._filled: set[str] = set()
        self._pages = VisitedPages()
        self._asked: dict[Page, Request] = {}
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
        self._context.expose_binding(_NAME, lambda source, told: self._hear(json.loads(told), source["page"]))
        self._context.on("request", self._ask)
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

    def write_pages(self, folder: Path) -> int:
        """Write the pages that were visited, without anything personal, and return how many there are.

        Raises:
            OSError: They cannot be written.
        """
        return self._pages.write(folder, self._filled)

    def close(self) -> None:
        """End the browser; harmless when it is not running."""
        if self._program is not None and self._program.is_connected():
            self._program.close()
        self._program = None
        if self._playwright is not None:
            self._playwright.stop()
        self._playwright = None

    def _hear(self, told: dict[str, Any], page: Page) -> None:
        html = told.pop("html", None)
        if html is not None:
            self._keep(page, told["url"], html)
        if told["do"] == "fill" and told.get("value"):
            self._filled.add(told["value"])
        self.events.append(read_event(told, self._typed))

    def _ask(self, request: Request) -> None:
        """Remember the last page that a window asked for."""
        try:
            if request.is_navigation_request() and request.frame.parent_frame is None:
                self._asked[request.frame.page] = request
        except Error:
            return  # the first request of a new window, before there is a page

    def _keep(self, page: Page, url: str, html: str) -> None:
        last = self._asked.get(page)
        first = last
        while first is not None and first.redirected_from is not None:
            first = first.redirected_from
        came_from = (first.method, first.url) if first is not None and first is not last else None
        self._pages.add(last.method if last is not None else "GET", url, came_from, html)

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
