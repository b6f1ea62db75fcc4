"""A whole fiscal year with a leap day, the real holidays and the turn of the year: every firing of a dozen jobs.

`tests/data/firings_2027.txt` is the table, month by month, with the days of each job. It was not made by this code: its
closed days come from the holidays of the law (国民の祝日に関する法律) typed in one by one and 12-29 to 01-03, its other
lines from those by a program of thirty lines that knows neither `jpholiday` nor our rules.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from backoffice.calendar import OfficeCalendar
from backoffice.clock import TOKYO
from backoffice.database import open_database, upgrade
from backoffice.runs import RunState
from backoffice.settings import builtin_settings
from scheduler.due import Due, declare, due_now, may_begin, passed_slots
from scheduler.job import Job
from scheduler.office import Office
from scheduler.triggers import timetable

TABLE = Path(__file__).parents[1] / "data/firings_2027.txt"
FIRST, LAST = date(2027, 4, 1), date(2028, 3, 31)
WHEN: dict[str, dict[str, object]] = {
    "yomitori": {"when": {"at": "18:00"}},
    "touroku": {"when": [{"after": "yomitori"}]},
    "asa_hiru": {"when": {"at": ["08:30", "12:30"], "days": "開庁日"}},
    "kyujitsu": {"when": {"every": "12時間", "days": "閉庁日"}},
    "shimebi": {"when": {"at": "17:00", "days": "月末開庁日"}},
    "daisan": {"when": {"at": "10:00", "days": "第3開庁日"}},
    "tokubetsu": {"when": {"at": "17:00", "days": "毎月10日(翌開庁日)"}},
    "nouki": {"when": {"at": "09:00", "days": "毎月末日(税の期限)"}},
    "mae": {"when": {"at": "16:00", "days": "毎月25日(前開庁日)"}},
    "uruu": {"when": {"cron": "0 3 29 2 *"}},
    "heijitsu": {"when": {"cron": "30 7 * * 1-5"}},
    "shuu": {"when": {"at": "19:00", "days": "月・金"}},
    "yakan": {"when": {"every": "8時間", "days": "毎日"}, "window": "22:00-06:00"},
}


def job(name: str) -> Job:
    return Job.model_validate({"job": name, "title": name, "department": "nouzei", "run": "r", **WHEN[name]})


JOBS = {name: job(name) for name in WHEN}


def days_of_year() -> list[date]:
    return [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]


def row(name: str, days: Iterable[date]) -> str:
    """Write days as the table does: runs of days by month."""
    told: dict[str, list[int]] = {}
    for day in days:
        told.setdefault(f"{day:%Y-%m}", []).append(day.day)
    return "\n".join(f"{name} {month}: {spans(numbers)}" for month, numbers in told.items())


def spans(numbers: list[int]) -> str:
    parts: list[list[int]] = []
    for number in numbers:
        if parts and parts[-1][-1] == number - 1:
            parts[-1].append(number)
        else:
            parts.append([number])
    return " ".join(f"{part[0]}" if len(part) == 1 else f"{part[0]}-{part[-1]}" for part in parts)


def told(name: str) -> str:
    lines = TABLE.read_text(encoding="utf-8").splitlines()
    return "\n".join(line for line in lines if line.startswith(f"{name} "))


def clocks(name: str) -> dict[date, list[str]]:
    after = datetime.combine(FIRST, datetime.min.time(), TOKYO) - timedelta(seconds=1)
    found: dict[date, list[str]] = {}
    for slot in timetable(JOBS[name], OfficeCalendar(), TOKYO).slots(after, after + timedelta(days=366)):
        found.setdefault(slot.date(), []).append(f"{slot:%H:%M}")
    return found


def test_the_closed_days_of_the_year_are_those_of_the_law() -> None:
    calendar = OfficeCalendar()
    assert row("closed", (day for day in days_of_year() if not calendar.is_open(day))) == told("closed")


@pytest.mark.parametrize("name", [name for name in WHEN if name != "touroku"])
def test_each_job_is_due_on_the_days_of_the_table(name: str) -> None:
    assert row(name, clocks(name)) == told(name)


@pytest.mark.parametrize(
    ("name", "times"),
    [
        ("yomitori", ["18:00"]),
        ("asa_hiru", ["08:30", "12:30"]),
        ("kyujitsu", ["00:00", "12:00"]),
        ("uruu", ["03:00"]),
        ("yakan", ["00:00"]),  # 08:00 and 16:00 lie outside of its window
    ],
)
def test_each_job_is_due_at_the_same_times_on_all_its_days(name: str, times: list[str]) -> None:
    assert set(map(tuple, clocks(name).values())) == {tuple(times)}


def test_the_books_serve_every_slot_over_the_turn_of_the_year_once(tmp_path: Path) -> None:
    """The clock is moved from slot to slot; readings succeed and are followed, and nothing else ever runs."""
    moment = [datetime(2027, 12, 1, tzinfo=TOKYO)]
    settings = builtin_settings(tmp_path)
    database = open_database(settings.database_url)
    upgrade(database)
    office = Office.of(settings, database, lambda: moment[0])
    names = ("yomitori", "touroku", "nouki")
    jobs, served = {name: JOBS[name] for name in names}, list[tuple[str, str, datetime]]()
    for one in jobs.values():
        declare(one, office)
    for slot in sorted({slot for name in names for slot in _slots(name, moment[0])}):
        moment[0] = slot
        for one in jobs.values():
            assert may_begin(one, jobs, office, slot)
            passed = passed_slots(one, office, slot)
            assert passed.gone == ()
            for due in filter(None, (passed.due, due_now(one, office, slot))):
                _serve(office, due)
                served.append((due.job, due.trigger, slot))
    for name in names:
        days = (slot.date() for who, _, slot in served if who == name)
        assert row(name, days) == "\n".join(line for line in told(name).splitlines() if _is_winter(line))
    assert {trigger for _, trigger, _ in served} == {"schedule", "after"}


def _slots(name: str, after: datetime) -> list[datetime]:
    return list(
        timetable(JOBS[name], OfficeCalendar(), TOKYO).slots(after, datetime(2028, 4, 1, tzinfo=TOKYO))
    )


def _is_winter(line: str) -> bool:
    return any(month in line for month in ("2027-12", "2028-"))


def _serve(office: Office, due: Due) -> None:
    run = office.runs.enter_fired(due.job, "run", due.slot, due.trigger)
    assert run is not None
    office.runs.finish(run.id, RunState.DONE, counts={})


@pytest.mark.parametrize("zone", ["America/New_York", "Pacific/Kiritimati"])
def test_times_are_those_of_tokyo_whatever_zone_the_process_has(zone: str) -> None:
    """New York loses 02:00 to 03:00 on 2027-03-14 and has 01:00 twice on 2027-11-07; nobody here notices."""
    code = (
        "import json\n"
        "from datetime import datetime\n"
        "from tests.unit.test_scheduler_year import JOBS, OfficeCalendar, TOKYO, timetable\n"
        "first, last = datetime(2027, 3, 1, tzinfo=TOKYO), datetime(2027, 11, 30, tzinfo=TOKYO)\n"
        "for name in ('yomitori', 'yakan', 'kyujitsu'):\n"
        "    slots = timetable(JOBS[name], OfficeCalendar(), TOKYO).slots(first, last)\n"
        "    print(json.dumps([slot.isoformat() for slot in slots]))\n"
        "print(json.dumps(str(datetime(2027, 3, 14, 12).astimezone().utcoffset())))\n"
    )
    root = Path(__file__).parents[2]
    environment = {**os.environ, "TZ": zone, "PYTHONPATH": str(root)}
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment, cwd=root
    )
    *tables, offset = [json.loads(line) for line in ran.stdout.splitlines()]
    first, last = datetime(2027, 3, 1, tzinfo=TOKYO), datetime(2027, 11, 30, tzinfo=TOKYO)
    for name, table in zip(("yomitori", "yakan", "kyujitsu"), tables, strict=True):
        slots = timetable(JOBS[name], OfficeCalendar(), TOKYO).slots(first, last)
        assert table == [slot.isoformat() for slot in slots]
        assert all(moment.endswith("+09:00") for moment in table)
    assert offset == {"America/New_York": "-1 day, 20:00:00"}.get(zone, "14:00:00")
