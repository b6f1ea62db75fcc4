"""A robot run by hand: over everything that waits, over some of it, as a rehearsal, or step by step."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from backoffice.clock import TOKYO
from backoffice.errors import HakadoriError
from backoffice.messages import text
from backoffice.runs import RunState
from backoffice.suggest import did_you_mean
from backoffice.work_items import LedgerConflict, State, WorkItem
from console.errors import ArgumentWrong
from console.wiring import Office, robot_screen

if TYPE_CHECKING:
    from robots.model import Robot
    from robots.runner import RunCounts


@dataclass(frozen=True)
class Wish:
    """How a person wants a run.

    Attributes:
        keys: Only items of these keys; None for all.
        limit: At most so many items.
        dry: A rehearsal: nothing is registered, written or moved.
        headed: The browser is to be seen.
        ask: Asked before each step.
        name: Of a rehearsal's evidence; after the moment by default.
    """

    keys: Collection[str] | None = None
    limit: int | None = None
    dry: bool = False
    headed: bool = False
    ask: Callable[[str], bool] | None = None
    name: str = ""


def run_by_hand(
    office: Office, robot: "Robot", show: Callable[[int, int], None], wish: Wish | None = None
) -> "RunCounts":
    """Run a robot in this process and enter the run in the book; a rehearsal is not entered.

    Args:
        office: The installation.
        robot: The robot.
        show: Told after each item: how many are finished, how many waited.
        wish: How.
    """
    from robots.runner import run_robot

    wish = wish or Wish()
    settings = office.settings
    if wish.headed:
        browser = settings.browser.model_copy(update={"headless": False})
        settings = settings.model_copy(update={"browser": browser})
    parts: dict[str, Any] = {
        "ledger": office.ledger,
        "vault": office.vault,
        "settings": settings,
        "progress": lambda now: show(now.finished, now.waiting),
        "personal": office.personal_fields(robot.items.process),
        "screen": robot_screen(office, robot),
        "keys": wish.keys,
        "limit": wish.limit,
        "ask": wish.ask,
    }
    slot = f"now-{office.clock():%Y%m%dT%H%M%SZ}"
    if wish.dry:
        return run_robot(robot, run_id=wish.name or f"rehearsal-{slot}", dry=True, **parts)
    source = robot.source
    run = office.runs.enter(
        f"robot {robot.robot}", "run", slot, "person", script_sha256=source.sha256, script=source.text
    )
    with office.runs.living(run.id):
        try:
            counts = run_robot(robot, run_id=run.id, **parts)
        except BaseException as error:
            reason = error.explain() if isinstance(error, HakadoriError) else type(error).__name__
            office.runs.finish(run.id, RunState.FAILED, counts={}, reason=reason)
            raise
        told = {"done": counts.done, "in_doubt": counts.in_doubt, "exit_code": counts.exit_code}
        office.runs.finish(run.id, RunState.DONE, counts=told, reason="\n".join(counts.problems))
    return counts


def check_keys(office: Office, robot: "Robot", keys: Collection[str]) -> None:
    """Refuse keys that no item has, neither in the ledger nor in the file that the robot's items come from.

    Raises:
        ArgumentWrong: With the nearest keys.
        TableFileWrong: The file cannot be read.
    """
    if not keys:
        return
    from robots.intake import read_records
    from robots.sources import file_of

    known = [item.key for item in office.ledger.items(robot.items.process)]
    file = file_of(robot.items, office.settings, office.clock().astimezone(TOKYO).date())
    known += [fresh.key for fresh in read_records(robot.items, file, office.ledger).records]
    for key in keys:
        if key not in known:
            hint = did_you_mean(key, known) if known else "-"
            raise ArgumentWrong("console.key_missing", where="--only", name=key, hint=hint)


@dataclass(frozen=True)
class Resumed:
    """What `resume` has sent back into the queue.

    Attributes:
        items: How many items.
        scripts: Hashes of the scripts that those items failed under and that differ from the present one.
    """

    items: int
    scripts: tuple[str, ...]


def send_back(
    office: Office, robot: "Robot", *, from_start: bool, keys: Collection[str] | None, who: str
) -> Resumed:
    """Send failed items back into the queue: those given up, and from the start also those that were refused.

    Items that are done stay done, and items in doubt stay in doubt: nothing is registered twice.
    """
    states = [State.SYSTEM_FAILURE, *([State.BUSINESS_FAILURE] if from_start else [])]
    failed = office.ledger.items(robot.items.process, states)
    moved: list[WorkItem] = []
    for item in failed:
        if keys is not None and item.key not in keys:
            continue
        try:
            moved.append(office.ledger.move(item, State.RETRY, who=who, why=text("console.why_resumed")))
        except LedgerConflict:
            continue  # somebody else took it up just now
    if moved:
        office.audit.note(who, "robot.resume", f"robot/{robot.robot}", items=len(moved))
    runs = {item.run for item in moved if item.run}
    scripts = {office.runs.get(run).script_sha256 for run in runs} - {"", robot.source.sha256}
    return Resumed(len(moved), tuple(sorted(scripts)))
