"""Browser actions: what a clerk does on a web page, one action for each movement of the hand."""

from robots.bench import Bench
from robots.drivers.browser import Expectation
from robots.errors import NotFoundOnPage
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


def press(bench: Bench, target: Spot | None, key: Name) -> None:
    """Press a key, such as Enter, Tab or Control+A.

    Args:
        target: Where; left out, wherever the focus is.
        key: The key.
    """
    bench.browser.press(key, target, bench.timeout)


def expect(
    bench: Bench,
    target: Spot | None,
    value: str = "",
    url: str = "",
    visible: bool = True,
    count: int | None = None,
) -> None:
    """Wait until the page shows something; go on only then.

    Args:
        target: What shall be on the page.
        value: The value that the input shall have, or the text that the place shall show.
        url: Text that the address shall contain.
        visible: false: it shall not be on the page.
        count: How many of them there shall be.
    """
    if target is not None:
        target = target.limited(value=value or None, count=count)
    seen = bench.browser.wait_for(Expectation(target, visible, url), bench.refusals, bench.timeout)
    if seen is not None:
        raise bench.fail(seen)


def read(bench: Bench, target: Spot, into: Name) -> None:
    """Read a value from the page and keep it with the item.

    Args:
        target: The place to read.
        into: The name under which it is kept; later ${result.NAME}.
    """
    value = bench.browser.read(target, bench.timeout)
    if not value:
        raise NotFoundOnPage("robots.nothing_to_read", where=target.describe())
    bench.result[into] = value


def go_back(bench: Bench) -> None:
    """Go back one page."""
    bench.browser.go_back(bench.timeout)


def screenshot(bench: Bench, name: Name) -> None:
    """Keep a picture of the page with the evidence; personal values are covered.

    Args:
        name: What the picture is called.
    """
    bench.evidence.picture(bench.browser, name, bench.cover)


ACTIONS: tuple[Function, ...] = (
    open_, fill, select, choose, check, uncheck, click, press, expect, read, go_back, screenshot,
)  # fmt: skip
"""The actions of this file."""
