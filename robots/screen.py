"""A screen as a desktop robot sees it: pictures and words are waited for, clicked and read, and text is typed.

This is the part that is the same for every driver: looking again and again until something is there or the time is
up, choosing among several, pasting Japanese and reading it back.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
from filelock import FileLock, Timeout

from backoffice.suggest import did_you_mean
from robots.drivers.browser import Cover
from robots.drivers.desktop import Area, Desktop, FindText, ScreenState, TextLine
from robots.drivers.shot import Shot
from robots.errors import NotFoundOnPage, ScreenUnfit, StepFailed
from robots.matching import LIKENESS, load_image, places_of, words_in
from robots.screen_picture import coarse, is_black
from robots.screen_typing import Typist
from robots.screen_waiting import wait_on
from robots.screen_words import ScreenWords, words_after


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
        self._words = ScreenWords(desktop, find_text)
        self._typist = Typist(desktop)
        self._images = images
        self._lock = FileLock(locks / f"screen-{desktop.name}.lock")
        self._least = least
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
        self._secret_in = None
        self._words.forget()

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

        came = wait_on(self.desktop, look, timeout)
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
        if (
            wait_on(self.desktop, lambda: not places_of(image, self.desktop.picture()) or None, timeout)
            is None
        ):
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
        found = wait_on(
            self.desktop, lambda: any(words_in(self.lines(), one) for one in wanted) or None, timeout
        )
        if found is None:
            self._absent("robots.words_absent", wanted[0], [line.words for line in self.lines()])

    def wait_words_gone(self, words: str, timeout: float) -> None:
        """Wait until words are not on the screen any more."""
        if wait_on(self.desktop, lambda: not words_in(self.lines(), words) or None, timeout) is None:
            raise NotFoundOnPage("robots.words_stay", where=words, words=words)

    def read_words(self, after: str, timeout: float, *, nth: int | None = None) -> str:
        """Return the words that stand right of, or on the same line after, some words."""
        area = self.find_words(after, timeout, nth=nth)
        return words_after(self.lines(), area, after)

    def lines(self) -> Sequence[TextLine]:
        """Return the lines of text on the screen.

        Raises:
            StepFailed: Nobody here can read the screen.
        """
        return self._words.lines()

    def type_text(self, text: str, *, keep: bool = False) -> None:
        """Replace what stands in the input that has the keyboard; see `Typist.type_text`."""
        self._typist.type_text(text, keep=keep)

    def type_secret(self, text: str) -> None:
        """Type a secret on the keyboard, for it must never lie in the clipboard.

        No picture is taken from here on while the window stays.

        Raises:
            StepFailed: It has characters that are not on the keyboard.
        """
        self._secret_in = next(iter(self.desktop.windows()), "")
        self._typist.clear()
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

    def _wait_for_nth(
        self, look: Callable[[], Sequence[Area]], nth: int | None, timeout: float
    ) -> Sequence[Area]:
        """Look until there are enough of them; return those that were there last."""
        last: list[Sequence[Area]] = [()]

        def enough() -> bool | None:
            last[0] = look()
            return True if len(last[0]) >= (nth or 1) else None

        wait_on(self.desktop, enough, timeout)
        return last[0]

    def _check_program(self) -> None:
        code = self.desktop.ended_program()
        if code is not None:
            raise StepFailed("robots.program_ended", where=f"screen {self.desktop.name}", code=code)

    def _absent(self, key: str, wanted: str, there: Sequence[str]) -> None:
        raise NotFoundOnPage(key, where=wanted, wanted=wanted, hint=did_you_mean(wanted, list(there)[:12]))


def _one(found: Sequence[Area], nth: int | None, wanted: str) -> Area:
    if nth is None and len(found) > 1:
        raise StepFailed("robots.several_on_screen", where=wanted, count=len(found))
    if nth is not None and nth > len(found):
        raise StepFailed("robots.fewer_on_screen", where=wanted, count=len(found), nth=nth)
    return found[(nth or 1) - 1]
