"""Drafts of the form designer: one folder each, with the blank, the pictures of its pages and what was found on them.

A draft belongs to the person who began it. Nothing of it is used by anybody else until it is saved into
`configs/forms/`. Scans that were tried lie here too: they are personal, so a draft that nobody has touched for
KEPT_DAYS goes away as a whole.
"""

import json
import re
import secrets
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from backoffice.files import write_atomically

KEPT_DAYS = 7
_ID = re.compile(r"[0-9a-f]{16}")


@dataclass(frozen=True)
class Draft:
    """One piece of work in the designer.

    Attributes:
        id: 16 hex digits.
        owner: Who began it.
        form: Name of the form.
        version: Version that it makes.
        base: File name of the template in configs/forms that it began with, "" for a new form.
        revision: SHA-256 of that file's text, "" without one.
        blank: File name of the uploaded blank in the draft's folder, "" when the template has its own.
        blank_name: How the person called that file.
        begun_at: When, ISO 8601.
    """

    id: str
    owner: str
    form: str
    version: int
    base: str
    revision: str
    blank: str
    blank_name: str
    begun_at: str


class DraftFolder:
    """All drafts, in one working folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def begin(
        self,
        owner: str,
        now: datetime,
        *,
        form: str,
        version: int = 1,
        base: str = "",
        revision: str = "",
        blank: str = "",
        blank_name: str = "",
    ) -> Draft:
        """Make the folder of a new draft."""
        made = Draft(
            secrets.token_hex(8), owner, form, version, base, revision, blank, blank_name, now.isoformat()
        )
        self.place(made).mkdir(parents=True)
        self._keep(made)
        return made

    def find(self, draft_id: str, owner: str) -> Draft | None:
        """Return a person's draft; None when there is none of this number, or it is somebody else's."""
        if not _ID.fullmatch(draft_id):
            return None
        draft = self._read(self.folder / draft_id)
        return draft if draft is not None and draft.owner == owner else None

    def of(self, owner: str) -> list[Draft]:
        """Return a person's drafts, newest first."""
        own = [draft for draft in self._all() if draft.owner == owner]
        return sorted(own, key=lambda draft: draft.begun_at, reverse=True)

    def place(self, draft: Draft) -> Path:
        """Return the folder of a draft."""
        return self.folder / draft.id

    def rebase(self, draft: Draft, base: str, revision: str, version: int) -> Draft:
        """Note that the draft now stands on another state of its template."""
        changed = replace(draft, base=base, revision=revision, version=version)
        self._keep(changed)
        return changed

    def discard(self, draft: Draft) -> None:
        """Let a draft go with everything in it."""
        shutil.rmtree(self.place(draft), ignore_errors=True)

    def sweep(self, now: datetime) -> int:
        """Let the drafts go that nobody has touched for KEPT_DAYS; return how many."""
        latest = (now - timedelta(days=KEPT_DAYS)).timestamp()
        old = [draft for draft in self._all() if self._touched(draft) < latest]
        for draft in old:
            self.discard(draft)
        return len(old)

    def _touched(self, draft: Draft) -> float:
        return max(path.stat().st_mtime for path in [self.place(draft), *self.place(draft).iterdir()])

    def _all(self) -> Iterator[Draft]:
        for place in self.folder.iterdir() if self.folder.is_dir() else []:
            draft = self._read(place) if _ID.fullmatch(place.name) else None
            if draft is not None:
                yield draft

    def _read(self, place: Path) -> Draft | None:
        facts = read_json(place / "draft.json")
        return Draft(**facts) if facts else None

    def _keep(self, draft: Draft) -> None:
        write_json(self.place(draft) / "draft.json", asdict(draft))


def read_json(path: Path) -> dict[str, Any] | None:
    """Return the content of a JSON file; None when there is none."""
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return found


def write_json(path: Path, content: Any) -> None:
    """Write a JSON file as a whole."""
    write_atomically(path, json.dumps(content, ensure_ascii=False).encode())
