"""Evidence: for each item a folder with what was done, when, how long it took, and pictures of the decisive pages.

    var/evidence/<run>/<item number>/steps.jsonl, before-commit.jpg, after-confirm.jpg,
                                         failure.jpg and failure.txt, trace.zip

Secrets and personal values never get in: of such a value only its length is told, and pictures have it covered.
"""

import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol, TextIO

from loguru import logger

from backoffice.errors import SystemFailure
from backoffice.files import safe_name
from backoffice.messages import text
from robots.drivers.browser import Browser, Cover, Notice
from robots.drivers.shot import Darkroom
from robots.hiding import harmless

LONGEST_PAGE_TEXT = 20_000
"""Characters of a page kept after a failure."""


@dataclass(frozen=True)
class StepRecord:
    """What became of one step.

    Attributes:
        step: Its place in the script ("each 3") or its name.
        action: What it did.
        target: What it pointed at, in words; empty when it pointed at nothing.
        value: What it typed, or only its length.
        seconds: How long it took.
        outcome: "done", "skipped", or the catalogue key of the error.
    """

    step: str
    action: str
    target: str
    value: str
    seconds: float
    outcome: str


class Evidence(Protocol):
    """Where the runner and the actions leave traces for people."""

    def note(self, record: StepRecord) -> None:
        """Keep what became of a step."""

    def warn(self, notices: list[Notice]) -> None:
        """Keep what people should know."""

    def picture(self, browser: Browser, name: str, cover: Cover) -> None:
        """Keep a picture of the page."""

    def page_text(self, browser: Browser, cover: Cover) -> None:
        """Keep the words of the page."""

    @property
    def folder(self) -> Path | None:
        """Where it is kept; None when it is not."""

    def close(self) -> None:
        """Write everything out."""


class NoEvidence:
    """Keeps nothing: for the bare profile, and for work outside of items."""

    def note(self, record: StepRecord) -> None:
        """Keep nothing."""

    def warn(self, notices: list[Notice]) -> None:
        """Log the warnings."""
        _log(notices)

    def picture(self, browser: Browser, name: str, cover: Cover) -> None:
        """Take no picture."""

    def page_text(self, browser: Browser, cover: Cover) -> None:
        """Keep nothing."""

    @property
    def folder(self) -> Path | None:
        """Nowhere."""
        return None

    def close(self) -> None:
        """Do nothing."""


_LEFT_OUT: Mapping[str, frozenset[str]] = {
    "always": frozenset(),
    "failures": frozenset({"before-commit", "after-confirm", "resolve"}),
    "never": frozenset({"before-commit", "after-confirm", "resolve", "failure"}),
}


class EvidenceFolder:
    """Keeps evidence in a folder. Lines are written as they come, so that a killed run leaves its trail.

    Trouble with writing never stops the work: a record that the target has taken must not become doubtful because a
    picture could not be kept.

    Args:
        folder: The folder of this item in this run.
        darkroom: Paints and writes the pictures beside the work.
        fails: Told what could not be written.
        pictures: "always", "failures" or "never"; what a robot asks for itself is always kept.
    """

    def __init__(
        self,
        folder: Path,
        darkroom: Darkroom,
        fails: Callable[[Exception], None],
        pictures: str = "always",
    ) -> None:
        self._folder = folder
        self._darkroom = darkroom
        self._fails = fails
        self._left_out = _LEFT_OUT[pictures]
        self._lines: TextIO | None = None
        self._taken: Counter[str] = Counter()
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._lines = (folder / "steps.jsonl").open("a", encoding="utf-8")
        except OSError as error:
            fails(error)

    @property
    def folder(self) -> Path | None:
        """Where it is kept."""
        return self._folder

    def note(self, record: StepRecord) -> None:
        """Add a line to steps.jsonl."""
        self._write({**record.__dict__, "seconds": round(record.seconds, 3)})

    def warn(self, notices: list[Notice]) -> None:
        """Add the warnings to steps.jsonl and to the log."""
        for notice in notices:
            self._write({"warning": notice.key, "message": text(notice.key, **notice.values)})
        _log(notices)

    def picture(self, browser: Browser, name: str, cover: Cover) -> None:
        """Take a picture, unless a secret is on the screen."""
        if name in self._left_out:
            return
        self._taken[name] += 1
        number = self._taken[name]
        stem = safe_name(name) if number == 1 else f"{safe_name(name)}-{number}"
        try:
            taken = browser.expose(
                cover, lambda shot: self._darkroom.give(shot, self._folder / f"{stem}{shot.suffix}")
            )
        except SystemFailure as error:
            logger.warning("no picture {}: {}", stem, error.key)
            return
        if not taken:
            self.warn([Notice("robots.picture_withheld", {})])

    def page_text(self, browser: Browser, cover: Cover) -> None:
        """Keep the words of the page, personal values taken out."""
        try:
            words = browser.page_text(cover)
            if words:
                kept = harmless(words, cover.values, longest=LONGEST_PAGE_TEXT)
                (self._folder / "failure.txt").write_text(kept + "\n", encoding="utf-8")
        except SystemFailure as error:
            logger.warning("no words of the page: {}", error.key)
        except OSError as error:
            self._fails(error)

    def close(self) -> None:
        """Close steps.jsonl."""
        for failed in self._darkroom.failures():
            self._fails(failed)
        try:
            if self._lines is not None:
                self._lines.close()
        except OSError as error:
            self._fails(error)

    def _write(self, line: Mapping[str, Any]) -> None:
        if self._lines is None:
            return
        stamped = {"at": datetime.now(UTC).isoformat(timespec="milliseconds"), **line}
        try:
            self._lines.write(json.dumps(stamped, ensure_ascii=False) + "\n")
            self._lines.flush()
        except OSError as error:
            self._fails(error)


def _log(notices: list[Notice]) -> None:
    for notice in notices:
        logger.warning("{}", text(notice.key, **notice.values))
