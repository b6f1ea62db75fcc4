"""start.py: a newcomer's first minute, and everything that may go wrong in it."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from importlib.metadata import distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import start
from backoffice.bootstrap import commands, debian
from backoffice.bootstrap.browsers import find_browser
from backoffice.bootstrap.checkout import Checkout, try_lock
from backoffice.bootstrap.commands import patiently, run_visibly
from backoffice.bootstrap.errors import (
    InstallerBusy,
    NetworkMissing,
    PackagesMissing,
    PreparationFailed,
    read_failure,
)
from backoffice.errors import SettingsError
from backoffice.messages import error_text, has_text, room_catalogue
from start import spread

ROOT = Path(__file__).parents[2]
posix_only = pytest.mark.skipif(os.name == "nt", reason="needs POSIX scripts")


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    """A copy of start.py in a folder of its own, with an environment that counts as finished."""
    for name in ("start.py", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, tmp_path)
    for part in ("bootstrap", "catalogue"):
        shutil.copytree(ROOT / "backoffice" / part, tmp_path / "backoffice" / part)
    for name in ("__init__.py", "errors.py", "messages.py"):
        shutil.copy(ROOT / "backoffice" / name, tmp_path / "backoffice")
    made = Checkout(tmp_path)
    write_program(made.program("python"), "exit 0")
    (made.venv / "hakadori-stamp.json").write_text(json.dumps(made.wanted_stamp()), encoding="utf-8")
    return made


def write_program(path: Path, body: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
    path.chmod(0o755)


def run_start(
    checkout: Checkout, *arguments: str, language: str = "en", given: str = ""
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, checkout.root / "start.py", *arguments],
        input=given,
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, "HAKADORI_LANGUAGE": language, "PYTHONUTF8": "1"},
        check=False,
    )


# --- the command line ---------------------------------------------------------------------------------------


def test_tells_an_older_python_in_both_languages_what_to_use() -> None:
    script = "import sys; sys.version_info = (3, 9, 2); import start"
    ended = subprocess.run(
        [sys.executable, "-X", "utf8", "-c", script],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert ended.returncode == 2
    assert "Python 3.11 以上が必要です (いまは 3.9)" in ended.stderr
    assert "Hakadori needs Python 3.11 or newer (this is 3.9)" in ended.stderr


def test_answers_an_unknown_verb_with_the_nearest_one(checkout: Checkout) -> None:
    ended = run_start(checkout, "hakdori")
    assert ended.returncode == 2
    assert 'There is no verb "hakdori". did you mean: hakadori' in ended.stderr
    assert "Traceback" not in ended.stderr


def test_without_a_verb_shows_the_usage_and_fails_while_help_succeeds(checkout: Checkout) -> None:
    assert run_start(checkout).returncode == 2
    helped = run_start(checkout, "--help", language="ja")
    assert helped.returncode == 0
    assert all(f"  {verb} " in helped.stderr for verb in start.VERBS)


@posix_only
def test_hakadori_gets_its_arguments_and_stdin_and_keeps_stdout_and_exit_code(checkout: Checkout) -> None:
    write_program(checkout.program("hakadori"), 'echo "args: $*"; cat; exit 4')
    ended = run_start(checkout, "hakadori", "items", "--json", given="from stdin")
    assert (ended.returncode, ended.stdout, ended.stderr) == (4, "args: items --json\nfrom stdin", "")


@posix_only
def test_hakadori_runs_where_the_user_is_so_that_relative_names_hold(
    checkout: Checkout, tmp_path: Path
) -> None:
    write_program(checkout.program("hakadori"), "pwd")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    ended = subprocess.run(
        [sys.executable, checkout.root / "start.py", "hakadori"],
        cwd=elsewhere,
        capture_output=True,
        text=True,
    )
    assert Path(ended.stdout.strip()) == elsewhere.resolve()


def test_says_which_file_an_incomplete_checkout_lacks(checkout: Checkout) -> None:
    (checkout.root / "constraints.txt").unlink()
    ended = run_start(checkout, "hakadori", "doctor")
    assert ended.returncode == 2
    assert "constraints.txt is missing." in ended.stderr


@posix_only
def test_says_what_to_do_when_the_environment_lost_the_command(checkout: Checkout) -> None:
    ended = run_start(checkout, "hakadori", "doctor")
    assert ended.returncode == 10
    assert "is not in the environment" in ended.stderr and "Delete the folder .venv" in ended.stderr


@pytest.mark.parametrize(
    ("environ", "language"),
    [
        ({}, "ja"),
        ({"LANG": "C.UTF-8"}, "ja"),
        ({"LANG": "ja_JP.UTF-8"}, "ja"),
        ({"LANG": "en_GB.UTF-8"}, "en"),
        ({"LANG": "ja_JP.UTF-8", "LC_ALL": "en_US.UTF-8"}, "en"),
        ({"LANG": "en_GB.UTF-8", "HAKADORI_LANGUAGE": "ja"}, "ja"),
    ],
)
def test_speaks_japanese_unless_the_locale_is_english(environ: dict[str, str], language: str) -> None:
    assert start.choose_language(environ) == language


# --- the environment and its stamp --------------------------------------------------------------------------


def test_is_ready_while_nothing_that_it_installs_has_changed(checkout: Checkout) -> None:
    pyproject = checkout.root / "pyproject.toml"
    pyproject.write_text(pyproject.read_text(encoding="utf-8") + "\n[tool.other]\nx = 1\n", encoding="utf-8")
    assert checkout.is_ready()


def test_is_not_ready_when_a_pin_changed(checkout: Checkout) -> None:
    with (checkout.root / "constraints.txt").open("a", encoding="utf-8") as file:
        file.write("one-more==1.0\n")
    assert not checkout.is_ready()


def test_is_not_ready_when_the_checkout_was_moved(checkout: Checkout, tmp_path: Path) -> None:
    moved = tmp_path / "moved"
    shutil.copytree(checkout.venv, moved / ".venv")
    for name in ("pyproject.toml", "constraints.txt"):
        shutil.copy(checkout.root / name, moved)
    assert not Checkout(moved).is_ready()


@pytest.mark.parametrize("damage", ["no python", "broken stamp", "no environment"])
def test_is_not_ready_when_the_environment_is_damaged(checkout: Checkout, damage: str) -> None:
    if damage == "no python":
        checkout.program("python").unlink()
    elif damage == "broken stamp":
        (checkout.venv / "hakadori-stamp.json").write_text("{", encoding="utf-8")
    else:
        shutil.rmtree(checkout.venv)
    assert not checkout.is_ready()


@posix_only
def test_an_installation_that_fails_leaves_the_environment_unfinished_but_there(checkout: Checkout) -> None:
    write_program(checkout.program("python"), "echo 'ERROR: broken wheel'; exit 3")
    (checkout.root / "constraints.txt").write_text("changed==1\n", encoding="utf-8")
    with pytest.raises(PreparationFailed) as failure:
        checkout.prepare()
    assert failure.value.tail == ("ERROR: broken wheel",)
    assert checkout.program("python").exists() and not checkout.is_ready()
    assert "ERROR: broken wheel" in checkout.log.read_text(encoding="utf-8")


@posix_only
def test_a_second_start_waits_for_the_first(checkout: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
    import fcntl

    lock = checkout.root / "var" / "logs" / "start.lock"
    lock.parent.mkdir(parents=True)
    second = threading.Thread(target=checkout.prepare)
    with lock.open("a") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        second.start()
        second.join(0.3)
        assert second.is_alive()
    second.join(60)
    assert not second.is_alive()
    assert "start.py" in capsys.readouterr().err


@posix_only
def test_pip_keeps_the_lock_when_the_start_that_began_it_is_killed(
    checkout: Checkout, tmp_path: Path
) -> None:
    (checkout.root / "constraints.txt").write_text("changed==1\n", encoding="utf-8")
    begun, pid = tmp_path / "begun", tmp_path / "pid"
    write_program(checkout.program("python"), f"echo $$ > {pid}; touch {begun}; exec sleep 60")
    begin = "import sys, pathlib; from backoffice.bootstrap.checkout import Checkout; "
    begin += "Checkout(pathlib.Path(sys.argv[1])).prepare()"
    first = subprocess.Popen(
        [sys.executable, "-c", begin, checkout.root], cwd=checkout.root, stderr=subprocess.DEVNULL
    )
    end = time.monotonic() + 60
    while not begun.exists() and time.monotonic() < end:
        time.sleep(0.05)
    first.kill()
    first.wait()
    with (checkout.root / "var" / "logs" / "start.lock").open("a") as file:
        assert not try_lock(file.fileno())
        os.kill(int(pid.read_text()), signal.SIGKILL)
        while not (free := try_lock(file.fileno())) and time.monotonic() < end:
            time.sleep(0.05)
        assert free


# --- commands and their failures ----------------------------------------------------------------------------


def test_shows_the_end_of_a_failed_command_and_keeps_all_of_it(tmp_path: Path) -> None:
    script = "import sys\nfor n in range(40): print('line', n)\nsys.exit(7)"
    with pytest.raises(PreparationFailed) as failure:
        run_visibly([sys.executable, "-c", script], "counting", tmp_path / "start.log")
    told = failure.value.explain("en")
    assert "    | line 39\n" in told and "| line 14\n" not in told and "exit status 7" in told
    assert "line 0\n" in (tmp_path / "start.log").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("line", "key"),
    [
        (
            "Failed to establish a new connection: [Errno -3] Temporary failure in name resolution",
            "no_network",
        ),
        ("Failed to establish a new connection: [Errno 11001] getaddrinfo failed", "no_network"),
        ("E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 12", "installer_busy"),
        ("OSError: [Errno 28] No space left on device", "disk_full"),
        ("PermissionError: [Errno 13] Permission denied: '/opt/x'", "no_permission"),
        ("error: something nobody foresaw", "command_failed"),
    ],
)
def test_reads_the_likely_cause_from_the_output(line: str, key: str) -> None:
    assert read_failure("pip install", 1, ["before", line, "after"], "start.log").key == f"start.{key}"


@pytest.mark.parametrize("kind", [NetworkMissing, InstallerBusy])
def test_tries_three_times_while_only_the_network_or_a_lock_is_in_the_way(
    kind: type[PreparationFailed],
) -> None:
    tried: list[int] = []
    waited: list[float] = []

    def fail() -> None:
        tried.append(1)
        raise kind("start.no_network", log="start.log")

    with pytest.raises(kind):
        patiently(fail, pause=waited.append)
    assert len(tried) == 3 and tuple(waited) == commands.PAUSES_SECONDS


def test_gives_up_at_once_on_any_other_failure() -> None:
    def fail() -> None:
        raise PreparationFailed("start.disk_full", log="start.log")

    with pytest.raises(PreparationFailed):
        patiently(fail, pause=lambda seconds: pytest.fail("must not wait"))


# --- what the system must have ------------------------------------------------------------------------------


def pretend_dpkg(folder: Path, monkeypatch: pytest.MonkeyPatch, *packages: str) -> None:
    lines = "\n".join(f"echo 'installed {name}'" for name in packages)
    write_program(folder / "dpkg-query", f"{lines}\nexit 1")
    monkeypatch.setenv("PATH", str(folder))


@posix_only
def test_asks_only_for_packages_that_are_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pretend_dpkg(tmp_path, monkeypatch, "libgl1", "libglib2.0-0t64", "libatomic1")
    write_program(tmp_path / "my-browser", "exit 0")
    environ = {"HAKADORI_BROWSER": str(tmp_path / "my-browser")}
    assert debian.missing_packages(environ, tests=False) == ["fonts-ipaexfont"]


@posix_only
def test_the_tests_need_more_packages_than_the_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend_dpkg(
        tmp_path, monkeypatch, "libgl1", "libatomic1", "libglib2.0-0", "fonts-ipaexfont", "fonts-klee"
    )
    write_program(tmp_path / "Xvfb", "exit 0")
    write_program(tmp_path / "chromium", "exit 0")
    missing = debian.missing_packages({"PATH": str(tmp_path)}, tests=True)
    assert missing[:5] == ["xsel", "libxtst6", "iproute2", "postgresql", "fonts-noto-cjk"]
    assert "xvfb" not in missing and "fonts-klee" not in missing


@posix_only
def test_without_root_says_the_command_for_the_administrator(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(PackagesMissing) as refused:
        debian.install(["chromium", "libgl1"], tmp_path / "start.log")
    assert refused.value.exit_code == 5
    assert "sudo apt-get install -y chromium libgl1" in refused.value.explain("en")


def test_finds_edge_before_chrome_on_windows(tmp_path: Path) -> None:
    for place in ("Microsoft/Edge/Application/msedge.exe", "Google/Chrome/Application/chrome.exe"):
        (tmp_path / place).parent.mkdir(parents=True)
        (tmp_path / place).touch()
    found = find_browser({"ProgramFiles": str(tmp_path)}, platform="win32")
    assert found == tmp_path / "Microsoft/Edge/Application/msedge.exe"


@posix_only
def test_finds_a_browser_on_the_path_on_linux(tmp_path: Path) -> None:
    write_program(tmp_path / "google-chrome", "exit 0")
    assert find_browser({"PATH": str(tmp_path)}, platform="linux") == tmp_path / "google-chrome"


def test_refuses_a_named_browser_that_does_not_exist(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as refused:
        find_browser({"HAKADORI_BROWSER": str(tmp_path / "edge.exe")})
    assert "HAKADORI_BROWSER: " in refused.value.explain("en")


# --- sharing out the tests ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("cores", "processes"), [(1, "2"), (2, "2"), (3, "3"), (16, "4")])
def test_all_tests_are_shared_out_among_two_to_four_processes(cores: int, processes: str) -> None:
    words, _ = spread(ROOT, ["-q", "tests/unit", "-k", "browser"], cores)
    assert words == ["-n", processes, "--dist", "loadfile", "--no-loadscope-reorder"]


def test_the_processes_share_the_cores() -> None:
    _, environ = spread(ROOT, [], 8)
    assert environ == {"OMP_NUM_THREADS": "2", "HAKADORI_OCR__THREADS": "2"}


@pytest.mark.parametrize("named", ["tests/unit/test_start.py", "tests/unit/test_start.py::needed"])
def test_a_single_file_is_tested_in_one_process(named: str) -> None:
    assert spread(ROOT, ["-x", named], 8) == ([], {})


# --- what is shipped with it --------------------------------------------------------------------------------


def test_every_text_that_start_uses_is_in_its_catalogue() -> None:
    files = [ROOT / "start.py", *(ROOT / "backoffice/bootstrap").glob("*.py")]
    used = set(re.findall(r'"(start\.[a-z_]+)"', "".join(file.read_text(encoding="utf-8") for file in files)))
    used -= {"start.log", "start.lock"}
    errors = {key for key in used if not has_text(key)}
    assert {key.partition(".")[2] for key in errors} <= set(room_catalogue("start")["errors"])
    values = dict.fromkeys(("verb", "hint", "verbs", "name", "packages", "log", "venv", "detail"), "x")
    values |= dict.fromkeys(("code", "command", "path", "program"), "x")
    assert all(error_text(key, language="ja", **values).do for key in errors)


def test_every_package_that_the_project_needs_is_pinned_to_the_version_installed() -> None:
    pins = dict(re.findall(r"^([\w-]+)==(\S+)", (ROOT / "constraints.txt").read_text(encoding="utf-8"), re.M))
    for name in sorted(needed("hakadori", "dev") - {"hakadori"}):
        assert pins.get(name) == distribution(name).version, name


def needed(name: str, *extras: str, seen: dict[tuple[str, str], None] | None = None) -> set[str]:
    """Return the names of a distribution and of all that it needs here, through its extras and its needs'."""
    seen = {} if seen is None else seen
    for extra in ("", *extras):
        if (name, extra) in seen:
            continue
        seen[name, extra] = None
        for line in distribution(name).requires or ():
            need = Requirement(line)
            if need.marker is None or need.marker.evaluate({"extra": extra}):
                needed(canonicalize_name(need.name), *need.extras, seen=seen)
    return {found for found, _ in seen}


@posix_only
def test_the_ci_script_runs_start_test_without_stdin() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert "set -euo pipefail" in script.read_text() and "start.py test" in script.read_text()
