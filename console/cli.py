"""The command `hakadori`: runs one command and tells how it ended.

Words that concern everything (language, folders) are read first, wherever they stand.

Exit codes (DESIGN section 9): 0 done; 2 the user's file or arguments; 3 some items failed; 4 some items in doubt;
5 no permission; 10 our own fault; 130 interrupted.
"""

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import gettempdir

from backoffice.errors import HakadoriError
from backoffice.messages import LANGUAGES, text, use_language

INTERRUPTED = 130
FAULT = 10
GLOBAL_OPTIONS = ("--configs", "--var", "--language")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        arguments: What follows the program's name; the process's own by default.

    Returns:
        The exit code.
    """
    words = _global_first(list(sys.argv[1:] if arguments is None else arguments))
    _settle_streams()
    _settle_language(words)
    _quieten()
    as_json = "--json" in words
    from typer.exceptions import Abort, TyperException
    from typer.main import get_command

    try:
        from console.commands import app

        ended = get_command(app).main(args=words, prog_name="hakadori", standalone_mode=False)
        return ended if isinstance(ended, int) else 0
    except TyperException as error:
        return _misused(error.format_message(), as_json=as_json)
    except HakadoriError as error:
        return _told(error, as_json=as_json)
    except (Abort, KeyboardInterrupt):
        sys.stderr.write(text("console.interrupted") + "\n")
        return INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        return _broken(error, words, as_json=as_json)


def _global_first(words: list[str]) -> list[str]:
    """Move the global options to the front: people write them wherever they think of them."""
    first: list[str] = []
    rest: list[str] = []
    while words:
        word = words.pop(0)
        if word == "--":
            rest += [word, *words]
            break
        if word in GLOBAL_OPTIONS and words:
            first += [word, words.pop(0)]
        elif word.startswith(tuple(f"{option}=" for option in GLOBAL_OPTIONS)):
            first.append(word)
        else:
            rest.append(word)
    return first + rest


def _settle_language(words: Sequence[str]) -> None:
    """Choose the language before the commands are loaded: their help texts are chosen at that moment."""
    for at, word in enumerate(words):
        name, equals, value = word.partition("=")
        chosen = value if equals else next(iter(words[at + 1 : at + 2]), "")
        if name == "--language" and chosen in LANGUAGES:
            use_language(chosen)


def _settle_streams() -> None:
    """A console of another code page shows ? for what it cannot write, and goes on."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


def _quieten() -> None:
    """Keep the log's chatter off the terminal until a command has set its log up."""
    from loguru import logger

    logger.remove()
    logger.add(sys.stderr, level="ERROR", diagnose=False)


def _misused(message: str, *, as_json: bool) -> int:
    """Tell that the command line is wrong."""
    from console.errors import ArgumentWrong

    return _told(ArgumentWrong("console.command_wrong", where="hakadori", detail=message), as_json=as_json)


def _told(error: HakadoriError, *, as_json: bool) -> int:
    sys.stderr.write(error.explain() + "\n")
    if as_json:
        print(json.dumps({"error": error.as_json()}, ensure_ascii=False))
    return error.exit_code


def _broken(error: Exception, words: Sequence[str], *, as_json: bool) -> int:
    """Tell that we are broken, and where the details lie; nobody's data go into the log."""
    from console.faults import write_fault

    path = write_fault(error, [_fault_folder(words), Path(gettempdir())])
    told = HakadoriError("console.own_fault", kind=type(error).__name__, log=str(path))
    return _told(told, as_json=as_json)


def _fault_folder(words: Sequence[str]) -> Path:
    var = next((words[at + 1] for at, word in enumerate(words[:-1]) if word == "--var"), "var")
    return Path(var) / "logs"
