"""A screen as a desktop robot sees it: pictures and words are waited for, clicked and read, and text is typed.

This is the part that is the same for every driver: looking again and again until something is there or the time is
up, choosing among several, pasting Japanese and reading it back.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import cv2
import numpy as np
from filelock import FileLock, Timeout

from backoffice.suggest import did_you_mean
from robots.drivers.browser import Cover
from robots.drivers.desktop import Area, Desktop, FindText, Picture, ScreenState, TextLine
from robots.drivers.shot import Shot
from robots.errors import NotFoundOnPage, ScreenUnfit, StepFailed
from robots.matching import LIKENESS, load_image, places_of, plain, words_in

_T = TypeVar("_T")

DARKEST = 12.0
"""A picture whose brightest pixel in a hundred is darker than this (of 255) is black: locked, or a closed session."""
_LOOK_SECONDS = 0.1
_SETTLE_SECONDS = (0.15, 0.5, 1.5)
"""How long a program is given to take what was pasted, at each try."""
_MARK = "\u2060hakadori"
_CURSOR = 4
"""Pixels: a change that is narrower is the cursor of an input, blinking."""
_AROUND = 10
"""Rows above and below a change that are read with it, so that no line is cut."""
_MOSAIC = 14
"""Pixels per block of a picture that may show personal values: text of usual size cannot be read any more."""


class Screen:
    """The screen of one run.

    Args:
        desktop: The driver.
        find_text: Reads the words of a picture; None: actions with words say that they cannot.
        images: Folder of the pictures to look for.
        locks: Folder of the lock that keeps two robots from one screen.
        least: Least size in pixels that the robot's pictures were made for; (0, 0) for any.
    """

    def __init__(
        self,
        desktop: Desktop,
        find_text: FindText | None,
        images: Path,
        locks: Path,
        least: tuple[int, int] = (0, 0),
    ) -> None:
        self.desktop = desktop
        self._find_text = find_text
        self._images = images
        self._lock = FileLock(locks / f"screen-{desktop.name}.lock")
        self._least = least
        self._seen: tuple[Picture, Sequence[TextLine]] | None = None
        self._secret_in: str | None = None

    def open(self) -> ScreenState:
        """Take the screen for this robot and look at it before the first step.

        Raises:
            ScreenMissing: There is none.
            ScreenUnfit: It is another robot's, locked, black, or too small.
            StoppedByPerson: The mouse stands in a corner.
        """
        where = f"screen {self.desktop.name}"
        try:
            self._lock.acquire(blocking=False)
        except Timeout as error:
            raise ScreenUnfit("robots.screen_busy", where=where) from error
        try:
            state = self.desktop.open()
            if state.locked or is_black(self.desktop.picture()):
                raise ScreenUnfit("robots.screen_locked", where=where)
            if state.width < self._least[0] or state.height < self._least[1]:
                found, needed = f"{state.width}×{state.height}", f"{self._least[0]}×{self._least[1]}"
                raise ScreenUnfit("robots.screen_small", where=where, found=found, needed=needed)
        except BaseException:
            self.close()
            raise
        return state

    def close(self) -> None:
        """End the programs the robot started and let the screen go."""
        self.desktop.end_programs()
        self.desktop.close()
        self._lock.release()

    def renew(self) -> None:
        """End the programs the robot started, for a fresh session.

        Raises:
            StoppedByPerson: A person stopped the robot; it does not begin anew.
        """
        self.desktop.check_person()
        self.desktop.end_programs()
        self._secret_in, self._seen = None, None

    def wait_window(self, title: str, timeout: float, *, visible: bool = True) -> str:
        """Wait for a window whose title contains these words; return its whole title.

        Raises:
            NotFoundOnPage: It did not come (or go) in time; the titles that are there are told.
            StepFailed: The program that was to open it has ended.
        """

        def look() -> str | None:
            titles = self.desktop.windows()
            found = next((one for one in titles if title in one), None)
            if found is None and visible:
                self._check_program()
            return found if visible else (title if found is None else None)

        came = self._wait(look, timeout)
        if came is None:
            self._absent(
                "robots.window_absent" if visible else "robots.window_stays", title, self.desktop.windows()
            )
        return came or title

    def find_image(
        self, name: str, timeout: float, *, nth: int | None = None, likeness: float = LIKENESS
    ) -> Area:
        """Wait for a picture on the screen and return where it stands.

        Raises:
            ImageUnfit: There is no such picture to look for.
            NotFoundOnPage: It did not come in time.
            StepFailed: It stands there more than once and `nth` does not say which.
        """
        image = load_image(self._images / name)
        found = self._wait_for_nth(lambda: places_of(image, self.desktop.picture(), likeness), nth, timeout)
        if not found:
            raise NotFoundOnPage("robots.image_absent", where=name, name=name)
        return _one(found, nth, name)

    def wait_image_gone(self, name: str, timeout: float) -> None:
        """Wait until a picture is not on the screen any more."""
        image = load_image(self._images / name)
        if self._wait(lambda: not places_of(image, self.desktop.picture()) or None, timeout) is None:
            raise NotFoundOnPage("robots.image_stays", where=name, name=name)

    def find_words(self, words: str, timeout: float, *, nth: int | None = None) -> Area:
        """Wait for words on the screen and return where they stand.

        Raises:
            NotFoundOnPage: They did not come in time; the nearest words are told.
            StepFailed: They stand there more than once, or nobody can read the screen.
        """
        found = self._wait_for_nth(lambda: words_in(self.lines(), words), nth, timeout)
        if not found:
            self._absent("robots.words_absent", words, [line.words for line in self.lines()])
        return _one(found, nth, words)

    def find_any(self, wanted: Sequence[str], timeout: float) -> None:
        """Wait until one of several words is on the screen; the first is the one that is told when none comes."""
        found = self._wait(lambda: any(words_in(self.lines(), one) for one in wanted) or None, timeout)
        if found is None:
            self._absent("robots.words_absent", wanted[0], [line.words for line in self.lines()])

    def wait_words_gone(self, words: str, timeout: float) -> None:
        """Wait until words are not on the screen any more."""
        if self._wait(lambda: not words_in(self.lines(), words) or None, timeout) is None:
            raise NotFoundOnPage("robots.words_stay", where=words, words=words)

    def lines(self) -> Sequence[TextLine]:
        """Return the lines of text on the screen; only the rows that changed since the last time are read again.

        Raises:
            StepFailed: Nobody here can read the screen.
        """
        if self._find_text is None:
            raise StepFailed("robots.no_text_reader", where=f"screen {self.desktop.name}")
        shown = self.desktop.picture()
        band = (0, shown.shape[0])
        if self._seen is not None and self._seen[0].shape == shown.shape:
            changed = changed_rows(self._seen[0], shown)
            if changed is None:
                return self._seen[1]
            band = _whole_lines(changed, self._seen[1], shown.shape[0])
        kept = [] if self._seen is None else [line for line in self._seen[1] if not _touches(line, band)]
        read = self._find_text(np.ascontiguousarray(shown[band[0] : band[1]]))
        moved = [replace(line, area=replace(line.area, top=line.area.top + band[0])) for line in read]
        self._seen = (shown, [*kept, *moved])
        return self._seen[1]

    def read_words(self, after: str, timeout: float, *, nth: int | None = None) -> str:
        """Return the words that stand right of, or on the same line after, some words."""
        area = self.find_words(after, timeout, nth=nth)
        beside = []
        for line in self.lines():
            middle = line.area.top + line.area.height / 2
            if not area.top <= middle <= area.top + area.height:
                continue
            if plain(after) in plain(line.words):
                rest = line.words[_end_of(line.words, after) :]
                beside.append((line.area.left, rest))
            elif line.area.left >= area.left + area.width - 4:
                beside.append((line.area.left, line.words))
        told = [words.strip(" :：　") for _, words in sorted(beside)]
        return next((words for words in told if words), "")

    def type_text(self, text: str, *, keep: bool = False) -> None:
        """Replace what stands in the input that has the keyboard, by pasting, and read it back.

        Args:
            text: The text.
            keep: Add to what stands there, and do not read back (for inputs of several lines).

        Raises:
            StepFailed: The input does not hold the text afterwards.
        """
        before = self.desktop.read_clipboard()
        try:
            if keep:
                self._paste(text, _SETTLE_SECONDS[1])
                return
            for settle in _SETTLE_SECONDS:
                self._clear()
                self._paste(text, settle)
                if self._read_back(text):
                    return
            raise StepFailed("robots.typed_differs", where=f"screen {self.desktop.name}")
        finally:
            self.desktop.write_clipboard(before)

    def type_secret(self, text: str) -> None:
        """Type a secret on the keyboard, for it must never lie in the clipboard.

        No picture is taken from here on while the window stays.

        Raises:
            StepFailed: It has characters that are not on the keyboard.
        """
        self._secret_in = next(iter(self.desktop.windows()), "")
        self._clear()
        try:
            self.desktop.type_keys(text)
        except ValueError as error:
            raise StepFailed("robots.secret_not_typable", where=f"screen {self.desktop.name}") from error

    def shows_secret(self) -> bool:
        """Say whether the window that a secret was typed into is still there."""
        if self._secret_in is not None and self._secret_in not in self.desktop.windows():
            self._secret_in = None
        return self._secret_in is not None

    def shot(self, cover: Cover) -> Shot | None:
        """Take a picture; coarse while it may show personal values; None while a secret may show."""
        if self.shows_secret():
            return None
        shown = self.desktop.picture()
        if cover.values:
            shown = coarse(shown)
        written, data = cv2.imencode(".png", cv2.cvtColor(shown, cv2.COLOR_RGB2BGR))
        assert written  # PNG can hold every picture
        return Shot(data.tobytes())

    def _clear(self) -> None:
        for keys in ("end", "shift+home", "delete"):
            self.desktop.press(keys)

    def _paste(self, text: str, settle: float) -> None:
        self._fill_clipboard(text)
        self.desktop.press("ctrl+v")
        time.sleep(settle)

    def _fill_clipboard(self, text: str) -> None:
        """Put a text into the clipboard and see it there: on Linux another process takes it over, a moment later."""
        self.desktop.write_clipboard(text)
        if self._wait(lambda: True if self.desktop.read_clipboard() == text else None, 2.0) is None:
            raise StepFailed("robots.clipboard_differs", where="clipboard")

    def _read_back(self, text: str) -> bool:
        """Copy the input's content out of it again and compare. A mark shows whether anything was copied at all."""
        self._fill_clipboard(_MARK)
        for keys in ("end", "shift+home", "ctrl+c"):
            self.desktop.press(keys)
        copied = self._wait(lambda: self._copied(), 1.0)
        self.desktop.press("end")
        return (copied or "") == text

    def _copied(self) -> str | None:
        held = self.desktop.read_clipboard()
        return held if held != _MARK else None

    def _wait_for_nth(
        self, look: Callable[[], Sequence[Area]], nth: int | None, timeout: float
    ) -> Sequence[Area]:
        """Look until there are enough of them; return those that were there last."""
        last: list[Sequence[Area]] = [()]

        def enough() -> bool | None:
            last[0] = look()
            return True if len(last[0]) >= (nth or 1) else None

        self._wait(enough, timeout)
        return last[0]

    def _wait(self, look: Callable[[], _T | None], timeout: float) -> _T | None:
        end = time.monotonic() + timeout
        while True:
            self.desktop.check_person()
            found = look()
            if found is not None or time.monotonic() >= end:
                return found
            time.sleep(_LOOK_SECONDS)

    def _check_program(self) -> None:
        code = self.desktop.ended_program()
        if code is not None:
            raise StepFailed("robots.program_ended", where=f"screen {self.desktop.name}", code=code)

    def _absent(self, key: str, wanted: str, there: Sequence[str]) -> None:
        raise NotFoundOnPage(key, where=wanted, wanted=wanted, hint=did_you_mean(wanted, list(there)[:12]))


def is_black(picture: Picture) -> bool:
    """Say whether a picture is black all over: even the brightest pixel in a hundred is."""
    return float(np.percentile(picture.max(axis=2), 99)) < DARKEST


def changed_rows(before: Picture, after: Picture) -> tuple[int, int] | None:
    """Return the first and one past the last row that differ; None for no more than a blinking cursor."""
    differs = np.any(before != after, axis=2)
    rows, columns = np.flatnonzero(differs.any(axis=1)), np.flatnonzero(differs.any(axis=0))
    if not rows.size or columns[-1] - columns[0] < _CURSOR:
        return None
    return int(rows[0]), int(rows[-1]) + 1


def coarse(picture: Picture) -> Picture:
    """Return a picture in blocks, in which windows can be told apart and words cannot be read."""
    height, width = picture.shape[:2]
    small = cv2.resize(
        picture, (max(1, width // _MOSAIC), max(1, height // _MOSAIC)), interpolation=cv2.INTER_AREA
    )
    return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_NEAREST), np.uint8)


def _touches(line: TextLine, band: tuple[int, int]) -> bool:
    return line.area.top < band[1] and line.area.top + line.area.height > band[0]


def _whole_lines(band: tuple[int, int], lines: Sequence[TextLine], height: int) -> tuple[int, int]:
    """Widen a band of rows to whole lines of text."""
    top, bottom = band[0] - _AROUND, band[1] + _AROUND
    for line in (line for line in lines if _touches(line, (top, bottom))):
        top, bottom = min(top, line.area.top - 2), max(bottom, line.area.top + line.area.height + 2)
    return max(0, top), min(height, bottom)


def _one(found: Sequence[Area], nth: int | None, wanted: str) -> Area:
    if nth is None and len(found) > 1:
        raise StepFailed("robots.several_on_screen", where=wanted, count=len(found))
    if nth is not None and nth > len(found):
        raise StepFailed("robots.fewer_on_screen", where=wanted, count=len(found), nth=nth)
    return found[(nth or 1) - 1]


def _end_of(line: str, words: str) -> int:
    """Return where words end in a line, spaces apart."""
    wanted = plain(words)
    return next((end for end in range(1, len(line) + 1) if plain(line[:end]).endswith(wanted)), len(line))
