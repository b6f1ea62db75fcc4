"""Open pages that are told how a run goes, line by line (server-sent events), without standing in anybody's way.

A stream lives on the event loop and costs no thread while it waits; what it reads is read by a few threads of its own,
so that many open pages never take the threads that answer requests. A browser opens at most six connections to one
machine: the number of streams of one person stays below that, and a page beyond it asks again and again instead.
"""

import asyncio
import threading
from collections import Counter
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from console.errors import TooManyRequests

BEAT_SECONDS = 1.0
PER_PERSON = 4
ALTOGETHER = 200
READERS = 4
"""Threads that read on behalf of all streams."""
AGAIN_MS = 2000
"""After so long a browser that lost its stream opens it again."""
AGAIN_SECONDS = 5
"""After so long a page that got no stream may ask for one again."""


@dataclass(frozen=True)
class Beat:
    """What a stream tells next.

    Attributes:
        event: Its name; "" tells nothing this time.
        data: One line.
        last: The stream ends with it.
    """

    event: str
    data: str = ""
    last: bool = False

    def line(self) -> str:
        """Return it as it is sent."""
        return f"event: {self.event}\ndata: {self.data}\n\n" if self.event else ":\n\n"


class Streams:
    """The streams of one console.

    Args:
        per_person: So many at once for one person.
        altogether: So many for everybody.
    """

    def __init__(self, per_person: int = PER_PERSON, altogether: int = ALTOGETHER) -> None:
        self._per_person = per_person
        self._altogether = altogether
        self._open: Counter[str] = Counter()
        self._guard = threading.Lock()
        self._ending = threading.Event()
        self._readers = ThreadPoolExecutor(READERS, "stream")

    @property
    def count(self) -> int:
        """How many are open now."""
        with self._guard:
            return self._open.total()

    def end(self) -> None:
        """End all streams at their next beat and open none any more; from any thread or signal handler."""
        self._ending.set()

    def open(self, who: str, look: Callable[[], Beat]) -> "OpenPage":
        """Take a place and return the answer that tells a page a beat a second, until the last one or until it closes.

        The place is looked for and taken at once, so that two pages opened at the same moment never share the last one;
        it is given back when the answer is over, also one that the browser did not wait for.

        Args:
            who: Whose page it is.
            look: Reads what there is to tell; called on a thread for readers.

        Raises:
            TooManyRequests: The person's places, or everybody's, are all taken.
        """
        with self._guard:
            if self._open[who] >= self._per_person or self._open.total() >= self._altogether:
                raise TooManyRequests("people.too_many_requests", seconds=AGAIN_SECONDS)
            self._open[who] += 1
        return OpenPage(self._beats(look), lambda: self._leave(who))

    async def _beats(self, look: Callable[[], Beat]) -> AsyncIterator[str]:
        yield f"retry: {AGAIN_MS}\n\n"
        while not self._ending.is_set():
            beat = await asyncio.get_running_loop().run_in_executor(self._readers, look)
            yield beat.line()
            if beat.last:
                return
            await asyncio.sleep(BEAT_SECONDS)

    def _leave(self, who: str) -> None:
        with self._guard:
            self._open[who] -= 1
            self._open += Counter()  # forgets those at zero


class OpenPage(StreamingResponse):
    """The answer to one open page; whatever ends it, its place is free afterwards.

    Args:
        beats: What is sent.
        leave: Gives the place back; called once.
    """

    def __init__(self, beats: AsyncIterator[str], leave: Callable[[], None]) -> None:
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        super().__init__(beats, media_type="text/event-stream", headers=headers)
        self._leave = leave

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the answer to its end."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._leave()
