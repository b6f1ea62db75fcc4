"""Install, look after and remove what starts the service at boot: a systemd unit, or a scheduled task of Windows."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import console
from backoffice.settings import Settings
from console.errors import ServiceWrong
from console.service_task import TASK, task_xml
from console.service_unit import NAME, SYSTEM_FOLDER, Installed, unit_text

BOOTED = Path("/run/systemd/system")
"""There when systemd runs this machine (sd_booted(3))."""


@dataclass(frozen=True)
class Plan:
    """What would be installed.

    Attributes:
        kind: "systemd" or "windows".
        name: Name of the unit or task.
        path: Where the file goes.
        text: Its content.
        commands: What makes it known and starts it.
        user: The account that it runs under.
    """

    kind: str
    name: str
    path: Path
    text: str
    commands: tuple[tuple[str, ...], ...]
    user: str

    @property
    def content(self) -> bytes:
        """The file's bytes; Windows wants UTF-16 with a mark."""
        return self.text.encode("utf-16" if self.kind == "windows" else "utf-8")


def installed_of(configs: Path, settings: Settings, user: str = "") -> Installed:
    """Gather what the service runs and where it writes."""
    shares = [inbox.folder for inbox in settings.inboxes.values() if inbox.folder is not None]
    writable = [configs, *settings.folders.values(), *shares]
    if settings.keeping.backup_folder is not None:
        writable.append(settings.keeping.backup_folder)
    return Installed(
        python=Path(sys.executable),
        program=Path(str(console.__file__)).resolve().parent.parent,
        configs=configs,
        var=settings.var,
        writable=tuple(dict.fromkeys(path for path in writable if not path.is_relative_to(settings.var))),
        user=user,
    )


def plan_systemd(configs: Path, settings: Settings, user: str, *, folder: Path | None = None) -> Plan:
    """Plan a unit: of the system when a user is named, else one of the user's own.

    Args:
        configs: Folder of the declarations.
        settings: The settings in force.
        user: The account that the service runs under; empty for the present user's own unit.
        folder: Where units lie; by default where systemd looks.

    Raises:
        ServiceWrong: The account is root, or a path cannot be written into a unit.
    """
    if user == "root":
        raise ServiceWrong("operations.service_as_root", where="--user")
    own = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "systemd" / "user"
    place = folder or (SYSTEM_FOLDER if user else own)
    try:
        text = unit_text(installed_of(configs, settings, user))
    except ValueError as error:
        raise ServiceWrong("operations.service_path", where=str(configs)) from error
    control = ("systemctl",) if user else ("systemctl", "--user")
    commands = ((*control, "daemon-reload"), (*control, "enable", "--now", NAME))
    return Plan("systemd", NAME, place / NAME, text, commands, user)


def plan_windows(configs: Path, settings: Settings, user: str) -> Plan:
    """Plan a scheduled task for a user's desktop session."""
    path = settings.var / "hakadori-task.xml"
    text = task_xml(installed_of(configs, settings), user)
    commands = (
        ("schtasks", "/Create", "/TN", TASK, "/XML", str(path), "/F"),
        ("schtasks", "/Run", "/TN", TASK),
    )
    return Plan("windows", TASK, path, text, commands, user)


def install(plan: Plan) -> bool:
    """Write the file and make it known where the system can be asked; returns whether it was started.

    Raises:
        ServiceWrong: The file cannot be written (the administrator's right is missing), or the system refused it.
    """
    try:
        plan.path.parent.mkdir(parents=True, exist_ok=True)
        plan.path.write_bytes(plan.content)
    except OSError as error:
        raise ServiceWrong("operations.service_not_written", where=str(plan.path), path=plan.path) from error
    if not can_ask(plan.kind):
        return False
    for command in plan.commands:
        _run(command)
    return True


def uninstall(plan: Plan) -> bool:
    """Stop the service and remove its file; returns whether there was one. The data stay.

    Raises:
        ServiceWrong: The administrator's right is missing.
    """
    if plan.kind == "windows":
        if can_ask("windows"):
            _run(("schtasks", "/Delete", "/TN", TASK, "/F"))
    elif plan.path.exists() and can_ask("systemd"):
        _run((*plan.commands[0][:-1], "disable", "--now", NAME))
    there = plan.path.exists()
    try:
        plan.path.unlink(missing_ok=True)
    except OSError as error:
        raise ServiceWrong("operations.service_not_written", where=str(plan.path), path=plan.path) from error
    if there and plan.kind == "systemd" and can_ask("systemd"):
        _run(plan.commands[0])
    return there


def can_ask(kind: str) -> bool:
    """Say whether this machine's own service manager can be asked."""
    if kind == "windows":
        return sys.platform == "win32"
    return BOOTED.is_dir() and shutil.which("systemctl") is not None


def _run(command: tuple[str, ...]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    if done.returncode:
        detail = (done.stderr or done.stdout).strip().partition("\n")[0]
        raise ServiceWrong(
            "operations.service_refused", where=command[0], command=" ".join(command), detail=detail
        )
