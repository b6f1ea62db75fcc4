"""Browser actions around the page: dialogs, windows and frames, files that go up and come down."""

from pathlib import Path
from typing import Literal

from robots.bench import Bench
from robots.drivers.browser import Answer
from robots.errors import StepFailed
from robots.registry import Function, Name
from robots.targets import Spot

_NOWHERE = Name("")


def dialog(bench: Bench, answer: Literal["accept", "dismiss"], says: str = "", value: str = "") -> None:
    """Say how the dialog that the next step opens is answered; a dialog nobody announced makes its step fail.

    Args:
        answer: accept (OK, はい) or dismiss (キャンセル, いいえ).
        says: What the dialog must say; a part is enough. One that says something else is dismissed and the step fails.
        value: What to type into a dialog that asks for a text.
    """
    bench.browser.answer_dialog(Answer(answer == "accept", says, value))


def switch(bench: Bench, window: str = "", frame: str = "") -> None:
    """Go on in another window or tab, or look into one frame only.

    Args:
        window: newest (the one just opened), first, or a part of its title or address.
        frame: The frame's name, title or address; all looks into all frames again. Frames are searched anyway.
    """
    if not window and not frame:
        raise StepFailed("robots.switch_nowhere", where="switch")
    if window:
        bench.browser.switch_window(window, bench.timeout)
    if frame:
        bench.browser.switch_frame(frame, bench.timeout)


def close_window(bench: Bench) -> None:
    """Close the window in use and go back to the one that was open before it."""
    bench.browser.close_window()


def go_back(bench: Bench) -> None:
    """Go back one page."""
    bench.browser.go_back(bench.timeout)


def upload(bench: Bench, target: Spot, file: str) -> None:
    """Hand a file to the page.

    Args:
        target: The file input, or the button that opens the file dialog.
        file: The file; such as ${folder.NAME}/申請.pdf, outbox/一覧.xlsx, or one that was downloaded.
    """
    path = bench.places.resolve(file)
    if not path.is_file():
        raise StepFailed("robots.upload_missing", where=Path(file).name, name=Path(file).name)
    bench.browser.upload(target, path, bench.timeout)


def download(bench: Bench, target: Spot, into: Name = _NOWHERE) -> None:
    """Press something that sends a file, and wait until the file is complete.

    Args:
        target: The button or link.
        into: The name under which the file's place is kept; later ${result.NAME}. The file goes to the run's folder.
    """
    file = bench.browser.download(target, bench.downloads, bench.timeout)
    if into:
        bench.result[into] = str(file)


ACTIONS: tuple[Function, ...] = (dialog, switch, close_window, go_back, upload, download)
"""The actions of this file."""
