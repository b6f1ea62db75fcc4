"""An X11 screen (Linux): its windows, mouse and keyboard, through the system's own libraries libX11 and libXtst.

pyautogui would bring a Python binding under the GPL for this, which a town's installation must not load
(docs/adr/0014); the two system libraries are under the MIT licence. Desktop robots run on Windows in town halls;
this serves the tests and Linux desks.
"""

import ctypes
from collections.abc import Iterator
from ctypes import POINTER, byref, c_char_p, c_int, c_long, c_uint, c_ulong, c_void_p

from robots.errors import ScreenMissing

_CURRENT = 0
_VIEWABLE = 2
_REVERT_TO_PARENT = 2
_NET_NAME, _UTF8 = b"_NET_WM_NAME", b"UTF8_STRING"


class _Attributes(ctypes.Structure):
    """XWindowAttributes; only map_state is looked at."""

    _fields_ = [
        ("x", c_int), ("y", c_int), ("width", c_int), ("height", c_int), ("border_width", c_int),
        ("depth", c_int), ("visual", c_void_p), ("root", c_ulong), ("klass", c_int), ("bit_gravity", c_int),
        ("win_gravity", c_int), ("backing_store", c_int), ("backing_planes", c_ulong),
        ("backing_pixel", c_ulong), ("save_under", c_int), ("colormap", c_ulong), ("map_installed", c_int),
        ("map_state", c_int), ("all_event_masks", c_long), ("your_event_mask", c_long),
        ("do_not_propagate_mask", c_long), ("override_redirect", c_int), ("screen", c_void_p),
    ]  # fmt: skip


_FAILED = ctypes.CFUNCTYPE(c_int, c_void_p, c_void_p)
_IGNORE = _FAILED(lambda _display, _event: 0)
"""A window may vanish while it is looked at; Xlib would end the whole process for that."""


class X11Screen:
    """One connection to one X11 display.

    Args:
        display: Its name, such as ":0".

    Raises:
        ScreenMissing: There is no such display, or the libraries are missing.
    """

    def __init__(self, display: str) -> None:
        try:
            self._x = ctypes.CDLL("libX11.so.6")
            self._test = ctypes.CDLL("libXtst.so.6")
        except OSError as error:
            raise ScreenMissing("robots.screen_library_missing", where=display) from error
        self._declare()
        self._display = self._x.XOpenDisplay(display.encode())
        if not self._display:
            raise ScreenMissing("robots.screen_missing", where=display or "DISPLAY", name=display or "-")
        self._x.XSetErrorHandler(_IGNORE)
        self._root = self._x.XDefaultRootWindow(self._display)

    def close(self) -> None:
        """End the connection."""
        if self._display:
            self._x.XCloseDisplay(self._display)
            self._display = None

    def size(self) -> tuple[int, int]:
        """Return width and height of the screen in pixels."""
        return self._x.XDisplayWidth(self._display, 0), self._x.XDisplayHeight(self._display, 0)

    def monitors(self) -> int:
        """Return how many monitors the RandR extension tells of; 1 where it is missing."""
        try:
            randr = ctypes.CDLL("libXrandr.so.2")
        except OSError:
            return 1
        count = c_int()
        randr.XRRGetMonitors.restype = c_void_p
        randr.XRRGetMonitors.argtypes = [c_void_p, c_ulong, c_int, c_void_p]
        listed = randr.XRRGetMonitors(self._display, self._root, 1, byref(count))
        if listed:
            self._x.XFree(listed)
        return max(1, count.value)

    def position(self) -> tuple[int, int]:
        """Return where the mouse is."""
        found = [c_ulong(), c_ulong()]
        x, y, at_x, at_y = c_int(), c_int(), c_int(), c_int()
        mask = c_uint()
        self._x.XQueryPointer(
            self._display, self._root, *(byref(one) for one in found), byref(x), byref(y), byref(at_x),
            byref(at_y), byref(mask),
        )  # fmt: skip
        return x.value, y.value

    def move(self, x: int, y: int) -> None:
        """Move the mouse."""
        self._test.XTestFakeMotionEvent(self._display, -1, x, y, _CURRENT)
        self._sync()

    def button(self, number: int, *, down: bool) -> None:
        """Press or release a mouse button."""
        self._test.XTestFakeButtonEvent(self._display, number, int(down), _CURRENT)
        self._sync()

    def key(self, symbol: str, *, down: bool) -> None:
        """Press or release the key of a key symbol, such as "a", "Return", "Control_L", with shift where needed."""
        code = self._code(symbol)
        if not code:
            return
        number = self._x.XStringToKeysym(symbol.encode())
        shifted = self._x.XkbKeycodeToKeysym(self._display, code, 0, 0) != number
        shift = self._code("Shift_L") if shifted else 0
        if shift and down:
            self._test.XTestFakeKeyEvent(self._display, shift, 1, _CURRENT)
        self._test.XTestFakeKeyEvent(self._display, code, int(down), _CURRENT)
        if shift and not down:
            self._test.XTestFakeKeyEvent(self._display, shift, 0, _CURRENT)
        self._sync()

    def knows(self, symbol: str) -> bool:
        """Say whether the keyboard has a key for a symbol."""
        return bool(self._code(symbol))

    def windows(self) -> list[str]:
        """Return the titles of the windows on the screen, the front one first."""
        return [title for _, title in self._titled()]

    def focus(self, title: str) -> bool:
        """Bring a window to the front and give it the keyboard; False when there is none of this title."""
        window = next((window for window, found in self._titled() if found == title), None)
        if window is None:
            return False
        top = self._top(window)
        self._x.XRaiseWindow(self._display, top)
        self._x.XSetInputFocus(self._display, window, _REVERT_TO_PARENT, 0)
        self._sync()
        return True

    def _titled(self) -> Iterator[tuple[int, str]]:
        """Yield the windows that can be seen with their titles, the front one first.

        Frames that a window manager puts around windows are looked into.
        """
        for window in reversed(self._children(self._root)):
            for inner in (window, *self._children(window)):
                title = self._title(inner) if self._seen(inner) else ""
                if title:
                    yield inner, title
                    break

    def _children(self, window: int) -> list[int]:
        root, parent, listed, count = c_ulong(), c_ulong(), POINTER(c_ulong)(), c_uint()
        if not self._x.XQueryTree(
            self._display, window, byref(root), byref(parent), byref(listed), byref(count)
        ):
            return []
        found = [listed[at] for at in range(count.value)]
        if listed:
            self._x.XFree(listed)
        return found

    def _top(self, window: int) -> int:
        return next(
            (top for top in self._children(self._root) if window in (top, *self._children(top))), window
        )

    def _seen(self, window: int) -> bool:
        attributes = _Attributes()
        known = self._x.XGetWindowAttributes(self._display, window, byref(attributes))
        return bool(known) and attributes.map_state == _VIEWABLE

    def _title(self, window: int) -> str:
        kind, size, count, left = c_ulong(), c_int(), c_ulong(), c_ulong()
        held = c_char_p()
        name, utf8 = (self._x.XInternAtom(self._display, atom, 0) for atom in (_NET_NAME, _UTF8))
        self._x.XGetWindowProperty(
            self._display, window, name, c_long(0), c_long(256), 0, utf8, byref(kind), byref(size),
            byref(count), byref(left), byref(held),
        )  # fmt: skip
        title = held.value or b""
        if held:
            self._x.XFree(held)
        return title.decode(errors="replace")

    def _code(self, symbol: str) -> int:
        number = self._x.XStringToKeysym(symbol.encode())
        return int(self._x.XKeysymToKeycode(self._display, number)) if number else 0

    def _sync(self) -> None:
        self._x.XSync(self._display, 0)

    def _declare(self) -> None:
        """Tell ctypes the types that are not plain ints, or pointers would lose their upper half."""
        x, test = self._x, self._test
        x.XOpenDisplay.restype, x.XOpenDisplay.argtypes = c_void_p, [c_char_p]
        x.XDefaultRootWindow.restype = c_ulong
        x.XStringToKeysym.restype, x.XStringToKeysym.argtypes = c_ulong, [c_char_p]
        x.XkbKeycodeToKeysym.restype = c_ulong
        x.XInternAtom.restype, x.XInternAtom.argtypes = c_ulong, [c_void_p, c_char_p, c_int]
        x.XKeysymToKeycode.argtypes = [c_void_p, c_ulong]
        x.XKeysymToKeycode.restype = ctypes.c_ubyte
        x.XSetErrorHandler.argtypes = [_FAILED]
        x.XFree.argtypes = [c_void_p]
        for name in ("XDefaultRootWindow", "XCloseDisplay"):
            getattr(x, name).argtypes = [c_void_p]
        x.XDisplayWidth.argtypes = x.XDisplayHeight.argtypes = x.XSync.argtypes = [c_void_p, c_int]
        x.XQueryPointer.argtypes = [c_void_p, c_ulong, *[c_void_p] * 7]
        x.XQueryTree.argtypes = [c_void_p, c_ulong, *[c_void_p] * 4]
        x.XGetWindowAttributes.argtypes = [c_void_p, c_ulong, c_void_p]
        x.XRaiseWindow.argtypes = [c_void_p, c_ulong]
        x.XSetInputFocus.argtypes = [c_void_p, c_ulong, c_int, c_ulong]
        x.XGetWindowProperty.argtypes = [
            c_void_p, c_ulong, c_ulong, c_long, c_long, c_int, c_ulong, *[c_void_p] * 5
        ]  # fmt: skip
        x.XkbKeycodeToKeysym.argtypes = [c_void_p, ctypes.c_ubyte, c_int, c_int]
        test.XTestFakeMotionEvent.argtypes = [c_void_p, c_int, c_int, c_int, c_ulong]
        test.XTestFakeButtonEvent.argtypes = test.XTestFakeKeyEvent.argtypes = [
            c_void_p,
            c_uint,
            c_int,
            c_ulong,
        ]
