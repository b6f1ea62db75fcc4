"""Browser actions: what a clerk does on a web page, one action for each movement of the hand.

Looking at the page stands in browser_looking.py, windows and files in browser_windows.py.
"""

from robots.bench import Bench
from robots.drivers.browser import Scroll
from robots.registry import Function, Name
from robots.targets import Spot

SEPARATOR = "、"
"""Stands between the chosen options of a field in a record."""


def open_(bench: Bench, url: str) -> None:
    """Go to an address of a target system.

    Args:
        url: The address, such as ${target.townoffice}/login.
    """
    bench.browser.open(url, bench.timeout)


def fill(bench: Bench, target: Spot, value: str = "") -> None:
    """Type into an input; what stood there is replaced.

    Args:
        target: The input.
        value: What to type. Left out when the step has `secret:`.
    """
    bench.browser.fill(target, value, bench.timeout, secret=bench.secret)


def type_(bench: Bench, target: Spot | None, value: str = "") -> None:
    """Type key by key behind what stands there, for inputs that look things up while one types.

    Args:
        target: The input; left out, wherever the focus is.
        value: What to type. Left out when the step has `secret:`.
    """
    bench.browser.type(target, value, bench.timeout, secret=bench.secret)


def select(bench: Bench, target: Spot, option: str) -> None:
    """Choose from a drop-down list by the words of the option.

    Args:
        target: The list.
        option: The words of the option.
    """
    bench.browser.select(target, option, bench.timeout)


def choose(bench: Bench, target: Spot, option: str) -> None:
    """Choose one of several radio buttons.

    Args:
        target: The field that the radio buttons belong to.
        option: The words beside the radio button.
    """
    bench.browser.check(target.option(option), True, bench.timeout)


def check(bench: Bench, target: Spot, options: str = "") -> None:
    """Tick a check box, or exactly these options of a field with several.

    Args:
        target: The check box, or the field that the check boxes belong to.
        options: The options to tick, joined by 、; the field's other boxes are cleared.
    """
    if not options:
        bench.browser.check(target, True, bench.timeout)
        return
    wanted = options.split(SEPARATOR)
    for option in wanted:
        bench.browser.check(target.option(option), True, bench.timeout)
    for option in bench.browser.options(target):
        if option not in wanted:
            bench.browser.check(target.option(option), False, bench.timeout)


def uncheck(bench: Bench, target: Spot) -> None:
    """Clear a check box.

    Args:
        target: The check box.
    """
    bench.browser.check(target, False, bench.timeout)


def click(bench: Bench, target: Spot) -> None:
    """Press a button or follow a link.

    Args:
        target: The button, link or other thing to press.
    """
    bench.browser.click(target, bench.timeout, wait=not bench.commit)


def double_click(bench: Bench, target: Spot) -> None:
    """Press twice, quickly.

    Args:
        target: What to press, often a row of a list.
    """
    bench.browser.double_click(target, bench.timeout)


def hover(bench: Bench, target: Spot) -> None:
    """Move the pointer onto something and leave it there, so that a menu opens.

    Args:
        target: What to point at.
    """
    bench.browser.hover(target, bench.timeout)


def scroll(bench: Bench, target: Spot | None, to: Scroll = "into_view") -> None:
    """Scroll the page, or a part of it that scrolls by itself.

    Args:
        target: What to bring into view, or with `to` the part to scroll; left out, the page.
        to: into_view, top, bottom, down or up (one screen on). Lists that load more as one scrolls need bottom.
    """
    page = "bottom" if target is None and to == "into_view" else to
    bench.browser.scroll(target, page, bench.timeout)


def press(bench: Bench, target: Spot | None, key: Name) -> None:
    """Press a key, such as Enter, Tab or Control+A.

    Args:
        target: Where; left out, wherever the focus is.
        key: The key.
    """
    bench.browser.press(key, target, bench.timeout)


ACTIONS: tuple[Function, ...] = (
    open_, fill, type_, select, choose, check, uncheck, click, double_click, press, hover, scroll,
)  # fmt: skip
"""The actions of this file."""
