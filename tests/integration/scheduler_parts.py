"""What the scheduler's tests share: jobs in a folder, items in the ledger, patience."""

import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

from backoffice.work_items import State
from scheduler.office import Office

if TYPE_CHECKING:
    import pytest

CHILD = Path(__file__).with_name("scheduler_child.py")


def declare(folder: Path, name: str, work: str, more: str = "") -> None:
    text = f"job: {name}\ntitle: {name}\ndepartment: nouzei\n{work}\n{more}"
    (folder / f"{name}.yaml").write_text(text, encoding="utf-8")


def put(office: Office, process: str, *records: str) -> None:
    for number, do in enumerate(records):
        office.ledger.put(process, f"{number:03}", {"do": do}, who="test", why="test")


def states(office: Office, process: str) -> list[State]:
    return [item.state for item in office.ledger.items(process)]


def pass_time_when(monkeypatch: "pytest.MonkeyPatch", come: Callable[[], bool]) -> None:
    """Let a day pass, by the clock that watches children, as soon as something has come about."""
    clock = SimpleNamespace(monotonic=lambda: time.monotonic() + (86_400 if come() else 0))
    monkeypatch.setattr("scheduler.process.time", clock)


def wait_for(seen: Callable[[], bool], seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not seen():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)
