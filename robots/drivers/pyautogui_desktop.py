"""The real desktop: pyautogui moves mouse and keyboard, Pillow takes the pictures, pyperclip holds the clipboard.

What pyautogui and its kin cannot do is mended here: Japanese goes through the clipboard, pictures need no scrot, and
two parts of it that are under the GPL are never loaded (docs/adr/0014).
"""

import importlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Any, cast

import numpy as np
from loguru import logger
from PIL import ImageGrab

from robots.drivers.desktop import Picture, ScreenState
from robots.drivers.windowing import Windowing, open_windowing
from robots.errors import ScreenMissing, StepFailed, StoppedByPerson

PAUSE = 0.05
"""Pause after every movement of the hand, in seconds: programs need a moment to follow."""
_NOT_LOADED = ("mouseinfo", "pymsgbox", "pyscreeze")
"""Parts of pyautogui that stay unloaded: under the GPL, or asking for programs and displays that need not be there."""
_CLIPBOARD_TRIES = 20
_CLIPBOARD_SECONDS = 1.0
"""So long the window that holds the clipboard has to answer, each time it is asked."""
_CLIPBOARD_ASKED = 3
_CLIPBOARD_COMMANDS = (("xsel", "--clipboard", "--output"), ("xclip", "-selection", "clipboard", "-out"))
"""What reads the clipboard on X11, in pyperclip's order."""
_END_SECONDS = 5.0


class PyAutoGuiDesktop:
    """The screen that this process was started on.

    Args:
        environ: Environment; the process's own by default. On Linux DISPLAY names the screen.
        environ_added: More variables for the programs that are started.
    """

    def __init__(
        self, environ: Mapping[str, str] | None = None, environ_added: Mapping[str, str] | None = None
    ) -> None:
        self._environ = dict(os.environ if environ is None else environ)
        self._added = dict(environ_added or {})
        self._display = self._environ.get("DISPLAY", "")
        self.name = self._display.replace(":", "").split(".")[0] or "main"
        self._gui: Any = None
        self._windowing: Windowing | None = None
        self._programs: list[subprocess.Popen[bytes]] = []
        self._stopped = False

    def open(self) -> ScreenState:
        """Connect to the screen.

        Raises:
            ScreenMissing: There is none, or it belongs to nobody.
        """
        if self._windowing is None:
            self._windowing = open_windowing(self._display)
            self._gui = load_pyautogui(self._windowing)
            self._gui.PAUSE = PAUSE
        width, height = self._windowing.size()
        right, bottom = width - 1, height - 1
        self._gui.FAILSAFE_POINTS = [(0, 0), (0, bottom), (right, 0), (right, bottom)]
        return ScreenState(width, height, self._windowing.monitors(), self._windowing.locked())

    def close(self) -> None:
        """End the programs and let the screen go."""
        self.end_programs()
        if self._windowing is not None:
            self._windowing.close()
        self._windowing, self._gui = None, None

    def check_person(self) -> None:
        """Raise StoppedByPerson when the mouse is in a corner, now or before."""
        if not self._stopped:
            try:
                self._ready().failSafeCheck()
            except self._gui.FailSafeException:
                self._stopped = True
        if self._stopped:
            raise StoppedByPerson("robots.stopped_by_person", where=f"screen {self.name}")

    def picture(self) -> Picture:
        """Return what the main monitor shows."""
        self.check_person()
        try:
            grabbed = ImageGrab.grab(xdisplay=self._display or None)
        except OSError as error:
            raise StepFailed("robots.screen_not_seen", where=f"screen {self.name}") from error
        return cast(Picture, np.asarray(grabbed.convert("RGB")))

    def windows(self) -> list[str]:
        """Return the titles of the windows, the front one first."""
        self.check_person()
        return self._window_system().windows()

    def focus(self, title: str) -> None:
        """Bring a window to the front."""
        self.check_person()
        if not self._window_system().focus(title):
            raise StepFailed("robots.window_not_focused", where=title, title=title)

    def start_program(self, command: Sequence[str]) -> None:
        """Start a program in a process group of its own; its output goes nowhere, it may hold personal data."""
        self.check_person()
        environ = {**self._environ, **self._added}
        try:
            started = subprocess.Popen(
                list(command), env=environ, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )  # fmt: skip
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise StepFailed(
                "robots.program_not_started", where=command[0], program=command[0], reason=reason
            ) from error
        self._programs.append(started)

    def ended_program(self) -> int | None:
        """Return the exit code of the program started last."""
        return self._programs[-1].poll() if self._programs else None

    def end_programs(self) -> None:
        """End every program that was started here, by its own process id."""
        for program in self._programs:
            if program.poll() is None:
                program.terminate()
        for program in self._programs:
            try:
                program.wait(_END_SECONDS)
            except subprocess.TimeoutExpired:
                logger.warning("program {} did not end by itself", program.pid)
                program.kill()
                program.wait(_END_SECONDS)
        self._programs.clear()

    def click(self, x: int, y: int, *, button: str = "left", times: int = 1) -> None:
        """Press a mouse button at a pixel."""
        self.check_person()
        self._ready().click(x, y, clicks=times, interval=PAUSE, button=button)

    def press(self, keys: str) -> None:
        """Press keys together; an unknown name is told, not dropped."""
        self.check_person()
        names = [name.strip().lower() for name in keys.split("+")] if keys != "+" else ["+"]
        for name in names:
            if not self._ready().isValidKey(name):
                raise StepFailed("robots.key_unknown", where=keys, name=name)
        self._gui.hotkey(*names)

    def type_keys(self, text: str) -> None:
        """Type printable ASCII; raises ValueError for the rest, which pyautogui would drop without a word."""
        if not (text.isascii() and text.isprintable()):
            raise ValueError("only printable ASCII can be typed on the keyboard")
        self.check_person()
        self._ready().write(text, interval=0.01)

    def read_clipboard(self) -> str:
        """Return the text of the clipboard; empty when it holds no text, or a text that is not Unicode."""
        import pyperclip

        try:
            command = _clipboard_command(self._environ)
            return str(pyperclip.paste()) if command is None else _asked(command, self._environ)
        except UnicodeDecodeError:
            return ""
        except pyperclip.PyperclipException as error:
            raise StepFailed("robots.clipboard_missing", where="clipboard") from error

    def write_clipboard(self, text: str) -> None:
        """Put a text into the clipboard; another program may hold it open, so it is tried for a second."""
        import pyperclip

        for left in range(_CLIPBOARD_TRIES, -1, -1):
            try:
                pyperclip.copy(text)
                return
            except pyperclip.PyperclipException as error:
                if not left:
                    raise StepFailed("robots.clipboard_missing", where="clipboard") from error
                time.sleep(0.05)

    def _ready(self) -> Any:
        if self._gui is None:
            raise StepFailed("robots.screen_not_open", where=f"screen {self.name}")
        return self._gui

    def _window_system(self) -> Windowing:
        self._ready()
        assert self._windowing is not None  # opened together with pyautogui
        return self._windowing


def _clipboard_command(environ: Mapping[str, str]) -> Sequence[str] | None:
    """Return the program that reads the clipboard on X11; None where pyperclip asks the system itself."""
    if not sys.platform.startswith("linux") or environ.get("WAYLAND_DISPLAY"):
        return None
    return next((command for command in _CLIPBOARD_COMMANDS if shutil.which(command[0])), None)


def _asked(command: Sequence[str], environ: Mapping[str, str]) -> str:
    """Read the clipboard with a program; empty when the window that holds it does not answer.

    On X11 the clipboard belongs to a window. One that gives it up just when it is asked never answers, so that asking
    once more helps; one that hangs does not answer at all.
    """
    for _ in range(_CLIPBOARD_ASKED):
        try:
            told = subprocess.run(
                command, capture_output=True, timeout=_CLIPBOARD_SECONDS, check=False, env=dict(environ)
            )
        except subprocess.TimeoutExpired:
            continue
        return told.stdout.decode()
    logger.warning("the window that holds the clipboard does not answer")
    return ""


def load_pyautogui(windowing: Windowing) -> Any:
    """Import pyautogui with our own hands where its own are under the GPL.

    MouseInfo (GPLv3) and python3-xlib (GPLv2) are installed beside it by pip; neither is ever imported. pyautogui
    itself goes on without the parts that it cannot import.

    Raises:
        ScreenMissing: It cannot be loaded here.
    """
    hands = windowing.hands()
    if hands is not None:
        sys.modules["pyautogui._pyautogui_x11"] = cast(Any, hands)
    loaded = sys.modules.get("pyautogui")
    if loaded is not None:
        loaded.platformModule = hands or loaded.platformModule  # type: ignore[attr-defined]
        return loaded
    sys.modules.update(cast(Any, dict.fromkeys(_NOT_LOADED)))
    try:
        return importlib.import_module("pyautogui")
    except Exception as error:  # its modules raise what they like when a display is missing
        raise ScreenMissing("robots.screen_missing", where="DISPLAY", name=type(error).__name__) from error
    finally:
        for name in _NOT_LOADED:
            sys.modules.pop(name, None)
