"""Looks for arriving files on behalf of the service, which must never hang.

A share whose server is gone may answer no question for minutes. So every look at an inbox runs in a thread of its own;
one that does not come back in time is left behind, its inbox is told as silent, and the schedule goes on.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from loguru import logger

from backoffice.errors import HakadoriError
from ocr.watch import Inbox

ANSWER_SECONDS = 10.0
"""A share that answers more slowly is of no use now; a local folder of 10,000 files answers in under a second."""


@dataclass
class _Look:
    thread: threading.Thread
    found: bool = False
    error: Exception | None = None


@dataclass
class Lookout:
    """Says whether a department's files wait for a reader.

    Attributes:
        open_inbox: Opens a department's inbox; it is kept, because a file is ready only after several looks.
        answer_seconds: How long a look may take.
    """

    open_inbox: Callable[[str], Inbox]
    answer_seconds: float = ANSWER_SECONDS
    _inboxes: dict[str, Inbox] = field(default_factory=dict)
    _looks: dict[str, _Look] = field(default_factory=dict)

    def has_files(self, department: str) -> bool:
        """Say whether files of a department are ready, or were left by a reader that was killed.

        Raises:
            HakadoriError, SQLAlchemyError, OSError: What the look met; the next round looks again.
        """
        look = self._looks.get(department)
        if look is None or not look.thread.is_alive():
            look = self._begin(department)
        look.thread.join(self.answer_seconds)
        if look.thread.is_alive():
            self._silent(department)
            return False
        del self._looks[department]
        if look.error is not None:
            raise look.error
        return look.found

    def _begin(self, department: str) -> _Look:
        look = _Look(threading.Thread())
        look.thread = threading.Thread(
            target=self._look, args=(department, look), name=f"lookout {department}", daemon=True
        )
        self._looks[department] = look
        look.thread.start()
        return look

    def _look(self, department: str, look: _Look) -> None:
        try:
            inbox = self._inboxes.get(department)
            if inbox is None:
                inbox = self._inboxes[department] = self.open_inbox(department)
            look.found = inbox.has_work()
        except Exception as error:  # it is raised in the thread that asked
            look.error = error

    def _silent(self, department: str) -> None:
        inbox = self._inboxes.get(department)
        if inbox is None:  # it hung while it was opened
            logger.error("inbox {} does not answer", department)
            return
        try:
            inbox.presence.away("silent")
        except HakadoriError as error:
            logger.error("inbox {} does not answer ({})", department, error.key)
