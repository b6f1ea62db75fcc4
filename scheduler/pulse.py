"""Something done again and again on a thread of its own.

The pause between two beats is measured by the machine's steady clock, not by the time of day: a clock that is set back
by an hour, or by years, must not keep the round from being made until that time has come again.
"""

import threading
from collections.abc import Callable


class Pulse:
    """Calls an action at once and then after every pause, until it is stopped.

    Args:
        name: Name of the thread.
        seconds: Pause between the end of one call and the beginning of the next.
        action: What is done; it handles its own errors.
    """

    def __init__(self, name: str, seconds: float, action: Callable[[], None]) -> None:
        self._seconds = seconds
        self._action = action
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._beat, name=name, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Begin no further call and wait for the one at work; harmless when it never started."""
        self._ending.set()
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join()

    def _beat(self) -> None:
        while not self._ending.is_set():
            self._action()
            self._ending.wait(self._seconds)
