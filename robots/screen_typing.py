"""Typing on a screen: Japanese is pasted from the clipboard, read back out of the input, and the clipboard restored."""

import time

from robots.drivers.desktop import Desktop
from robots.errors import StepFailed
from robots.screen_waiting import wait_on

_SETTLE_SECONDS = (0.15, 0.5, 1.5)
"""How long a program is given to take what was pasted, at each try."""
_ARRIVES_SECONDS = 5.0
"""So long a text may take to be in the clipboard: more than a read that has to be asked for again."""
_MARK = "\u2060hakadori"


class Typist:
    """Types on one screen.

    Args:
        desktop: The driver.
    """

    def __init__(self, desktop: Desktop) -> None:
        self._desktop = desktop

    def type_text(self, text: str, *, keep: bool = False) -> None:
        """Replace what stands in the input that has the keyboard, by pasting, and read it back.

        Args:
            text: The text.
            keep: Add to what stands there, and do not read back (for inputs of several lines).

        Raises:
            StepFailed: The input does not hold the text afterwards.
        """
        before = self._desktop.read_clipboard()
        try:
            if keep:
                self._paste(text, _SETTLE_SECONDS[1])
                return
            for settle in _SETTLE_SECONDS:
                self.clear()
                self._paste(text, settle)
                if self.holds(text):
                    return
            raise StepFailed("robots.typed_differs", where=f"screen {self._desktop.name}")
        finally:
            self._desktop.write_clipboard(before)

    def clear(self) -> None:
        """Empty the input that has the keyboard."""
        for keys in ("end", "shift+home", "delete"):
            self._desktop.press(keys)

    def _paste(self, text: str, settle: float) -> None:
        self._fill_clipboard(text)
        self._desktop.press("ctrl+v")
        time.sleep(settle)

    def _fill_clipboard(self, text: str) -> None:
        """Put a text into the clipboard and see it there: on Linux another process takes it over, a moment later."""
        self._desktop.write_clipboard(text)
        arrived = wait_on(
            self._desktop, lambda: self._desktop.read_clipboard() == text or None, _ARRIVES_SECONDS
        )
        if arrived is None:
            raise StepFailed("robots.clipboard_differs", where="clipboard")

    def holds(self, text: str) -> bool:
        """Copy the input's content out of it and say whether it is this; a mark shows if anything was copied at all."""
        self._fill_clipboard(_MARK)
        for keys in ("end", "shift+home", "ctrl+c"):
            self._desktop.press(keys)
        copied = wait_on(self._desktop, self._copied, 1.0)
        self._desktop.press("end")
        return (copied or "") == text

    def _copied(self) -> str | None:
        held = self._desktop.read_clipboard()
        return held if held != _MARK else None
