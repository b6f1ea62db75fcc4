"""Items in doubt: look them up in the target and settle them by what it shows, or leave them to a person.

Found means done. Not found means "try again", but only when enough time has gone by since the commit step: a slow
target may still be at work on what was sent to it, and believing it too early would register twice. For the same
reason a page that shows both signs at once proves nothing.
"""

from datetime import timedelta

from loguru import logger

from backoffice.errors import HakadoriError
from backoffice.messages import text
from backoffice.steady import seconds_since
from backoffice.work_items import State, WorkItem
from robots.bench import Bench
from robots.drivers.browser import Expectation
from robots.model import Resolve
from robots.office import Office


def resolve_doubts(office: Office) -> int:
    """Look up every item in doubt of the robot's process.

    Returns:
        How many were settled. Items that the target gives no clear answer for stay in doubt.
    """
    resolve = office.robot.resolve
    if resolve is None:
        return 0
    doubtful = office.ledger.items(office.robot.items.process, [State.IN_DOUBT])
    return sum(_resolve_one(office, resolve, item) for item in doubtful)


def _resolve_one(office: Office, resolve: Resolve, item: WorkItem) -> bool:
    evidence = office.evidence(f"{item.id}-resolve")
    bench = office.bench(item, evidence)
    try:
        bench.browser.begin_item()
        found = _look_up(office, resolve, bench)
        if found:
            why = text("robots.why_resolved_found")
            office.ledger.settle(item, State.DONE, who=office.who, why=why, result=bench.result)
        elif _too_early(office, resolve, item):
            logger.info("item {} stays in doubt: too early to believe that it is not there", item.id)
            return False
        else:
            office.ledger.settle(item, State.RETRY, who=office.who, why=text("robots.why_resolved_missing"))
        return True
    except HakadoriError as error:
        logger.warning("item {} stays in doubt: {}", item.id, error.key)
        return False
    finally:
        evidence.picture(bench.browser, "resolve", bench.cover)
        evidence.close()


def _look_up(office: Office, resolve: Resolve, bench: Bench) -> bool:
    """Do the resolve steps and say whether the record is there.

    Raises:
        HakadoriError: The target gives no clear answer, or shows both signs at once.
    """
    for at, step in enumerate(resolve.steps, start=1):
        office.performer.do(step, bench, f"resolve {at}")
    found, missing = resolve.found.fill(bench.scope), resolve.not_found.fill(bench.scope)
    assert found is not None and missing is not None  # the model asks for both
    timeout = office.settings.browser.timeout_seconds
    if bench.browser.wait_for(Expectation(found), (missing,), timeout) is not None:
        bench.browser.wait_for(Expectation(found, visible=False), (), timeout)
        return False
    for at, step in enumerate(resolve.result, start=1):
        office.performer.do(step, bench, f"resolve result {at}")
    return True


def _too_early(office: Office, resolve: Resolve, item: WorkItem) -> bool:
    begun = [event.at for event in office.ledger.events(item.id) if event.to_state is State.COMMITTING]
    if not begun or office.clock() - begun[-1] < timedelta(seconds=resolve.not_before_seconds):
        return True
    sure = seconds_since(item.mark)  # the time of day may have been set forward since
    return sure is not None and sure < resolve.not_before_seconds
