"""The place that a backup is put back to: who works there now, what is there, and how it is put aside and back."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from backoffice.database import open_database, present_shape
from backoffice.settings import Settings
from backoffice.settings_engine import with_password
from backoffice.vault import Vault
from console.backup.living import held_locks, service_lives, worked_elsewhere
from console.errors import BackupWrong


@dataclass(frozen=True)
class Place:
    """Where a backup goes.

    Attributes:
        configs: Folder of the declarations; its parent is the installation's folder.
        var: A working folder in place of the one in the settings of the backup, or None.
    """

    configs: Path
    var: Path | None = None


class Present:
    """What is in the place now."""

    def __init__(self, configs: Path, settings: Settings) -> None:
        self._configs = configs
        self._settings = settings
        self._sqlite = sqlite_file(settings)

    def refuse_living(self) -> None:
        """Make sure that nobody is at work here.

        Raises:
            BackupWrong: A service or a run is.
        """
        locks = self._settings.var / "locks"
        busy = held_locks(locks, "service-*.lock") or held_locks(locks, "run-*.lock")
        if busy or (self._has_database() and self._beats(locks)):
            raise BackupWrong("operations.restore_living", where=str(self._settings.var))

    def refuse_full(self, force: bool) -> None:
        """Make sure that nothing is here, unless it may be put aside.

        Raises:
            BackupWrong: Something is.
        """
        for folder in (self._configs, self._settings.var):
            if not force and any(path.is_file() for path in folder.rglob("*")):
                raise BackupWrong("operations.restore_not_empty", where=str(folder))
        if not force and self._sqlite is None and self._has_database():
            raise BackupWrong("operations.restore_not_empty", where="database")

    def _has_database(self) -> bool:
        if self._sqlite is not None:
            return self._sqlite.is_file()
        engine = open_place(self._settings)
        try:
            return present_shape(engine) is not None
        finally:
            engine.dispose()

    def _beats(self, locks: Path) -> bool:
        engine = open_place(self._settings)
        try:
            return service_lives(engine, locks) or worked_elsewhere(engine)
        except sa.exc.DatabaseError:  # what is there is no database any more: that is why it is restored
            return False
        finally:
            engine.dispose()


class Aside:
    """Moves things out of the way and, when the rest fails, back again.

    Attributes:
        old_may_be_gone: The old database is being replaced: from now on its dump stays, even when that fails.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.old_may_be_gone = False
        self._moves: list[tuple[Path, Path]] = []

    @property
    def used(self) -> Path | None:
        """The folder, if anything is kept in it."""
        return self.folder if self.folder.exists() else None

    def replace(self, fresh: Path, path: Path) -> None:
        """Let `fresh` take the place of `path`, which goes aside."""
        if path.exists():
            self._move(path, self.folder / path.name if path.is_dir() else self.folder / "files" / path.name)
        if fresh.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            self._move(fresh, path)

    def _move(self, path: Path, to: Path) -> None:
        to.parent.mkdir(parents=True, exist_ok=True)
        while to.exists():
            to = to.with_name(f"{to.name}_")
        shutil.move(path, to)
        self._moves.append((path, to))

    @contextmanager
    def undone_on_failure(self) -> Iterator[None]:
        """Move everything back when the block fails."""
        try:
            yield
        except BaseException:
            for path, to in reversed(self._moves):
                shutil.move(to, path)
            if not self.old_may_be_gone:
                shutil.rmtree(self.folder, ignore_errors=True)
            raise


def sqlite_file(settings: Settings) -> Path | None:
    """Return the file of an SQLite database; None for PostgreSQL."""
    url = sa.make_url(settings.database_url)
    return Path(str(url.database)).resolve() if url.get_backend_name() == "sqlite" else None


def open_place(settings: Settings) -> sa.Engine:
    """Open the database of the settings with the password of the vault beside it."""
    vault = Vault(settings.var / "secrets.json")
    return open_database(with_password(settings.database_url, vault))
