"""A browser for tests that need no page: it remembers what was done and shows what it was told to show."""

from base64 import b64decode
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

from backoffice.errors import HakadoriError
from backoffice.files import safe_name
from robots.drivers.browser import Answer, AtOnce, Cover, Expectation, Notice, Readiness, Scroll
from robots.drivers.shot import Shot
from robots.errors import NotFoundOnPage
from robots.targets import Spot

_PIXEL = b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGP4DwABAQEAsTj2FAAAAABJRU5ErkJggg=="
)


class FakeBrowser(AtOnce):
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
        self._guard: Callable[[], None] = _no_guard

    @property
    def version(self) -> str:
        """No real one."""
        return "0.0"

    def start(self) -> None:
        """Count a session."""
        self.starts += 1

    def renew(self) -> None:
        """Count a session."""
        self.starts += 1

    def close(self) -> None:
        """Do nothing."""

    def guard_press(self, check: Callable[[], None] | None) -> None:
        """Call it before clicks and keys."""
        self._guard = check or _no_guard

    def begin_item(self) -> None:
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

    def type(self, spot: Spot | None, value: str, timeout: float, *, secret: bool = False) -> None:
        """Remember it; of a secret only that it was one."""
        self._do("type", "" if spot is None else spot.name, "***" if secret else value)

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
        self._guard()
        self._do("click", spot.name)
        self.shown = set(self.turns.get(spot.name, self.shown))

    def double_click(self, spot: Spot, timeout: float) -> None:
        """Remember it and turn the page."""
        self._guard()
        self._do("double_click", spot.name)
        self.shown = set(self.turns.get(spot.name, self.shown))

    def hover(self, spot: Spot, timeout: float) -> None:
        """Remember it."""
        self._do("hover", spot.name)

    def scroll(self, spot: Spot | None, to: Scroll, timeout: float) -> None:
        """Remember it."""
        self._do("scroll", "" if spot is None else spot.name, to)

    def upload(self, spot: Spot, file: Path, timeout: float) -> None:
        """Remember it."""
        self._do("upload", spot.name, file.name)

    def download(self, spot: Spot, folder: Path, timeout: float) -> Path:
        """Remember it, and write an empty file named after the target."""
        self._do("download", spot.name)
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / safe_name(spot.name)
        file.touch()
        return file

    def answer_dialog(self, answer: Answer) -> None:
        """Remember it."""
        self._do("dialog", "accept" if answer.accept else "dismiss", answer.says)

    def switch_window(self, name: str, timeout: float) -> None:
        """Remember it."""
        self._do("switch_window", name)

    def close_window(self) -> None:
        """Remember it."""
        self._do("close_window", "")

    def switch_frame(self, name: str, timeout: float) -> None:
        """Remember it."""
        self._do("switch_frame", name)

    def press(self, key: str, spot: Spot | None, timeout: float) -> None:
        """Remember it."""
        self._guard()
        self._do("press", key)

    def find(self, spot: Spot, timeout: float) -> None:
        """Find everything, unless told to fail."""
        self._fail("find", spot.name)

    def read(self, spot: Spot, timeout: float) -> str:
        """Return what was told, or the name itself."""
        self._fail("read", spot.name)
        return self.reads.get(spot.name, spot.name)

    def read_table(self, spot: Spot, timeout: float) -> list[list[str]]:
        """Return a table of one column, with what was told for the spot."""
        return [[spot.name], [self.read(spot, timeout)]]

    def wait_state(self, spot: Spot, state: Readiness, timeout: float) -> None:
        """Remember it."""
        self._do("wait_state", spot.name, state)

    def wait_quiet(self, timeout: float) -> None:
        """Remember it."""
        self._do("wait_quiet", "")

    def page_text(self, cover: Cover) -> str:
        """Return the words shown."""
        return "\n".join(sorted(self.shown))

    def start_trace(self) -> None:
        """Record nothing."""

    def stop_trace(self, file: Path | None) -> None:
        """Keep nothing."""

    def wait_for(self, expected: Expectation, unless: tuple[Spot, ...], timeout: float) -> int | None:
        """Look once."""
        sign = self.seen(unless)
        wanted = expected.spot.name if expected.spot is not None else expected.url
        if sign is None and (wanted in self.shown) != expected.visible:
            raise NotFoundOnPage("robots.not_found_on_page", where=wanted, wanted=wanted, hint="")
        return sign

    def seen(self, spots: tuple[Spot, ...]) -> int | None:
        """Look among the words shown."""
        return next((at for at, spot in enumerate(spots) if spot.name in self.shown), None)

    def texts(self, spot: Spot) -> list[str]:
        """Return what was told for the spot."""
        return [self.reads[spot.name]] if spot.name in self.reads else []

    def screenshot(self, cover: Cover) -> Shot | None:
        """Remember it; the picture is one white pixel."""
        self._do("screenshot", "")
        return Shot(_PIXEL)

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


def _no_guard() -> None:
    """Let every press through."""
