"""Find the browser that this machine already has: Edge, Chrome or Chromium. Nothing is ever downloaded.

Robots drive it and tests look through it. A town's PC has Edge; a Linux server usually Chromium.
"""

import shutil
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from backoffice.errors import SettingsError

VARIABLE = "HAKADORI_BROWSER"
"""Environment variable that names the browser's executable file and wins over every search."""

WINDOWS_FOLDERS = ("PROGRAMFILES(X86)", "PROGRAMFILES", "LOCALAPPDATA")
WINDOWS_PLACES = (
    "Microsoft/Edge/Application/msedge.exe",
    "Google/Chrome/Application/chrome.exe",
    "Chromium/Application/chrome.exe",
)
LINUX_NAMES = (
    "microsoft-edge-stable",
    "microsoft-edge",
    "google-chrome-stable",
    "google-chrome",
    "chromium",
    "chromium-browser",
)
LINUX_PLACES = (
    "/opt/microsoft/msedge/msedge",
    "/opt/google/chrome/chrome",
    "/usr/bin/chromium",
    "/usr/lib/chromium/chromium",
    "/snap/bin/chromium",
)


def find_browser(environ: Mapping[str, str], platform: str = sys.platform) -> Path | None:
    """Return the executable of the first browser found, None when the machine has none.

    Args:
        environ: The environment; HAKADORI_BROWSER wins, PATH is searched next.
        platform: As sys.platform: "win32" searches the Windows folders, anything else the Linux ones.

    Raises:
        SettingsError: When HAKADORI_BROWSER names a file that does not exist.
    """
    named = environ.get(VARIABLE, "").strip()
    if named:
        if not Path(named).is_file():
            raise SettingsError("start.browser_wrong", where=VARIABLE, path=named)
        return Path(named)
    places = _windows(environ) if platform == "win32" else _linux(environ)
    return next((place for place in places if place.is_file()), None)


def _windows(environ: Mapping[str, str]) -> Iterator[Path]:
    # Windows keeps variable names without regard to case; a plain mapping does not.
    folders = {name.upper(): value for name, value in environ.items()}
    for place in WINDOWS_PLACES:
        for name in WINDOWS_FOLDERS:
            if folders.get(name):
                yield Path(folders[name]) / place


def _linux(environ: Mapping[str, str]) -> Iterator[Path]:
    for name in LINUX_NAMES:
        found = shutil.which(name, path=environ.get("PATH", ""))
        if found:
            yield Path(found)
    yield from (Path(place) for place in LINUX_PLACES)
