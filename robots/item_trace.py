"""The trace of one item, where the settings ask for one (traces.py says what is taken out of it)."""

import json
from collections.abc import Collection
from pathlib import Path

from loguru import logger

from backoffice.errors import SystemFailure
from robots.drivers.browser import Browser
from robots.traces import clean_trace

_RAW = ".raw-trace.zip"


class ItemTrace:
    """Records what is done for one item, and keeps it or throws it away.

    Args:
        wanted: "never", "failures" or "always".
        folder: The item's evidence; None keeps nothing.
    """

    def __init__(self, wanted: str, folder: Path | None) -> None:
        self._wanted = wanted
        self._folder = folder if wanted != "never" else None

    def begin(self, browser: Browser) -> None:
        """Begin to record."""
        if self._folder is None:
            return
        try:
            browser.start_trace()
        except SystemFailure as error:
            logger.warning("no trace: {}", error.key)
            self._folder = None

    def end(self, browser: Browser, *, failed: bool, secret: bool, private: Collection[str]) -> None:
        """End the recording.

        Args:
            browser: The browser.
            failed: Whether the item failed.
            secret: Whether a secret was typed meanwhile; then nothing is kept.
            private: Personal values that the trace must not hold.
        """
        if self._folder is None:
            return
        kept = not secret and (failed or self._wanted == "always")
        raw = self._folder / _RAW
        try:
            browser.stop_trace(raw if kept else None)
            if kept and raw.is_file():
                clean_trace(raw, self._folder / "trace.zip", private)
        except SystemFailure as error:
            logger.warning("no trace: {}", error.key)
        except (OSError, json.JSONDecodeError) as error:
            logger.error("the trace cannot be kept: {}", type(error).__name__)
