"""What is looked at right before a commit step, in earnest and in a rehearsal: its target, and signs of failure.

So nothing comes to be in doubt for a button that is not there, and a rehearsal tells of it in daylight.
"""

from robots.bench import Bench
from robots.step import Step
from robots.steps.browser import SEPARATOR, check, choose
from robots.steps.desktop import look_before_commit
from robots.targets import Spot


def see_ready(step: Step, bench: Bench, seconds: float) -> None:
    """See that a commit step's target is there and can be used, and that the page shows no sign of failure.

    Args:
        step: The commit step.
        bench: What the robot works with.
        seconds: How long to wait for the target when the step does not say so itself.

    Raises:
        SystemFailure: The target is not there, is one of several, or cannot be used.
        BusinessFailure: The page shows a sign of `fails_when`.
    """
    bench.timeout = step.timeout or seconds
    look_before_commit(step, bench)
    for spot in _pressed(step, bench):
        bench.browser.find(spot, bench.timeout)
    sign = bench.browser.seen(bench.refusals)
    if sign is not None:
        raise bench.fail(sign)


def _pressed(step: Step, bench: Bench) -> list[Spot]:
    """Return what a step presses or fills in itself: of a field with several boxes, those of its options."""
    arguments = step.arguments.bind(bench.scope)
    spot = arguments.get("target")
    if not isinstance(spot, Spot):
        return []
    if step.action.function is choose:
        return [spot.option(arguments["option"])]
    if step.action.function is check and arguments.get("options"):
        return [spot.option(option) for option in arguments["options"].split(SEPARATOR)]
    return [spot]
