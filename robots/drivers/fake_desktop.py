"""A desktop for tests that need no screen: it shows what it was given and remembers what was done."""

from collections.abc import Mapping, Sequence

import numpy as np

from robots.drivers.desktop import Picture, ScreenState
from robots.errors import StepFailed, StoppedByPerson


class FakeDesktop:
    """Stands in for a desktop in tests of robots, the town's own robots included.

    Args:
        shown: What the screen shows; an empty light screen of 320 × 240 pixels by default.
        titles: Titles of the windows, the front one first.
        opens: Starting a program (its first word) opens a window with this title.
        state: What is told before the first step.

    Attributes:
        done: What was done, in order: ("click", "10", "20"), ("press", "enter").
        field: What stands in the input that is typed into; pressing ctrl+v pastes into it.
        clipboard: The clipboard.
        stopped: Set it to act as the person who pushes the mouse into a corner.
    """

    name = "fake"

    def __init__(
        self,
        shown: Picture | None = None,
        titles: Sequence[str] = (),
        opens: Mapping[str, str] | None = None,
        state: ScreenState | None = None,
    ) -> None:
        self.shown = np.full((240, 320, 3), 230, np.uint8) if shown is None else shown
        self.titles = list(titles)
        self.opens = dict(opens or {})
        self.state = state or ScreenState(self.shown.shape[1], self.shown.shape[0])
        self.done: list[tuple[str, ...]] = []
        self.field = ""
        self.clipboard = ""
        self.stopped = False

    def open(self) -> ScreenState:
        """Tell the state."""
        return self.state

    def close(self) -> None:
        """Do nothing."""

    def check_person(self) -> None:
        """Raise when told to."""
        if self.stopped:
            raise StoppedByPerson("robots.stopped_by_person", where="screen fake")

    def picture(self) -> Picture:
        """Return what is shown."""
        self.check_person()
        return self.shown

    def windows(self) -> list[str]:
        """Return the titles."""
        self.check_person()
        return list(self.titles)

    def focus(self, title: str) -> None:
        """Bring it to the front."""
        if title not in self.titles:
            raise StepFailed("robots.window_not_focused", where=title, title=title)
        self.titles = [title, *(other for other in self.titles if other != title)]
        self._do("focus", title)

    def start_program(self, command: Sequence[str]) -> None:
        """Remember it and open its window."""
        self._do("start", *command)
        if command[0] in self.opens:
            self.titles.insert(0, self.opens[command[0]])

    def ended_program(self) -> int | None:
        """Say that it runs."""
        return None

    def end_programs(self) -> None:
        """Remember it."""
        self._do("end")

    def click(self, x: int, y: int, *, button: str = "left", times: int = 1) -> None:
        """Remember it."""
        self._do("click", str(x), str(y))

    def press(self, keys: str) -> None:
        """Remember it; paste, copy, cut and delete work on the one input."""
        self._do("press", keys)
        if keys == "ctrl+v":
            self.field += self.clipboard
        elif keys == "ctrl+c" and self.field:
            self.clipboard = self.field
        elif keys == "delete":
            self.field = ""

    def type_keys(self, text: str) -> None:
        """Remember that something was typed, not what."""
        if not text.isascii():
            raise ValueError("only printable ASCII can be typed on the keyboard")
        self._do("type")
        self.field += text

    def read_clipboard(self) -> str:
        """Return the clipboard."""
        return self.clipboard

    def write_clipboard(self, text: str) -> None:
        """Fill the clipboard."""
        self.clipboard = text

    def _do(self, *what: str) -> None:
        self.check_person()
        self.done.append(what)
