"""A real installation over the shipped configs, with months of bookings, for the pages of reports and the first page.

The day is Friday, 20 November 2026, 16:00. Bookings (`BOOKED`) are so few and round that they can be added up by hand:

    fiscal year 2026        items × minutes − review − preparation                       saved
    口座 (nouzei, 4 min)     Apr  60: 240 −  60 − 2 = 178;  May  30: 120 − 180 − 2 = −62    116 min
                            Nov  90: 360 −  30 − 2 = 328                                 328 min
    異動 (shiminzei, 5 min)  Apr  24: 120 −  30 − 2 =  88;  Nov 12: 60 − 18 − 2 = 40         128 min
    予診票 (kenkou, 3 min)   Nov  20:  60 −  90 − 2 = −32                                   −32 min
    all: 444 + 128 − 32 = 540 min = 9.00 h;  nouzei 444 min = 7.40 h;  November 336 min = 5.60 h
    fiscal year 2025, 口座:  Nov 2025 and Mar 2026, 15 each: 2 × (60 − 13 − 2) = 90 min = 1.50 h
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from backoffice.clock import TOKYO
from backoffice.runs import Run, RunState
from console.web.desk import Desk
from console.wiring import Office, make_desk, open_office

PASSWORD = "ねこ-と-いぬ-2026"
NOW = datetime(2026, 11, 20, 16, 0, tzinfo=TOKYO)
BOOKED = (
    ("kouza_touroku", (2025, 11), 15, 13),
    ("kouza_touroku", (2026, 3), 15, 13),
    ("kouza_touroku", (2026, 4), 60, 60),
    ("kouza_touroku", (2026, 5), 30, 180),
    ("kouza_touroku", (2026, 11), 90, 30),
    ("idou_touroku", (2026, 4), 24, 30),
    ("idou_touroku", (2026, 11), 12, 18),
    ("yobou_touroku", (2026, 11), 20, 90),
)
"""Job, month, items done, minutes of review."""


class HandClock:
    """A clock that stands still until somebody moves it."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


def open_town(folder: Path, configs: Path = Path("configs")) -> Office:
    """Open the shipped installation in a working folder of its own, at NOW."""
    return replace(open_office(configs, var=folder / "var"), clock=HandClock())


def book(office: Office, booked: tuple[tuple[str, tuple[int, int], int, int], ...] = BOOKED) -> None:
    """Book one run a line, on the tenth of its month."""
    for number, (job, (year, month), items, minutes) in enumerate(booked):
        at = datetime(year, month, 10, 18, tzinfo=TOKYO)
        run = Run(
            f"booked-{number}", job, "run", f"s{number}", "schedule", RunState.DONE, "", {}, "pc", 1, "", "",
            at, at + timedelta(minutes=10),
        )  # fmt: skip
        office.books.savings.book(
            run, office.jobs[job], items_done=items, people_seconds=minutes * 60, machine_seconds=600
        )


def add_people(office: Office) -> None:
    """Enter one person of each role of nouzei, and heads: of nouzei and of the whole town."""
    for role in ("operator", "author", "verifier", "approver", "auditor", "admin"):
        office.users.add(role, PASSWORD, roles=[role], departments=["nouzei"])
    office.users.add("head", PASSWORD, roles=["auditor"], departments=["nouzei"])
    office.users.add("mayor", PASSWORD, roles=["auditor", "author"], departments=["*"])


def cookie_of(desk: Desk, who: str) -> str:
    """Return the cookie of somebody who has signed in just now, without the second that a password takes."""
    session = desk.signer.begin(desk.clock(), who, desk.users.get(who).session_epoch)
    return desk.signer.cookie(session, desk.clock())


def make_town(folder: Path) -> tuple[Office, Desk]:
    """Open the town with its bookings and people."""
    office = open_town(folder)
    book(office)
    add_people(office)
    return office, make_desk(office)
