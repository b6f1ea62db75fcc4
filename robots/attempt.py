"""One item, from claimed to settled: the commit rule of the house lives here.

    steps before commit   fail → retry later, or system_failure, or business_failure
    ledger: committing    written before the commit step begins
    commit … confirm      fail → in_doubt, always; nothing is pressed a second time
    confirm seen          done, whatever happens after

Every HakadoriError ends in a state of the item; nothing is left hanging.
"""

from dataclasses import dataclass
from datetime import timedelta

from loguru import logger

from backoffice.errors import BusinessFailure, HakadoriError, SystemFailure
from backoffice.mail import MailNotSent, MailUnclear
from backoffice.messages import text
from backoffice.spool import finish_durably
from backoffice.steady import steady
from backoffice.sure_moves import move_surely, settle_surely
from backoffice.work_items import LedgerConflict, State, WorkItem
from robots.bench import Bench
from robots.errors import RefusedAfterCommit, SessionLost, StoppedByPerson
from robots.hiding import without_personal
from robots.item_trace import ItemTrace
from robots.lease import Lease, NotPressed
from robots.office import Office
from robots.ready import see_ready
from robots.step import Step

MORE_TRIES_AFTER_LOGOUT = 2
"""Having been logged out is not the item's fault: it may be tried so often beyond its tries, and without waiting."""
LONGEST_WAIT_SECONDS = 3600.0
"""However often an item failed, its next try is not put off longer than this."""


@dataclass(frozen=True)
class Outcome:
    """How an attempt ended.

    Attributes:
        state: Where the item stands now.
        session_good: Whether the session may serve the next item.
        error: What went wrong, if anything did.
    """

    state: State
    session_good: bool
    error: HakadoriError | None = None


class Attempt:
    """One try at one item.

    Args:
        office: The parts of this run.
        item: The item, claimed by this run.
    """

    def __init__(self, office: Office, item: WorkItem) -> None:
        self._office = office
        self._item = item
        self._confirmed = False

    def run(self) -> Outcome:
        """Do the robot's `each` steps and move the item to where it belongs.

        Returns:
            How it ended; every HakadoriError is turned into a state of the item.

        Raises:
            LedgerConflict: Somebody else moved the item; this run must leave it alone.
        """
        evidence = self._office.evidence(str(self._item.id))
        bench = self._office.bench(self._item, evidence)
        trace = ItemTrace(self._office.settings.evidence.trace, evidence.folder)
        trace.begin(bench.browser)
        failed = True
        try:
            outcome = self._run(bench)
            failed = outcome.error is not None
            return outcome
        finally:
            trace.end(bench.browser, failed=failed, secret=bench.typed_secret, private=bench.cover.values)
            evidence.close()

    def _run(self, bench: Bench) -> Outcome:
        try:
            bench.browser.begin_item()
            for at, step in enumerate(self._office.robot.each, start=1):
                self._step(step, bench, f"each {at}")
        except (StoppedByPerson, LedgerConflict):
            raise
        except SystemFailure as error:
            return self._failed(error, bench)
        except BusinessFailure as error:
            return self._refused(error, bench)
        except HakadoriError as error:
            if error.exit_code == 10 and not self._pressed:
                raise
            return self._failed(error, bench)
        self._finish(bench, text("robots.why_confirmed" if self._confirmed else "robots.why_done"))
        return Outcome(State.DONE, True)

    def _step(self, step: Step, bench: Bench, place: str) -> None:
        if step.commit:
            self._office.performer.ask_before_commit(step, place)
            self._prepare_commit(step, bench)
        try:
            self._office.performer.do(step, bench, place)
        finally:
            bench.hold(None)
        if step.confirm:
            self._confirmed = True
            bench.evidence.picture(bench.browser, "after-confirm", bench.cover)

    def _prepare_commit(self, step: Step, bench: Bench) -> None:
        """See the target and no sign of failure, take the picture, write `committing`, and take the lease."""
        see_ready(step, bench, self._office.settings.browser.timeout_seconds)
        bench.evidence.picture(bench.browser, "before-commit", bench.cover)
        begun = steady()
        self._move(State.COMMITTING, text("robots.why_committing"))
        bench.hold(Lease(self._office.ledger, self._item, begun, bench.timeout))

    @property
    def _pressed(self) -> bool:
        return self._item.state is State.COMMITTING

    def _failed(self, error: HakadoriError, bench: Bench) -> Outcome:
        error = without_personal(error, bench.cover.values)
        self._show_failure(bench)
        if self._confirmed:
            self._finish(bench, text("robots.why_confirmed_but", reason=_reason(error)))
            return Outcome(State.DONE, False, error)
        if self._pressed:
            self._move(State.IN_DOUBT, text("robots.why_in_doubt", reason=_reason(error)))
            return Outcome(self._out_of_doubt(error), False, error)
        tries = self._office.robot.tries
        lost = isinstance(error, SessionLost)
        if self._item.attempts >= tries.times + (MORE_TRIES_AFTER_LOGOUT if lost else 0):
            self._move(
                State.SYSTEM_FAILURE, text("robots.why_gave_up", tries=tries.times, reason=_reason(error))
            )
            return Outcome(State.SYSTEM_FAILURE, False, error)
        seconds = (
            0.0 if lost else min(tries.wait_seconds * 2 ** (self._item.attempts - 1), LONGEST_WAIT_SECONDS)
        )
        wait = timedelta(seconds=seconds)
        self._item = move_surely(
            self._office.ledger,
            self._item,
            State.RETRY,
            who=self._office.who,
            why=text("robots.why_retry", reason=_reason(error)),
            not_before=self._office.clock() + wait,
        )
        return Outcome(State.RETRY, False, error)

    def _out_of_doubt(self, error: HakadoriError) -> State:
        """Settle the doubt at once where the error proves that nothing was done: no press, or a mail nobody took."""
        not_taken = isinstance(error, MailNotSent) and not isinstance(error, MailUnclear)
        proof = not_taken or isinstance(error, NotPressed)
        if not proof or self._item.attempts >= self._office.robot.tries.times:
            return State.IN_DOUBT
        why = text("robots.why_retry", reason=_reason(error))
        self._item = settle_surely(
            self._office.ledger, self._item, State.RETRY, who=self._office.who, why=why
        )
        return State.RETRY

    def _refused(self, error: BusinessFailure, bench: Bench) -> Outcome:
        if self._confirmed or (self._pressed and not isinstance(error, RefusedAfterCommit)):
            return self._failed(error, bench)
        told = without_personal(error, bench.cover.values)
        self._show_failure(bench)
        self._move(State.BUSINESS_FAILURE, _reason(told))
        return Outcome(State.BUSINESS_FAILURE, True, told)

    def _show_failure(self, bench: Bench) -> None:
        bench.evidence.picture(bench.browser, "failure", bench.cover)
        bench.evidence.page_text(bench.browser, bench.cover)
        for at, step in enumerate(self._office.robot.on_error, start=1):
            try:
                self._office.performer.do(step, bench, f"on_error {at}")
            except HakadoriError as error:
                logger.warning("on_error {} of {}: {}", at, self._office.robot.robot, error.key)

    def _finish(self, bench: Bench, why: str) -> None:
        spool = self._office.settings.folder("spool")
        ledger, who = self._office.ledger, self._office.who
        done = finish_durably(ledger, spool, self._item, result=bench.result, who=who, why=why)
        self._item = done or self._item

    def _move(self, to: State, why: str) -> None:
        self._item = move_surely(self._office.ledger, self._item, to, who=self._office.who, why=why)


def _reason(error: HakadoriError) -> str:
    what = error.parts().what
    return f"{error.where}: {what}" if error.where else what
