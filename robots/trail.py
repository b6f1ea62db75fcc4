"""What a run leaves behind for people: one folder with the script, every item's fate, steps, times and pictures.

    var/evidence/<run>/run.json        what ran: robot, its script's hash, the browser, when
    var/evidence/<run>/script.yaml     the script as it was
    var/evidence/<run>/items.jsonl     one line for each try at an item: state, seconds, reason
    var/evidence/<run>/<item number>/  its steps and pictures (evidence.py)
    var/evidence/<run>/downloads/      files that the target sent
    var/evidence/<run>/index.html      all of that for a browser (trail_page.py)

Trouble with writing never stops the work; it is remembered and told once, at the end of the run.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Any

from loguru import logger

from backoffice.messages import text
from backoffice.settings import EvidenceSettings
from robots.drivers.shot import Darkroom
from robots.evidence import Evidence, EvidenceFolder, NoEvidence


class Trail:
    """Writes the folder of one run; serves all its lanes.

    Args:
        folder: The run's folder; None keeps nothing (the bare profile).
        rules: Which pictures are kept.
    """

    def __init__(self, folder: Path | None, rules: EvidenceSettings) -> None:
        self._folder = folder
        self._rules = rules
        self._lock = Lock()
        self._darkroom = Darkroom()
        self._reasons: list[str] = []

    def evidence(self, name: str) -> Evidence:
        """Open the evidence of one item (or of "setup", "teardown")."""
        if self._folder is None:
            return NoEvidence()
        return EvidenceFolder(self._folder / name, self._darkroom, self.fails, self._rules.pictures)

    def begin(self, facts: Mapping[str, Any], script: str) -> None:
        """Write what runs, and its script; a second call adds facts (the browser, once it is known)."""
        if self._folder is None:
            return
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            file = self._folder / "run.json"
            known = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {"begun": _now()}
            file.write_text(json.dumps({**known, **facts}, ensure_ascii=False, indent=1), encoding="utf-8")
            (self._folder / "script.yaml").write_text(script, encoding="utf-8")
        except (OSError, ValueError) as error:
            self.fails(error)

    def item(self, facts: Mapping[str, Any]) -> None:
        """Add a line about one try at an item."""
        if self._folder is None:
            return
        try:
            with self._lock, (self._folder / "items.jsonl").open("a", encoding="utf-8") as lines:
                lines.write(json.dumps({"at": _now(), **facts}, ensure_ascii=False) + "\n")
        except OSError as error:
            self.fails(error)

    def fails(self, error: Exception) -> None:
        """Remember that something could not be written."""
        reason = (isinstance(error, OSError) and error.strerror) or type(error).__name__
        if reason not in self._reasons:
            logger.error("evidence cannot be written: {}", reason)
            self._reasons.append(reason)

    def close(self) -> list[str]:
        """Finish everything and return, in words, what could not be written; harmless when done twice."""
        for error in self._darkroom.failures(wait=True):
            self.fails(error)
        self._darkroom.close()
        if self._folder is not None:
            from robots.trail_page import write_page

            try:
                write_page(self._folder)
            except (OSError, ValueError) as error:
                self.fails(error)
        return [text("robots.evidence_unwritten", reason=", ".join(self._reasons))] if self._reasons else []


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
