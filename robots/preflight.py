"""What a robot needs before it starts: checked before the browser is started and before any item is touched."""

import os
import socket
import sys
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from backoffice.settings import Settings
from backoffice.suggest import did_you_mean
from backoffice.vault import Vault
from robots.drivers.chromium import executable_of
from robots.errors import BrowserMissing, PlaceRefused, TargetUnknown, TargetUnreachable
from robots.ie_mode import office_site_list, refuse_ie_mode
from robots.model import Robot
from robots.targets import Target

_REACH_SECONDS = 5.0
"""A target that does not take a connection within this time is told as unreachable."""
_PORTS = {"http": 80, "https": 443}


def preflight(robot: Robot, vault: Vault, settings: Settings) -> None:
    """Check the names a robot uses.

    Raises:
        SecretMissing: A secret it types is not stored.
        TargetUnknown: A target it names is not in the settings.
        PlaceRefused: A folder it names is not in the settings.
    """
    for name in robot.secrets():
        vault.get(name)
    for name in names_used(robot, "target"):
        if not settings.targets.get(name):
            hint = did_you_mean(name, settings.targets)
            raise TargetUnknown("robots.target_not_in_settings", where=robot.robot, name=name, hint=hint)
    for name in names_used(robot, "folder"):
        if name not in settings.folders:
            hint = did_you_mean(name, settings.folders)
            raise PlaceRefused("robots.folder_unknown", where=robot.robot, name=name, hint=hint)


def check_surroundings(
    robot: Robot, settings: Settings, environ: Mapping[str, str] | None = None, site_list: str | None = None
) -> None:
    """Check what stands around a robot that drives a real browser: that its targets answer, that it can be shown.

    Args:
        robot: The robot.
        settings: Targets and browser.
        environ: Environment; the process's own by default.
        site_list: The office's list of sites in IE mode; the one of this PC by default.

    Raises:
        IeModeRefused: A target opens in Edge's IE mode.
        BrowserMissing: There is no browser, or it is to be seen and there is no screen.
        TargetUnreachable: A target takes no connection.
    """
    targets = {name: settings.targets[name] for name in names_used(robot, "target")}
    refuse_ie_mode(targets, settings.browser.executable, site_list or office_site_list())
    environ = os.environ if environ is None else environ
    executable_of(settings.browser, environ)
    seen = not settings.browser.headless
    if (
        seen
        and sys.platform.startswith("linux")
        and not (environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"))
    ):
        raise BrowserMissing("robots.browser_needs_screen", where="browser: headless")
    for url in dict.fromkeys(targets.values()):
        _reach(url)


def names_used(robot: Robot, place: str) -> list[str]:
    """Return the names that a robot's texts use of a place such as "target"."""
    texts = [template for step in robot.all_steps() for template in step.texts()]
    texts += [robot.items.file] if robot.items.file is not None else []
    texts += [template for sign in _signs(robot) for template in sign.templates()]
    used = [reference for template in texts for reference in template.references]
    return list(dict.fromkeys(reference.name for reference in used if reference.place == place))


def _reach(url: str) -> None:
    parts = urlsplit(url)
    port = parts.port or _PORTS.get(parts.scheme)
    if parts.hostname is None or port is None:
        return  # not an address of a machine (a file, say): the browser will tell
    try:
        socket.create_connection((parts.hostname, port), _REACH_SECONDS).close()
    except OSError as error:
        reason = "timeout" if isinstance(error, TimeoutError) else error.strerror or type(error).__name__
        raise TargetUnreachable(
            "robots.target_unreachable", where=parts.netloc, host=parts.netloc, reason=reason
        ) from error


def _signs(robot: Robot) -> Iterator[Target]:
    """Yield the signs that a robot looks for beside its steps."""
    for rule in robot.fails_when:
        yield rule
        yield from [rule.messages] if rule.messages is not None else []
    yield from [robot.session_lost] if robot.session_lost is not None else []
    yield from [robot.resolve.found, robot.resolve.not_found] if robot.resolve is not None else []
