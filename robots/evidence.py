"""Evidence: for each item a folder with what was done, when, how long it took, and pictures of the decisive pages.

    var/evidence/<run>/<item number>/steps.jsonl, before-commit.png, after-confirm.png, failure.png

Secrets and personal values never get in: of such a value only its length is told, and pictures have it covered.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from loguru import logger

from backoffice.errors import SystemFailure
from backoffice.messages import text
from robots.drivers.browser import Browser, Cover, Notice


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

    def close(self) -> None:
        """Do nothing."""


class EvidenceFolder:
    """Keeps evidence in a folder. Lines are written as they come, so that a killed run leaves its trail.

    Trouble with writing never stops the work: a record that the target has taken must not become doubtful because a
    picture could not be kept.

    Args:
        folder: The folder of this item in this run.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._lines = (folder / "steps.jsonl").open("a", encoding="utf-8")

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
        number = len(list(self._folder.glob(f"{name}*.png")))
        file = self._folder / (f"{name}-{number + 1}.png" if number else f"{name}.png")
        try:
            taken = browser.screenshot(file, cover)
        except (SystemFailure, OSError) as error:
            logger.warning("no picture {}: {}", name, type(error).__name__)
            return
        if not taken:
            self.warn([Notice("robots.picture_withheld", {})])

    def close(self) -> None:
        """Close steps.jsonl."""
        try:
            self._lines.close()
        except OSError as error:
            logger.error("evidence cannot be written: {}", error.strerror)

    def _write(self, line: Mapping[str, Any]) -> None:
        stamped = {"at": datetime.now(UTC).isoformat(timespec="milliseconds"), **line}
        try:
            self._lines.write(json.dumps(stamped, ensure_ascii=False) + "\n")
            self._lines.flush()
        except OSError as error:
            logger.error("evidence cannot be written: {}", error.strerror)


def _log(notices: list[Notice]) -> None:
    for notice in notices:
        logger.warning("{}", text(notice.key, **notice.values))
