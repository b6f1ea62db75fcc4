"""The windows and frames of a session: where the robot looks now.

A robot works in one window at a time; a window that the target opens is waiting until `switch:` names it. Frames
need no word: all frames of the window are searched, the page itself first, unless `switch: {frame: …}` names one.
"""

import time

from playwright.sync_api import BrowserContext, Error, Frame, Page

from robots.drivers.browser import Notice
from robots.errors import NotFoundOnPage, StepFailed

NEWEST, FIRST, CURRENT = "newest", "first", "current"
"""Words that stand for a window."""
WHOLE = "all"
"""Stands for all frames of the window."""
_LOOK_MS = 50


class Windows:
    """The open windows of a session, the one in use, and the frame in use.

    Args:
        notices: Where it is told that a window closed by itself.
    """

    def __init__(self, notices: list[Notice]) -> None:
        self._notices = notices
        self._context: BrowserContext | None = None
        self._page: Page | None = None
        self._frame: Frame | None = None
        self._home: tuple[Page, frozenset[Page]] | None = None

    def begin(self, context: BrowserContext, page: Page) -> None:
        """Take over the windows of a new session."""
        self._context, self._page, self._frame, self._home = context, page, None, None

    def end(self) -> None:
        """Let go of everything."""
        self._context = self._page = self._frame = self._home = None

    def go_home(self) -> None:
        """Be where the session began its items: the first call remembers the windows, later ones close all others."""
        if self._home is None:
            self._home = self.page, frozenset(self._open())
            return
        page, known = self._home
        for other in self._open():
            if other not in known:
                other.close()
        if not page.is_closed():
            self._page = page
        self._frame = None

    @property
    def page(self) -> Page:
        """The window in use; when it has closed by itself, the newest that is left.

        Raises:
            StepFailed: There is none: the browser was not started, or it is gone.
        """
        if self._page is not None and self._page.is_closed():
            left = self._open()
            self._page, self._frame = (left[-1] if left else None), None
            if left:
                self._notices.append(Notice("robots.window_closed", {}))
        if self._page is None:
            raise StepFailed("robots.browser_gone", where="browser")
        return self._page

    def closed_by_itself(self) -> bool:
        """Say whether the window in use has closed and there is another one to go on in."""
        return self._page is not None and self._page.is_closed() and bool(self._open())

    def frames(self) -> list[Frame]:
        """Return the frames to look through, the page itself first."""
        page = self.page
        if self._frame is not None and self._frame.is_detached():
            self._frame = None
        if self._frame is None:
            return page.frames
        return [self._frame, *_below(self._frame)]

    def switch_window(self, name: str, timeout: float) -> None:
        """Go on in another window; wait for it.

        Args:
            name: NEWEST, FIRST, or a part of its title or address.
            timeout: In seconds.

        Raises:
            NotFoundOnPage: It did not open in time; the titles of the windows are told.
        """
        present, end = self.page, time.monotonic() + timeout
        while True:
            found = self._named(name, present)
            if found is not None:
                self._page, self._frame = found, None
                found.bring_to_front()
                return
            if time.monotonic() > end:
                titles = " ".join(f"「{title}」" for page in self._open() if (title := _title(page)))
                raise NotFoundOnPage("robots.window_missing", where=name, name=name, there=titles or "-")
            present.wait_for_timeout(_LOOK_MS)

    def close_window(self) -> None:
        """Close the window in use and go back to the one that was opened before it.

        Raises:
            StepFailed: It is the last one.
        """
        page = self.page
        left = [one for one in self._open() if one != page]
        if not left:
            raise StepFailed("robots.last_window", where="switch")
        page.close()
        self._page, self._frame = left[-1], None
        left[-1].bring_to_front()

    def switch_frame(self, name: str, timeout: float) -> None:
        """Look into one frame only; WHOLE looks into all again.

        Args:
            name: The frame's name, id or title, or a part of its address.
            timeout: In seconds.

        Raises:
            NotFoundOnPage: There is no such frame; the names of those that are there are told.
        """
        if name == WHOLE:
            self._frame = None
            return
        page, end = self.page, time.monotonic() + timeout
        while True:
            frames = page.frames[1:]
            self._frame = next((frame for frame in frames if name in _names(frame)), None)
            if self._frame is not None:
                return
            if time.monotonic() > end:
                there = " ".join(f"「{own[0]}」" for frame in frames if (own := _names(frame)))
                raise NotFoundOnPage("robots.frame_missing", where=name, name=name, there=there or "-")
            page.wait_for_timeout(_LOOK_MS)

    def _open(self) -> list[Page]:
        return [] if self._context is None else [one for one in self._context.pages if not one.is_closed()]

    def _named(self, name: str, present: Page) -> Page | None:
        pages = self._open()
        if name == NEWEST:
            return pages[-1] if pages and (pages[-1] != present) else None
        if name == FIRST:
            return pages[0] if pages else None
        return next((page for page in reversed(pages) if name in _title(page) or name in page.url), None)


def _below(frame: Frame) -> list[Frame]:
    return [inner for child in frame.child_frames for inner in (child, *_below(child))]


def _title(page: Page) -> str:
    try:
        return page.title()
    except Error:
        return ""  # it is just loading or closing: it has no title yet


def _names(frame: Frame) -> list[str]:
    """Return what a frame can be called: its name, its id and title in the page, and its address."""
    try:
        element = frame.frame_element()
        own = [element.get_attribute(attribute) or "" for attribute in ("title", "name", "id")]
    except Error:
        own = [frame.name]
    tail = frame.url.split("?")[0].rstrip("/").rpartition("/")[2]
    return [one for one in (*own, tail) if one]
