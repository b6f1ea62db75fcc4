"""The PC itself: Python packages, Japanese fonts, a browser that starts, a screen where robots need one."""

import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import console
from backoffice.messages import text
from console.doctor.finding import Finding, fine, warn, wrong
from console.wiring import Office

WINDOWS_FONTS = ("meiryo.ttc", "YuGothM.ttc", "msgothic.ttc")
BROWSER_SECONDS = 30.0
PINS = Path(str(console.__file__)).resolve().parent.parent / "constraints.txt"


def packages() -> Iterator[Finding]:
    """Compare what is installed with what is asked for, and with the versions that were tried together."""
    lacking, other = list(_lacking("hakadori")), list(_not_as_pinned(PINS))
    if lacking:
        yield wrong("packages", "packages_lacking", names=", ".join(lacking))
    if other:
        yield warn("packages", "packages_other", names=", ".join(other))
    if not (lacking or other):
        version = ".".join(str(part) for part in sys.version_info[:3])
        yield fine("packages", f"Python {version}, Hakadori {importlib.metadata.version('hakadori')}")


def fonts() -> Iterator[Finding]:
    """Look for a font that can draw Japanese: pages and pictures without one show boxes."""
    if sys.platform == "win32":
        folder = Path(os.environ.get("WINDIR", "C:/Windows")) / "Fonts"
        found = [name for name in WINDOWS_FONTS if (folder / name).exists()]
    else:
        lister = shutil.which("fc-list")
        if lister is None:
            yield warn("fonts", "fonts_unknown")
            return
        listed = subprocess.run([lister, ":lang=ja", "family"], capture_output=True, text=True, check=False)
        found = sorted({line.split(",")[0].strip() for line in listed.stdout.splitlines() if line.strip()})
    yield fine("fonts", ", ".join(found[:3])) if found else wrong("fonts", "fonts_missing")


def browser(office: Office) -> Iterator[Finding]:
    """Start the robots' browser and ask for its version."""
    from playwright.sync_api import Error, sync_playwright

    from robots.drivers.chromium import executable_of, oldest_refused, switches

    program = executable_of(office.settings.browser, os.environ)
    try:
        with sync_playwright() as playwright:
            started = playwright.chromium.launch(
                executable_path=program, headless=True, args=switches(()), timeout=BROWSER_SECONDS * 1000
            )
            version = started.version
            started.close()
    except Error as error:
        detail = error.message.partition("\n")[0][:160]
        yield wrong("browser", "browser_not_starting", path=program, detail=detail)
        return
    oldest = oldest_refused(version)
    if oldest is not None:
        yield wrong("browser", "browser_old", path=program, version=version, oldest=oldest)
    else:
        yield fine("browser", f"{program} {version}")


def screen(office: Office, environ: Mapping[str, str] = os.environ) -> Iterator[Finding]:
    """Look for a screen when a robot works on one, or when the browser is to be seen."""
    from robots.stage import uses_screen

    users = sorted(name for name, robot in office.robots.items() if uses_screen(robot))
    users += [] if office.settings.browser.headless else ["browser: headless"]
    if not users:
        yield fine("screen", text("operations.screen_not_needed"))
    elif sys.platform == "win32" or environ.get("WAYLAND_DISPLAY"):
        yield fine("screen", ", ".join(users))
    elif not environ.get("DISPLAY"):
        yield wrong("screen", "screen_missing", names=", ".join(users), xvfb=shutil.which("Xvfb") or "-")
    elif not _answers(environ["DISPLAY"]):
        yield wrong("screen", "screen_silent", display=environ["DISPLAY"], names=", ".join(users))
    else:
        yield fine("screen", environ["DISPLAY"])


def _answers(display: str) -> bool:
    from robots.drivers.x11 import X11Screen
    from robots.errors import ScreenMissing

    try:
        X11Screen(display).close()
    except ScreenMissing:
        return False
    return True


def _lacking(name: str) -> Iterator[str]:
    """Yield the requirements of a distribution that are not installed, or in another version than asked for."""
    for line in importlib.metadata.requires(name) or ():
        need = Requirement(line)
        if need.marker is not None and not need.marker.evaluate({"extra": ""}):
            continue
        found = _version(need.name)
        if found is None or not need.specifier.contains(found, prereleases=True):
            yield f"{need.name}{need.specifier} ({found or '-'})"


def _not_as_pinned(pins: Path) -> Iterator[str]:
    """Yield the packages that are installed in another version than the one tried; nothing without the list."""
    if not pins.is_file():
        return
    for name, pinned in re.findall(r"^([\w.-]+)==([^\s;]+)", pins.read_text(encoding="utf-8"), re.M):
        found = _version(canonicalize_name(name))
        if found is not None and found != pinned:
            yield f"{name} {found} (≠ {pinned})"


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None
