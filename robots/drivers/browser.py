"""The seam to a browser: what robots ask of it, and nothing of how it is done."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from robots.targets import Spot


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


class Browser(Protocol):
    """A browser with one page. All waits are in seconds; every wait ends by itself as soon as it can.

    Every method may raise NotFoundOnPage (it did not appear), StepFailed (the page did not let it be done),
    TargetUnreachable or TargetTrouble (the target does not answer, or answers with an error page).
    """

    def start(self) -> None:
        """Start the browser with an empty profile; raises BrowserMissing."""

    def renew(self) -> None:
        """Throw the session away (cookies, pages) and begin with an empty one."""

    def close(self) -> None:
        """End the browser; harmless when it is not running."""

    def open(self, url: str, timeout: float) -> None:
        """Go to an address and wait until the page is there."""

    def go_back(self, timeout: float) -> None:
        """Go back one page."""

    def fill(self, spot: Spot, value: str, timeout: float, *, secret: bool = False) -> None:
        """Replace the content of an input; no picture is taken while a secret stands in it."""

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

    def press(self, key: str, spot: Spot | None, timeout: float) -> None:
        """Press a key ("Enter", "Control+A") on a target, or wherever the focus is."""

    def find(self, spot: Spot, timeout: float) -> None:
        """Wait until the target is on the page."""

    def read(self, spot: Spot, timeout: float) -> str:
        """Return the value of an input, or the text of anything else, without spaces at its ends."""

    def wait_for(self, expected: Expectation, unless: tuple[Spot, ...], timeout: float) -> int | None:
        """Wait until the expectation holds or one of `unless` is seen.

        Returns:
            None when it holds; else the index of the sign that was seen. A sign wins over the expectation.
        """

    def seen(self, spots: tuple[Spot, ...]) -> int | None:
        """Return the index of the first of these spots that is on the page now, or None."""

    def texts(self, spot: Spot) -> list[str]:
        """Return the texts of everything on the page that the spot means now."""

    def screenshot(self, file: Path, cover: Cover) -> bool:
        """Take a picture; False when none was taken because a secret is on the screen."""

    def take_notices(self) -> list[Notice]:
        """Return and forget what happened since the last call: fallbacks used, requests blocked, dialogs closed."""
