"""Prepare pages ahead of the networks: the next pages are drawn, found and cut while the networks read these.

One thread takes the files in, page by page; some others find, lay and cut each page (OpenCV and ONNX Runtime let go of
Python's lock); the caller's thread gets batches of what is ready, in order, and lets the networks read all crops of a
batch together. Everything between them is bounded, so a file of a thousand pages needs the memory of a few.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, Full, Queue
from threading import Event, Thread
from types import TracebackType
from typing import Generic, TypeVar

BATCH_PAGES = 4
"""Pages whose crops go through the networks together: lines are rare, so one page fills no batch of them."""

PAGES_AHEAD = 6
"""Pages that are prepared before the networks ask for them; each holds about 15 MB."""

FILES_AHEAD = 8
"""Files that are begun before the first of them is done; single-page files are the rule."""

Page = TypeVar("Page")
Prepared = TypeVar("Prepared")


@dataclass(frozen=True)
class PageReady(Generic[Prepared]):
    """A page of a file, prepared or about to be.

    Attributes:
        file: Number of the file, from 0 in the order given.
        future: Gives what `prepare` returned, or raises what it raised.
    """

    file: int
    future: "Future[Prepared]"


@dataclass(frozen=True)
class FileEnd:
    """No more pages of a file.

    Attributes:
        file: Number of the file.
        error: Why it ended before its last page, or None.
    """

    file: int
    error: Exception | None


class Preparation(Generic[Page, Prepared]):
    """Takes files in and prepares their pages in the background; use it as a context manager.

    Args:
        pages: Yields the pages of a file; called in one thread only.
        prepare: Makes a page ready; called in several threads.
        workers: Threads that prepare.
    """

    def __init__(
        self,
        pages: Callable[[Path], Iterator[Page]],
        prepare: Callable[[Page], Prepared],
        *,
        workers: int,
    ) -> None:
        self._pages = pages
        self._prepare = prepare
        self._pool = ThreadPoolExecutor(max_workers=workers, thread_name_prefix="prepare")
        self._paths: Queue[tuple[int, Path] | None] = Queue()
        self._ready: Queue[PageReady[Prepared] | FileEnd] = Queue(maxsize=PAGES_AHEAD)
        self._left: Event = Event()
        self._held: PageReady[Prepared] | FileEnd | None = None
        self._intake = Thread(target=self._take_in, name="intake", daemon=True)

    def __enter__(self) -> "Preparation[Page, Prepared]":
        self._intake.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._left.set()
        self._paths.put(None)
        self._intake.join()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def begin(self, number: int, path: Path) -> None:
        """Take one more file in; its pages come after those of the files before it."""
        self._paths.put((number, path))

    def next_batch(self) -> list[PageReady[Prepared] | FileEnd]:
        """Wait for the next page or end of a file, and return it with what else is ready: at most BATCH_PAGES pages."""
        batch = [self._held or self._ready.get()]
        self._held = None
        while sum(isinstance(one, PageReady) for one in batch) < BATCH_PAGES:
            try:
                following = self._ready.get_nowait()
            except Empty:
                break
            if isinstance(following, PageReady) and not following.future.done():
                self._held = following
                break
            batch.append(following)
        return batch

    def _take_in(self) -> None:
        while (given := self._paths.get()) is not None and not self._left.is_set():
            number, path = given
            error: Exception | None = None
            try:
                for page in self._pages(path):
                    if not self._hand_over(PageReady(number, self._pool.submit(self._prepare, page))):
                        return
            except Exception as broken:
                error = broken
            if not self._hand_over(FileEnd(number, error)):
                return

    def _hand_over(self, one: PageReady[Prepared] | FileEnd) -> bool:
        """Put something into the bounded queue; False when nobody is there any more to take it."""
        while not self._left.is_set():
            try:
                self._ready.put(one, timeout=0.2)
            except Full:
                continue
            return True
        return False
