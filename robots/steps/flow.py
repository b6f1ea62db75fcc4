"""Actions that touch nothing outside: they remember values for later steps."""

from robots.bench import Bench
from robots.registry import Function, Name


def set_(bench: Bench, name: Name, to: str) -> None:
    """Remember a value under a name; later steps write ${set.NAME}.

    Args:
        name: The name.
        to: The value.
    """
    bench.variables[name] = to


ACTIONS: tuple[Function, ...] = (set_,)
"""The actions of this file."""
