"""The systemd unit of the service on Linux: starts at boot under its own user, hardened, ends between two items.

systemd reads paths by rules of its own (systemd.unit(5), systemd.service(5), systemd.exec(5)): words are split at
blanks unless they stand in double quotes, `%` begins a specifier and is doubled, in commands `$` begins a variable and
is doubled too; WorkingDirectory= takes the rest of its line as it is. Letters of any script stand for themselves.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

NAME = "hakadori.service"
SYSTEM_FOLDER = Path("/etc/systemd/system")
STOP_SECONDS = 180
"""Time to end: a run has 60 seconds for the item in hand, its browser and the pages some more."""
RESTART_SECONDS = 10
NEVER_AGAIN = "2 5"
"""Exit codes that a restart would only repeat: a wrong file or setting, a missing permission (DESIGN section 9)."""


@dataclass(frozen=True)
class Installed:
    """What a service is to run.

    Attributes:
        python: The interpreter of the environment that Hakadori is installed in.
        program: Folder of the program's checkout.
        configs: Folder of the declarations.
        var: The working folder.
        writable: Further folders that robots and backups write into.
        user: The account it runs under; empty for a unit of one's own user.
    """

    python: Path
    program: Path
    configs: Path
    var: Path
    writable: tuple[Path, ...] = ()
    user: str = ""

    @property
    def arguments(self) -> tuple[str, ...]:
        """What follows the interpreter."""
        return ("-m", "console", "--configs", str(self.configs), "--var", str(self.var), "serve")


def unit_text(installed: Installed) -> str:
    """Return the unit file.

    Raises:
        ValueError: A path holds a line break, which no unit file can say.
    """
    writable = [installed.var, *installed.writable]
    for path in (installed.python, installed.program, installed.configs, *writable):
        if any(ord(letter) < 32 for letter in str(path)):
            raise ValueError("a path holds a control character")
    command = " ".join(quoted(word, command=True) for word in (str(installed.python), *installed.arguments))
    lines = [
        "[Unit]",
        "Description=Hakadori (schedule, watched folders, pages)",
        "Documentation=man:systemd.service(5)",
        "Wants=network-online.target",
        "After=network-online.target postgresql.service",
        "# Not for shares and the backup: one that is away must not keep the service from starting.",
        f"RequiresMountsFor={_words([installed.var, installed.configs])}",
        "",
        "[Service]",
        "Type=exec",
        *([f"User={installed.user}"] if installed.user else []),
        f"WorkingDirectory={_literal(installed.program)}",
        f"ExecStart={command}",
        "Restart=on-failure",
        f"RestartSec={RESTART_SECONDS}",
        f"RestartPreventExitStatus={NEVER_AGAIN}",
        "# The service asks its runs to stop after the item in hand; only what hangs is killed.",
        "KillMode=mixed",
        f"TimeoutStopSec={STOP_SECONDS}",
        "# No keyring in a service: secrets come from the encrypted file in the working folder.",
        'Environment="PYTHONUTF8=1" "PYTHON_KEYRING_BACKEND=keyring.backends.fail.Keyring"',
        f"Environment={quoted(f'HOME={installed.var}')}",
        "UMask=0027",
        *_hardening(bool(installed.user)),
        f"ReadWritePaths={_words([installed.var])} {_words(installed.writable, sign='-')}".rstrip(),
        "",
        "[Install]",
        f"WantedBy={'multi-user.target' if installed.user else 'default.target'}",
        "",
    ]
    return "\n".join(lines)


def quoted(word: str, *, command: bool = False) -> str:
    """Return one word of a unit file in double quotes.

    Args:
        word: A path or argument.
        command: It stands in a command, where `$` begins a variable.
    """
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{escaped.replace("$", "$$") if command else escaped}"'


def _words(paths: Iterable[Path], sign: str = "") -> str:
    """Return paths as quoted words; the sign `-` says that a path may be missing."""
    return " ".join(quoted(f"{sign}{path}") for path in paths)


def _literal(path: Path) -> str:
    """Return a path for a setting that takes the rest of its line as it is."""
    return str(path).replace("%", "%%")


def _hardening(of_system: bool) -> list[str]:
    """Return what keeps a service that is taken over from harming the PC.

    A browser needs user name spaces for its own sandbox and writable, executable memory, so RestrictNamespaces and
    MemoryDenyWriteExecute are not among them.
    """
    everywhere = [
        "NoNewPrivileges=yes",
        "LockPersonality=yes",
        "RestrictRealtime=yes",
        "RestrictSUIDSGID=yes",
    ]
    if not of_system:
        return everywhere
    return [
        *everywhere,
        "ProtectSystem=strict",
        "ProtectHome=read-only",
        "PrivateTmp=yes",
        "ProtectKernelTunables=yes",
        "ProtectKernelModules=yes",
        "ProtectKernelLogs=yes",
        "ProtectControlGroups=yes",
        "ProtectClock=yes",
        "CapabilityBoundingSet=",
    ]
