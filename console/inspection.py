"""The first look at a file that somebody hands in: of a known kind, whole, not too large, not locked, how many pages.

An unknown PDF may crash the program that opens it, so a child process looks: `python -m console.inspection`. It
decodes no page. When it dies or takes too long, nothing is known and nothing refused: the reader, which is guarded
against files that kill it, decides.
"""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from loguru import logger

from backoffice.settings import Settings
from ocr.errors import FileRefused

LONGEST_SECONDS = 30.0
"""A file of 500 pages takes less than a second."""
MOST_MEMORY = 4 << 30
"""Bytes of address space; networks are not loaded here."""
Inspect = Callable[[Path, str], int | None]
"""Looks at a file, called as the person calls it, and returns its pages (None: not known); raises FileRefused."""


class Inspector:
    """Looks at files in child processes.

    Args:
        settings: What is too large.
        longest: Seconds after which a look is ended.
    """

    def __init__(self, settings: Settings, longest: float = LONGEST_SECONDS) -> None:
        inbox = settings.inbox
        self._limits = {
            name: getattr(inbox, name) for name in ("max_pages", "max_megapixels", "max_megabytes")
        }
        self._longest = longest

    def __call__(self, path: Path, name: str) -> int | None:
        """Return how many pages a file has; None when the look failed by no proven fault of the file.

        Args:
            path: The file.
            name: How the person calls it; errors name it so.

        Raises:
            FileRefused: The file is of another kind, empty, cut off, locked, too large or broken.
        """
        command = [sys.executable, "-m", __name__, str(path), json.dumps(self._limits)]
        try:
            done = subprocess.run(command, capture_output=True, timeout=self._longest, check=False)
            told = json.loads(done.stdout)
        except (subprocess.TimeoutExpired, ValueError):
            logger.warning("a file that was handed in could not be looked at; the reader decides")
            return None
        if "refused" in told:
            raise FileRefused(told["refused"], where=name, **{**told["values"], "name": name})
        return int(told["pages"])


def inspect(path: Path, limits: dict[str, Any]) -> dict[str, Any]:
    """Look at a file, in this process.

    Returns:
        `pages`; or `refused`, the catalogue's key, with its `values`.
    """
    from ocr.completeness import Completeness, look
    from ocr.intake import Limits, count_pages

    try:
        pages = count_pages(path, Limits(**limits))
        if look(path) is Completeness.PART:
            raise FileRefused("submit.half", name=path.name)
    except FileRefused as error:
        return {"refused": error.key, "values": dict(error.values)}
    return {"pages": pages}


def _limit_ourselves() -> None:
    """Let the system end this process before it eats the machine; Windows has no such limits."""
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (round(LONGEST_SECONDS), round(LONGEST_SECONDS)))


if __name__ == "__main__":
    _limit_ourselves()
    print(json.dumps(inspect(Path(sys.argv[1]), json.loads(sys.argv[2]))))
