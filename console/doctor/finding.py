"""What a check finds: a thing in order, something to know, or something that stops the work; each with what to do."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from backoffice.errors import HakadoriError
from backoffice.messages import error_text, text


class Level(StrEnum):
    """How grave a finding is."""

    OK = "ok"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True)
class Finding:
    """One thing looked at.

    Attributes:
        check: Which check: "packages", "disk" …; "check_<name>" is its name for people.
        level: In order, to know, or stopping the work.
        told: What was found.
        do: What to do; empty when it is in order.
    """

    check: str
    level: Level
    told: str
    do: str = ""

    def in_words(self) -> str:
        """Return it as people read it."""
        sign, name = text(f"operations.sign_{self.level}"), text(f"operations.check_{self.check}")
        told = f"[{sign}] {name}: {self.told}"
        return f"{told}\n      {text('backoffice.label_do')}: {self.do}" if self.do else told

    def as_json(self) -> dict[str, Any]:
        """Return it for programs."""
        good = self.level is not Level.ERROR
        return {"check": self.check, "level": self.level, "good": good, "told": self.told, "do": self.do}


def fine(check: str, told: str) -> Finding:
    """Return that a thing is in order."""
    return Finding(check, Level.OK, told)


def warn(check: str, key: str, **values: object) -> Finding:
    """Return something to know, by the catalogue's error "operations.doctor_<key>"."""
    return _told(check, Level.WARNING, key, values)


def wrong(check: str, key: str, **values: object) -> Finding:
    """Return something that stops the work, by the catalogue's error "operations.doctor_<key>"."""
    return _told(check, Level.ERROR, key, values)


def refused(check: str, error: HakadoriError) -> Finding:
    """Return what one of our own errors says."""
    parts = error.parts()
    where = f"{error.where}: " if error.where else ""
    return Finding(check, Level.ERROR, f"{where}{parts.what} {parts.why}", parts.do)


def _told(check: str, level: Level, key: str, values: dict[str, Any]) -> Finding:
    parts = error_text(f"operations.doctor_{key}", **values)
    return Finding(check, level, f"{parts.what} {parts.why}", parts.do)
