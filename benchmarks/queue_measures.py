"""The measurements of `queue.py`: processes that only claim and finish, a large ledger, the start of a run."""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:
    sys.path[0] = str(ROOT)

# ruff: noqa: E402 - what follows needs the packages of the checkout
import sqlalchemy as sa

from backoffice.bulk_entry import Fresh, enter_all
from backoffice.database import open_database, upgrade
from backoffice.ledger import Ledger
from backoffice.messages import use_language
from backoffice.runs import Run
from backoffice.settings import builtin_settings
from backoffice.tables import work_items
from backoffice.work_items import State
from benchmarks.postgresql import PostgreSql, postgresql_programs
from scheduler.child import Outcome, Stop, perform
from scheduler.due import Due
from scheduler.job import Job
from scheduler.job_check import load_jobs
from scheduler.office import Office

BACKENDS = ("sqlite", "postgresql")
WORKERS = (1, 3)
CLAIMS = 200
STARTS = 5
SMALL = 1000
JOB = "job: nothing\ntitle: nothing\ndepartment: nouzei\nrun: nothing\nqueue: bench\n"


def main(about: str) -> int:
    """Measure and tell; returns the exit code."""
    parser = argparse.ArgumentParser(description=about.partition("\n")[0])
    parser.add_argument("--items", type=int, default=600)
    parser.add_argument("--large", type=int, default=100_000)
    parser.add_argument("--starts", type=int, default=STARTS)
    parser.add_argument("--backend", choices=BACKENDS, help="only this one")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    told = {}
    for backend in [chosen.backend] if chosen.backend else BACKENDS:
        with tempfile.TemporaryDirectory(prefix="hakadori-queue-") as name, ExitStack() as stack:
            Path(name).chmod(0o755)
            bench = Bench(Path(name), stack.enter_context(running(backend, Path(name))))
            told[backend] = bench.measure(chosen.items, chosen.large, chosen.starts)
    if chosen.json:
        print(json.dumps(told))
    else:
        for backend, figures in told.items():
            print(f"\n{backend}", *(f"  {name:<18}{value}" for name, value in figures.items()), sep="\n")
    return 0


@contextmanager
def running(backend: str, folder: Path) -> Iterator[str]:
    """Give the URL of a database of its own."""
    if backend == "sqlite":
        yield f"sqlite:///{(folder / 'bench.db').as_posix()}"
        return
    programs = postgresql_programs()
    if programs is None:
        raise SystemExit("PostgreSQL is not installed: apt-get install postgresql")
    (folder / "server").mkdir()
    server = PostgreSql(folder / "server", programs, fsync=True)
    server.start()
    try:
        yield server.url
    finally:
        server.stop()


class Bench:
    """The measurements on one database.

    Args:
        folder: An empty folder.
        url: The database.
    """

    def __init__(self, folder: Path, url: str) -> None:
        use_language("en")
        self._folder = folder
        self._jobs = folder / "jobs"
        self._jobs.mkdir()
        (self._jobs / "nothing.yaml").write_text(JOB)
        os.environ.update(QUEUE_DATABASE=url, QUEUE_JOBS=str(self._jobs))
        self._database = open_database(url)
        upgrade(self._database)
        self._ledger = Ledger(self._database)

    def measure(self, items: int, large: int, starts: int) -> dict[str, Any]:
        """Return all figures of this database."""
        through = {str(workers): self._items_per_second(items, workers) for workers in WORKERS}
        claims = self._claim_ms(large)
        slowest = max(claims["waiting"], claims["done"])
        figures: dict[str, Any] = {"items_per_second": through, "claim_ms": claims}
        figures["slower"] = round(slowest / claims["small"], 2)
        figures["start_ms"] = self._start_ms(starts)
        self._database.dispose()
        return figures

    def _items_per_second(self, items: int, workers: int) -> float:
        """Let processes work off a list; they begin together when a file appears."""
        process, go = f"through-{workers}", self._folder / f"go-{workers}"
        self._enter(process, items)
        words = [sys.executable, __file__, "through", process, str(go)]
        made = [subprocess.Popen(words, stdout=subprocess.PIPE) for _ in range(workers)]
        for worker in made:
            assert worker.stdout is not None
            worker.stdout.readline()
        began = time.perf_counter()
        go.touch()
        done = [int(worker.communicate()[0]) for worker in made]
        seconds = time.perf_counter() - began
        assert sum(done) == items == self._ledger.counts(process)[State.DONE]
        return round(items / seconds, 1)

    def _claim_ms(self, large: int) -> dict[str, float]:
        """Measure claims in ledgers of three kinds; each has only its own items."""
        figures = {}
        for kind, done, waiting in (("small", 0, SMALL), ("waiting", 0, large), ("done", large, SMALL)):
            self._enter(f"{kind}-finished", done)
            with self._database.begin() as connection:
                finished = work_items.c.process == f"{kind}-finished"
                moved = sa.update(work_items).where(finished).values(state=State.DONE.value, process=kind)
                connection.execute(moved)
            self._enter(kind, waiting, first=done)
            self._settle_down()
            times = []
            for _ in range(min(CLAIMS, waiting)):
                began = time.perf_counter()
                claimed = self._ledger.claim(kind, run="bench", who="bench")
                times.append(time.perf_counter() - began)
                assert claimed is not None
            figures[kind] = round(statistics.median(times) * 1000, 3)
        return figures

    def _start_ms(self, starts: int) -> float:
        """Measure how soon a run runs once its job was fired."""
        office = Office.of(builtin_settings(self._folder / "pc"), self._database)
        jobs = load_jobs(self._jobs)
        if self._database.dialect.name == "sqlite":
            from scheduler.runner import LocalRunner

            runner = LocalRunner(jobs, office, child_command)
            return self._starts(starts, office, runner.serve, ended=lambda: None)
        from backoffice.run_queue import RunQueue
        from scheduler.dispatcher import Dispatcher, queue_of
        from scheduler.firing import FiringBook
        from scheduler.postbox import Postbox

        postbox = Postbox(self._database)
        postbox.prepare()
        queue = RunQueue(self._database, office.runs)
        dispatcher = Dispatcher(
            FiringBook(jobs, office, queue=queue_of("bench")), queue, postbox, silent_seconds=60
        )
        worker = subprocess.Popen([sys.executable, __file__, "worker"], stderr=subprocess.DEVNULL)
        try:
            return self._starts(
                starts, office, dispatcher.serve, ended=lambda: _wait(lambda: not office.runs.open_runs())
            )
        finally:
            worker.terminate()
            worker.wait()

    def _starts(
        self, starts: int, office: Office, serve: Callable[[Due], object], *, ended: Callable[[], None]
    ) -> float:
        """Fire several times; the first, which warms everything up, does not count."""
        times = []
        for number in range(starts + 1):
            fired = time.time()
            serve(Due("nothing", f"2026-04-01T00:00:{number:02}+00:00", "schedule"))
            ended()
            [run] = office.runs.history(limit=1)
            times.append(float(run.counts["began"]) - fired)
        return round(statistics.median(times[1:]) * 1000, 1)

    def _enter(self, process: str, items: int, first: int = 0) -> None:
        records = [Fresh(f"{number:07}", {"number": str(number)}) for number in range(first, first + items)]
        for start in range(0, items, 5000):
            enter_all_new(self._ledger, process, records[start : start + 5000])

    def _settle_down(self) -> None:
        """Let the database tidy up, as it does by itself within a minute (autovacuum)."""
        if self._database.dialect.name == "postgresql":
            with self._database.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.execute(sa.text("VACUUM ANALYZE work_items"))


def enter_all_new(ledger: Ledger, process: str, records: Sequence[Fresh]) -> None:
    """Enter records under a name of their own, then under the right one: `enter_all` reads all that a process has."""
    part = f"{process}-part"
    enter_all(ledger, part, records, who="bench", why="list")
    with ledger.transaction() as connection:
        connection.execute(sa.update(work_items).where(work_items.c.process == part).values(process=process))


def child_command(run: Run) -> Sequence[str]:
    """Return the command line of a run's child."""
    return [sys.executable, __file__, "child", run.id]


def _wait(come: Callable[[], bool]) -> None:
    while not come():
        time.sleep(0.005)


def _through(process: str, go: Path) -> int:
    """Work off a list; the body of one process."""
    ledger, done = Ledger(open_database(os.environ["QUEUE_DATABASE"])), 0
    with ledger.held_open():
        print("ready", flush=True)
        _wait(go.exists)
        while (item := ledger.claim(process, run="bench", who="bench")) is not None:
            item = ledger.move(item, State.COMMITTING, who="bench", why="nothing")
            ledger.move(item, State.DONE, who="bench", why="nothing")
            done += 1
    print(done)
    return 0


def _child(run_id: str) -> int:
    """Do nothing in a run; only say when it began."""
    folder = Path(os.environ["QUEUE_JOBS"]).parent
    office = Office.of(builtin_settings(folder / "pc"), open_database(os.environ["QUEUE_DATABASE"]))

    def nothing(_run: Run, _job: Job, _stop: Stop) -> Outcome:
        return Outcome({"began": time.time()})  # type: ignore[dict-item]

    return perform(run_id, tasks={"run": nothing}, jobs=load_jobs(folder / "jobs"), office=office)


def _worker() -> int:
    from backoffice.run_queue import RunQueue
    from console.engines import stop_on_signals
    from scheduler.carrying import Carrier
    from scheduler.worker import Worker

    folder = Path(os.environ["QUEUE_JOBS"]).parent
    office = Office.of(builtin_settings(folder / "pc"), open_database(os.environ["QUEUE_DATABASE"]))
    queue = RunQueue(office.database, office.runs)
    worker = Worker(
        office, queue, load_jobs(folder / "jobs"), Carrier(office, child_command), queues=["bench"]
    )
    stop_on_signals(worker.stop)
    worker.run()
    return 0


if __name__ == "__main__":
    what = sys.argv[1]
    if what == "through":
        sys.exit(_through(sys.argv[2], Path(sys.argv[3])))
    sys.exit(_worker() if what == "worker" else _child(sys.argv[2]))
