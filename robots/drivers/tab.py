"""One browser program with one session: started empty, thrown away and begun anew, and watched for what goes wrong."""

import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from playwright.sync_api import Browser as Program
from playwright.sync_api import (
    BrowserContext,
    CDPSession,
    Error,
    Frame,
    Locator,
    Page,
    Playwright,
    sync_playwright,
)

from backoffice.settings import Settings
from robots.drivers.browser import Notice
from robots.drivers.camera import Camera, Negative
from robots.drivers.chromium import executable_of, hosts_of, oldest_refused, switches
from robots.drivers.dialogs import Dialogs
from robots.drivers.finding import ENGINE
from robots.drivers.traffic import Traffic
from robots.drivers.windows import Windows
from robots.errors import BrowserMissing, StepFailed

_FINDER = Path(__file__).with_name("page_finder.js")
VIEWPORT = {"width": 1280, "height": 960}
"""Size of the page in pixels: most forms fit without scrolling, so that one quick picture shows all of them."""


class Tab:
    """The page that a robot works on, and the program and session around it.

    Args:
        settings: Browser settings and the target systems; other hosts are out of its reach.
        environ: Environment; the process's own by default.

    Attributes:
        notices: What happened beside the work: requests blocked, windows closed.
        dialogs: Answers the page's small windows.
        traffic: What is being loaded.
        windows: The windows and the frame in use.
        begun: Collects the picture that is being taken; None when there is none.
    """

    def __init__(self, settings: Settings, environ: Mapping[str, str] | None = None) -> None:
        self._settings = settings.browser
        self._hosts = hosts_of(settings.targets)
        self._environ = os.environ if environ is None else environ
        self._playwright: Playwright | None = None
        self._program: Program | None = None
        self._context: BrowserContext | None = None
        self._secrets: list[tuple[Locator, str]] = []
        self._wires: dict[Page, CDPSession] = {}
        self._camera: Camera | None = None
        self.begun: Callable[[], None] | None = None
        self.notices: list[Notice] = []
        self.dialogs = Dialogs(self.notices)
        self.traffic = Traffic(self._hosts, self.notices)
        self.windows = Windows(self.notices)

    @property
    def page(self) -> Page:
        """The page in use, once the picture that is being taken of it has been collected.

        Raises:
            StepFailed: There is none: the browser was not started, or it is gone.
        """
        self.develop()
        return self.windows.page

    @property
    def frames(self) -> list[Frame]:
        """The frames to look through, once the picture that is being taken has been collected."""
        self.develop()
        return self.windows.frames()

    @property
    def context(self) -> BrowserContext | None:
        """The session, for traces; None before the start."""
        return self._context

    @property
    def version(self) -> str:
        """The program's version, such as 141.0.7390.122; empty before the start."""
        return "" if self._program is None else self._program.version

    def start(self) -> None:
        """Start the browser with an empty profile.

        Raises:
            BrowserMissing: There is none, it does not start, or it is too old.
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
        refused = oldest_refused(self._program.version)
        if refused is not None:
            version = self._program.version
            self.close()
            raise BrowserMissing("robots.browser_too_old", where="browser", version=version, oldest=refused)
        self._camera = Camera(self._program)
        self.renew()

    def renew(self) -> None:
        """Throw the session away and begin with an empty one."""
        if self._program is None or self._camera is None:
            self.start()
            return
        if not self._program.is_connected():
            self.close()
            self.start()
            return
        self.develop()
        if self._context is not None:
            self._context.close()
        for memory in (self._secrets, self._wires, self.dialogs, self.traffic, self._camera):
            memory.clear()
        self._context = self._program.new_context(
            locale="ja-JP",
            timezone_id="Asia/Tokyo",
            service_workers="block",
            accept_downloads=True,
            viewport={"width": VIEWPORT["width"], "height": VIEWPORT["height"]},
        )
        self._context.on("page", self._watch)
        self.windows.begin(self._context, self._context.new_page())

    def close(self) -> None:
        """End the browser; harmless when it is not running."""
        self.develop()
        self.windows.end()
        self._context = self._camera = None
        if self._program is not None and self._program.is_connected():
            self._program.close()
        self._program = None
        if self._playwright is not None:
            self._playwright.stop()
        self._playwright = None

    def stop_loading(self) -> None:
        """Give up a page that does not finish; whatever is asked of it afterwards would wait for it otherwise."""
        with suppress(Error):  # a page that is gone loads nothing
            self.wire().send("Page.stopLoading")

    def wire(self) -> CDPSession:
        """Return the line to the browser's own commands for the page in use."""
        page = self.page
        if page not in self._wires:
            self._wires[page] = page.context.new_cdp_session(page)
        return self._wires[page]

    def photograph(self, page: Page) -> Negative:
        """Begin a picture of a page, which must not be touched before the picture has come."""
        if self._camera is None:
            raise StepFailed("robots.browser_gone", where="browser")
        return self._camera.press(page, self.wire())

    def develop(self) -> None:
        """Collect the picture that is being taken, if one is."""
        begun, self.begun = self.begun, None
        if begun is not None:
            begun()

    def remember_secret(self, place: Locator, value: str) -> None:
        """Remember where a secret was typed."""
        self._secrets.append((place, value))

    def shows_secret(self) -> bool:
        """Say whether a secret that was typed still stands where it was typed."""
        return any(_holds(place, value) for place, value in self._secrets)

    def _watch(self, page: Page) -> None:
        self.traffic.watch(page)
        page.on("dialog", self.dialogs.on_dialog)


def _holds(place: Locator, value: str) -> bool:
    try:
        return bool(place.count()) and place.input_value() == value
    except Error:
        return False  # its window or frame is gone, and the secret with it
