"""The port of the engine: what the house asks of whatever fires jobs and carries out runs.

The local engine (`scheduler/local.py`) does both in one process tree on one PC. The unit is a run: one child process
that opens its session once and works until nothing is left. Job, ledger and tasks do not know which engine it is.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from backoffice.runs import Run

Command = Callable[[Run], Sequence[str]]
"""Makes the command line of the child process that performs a run (given by `console.wiring`)."""

Started = Callable[[Run], None]
"""Told of each run when it is entered, before its child starts."""


class Engine(Protocol):
    """Fires jobs when they are due and carries out their runs."""

    def start(self) -> None:
        """Recover what an earlier crash left, serve missed slots, and begin to fire."""
        ...

    def stop(self) -> None:
        """Fire nothing more, let running children finish the item in hand, and end."""
        ...

    def run_now(
        self,
        name: str,
        *,
        follow: bool = True,
        on_start: Started | None = None,
        parameters: Mapping[str, str] | None = None,
    ) -> list[Run]:
        """Run a job at once and wait for its end.

        Args:
            name: The job.
            follow: Also run the jobs that are due after it, when it succeeded.
            on_start: Told of each run that begins.
            parameters: Values for this run in place of those the job declares; not for the jobs that follow.

        Returns:
            The run, then those that followed, in order, each as it ended.

        Raises:
            JobMissing: No such job.
            JobBusy: It is running.
            JobPaused: A person paused it.
            ParameterUnknown: The job declares no such parameter.
        """
        ...

    def next_slot(self, name: str) -> datetime | None:
        """Return when a job is due next by its timed triggers, local time; None when it has none.

        Raises:
            JobMissing: No such job.
        """
        ...
