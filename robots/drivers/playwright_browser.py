"""The real browser: Edge, Chrome or Chromium of this machine, driven through Playwright.

Here are the session and its windows; what is done on a page stands in hands.py, what is seen of it in eyes.py.
"""

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Error
from playwright.sync_api import TimeoutError as TookTooLong

from backoffice.settings import Settings
from robots.drivers.browser import Notice
from robots.drivers.eyes import Eyes
from robots.drivers.grip import Grip
from robots.drivers.hands import Hands
from robots.drivers.tab import Tab
from robots.errors import PageUnfinished, StepFailed, TargetTrouble, TargetUnreachable


class PlaywrightBrowser(Hands, Eyes):
    """Drives the browser that the settings name or that is found on the machine.

    Args:
        settings: Browser settings and the target systems; other hosts are out of its reach.
        environ: Environment; the process's own by default.
    """

    def __init__(self, settings: Settings, environ: Mapping[str, str] | None = None) -> None:
        self._tab = Tab(settings, environ)
        self._grip = Grip(self._tab)
        self._tracing = False

    @property
    def version(self) -> str:
        """The program's version; empty before the start."""
        return self._tab.version

    def start(self) -> None:
        """Start the browser with an empty profile.

        Raises:
            BrowserMissing: There is none, it does not start, or it is too old.
        """
        self._tab.start()

    def renew(self) -> None:
        """Throw the session away and begin with an empty one."""
        self._tracing = False
        self._tab.renew()

    def close(self) -> None:
        """End the browser; harmless when it is not running."""
        self._tracing = False
        self._tab.close()

    def begin_item(self) -> None:
        """Forget what belonged to the item before: announced dialogs, windows it opened, the frame it chose."""
        self._tab.develop()
        with self._grip.told("window"):
            self._tab.dialogs.announced.clear()
            self._tab.windows.go_home()

    def open(self, url: str, timeout: float) -> None:
        """Go to an address and wait until the page is there."""
        host = urlsplit(url).netloc
        self._tab.traffic.trouble = None
        try:
            answer = self._tab.page.goto(url, timeout=timeout * 1000, wait_until="domcontentloaded")
        except TookTooLong as error:
            self._tab.stop_loading()
            self._grip.hear(error)
            raise PageUnfinished("robots.page_unfinished", where=host, wanted=host) from error
        except Error as error:
            self._grip.hear(error)
            raise TargetUnreachable(
                "robots.target_unreachable", where=host, host=host, reason=_net_error(error)
            ) from error
        self._grip.hear(None)
        if answer is not None and answer.status >= 400:
            raise TargetTrouble("robots.target_trouble", where=host, status=answer.status)

    def go_back(self, timeout: float) -> None:
        """Go back one page."""
        with self._grip.told("go_back"):
            before = self._tab.page.url
            answer = self._tab.page.go_back(timeout=timeout * 1000, wait_until="domcontentloaded")
            if answer is None and self._tab.page.url == before:
                raise StepFailed("robots.no_page_before", where="go_back")

    def switch_window(self, name: str, timeout: float) -> None:
        """Go on in the window that is "newest", "first", or has this in its title or address."""
        with self._grip.told("switch"):
            self._tab.windows.switch_window(name, timeout)

    def close_window(self) -> None:
        """Close the window in use and go back to the one before it."""
        with self._grip.told("switch"):
            self._tab.windows.close_window()

    def switch_frame(self, name: str, timeout: float) -> None:
        """Look only into the frame of this name, title or address; "all" looks into all again."""
        with self._grip.told("switch"):
            self._tab.windows.switch_frame(name, timeout)

    def start_trace(self) -> None:
        """Begin to record what is done, without pictures and without copies of the pages."""
        context = self._tab.context
        if context is not None and not self._tracing:
            context.tracing.start(screenshots=False, snapshots=False, sources=False)
            self._tracing = True

    def stop_trace(self, file: Path | None) -> None:
        """End the recording; it is kept in a file, or thrown away."""
        context = self._tab.context
        if context is None or not self._tracing:
            return
        self._tracing = False
        try:
            context.tracing.stop(path=file)
        except Error as error:
            raise StepFailed("robots.browser_gone", where="browser") from error

    def take_notices(self) -> list[Notice]:
        """Return and forget what happened since the last call."""
        notices = list(self._tab.notices)
        self._tab.notices.clear()
        return notices


def _net_error(error: Error) -> str:
    words = error.message.split()
    return next((word for word in words if word.startswith("net::")), "net").removeprefix("net::")
