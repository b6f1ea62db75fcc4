"""Actions that touch nothing outside: they remember values for later steps, and go through a routine."""

from dataclasses import replace

from robots.bench import Bench
from robots.registry import Function, Name, Values

_NOTHING = Values({})


def set_(bench: Bench, name: Name, to: str) -> None:
    """Remember a value under a name; later steps write ${set.NAME}.

    Args:
        name: The name.
        to: The value.
    """
    bench.variables[name] = to


def call(bench: Bench, routine: Name, arguments: Values = _NOTHING) -> None:
    """Do the steps of a routine (configs/robots/routines), a sub-robot that several robots share.

    Args:
        routine: Its name.
        arguments: What it is given, by name; its steps write ${argument.NAME}.
    """
    called = bench.routines[routine]
    perform = bench.perform
    assert perform is not None  # every bench of a run has it
    outside, timeout = bench.scope, bench.timeout
    bench.scope = replace(outside, arguments=arguments)
    try:
        for at, step in enumerate(called.steps, start=1):
            perform(step, bench, f"{routine} {at}")
    finally:
        bench.scope, bench.timeout = outside, timeout


ACTIONS: tuple[Function, ...] = (set_, call)
"""The actions of this file."""
