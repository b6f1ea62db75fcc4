"""A function of the town: for the rare rule that no filter knows, such as a rounding of its own by-law."""

from robots.bench import Bench
from robots.registry import NO_NAME, Function, Name, Values
from robots.town_python import run_function


def run_python(bench: Bench, function: Name, arguments: Values, into: Name = NO_NAME) -> None:
    """Call a function of configs/python and remember what it returns. It shall calculate, not change anything.

    Args:
        function: File and function, such as keisan.hasuu for `def hasuu(…)` in configs/python/keisan.py.
        arguments: Its arguments by name; all of them are text.
        into: The name of the result (${set.NAME}); of a dictionary, each value is ${set.NAME.KEY}.
    """
    returned = run_function(bench.python, function, arguments)
    if not into:
        return
    if isinstance(returned, dict):
        for name, value in returned.items():
            bench.variables[f"{into}.{name}"] = value
    else:
        bench.variables[into] = returned


ACTIONS: tuple[Function, ...] = (run_python,)
"""The actions of this file."""
