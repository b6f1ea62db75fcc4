"""Looks after everything that a run needs, before the night it is needed: `hakadori doctor`."""

import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from backoffice.bootstrap.browsers import find_browser
from backoffice.errors import HakadoriError
from backoffice.messages import text
from console.wiring import Office, open_office

LEAST_FREE_GB = 5.0
"""A night of 2,000 A4 pages at 300 dpi with originals, crops and evidence takes about 2 GB; twice that and some."""
WINDOWS_FONTS = ("meiryo.ttc", "YuGothM.ttc", "msgothic.ttc")


@dataclass(frozen=True)
class Check:
    """One thing looked at.

    Attributes:
        name: Catalogue name of the thing, "check_…".
        good: It is as it should be.
        told: What was found, or what is wrong and what to do.
    """

    name: str
    good: bool
    told: str

    def in_words(self) -> str:
        """Return it as a line for people."""
        sign = text("console.sign_good") if self.good else text("console.sign_bad")
        return f"[{sign}] {text(f'console.{self.name}')}: {self.told}"

    def as_json(self) -> dict[str, Any]:
        """Return it for programs."""
        return {"check": self.name.removeprefix("check_"), "good": self.good, "told": self.told}


def examine(configs: Path, var: Path | None) -> list[Check]:
    """Look at the machine, then at the installation; without settings only the machine can be looked at."""
    checks = [_looked("check_packages", _packages), _looked("check_fonts", _fonts)]
    try:
        office = open_office(configs, var=var)
    except HakadoriError as error:
        return [*checks, Check("check_settings", False, error.explain())]
    checks.append(Check("check_settings", True, str(office.settings.source.path)))
    return checks + list(_installation(office))


def _installation(office: Office) -> Iterator[Check]:
    yield Check("check_database", True, office.engine.url.render_as_string(hide_password=True))
    yield _looked("check_folder", lambda: _folder(office))
    yield _looked("check_disk", lambda: _disk(office))
    yield _looked("check_clock", lambda: _clock(office))
    yield _looked("check_browser", lambda: _browser(office))
    yield _looked("check_weights", lambda: _weights(office))
    yield _looked("check_forms", lambda: ", ".join(office.forms))
    yield _looked("check_masters", lambda: _masters(office))
    yield _looked("check_robots", lambda: ", ".join(office.robots))
    yield _looked("check_jobs", lambda: ", ".join(office.jobs))
    yield _looked("check_secrets", lambda: _secrets(office))


class _Wrong(Exception):
    """Something is not as it should be; the message is for people."""


def _looked(name: str, look: Callable[[], str]) -> Check:
    try:
        return Check(name, True, look())
    except _Wrong as wrong:
        return Check(name, False, str(wrong))
    except HakadoriError as error:
        return Check(name, False, error.explain())


def _packages() -> str:
    missing = []
    for line in importlib.metadata.requires("hakadori") or []:
        name = re.split(r"[^\w.-]", line, maxsplit=1)[0]
        if "extra ==" in line:
            continue
        try:
            importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            missing.append(name)
    if missing:
        raise _Wrong(text("console.packages_missing", names=", ".join(missing)))
    return f"Python {sys.version_info.major}.{sys.version_info.minor}.{sys.version_info.micro}"


def _fonts() -> str:
    if sys.platform == "win32":
        folder = Path(os.environ.get("WINDIR", "C:/Windows")) / "Fonts"
        found = [name for name in WINDOWS_FONTS if (folder / name).exists()]
    else:
        lister = shutil.which("fc-list")
        if lister is None:
            raise _Wrong(text("console.fonts_unknown"))
        listed = subprocess.run([lister, ":lang=ja", "family"], capture_output=True, text=True, check=False)
        found = sorted({line.split(",")[0].strip() for line in listed.stdout.splitlines() if line.strip()})
    if not found:
        raise _Wrong(text("console.fonts_missing"))
    return ", ".join(found[:3])


def _folder(office: Office) -> str:
    probe = office.settings.folder("work") / ".doctor"
    try:
        probe.write_bytes(b"x")
        probe.unlink()
    except OSError as error:
        raise _Wrong(text("console.folder_closed", path=probe.parent, detail=error.strerror)) from error
    return str(office.settings.var)


def _disk(office: Office) -> str:
    free = shutil.disk_usage(office.settings.var).free / 1e9
    if free < LEAST_FREE_GB:
        raise _Wrong(text("console.disk_low", free=f"{free:.1f}", least=LEAST_FREE_GB))
    return text("console.disk_free", free=f"{free:.0f}")


def _clock(office: Office) -> str:
    now = datetime.now(ZoneInfo(office.settings.timezone))
    return f"{now:%Y-%m-%d %H:%M} {office.settings.timezone}"


def _browser(office: Office) -> str:
    named = office.settings.browser.executable
    found = named if named is not None and named.is_file() else find_browser(os.environ)
    if found is None or (named is not None and not named.is_file()):
        raise _Wrong(text("console.browser_missing"))
    return str(found)


def _weights(office: Office) -> str:
    from ocr.recognisers.weights import prepare_weights

    return prepare_weights(office.settings.folder("models")).name


def _masters(office: Office) -> str:
    """Tell how many lists there are, and which of their characters no reader can put out."""
    from ocr.masters import load_masters, masters_folder
    from ocr.recognisers.line import LineReader

    folders = {masters_folder(form.source.path) for form in office.forms.values()}
    masters = {name: master for folder in sorted(folders) for name, master in load_masters(folder).items()}
    reader = LineReader(office.settings.folder("models"))
    told = []
    for name, master in masters.items():
        written = "".join(sorted(master.characters()))
        never = sorted(set(written) - set(reader.known(written)))
        told.append(text("console.masters_never", name=name, characters=" ".join(never)) if never else name)
    return "; ".join(told) or text("console.masters_none")


def _secrets(office: Office) -> str:
    named = sorted({name for robot in office.robots.values() for name in robot.secrets()})
    missing = [name for name in named if not office.vault.has(name)]
    if missing:
        raise _Wrong(text("console.secrets_missing", names=", ".join(missing)))
    return ", ".join(named)
