"""The forms of the town as they lie in configs/forms: which versions there are, who needs them, and how one is saved.

A version that documents were read with is never changed again: their fields are shown and checked by it. A file is
only replaced when it still is what the design began with.
"""

import difflib
import hashlib
import os
import re
import shutil
import threading
from collections.abc import Iterator, Mapping, MutableMapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from backoffice.errors import DeclarationError
from backoffice.files import write_atomically
from backoffice.tables import documents
from backoffice.yaml_source import Source, read_yaml
from console.design.yaml_edit import edited
from console.errors import DesignRefused, TemplateChanged
from ocr.masters import load_lexicons, masters_folder
from ocr.template import Form, load_form, load_forms

BLANKS = "blanks"
"""Folder beside the templates for the blanks that were uploaded."""

_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")


@dataclass(frozen=True)
class Version:
    """One version of a form.

    Attributes:
        file: Name of its template in configs/forms.
        form: Name of the form; the file's stem when it cannot be read.
        title: Title as printed.
        version: Its number; 0 when it cannot be read.
        pages: Number of pages.
        fields: Number of fields.
        documents: Documents that were read with it.
        newest: No later version is there.
        problem: What is wrong with the file, "" when it can be read.
    """

    file: str
    form: str
    title: str
    version: int
    pages: int = 0
    fields: int = 0
    documents: int = 0
    newest: bool = True
    problem: str = ""


@dataclass(frozen=True)
class Writing:
    """A design as it would be saved.

    Attributes:
        file: Name of the template.
        version: Its version.
        text: The whole template.
        before: The text that it takes the place of; of a new version that of the one before; else "".
        new: The file is not there yet.
        blanks: Uploaded blanks: where they lie, and their names in BLANKS.
    """

    file: str
    version: int
    text: str
    before: str
    new: bool
    blanks: Mapping[Path, str]

    @property
    def digest(self) -> str:
        """Hash of the text, so that what is saved is what was shown."""
        return digest_of(self.text)

    def difference(self) -> list[str]:
        """Return the difference as unified diff, without its two heading lines."""
        lines = difflib.unified_diff(self.before.splitlines(), self.text.splitlines(), n=2, lineterm="")
        return list(lines)[2:]


def digest_of(text: str) -> str:
    """Return the revision of a template's text: its SHA-256, 64 hex digits."""
    return hashlib.sha256(text.encode()).hexdigest()


class Shelf:
    """The templates of a town.

    Args:
        folder: configs/forms.
        engine: The database, to know which versions documents need.
        live: Forms that the console works with; brought up to date when one is saved.
    """

    def __init__(self, folder: Path, engine: sa.Engine, live: MutableMapping[str, Form]) -> None:
        self.folder = folder
        self._engine = engine
        self._live = live
        self._lock = threading.Lock()

    def versions(self) -> list[Version]:
        """Return every version of every form, the newest of a form first."""
        counts = self._counts()
        found = [self._version(path, counts) for path in self._files()]
        found.sort(key=lambda one: (one.form, -one.version, one.file))
        newest: dict[str, int] = {}
        for one in found:
            newest.setdefault(one.form, one.version)
        return [Version(**{**vars(one), "newest": newest[one.form] == one.version}) for one in found]

    def lexicons(self) -> list[str]:
        """Return the names that `lexicon:` may have."""
        return sorted(load_lexicons(masters_folder(self.folder / "form.yaml")))

    def read(self, file: str) -> tuple[dict[str, Any], Source]:
        """Return the content of a template.

        Raises:
            DesignRefused: There is no such template, or it is no mapping.
            DeclarationError: It cannot be understood.
        """
        if file not in {path.name for path in self._files()}:
            raise DesignRefused("designer.form_missing", where=file, name=file)
        data, source = read_yaml(self.folder / file)
        if not _has_fields(data):
            raise DesignRefused("designer.not_editable", where=file, name=file)
        return data, source

    def next_version(self, form: str) -> int:
        """Return the number after the latest version of a form, 1 when there is none."""
        known = [one.version for one in self.versions() if one.form == form]
        needed = [version for name, version in self._counts() if name == form]
        return max([0, *known, *needed]) + 1

    def demand_name(self, form: str) -> None:
        """Make sure that a name can be the short name of a form.

        Raises:
            DesignRefused: It cannot.
        """
        if not _NAME.fullmatch(form):
            raise DesignRefused("designer.name_wrong", where=form[:60], name=form[:60])

    def is_needed(self, form: str, version: int) -> int:
        """Return how many documents were read with a version."""
        return self._counts().get((form, version), 0)

    def compose(
        self, design: Mapping[str, Any], origin: tuple[Any, Source], *, base: str, home: Path, as_new: bool
    ) -> Writing:
        """Return a design as it would be saved; nothing is written.

        Args:
            design: The template's content; entries of lists carry their place in the text that it came from.
            origin: Content and text that it came from.
            base: Template that it changes, "" for a new form.
            home: The draft's folder, in which uploaded blanks lie.
            as_new: Make the next version, beside the old one.

        Raises:
            DesignRefused: The name is none, is taken, or documents need this version.
            TemplateNotEditable: The old text cannot be changed piece by piece.
        """
        form = str(design.get("form", ""))
        self.demand_name(form)
        data, source = origin
        change = bool(base) and not as_new
        version = self.next_version(form) if as_new else int(design.get("version") or 1)
        needed = self.is_needed(form, version)
        if change and needed:
            raise DesignRefused("designer.version_needed", where=base, version=version, count=needed)
        file = base if change else _file_for(form, version)
        if not change and (self.folder / file).exists():
            raise DesignRefused("designer.file_taken", where=file, name=file)
        blanks = self._blanks_for(design, home, form, version)
        text = edited(source, data, {**_with_blanks(design, home, blanks), "version": version})
        return Writing(file, version, text, source.text if base else "", not change, blanks)

    def save(self, writing: Writing, revision: str) -> str:
        """Write a design and return its revision.

        Args:
            writing: What `compose` returned and the person saw.
            revision: Of the file that it takes the place of; "" for a new file.

        Raises:
            TemplateChanged: The file is another one by now, or is there though it should not be.
            DeclarationError: The template has errors; nothing was written.
        """
        with self._lock:
            target = self.folder / writing.file
            if self._revision(target) != ("" if writing.new else revision):
                raise TemplateChanged("designer.template_changed", where=writing.file, name=writing.file)
            made = self._copy_blanks(writing)
            try:
                self._prove(writing)
                write_atomically(target, writing.text.encode())
            except (DeclarationError, OSError):
                for path in made:
                    path.unlink(missing_ok=True)
                raise
        self.refresh()
        return writing.digest

    def refresh(self) -> None:
        """Bring the forms up to date that the console works with; a broken file of somebody else changes nothing."""
        try:
            fresh = load_forms(self.folder)
        except DeclarationError:
            return
        self._live.update(fresh)
        for name in [name for name in self._live if name not in fresh]:
            del self._live[name]

    def revision(self, file: str) -> str:
        """Return the revision of a template as it lies there now, "" when there is none."""
        return self._revision(self.folder / file)

    def _revision(self, path: Path) -> str:
        return digest_of(path.read_bytes().decode("utf-8-sig")) if path.is_file() else ""

    def _files(self) -> Iterator[Path]:
        if self.folder.is_dir():
            yield from sorted(path for path in self.folder.glob("*.y*ml") if path.is_file())

    def _version(self, path: Path, counts: Mapping[tuple[str, int], int]) -> Version:
        try:
            data, _ = read_yaml(path)
        except DeclarationError as error:
            return Version(path.name, path.stem, path.stem, 0, problem=error.parts().what)
        data = data if isinstance(data, dict) else {}
        form, version = str(data.get("form", path.stem)), data.get("version", 1)
        version = version if isinstance(version, int) else 0
        pages = [page for page in _listed(data.get("pages")) if isinstance(page, dict)]
        fields = sum(len(_listed(page.get("fields"))) for page in pages)
        title = str(data.get("title", form))
        return Version(path.name, form, title, version, len(pages), fields, counts.get((form, version), 0))

    def _counts(self) -> dict[tuple[str, int], int]:
        form, version = documents.c.form, documents.c.form_version
        query = sa.select(form, version, sa.func.count()).group_by(form, version)
        with self._engine.connect().execution_options(read_only=True) as connection:
            return {(name, number): count for name, number, count in connection.execute(query)}

    def _blanks_for(self, design: Mapping[str, Any], home: Path, form: str, version: int) -> dict[Path, str]:
        """Return the uploaded blanks that a design uses, each with a name of its own in BLANKS."""
        used = {str(page.get("blank", "")) for page in design.get("pages") or [] if isinstance(page, Mapping)}
        found = {}
        for number, name in enumerate(sorted(name for name in used if _lies_in(home, name)), start=1):
            ending = Path(name).suffix
            stem = f"{form}_v{version}" + (f"_{number}" if number > 1 else "")
            taken = [path.stem for path in (self.folder / BLANKS).glob("*")] if self.folder.is_dir() else []
            free, at = stem, 1
            while free in taken:
                at += 1
                free = f"{stem}-{at}"
            found[home / name] = f"{free}{ending}"
        return found

    def _copy_blanks(self, writing: Writing) -> list[Path]:
        made = []
        for path, name in writing.blanks.items():
            target = self.folder / BLANKS / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
            made.append(target)
        return made

    def _prove(self, writing: Writing) -> None:
        """Load the text as it will be loaded, from a file that no reader of the folder looks at."""
        draft = self.folder / f".{writing.file}.{os.getpid()}.new"
        try:
            draft.write_text(writing.text, encoding="utf-8", newline="")
            load_form(draft)
        finally:
            draft.unlink(missing_ok=True)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _has_fields(data: Any) -> bool:
    """Say whether data have the outer shape of a template: pages with lists of fields that are mappings."""
    pages = data.get("pages") if isinstance(data, dict) else None
    if not isinstance(pages, list) or not all(isinstance(page, dict) for page in pages):
        return False
    lists = [page.get("fields") or [] for page in pages]
    return all(isinstance(one, list) and all(isinstance(field, dict) for field in one) for one in lists)


def _file_for(form: str, version: int) -> str:
    return f"{form}.yaml" if version == 1 else f"{form}_v{version}.yaml"


def _lies_in(home: Path, name: str) -> bool:
    return bool(name) and Path(name).name == name and (home / name).is_file()


def _with_blanks(design: Mapping[str, Any], home: Path, names: Mapping[Path, str]) -> dict[str, Any]:
    pages = [
        {**page, "blank": f"{BLANKS}/{names[home / str(page['blank'])]}"}
        if home / str(page.get("blank", "")) in names
        else page
        for page in design["pages"]
    ]
    return {**design, "pages": pages}
