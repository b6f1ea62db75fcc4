"""From where and how much: the file that a robot's items come from, and the keys that a run may touch."""

from collections.abc import Collection, Mapping
from datetime import date
from pathlib import Path

from backoffice.ledger import Ledger
from backoffice.settings import Settings
from backoffice.work_items import State
from robots.items import Items
from robots.office import Office
from robots.places import Places
from robots.values import Scope


def source_file(office: Office) -> Path | None:
    """Return the file that the items of a run come from; None when they come from the ledger.

    Raises:
        PlaceRefused: It lies outside of the folders that robots may use.
        ValueUnfit: A place in its name has no value.
    """
    return file_of(office.robot.items, office.settings, office.today, office.run_id, office.parameters)


def file_of(
    items: Items,
    settings: Settings,
    today: date,
    run_id: str = "",
    parameters: Mapping[str, str] | None = None,
) -> Path | None:
    """Return the file that items come from, whether or not it is there; None when they come from the ledger.

    Args:
        items: The robot's items.
        settings: For the folders that robots may use.
        today: For file names with a date.
        run_id: For file names with the run.
        parameters: For file names with a parameter of the job.

    Raises:
        PlaceRefused: It lies outside of the folders that robots may use.
        ValueUnfit: A place in its name has no value.
    """
    if not items.is_table or items.file is None:
        return None
    folders = {name: str(folder) for name, folder in settings.folders.items()}
    scope = Scope(None, settings.targets, today, run_id, folders=folders, parameters=parameters or {})
    downloads = settings.folder("evidence") / run_id / "downloads"
    places = Places(settings.var, (settings.folder("outbox"), downloads), settings.folders)
    return places.resolve(items.file.fill(scope))


def first_waiting(
    ledger: Ledger, process: str, keys: Collection[str] | None, limit: int | None
) -> Collection[str] | None:
    """Return the keys that a run may touch: those told, at most so many, in the order of their entry; None for all."""
    if limit is None:
        return keys
    waiting = [item.key for item in ledger.items(process, [State.NEW, State.RETRY])]
    return [key for key in waiting if keys is None or key in keys][:limit]
