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
from backoffice.work_items import ItemMissing, LedgerConflict, State, WorkItem

NEWS_PATTERN = "done-*.json"
CONFLICT_PATTERN = "done-*.conflict"
"""News that does not fit the ledger any more: a person must look."""
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
            return ledger.move(item, State.DONE, who=who, why=why, result=result)
        except LedgerConflict:
            now = ledger.get(item.id)
            if tried and now.state is State.DONE and now.revision == item.revision + 1:
                return now  # the try before was written; only its answer was lost
            raise
        except DBAPIError as error:
            tried = True
            logger.warning(
                "ledger unreachable ({}), item {}/{}", type(error).__name__, item.process, item.key
            )
            if pause is not None:
                sleep(pause)
    news = {"item": item.id, "revision": item.revision, "result": dict(result), "who": who, "why": why}
    write_atomically(spool / f"done-{item.id}-{item.revision}.json", json.dumps(news).encode())
    return None


def replay(ledger: Ledger, spool: Path) -> list[WorkItem]:
    """Write all spooled news into the ledger and return the items that became done.

    An item that was put in doubt meanwhile (its run was thought dead) is settled by the spooled confirmation. News
    that does not fit the ledger any more stays in the spool with the ending `.conflict` for a person.
    """
    done = []
    for path in sorted(spool.glob(NEWS_PATTERN)):
        try:
            item = _replay_one(ledger, json.loads(path.read_text(encoding="utf-8")))
        except (FileNotFoundError, LedgerConflict):
            continue  # another process replays the same news at this moment; what it leaves is met next time
        if item is None:
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
        return item
    if item.state is State.IN_DOUBT:
        return ledger.settle(item, State.DONE, **told)
    if item.state in (State.COMMITTING, State.IN_PROGRESS) and item.revision == news["revision"]:
        return ledger.move(item, State.DONE, **told)
    return None
