"""The stages of the demonstration: timed, and shown to whoever watches."""

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from backoffice.messages import text
from backoffice.runs import Run

if TYPE_CHECKING:
    from console.wiring import Office
    from scheduler.local import LocalEngine

LOOK_SECONDS = 0.3


class Stages:
    """Shows how far the demonstration has come and keeps the minutes of each stage."""

    def __init__(self) -> None:
        console = Console(stderr=True)
        self._watched = sys.stderr.isatty()
        self._bar = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(bar_width=30),
            TextColumn("{task.fields[told]}"),
            TimeElapsedColumn(),
            console=console,
            disable=not self._watched,
        )
        self.minutes: dict[str, float] = {}

    def __enter__(self) -> "Stages":
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    @contextmanager
    def stage(self, name: str, what: str = "", total: int | None = None) -> Iterator[TaskID]:
        """Time a stage; the minutes of several of one name add up."""
        title = text(f"console.stage_{name}") + (f" {what}" if what else "")
        task = self._bar.add_task(title, total=total, told="")
        if not self._watched:
            print(f"{title} …", file=sys.stderr, flush=True)
        started = time.monotonic()
        yield task
        spent = time.monotonic() - started
        self.minutes[name] = self.minutes.get(name, 0.0) + spent / 60
        self._bar.update(task, total=total or 1, completed=total or 1)

    def show(self, task: TaskID, completed: int | None, told: str) -> None:
        """Show how far a stage has come."""
        self._bar.update(task, completed=completed, told=told)

    def follow(self, office: "Office", engine: "LocalEngine", job: str, task: TaskID) -> Run:
        """Run a job to its end in the engine, as at night, and show its counts meanwhile."""
        begun: list[Run] = []
        ended: list[Run] = []
        broken: list[BaseException] = []

        def work() -> None:
            try:
                ended.extend(engine.run_now(job, follow=False, on_start=begun.append))
            except BaseException as error:  # handed to the caller below
                broken.append(error)

        worker = threading.Thread(target=work, name=f"job {job}")
        worker.start()
        try:
            while worker.is_alive():
                worker.join(LOOK_SECONDS)
                if begun:
                    self._show_counts(office.runs.get(begun[0].id), task)
        except BaseException:  # Ctrl+C above all: let the child finish the item in hand, then go
            engine.stop()
            worker.join()
            raise
        if broken:
            raise broken[0]
        self._show_counts(ended[0], task)
        return ended[0]

    def _show_counts(self, run: Run, task: TaskID) -> None:
        counts = run.counts
        if "finished" in counts:
            self._bar.update(task, total=max(int(counts["waiting"]), 1))
            self.show(task, int(counts["finished"]), f"{counts['finished']}/{counts['waiting']}")
        elif "files" in counts:
            told = text(
                "console.stage_files",
                files=counts["files"],
                documents=counts["documents"],
                waiting=counts["waiting"],
            )
            self.show(task, int(counts["files"]), told)
