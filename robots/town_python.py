"""Functions that a town writes itself, in configs/python/*.py: found by name, run, and their errors told with a line.

A function takes texts and returns a text, or a dictionary of texts. It says "this record is wrong" by raising
ValueError; anything else that it raises is a failure of the program, told with file and line. What it said is not
passed on, because it may hold personal values.
"""

import importlib.util
import re
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from backoffice.suggest import did_you_mean
from robots.errors import PythonFailed, PythonMissing, RefusedByFunction

_NAME = re.compile(r"([^\W\d]\w*)\.([^\W\d]\w*)")


def run_function(folder: Path | None, name: str, arguments: dict[str, str]) -> str | dict[str, str]:
    """Call a function of the town.

    Args:
        folder: The folder of the town's files.
        name: File and function with a dot between, such as keisan.hasuu.
        arguments: By name.

    Raises:
        PythonMissing: No such file or function, or the file cannot be loaded; with the line.
        RefusedByFunction: It raised ValueError: the record is wrong.
        PythonFailed: It raised something else, or returned neither text nor a dictionary of texts; with the line.
    """
    parts = _NAME.fullmatch(name)
    if parts is None or folder is None:
        raise PythonMissing("robots.python_name_wrong", where=name, name=name)
    path = folder / f"{parts[1]}.py"
    if not path.is_file() or not path.resolve().is_relative_to(folder.resolve()):
        hint = did_you_mean(parts[1], (one.stem for one in folder.glob("*.py")))
        raise PythonMissing("robots.python_file_missing", where=path.name, name=path.name, hint=hint)
    function = _function(_load(path), path, parts[2])
    try:
        returned = function(**arguments)
    except ValueError as error:
        raise RefusedByFunction("robots.python_refused", where=_place(error, path), name=name) from None
    except Exception as error:
        where, kind = _place(error, path), type(error).__name__
        raise PythonFailed("robots.python_failed", where=where, name=name, kind=kind) from None
    return _checked(returned, path, name)


def _load(path: Path) -> ModuleType:
    """Load the file as it is now; nothing of it stays behind, so that an edited file counts at once."""
    spec = importlib.util.spec_from_file_location(f"town_{path.stem}", path)
    assert spec is not None and spec.loader is not None  # the file exists and ends in .py
    module = importlib.util.module_from_spec(spec)
    keeps, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        exec(compile(path.read_bytes(), str(path), "exec"), module.__dict__)
    except Exception as error:
        where, kind = _place(error, path), type(error).__name__
        raise PythonMissing("robots.python_not_loaded", where=where, name=path.name, kind=kind) from None
    finally:
        sys.dont_write_bytecode = keeps
    return module


def _function(module: ModuleType, path: Path, name: str) -> Callable[..., Any]:
    known = {
        key: value
        for key, value in vars(module).items()
        if callable(value) and not key.startswith("_") and getattr(value, "__module__", "") == module.__name__
    }
    if name not in known:
        hint = did_you_mean(name, known)
        raise PythonMissing("robots.python_function_missing", where=path.name, name=name, hint=hint)
    function: Callable[..., Any] = known[name]
    return function


def _place(error: BaseException, path: Path) -> str:
    """Return the last line in the town's file that the error passed through."""
    if isinstance(error, SyntaxError) and error.lineno and error.filename == str(path):
        return f"{path.name}:{error.lineno}"
    lines = [one.lineno for one in traceback.extract_tb(error.__traceback__) if one.filename == str(path)]
    return f"{path.name}:{lines[-1]}" if lines else path.name


def _checked(returned: object, path: Path, name: str) -> str | dict[str, str]:
    if isinstance(returned, str):
        return returned
    if isinstance(returned, dict) and all(isinstance(one, str) for pair in returned.items() for one in pair):
        return returned
    kind = type(returned).__name__
    raise PythonFailed("robots.python_returned", where=path.name, name=name, kind=kind)
