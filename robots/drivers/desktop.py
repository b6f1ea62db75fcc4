"""The seam to a desktop: its screen, its windows, its mouse and its keyboard, and nothing of how they are reached."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
"""A picture of the screen: shape (height, width, 3), dtype uint8, red green blue, one pixel per screen pixel."""


@dataclass(frozen=True)
class Area:
    """A rectangle on the screen, in pixels from its top left corner."""

    left: int
    top: int
    width: int
    height: int

    @property
    def centre(self) -> tuple[int, int]:
        """The pixel in its middle: x, y."""
        return self.left + self.width // 2, self.top + self.height // 2


@dataclass(frozen=True)
class TextLine:
    """A line of text that was read on the screen.

    Attributes:
        words: What it says.
        area: Where it stands.
    """

    words: str
    area: Area


FindText = Callable[[Picture], Sequence[TextLine]]
"""Finds and reads every line of text of a picture; the reading room's, handed in from outside."""


@dataclass(frozen=True)
class ScreenState:
    """What the screen is like before the first step.

    Attributes:
        width: Pixels of the main monitor.
        height: Pixels of the main monitor.
        monitors: How many monitors there are; robots see the main one.
        locked: Whether the system says that the screen is locked or belongs to nobody.
    """

    width: int
    height: int
    monitors: int = 1
    locked: bool = False


class Desktop(Protocol):
    """One screen with a mouse and a keyboard.

    Every method but `close` raises StoppedByPerson when a person has pushed the mouse into a corner of the screen,
    and goes on raising it: a stopped robot stays stopped. They raise StepFailed when the system does not let it be
    done.
    """

    name: str
    """The screen's name, for the lock that keeps two robots apart."""

    def open(self) -> ScreenState:
        """Connect to the screen; raises ScreenMissing."""

    def close(self) -> None:
        """Let the screen go; harmless when it was not opened."""

    def check_person(self) -> None:
        """Raise StoppedByPerson when a person asks for a stop; every wait asks this again and again."""

    def picture(self) -> Picture:
        """Return what the screen shows now."""

    def windows(self) -> list[str]:
        """Return the titles of the windows on the screen, the front one first."""

    def focus(self, title: str) -> None:
        """Bring the window with this title to the front and give it the keyboard."""

    def start_program(self, command: Sequence[str]) -> None:
        """Start a program; it is ended with the session."""

    def ended_program(self) -> int | None:
        """Return the exit code of the program started last, None while it runs or when none was started."""

    def end_programs(self) -> None:
        """End every program that was started here and still runs."""

    def click(self, x: int, y: int, *, button: str = "left", times: int = 1) -> None:
        """Press a mouse button at a pixel of the screen."""

    def press(self, keys: str) -> None:
        """Press a key ("enter") or several together ("ctrl+s")."""

    def type_keys(self, text: str) -> None:
        """Type printable ASCII on the keyboard; raises ValueError for anything else."""

    def read_clipboard(self) -> str:
        """Return the text of the clipboard, empty when it holds none."""

    def write_clipboard(self, text: str) -> None:
        """Put a text into the clipboard."""
