"""How a trial went, on the terminal: the record it was tried with, and every step with its outcome in words."""

from backoffice.messages import text
from console.calling import put_table, say, told
from console.robot_trial import Trial
from robots.trail_page import outcome_in_words


def show_trial(trial: Trial) -> None:
    """Print the steps of a trial for people; what went wrong is told by the caller."""
    say(text("trial.record", origin=trial.origin))
    headings = [
        told("test_step"), told("test_action"), text("trial.target"), told("test_outcome"), told("test_seconds"),
    ]  # fmt: skip
    rows = [
        [one["step"], one["action"], one["target"], outcome_in_words(one["outcome"]), f"{one['seconds']:.1f}"]
        for one in trial.steps
    ]
    put_table(headings, rows)
    if trial.made_up and not trial.good:
        say(text("trial.made_up_hint"))
