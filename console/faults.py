"""Describes an unexpected exception for the log without the values that it may carry: they may be personal."""

import traceback
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

TELLING = (OSError, ImportError, AttributeError, TypeError, NameError, NotImplementedError)
"""Exceptions whose message speaks of the program or the machine, not of anybody's data."""

FRAMES = 25


def describe(error: BaseException) -> str:
    """Return type and place of an exception, the causes included; the message only where it is harmless."""
    told: list[str] = []
    seen: BaseException | None = error
    while seen is not None and len(told) < 5:
        told.append(_one(seen))
        seen = seen.__cause__
    return "\n  caused by ".join(told)


def _one(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)[-FRAMES:]
    places = [f"    {_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames]
    message = f": {error}" if isinstance(error, TELLING) else ""
    return "\n".join([f"{type(error).__name__}{message}", *places])


def _short(filename: str) -> str:
    return "/".join(Path(filename).parts[-3:])


def write_fault(error: BaseException, folders: Sequence[Path]) -> Path:
    """Append the description of an exception to `faults.log` in the first folder that takes it; returns the file."""
    told = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC {describe(error)}\n"
    for folder in folders:
        path = folder / "faults.log"
        with suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
            with path.open("a", encoding="utf-8") as stream:
                stream.write(told)
            return path
    return folders[-1] / "faults.log"
