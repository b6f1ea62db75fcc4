"""The letters that tell workers which runs wait for them: Procrastinate on PostgreSQL.

A letter holds the number of a run and nothing else. What the run is, and whether it is still to be done, stands in the
book of runs; a letter that comes twice, or too late, does no harm.

Procrastinate speaks PostgreSQL through psycopg's asynchronous side, which on Windows needs another event loop than the
one Playwright needs. So the loop is chosen where it is made (`event_loop`), never for the whole process.
"""

import asyncio
import selectors
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import sqlalchemy as sa
from procrastinate import App, PsycopgConnector, SyncPsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException
from procrastinate.jobs import Job as Letter
from psycopg.conninfo import make_conninfo

from backoffice.database import MIGRATING, one_at_a_time
from backoffice.runs import Run
from scheduler.errors import PostUnreachable

TASK = "hakadori.carry_out"
CONNECT_SECONDS = 10
T = TypeVar("T")


@dataclass(frozen=True)
class Stranded:
    """A letter whose worker is gone.

    Attributes:
        letter: Its number.
        run: The run it tells of.
    """

    letter: int
    run: str


class Postbox:
    """Sends letters and looks after those that were left lying.

    Args:
        engine: The database, PostgreSQL.
    """

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def prepare(self) -> None:
        """Make Procrastinate's own tables when they are missing."""
        with self._engine.begin() as connection:
            one_at_a_time(connection, MIGRATING)
            if sa.inspect(connection).has_table("procrastinate_jobs"):
                return
            with _told(), self._sync() as app:
                app.schema_manager.apply_schema()

    def send(self, runs: list[Run]) -> None:
        """Send a letter for each run; a run that has one gets no second.

        Raises:
            PostUnreachable: The database is away; the runs wait, and their letters are sent by a later round.
        """
        with _told(), self._sync() as app:
            for run in runs:
                letter = app.configure_task(TASK, queue=run.queue, queueing_lock=run.id, allow_unknown=True)
                try:
                    letter.defer(run=run.id)
                except AlreadyEnqueued:
                    continue

    def without_letter(self, runs: list[Run]) -> list[Run]:
        """Return those of the runs for which no letter is under way."""
        query = sa.text("SELECT args ->> 'run' FROM procrastinate_jobs WHERE task_name = :task")
        with self._engine.connect() as connection:
            posted = set(connection.execute(query, {"task": TASK}).scalars())
        return [run for run in runs if run.id not in posted]

    def in_hand(self) -> int:
        """Count the letters that workers have taken and not done with."""
        query = sa.text(
            "SELECT count(*) FROM procrastinate_jobs WHERE task_name = :task AND status = 'doing'"
        )
        with self._engine.connect() as connection:
            return int(connection.execute(query, {"task": TASK}).scalar_one())

    def stranded(self, seconds: float) -> list[Stranded]:
        """Return the letters whose workers have not been heard of for so many seconds.

        Raises:
            PostUnreachable: The database is away.
        """

        async def ask(app: App) -> list[Letter]:
            return list(await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=seconds))

        return [
            Stranded(letter.id, str(letter.task_kwargs["run"]))
            for letter in self._ask(ask)
            if letter.id is not None and letter.task_name == TASK
        ]

    def discard(self, letters: list[int]) -> None:
        """Take letters away whose runs are over."""
        if not letters:
            return
        with self._engine.begin() as connection:
            connection.execute(
                sa.text("DELETE FROM procrastinate_jobs WHERE id = ANY(:letters)"), {"letters": letters}
            )

    def _ask(self, ask: Callable[[App], Awaitable[T]]) -> T:
        async def asked() -> T:
            async with async_app(self._engine).open_async() as app:
                return await ask(app)

        with _told(), asyncio.Runner(loop_factory=event_loop) as runner:
            return runner.run(asked())

    @contextmanager
    def _sync(self) -> Iterator[App]:
        connector = SyncPsycopgConnector(
            conninfo=conninfo(self._engine), min_size=1, max_size=1, timeout=CONNECT_SECONDS
        )
        with App(connector=connector).open() as app:
            yield app


def async_app(engine: sa.Engine, *, connections: int = 2) -> App:
    """Return Procrastinate over the same database; open it with `open_async`."""
    return App(
        connector=PsycopgConnector(
            conninfo=conninfo(engine), min_size=1, max_size=connections, timeout=CONNECT_SECONDS
        )
    )


def event_loop() -> asyncio.AbstractEventLoop:
    """Make an event loop that psycopg can use on every system, without touching the policy of the process."""
    return asyncio.SelectorEventLoop(selectors.DefaultSelector())


def conninfo(engine: sa.Engine) -> str:
    """Return the engine's address in the words of PostgreSQL, with its password: for the connection alone."""
    url = engine.url
    words: dict[str, Any] = {
        "host": url.host,
        "port": url.port,
        "user": url.username,
        "password": url.password,
        "dbname": url.database,
        **url.query,
    }
    return make_conninfo(**{name: value for name, value in words.items() if value is not None})


@contextmanager
def _told() -> Iterator[None]:
    """Turn trouble with the connection into an error of ours, without the address and its password."""
    try:
        yield
    except (ConnectorException, OSError) as error:
        raise PostUnreachable(
            "engine.post_unreachable", detail=type(error.__cause__ or error).__name__
        ) from None
