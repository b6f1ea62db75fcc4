"""Running a robot: check, open the session once, settle doubts, then item after item until none is left.

The one public verb is `run_robot`. Everything that can be known to fail is checked before the browser starts and
before any item is touched.
"""

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from threading import Event

from loguru import logger

from backoffice.clock import Clock, utc_now
from backoffice.errors import HakadoriError
from backoffice.ledger import Ledger
from backoffice.messages import text
from backoffice.settings import Settings
from backoffice.spool import replay
from backoffice.vault import Vault
from backoffice.work_items import LedgerConflict, State, WorkItem
from robots.attempt import Attempt, Outcome
from robots.drivers.browser import Browser
from robots.model import Robot
from robots.office import Office
from robots.performer import Performer
from robots.preflight import preflight
from robots.resolving import resolve_doubts
from robots.screen import Screen
from robots.session import Session
from robots.stage import stage_of

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


@dataclass(frozen=True)
class RunCounts:
    """What a run did.

    Attributes:
        done: Items registered and confirmed in this run.
        business_failures: Items the target or the script refused in this run.
        system_failures: Items given up in this run after all tries.
        in_doubt: Items of the process that stand in doubt now.
        left: Items of the process that still wait, retries included.
        settled: Items taken out of doubt by the robot's resolve steps.
        times: Every try, in order.
        problems: What else went wrong, in words (a list not written, the session lost for good).
    """

    done: int
    business_failures: int
    system_failures: int
    in_doubt: int
    left: int
    settled: int = 0
    times: tuple[ItemTime, ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def exit_code(self) -> int:
        """4 when items are in doubt, 3 when some failed, else 0."""
        if self.in_doubt:
            return 4
        return 3 if self.business_failures or self.system_failures or self.problems else 0


def run_robot(
    robot: Robot,
    *,
    ledger: Ledger,
    vault: Vault,
    settings: Settings,
    run_id: str,
    driver: Browser | None = None,
    stop: Event | None = None,
    progress: Callable[[Progress], None] | None = None,
    personal: Collection[str] = (),
    keys: Collection[str] | None = None,
    clock: Clock = utc_now,
    keep_evidence: bool = True,
    screen: Screen | None = None,
) -> RunCounts:
    """Work through all waiting items of the robot's process.

    Args:
        robot: The robot.
        ledger: Where its items come from and where their fate is written.
        vault: Gives its secrets.
        settings: Targets, folders, browser.
        run_id: The run that claims the items.
        driver: A browser; the machine's own by default.
        stop: When set, the run ends after the item at hand.
        progress: Called after every item.
        personal: Names of personal fields beside those the robot names itself.
        keys: Work only on items of these keys.
        clock: The present moment.
        keep_evidence: False keeps no evidence folder (the bare profile).
        screen: A screen for desktop steps, with its reader of words; the process's own by default.

    Returns:
        What was done. Trouble after the first item is told in `problems`, not raised.

    Raises:
        SecretMissing, TargetUnknown, BrowserMissing, LoginRefused, TargetUnreachable, SystemFailure: Before any
            item was touched.
    """
    preflight(robot, vault, settings)
    page, screen = stage_of(robot, settings, driver, screen)
    office = Office(
        robot=robot,
        ledger=ledger,
        settings=settings,
        run_id=run_id,
        browser=page,
        performer=Performer(vault, settings.browser.timeout_seconds),
        personal=frozenset(robot.items.personal) | frozenset(personal),
        clock=clock,
        keep_evidence=keep_evidence,
        screen=screen,
    )
    replay(ledger, settings.folder("spool"))
    run = _Run(office, stop or Event(), progress or (lambda _: None), keys)
    try:
        return run.work()
    except BaseException:
        replay(ledger, settings.folder("spool"))
        ledger.recover(run_id, who=office.who)
        raise


class _Run:
    """One run, with what it has counted so far."""

    def __init__(
        self,
        office: Office,
        stop: Event,
        progress: Callable[[Progress], None],
        keys: Collection[str] | None,
    ) -> None:
        self._office = office
        self._stop = stop
        self._progress = progress
        self._keys = keys
        self._session = Session(office)
        self._times: list[ItemTime] = []
        self._problems: list[str] = []
        self._settled = 0
        self._waiting = 0

    def work(self) -> RunCounts:
        try:
            if self._has_work():
                self._session.ensure()
                self._settled = resolve_doubts(self._office)
                self._waiting = self._count(State.NEW, State.RETRY)
                self._items()
            self._tear_down()
        finally:
            self._session.close()
        return self._counts()

    def _has_work(self) -> bool:
        doubts = self._count(State.IN_DOUBT) if self._office.robot.resolve is not None else 0
        return bool(doubts + self._count(State.NEW, State.RETRY))

    def _items(self) -> None:
        in_a_row = 0
        while not self._stop.is_set() and in_a_row < TOO_MANY_FAILURES:
            if not self._session.is_open and not (self._count(State.NEW, State.RETRY) and self._reopen()):
                return
            item = self._claim()
            if item is None:
                return
            outcome = self._attempt(item)
            failed = outcome is not None and outcome.error is not None and not outcome.session_good
            in_a_row = in_a_row + 1 if failed else 0
        if in_a_row >= TOO_MANY_FAILURES:
            self._problems.append(text("robots.stopped_after_failures", times=TOO_MANY_FAILURES))

    def _claim(self) -> WorkItem | None:
        """Take the next item; wait for a retry of this very run that is not due yet."""
        office = self._office
        while not self._stop.is_set():
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
        self._times.append(ItemTime(item.id, outcome.state, time.perf_counter() - started))
        if not outcome.session_good:
            self._session.lose()
        if outcome.error is not None:
            logger.warning("item {} → {}: {}", item.id, outcome.state.value, outcome.error.key)
        self._progress(Progress(len(self._times), self._waiting, item.key))
        return outcome

    def _reopen(self) -> bool:
        try:
            self._session.ensure()
        except HakadoriError as error:
            self._problems.append(error.explain())
            return False
        return True

    def _tear_down(self) -> None:
        office = self._office
        evidence = office.evidence("teardown")
        bench = office.bench(None, evidence)
        for at, step in enumerate(office.robot.teardown, start=1):
            if step.action.on_page and not self._session.is_open:
                continue
            try:
                office.performer.do(step, bench, f"teardown {at}")
            except HakadoriError as error:
                self._problems.append(error.explain())
        evidence.close()

    def _counts(self) -> RunCounts:
        ended = [time.state for time in self._times]
        return RunCounts(
            done=ended.count(State.DONE),
            business_failures=ended.count(State.BUSINESS_FAILURE),
            system_failures=ended.count(State.SYSTEM_FAILURE),
            in_doubt=self._count(State.IN_DOUBT),
            left=self._count(State.NEW, State.RETRY),
            settled=self._settled,
            times=tuple(self._times),
            problems=tuple(self._problems),
        )

    def _count(self, *states: State) -> int:
        counts = self._office.ledger.counts(self._office.robot.items.process)
        return sum(counts[state] for state in states)
