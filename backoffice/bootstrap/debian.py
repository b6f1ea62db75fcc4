"""The system packages that pip cannot bring: on Debian and Ubuntu as root they are installed, otherwise told.

A part counts as there when one of its packages is installed or one of its programs is found, so that Edge
from the maker's own package is as good as Debian's Chromium.
"""

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from backoffice.bootstrap.browsers import find_browser
from backoffice.bootstrap.commands import Steps, patiently, run_visibly
from backoffice.bootstrap.errors import PackagesMissing
from backoffice.messages import text

LOCK_WAIT_SECONDS = 300


@dataclass(frozen=True)
class SystemPart:
    """One thing that the system must have.

    Attributes:
        package: What apt installs.
        same: Other packages that are the same thing under another name.
        programs: Programs any of which shows that the thing is there.
        for_tests: True when only the tests need it.
    """

    package: str
    same: tuple[str, ...] = ()
    programs: tuple[str, ...] = ()
    for_tests: bool = False


PARTS = (
    SystemPart("libgl1"),  # the opencv-contrib wheel links it (docs/adr/0005)
    SystemPart("libglib2.0-0", same=("libglib2.0-0t64",)),
    SystemPart("libatomic1"),  # the driver inside the playwright wheel links it
    SystemPart("fonts-ipaexfont", same=("fonts-noto-cjk",)),  # pages and screenshots in Japanese
    SystemPart("xvfb", programs=("Xvfb",), for_tests=True),
    SystemPart("xsel", for_tests=True),  # the clipboard of desktop robots on Linux
    SystemPart("libxtst6", same=("libxtst6t64",), for_tests=True),  # their mouse and keyboard
    SystemPart("iproute2", programs=("ip",), for_tests=True),  # a test counts the packets of a demonstration
    SystemPart("postgresql", for_tests=True),
    SystemPart("fonts-ipaexfont", for_tests=True),
    SystemPart("fonts-noto-cjk", for_tests=True),
    # The samples are drawn again in a test and must come out the same, so their fonts must be the same.
    SystemPart("fonts-klee", for_tests=True),
    SystemPart("fonts-kiloji", for_tests=True),
    SystemPart("fonts-seto", for_tests=True),
    SystemPart("fonts-yozvox-yozfont", for_tests=True),
    SystemPart("fonts-yusei-magic", for_tests=True),
)


def is_debian() -> bool:
    """Say whether this system installs its packages with apt."""
    return bool(shutil.which("apt-get") and shutil.which("dpkg-query"))


def missing_packages(environ: Mapping[str, str], *, tests: bool) -> list[str]:
    """Return the packages to install, in a fixed order, each once.

    Args:
        environ: The environment, for the search of the browser.
        tests: True when the tests are to be run too.
    """
    wanted = [part for part in PARTS if tests or not part.for_tests]
    there = installed([name for part in wanted for name in (part.package, *part.same)])
    missing = [] if importlib.util.find_spec("ensurepip") else [venv_package()]
    if find_browser(environ) is None:
        missing.append("chromium")
    missing += [part.package for part in wanted if not _is_there(part, there)]
    if tests and importlib.util.find_spec("_tkinter") is None:
        missing.append("python3-tk")  # the stand-in desktop program
    return list(dict.fromkeys(missing))


def venv_package() -> str:
    """Return the package that holds `ensurepip` for the Python that runs this."""
    return f"python{sys.version_info.major}.{sys.version_info.minor}-venv"


def installed(packages: Sequence[str]) -> frozenset[str]:
    """Return those of `packages` that dpkg calls installed."""
    # dpkg-query ends with 1 as soon as one name is unknown to it; what it prints is right all the same.
    asked = subprocess.run(
        ["dpkg-query", "-W", "-f", "${db:Status-Status} ${Package}\\n", *packages],
        capture_output=True,
        text=True,
        check=False,
    )
    lines = (line.split() for line in asked.stdout.splitlines())
    return frozenset(line[1] for line in lines if line[0] == "installed")


def install(packages: Sequence[str], log: Path) -> None:
    """Install packages with apt-get, waiting for its lock and trying again when the network fails.

    Args:
        packages: Debian package names.
        log: File for apt's full output.

    Raises:
        PackagesMissing: When we are not root; tells the command to type.
        PreparationFailed: When apt fails for good.
    """
    if os.geteuid() != 0:
        raise PackagesMissing("start.packages_missing", packages=" ".join(packages))
    patiently(lambda: _apt(packages, log))


def _apt(packages: Sequence[str], log: Path) -> None:
    environ = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
    apt = ["apt-get", "-y", "-o", f"DPkg::Lock::Timeout={LOCK_WAIT_SECONDS}", "-o", "Acquire::Retries=3"]
    run_visibly([*apt, "update"], text("start.apt_update"), log, environ=environ)
    run_visibly(
        [*apt, "install", "--no-install-recommends", *packages],
        text("start.apt_install", packages=" ".join(packages)),
        log,
        steps=Steps(starts=("Get:", "Unpacking ", "Setting up ")),
        environ=environ,
    )


def _is_there(part: SystemPart, there: frozenset[str]) -> bool:
    if part.package in there or any(name in there for name in part.same):
        return True
    return any(shutil.which(program) for program in part.programs)
