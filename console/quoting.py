"""Paths as a person types them again: what a message shows can be copied into the command line."""

import shlex
import sys
from pathlib import Path


def as_typed(path: Path) -> str:
    """Return a path with the quotes that it needs in this system's command line; Japanese letters need none."""
    told = str(path)
    if sys.platform == "win32":
        return f'"{told}"' if " " in told or "&" in told else told
    plain = all(letter.isalnum() or letter in "/._-+=:@~" for letter in told)
    return told if plain else shlex.quote(told)
