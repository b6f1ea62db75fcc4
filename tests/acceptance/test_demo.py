"""The main job, end to end, on some of the sample scans: nothing lost, nothing registered twice, nothing sent out."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from way_out import CAN_COUNT, packets_sent

from backoffice.bootstrap.browsers import find_browser

ROOT = Path(__file__).parents[2]
SCANS = ROOT / "samples" / "scans"
PROBE = (
    "import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.sendto(b'x', ('10.1.2.3', 53))"
)
counts_packets = pytest.mark.skipif(
    not CAN_COUNT, reason="counting packets in a network namespace needs Linux, root, iproute2 and unshare"
)
CHOSEN = ("nouzei-001", "nouzei-002", "nouzei-003", "shiminzei-001", "kenkou-001", "nouzei-013")
pytestmark = [
    pytest.mark.skipif(
        find_browser(os.environ) is None, reason="no Edge, Chrome or Chromium on this machine"
    ),
    pytest.mark.timeout(1500),
]


@dataclass(frozen=True)
class Demonstration:
    """One demo: its folder, how it ended, what it says, and how many packets tried to leave (None: not counted)."""

    folder: Path
    code: int
    summary: dict[str, Any]
    told: str
    packets: int | None


def demonstrate(folder: Path, scans: Path) -> Demonstration:
    command = [sys.executable, "-m", "console", "demo", "--folder", str(folder), "--samples", str(scans)]
    packets = None
    if CAN_COUNT:
        packets, done = packets_sent(command)
    else:
        done = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=False
        )
    told = done.stdout + done.stderr
    assert (folder / "summary.json").exists(), told
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    return Demonstration(folder, done.returncode, summary, told, packets)


def rows(folder: Path) -> list[tuple[str, str]]:
    """Return (business, key) of everything in the stand-in's own database."""
    with closing(sqlite3.connect(folder / "townoffice.db")) as connection:
        return connection.execute("SELECT business, key FROM registrations").fetchall()


@pytest.fixture(scope="module")
def scans(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("scans")
    shutil.copytree(SCANS / "truth", folder / "truth")
    for stem in CHOSEN:
        for scan in SCANS.glob(f"{stem}.*"):
            shutil.copy(scan, folder)
    return folder


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory, scans: Path) -> Demonstration:
    return demonstrate(tmp_path_factory.mktemp("demo"), scans)


def test_what_is_registered_stands_in_the_target_system_once(first: Demonstration) -> None:
    registered = rows(first.folder)
    assert first.code == 0, first.told
    assert first.summary["ok"]
    assert len(registered) == len(set(registered)) == first.summary["registered"]["total"]
    assert first.summary["registered"]["total"] == first.summary["registered"]["by_ledger"] > 0


def test_every_file_is_accounted_for(first: Demonstration) -> None:
    inboxes = [path for path in (first.folder / "inbox").rglob("*") if path.is_file()]
    summary = first.summary
    assert inboxes == []
    assert summary["files"] == len(CHOSEN)
    assert summary["documents"] >= len(CHOSEN) - 1
    assert summary["waiting"] + summary["records"] + summary["discarded"] == summary["documents"]


@counts_packets
def test_the_counter_counts_what_leaves() -> None:
    sent, _ = packets_sent([sys.executable, "-c", PROBE])
    assert sent == 1


@counts_packets
def test_no_packet_leaves_this_machine(first: Demonstration) -> None:
    assert first.code == 0, first.told
    assert first.summary["documents"] > 0
    assert first.packets == 0


def test_the_clerk_is_told_in_words_how_to_go_on(first: Demonstration) -> None:
    assert "相手のシステムに登録された記録" in first.told
    assert "二重登録はありません" in first.told
    assert "serve --pages-only" in first.told


def test_the_lists_and_the_report_are_workbooks(first: Demonstration) -> None:
    report = load_workbook(first.summary["report"])
    assert report.worksheets[0]._charts
    listed = [name for name in first.summary["lists"] if "登録一覧" in name]
    found = sum(load_workbook(first.folder / "outbox" / name).active.max_row - 1 for name in listed)
    assert found >= first.summary["registered"]["total"]


def test_the_second_time_nothing_is_registered_again(first: Demonstration, scans: Path) -> None:
    again = demonstrate(first.folder, scans)
    assert again.code == 0, again.told
    assert again.summary["registered"]["new"] == 0
    assert (
        again.summary["registered"]["total"]
        == first.summary["registered"]["total"]
        == len(rows(first.folder))
    )
    assert again.summary["duplicates_refused"] >= len(CHOSEN) - len(first.summary["failures"]) - 1
    assert again.summary["documents"] == first.summary["documents"]
