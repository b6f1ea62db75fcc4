"""The windows of a screen, and what else differs between Windows and Linux."""

import ctypes
import sys
from typing import Any, Protocol

from robots.drivers.x11 import X11Screen
from robots.drivers.x11_hands import X11Hands

_READ_OBJECTS = 0x0001
_MONITORS = 80
"""SM_CMONITORS of GetSystemMetrics."""


class Windowing(Protocol):
    """A system of windows."""

    def size(self) -> tuple[int, int]:
        """Return width and height of the main monitor in pixels."""

    def monitors(self) -> int:
        """Return how many monitors there are."""

    def locked(self) -> bool:
        """Say whether the screen is locked, or the session's window on another PC was closed."""

    def windows(self) -> list[str]:
        """Return the titles of the windows, the front one first."""

    def focus(self, title: str) -> bool:
        """Bring a window to the front; False when there is none of this title."""

    def hands(self) -> Any:
        """Return pyautogui's platform module to use in place of its own; None for its own."""

    def close(self) -> None:
        """Let the screen go."""


class X11Windowing:
    """The windows of an X11 screen.

    Args:
        display: Its name, such as ":0".
    """

    def __init__(self, display: str) -> None:
        self._screen = X11Screen(display)

    def size(self) -> tuple[int, int]:
        """Return width and height of the screen."""
        return self._screen.size()

    def monitors(self) -> int:
        """Return how many monitors the RandR extension tells of; 1 where it is missing."""
        return self._screen.monitors()

    def locked(self) -> bool:
        """X11 does not tell; a black picture does."""
        return False

    def windows(self) -> list[str]:
        """Return the titles of the windows."""
        return self._screen.windows()

    def focus(self, title: str) -> bool:
        """Bring a window to the front."""
        return self._screen.focus(title)

    def hands(self) -> Any:
        """Return hands on libXtst."""
        return X11Hands(self._screen)

    def close(self) -> None:
        """End the connection."""
        self._screen.close()


class MicrosoftWindowing:
    """The windows of Microsoft Windows, through PyGetWindow (BSD licence), which comes with pyautogui."""

    def size(self) -> tuple[int, int]:
        """Return width and height of the main monitor."""
        user32 = self._user32()
        return user32.GetSystemMetrics(0), user32.GetSystemMetrics(1)

    def monitors(self) -> int:
        """Return how many monitors there are."""
        return int(self._user32().GetSystemMetrics(_MONITORS))

    def locked(self) -> bool:
        """Say whether the desktop that takes input is not ours: locked, or a closed remote session."""
        user32 = self._user32()
        desktop = user32.OpenInputDesktop(0, False, _READ_OBJECTS)
        if not desktop:
            return True
        user32.CloseDesktop(desktop)
        return False

    def windows(self) -> list[str]:
        """Return the titles of the windows."""
        return [
            str(window.title) for window in self._module().getAllWindows() if window.title and window.visible
        ]

    def focus(self, title: str) -> bool:
        """Bring a window to the front."""
        found = [window for window in self._module().getAllWindows() if window.title == title]
        if not found:
            return False
        if found[0].isMinimized:
            found[0].restore()
        found[0].activate()
        return True

    def hands(self) -> Any:
        """Return None: pyautogui's own hands on Windows are its own code."""
        return None

    def close(self) -> None:
        """Do nothing."""

    def _module(self) -> Any:
        import pygetwindow

        return pygetwindow

    def _user32(self) -> Any:
        return getattr(ctypes, "windll").user32  # noqa: B009 - the attribute exists on Windows alone


def open_windowing(display: str) -> Windowing:
    """Return the windows of the screen this process was started on.

    Raises:
        ScreenMissing: There is none.
    """
    return MicrosoftWindowing() if sys.platform == "win32" else X11Windowing(display)
