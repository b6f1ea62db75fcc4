"""All checks, one after the other; one that breaks is a finding itself and never hides the others."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from loguru import logger
from sqlalchemy.exc import DBAPIError

from backoffice.errors import HakadoriError
from backoffice.logs import without_words
from console.doctor import clocks, declared, leftovers, machine, storage
from console.doctor.finding import Finding, fine, refused, wrong
from console.wiring import Office, open_office

MachineCheck = Callable[[], Iterable[Finding]]
OfficeCheck = Callable[[Office], Iterable[Finding]]

OF_THE_MACHINE: Sequence[tuple[str, MachineCheck]] = (
    ("packages", machine.packages),
    ("fonts", machine.fonts),
)
OF_THE_OFFICE: Sequence[tuple[str, OfficeCheck]] = (
    ("database", storage.database),
    ("folders", storage.folders),
    ("disk", storage.disk),
    ("keys", storage.keys),
    ("clock", clocks.clock),
    ("browser", machine.browser),
    ("screen", machine.screen),
    ("weights", declared.weights),
    ("forms", declared.forms),
    ("masters", declared.masters),
    ("robots", declared.robots),
    ("jobs", declared.jobs),
    ("workload", declared.workload),
    ("secrets", declared.secrets),
    ("keeping", leftovers.keeping),
    ("backup", leftovers.backup),
    ("audit", leftovers.audit),
    ("spool", leftovers.spool),
    ("runs", leftovers.runs),
    ("notices", leftovers.notices),
    ("waiting", leftovers.waiting),
    ("faults", leftovers.faults),
)


def examine(configs: Path, var: Path | None) -> list[Finding]:
    """Look at the machine, then at the installation; without settings only the machine can be looked at.

    Args:
        configs: Folder of the declarations.
        var: A working folder in place of the one in the settings, or None.
    """
    found = [finding for name, check in OF_THE_MACHINE for finding in looked(name, check)]
    try:
        office = open_office(configs, var=var)
    except HakadoriError as error:
        return [*found, refused("settings", error)]
    except DBAPIError as error:
        detail = str(error.orig).partition("\n")[0][:160]
        return [*found, wrong("database", "database_unreachable", detail=detail)]
    except Exception as error:
        return [*found, _broke("database", error)]
    found.append(fine("settings", str(office.settings.source.path)))
    return found + list(examine_office(office))


def examine_office(office: Office) -> Iterator[Finding]:
    """Look at an installation that could be opened."""
    for name, check in OF_THE_OFFICE:
        yield from looked(name, lambda check=check: check(office))  # type: ignore[misc]


def looked(name: str, check: MachineCheck) -> list[Finding]:
    """Carry out one check, whatever becomes of it."""
    found: list[Finding] = []
    try:
        for finding in check():
            found.append(finding)
    except HakadoriError as error:
        found.append(refused(name, error))
    except Exception as error:
        found.append(_broke(name, error))
    return found


def _broke(name: str, error: Exception) -> Finding:
    """Tell that a check broke; its message may quote anything, so only its kind is told, the place is logged."""
    logger.error("doctor's check {} broke: {}", name, without_words(error))
    return wrong(name, "check_broke", kind=type(error).__name__)
