"""The hands that pyautogui gets on an X11 screen, in place of its own platform module.

pyautogui asks its platform for a dozen functions of fixed names; here they are, on top of `X11Screen`.
"""

from collections.abc import Iterator, Mapping

from robots.drivers.x11 import X11Screen

_BUTTONS: Mapping[object, int] = {"left": 1, "middle": 2, "right": 3}
_SYMBOLS = {
    "alt": "Alt_L", "altleft": "Alt_L", "altright": "Alt_R", "backspace": "BackSpace", "capslock": "Caps_Lock",
    "ctrl": "Control_L", "ctrlleft": "Control_L", "ctrlright": "Control_R", "del": "Delete", "delete": "Delete",
    "down": "Down", "end": "End", "enter": "Return", "esc": "Escape", "escape": "Escape", "home": "Home",
    "insert": "Insert", "left": "Left", "pagedown": "Page_Down", "pageup": "Page_Up", "return": "Return",
    "right": "Right", "shift": "Shift_L", "shiftleft": "Shift_L", "shiftright": "Shift_R", "space": "space",
    "tab": "Tab", "\t": "Tab", "\n": "Return", "up": "Up", "win": "Super_L", " ": "space", "!": "exclam",
    '"': "quotedbl", "#": "numbersign", "$": "dollar", "%": "percent", "&": "ampersand", "'": "apostrophe",
    "(": "parenleft", ")": "parenright", "*": "asterisk", "+": "plus", ",": "comma", "-": "minus",
    ".": "period", "/": "slash", ":": "colon", ";": "semicolon", "<": "less", "=": "equal", ">": "greater",
    "?": "question", "@": "at", "[": "bracketleft", "\\": "backslash", "]": "bracketright",
    "^": "asciicircum", "_": "underscore", "`": "grave", "{": "braceleft", "|": "bar", "}": "braceright",
    "~": "asciitilde",
} | {f"f{n}": f"F{n}" for n in range(1, 13)}  # fmt: skip
"""pyautogui's names of keys and the X key symbols; letters and digits name themselves."""


class KeyNames(Mapping[str, str]):
    """The keys of this keyboard by pyautogui's names."""

    def __init__(self, screen: X11Screen) -> None:
        names = {**_SYMBOLS, **{chr(code): chr(code) for code in range(0x30, 0x7B) if chr(code).isalnum()}}
        self._known = {name: symbol for name, symbol in names.items() if screen.knows(symbol)}

    def __getitem__(self, name: str) -> str:
        return self._known[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)


class X11Hands:
    """pyautogui's platform functions, under the names it calls them by.

    Args:
        screen: The screen they work on.
    """

    def __init__(self, screen: X11Screen) -> None:
        self._screen = screen
        self.keyboardMapping = KeyNames(screen)

    def _position(self) -> tuple[int, int]:
        return self._screen.position()

    def _size(self) -> tuple[int, int]:
        return self._screen.size()

    def _mouse_is_swapped(self) -> bool:
        return False

    def _moveTo(self, x: int, y: int) -> None:  # noqa: N802 - pyautogui's name
        self._screen.move(int(x), int(y))

    def _mouseDown(self, x: int, y: int, button: object) -> None:  # noqa: N802 - pyautogui's name
        self._moveTo(x, y)
        self._screen.button(_BUTTONS[button], down=True)

    def _mouseUp(self, x: int, y: int, button: object) -> None:  # noqa: N802 - pyautogui's name
        self._moveTo(x, y)
        self._screen.button(_BUTTONS[button], down=False)

    def _click(self, x: int, y: int, button: object) -> None:
        self._mouseDown(x, y, button)
        self._mouseUp(x, y, button)

    def _keyDown(self, key: str) -> None:  # noqa: N802 - pyautogui's name
        if key in self.keyboardMapping:
            self._screen.key(self.keyboardMapping[key], down=True)

    def _keyUp(self, key: str) -> None:  # noqa: N802 - pyautogui's name
        if key in self.keyboardMapping:
            self._screen.key(self.keyboardMapping[key], down=False)
