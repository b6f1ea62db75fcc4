"""Running a robot: check, open the session once, settle doubts, then item after item until none is left.

The one public verb is `run_robot`. Everything that can be known to fail is checked before the browser starts and
before any item is touched.
"""

from collections.abc import Callable, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from threading import Event

from backoffice.clock import Clock, utc_now
from backoffice.errors import HakadoriError
from backoffice.ledger import Ledger
from backoffice.mail import SmtpMailer
from backoffice.settings import Settings
from backoffice.spool import replay
from backoffice.vault import Vault
from backoffice.work_items import State
from robots.drivers.browser import Browser
from robots.drivers.playwright_browser import PlaywrightBrowser
from robots.intake import take_in
from robots.lane import ItemTime, Lane, Progress, Tally
from robots.model import Robot
from robots.office import Office
from robots.performer import Performer
from robots.preflight import check_surroundings, preflight
from robots.rehearsal import rehearse
from robots.screen import Screen
from robots.sources import first_waiting, source_file
from robots.stage import stage_of, uses_page
from robots.stepping import Ask
from robots.trail import Trail
from robots.trail_keeping import keep_within


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
        problems: What else went wrong, in words (a list not written, the session lost for good, rows of a file).
        entered: Records of a file that this run entered in the ledger.
        rehearsed: Items that a rehearsal went through without trouble; then everything else is 0.
    """

    done: int
    business_failures: int
    system_failures: int
    in_doubt: int
    left: int
    settled: int = 0
    times: tuple[ItemTime, ...] = ()
    problems: tuple[str, ...] = ()
    entered: int = 0
    rehearsed: int = 0

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
    limit: int | None = None,
    dry: bool = False,
    ask: Ask | None = None,
    parameters: Mapping[str, str] | None = None,
) -> RunCounts:
    """Work through all waiting items of the robot's process.

    Args:
        robot: The robot.
        ledger: Where its items come from and where their fate is written.
        vault: Gives its secrets.
        settings: Targets, folders, browser.
        run_id: The run that claims the items.
        driver: A browser; the machine's own by default. With one given, the run has one lane.
        stop: When set, the run ends after the item at hand.
        progress: Called after every item.
        personal: Names of personal fields beside those the robot names itself.
        keys: Work only on items of these keys.
        clock: The present moment.
        keep_evidence: False keeps no evidence folder (the bare profile).
        screen: A screen for desktop steps, with its reader of words; the process's own by default.
        limit: Work on at most so many items.
        dry: Rehearse: everything but commit steps and what stays behind; nothing in the ledger moves.
        ask: Asked before every step; then the run has one lane.
        parameters: What the job gives to this run, for `${parameter.NAME}`.

    Returns:
        What was done. Trouble after the first item is told in `problems`, not raised.

    Raises:
        SecretMissing, TargetUnknown, IeModeRefused, BrowserMissing,
            LoginRefused, TargetUnreachable, SystemFailure: Before any
            item was touched.
    """
    preflight(robot, vault, settings)
    if driver is None and uses_page(robot):
        check_surroundings(robot, settings)
    trail = Trail(settings.folder("evidence") / run_id if keep_evidence else None, settings.evidence)
    page, screen = stage_of(robot, settings, driver, screen)
    office = Office(
        robot=robot,
        ledger=ledger,
        settings=settings,
        run_id=run_id,
        browser=page,
        performer=Performer(vault, settings.browser.timeout_seconds, ask=ask, rehearsing=dry),
        personal=frozenset(robot.items.personal) | frozenset(personal),
        clock=clock,
        trail=trail,
        screen=screen,
        mailer=SmtpMailer(settings.mail, vault),
        parameters=parameters or {},
    )
    tally = Tally(progress or (lambda _: None))
    if dry:
        return _rehearse(office, tally, keys, limit)
    replay(ledger, settings.folder("spool"))
    lanes = robot.lanes if driver is None and screen is None and ask is None else 1
    try:
        entry = take_in(robot.items, source_file(office), ledger, who=office.who)
        tally.problems.extend(entry.problems)
        keys = first_waiting(ledger, robot.items.process, keys, limit)
        with ledger.held_open():
            counts = _Run(office, lanes, stop or Event(), tally, keys).work()
        return replace(counts, entered=entry.new)
    except BaseException:
        replay(ledger, settings.folder("spool"))
        ledger.recover(run_id, who=office.who)
        raise
    finally:
        trail.close()


def _rehearse(office: Office, tally: Tally, keys: Collection[str] | None, limit: int | None) -> RunCounts:
    def told(finished: int, waiting: int, key: str) -> None:
        tally.progress(Progress(finished, waiting, key))

    try:
        found = rehearse(office, keys=keys, limit=limit, told=told)
    finally:
        office.trail.close()
    return RunCounts(0, 0, 0, 0, 0, problems=found.problems, rehearsed=found.fine)


class _Run:
    """One run: opens the first lane, settles doubts, lets all lanes work, tears down, counts."""

    def __init__(
        self, office: Office, lanes: int, stop: Event, tally: Tally, keys: Collection[str] | None
    ) -> None:
        self._office = office
        self._lanes = lanes
        self._stop = stop
        self._tally = tally
        self._keys = keys
        self._first = Lane(office, tally, stop, keys)

    def work(self) -> RunCounts:
        office = self._office
        office.trail.begin(
            {
                "robot": office.robot.robot,
                "title": office.robot.title,
                "version": office.robot.version,
                "script": office.robot.source.sha256,
                "process": office.robot.items.process,
                "run": office.run_id,
            },
            office.robot.source.text,
        )
        try:
            if self._has_work():
                self._first.open()
                self._first.settle_doubts()
                self._tally.waiting = self._count(State.NEW, State.RETRY)
                self._all_lanes()
            self._tear_down()
        finally:
            self._first.close()
        for told in office.trail.close():
            self._tally.problem(told)
        keep_within(office.settings, office.run_id, office.clock())
        return self._counts()

    def _has_work(self) -> bool:
        doubts = self._count(State.IN_DOUBT) if self._office.robot.resolve is not None else 0
        return bool(doubts + self._count(State.NEW, State.RETRY))

    def _all_lanes(self) -> None:
        """Work in the first lane here and in the others beside it; no more lanes than items wait."""
        others = min(self._lanes, self._tally.waiting) - 1
        if others < 1:
            self._first.work()
            return
        with ThreadPoolExecutor(others, "lane") as threads:
            beside = [threads.submit(self._lane) for _ in range(others)]
            self._first.work()
        for lane in beside:
            lane.result()

    def _lane(self) -> None:
        """Work in a lane of its own; when it cannot log in, the others do its work."""
        office = replace(self._office, browser=PlaywrightBrowser(self._office.settings))
        lane = Lane(office, self._tally, self._stop, self._keys)
        try:
            lane.open()
            lane.work()
        except HakadoriError as error:
            self._tally.problem(error.explain())
        finally:
            lane.close()

    def _tear_down(self) -> None:
        office = self._office
        evidence = office.evidence("teardown")
        bench = office.bench(None, evidence)
        for at, step in enumerate(office.robot.teardown, start=1):
            if step.action.on_page and not self._first.is_open:
                continue
            try:
                office.performer.do(step, bench, f"teardown {at}")
            except HakadoriError as error:
                self._tally.problem(error.explain())
        evidence.close()

    def _counts(self) -> RunCounts:
        ended = [time.state for time in self._tally.times]
        return RunCounts(
            done=ended.count(State.DONE),
            business_failures=ended.count(State.BUSINESS_FAILURE),
            system_failures=ended.count(State.SYSTEM_FAILURE),
            in_doubt=self._count(State.IN_DOUBT),
            left=self._count(State.NEW, State.RETRY),
            settled=self._tally.settled,
            times=tuple(self._tally.times),
            problems=tuple(self._tally.problems),
        )

    def _count(self, *states: State) -> int:
        counts = self._office.ledger.counts(self._office.robot.items.process)
        return sum(counts[state] for state in states)
