"""Step mode: a person sees each step in words before it is done, and says go on or stop."""

from collections.abc import Callable

from robots.errors import StoppedByPerson
from robots.explain import explain_step
from robots.step import Step

Ask = Callable[[str], bool]
"""Shown a step in words; True goes on, False stops the run."""


def let_a_person_decide(ask: Ask | None, step: Step, place: str) -> None:
    """Ask about a step, where somebody is to be asked.

    Raises:
        StoppedByPerson: The answer was no. Nothing of the step was done.
    """
    if ask is not None and not ask(f"[{place}] {explain_step(step)}"):
        raise StoppedByPerson("robots.stopped_in_step_mode", where=place)
