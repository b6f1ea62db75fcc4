"""A screen that takes the browser's place in a run, so that the runner need not know what a robot works on.

A robot with desktop steps alone has no page; signs of failure, `resolve` and pictures then mean the screen. A robot
with both keeps its page for all of that and only opens and closes the two together.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

from loguru import logger

from backoffice.errors import SystemFailure
from robots.drivers.browser import AtOnce, Browser, Cover, Expectation, Notice
from robots.drivers.desktop import ScreenState
from robots.drivers.shot import Shot
from robots.errors import StepFailed
from robots.matching import words_in
from robots.screen import Screen
from robots.targets import Spot


def as_page(screen: Screen, page: Browser | None = None) -> Browser:
    """Return a screen as the runner wants a page.

    Args:
        screen: The screen.
        page: The browser, when the robot works in one too.
    """
    return cast(Browser, _Both(screen, page) if page is not None else _ScreenPage(screen))


class _ScreenPage(AtOnce):
    """The screen alone. What only a page can do says so."""

    version = ""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._notices: list[Notice] = []

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)

        def refuse(*_arguments: object, **_options: object) -> Any:
            raise StepFailed("robots.screen_no_page", where=name, action=name)

        return refuse

    def start(self) -> None:
        self._notices += notices_of(self._screen.open())

    def renew(self) -> None:
        self._screen.renew()

    def close(self) -> None:
        self._screen.close()

    def begin_item(self) -> None:
        """A screen stays as it is."""

    def guard_press(self, check: Callable[[], None] | None) -> None:
        """Steps on a screen ask the bench themselves."""

    def find(self, spot: Spot, timeout: float) -> None:
        self._screen.find_words(spot.name, timeout)

    def wait_for(self, expected: Expectation, unless: tuple[Spot, ...], timeout: float) -> int | None:
        if expected.spot is None:
            raise StepFailed("robots.screen_no_page", where="expect", action="expect")
        try:
            self._wait(expected.spot, expected.visible, unless, timeout)
        except SystemFailure:
            sign = self.seen(unless)
            if sign is None:
                raise
            return sign
        return self.seen(unless)

    def _wait(self, spot: Spot, visible: bool, unless: tuple[Spot, ...], timeout: float) -> None:
        if not visible:
            self._screen.wait_words_gone(spot.name, timeout)
            return
        wanted = [spot.name, *(sign.name for sign in unless)]
        self._screen.find_any(wanted, timeout)

    def seen(self, spots: tuple[Spot, ...]) -> int | None:
        if not spots:
            return None
        try:
            lines = self._screen.lines()
        except SystemFailure as error:
            logger.warning("the screen could not be read for signs of failure: {}", error.key)
            return None
        return next((at for at, spot in enumerate(spots) if words_in(lines, spot.name)), None)

    def texts(self, spot: Spot) -> list[str]:
        return [line.words for line in self._screen.lines() if words_in([line], spot.name)]

    def screenshot(self, cover: Cover) -> Shot | None:
        return self._screen.shot(cover)

    def page_text(self, cover: Cover) -> str:
        return "\n".join(line.words for line in self._screen.lines())

    def start_trace(self) -> None:
        """A screen leaves no trace but its pictures."""

    def stop_trace(self, file: Path | None) -> None:
        """A screen leaves no trace but its pictures."""

    def take_notices(self) -> list[Notice]:
        notices, self._notices = self._notices, []
        return notices


class _Both(AtOnce):
    """A page and a screen that are opened and closed together; everything else is the page's."""

    def __init__(self, screen: Screen, page: Browser) -> None:
        self._screen = screen
        self._page = page

    def __getattr__(self, name: str) -> Any:
        return getattr(self._page, name)

    def start(self) -> None:
        self._screen.open()
        self._page.start()

    def renew(self) -> None:
        self._screen.renew()
        self._page.renew()

    def close(self) -> None:
        self._page.close()
        self._screen.close()

    def screenshot(self, cover: Cover) -> Shot | None:
        """Return the screen, where the page can be seen too; nothing while the page shows a secret."""
        return self._screen.shot(cover) if self._page.screenshot(cover) is not None else None


def notices_of(state: ScreenState) -> list[Notice]:
    """Return what people should know of a screen: robots see only the main one of several monitors."""
    if state.monitors == 1:
        return []
    return [Notice("robots.several_monitors", {"count": str(state.monitors)})]
