"""The main job, end to end, on some of the sample scans: nothing lost, nothing registered twice."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from backoffice.bootstrap.browsers import find_browser

ROOT = Path(__file__).parents[2]
SCANS = ROOT / "samples" / "scans"
CHOSEN = ("nouzei-001", "nouzei-002", "nouzei-003", "shiminzei-001", "kenkou-001", "nouzei-013")
pytestmark = [
    pytest.mark.skipif(
        find_browser(os.environ) is None, reason="no Edge, Chrome or Chromium on this machine"
    ),
    pytest.mark.timeout(1500),
]


def demonstrate(folder: Path, scans: Path) -> tuple[int, dict[str, Any], str]:
    command = [sys.executable, "-m", "console", "demo", "--folder", str(folder), "--samples", str(scans)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=False)
    told = done.stdout + done.stderr
    assert (folder / "summary.json").exists(), told
    return done.returncode, json.loads((folder / "summary.json").read_text(encoding="utf-8")), told


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
def first(tmp_path_factory: pytest.TempPathFactory, scans: Path) -> tuple[Path, int, dict[str, Any], str]:
    folder = tmp_path_factory.mktemp("demo")
    return folder, *demonstrate(folder, scans)


def test_what_is_registered_stands_in_the_target_system_once(
    first: tuple[Path, int, dict[str, Any], str],
) -> None:
    folder, code, summary, told = first
    registered = rows(folder)
    assert code == 0, told
    assert summary["ok"]
    assert len(registered) == len(set(registered)) == summary["registered"]["total"]
    assert summary["registered"]["total"] == summary["registered"]["by_ledger"] > 0


def test_every_file_is_accounted_for(first: tuple[Path, int, dict[str, Any], str]) -> None:
    folder, _, summary, _ = first
    inboxes = [path for path in (folder / "inbox").rglob("*") if path.is_file()]
    assert inboxes == []
    assert summary["files"] == len(CHOSEN)
    assert summary["documents"] >= len(CHOSEN) - 1
    assert summary["waiting"] + summary["records"] + summary["discarded"] == summary["documents"]


def test_the_clerk_is_told_in_words_how_to_go_on(first: tuple[Path, int, dict[str, Any], str]) -> None:
    _, _, _, told = first
    assert "相手のシステムに登録された記録" in told
    assert "二重登録はありません" in told
    assert "serve --pages-only" in told


def test_the_lists_and_the_report_are_workbooks(first: tuple[Path, int, dict[str, Any], str]) -> None:
    folder, _, summary, _ = first
    report = load_workbook(summary["report"])
    assert report.worksheets[0]._charts
    listed = [name for name in summary["lists"] if "登録一覧" in name]
    found = sum(load_workbook(folder / "outbox" / name).active.max_row - 1 for name in listed)
    assert found >= summary["registered"]["total"]


def test_the_second_time_nothing_is_registered_again(
    first: tuple[Path, int, dict[str, Any], str], scans: Path
) -> None:
    folder, _, before, _ = first
    code, summary, told = demonstrate(folder, scans)
    assert code == 0, told
    assert summary["registered"]["new"] == 0
    assert summary["registered"]["total"] == before["registered"]["total"] == len(rows(folder))
    assert summary["duplicates_refused"] >= len(CHOSEN) - len(before["failures"]) - 1
    assert summary["documents"] == before["documents"]
