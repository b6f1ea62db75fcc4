"""Reading what a run left behind: its items with their steps, warnings and pictures, for the terminal and the page."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

GOOD_OUTCOMES = ("done", "skipped", "rehearsed")
"""How a step may end without anything to worry about."""
_PICTURES = (".jpg", ".png")


@dataclass(frozen=True)
class StepLine:
    """One step as evidence tells it.

    Attributes:
        at: When, ISO 8601 in UTC.
        step: Its name or place.
        action: What it did.
        target: What it pointed at, in words.
        value: What it typed, or only its length.
        seconds: How long it took.
        outcome: One of GOOD_OUTCOMES, or the catalogue key of the error.
    """

    at: str
    step: str
    action: str
    target: str
    value: str
    seconds: float
    outcome: str


@dataclass(frozen=True)
class PartTrail:
    """What is kept of one item, or of "setup", "teardown" and the like.

    Attributes:
        name: The item's number, or "setup".
        key: The item's key; empty where it has none.
        state: Where its last try ended; empty when the run was cut off.
        seconds: How long its tries took together.
        reason: Why its last try ended as it did.
        steps: Every step of every try.
        warnings: What people should know, in words.
        pictures: File names.
        files: Other files kept (words of a page, traces).
    """

    name: str
    key: str = ""
    state: str = ""
    seconds: float = 0.0
    reason: str = ""
    steps: tuple[StepLine, ...] = ()
    warnings: tuple[str, ...] = ()
    pictures: tuple[str, ...] = ()
    files: tuple[str, ...] = ()

    @property
    def is_item(self) -> bool:
        """Whether it is an item, and not setup, teardown or a look at an item in doubt."""
        return bool(self.key) or self.name.isdigit()


@dataclass(frozen=True)
class RunTrail:
    """What is kept of a run.

    Attributes:
        folder: Where.
        facts: robot, title, version, script (SHA-256), process, run, begun, browser.
        parts: Setup, items in the order of their numbers, the rest.
        downloads: Names of files that the target sent.
    """

    folder: Path
    facts: dict[str, Any]
    parts: tuple[PartTrail, ...]
    downloads: tuple[str, ...] = ()


def read_trail(folder: Path) -> RunTrail:
    """Read the folder of one run; what a killed run left half-written is passed over.

    Raises:
        OSError: The folder cannot be read.
    """
    facts: dict[str, Any] = next(_lines(folder / "run.json", whole=True), {})
    tries: dict[str, list[dict[str, Any]]] = {}
    for line in _lines(folder / "items.jsonl"):
        tries.setdefault(str(line.get("item")), []).append(line)
    names = sorted((one.name for one in folder.iterdir() if one.is_dir()), key=_order)
    parts = tuple(_part(folder / name, tries.get(name, [])) for name in names if name != "downloads")
    sent = folder / "downloads"
    downloads = tuple(sorted(one.name for one in sent.iterdir())) if sent.is_dir() else ()
    return RunTrail(folder, facts, parts, downloads)


def read_part(folder: Path, name: str) -> PartTrail:
    """Read what is kept of one item, or of "setup" and the like, without the rest of the run.

    Args:
        folder: Of the run.
        name: Of the part; it must be there.

    Raises:
        OSError: It cannot be read.
    """
    tries = [line for line in _lines(folder / "items.jsonl") if str(line.get("item")) == name]
    return _part(folder / name, tries)


def warnings_of(folder: Path) -> list[str]:
    """Return what people should know of one part, each once."""
    return list(
        dict.fromkeys(str(line["message"]) for line in _lines(folder / "steps.jsonl") if "message" in line)
    )


def _part(folder: Path, tries: list[dict[str, Any]]) -> PartTrail:
    lines = list(_lines(folder / "steps.jsonl"))
    last = tries[-1] if tries else {}
    found = sorted(one.name for one in folder.iterdir() if one.is_file() and one.name != "steps.jsonl")
    return PartTrail(
        name=folder.name,
        key=str(last.get("key", "")),
        state=str(last.get("state", "")),
        seconds=round(sum(float(one.get("seconds", 0.0)) for one in tries), 3),
        reason=str(last.get("reason", "")),
        steps=tuple(_step(line) for line in lines if "step" in line),
        warnings=tuple(dict.fromkeys(str(line["message"]) for line in lines if "message" in line)),
        pictures=tuple(name for name in found if name.endswith(_PICTURES)),
        files=tuple(name for name in found if not name.endswith(_PICTURES)),
    )


def _step(line: dict[str, Any]) -> StepLine:
    told = {name: line.get(name, "") for name in ("at", "step", "action", "target", "value", "outcome")}
    return StepLine(**told, seconds=float(line.get("seconds", 0.0)))


def _lines(file: Path, *, whole: bool = False) -> Iterator[dict[str, Any]]:
    if not file.is_file():
        return
    written = file.read_text(encoding="utf-8", errors="replace")
    for line in [written] if whole else written.splitlines():
        try:
            read = json.loads(line)
        except ValueError:
            continue  # the last line of a run that was killed while it wrote
        if isinstance(read, dict):
            yield read


def _order(name: str) -> tuple[int, int, str]:
    number = name.partition("-")[0]
    if number.isdigit():
        return 1, int(number), name
    return (0 if name == "setup" else 2), 0, name
