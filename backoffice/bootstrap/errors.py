"""What can go wrong while the machine is prepared, and how a failed command is read.

PreparationFailed   10  a command failed; carries the end of what it printed
├── NetworkMissing      nothing could be fetched, later it may be
└── InstallerBusy       another program is installing system packages
PackagesMissing      5  only the administrator can install what is missing
WrongStart           2  the command line or the checkout is wrong
"""

import re
from collections.abc import Sequence

from backoffice.errors import HakadoriError, PermissionRefused, UserError

TAIL_LINES = 25


class PreparationFailed(HakadoriError):
    """A command that prepares the machine failed.

    Args:
        key: Catalogue key of an error entry.
        where: The file or folder that it is about; may be empty.
        tail: The last lines that the command printed; shown below the explanation.
        **values: Values for the placeholders of the entry.
    """

    def __init__(self, key: str, *, where: str = "", tail: Sequence[str] = (), **values: object) -> None:
        super().__init__(key, where=where, **values)
        self.tail = tuple(tail[-TAIL_LINES:])

    def explain(self, language: str | None = None) -> str:
        """Return the end of the command's output, then the error as a person reads it."""
        printed = "".join(f"    | {line}\n" for line in self.tail)
        return printed + super().explain(language)


class NetworkMissing(PreparationFailed):
    """Nothing could be fetched from the network."""


class InstallerBusy(PreparationFailed):
    """Another program holds the lock of the system's package installer."""


class PackagesMissing(PermissionRefused):
    """System packages are missing and only the administrator can install them."""


class WrongStart(UserError):
    """The command line or the checkout is wrong."""


_SIGNS: tuple[tuple[str, type[PreparationFailed], str], ...] = (
    (r"Could not get lock|is another process using it", InstallerBusy, "start.installer_busy"),
    (r"No space left on device|WinError 112", PreparationFailed, "start.disk_full"),
    (
        r"NewConnectionError|name resolution|getaddrinfo failed|Connection refused|Connection reset|"
        r"ReadTimeout|ConnectTimeout|ProxyError|Network is unreachable|IncompleteRead|"
        r"Temporary failure resolving|Could not connect to|Read timed out",
        NetworkMissing,
        "start.no_network",
    ),
    (r"Permission denied|PermissionError|WinError 5\b", PreparationFailed, "start.no_permission"),
)


def read_failure(command: str, code: int, printed: Sequence[str], log: str) -> PreparationFailed:
    """Turn a failed command into the error that tells its likely cause.

    Args:
        command: The command as a person would type it.
        code: Its exit status.
        printed: All lines that it printed.
        log: Where the full output lies.
    """
    for pattern, kind, key in _SIGNS:
        if any(re.search(pattern, line) for line in printed):
            return kind(key, tail=printed, command=command, code=code, log=log)
    return PreparationFailed("start.command_failed", tail=printed, command=command, code=code, log=log)
