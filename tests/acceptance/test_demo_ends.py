"""A demonstration that is ended early leaves no process behind and can be gone on with."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from backoffice.bootstrap.browsers import find_browser

ROOT = Path(__file__).parents[2]
SCANS = ROOT / "samples" / "scans"
START_SECONDS = 120
END_SECONDS = 120
pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM to send"),
    pytest.mark.skipif(
        find_browser(os.environ) is None, reason="no Edge, Chrome or Chromium on this machine"
    ),
]


def family(process: subprocess.Popen[str]) -> list[psutil.Process]:
    return psutil.Process(process.pid).children(recursive=True)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_nothing_is_left_running(tmp_path: Path, how: signal.Signals) -> None:
    scans = tmp_path / "scans"
    scans.mkdir()
    shutil.copy(SCANS / "nouzei-001.jpg", scans)
    command = [
        sys.executable,
        "-m",
        "console",
        "demo",
        "--folder",
        str(tmp_path / "demo"),
        "--samples",
        str(scans),
    ]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        deadline = time.monotonic() + START_SECONDS
        while len(family(process)) < 2 and time.monotonic() < deadline:
            time.sleep(0.2)
        started = family(process)
        assert len(started) >= 2, "the stand-in and a reading child"
        process.send_signal(how)
        process.communicate(timeout=END_SECONDS)
    assert process.returncode == 130
    _, alive = psutil.wait_procs(started, timeout=60)
    assert alive == []
