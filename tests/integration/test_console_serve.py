"""`hakadori serve`: starts, answers, and ends gracefully when told to."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
END_SECONDS = 60
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@pytest.fixture
def configs(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "configs", tmp_path / "configs")
    shutil.copytree(ROOT / "samples" / "forms", tmp_path / "samples" / "forms")
    return tmp_path / "configs"


def command(configs: Path, *more: str) -> list[str]:
    return [sys.executable, "-m", "console", "--configs", str(configs), "serve", "--json", *more]


@contextmanager
def serving(configs: Path, *more: str, port: int = 0) -> Iterator[tuple[subprocess.Popen[str], str]]:
    environ = {**os.environ, "HAKADORI_WEB__PORT": str(port)}
    process = subprocess.Popen(
        command(configs, *more), cwd=ROOT, env=environ, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        yield process, json.loads(process.stdout.readline())["url"]
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM to send")
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("more", [(), ("--pages-only",)])
def test_serves_and_ends_when_told_to(configs: Path, more: tuple[str, ...], how: signal.Signals) -> None:
    with serving(configs, *more) as (process, url):
        with DIRECT.open(f"{url}/login", timeout=60) as answer:
            assert "ログイン" in answer.read().decode()
        with DIRECT.open(f"{url}/health", timeout=60) as answer:
            assert answer.status == 200
        process.send_signal(how)
        assert process.wait(END_SECONDS) == 0


def test_listens_on_this_machine_only(configs: Path) -> None:
    with serving(configs, "--pages-only") as (_, url):
        assert url.startswith("http://127.0.0.1:")


def test_a_taken_port_is_told_and_ends_with_2(configs: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        environ = {**os.environ, "HAKADORI_WEB__PORT": str(taken.getsockname()[1]), "HAKADORI_LANGUAGE": "en"}
        done = subprocess.run(
            command(configs, "--pages-only"),
            cwd=ROOT,
            env=environ,
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 2
    assert "cannot be used" in done.stderr
    assert "What to do: End it, or change web: port" in done.stderr


def test_a_second_service_on_the_same_database_is_refused(configs: Path) -> None:
    with serving(configs):
        environ = {**os.environ, "HAKADORI_WEB__PORT": "0", "HAKADORI_LANGUAGE": "en"}
        done = subprocess.run(
            command(configs), cwd=ROOT, env=environ, capture_output=True, text=True, check=False, timeout=120
        )
    assert done.returncode == 2
    assert json.loads(done.stdout.splitlines()[-1])["error"]["key"] == "scheduler.service_running"
