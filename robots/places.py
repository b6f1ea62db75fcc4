"""Where a robot may read and write files: the folders that the settings name, the outbox, and its own downloads.

A robot writes `${folder.zeimu}/名簿.xlsx` or `outbox/一覧.csv`. Whatever a record's values put into a path, it never
leads out of these folders; the database, the secrets and the rest of the machine stay out of reach.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from robots.errors import PlaceRefused


@dataclass(frozen=True)
class Places:
    """The folders of one run.

    Attributes:
        home: Relative names count from here (the working folder).
        open_to_robots: Folders inside it that a robot may use: the outbox and the run's downloads.
        folders: Name → folder, from the settings.
        locks: Folder of the locks by which robots wait for each other.
    """

    home: Path
    open_to_robots: tuple[Path, ...]
    folders: Mapping[str, Path] = field(default_factory=lambda: MappingProxyType({}))
    locks: Path | None = None

    def resolve(self, written: str) -> Path:
        """Return the file or folder that a robot's text names.

        Raises:
            PlaceRefused: It lies outside of every folder that robots may use, or leads there by a link.
        """
        if "\x00" in written or not written.strip():
            raise PlaceRefused("robots.place_refused", where=written.strip(), folders=self._told())
        path = (self.home / written).resolve()
        allowed = [*self.open_to_robots, *self.folders.values()]
        if not any(path.is_relative_to(folder.resolve()) for folder in allowed):
            raise PlaceRefused("robots.place_refused", where=Path(written).name, folders=self._told())
        return path

    def lock_folder(self) -> Path:
        """Return the folder of the locks."""
        return self.locks or self.home / "locks"

    def _told(self) -> str:
        names = [f"${{folder.{name}}}" for name in self.folders]
        return ", ".join([*names, *(folder.name for folder in self.open_to_robots)])
