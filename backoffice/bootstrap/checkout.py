"""One checkout of the source tree and the Python environment `.venv` that belongs to it.

The environment carries a stamp: a digest of what pyproject.toml and constraints.txt ask for, and the place
where it was made (its scripts hold absolute paths, so a moved checkout needs a new one). While the stamp
fits, a start has nothing to do. An operating-system lock keeps two starts from building at the same time.
"""

import contextlib
import hashlib
import json
import os
import shutil
import sys
import time
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from backoffice.bootstrap.commands import Steps, patiently, run_visibly
from backoffice.bootstrap.errors import PreparationFailed, WrongStart
from backoffice.messages import text

PIP_INSTALL = (
    *("install", "--no-input", "--progress-bar", "off", "--disable-pip-version-check"),
    *("--editable", ".[dev]", "--constraint", "constraints.txt"),
)
STAMP = "hakadori-stamp.json"
IMPORT_CHECK = """
import os
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
import cv2, numpy, onnxruntime, pydantic, sqlalchemy
from playwright.sync_api import sync_playwright
cv2.SIFT_create()
sync_playwright().start().stop()
"""
"""What must work after an installation: OpenCV and the browser's driver are those that miss system libraries."""


@dataclass(frozen=True)
class Checkout:
    """A folder that holds pyproject.toml and constraints.txt.

    Attributes:
        root: The folder, absolute.
    """

    root: Path

    @property
    def venv(self) -> Path:
        """The environment's folder."""
        return self.root / ".venv"

    @property
    def log(self) -> Path:
        """The file that keeps the full output of every preparing command."""
        return self.root / "var" / "logs" / "start.log"

    def program(self, name: str) -> Path:
        """Return the path of a program inside the environment."""
        return (
            self.venv
            / ("Scripts" if os.name == "nt" else "bin")
            / (name + (".exe" if os.name == "nt" else ""))
        )

    def wanted_stamp(self) -> dict[str, str]:
        """Return the stamp that a finished environment of this checkout carries.

        Raises:
            WrongStart: When the checkout lacks one of the two files.
        """
        project = tomllib.loads(self._read("pyproject.toml"))
        asked = [
            project.get("build-system"),
            project.get("project"),
            project.get("tool", {}).get("setuptools"),
        ]
        digest = hashlib.sha256((json.dumps(asked, sort_keys=True) + self._read("constraints.txt")).encode())
        python = f"{sys.version_info.major}.{sys.version_info.minor}"
        return {"place": str(self.root), "python": python, "parts": digest.hexdigest()}

    def found_stamp(self) -> dict[str, str]:
        """Return the stamp of the environment as it is; empty when there is none or it cannot be used."""
        try:
            stamp = json.loads((self.venv / STAMP).read_text(encoding="utf-8"))
        except (FileNotFoundError, NotADirectoryError, ValueError):
            return {}
        return stamp if isinstance(stamp, dict) and self.program("python").exists() else {}

    def is_ready(self) -> bool:
        """Say whether the environment is finished and is what the checkout asks for."""
        return self.found_stamp() == self.wanted_stamp()

    def prepare(self) -> None:
        """Make the environment, or bring it up to date; does nothing when it is ready.

        Raises:
            PreparationFailed: When a command fails; the environment then stays without a stamp.
        """
        with self._alone() as lock:
            wanted, found = self.wanted_stamp(), self.found_stamp()
            if found == wanted:
                return
            if (found.get("place"), found.get("python")) != (wanted["place"], wanted["python"]):
                self._make_anew()
            self._write_stamp({**wanted, "parts": "unfinished"})
            patiently(lambda: self._install(lock))
            self._check_imports()
            self._write_stamp(wanted)

    def _make_anew(self) -> None:
        try:
            if self.venv.exists():
                shutil.rmtree(self.venv)
        except OSError as failure:
            raise PreparationFailed(
                "start.venv_held", venv=str(self.venv), detail=failure.strerror
            ) from failure
        run_visibly([sys.executable, "-m", "venv", self.venv], text("start.make_venv"), self.log)

    def _install(self, lock: int) -> None:
        pins = [
            line for line in self._read("constraints.txt").splitlines() if "==" in line and ";" not in line
        ]
        run_visibly(
            [self.program("python"), "-m", "pip", *PIP_INSTALL],
            text("start.install"),
            self.log,
            steps=Steps(
                starts=("Collecting ", "Processing ", "Requirement already satisfied:"),
                signs=("Building wheels", "Installing collected packages"),
                total=len(pins),
            ),
            cwd=self.root,
            held=[lock],
        )

    def _check_imports(self) -> None:
        try:
            run_visibly([self.program("python"), "-c", IMPORT_CHECK], text("start.check"), self.log)
        except PreparationFailed as failure:
            raise PreparationFailed(
                "start.import_failed", tail=failure.tail, venv=str(self.venv)
            ) from failure

    def _write_stamp(self, stamp: dict[str, str]) -> None:
        (self.venv / STAMP).write_text(json.dumps(stamp), encoding="utf-8")

    def _read(self, name: str) -> str:
        try:
            return (self.root / name).read_text(encoding="utf-8")
        except FileNotFoundError:
            raise WrongStart("start.incomplete_checkout", where=str(self.root), name=name) from None

    @contextlib.contextmanager
    def _alone(self) -> Iterator[int]:
        """Hold the checkout's lock; the system frees it when a process ends, however it ends.

        Yields the descriptor of the locked file.
        """
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with (self.log.parent / "start.lock").open("a") as file:
            told = False
            while not try_lock(file.fileno()):
                if not told:
                    sys.stderr.write(text("start.other_start") + "\n")
                told = True
                time.sleep(1)
            yield file.fileno()


def try_lock(number: int) -> bool:
    """Take the lock of an open file without waiting; says whether it was free.

    Args:
        number: The file's descriptor.
    """
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(number, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
