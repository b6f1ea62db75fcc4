"""The stand-in as a process: how it starts, says where it is, ends, and what it refuses."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from samples.townoffice.testing import ROOT, counts, running_townoffice

COMMAND = [sys.executable, "-m", "samples.townoffice"]
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "TOWNOFFICE_PASSWORD"}


def _refused(*arguments: str, password: str | None = "pw") -> str:
    environment = ENVIRONMENT if password is None else {**ENVIRONMENT, "TOWNOFFICE_PASSWORD": password}
    ended = subprocess.run([*COMMAND, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert (ended.returncode, ended.stdout) == (2, "")
    return ended.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM to catch")
def test_announces_its_address_when_it_answers_and_ends_cleanly_on_sigterm(tmp_path: Path) -> None:
    command = [*COMMAND, "--port", "0", "--database", str(tmp_path / "town.db")]
    environment = {**ENVIRONMENT, "TOWNOFFICE_PASSWORD": "pw"}
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None and process.stderr is not None
        announced = json.loads(process.stdout.readline())
        assert announced["pid"] == process.pid and announced["url"].startswith("http://127.0.0.1:")
        with urllib.request.urlopen(f"{announced['url']}/__health") as answer:
            assert json.loads(answer.read()) == {"ok": True}
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
        assert (process.stdout.read(), process.stderr.read()) == ("", "")


def test_keeps_its_registrations_between_starts(tmp_path: Path) -> None:
    for _ in range(2):
        with running_townoffice(tmp_path / "town.db", "pw", {"all": "503"}) as url:
            assert counts(url)["kouza_furikae"] == {"rows": 0, "distinct_keys": 0}


def test_names_the_variable_when_the_password_is_missing(tmp_path: Path) -> None:
    message = _refused("--database", str(tmp_path / "town.db"), password=None)
    assert "set the environment variable TOWNOFFICE_PASSWORD" in message


def test_listens_on_this_machine_only(tmp_path: Path) -> None:
    assert "0.0.0.0" in _refused("--host", "0.0.0.0", "--database", str(tmp_path / "town.db"))


def test_names_a_missing_folder(tmp_path: Path) -> None:
    assert str(tmp_path / "nowhere") in _refused("--database", str(tmp_path / "nowhere" / "town.db"))


def test_says_that_the_port_is_taken(tmp_path: Path) -> None:
    with running_townoffice(tmp_path / "first.db", "pw") as url:
        port = url.rsplit(":", 1)[1]
        message = _refused("--port", port, "--database", str(tmp_path / "second.db"))
    assert f"cannot listen on 127.0.0.1:{port}" in message
