"""Desktop actions: what a clerk does with a program that is no web page: look, click, type, press keys.

Windows are named by their titles, things on the screen by their words (read by OCR) or by a small picture cut from a
screenshot, kept in the folder `images` beside the robots.
"""

from robots.bench import Bench
from robots.errors import NotFoundOnPage, StepFailed
from robots.matching import LIKENESS
from robots.registry import Function, Name
from robots.screen import Screen
from robots.step import Step

IMAGES = "images"
"""Folder of the pictures to look for, beside the robots."""


def start_program(bench: Bench, program: Name, arguments: tuple[Name, ...] = (), window: str = "") -> None:
    """Start a program; it is ended when the robot's session ends.

    Args:
        program: The program's file.
        arguments: What it is started with, one by one.
        window: Words of the title of the window to wait for.
    """
    screen = screen_of(bench)
    screen.desktop.start_program([program, *arguments])
    if window:
        screen.desktop.focus(screen.wait_window(window, bench.timeout))


def focus_window(bench: Bench, title: str) -> None:
    """Bring a window to the front, waiting until it is there.

    Args:
        title: Words of its title.
    """
    screen = screen_of(bench)
    screen.desktop.focus(screen.wait_window(title, bench.timeout))


def wait_window(bench: Bench, title: str, visible: bool = True) -> None:
    """Wait for a window.

    Args:
        title: Words of its title.
        visible: false: wait until it is gone.
    """
    screen_of(bench).wait_window(title, bench.timeout, visible=visible)


def click_image(
    bench: Bench,
    image: Name,
    nth: int | None = None,
    likeness: float = LIKENESS,
    right: int = 0,
    down: int = 0,
    double: bool = False,
) -> None:
    """Click a place on the screen that looks like a small picture.

    Args:
        image: File name of the picture in the folder images beside the robots.
        nth: The n-th of several, from the top.
        likeness: How alike it must be, up to 1.0 for exactly the same.
        right: Click so many pixels right of its middle.
        down: Click so many pixels below its middle.
        double: true: click twice.
    """
    screen = screen_of(bench)
    x, y = screen.find_image(image, bench.timeout, nth=nth, likeness=likeness).centre
    bench.about_to_press()
    screen.desktop.click(x + right, y + down, times=2 if double else 1)


def click_words(
    bench: Bench, words: str, nth: int | None = None, right: int = 0, down: int = 0, double: bool = False
) -> None:
    """Click words on the screen, found by reading it.

    Args:
        words: The words.
        nth: The n-th of several, from the top.
        right: Click so many pixels right of their middle, such as the input beside a label.
        down: Click so many pixels below their middle.
        double: true: click twice.
    """
    screen = screen_of(bench)
    x, y = screen.find_words(words, bench.timeout, nth=nth).centre
    bench.about_to_press()
    screen.desktop.click(x + right, y + down, times=2 if double else 1)


def type_words(bench: Bench, value: str = "", keep: bool = False) -> None:
    """Type into the input that has the keyboard; what stood there is replaced, and the result is read back.

    Args:
        value: What to type, Japanese too. Left out when the step has secret:.
        keep: true: add to what stands there and do not read back, for inputs of several lines.
    """
    screen = screen_of(bench)
    if bench.secret:
        screen.type_secret(value)
    else:
        screen.type_text(value, keep=keep)


def press_keys(bench: Bench, keys: Name, times: int = 1) -> None:
    """Press a key, or several together.

    Args:
        keys: The key, such as enter, tab, f9, ctrl+s.
        times: How often.
    """
    for _ in range(times):
        screen_of(bench).desktop.press(keys)


def wait_image(bench: Bench, image: Name, visible: bool = True) -> None:
    """Wait until a small picture is seen on the screen.

    Args:
        image: File name of the picture in the folder images beside the robots.
        visible: false: wait until it is gone.
    """
    screen = screen_of(bench)
    if visible:
        screen.find_image(image, bench.timeout, nth=1)
    else:
        screen.wait_image_gone(image, bench.timeout)


def wait_words(bench: Bench, words: str, visible: bool = True) -> None:
    """Wait until words are read on the screen.

    Args:
        words: The words.
        visible: false: wait until they are gone.
    """
    screen = screen_of(bench)
    if visible:
        screen.find_words(words, bench.timeout, nth=1)
    else:
        screen.wait_words_gone(words, bench.timeout)


def read_words(bench: Bench, after: str, into: Name, nth: int | None = None) -> None:
    """Read the words on the screen that stand right of other words, and keep them with the item.

    Args:
        after: The words they stand behind, such as 受付番号.
        into: The name under which they are kept; later ${result.NAME}.
        nth: The n-th of several, from the top.
    """
    words = screen_of(bench).read_words(after, bench.timeout, nth=nth)
    if not words:
        raise NotFoundOnPage("robots.nothing_to_read", where=after)
    bench.result[into] = words


def screen_of(bench: Bench) -> Screen:
    """Return the bench's screen.

    Raises:
        StepFailed: The run has none.
    """
    if bench.screen is None:
        raise StepFailed("robots.screen_not_open", where="screen")
    return bench.screen


def look_before_commit(step: Step, bench: Bench) -> None:
    """See what a commit step is about to click before `committing` is written.

    So nothing comes to be in doubt for a button that is not there.

    Raises:
        NotFoundOnPage: It is not on the screen.
    """
    arguments = step.arguments.bind(bench.scope)
    if step.action.function is click_words:
        screen_of(bench).find_words(arguments["words"], bench.timeout, nth=arguments["nth"])
    elif step.action.function is click_image:
        nth, likeness = arguments["nth"], arguments["likeness"]
        screen_of(bench).find_image(arguments["image"], bench.timeout, nth=nth, likeness=likeness)


ACTIONS: tuple[Function, ...] = (
    start_program, focus_window, wait_window, click_image, click_words, type_words, press_keys, wait_image,
    wait_words, read_words,
)  # fmt: skip
"""The actions of this file."""

CONFIRMING = frozenset({"wait_window", "wait_words", "wait_image"})
"""Actions of this file that can confirm a registration."""
