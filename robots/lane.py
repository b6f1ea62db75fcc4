"""A lane: one browser with one session that claims item after item until none is left.

A run has one lane, or several side by side (`lanes: 3`): each with a browser, a login and a session of its own, all
claiming from the same ledger, so that no item is taken twice.
"""

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime
from threading import Event, Lock

from loguru import logger

from backoffice.errors import HakadoriError
from backoffice.messages import text
from backoffice.work_items import LedgerConflict, State, WorkItem
from robots.attempt import Attempt, Outcome
from robots.office import Office
from robots.resolving import resolve_doubts
from robots.session import Session

TOO_MANY_FAILURES = 5
"""So many failures of the target in a row end the run: it is not the items' fault."""


@dataclass(frozen=True)
class ItemTime:
    """How long one try at one item took.

    Attributes:
        item: Its number in the ledger.
        state: Where it went.
        seconds: From claim to settled.
    """

    item: int
    state: State
    seconds: float


@dataclass(frozen=True)
class Progress:
    """How far a run has come: tries finished, items that were waiting at the start, and the last key."""

    finished: int
    waiting: int
    key: str


@dataclass
class Tally:
    """What all lanes of a run have done so far.

    Attributes:
        progress: Told after every item.
        times: Every try, in the order of their ends.
        problems: What else went wrong, in words.
        settled: Items taken out of doubt.
        waiting: Items that waited at the start.
        halted: Set when the target fails again and again: all lanes stop.
    """

    progress: Callable[[Progress], None]
    times: list[ItemTime] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    settled: int = 0
    waiting: int = 0
    halted: Event = field(default_factory=Event)
    _lock: Lock = field(default_factory=Lock)

    def add(self, time: ItemTime, key: str) -> None:
        """Count a try and tell how far the run has come."""
        with self._lock:
            self.times.append(time)
            self.progress(Progress(len(self.times), self.waiting, key))

    def problem(self, told: str) -> None:
        """Remember what went wrong beside the items, once."""
        with self._lock:
            if told not in self.problems:
                self.problems.append(told)


class Lane:
    """One lane of a run.

    Args:
        office: The parts of the run, with this lane's own browser.
        tally: Counts for all lanes.
        stop: When set, the lane ends after the item at hand.
        keys: Work only on items of these keys.
    """

    def __init__(self, office: Office, tally: Tally, stop: Event, keys: Collection[str] | None) -> None:
        self._office = office
        self._tally = tally
        self._stop = stop
        self._keys = keys
        self._session = Session(office)

    @property
    def is_open(self) -> bool:
        """Whether the session is open."""
        return self._session.is_open

    def open(self) -> None:
        """Open the session.

        Raises:
            HakadoriError: See `Session.ensure`.
        """
        self._session.ensure()
        version = self._office.browser.version
        if version:
            self._office.trail.begin({"browser": version}, self._office.robot.source.text)

    def settle_doubts(self) -> None:
        """Look up the items in doubt."""
        self._tally.settled = resolve_doubts(self._office)

    def work(self) -> None:
        """Claim and do items until none is left, the run is to stop, or the target fails again and again."""
        in_a_row = 0
        while not self._stopped():
            if not self._session.is_open and not (self.has_waiting() and self._reopen()):
                return
            item = self._claim()
            if item is None:
                return
            outcome = self._attempt(item)
            failed = outcome is not None and outcome.error is not None and not outcome.session_good
            in_a_row = in_a_row + 1 if failed else 0
            if in_a_row >= TOO_MANY_FAILURES:
                self._tally.halted.set()
                self._tally.problem(text("robots.stopped_after_failures", times=TOO_MANY_FAILURES))

    def close(self) -> None:
        """End the browser."""
        self._session.close()

    def has_waiting(self) -> bool:
        """Say whether items wait."""
        counts = self._office.ledger.counts(self._office.robot.items.process)
        return bool(counts[State.NEW] + counts[State.RETRY])

    def _stopped(self) -> bool:
        return self._stop.is_set() or self._tally.halted.is_set()

    def _claim(self) -> WorkItem | None:
        """Take the next item; wait for a retry of this very run that is not due yet."""
        office = self._office
        while not self._stopped():
            item = office.ledger.claim(
                office.robot.items.process, run=office.run_id, who=office.who, keys=self._keys
            )
            due = None if item is not None else self._next_retry()
            if due is None:
                return item
            self._stop.wait(max(0.0, (due - office.clock()).total_seconds()) + 0.01)
        return None

    def _next_retry(self) -> datetime | None:
        waiting = self._office.ledger.items(self._office.robot.items.process, [State.RETRY])
        own = [item.not_before for item in waiting if item.run == self._office.run_id and item.not_before]
        return min(own, default=None)

    def _attempt(self, item: WorkItem) -> Outcome | None:
        started = time.perf_counter()
        try:
            outcome = Attempt(self._office, item).run()
        except LedgerConflict:
            logger.warning("item {} was taken away from run {}", item.id, self._office.run_id)
            self._session.lose()
            return None
        seconds = time.perf_counter() - started
        if not outcome.session_good:
            self._session.lose()
        reason = ""
        if outcome.error is not None:
            reason = outcome.error.explain().partition("\n")[0]
            logger.warning("item {} → {}: {}", item.id, outcome.state.value, outcome.error.key)
        facts = {"item": item.id, "key": item.key, "state": outcome.state.value, "seconds": round(seconds, 3)}
        self._office.trail.item({**facts, "reason": reason})
        self._tally.add(ItemTime(item.id, outcome.state, seconds), item.key)
        return outcome

    def _reopen(self) -> bool:
        try:
            self._session.ensure()
        except HakadoriError as error:
            self._tally.problem(error.explain())
            return False
        return True
