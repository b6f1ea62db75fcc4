"""The drill of a night counts by the target's list, and its target can be pressed twice."""

import json
import urllib.request
from pathlib import Path

from backoffice.database import open_database, upgrade
from backoffice.ledger import Ledger
from backoffice.work_items import State
from benchmarks.night_count import Morning, count
from benchmarks.night_target import Target


def post(url: str, key: str) -> str:
    request = urllib.request.Request(f"{url}/register?key={key}", method="POST")
    with urllib.request.urlopen(request, timeout=30) as answer:
        return str(json.loads(answer.read())["receipt"])


def test_the_target_adds_a_row_at_every_press() -> None:
    happened: list[int] = []
    with Target().running() as target:
        target.across_next_finish(lambda: happened.append(len(target.rows())))
        assert [post(target.url, key) for key in ("1", "1", "2")] == ["R000001", "R000002", "R000003"]
        assert target.rows() == ["1", "1", "2"]
    assert happened == [1]  # between the row and its answer, and only once


def test_the_morning_finds_what_was_lost_and_what_was_doubled(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path / 'x.db'}")
    upgrade(database)
    ledger, ends = Ledger(database), (State.DONE, State.DONE, State.IN_DOUBT, State.RETRY)
    for number, end in enumerate(ends):
        ledger.put("touroku", f"{number:06}", {}, who="t", why="t")
        item = ledger.claim("touroku", run="r", who="t")
        assert item is not None
        if end is State.IN_DOUBT:
            item = ledger.move(item, State.COMMITTING, who="t", why="t")
        ledger.move(item, end, who="t", why="t")
    morning = Morning(items=5, seed=1)  # the fifth never came into the ledger
    count(morning, database, ["000000", "000000", "000002"])
    assert (morning.duplicated, morning.lost) == (1, 3)
    assert (morning.in_doubt, morning.still_in_doubt, morning.settled) == (1, 1, 0)
