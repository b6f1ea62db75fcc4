"""One browser program with one page: started empty, thrown away and begun anew, and watched for what goes wrong."""

import os
from collections.abc import Mapping
from pathlib import Path
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

from backoffice.settings import Settings
from robots.drivers.browser import Notice
from robots.drivers.chromium import executable_of, hosts_of, switches
from robots.drivers.finding import ENGINE
from robots.errors import BrowserMissing, StepFailed

_FINDER = Path(__file__).with_name("page_finder.js")


class Tab:
    """The page that a robot works on, and the program and session around it.

    Args:
        settings: Browser settings and the target systems; other hosts are out of its reach.
        environ: Environment; the process's own by default.

    Attributes:
        notices: What happened beside the work: requests blocked, dialogs closed.
        trouble: HTTP status of the page when it is an error page (400 and more), else None.
    """

    def __init__(self, settings: Settings, environ: Mapping[str, str] | None = None) -> None:
        self._settings = settings.browser
        self._hosts = hosts_of(settings.targets)
        self._environ = os.environ if environ is None else environ
        self._playwright: Playwright | None = None
        self._program: Program | None = None
        self._context: BrowserContext | None = None
        self._page: Page | None = None
        self._secrets: list[tuple[Locator, str]] = []
        self.notices: list[Notice] = []
        self.trouble: int | None = None

    @property
    def page(self) -> Page:
        """The page.

        Raises:
            StepFailed: There is none: the browser was not started, or it is gone.
        """
        if self._page is None:
            raise StepFailed("robots.browser_gone", where="browser")
        return self._page

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
        self.trouble = None
        self._context = self._program.new_context(
            locale="ja-JP", timezone_id="Asia/Tokyo", service_workers="block"
        )
        page = self._context.new_page()
        page.on("response", self._on_response)
        page.on("requestfailed", self._on_blocked)
        page.on("dialog", self._on_dialog)
        self._page = page

    def close(self) -> None:
        """End the browser; harmless when it is not running."""
        self._page, self._context = None, None
        if self._program is not None and self._program.is_connected():
            self._program.close()
        self._program = None
        if self._playwright is not None:
            self._playwright.stop()
        self._playwright = None

    def remember_secret(self, place: Locator, value: str) -> None:
        """Remember where a secret was typed."""
        self._secrets.append((place, value))

    def shows_secret(self) -> bool:
        """Say whether a secret that was typed still stands where it was typed."""
        return any(place.count() and place.input_value() == value for place, value in self._secrets)

    def _on_response(self, response: Response) -> None:
        request = response.request
        if request.is_navigation_request() and response.frame == self.page.main_frame:
            self.trouble = response.status if response.status >= 400 else None

    def _on_blocked(self, request: Request) -> None:
        host = urlsplit(request.url).hostname or ""
        if host and host not in self._hosts:
            self.notices.append(Notice("robots.request_blocked", {"host": host}))

    def _on_dialog(self, dialog: Dialog) -> None:
        self.notices.append(Notice("robots.dialog_closed", {"kind": dialog.type}))
        dialog.dismiss()
