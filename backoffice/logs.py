"""Logs without personal data: what loguru writes, and what it masks as a last net.

Code must not log personal data in the first place. The net catches what looks like a My Number, a telephone
number, an account number or a secret in a message, and what stands in a value that was registered as secret.
"""

import re
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

from loguru import logger

if TYPE_CHECKING:
    from loguru import Record

_LONG_DIGITS = re.compile(r"(?<![0-9a-zA-Z_])\d{7,}(?![0-9a-zA-Z_])")
_GROUPED_DIGITS = re.compile(
    r"(?<![0-9a-zA-Z_:.-])(?:0\d{1,4}-\d{1,4}-\d{3,4}|\d{4}[ -]\d{4}[ -]\d{4})(?![0-9a-zA-Z_-])"
)
_ASSIGNED = re.compile(r"(?i)((?:password|passwd|secret|token|authorization)\W{1,4})\S+")
_FORMAT = "{time:YYYY-MM-DD HH:mm:ss.SSS} {level: <7} {name}:{function}:{line} {message}"


def mask(message: str) -> str:
    """Return the message with every run of seven or more digits and every assigned secret masked."""
    message = _ASSIGNED.sub(r"\1***", message)
    for digits in (_GROUPED_DIGITS, _LONG_DIGITS):
        message = digits.sub(lambda found: f"«{sum(map(str.isdigit, found.group()))}桁»", message)
    return message


def without_words(error: BaseException) -> str:
    """Return where an exception came from, without its message: a message may quote a record."""
    frames = traceback.extract_tb(error.__traceback__)
    told = [f"  {frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    before = [f"after {without_words(cause)}"] if cause is not None else []
    return "\n".join([type(error).__name__, *told, *before])


def set_up_logs(folder: Path, *, days: int, name: str = "hakadori", verbose: bool = False) -> None:
    """Write logs into a folder, one file a day, and warnings to standard error.

    Args:
        folder: Where the files go.
        days: How long they are kept.
        name: Stem of the files, one for each kind of process.
        verbose: Show everything on standard error too.
    """
    folder.mkdir(parents=True, exist_ok=True)
    logger.remove()
    logger.configure(patcher=_mask_record)
    logger.add(sys.stderr, level="DEBUG" if verbose else "ERROR", format=_FORMAT, diagnose=False)
    logger.add(
        folder / f"{name}-{{time:YYYY-MM-DD}}.log",
        level="DEBUG",
        format=_FORMAT,
        rotation="00:00",
        retention=f"{days} days",
        encoding="utf-8",
        enqueue=False,
        diagnose=False,  # never print the values of variables: they may be personal
        backtrace=False,
    )


def log_to_output() -> None:
    """Write what is worth knowing to standard error as well: of a run, its engine keeps that as the run's own log."""
    logger.add(sys.stderr, level="INFO", format=_FORMAT, diagnose=False, backtrace=False, filter=_is_no_error)


def _is_no_error(record: "Record") -> bool:
    return record["level"].no < logger.level("ERROR").no  # errors are written there already


def _mask_record(record: "Record") -> None:
    record["message"] = mask(record["message"])
