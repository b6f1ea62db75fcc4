"""Write "done" even when the database is away: retried, then spooled to a file, replayed at the next start.

The target system has confirmed a record; forgetting that would mean to register it twice. So the news is kept on
disk when the database does not take it.
"""

import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from loguru import logger
from sqlalchemy.exc import DBAPIError

from backoffice.files import write_atomically
from backoffice.ledger import Ledger
from backoffice.messages import text
from backoffice.work_items import ItemMissing, LedgerConflict, State, WorkItem

NEWS_PATTERN = "done-*.json"
CONFLICT_PATTERN = "done-*.conflict"
"""News that does not fit the ledger any more: a person must look."""
_WAYS_INTO_DOUBT: Mapping[State, tuple[State, ...]] = {
    State.NEW: (State.IN_PROGRESS, State.COMMITTING, State.IN_DOUBT),
    State.RETRY: (State.IN_PROGRESS, State.COMMITTING, State.IN_DOUBT),
    State.SYSTEM_FAILURE: (State.RETRY, State.IN_PROGRESS, State.COMMITTING, State.IN_DOUBT),
    State.IN_PROGRESS: (State.COMMITTING, State.IN_DOUBT),
    State.COMMITTING: (State.IN_DOUBT,),
}
PATIENCE_SECONDS = (0.2, 1.0, 3.0)
"""Waits between the tries before the news goes to disk."""


def finish_durably(
    ledger: Ledger,
    spool: Path,
    item: WorkItem,
    *,
    result: Mapping[str, str],
    who: str,
    why: str,
    sleep: Callable[[float], None] = time.sleep,
) -> WorkItem | None:
    """Move an item to done, whatever the database does.

    Args:
        ledger: The ledger.
        spool: Folder for news that the database did not take.
        item: The item, committing or in progress.
        result: What the target gave back.
        who: Who did it.
        why: The confirmation that was seen, without personal data.
        sleep: Waits between tries.

    Returns:
        The item as it stands now; None when the news went to the spool.

    Raises:
        LedgerConflict: Somebody else moved the item meanwhile.
    """
    tried = False
    for pause in (*PATIENCE_SECONDS, None):
        try:
            return _finish(ledger, item, result, who, why, tried=tried)
        except LedgerConflict:
            _keep(spool, item, result, who, why)
            raise
        except DBAPIError as error:
            tried = True
            logger.warning(
                "ledger unreachable ({}), item {}/{}", type(error).__name__, item.process, item.key
            )
            if pause is not None:
                sleep(pause)
    _keep(spool, item, result, who, why)
    return None


def _finish(
    ledger: Ledger, item: WorkItem, result: Mapping[str, str], who: str, why: str, *, tried: bool
) -> WorkItem:
    try:
        return ledger.move(item, State.DONE, who=who, why=why, result=result)
    except LedgerConflict:
        now = ledger.get(item.id)
        if tried and now.state is State.DONE and now.revision == item.revision + 1:
            return now  # the try before was written; only its answer was lost
        if now.state is State.IN_DOUBT and now.run == item.run:  # we were thought dead; here is the evidence
            return ledger.settle(now, State.DONE, who=who, why=why, result=result)
        raise


def replay(ledger: Ledger, spool: Path) -> list[WorkItem]:
    """Write all spooled news into the ledger and return the items that became done.

    An item that was put in doubt meanwhile (its run was thought dead) is settled by the spooled confirmation. News
    that does not fit the ledger any more stays in the spool with the ending `.conflict` for a person; an item that
    would be registered a second time in spite of it is put in doubt.
    """
    done = []
    for path in sorted(spool.glob(NEWS_PATTERN)):
        try:
            item = _replay_one(ledger, json.loads(path.read_text(encoding="utf-8")))
        except (FileNotFoundError, LedgerConflict):
            continue  # another process replays the same news at this moment; what it leaves is met next time
        except (ValueError, KeyError):
            item = None  # it cannot be read: damaged by hand, or by the disk
        if item is None or item.state is not State.DONE:
            logger.error("spooled news {} does not fit the ledger; kept for a person", path.name)
            path.replace(path.with_suffix(".conflict"))
            continue
        path.unlink(missing_ok=True)
        done.append(item)
    return done


def _replay_one(ledger: Ledger, news: Mapping[str, Any]) -> WorkItem | None:
    try:
        item = ledger.get(int(news["item"]))
    except ItemMissing:  # the database is an older one, restored from a backup
        return None
    told: dict[str, Any] = {"who": news["who"], "why": news["why"], "result": news["result"]}
    if item.state is State.DONE:
        return item if dict(item.result) == news["result"] else None  # another run may have registered it too
    if item.state is State.IN_DOUBT:
        return ledger.settle(item, State.DONE, **told)
    if item.state in (State.COMMITTING, State.IN_PROGRESS) and item.revision == news["revision"]:
        return ledger.move(item, State.DONE, **told)
    return _put_in_doubt(ledger, item, news["who"])


def _put_in_doubt(ledger: Ledger, item: WorkItem, who: str) -> WorkItem:
    """Keep an item from being registered again although the target has confirmed it before.

    It was sent back in between, by a person or by resolve steps that did not find it yet. One refused for good stays.
    """
    why = text("engine.why_late_news")
    for state in _WAYS_INTO_DOUBT.get(item.state, ()):
        item = ledger.move(item, state, who=who, why=why)
    return item


def _keep(spool: Path, item: WorkItem, result: Mapping[str, str], who: str, why: str) -> None:
    news = {"item": item.id, "revision": item.revision, "result": dict(result), "who": who, "why": why}
    write_atomically(spool / f"done-{item.id}-{item.revision}.json", json.dumps(news).encode())
