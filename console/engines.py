"""Engines as the settings ask for them: this PC alone, or PostgreSQL with workers on several PCs."""

import signal
import sys
from collections.abc import Callable, Sequence
from types import FrameType
from typing import TYPE_CHECKING

from backoffice.errors import SettingsError
from backoffice.suggest import did_you_mean
from console.errors import ArgumentWrong
from console.wiring import Office, child_command, script_of

if TYPE_CHECKING:
    from scheduler.runner import JobRunner
    from scheduler.worker import Worker


def shared_runner(office: Office) -> "JobRunner | None":
    """Return what leaves the runs to workers; None when this PC carries them out itself.

    Raises:
        SettingsError: The settings ask for workers without PostgreSQL, or its packages are not installed.
        PostUnreachable: The database is away.
    """
    settings = office.settings.engine
    if settings.kind == "local":
        return None
    check_database(office)
    from backoffice.run_queue import RunQueue
    from scheduler.dispatcher import Dispatcher, queue_of
    from scheduler.firing import FiringBook
    from scheduler.postbox import Postbox

    postbox = Postbox(office.engine)
    postbox.prepare()
    book = FiringBook(office.jobs, office.books, script_of(office), queue_of(settings.queue))
    return Dispatcher(
        book, RunQueue(office.engine, office.runs), postbox, silent_seconds=settings.silent_seconds
    )


def make_worker(office: Office, queues: Sequence[str] = (), lanes: int = 1) -> "Worker":
    """Return a worker of this PC.

    Args:
        office: The installation.
        queues: Which queues; that of the settings by default.
        lanes: How many runs at the same time.

    Raises:
        ArgumentWrong: No job uses one of the queues.
        SettingsError: The settings ask for no workers, or PostgreSQL is missing.
        PostUnreachable: The database is away.
    """
    settings = office.settings.engine
    if settings.kind == "local":
        raise SettingsError("engine.worker_needs_engine", where="engine")
    check_database(office)
    from backoffice.run_queue import RunQueue
    from scheduler.carrying import Carrier
    from scheduler.dispatcher import jobs_by_queue
    from scheduler.postbox import Postbox
    from scheduler.worker import Worker

    known = jobs_by_queue(office.jobs, settings.queue)
    for name in queues:
        if name not in known:
            hint = did_you_mean(name, known)
            raise ArgumentWrong("engine.queue_unknown", where="--queues", name=name, hint=hint)
    Postbox(office.engine).prepare()
    return Worker(
        office.books,
        RunQueue(office.engine, office.runs),
        office.jobs,
        Carrier(office.books, lambda run: child_command(office, run)),
        queues=queues or (settings.queue,),
        script=script_of(office),
        lanes=lanes,
        silent_seconds=settings.silent_seconds,
    )


def check_database(office: Office) -> None:
    """Look whether the database serves several PCs.

    Raises:
        SettingsError: It is SQLite, or the packages of the extra `postgresql` are missing.
    """
    if office.engine.dialect.name != "postgresql":
        raise SettingsError("engine.engine_needs_postgresql", where="engine")
    try:
        import procrastinate  # noqa: F401 - only looked for
    except ModuleNotFoundError as error:
        raise SettingsError("engine.engine_extra_missing", where="engine") from error


def stop_on_signals(stop: Callable[[], None]) -> None:
    """Call `stop` on SIGTERM and Ctrl+C, on Windows also on Ctrl+Break and when the window is closed."""

    def told(_signal: int, _frame: FrameType | None) -> None:
        stop()

    names = ["SIGTERM", "SIGINT"] + (["SIGBREAK"] if sys.platform == "win32" else [])
    for name in names:
        signal.signal(getattr(signal, name), told)
