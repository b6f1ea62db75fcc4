"""Something done again and again on a thread of its own.

The pause between two beats is measured by the machine's steady clock, not by the time of day: a clock that is set back
by an hour, or by years, must not keep the round from being made until that time has come again.
"""

import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

from loguru import logger

from backoffice.logs import without_words


class Pulse:
    """Calls an action at once and then after every pause, until it is stopped; also a context manager.

    Args:
        name: Name of the thread.
        seconds: Pause between the end of one call and the beginning of the next.
        action: What is done. It handles its own errors; one that it did not foresee is logged, and the pulse goes on.
        patience: Longest wait of `stop` for the call at work, in seconds; None waits for its end.
    """

    def __init__(
        self, name: str, seconds: float, action: Callable[[], None], *, patience: float | None = None
    ) -> None:
        self._seconds = seconds
        self._action = action
        self._patience = patience
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._beat, name=name, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Begin no further call and wait for the one at work; harmless when it never started."""
        self._ending.set()
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join(self._patience)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _beat(self) -> None:
        while not self._ending.is_set():
            try:
                self._action()
            except Exception as error:
                logger.error("{} failed by our own fault: {}", self._thread.name, without_words(error))
            self._ending.wait(self._seconds)
