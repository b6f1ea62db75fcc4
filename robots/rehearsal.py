"""A rehearsal (dry run): everything that a robot would do with its items, but for what stays behind.

Each item is worked on up to its commit step, in the real target; what that step would press is looked for. Steps that
write a file or send a mail are passed over and told in the evidence. Nothing in the ledger moves, and rows of a file
are not entered.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from backoffice.errors import HakadoriError
from backoffice.work_items import State, WorkItem
from robots.hiding import without_personal
from robots.intake import read_records
from robots.office import Office
from robots.ready import see_ready
from robots.session import Session
from robots.sources import source_file


@dataclass(frozen=True)
class Rehearsed:
    """What a rehearsal found.

    Attributes:
        fine: Items that came as far as their commit step, or to their end.
        problems: What went wrong, with the keys of the items, and what is wrong with rows of the file.
    """

    fine: int
    problems: tuple[str, ...]


def rehearse(
    office: Office,
    *,
    keys: Collection[str] | None,
    limit: int | None,
    told: Callable[[int, int, str], None],
) -> Rehearsed:
    """Rehearse a robot with the items that wait, or with the rows of its file.

    Args:
        office: The parts of the run; its performer passes over what stays behind.
        keys: Only items of these keys.
        limit: At most so many items.
        told: Told after each item: how many are finished, how many there are, the key.

    Raises:
        HakadoriError: The file cannot be read, or the session cannot be opened.
    """
    items, problems = _items(office, keys, limit)
    session = Session(office)
    fine = 0
    try:
        for at, item in enumerate(items, start=1):
            session.ensure()
            error = _one(office, item)
            fine += error is None
            if error is not None:
                problems.append(f"{item.key}: {error.explain()}")
                session.lose()
            told(at, len(items), item.key)
        _tear_down(office, session)
    finally:
        session.close()
    return Rehearsed(fine, tuple(problems))


def _items(
    office: Office, keys: Collection[str] | None, limit: int | None
) -> tuple[Sequence[WorkItem], list[str]]:
    robot, ledger = office.robot, office.ledger
    waiting = ledger.items(robot.items.process, [State.NEW, State.RETRY])
    taken = read_records(robot.items, source_file(office), ledger)
    entered = ledger.items(robot.items.process) if taken.records else []
    known = {robot.items.compared(item.key) for item in entered}
    now = office.clock()
    waiting += [
        _not_entered(robot.items.process, at, one.key, one.record, now)
        for at, one in enumerate(taken.records, start=1)
        if robot.items.compared(one.key) not in known
    ]
    chosen = [item for item in waiting if keys is None or item.key in keys]
    return chosen[:limit], taken.problems


def _not_entered(process: str, at: int, key: str, record: dict[str, str], now: datetime) -> WorkItem:
    """Return a work item that stands in no ledger; its number is negative."""
    return WorkItem(
        id=-at, process=process, key=key, state=State.NEW, record=MappingProxyType(record),
        result=MappingProxyType({}), attempts=0, revision=0, run=None, document=None, not_before=None,
        created_at=now, updated_at=now,
    )  # fmt: skip


def _one(office: Office, item: WorkItem) -> HakadoriError | None:
    """Do the steps of one item up to its commit step, and see that this could be done; return what went wrong."""
    evidence = office.evidence(f"rehearsal{item.id}")
    bench = office.bench(item, evidence)
    try:
        for at, step in enumerate(office.robot.each, start=1):
            if step.commit:
                see_ready(step, bench, office.settings.browser.timeout_seconds)
                break
            office.performer.do(step, bench, f"each {at}")
    except HakadoriError as error:
        if error.exit_code == 10:
            raise
        evidence.picture(bench.browser, "failure", bench.cover)
        return without_personal(error, bench.cover.values)
    finally:
        evidence.picture(bench.browser, "rehearsed", bench.cover)
        evidence.close()
    return None


def _tear_down(office: Office, session: Session) -> None:
    evidence = office.evidence("teardown")
    bench = office.bench(None, evidence)
    try:
        for at, step in enumerate(office.robot.teardown, start=1):
            if session.is_open or not step.action.on_page:
                office.performer.do(step, bench, f"teardown {at}")
    finally:
        evidence.close()
