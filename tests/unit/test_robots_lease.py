"""Between `committing` and the button: who was away for too long, or lost the item, does not press."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from backoffice.database import open_database, upgrade
from backoffice.ledger import Ledger
from backoffice.settings import builtin_settings
from backoffice.vault import Vault
from backoffice.work_items import LedgerConflict, State, WorkItem
from robots.drivers.fake_browser import FakeBrowser
from robots.lease import MARGIN_SECONDS, Lease, NotPressed
from robots.model import load_robot
from robots.runner import RunCounts, run_robot

ROBOT = """
robot: mihon
title: 見本の登録
items: {from: queue, process: mihon}
tries: {times: 3, wait_seconds: 0}
each:
  - click: {button: 登録}
    commit: true
    timeout: 10
  - expect: {text: 登録しました}
    confirm: true
"""


class Sleepy(FakeBrowser):
    """Something happens between finding the button and pressing it, the first time."""

    def __init__(self, meanwhile: Any) -> None:
        super().__init__(turns={"登録": ["登録しました"]})
        self.meanwhile = [meanwhile]

    def click(self, spot: Any, timeout: float, *, wait: bool = True) -> None:
        if self.meanwhile:
            self.meanwhile.pop()()
        super().click(spot, timeout, wait=wait)

    @property
    def presses(self) -> int:
        return self.done.count(("click", "登録"))


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    engine = open_database(builtin_settings(tmp_path / "var").database_url)
    upgrade(engine)
    return Ledger(engine)


def put(ledger: Ledger, key: str = "1") -> WorkItem:
    return ledger.put("mihon", key, {}, who="test", why="test")[0]


def committing(ledger: Ledger) -> WorkItem:
    put(ledger)
    item = ledger.claim("mihon", run="run-1", who="robot")
    assert item is not None
    return ledger.move(item, State.COMMITTING, who="robot", why="test")


def run(ledger: Ledger, browser: FakeBrowser, home: Path) -> RunCounts:
    (home / "mihon.yaml").write_text(ROBOT, encoding="utf-8")
    return run_robot(
        load_robot(home / "mihon.yaml"),
        ledger=ledger,
        vault=Vault(home / "s.json", {}, use_keyring=False),
        settings=builtin_settings(home / "var"),
        run_id="run-1",
        driver=browser,
    )


@pytest.mark.parametrize(("late", "presses"), [(0.0, True), (0.5, False)])
def test_lets_a_press_through_until_the_step_may_no_longer_wait(
    ledger: Ledger, late: float, presses: bool
) -> None:
    now = 100.0 + 10.0 + MARGIN_SECONDS + late
    lease = Lease(ledger, committing(ledger), 100.0, 10.0, clock=lambda: now)
    if presses:
        lease.press()
    else:
        with pytest.raises(NotPressed):
            lease.press()


def test_asks_nothing_once_the_button_is_down(ledger: Ledger) -> None:
    item, now = committing(ledger), [100.0]
    lease = Lease(ledger, item, 100.0, 10.0, clock=lambda: now[0])
    lease.press()
    now[0] += 3600
    ledger.recover("run-1", who="test")
    lease.press()
    lease.check()


def test_does_not_let_an_item_be_pressed_that_was_taken_away(ledger: Ledger) -> None:
    lease = Lease(ledger, committing(ledger), 100.0, 10.0, clock=lambda: 100.0)
    ledger.recover("run-1", who="test")
    with pytest.raises(LedgerConflict):
        lease.press()


def test_leaves_an_item_alone_that_was_taken_away_before_the_press(ledger: Ledger, tmp_path: Path) -> None:
    taken, other = put(ledger), put(ledger, "2")
    browser = Sleepy(lambda: ledger.recover("run-1", who="test"))
    counts = run(ledger, browser, tmp_path)
    assert (ledger.get(taken.id).state, ledger.get(other.id).state) == (State.IN_DOUBT, State.DONE)
    assert (browser.presses, counts.done) == (1, 1)


def test_tries_an_item_again_that_it_came_too_late_to_press(
    ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    item, now = put(ledger), [0.0]
    monkeypatch.setattr("robots.attempt.steady", lambda: now[0])
    monkeypatch.setattr(Lease.__init__, "__defaults__", (lambda: now[0],))
    browser = Sleepy(lambda: now.__setitem__(0, 3600.0))
    assert run(ledger, browser, tmp_path).done == 1
    moves = [event.to_state for event in ledger.events(item.id)]
    tried = [State.IN_PROGRESS, State.COMMITTING]
    assert moves == [State.NEW, *tried, State.IN_DOUBT, State.RETRY, *tried, State.DONE]
    assert browser.presses == 1
