"""What the robot's runner costs over raw Playwright, page time per row: the same browser, page, data, words and order.

200 rows of 10 fields are registered on a page of the stand-in: open the page, type ten fields found by their labels,
press a button, wait for the confirmation. Contestants take turns (A B C A B C …); of each round the first rows are
dropped as warm-up; the ratio is the median over the rounds of (contestant / raw of the same round). A round counts
only when the target's database holds every value of every row.

    raw          Playwright alone: goto, get_by_label(…, exact=True).fill, get_by_role("button").click, wait_for
    bare         our runner with ledger, commit and confirm, without evidence
    production   the same with evidence: steps with times, a picture before the commit and after the confirmation
    robotframework-browser   when it is installed, else said to be missing

    python3 benchmarks/robot_overhead.py [--rows 200] [--rounds 7] [--json]

Targets: bare / raw ≤ 1.10, production / raw ≤ 1.30. Only ratios mean anything on a machine that does other work too;
there the ratio of processor time (`cpu_ratio`: robot, driver, browser and target together) says more than the clock.
"""

from __future__ import annotations

import argparse
import json
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from benchmarks.robot_town import PASSWORD, RobotTown, go_on_in_checkout

go_on_in_checkout()

# ruff: noqa: E402 - what follows needs the packages of the checkout
import psutil

from samples.townoffice.testing import running_townoffice

FIELDS = 10
WARM_UP = 10
"""Rows of every round that are not counted; fewer when there are few rows."""
TARGETS = {"bare": 1.10, "production": 1.30}
ROBOT = "\n".join(
    [
        "robot: jukko",
        "title: 十項目の登録",
        "items: {from: queue, process: jukko, personal: [項目1, 項目4]}",
        "each:",
        "  - open: ${target.townoffice}/renshu/jukko",
        *(f'  - fill: {{field: 項目{n}, value: "${{item.項目{n}}}"}}' for n in range(1, FIELDS + 1)),
        "  - click: {button: 送信}",
        "    commit: true",
        "  - expect: {text: 受け付けました}",
        "    confirm: true",
    ]
)
SUITE = """*** Settings ***
Library    Browser    auto_closing_level=SUITE
*** Tasks ***
Rows
    New Browser    chromium    headless=True    executablePath={executable}    args={switches}
    New Page    {url}/renshu/jukko
    FOR    ${{row}}    IN RANGE    {rows}
        IF    ${{row}} == {warm}    Mark
        Go To    {url}/renshu/jukko    wait_until=domcontentloaded
{fills}
        Click    text="送信"
        Wait For Elements State    text=受け付けました    visible
    END
    Mark
*** Keywords ***
Mark
    Evaluate    open(r"{marks}", "a").write(str(__import__("time").perf_counter()) + "\\n")
"""


@dataclass(frozen=True)
class Cost:
    """What one row cost: seconds on the clock, and of processor time of all (robot, driver, browser, target)."""

    seconds: float
    cpu_seconds: float


@dataclass(frozen=True)
class Mark:
    """A moment, by the clock and by the processor time used so far by this process and all its children."""

    clock: float
    cpu: float

    @classmethod
    def now(cls) -> Mark:
        """Return the present moment."""
        own = psutil.Process()
        return cls(time.perf_counter(), sum(map(_cpu_of, [own, *own.children(recursive=True)])))

    def until(self, end: Mark, rows: int) -> Cost:
        """Return the cost of each of the rows since this moment."""
        return Cost((end.clock - self.clock) / rows, (end.cpu - self.cpu) / rows)


Contestant = Callable[[str, Path, int], Cost]


def main() -> int:
    """Measure and tell; returns 0 when the targets are met."""
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    parser.add_argument("--rows", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    contestants: dict[str, Contestant] = {
        "raw": raw,
        "bare": lambda url, folder, rows: ours(url, folder, rows, keep_evidence=False),
        "production": lambda url, folder, rows: ours(url, folder, rows, keep_evidence=True),
    }
    if find_spec("Browser") is not None and find_spec("robot") is not None:
        contestants["robotframework-browser"] = robot_framework
    told = measure(contestants, chosen.rows, chosen.rounds, tell=not chosen.json)
    if "robotframework-browser" not in contestants:
        told["robotframework-browser"] = "not installed"
    print(json.dumps(told, ensure_ascii=False) if chosen.json else _table(told))
    return 0 if told["met"] else 1


def measure(contestants: dict[str, Contestant], rows: int, rounds: int, *, tell: bool) -> dict[str, object]:
    """Let the contestants take turns.

    Returns:
        Milliseconds per row by contestant (median of the rounds), ratios to raw, whether the targets are met.

    Raises:
        SystemExit: The target's database does not hold what was typed: nothing counts then.
    """
    times: dict[str, list[float]] = {name: [] for name in contestants}
    work: dict[str, list[float]] = {name: [] for name in contestants}
    for number in range(1, rounds + 1):
        for name, run in contestants.items():
            with tempfile.TemporaryDirectory(prefix="robot-overhead-") as place:
                folder = Path(place)
                with running_townoffice(folder / "town.db", PASSWORD) as url:
                    cost = run(url, folder, rows)
                    _insist(folder / "town.db", rows, name)
            times[name].append(cost.seconds * 1000)
            work[name].append(cost.cpu_seconds * 1000)
            if tell:
                told = f"{cost.seconds * 1000:8.1f} ms, {cost.cpu_seconds * 1000:8.1f} ms of CPU per row"
                print(f"round {number}  {name:<24} {told}", flush=True)
    ratios = _ratios(times)
    return {
        "rows": rows,
        "fields": FIELDS,
        "rounds": rounds,
        "ms_per_row": {name: round(statistics.median(own), 1) for name, own in times.items()},
        "ratio": ratios,
        "cpu_ms_per_row": {name: round(statistics.median(own), 1) for name, own in work.items()},
        "cpu_ratio": _ratios(work),
        "target": TARGETS,
        "database_right": True,
        "met": all(ratios[name] <= limit for name, limit in TARGETS.items()),
    }


def _ratios(costs: dict[str, list[float]]) -> dict[str, float]:
    """Return the median over the rounds of each contestant's cost as a multiple of raw's in the same round."""
    pairs = {name: zip(own, costs["raw"], strict=True) for name, own in costs.items() if name != "raw"}
    return {
        name: round(statistics.median(own / bare for own, bare in pair), 3) for name, pair in pairs.items()
    }


def _cpu_of(process: psutil.Process) -> float:
    try:
        used = process.cpu_times()
    except psutil.Error:
        return 0.0  # it has just ended
    return float(used.user + used.system)


def record(row: int) -> dict[str, str]:
    """The ten values of a row: Japanese, digits with leading zeros, and mixed."""
    kinds = ("見本　太郎{0:04d}", "{0:08d}", "みほん市中央{0}丁目")
    return {f"項目{n}": kinds[n % 3].format(row * 10 + n) for n in range(1, FIELDS + 1)}


def raw(url: str, folder: Path, rows: int) -> Cost:
    """Playwright alone."""
    from playwright.sync_api import sync_playwright

    from robots.drivers.chromium import executable_of, hosts_of, switches
    from robots.drivers.tab import VIEWPORT

    town = RobotTown(folder, url, ROBOT)
    program = executable_of(town.settings.browser, os.environ)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program, headless=True, args=switches(hosts_of(town.settings.targets))
        )
        context = browser.new_context(
            locale="ja-JP",
            timezone_id="Asia/Tokyo",
            service_workers="block",
            viewport={"width": VIEWPORT["width"], "height": VIEWPORT["height"]},
        )
        page = context.new_page()
        begun = Mark.now()
        for row in range(rows):
            if row == _warm(rows):
                begun = Mark.now()
            page.goto(f"{url}/renshu/jukko", wait_until="domcontentloaded")
            for name, value in record(row).items():
                page.get_by_label(name, exact=True).fill(value)
            page.get_by_role("button", name="送信", exact=True).click()
            page.get_by_text("受け付けました").wait_for(state="visible")
        cost = begun.until(Mark.now(), rows - _warm(rows))
        browser.close()
    return cost


def ours(url: str, folder: Path, rows: int, *, keep_evidence: bool) -> Cost:
    """Our runner; claiming and settling in the ledger are counted."""
    from robots.runner import run_robot

    town = RobotTown(folder, url, ROBOT)
    for row in range(rows):
        town.put(f"{row:06d}", record(row))
    marks: dict[int, Mark] = {}
    counts = run_robot(
        town.robot,
        ledger=town.ledger,
        vault=town.vault,
        settings=town.settings,
        run_id="measured",
        keep_evidence=keep_evidence,
        progress=lambda now: (
            marks.update({now.finished: Mark.now()}) if now.finished in (_warm(rows), rows) else None
        ),
    )
    if counts.done != rows:
        raise SystemExit(f"only {counts.done} of {rows} rows were done: {counts.problems}")
    return marks[_warm(rows)].until(marks[rows], rows - _warm(rows))


def robot_framework(url: str, folder: Path, rows: int) -> Cost:
    """Robot Framework Browser; its CPU time is not told, because it runs in processes of its own."""
    from robots.drivers.chromium import executable_of, hosts_of, switches

    town = RobotTown(folder, url, ROBOT)
    marks = folder / "marks.txt"
    data = folder / "rows.json"
    data.write_text(json.dumps([record(row) for row in range(rows)], ensure_ascii=False), encoding="utf-8")
    load = f"        ${{data}}=    Evaluate    json.load(open(r'{data}', encoding='utf-8'))[${{row}}]    modules=json"
    fills = [load] + [
        f"        Fill Text    label=項目{n} >> nth=0    ${{data}}[項目{n}]" for n in range(1, FIELDS + 1)
    ]
    args = json.dumps(switches(hosts_of(town.settings.targets)))
    suite = folder / "rows.robot"
    suite.write_text(
        SUITE.format(
            executable=executable_of(town.settings.browser, os.environ), switches=args, url=url, rows=rows,
            warm=_warm(rows), fills="\n".join(fills), marks=marks,
        ),
        encoding="utf-8",
    )  # fmt: skip
    subprocess.run(
        [sys.executable, "-m", "robot", "--outputdir", str(folder / "out"), str(suite)],
        check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    begun, ended = (float(line) for line in marks.read_text().split())
    return Cost((ended - begun) / (rows - _warm(rows)), 0.0)


def _warm(rows: int) -> int:
    return min(WARM_UP, max(1, rows // 4))


def _insist(database: Path, rows: int, name: str) -> None:
    """Compare the target's database with what was to be typed, value by value."""
    with sqlite3.connect(database) as connection:
        sent = [
            json.loads(line[0])["fields"]
            for line in connection.execute("SELECT sent FROM practice ORDER BY number")
        ]
    connection.close()
    wanted = [{f"k{n}": [record(row)[f"項目{n}"]] for n in range(1, FIELDS + 1)} for row in range(rows)]
    if sent != wanted:
        raise SystemExit(
            f"{name}: the target's database is not right: {len(sent)} of {rows} rows; nothing counts"
        )


def _table(told: dict[str, object]) -> str:
    times, ratios = told["ms_per_row"], told["ratio"]
    assert isinstance(times, dict) and isinstance(ratios, dict)
    cpu = told["cpu_ratio"]
    assert isinstance(cpu, dict)
    lines = [f"{'':<26}{'ms per row':>12}{'ratio':>8}{'target':>8}{'CPU ratio':>11}"]
    for name, ms in times.items():
        ratio, target = ratios.get(name, 1.0), TARGETS.get(name)
        limit = f"{target:.2f}" if target else ""
        lines.append(f"{name:<26}{ms:>12.1f}{ratio:>8.3f}{limit:>8}{cpu.get(name, 1.0):>11.3f}")
    if told.get("robotframework-browser") == "not installed":
        lines.append("robotframework-browser    not installed")
    return "\n".join(["", *lines, "", "targets met" if told["met"] else "targets NOT met"])


if __name__ == "__main__":
    sys.exit(main())
