"""How the robots' browser is started: which program, with which switches, and what it may talk to.

The browser reaches the hosts of the town's target systems and nothing else. That is done by its own resolver rules
and not by intercepting requests: it costs nothing per request, and it also holds for redirects, web sockets and
whatever the browser itself would like to send home.
"""

import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from backoffice.bootstrap.browsers import find_browser
from backoffice.errors import SettingsError
from backoffice.settings import BrowserSettings
from robots.errors import BrowserMissing

SWITCHES = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-domain-reliability",
    "--disable-sync",
    "--disable-breakpad",
    "--metrics-recording-only",
    "--no-pings",
    "--no-proxy-server",
    "--disable-features=Translate,MediaRouter,OptimizationHints,OptimizationGuideModelDownloading,"
    "AutofillServerCommunication,CertificateTransparencyComponentUpdater,InterestFeedContentSuggestions,"
    "DialMediaRouteProvider,msSmartScreenProtection,msEdgeUpdateLaunchServicesPreferredVersion",
)
"""Switches for a quiet browser that phones nobody; the proxy is off because it would resolve names for us."""

OLDEST_VERSION = 110
"""Browsers before this one (February 2023) lack what the page finder asks for (checkVisibility with all its options)
and are no longer driven by Playwright."""


def oldest_refused(version: str) -> int | None:
    """Return the oldest version that is driven when this one is older than it, else None."""
    number = version.partition(".")[0]
    return OLDEST_VERSION if number.isdigit() and int(number) < OLDEST_VERSION else None


def switches(hosts: Iterable[str]) -> list[str]:
    """Return the command-line switches for a browser that may reach only these hosts."""
    excluded = "".join(f", EXCLUDE {host}" for host in sorted(set(hosts)))
    own = [*SWITCHES, f"--host-resolver-rules=MAP * ~NOTFOUND{excluded}"]
    as_root = sys.platform != "win32" and os.geteuid() == 0
    return [*own, "--no-sandbox"] if as_root else own


def hosts_of(targets: Mapping[str, str]) -> frozenset[str]:
    """Return the host names of the target systems."""
    return frozenset(host for url in targets.values() if (host := urlsplit(url).hostname))


def executable_of(settings: BrowserSettings, environ: Mapping[str, str]) -> Path | None:
    """Return the browser to start; None when the settings name a channel, which the driver finds itself.

    The order: `browser: executable`, `browser: channel`, the environment variable HAKADORI_BROWSER, then what is
    found on this machine (Edge, Chrome, Chromium in their usual places).

    Raises:
        BrowserMissing: There is none, or the one named does not exist.
    """
    if settings.executable is not None:
        if not settings.executable.is_file():
            raise BrowserMissing(
                "robots.browser_wrong", where="browser: executable", path=str(settings.executable)
            )
        return settings.executable
    if settings.channel:
        return None
    try:
        found = find_browser(environ)
    except SettingsError as error:
        raise BrowserMissing(
            "robots.browser_wrong", where=error.where, path=error.values.get("path", "")
        ) from error
    if found is None:
        raise BrowserMissing("robots.browser_missing", where="browser")
    return found
