"""A browser for tests that need no page: it remembers what was done and shows what it was told to show."""

from collections.abc import Collection, Mapping
from pathlib import Path

from backoffice.errors import HakadoriError
from robots.drivers.browser import Cover, Expectation, Notice
from robots.errors import NotFoundOnPage
from robots.targets import Spot


class FakeBrowser:
    """Stands in for a browser in tests of robots, the town's own robots included.

    Args:
        shows: Words that are on the page from the start.
        turns: Pressing (a button's words) changes the page to these words.
        fails: Doing this to that raises an error: {("click", "登録"): TargetTrouble(…)}.
        reads: What `read` finds, by the spot's name; anything else reads as the name itself.

    Attributes:
        done: What was done, in order: ("fill", "氏名", "見本　太郎").
        starts: How often a session was begun.
    """

    def __init__(
        self,
        shows: Collection[str] = (),
        turns: Mapping[str, Collection[str]] | None = None,
        fails: Mapping[tuple[str, str], HakadoriError] | None = None,
        reads: Mapping[str, str] | None = None,
    ) -> None:
        self.shown = set(shows)
        self.turns = dict(turns or {})
        self.fails = dict(fails or {})
        self.reads = dict(reads or {})
        self.done: list[tuple[str, ...]] = []
        self.starts = 0

    def start(self) -> None:
        """Count a session."""
        self.starts += 1

    def renew(self) -> None:
        """Count a session."""
        self.starts += 1

    def close(self) -> None:
        """Do nothing."""

    def open(self, url: str, timeout: float) -> None:
        """Remember it."""
        self._do("open", url)

    def go_back(self, timeout: float) -> None:
        """Remember it."""
        self._do("go_back", "")

    def fill(self, spot: Spot, value: str, timeout: float, *, secret: bool = False) -> None:
        """Remember it; of a secret only that it was one."""
        self._do("fill", spot.name, "***" if secret else value)

    def select(self, spot: Spot, option: str, timeout: float) -> None:
        """Remember it."""
        self._do("select", spot.name, option)

    def check(self, spot: Spot, checked: bool, timeout: float) -> None:
        """Remember it."""
        self._do("check" if checked else "uncheck", spot.name)

    def options(self, spot: Spot) -> list[str]:
        """Return no choices."""
        return []

    def click(self, spot: Spot, timeout: float, *, wait: bool = True) -> None:
        """Remember it and turn the page."""
        self._do("click", spot.name)
        self.shown = set(self.turns.get(spot.name, self.shown))

    def press(self, key: str, spot: Spot | None, timeout: float) -> None:
        """Remember it."""
        self._do("press", key)

    def find(self, spot: Spot, timeout: float) -> None:
        """Find everything, unless told to fail."""
        self._fail("find", spot.name)

    def read(self, spot: Spot, timeout: float) -> str:
        """Return what was told, or the name itself."""
        self._fail("read", spot.name)
        return self.reads.get(spot.name, spot.name)

    def wait_for(self, expected: Expectation, unless: tuple[Spot, ...], timeout: float) -> int | None:
        """Look once."""
        sign = self.seen(unless)
        wanted = expected.spot.name if expected.spot is not None else expected.url
        if sign is None and (wanted in self.shown) != expected.visible:
            raise NotFoundOnPage("robots.not_found_on_page", where=wanted, wanted=wanted, hint="-")
        return sign

    def seen(self, spots: tuple[Spot, ...]) -> int | None:
        """Look among the words shown."""
        return next((at for at, spot in enumerate(spots) if spot.name in self.shown), None)

    def texts(self, spot: Spot) -> list[str]:
        """Return what was told for the spot."""
        return [self.reads[spot.name]] if spot.name in self.reads else []

    def screenshot(self, file: Path, cover: Cover) -> bool:
        """Remember it; no file is written."""
        self._do("screenshot", file.stem)
        return True

    def take_notices(self) -> list[Notice]:
        """Return nothing."""
        return []

    def _do(self, *what: str) -> None:
        self._fail(what[0], what[1])
        self.done.append(what)

    def _fail(self, action: str, name: str) -> None:
        error = self.fails.get((action, name))
        if error is not None:
            raise error
