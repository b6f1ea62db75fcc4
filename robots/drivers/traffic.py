"""What the page is still asking the target for: known without a question to the browser, from its own events."""

import time
from urllib.parse import urlsplit

from playwright.sync_api import Page, Request, Response

from robots.drivers.browser import Notice

_CALM_SECONDS = 0.1
"""So long nothing may be under way before the page counts as quiet."""
_LOOK_MS = 20


class Traffic:
    """Watches the requests of every window of a session.

    Args:
        hosts: The hosts that may be reached.
        notices: Where requests to other hosts are told.

    Attributes:
        trouble: HTTP status of the page when it is an error page (400 and more), else None.
    """

    def __init__(self, hosts: frozenset[str], notices: list[Notice]) -> None:
        self._hosts = hosts
        self._notices = notices
        self._under_way: dict[Request, bool] = {}
        self._last = 0.0
        self.trouble: int | None = None

    def watch(self, page: Page) -> None:
        """Follow a window from now on."""
        page.on("request", self._on_request)
        page.on("response", self._on_response)
        page.on("requestfinished", self._on_end)
        page.on("requestfailed", self._on_failed)
        page.on("close", lambda _: self._forget(page))

    def clear(self) -> None:
        """Begin anew, with a new session."""
        self._under_way.clear()
        self.trouble = None

    def page_awaited(self) -> bool:
        """Say whether a page was asked for that has not come to its end."""
        return any(self._under_way.values())

    def settle(self, page: Page, timeout: float) -> None:
        """Wait while something is under way, and no longer: free of charge on a page that rests."""
        end = time.monotonic() + timeout
        while self._under_way and time.monotonic() < end:
            page.wait_for_timeout(_LOOK_MS)

    def wait_quiet(self, page: Page, timeout: float) -> bool:
        """Wait until nothing has been under way for a moment; False when that does not come in time."""
        end = time.monotonic() + timeout
        while self._under_way or time.monotonic() - self._last < _CALM_SECONDS:
            if time.monotonic() > end:
                return False
            page.wait_for_timeout(_LOOK_MS)
        return True

    def _on_request(self, request: Request) -> None:
        self._under_way[request] = request.is_navigation_request()

    def _on_response(self, response: Response) -> None:
        request = response.request
        if self._under_way.get(request) and request.frame.parent_frame is None:
            self.trouble = response.status if response.status >= 400 else None

    def _on_end(self, request: Request) -> None:
        self._under_way.pop(request, None)
        self._last = time.monotonic()

    def _on_failed(self, request: Request) -> None:
        self._on_end(request)
        host = urlsplit(request.url).hostname or ""
        if host and host not in self._hosts:
            self._notices.append(Notice("robots.request_blocked", {"host": host}))

    def _forget(self, page: Page) -> None:
        for request in [one for one in self._under_way if _belongs(one, page)]:
            self._under_way.pop(request)


def _belongs(request: Request, page: Page) -> bool:
    return request.frame.page == page
