"""What a run left on this PC: evidence of its items, files that the target sent, and the lines of its log.

Only what the folder of the run itself holds can be asked for: a name is compared with the names that are there, so that
no address leads out of it. Links are never followed, and half-written files (their names begin with a dot) never shown.
"""

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

from backoffice.logs import mask
from backoffice.settings import Settings
from console.errors import ThingMissing
from robots.trail_reading import PartTrail, read_part, warnings_of

LOG_LINES = 200
WARNED_PARTS = 300
"""So many parts of a run are looked through for warnings, the first ones."""
MEDIA: Mapping[str, str] = MappingProxyType(
    {
        ".jpg": "image/jpeg",
        ".png": "image/png",
        ".txt": "text/plain; charset=utf-8",
        ".zip": "application/zip",
    }
)
"""What a browser may be told about a file; everything else is for saving alone."""
SHOWN = frozenset({".jpg", ".png", ".txt"})
"""Files that a browser may show in place."""
OF_NO_ITEM = frozenset({"run.json", "script.yaml"})
"""Files of a run that tell of no single item (`robots/trail.py`); where parts are hidden, no others are given out."""
_PACKED = frozenset({".jpg", ".png", ".zip", ".xlsx", ".pdf"})


class EvidenceMissing(ThingMissing):
    """The evidence of the run holds no such file."""


@dataclass(frozen=True)
class RunFiles:
    """The files of one run on this PC.

    Attributes:
        folder: Its evidence; it may not exist.
        log: What its process wrote; it may not exist.
        hidden: Names of parts that are not told, as if they were not kept.
    """

    folder: Path
    log: Path
    hidden: frozenset[str] = frozenset()

    @property
    def parts(self) -> list[str]:
        """Names of what is kept apart: items by their numbers, "setup", "teardown", "downloads" and the like."""
        return [one.name for one in _entries(self.folder) if one.is_dir() and one.name not in self.hidden]

    def part(self, name: str) -> PartTrail:
        """Return what is kept of one item, or of "setup" and the like.

        Raises:
            EvidenceMissing: Nothing of this name is kept.
        """
        if name not in self.parts:
            raise EvidenceMissing("work.file_missing", where=name[:100])
        return read_part(self.folder, name)

    def file(self, part: str, name: str) -> Path:
        """Return one file of a part.

        Raises:
            EvidenceMissing: The part holds no such file.
        """
        if part in self.parts:
            for one in _entries(self.folder / part):
                if one.name == name and one.is_file():
                    return one
        raise EvidenceMissing("work.file_missing", where=name[:100])

    def warnings(self) -> list[tuple[str, int]]:
        """Return what people should know of the run ("the label changed"), each once, and in how many parts."""
        found: dict[str, int] = {}
        for part in self.parts[:WARNED_PARTS]:
            for words in warnings_of(self.folder / part):
                found[words] = found.get(words, 0) + 1
        return list(found.items())

    def pack(self, target: Path) -> None:
        """Write everything into a zip archive, in a folder named after the run.

        Where parts are hidden, lists and pages that tell of every item stay out as well.
        """
        with ZipFile(target, "w") as packed:
            for path in self._files():
                inside = f"{self.folder.name}/{path.relative_to(self.folder).as_posix()}"
                kind = ZIP_STORED if path.suffix.lower() in _PACKED else ZIP_DEFLATED
                packed.write(path, inside, compress_type=kind)

    def log_lines(self) -> list[str]:
        """Return the last lines of the run's log, masked once more."""
        if not self.log.is_file():
            return []
        with self.log.open(encoding="utf-8", errors="replace") as lines:
            return [mask(line.rstrip("\n")) for line in deque(lines, LOG_LINES)]

    def _files(self) -> Iterator[Path]:
        for one in _entries(self.folder):
            if one.is_file():
                if not self.hidden or one.name in OF_NO_ITEM:
                    yield one
            elif one.name not in self.hidden:
                yield from (inner for inner in _entries(one) if inner.is_file())


def files_of(settings: Settings, run: str) -> RunFiles:
    """Return the files of a run.

    Args:
        settings: The working folders.
        run: The number of a run that stands in the book.
    """
    return RunFiles(settings.folder("evidence") / run, settings.folder("logs") / f"run-{run}.log")


def _entries(folder: Path) -> list[Path]:
    """Return what lies in a folder, by name: no links, nothing half-written; empty where there is no folder."""
    if not folder.is_dir() or folder.is_symlink():
        return []
    return sorted(
        (one for one in folder.iterdir() if not one.is_symlink() and not one.name.startswith(".")),
        key=lambda one: (not one.name.isdigit(), int(one.name) if one.name.isdigit() else 0, one.name),
    )
