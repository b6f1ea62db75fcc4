"""The seam to a browser: what robots ask of it, and nothing of how it is done."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

from robots.drivers.shot import Shot
from robots.targets import Spot

Readiness = Literal["shown", "gone", "enabled", "disabled"]
"""What `wait_state` can wait for."""
Scroll = Literal["into_view", "top", "bottom", "down", "up"]
"""Where `scroll` goes: to the target, to an end of the page or of the target, or one screen on."""


@dataclass(frozen=True)
class Expectation:
    """What shall be on the page.

    Attributes:
        spot: What to look for; None when only the address counts.
        visible: False: it shall not, or no longer, be there.
        url: The address contains this text.
    """

    spot: Spot | None
    visible: bool = True
    url: str = ""


@dataclass(frozen=True)
class Cover:
    """What a screenshot must not show.

    Attributes:
        labels: Names of fields whose values are covered wherever they stand beside their name.
        values: Texts that are covered wherever they stand.
    """

    labels: frozenset[str] = frozenset()
    values: frozenset[str] = field(default=frozenset(), repr=False)


@dataclass(frozen=True)
class Notice:
    """Something that did not stop the work but that people should know.

    Attributes:
        key: Catalogue key of a text.
        values: Its placeholders, without personal data.
    """

    key: str
    values: dict[str, str]


@dataclass(frozen=True)
class Answer:
    """How the next dialog of the page is answered.

    Attributes:
        accept: OK, or Cancel.
        says: What the dialog must say (a part of it is enough); empty for anything.
        value: What is typed into a prompt.
    """

    accept: bool = True
    says: str = ""
    value: str = ""


class Browser(Protocol):
    """A browser with one session. All waits are in seconds; every wait ends by itself as soon as it can.

    Targets are searched in the window in use with all its frames and open shadow roots. Every method may raise
    NotFoundOnPage (it did not appear), StepFailed (the page did not let it be done), PageUnfinished (the page never
    came), DialogUnexpected (a dialog nobody announced), TargetUnreachable or TargetTrouble (the target does not
    answer, or answers with an error page).
    """

    @property
    def version(self) -> str:
        """The program's version; empty before the start."""

    def start(self) -> None:
        """Start the browser with an empty profile; raises BrowserMissing."""

    def renew(self) -> None:
        """Throw the session away (cookies, pages) and begin with an empty one."""

    def close(self) -> None:
        """End the browser; harmless when it is not running."""

    def guard_press(self, check: Callable[[], None] | None) -> None:
        """Call a check directly before every press, when the target is found; what it raises keeps it from pressing."""

    def begin_item(self) -> None:
        """Forget what belonged to the item before; the first call, after the login, remembers where items begin."""

    def open(self, url: str, timeout: float) -> None:
        """Go to an address and wait until the page is there."""

    def go_back(self, timeout: float) -> None:
        """Go back one page."""

    def fill(self, spot: Spot, value: str, timeout: float, *, secret: bool = False) -> None:
        """Replace the content of an input; no picture is taken while a secret stands in it."""

    def type(self, spot: Spot | None, value: str, timeout: float, *, secret: bool = False) -> None:
        """Type key by key, behind what stands there; without a target, wherever the focus is."""

    def select(self, spot: Spot, option: str, timeout: float) -> None:
        """Choose an option of a list by its words."""

    def check(self, spot: Spot, checked: bool, timeout: float) -> None:
        """Make a check box or radio button be on or off."""

    def options(self, spot: Spot) -> list[str]:
        """Return the words of the choices (radio buttons, check boxes) that stand in a field now."""

    def click(self, spot: Spot, timeout: float, *, wait: bool = True) -> None:
        """Press a button or follow a link; done once, never repeated.

        With `wait`, a page that this opens must begin to come within the time; without, the next step waits for it.
        """

    def double_click(self, spot: Spot, timeout: float) -> None:
        """Press twice, quickly."""

    def hover(self, spot: Spot, timeout: float) -> None:
        """Move the pointer onto the target and leave it there."""

    def press(self, key: str, spot: Spot | None, timeout: float) -> None:
        """Press a key ("Enter", "Control+A") on a target, or wherever the focus is."""

    def scroll(self, spot: Spot | None, to: Scroll, timeout: float) -> None:
        """Scroll to a target, or within a target or the page."""

    def upload(self, spot: Spot, file: Path, timeout: float) -> None:
        """Put a file into a file input, or into the file dialog that a button opens."""

    def download(self, spot: Spot, folder: Path, timeout: float) -> Path:
        """Press the target, wait until the download is complete, and return the file in the folder."""

    def answer_dialog(self, answer: Answer) -> None:
        """Say how the next dialog is to be answered; the step that opens it fails when none comes."""

    def switch_window(self, name: str, timeout: float) -> None:
        """Go on in the window that is "newest", "first", or has this in its title or address."""

    def close_window(self) -> None:
        """Close the window in use and go back to the one before it."""

    def switch_frame(self, name: str, timeout: float) -> None:
        """Look only into the frame of this name, title or address; "all" looks into all again."""

    def find(self, spot: Spot, timeout: float) -> None:
        """Wait until the target is on the page, is the only one of its words, and can be used."""

    def read(self, spot: Spot, timeout: float) -> str:
        """Return the value of an input, or the text of anything else, without spaces at its ends."""

    def read_table(self, spot: Spot, timeout: float) -> list[list[str]]:
        """Return the texts of the cells of the table that the target is or stands in or above, row by row."""

    def wait_for(self, expected: Expectation, unless: tuple[Spot, ...], timeout: float) -> int | None:
        """Wait until the expectation holds or one of `unless` is seen.

        Returns:
            None when it holds; else the index of the sign that was seen. A sign wins over the expectation.
        """

    def wait_state(self, spot: Spot, state: Readiness, timeout: float) -> None:
        """Wait until a target is shown, gone, enabled or disabled."""

    def wait_quiet(self, timeout: float) -> None:
        """Wait until the page loads nothing any more."""

    def seen(self, spots: tuple[Spot, ...]) -> int | None:
        """Return the index of the first of these spots that is on the page now, or None."""

    def texts(self, spot: Spot) -> list[str]:
        """Return the texts of everything on the page that the spot means now."""

    def page_text(self, cover: Cover) -> str:
        """Return all text of the window in use, frames included, without what a picture must not show."""

    def screenshot(self, cover: Cover) -> Shot | None:
        """Take a picture; None when none was taken because a secret is on the screen."""

    def expose(self, cover: Cover, keep: Callable[[Shot], None]) -> bool:
        """Begin a picture while the robot goes on; it is kept at the latest before the page is touched again.

        Returns:
            False when none is taken because a secret is on the screen.
        """

    def start_trace(self) -> None:
        """Begin to record what is done, for a trace."""

    def stop_trace(self, file: Path | None) -> None:
        """End the recording; it is kept in a file, or thrown away."""

    def take_notices(self) -> list[Notice]:
        """Return and forget what happened since the last call: fallbacks used, requests blocked, windows closed."""


class AtOnce(ABC):
    """For browsers that have a picture as soon as they are asked for one."""

    @abstractmethod
    def screenshot(self, cover: Cover) -> Shot | None:
        """Take a picture; None when none was taken because a secret is on the screen."""

    def expose(self, cover: Cover, keep: Callable[[Shot], None]) -> bool:
        """Take a picture and keep it; False when none was taken because a secret is on the screen."""
        shot = self.screenshot(cover)
        if shot is not None:
            keep(shot)
        return shot is not None
