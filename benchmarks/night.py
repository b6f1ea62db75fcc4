"""One night of the drill on one backend: its PCs, what befalls them, and the count in the morning."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import psutil
from sqlalchemy.exc import DBAPIError

from backoffice.database import open_database, upgrade
from backoffice.errors import HakadoriError
from backoffice.messages import use_language
from backoffice.work_items import State
from benchmarks.night_count import Morning, count
from benchmarks.night_pc import NOT_BEFORE, PROCESS, SILENT_SECONDS, office_of
from benchmarks.night_target import Target
from benchmarks.postgresql import PostgreSql, postgresql_programs
from scheduler.service import Service

BACKENDS = ("sqlite", "postgresql")
JOB = """
job: touroku
title: 登録
department: nouzei
run: touroku
workers: 3
queue: night
retries: 10
retry_minutes: 0.02
when: {on_queue: {process: touroku}}
"""
OUTAGE_SECONDS = 7.0
"""Longer than `finish_durably` waits before it writes the news to the spool."""
FREEZE_SECONDS = 2.0
LONGEST_NIGHT_SECONDS = 900.0


class Night:
    """One night.

    Args:
        folder: An empty folder that the account `postgres` may enter.
        backend: "sqlite" or "postgresql".
        items: How long the list is.
        kills: How many processes are killed.
        seed: Of what befalls whom.
        tell: Print what happens.
    """

    def __init__(self, folder: Path, backend: str, items: int, kills: int, seed: int, *, tell: bool) -> None:
        self._folder = folder
        self._backend = backend
        self._kills = kills
        self._dice = random.Random(seed)
        self._tell = tell
        self._morning = Morning(items, seed)
        self._target = Target()
        self._pcs: dict[str, subprocess.Popen[bytes]] = {}
        self._postgresql: PostgreSql | None = None
        self._disk = folder / "disk"

    def pass_by(self) -> Morning:
        """Let the night pass and count in the morning."""
        use_language("en")
        began = time.monotonic()
        with ExitStack() as stack:
            stack.enter_context(self._small_disk())
            stack.enter_context(self._target.running())
            self._prepare(stack)
            stack.callback(self._switch_off)
            self._load_twice()
            self._switch_on()
            self._refuse_second_service()
            for happen in self._happenings():
                happen()
                self._let_work(0.5 + self._dice.random() * 1.5)
            self._revive()
            self._until_settled()
            count(self._morning, self._database, self._target.rows())
        self._morning.seconds = round(time.monotonic() - began, 1)
        return self._morning

    # --- the office ---------------------------------------------------------------------------------------------

    def _prepare(self, stack: ExitStack) -> None:
        jobs = self._folder / "jobs"
        jobs.mkdir()
        (jobs / "touroku.yaml").write_text(JOB, encoding="utf-8")
        if self._backend == "postgresql":
            programs = postgresql_programs()
            if programs is None:
                raise SystemExit("PostgreSQL is not installed: apt-get install postgresql")
            (self._disk / "server").mkdir()
            more = {"max_wal_size": "48MB", "min_wal_size": "32MB", "shared_buffers": "32MB"}
            self._postgresql = PostgreSql(self._disk / "server", programs, fsync=True, **more)
            self._postgresql.start()
            stack.callback(self._postgresql.stop)
            url = self._postgresql.url
        else:
            url = f"sqlite:///{(self._disk / 'night.db').as_posix()}"
        told = {"NIGHT_DATABASE": url, "NIGHT_TARGET": self._target.url, "NIGHT_JOBS": str(jobs)}
        os.environ.update(told)
        self._database = open_database(url)
        stack.callback(self._database.dispose)
        upgrade(self._database)  # each process below opens it for itself
        if self._postgresql is not None:
            from scheduler.postbox import Postbox

            Postbox(self._database).prepare()
        self._office = office_of(self._disk / "pc-1")

    def _switch_on(self) -> None:
        """Start two services by mistake, and on PostgreSQL two workers on PCs of their own."""
        shared = self._postgresql is not None
        self._pcs = {"service-1": self._start("service", "pc-1")}
        self._pcs["service-2"] = self._start("service", "pc-2" if shared else "pc-1")
        if shared:
            self._pcs |= {f"worker-{n}": self._start("worker", f"pc-{n}") for n in (3, 4)}

    def _start(self, what: str, pc: str, *more: str) -> subprocess.Popen[bytes]:
        script = Path(__file__).with_name("night_pc.py")
        with (self._folder / f"{what}-{pc}.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, str(script), what, str(self._disk / pc), *more],
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def _load_twice(self) -> None:
        """Enter the same list by two processes at the same moment."""
        loaders = [self._start("load", "pc-1", str(self._morning.items)) for _ in range(2)]
        if any(loader.wait() for loader in loaders):
            raise RuntimeError((self._folder / "load-pc-1.log").read_text())

    def _refuse_second_service(self) -> None:
        """`hakadori serve` takes the database for itself: see that a second one is refused."""
        one, two = (Service(_Idle(), self._office, name="drill") for _ in range(2))
        with one:
            try:
                two.start()
            except HakadoriError:
                self._morning.services_refused += 1

    def _switch_off(self) -> None:
        for pc in self._pcs.values():
            pc.kill()
            pc.wait()
        for child in self._children():
            with suppress(psutil.NoSuchProcess):
                child.kill()

    # --- what happens -------------------------------------------------------------------------------------------

    def _happenings(self) -> list[Callable[[], None]]:
        happenings = [self._kill_child] * (self._kills * 2 // 3) + [self._kill_pc] * (
            self._kills - self._kills * 2 // 3
        )
        happenings += [self._freeze_child] * 2 + [
            self._outage,
            self._outage,
            self._fill_disk,
            self._load_twice,
        ]
        if self._postgresql is not None:
            happenings.append(self._freeze_pc)
        self._dice.shuffle(happenings)
        return happenings

    def _kill_child(self) -> None:
        child = self._any_child()
        if child is not None:
            self._say("kill -9 a run")
            child.kill()
            self._morning.kills += 1

    def _kill_pc(self) -> None:
        name = self._dice.choice(sorted(self._pcs))
        self._say(f"kill -9 {name}")
        self._pcs[name].kill()
        self._pcs[name].wait()
        self._morning.kills += 1
        self._revive()

    def _freeze_child(self) -> None:
        child = self._any_child()
        if child is not None:
            self._say("SIGSTOP a run")
            self._freeze([child], FREEZE_SECONDS)

    def _freeze_pc(self) -> None:
        """Freeze a worker with its children for longer than silence is believed, as a PC that sleeps."""
        name = next(name for name in self._pcs if name.startswith("worker"))
        self._say(f"SIGSTOP {name} and its runs")
        whole = psutil.Process(self._pcs[name].pid)
        self._freeze([whole, *whole.children(recursive=True)], SILENT_SECONDS * 2)

    def _freeze(self, processes: list[psutil.Process], seconds: float) -> None:
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                process.suspend()
        self._let_work(seconds)
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                process.resume()
        self._morning.freezes += 1

    def _outage(self) -> None:
        """Take the database away between a press and its answer."""
        self._across_finish(self._stop_database, self._start_database)
        self._morning.outages += 1

    def _stop_database(self) -> None:
        if self._postgresql is not None:
            self._say("stop PostgreSQL between press and answer")
            self._postgresql.stop(self._dice.choice([signal.SIGINT, signal.SIGQUIT]))
        else:
            self._say("lock SQLite between press and answer")
            self._locker = self._database.raw_connection()
            self._locker.cursor().execute("BEGIN EXCLUSIVE")

    def _start_database(self) -> None:
        if self._postgresql is not None:
            self._postgresql.start()
        else:
            self._locker.rollback()
            self._locker.close()

    def _fill_disk(self) -> None:
        """Fill the disk that holds database, spool and logs, to the last byte."""
        if not self._disk.is_mount():
            return

        def fill() -> None:
            self._say("fill the disk between press and answer")
            with (self._disk / "ballast").open("wb", buffering=0) as ballast, suppress(OSError):
                while True:
                    ballast.write(bytes(4096))
            self._morning.disk_full = True

        self._across_finish(fill, (self._disk / "ballast").unlink)
        if self._postgresql is not None and not self._postgresql.alive:
            self._postgresql.stop()
            self._postgresql.start()  # it gave up on the full disk

    def _across_finish(self, happen: Callable[[], None], mend: Callable[[], None]) -> None:
        happened = threading.Event()

        def now() -> None:
            happen()
            happened.set()

        self._target.across_next_finish(now)
        if not happened.wait(60):  # nothing is registered any more: it happens all the same
            now()
        time.sleep(OUTAGE_SECONDS)
        mend()

    def _revive(self) -> None:
        """Switch on again what was killed, as systemd does."""
        for name, pc in self._pcs.items():
            if pc.poll() is not None:
                what, number = name.split("-")
                home = "pc-1" if self._postgresql is None else f"pc-{number}"
                self._pcs[name] = self._start(what, home)

    def _let_work(self, seconds: float) -> None:
        time.sleep(seconds)

    def _any_child(self) -> psutil.Process | None:
        """Return a child that works, waiting a while for one."""
        for _ in range(100):
            children = sorted(self._children(), key=lambda child: child.pid)
            if children:
                return self._dice.choice(children)
            time.sleep(0.1)
        return None

    def _children(self) -> list[psutil.Process]:
        """Return the processes of runs, those included whose service was killed."""
        found = []
        for process in psutil.process_iter(["cmdline"]):
            words = process.info["cmdline"] or []
            if "child" in words and any(word.startswith(str(self._disk)) for word in words):
                found.append(process)
        return found

    # --- the morning --------------------------------------------------------------------------------------------

    def _until_settled(self) -> None:
        """Wait until nothing waits, nothing is held and what stands in doubt was looked up."""
        end = time.monotonic() + LONGEST_NIGHT_SECONDS
        while time.monotonic() < end:
            self._revive()
            with suppress(DBAPIError):
                counts = self._office.ledger.counts(PROCESS)
                waiting = sum(
                    counts[state] for state in (State.NEW, State.RETRY, State.IN_PROGRESS, State.COMMITTING)
                )
                if not waiting and not counts[State.IN_DOUBT] and not self._office.runs.open_runs():
                    return
                if not waiting and counts[State.IN_DOUBT] and not self._office.runs.open_runs():
                    self._look_up_again()
            time.sleep(0.5)

    def _look_up_again(self) -> None:
        """Enter a record that is known: its run looks up what stands in doubt."""
        time.sleep(NOT_BEFORE.total_seconds())
        self._morning.items += 1
        key = f"{self._morning.items - 1:06}"
        self._office.ledger.put(PROCESS, key, {"number": key}, who="reader", why="one more")

    # --- the disk -----------------------------------------------------------------------------------------------

    @contextmanager
    def _small_disk(self) -> Iterator[None]:
        """Put database, spool and logs on a disk of their own that can be filled: a tmpfs, where we may mount one."""
        self._disk.mkdir()
        size = "256m" if self._backend == "postgresql" else "48m"
        mounted = sys.platform == "linux" and os.geteuid() == 0
        if mounted:
            words = ["mount", "-t", "tmpfs", "-o", f"size={size},mode=0755", "tmpfs", str(self._disk)]
            mounted = subprocess.run(words, check=False, capture_output=True).returncode == 0
        try:
            yield
        finally:
            if mounted:
                subprocess.run(["umount", "-l", str(self._disk)], check=True)

    def _say(self, what: str) -> None:
        if self._tell:
            with suppress(DBAPIError):
                done = len(self._target.rows())
                print(f"{self._backend:<11} {done:>6} registered   {what}", flush=True)


class _Idle:
    """An engine that does nothing; only its service is tried."""

    def start(self) -> None:
        """Do nothing."""

    def stop(self) -> None:
        """Do nothing."""

    def run_now(self, *_: object, **__: object) -> list[object]:
        """Do nothing."""
        return []

    def next_slot(self, _name: str) -> None:
        """Know no slot."""
