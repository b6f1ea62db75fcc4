"""The flood itself: drops the files, kills the service, and counts in the books and on the disk what became of them."""

import hashlib
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from backoffice.document import FileState, ReceivedFile
from backoffice.settings import Settings
from benchmarks.watch_scans import Scan, make_scans
from benchmarks.watch_service import FORM, flood_settings, open_desk
from ocr.read_job import ReadingDesk

ROOT = Path(__file__).resolve().parents[1]
DEPARTMENTS = ["nouzei", "kenkou"]
BURST = 200
WRITERS = 24
PIECES = 5
RUBBISH = ("Thumbs.db", "._a.png", "~$a.xlsx", "desktop.ini", "a.png.tmp", "@eaDir/a.png")
CLOSED = (FileState.READ, FileState.FAILED, FileState.QUARANTINED, FileState.DUPLICATE)


class Service:
    """The child process under test."""

    def __init__(self, settings: Settings, give_up_seconds: float) -> None:
        self._settings = settings
        self._words = [str(settings.var), settings.database, str(give_up_seconds), *DEPARTMENTS]
        self.process = self._start()

    def _start(self) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "benchmarks.watch_service", *self._words]
        with (self._settings.var / "service.log").open("ab") as log:
            return subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)

    def kill(self) -> None:
        """Kill it with SIGKILL and start it again."""
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process = self._start()

    def stop(self) -> None:
        """Ask it to end."""
        (self._settings.var / "stop").touch()
        self.process.wait(timeout=60)

    def check(self) -> None:
        """Fail when it ended by itself.

        Raises:
            RuntimeError: With the end of its log.
        """
        if self.process.poll() is not None:
            log = (self._settings.var / "service.log").read_text(encoding="utf-8", errors="replace")
            raise RuntimeError(f"the service ended by itself:\n{log[-3000:]}")


class Flood:
    """Drops the files."""

    def __init__(self, settings: Settings, scans: Sequence[Scan], pause: float) -> None:
        self._settings = settings
        self._scans = scans
        self._pause = pause
        self.dropped = 0
        self._guard = threading.Lock()

    def run(self) -> None:
        """Drop everything in bursts, by many writers at a time."""
        with ThreadPoolExecutor(WRITERS) as writers:
            for start in range(0, len(self._scans), BURST):
                list(writers.map(self._drop, self._scans[start : start + BURST]))

    def _drop(self, scan: Scan) -> None:
        path = self._settings.inbox_folder(scan.department) / scan.name
        if scan.way == "in pieces":
            self._in_pieces(path, scan.content)
        elif scan.way == "renamed":
            draft = path.with_name(f"{path.name}.part")
            draft.write_bytes(scan.content)
            draft.rename(path)
        else:
            path.write_bytes(scan.content)
        with self._guard:
            self.dropped += 1

    def _in_pieces(self, path: Path, content: bytes) -> None:
        """Write as a slow scanner does: some of it, a pause longer than the watcher's stillness, the rest."""
        size = max(1, len(content) // PIECES)
        with path.open("wb") as stream:
            for start in range(0, len(content), size):
                stream.write(content[start : start + size])
                stream.flush()
                if start // size in (0, 2):
                    time.sleep(self._pause)


def drop_rubbish(settings: Settings) -> None:
    """Leave beside the scans what office machines leave, and a link and a pipe."""
    for department in DEPARTMENTS:
        folder = settings.inbox_folder(department)
        for name in RUBBISH:
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_bytes(b"rubbish, not to be touched")
        (folder / "link.png").symlink_to(ROOT / "pyproject.toml")
        os.mkfifo(folder / "pipe.png")


def run_flood(
    count: int, kills: int, database: str, *, seed: int, limit_seconds: float, give_up_seconds: float
) -> dict[str, object]:
    """Run the flood and return its figures.

    Args:
        count: Files to drop.
        kills: How often the service is killed.
        database: SQLAlchemy URL; empty for SQLite in the flood's own folder.
        seed: Of the random numbers.
        limit_seconds: After so long what is not done counts as dropped.
        give_up_seconds: After so long a file that stays half-written or empty is given up.
    """
    scans = make_scans(count, DEPARTMENTS, seed)
    with tempfile.TemporaryDirectory(prefix="hakadori-flood-") as folder:
        settings = flood_settings(Path(folder), database, give_up_seconds)
        desk = open_desk(settings)
        drop_rubbish(settings)
        service = Service(settings, give_up_seconds)
        flood = Flood(settings, scans, pause=settings.inbox.stable_seconds * 1.6)
        writing = threading.Thread(target=flood.run)
        start = time.perf_counter()
        writing.start()
        try:
            killed, seconds = _watch(desk, service, scans, kills, seed, start + limit_seconds)
        finally:
            writing.join()
            service.stop()
        return _figures(desk, scans, killed, seconds - start)


def _watch(
    desk: ReadingDesk, service: Service, scans: Sequence[Scan], kills: int, seed: int, end: float
) -> tuple[int, float]:
    """Kill the service at moments of its progress; return how often, and when the last whole file was done."""
    chance = random.Random(seed)
    whole = sum(scan.good for scan in scans)
    moments = [whole * (number + chance.random()) / (kills + 1) for number in range(1, kills + 1)]
    moments = [min(moment, whole * 0.97) for moment in moments]
    killed, last_done, done_at = 0, -1, time.perf_counter()
    while time.perf_counter() < end:
        time.sleep(0.2)
        service.check()
        states = desk.documents.counts()
        done = states[FileState.READ] + states[FileState.DUPLICATE]
        if done != last_done:
            last_done, done_at = done, time.perf_counter()
        if killed < kills and done >= moments[killed]:
            service.kill()
            killed += 1
        if killed == kills and sum(states[state] for state in CLOSED) >= len(scans):
            break
    return killed, done_at


def _figures(desk: ReadingDesk, scans: Sequence[Scan], kills: int, seconds: float) -> dict[str, object]:
    files = desk.documents.files()
    rows = {(file.department, file.name): file for file in files}
    dropped = sum(not _is_kept(desk, rows.get((scan.department, scan.name)), scan) for scan in scans)
    return {
        "files": len(scans),
        "whole": sum(scan.good and not scan.twin for scan in scans),
        "duplicates": sum(scan.twin for scan in scans),
        "broken": sum(not scan.good for scan in scans),
        "kills": kills,
        "dropped": dropped,
        "double": _doubles(desk, scans, files),
        "wrongly_failed": _wrongly_failed(scans, files),
        "wrongly_read": sum(
            rows[scan.department, scan.name].state is FileState.READ
            for scan in scans
            if not scan.good and (scan.department, scan.name) in rows
        ),
        "without_reason": _without_reason(desk, files),
        "without_receipt": sum(not _has_receipt(desk, file) for file in files),
        "rubbish_touched": _rubbish_touched(desk.settings),
        "files_per_second": round(sum(scan.good for scan in scans) / seconds, 1),
        "seconds": round(seconds, 1),
        "database": desk.settings.database_url.partition(":")[0],
        "reader": "decodes every page with the real intake, recognises nothing",
        "cpus": os.cpu_count(),
    }


def _is_kept(desk: ReadingDesk, file: ReceivedFile | None, scan: Scan) -> bool:
    """Say whether a file is closed in the books, and lies with its whole content where they say."""
    digest = hashlib.sha256(scan.content).hexdigest()
    if file is None or file.state not in CLOSED or file.sha256 != digest:
        return False
    kept = desk.settings.var / file.stored
    return kept.is_file() and hashlib.sha256(kept.read_bytes()).hexdigest() == digest


def _doubles(desk: ReadingDesk, scans: Sequence[Scan], files: Sequence[ReceivedFile]) -> int:
    """Count rows, documents and work items beyond the one that each file or content may have."""
    names = Counter((file.department, file.name) for file in files)
    by_file = {file.id: file.sha256 for file in files}
    documents = Counter(by_file[document.file_id] for document in desk.documents.documents())
    items = desk.ledger.items(FORM)
    contents = {hashlib.sha256(scan.content).hexdigest() for scan in scans if scan.good}
    return (
        sum(number - 1 for number in names.values())
        + sum(number - 1 for number in documents.values())
        + max(0, len(items) - len(contents))
    )


def _wrongly_failed(scans: Sequence[Scan], files: Sequence[ReceivedFile]) -> int:
    """Count whole contents of which no file was read, and whole files that ended neither read nor as a double."""
    read = {file.sha256 for file in files if file.state is FileState.READ}
    good = {
        (scan.department, scan.name): hashlib.sha256(scan.content).hexdigest() for scan in scans if scan.good
    }
    failed = {FileState.FAILED, FileState.QUARANTINED}
    return len(set(good.values()) - read) + sum(
        file.state in failed for file in files if (file.department, file.name) in good
    )


def _without_reason(desk: ReadingDesk, files: Sequence[ReceivedFile]) -> int:
    aside = {FileState.FAILED, FileState.QUARANTINED, FileState.DUPLICATE}
    places = [desk.settings.var / file.stored for file in files if file.state in aside]
    return sum(not place.with_name(f"{place.name}.reason.txt").is_file() for place in places)


def _has_receipt(desk: ReadingDesk, file: ReceivedFile) -> bool:
    folder = desk.settings.receipts_folder(file.department)
    return any(folder.glob(f"{file.id:06d}-*"))


def _rubbish_touched(settings: Settings) -> int:
    names = (*RUBBISH, "link.png", "pipe.png")
    folders = [settings.inbox_folder(department) for department in DEPARTMENTS]
    return sum(not os.path.lexists(folder / name) for folder in folders for name in names)
