"""What a person may see of a run whose items belong to several departments.

A run belongs to the department of its job, but the items that it works on may have been read from documents of another
one: two departments hand in the same form, and one robot registers it. So whoever may see the run sees its numbers,
and of its evidence only what concerns their own items. What concerns no single item (signing in, files that the target
sent) is shown to those who may see every item of the run.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from backoffice.messages import text
from backoffice.run_progress import ItemTold, RunProgress
from backoffice.runs import Run
from console.run_files import RunFiles, files_of
from console.users import User
from console.web.desk import Desk
from console.web.ownership import LARGEST_NUMBER

_OF_ITEM = re.compile(r"(?:rehearsal)?([0-9]{1,10})(?:-.*)?", re.ASCII)
"""Names of parts that concern one item: its number, "7-resolve", "rehearsal7"; "rehearsal-7" is a row."""


def seen_files(desk: Desk, user: User, run: str) -> RunFiles:
    """Return the files of a run without what concerns items of other departments."""
    files = files_of(desk.settings, run)
    if user.scope is None:
        return files
    of_item = {name: _item_of(name) for name in files.parts}
    unseen = desk.work.unseen(user.scope, [number for number in of_item.values() if number], run=run)
    hidden = [name for name, number in of_item.items() if (number in unseen if number else unseen)]
    return replace(files, hidden=frozenset(hidden))


def seen_progress(desk: Desk, user: User, run: Run, now: datetime) -> RunProgress:
    """Return how far a run has come; items of other departments are counted, and not named."""
    progress = desk.work.watch.progress(run, now)
    told = [*progress.in_hand, *progress.recent]
    unseen = desk.work.unseen(user.scope, [one.item for one in told])
    return replace(progress, in_hand=_named(progress.in_hand, unseen), recent=_named(progress.recent, unseen))


def _named(items: Sequence[ItemTold], unseen: frozenset[int]) -> list[ItemTold]:
    other = text("work.other_departments_item")
    return [replace(one, item=0, key=other) if one.item in unseen else one for one in items]


def _item_of(part: str) -> int:
    """Return the number of the item that a part concerns; 0 for none."""
    found = _OF_ITEM.fullmatch(part)
    number = int(found[1]) if found else 0
    return number if number <= LARGEST_NUMBER else 0
