"""The pages that a recording went through, kept so that the recorded robot can be tried without the target system.

    configs/robots/pages/<robot>/index.json      which file answers which request, and what leads on where
                                 01-login.html   the page as it was built, without scripts

Nothing personal is in them: the page empties its inputs and the plain cells of its tables before it hands itself over
(recorder.js), and everything that was typed in the whole recording is taken out here.
"""

import json
import re
from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from backoffice.files import replacing, safe_name
from robots.hiding import HIDDEN

INDEX = "index.json"
_TAG = re.compile(r"(<[^>]*>)")
_SHORTEST = 2
"""A single character is nobody's name, and taking it out would spoil every word of the page that has it."""
_SHORTEST_DIGITS = 4
"""The same for numbers, and for anything inside a tag, where 01 or td belong to the page."""


@dataclass(frozen=True)
class Asked:
    """A request for a page.

    Attributes:
        method: GET or POST.
        path: Path of its address, without what follows a question mark.
    """

    method: str
    path: str


@dataclass(frozen=True)
class Index:
    """What answers what.

    Attributes:
        files: Request → name of the file with its page.
        leads: Request → path that the target sent the browser on to.
    """

    files: dict[Asked, str] = field(default_factory=dict)
    leads: dict[Asked, str] = field(default_factory=dict)


class VisitedPages:
    """Collects pages while a person is being recorded; in memory until `write`."""

    def __init__(self) -> None:
        self._pages: dict[Asked, str] = {}
        self._leads: dict[Asked, str] = {}

    def add(self, method: str, url: str, came_from: tuple[str, str] | None, html: str) -> None:
        """Keep a page; of one that came twice the later.

        Args:
            method: How it was asked for in the end.
            url: Its address.
            came_from: Method and address that were asked first, when the target led on from there.
            html: What it holds.
        """
        page = Asked(method, urlsplit(url).path or "/")
        self._pages[page] = html
        if came_from is not None:
            self._leads[Asked(came_from[0], urlsplit(came_from[1]).path or "/")] = page.path

    def write(self, folder: Path, typed: Collection[str]) -> int:
        """Write the pages with their index and return how many there are; pages of an earlier recording go.

        Args:
            folder: Where; made when it is missing.
            typed: Everything typed in the recording; none of it is written.

        Raises:
            OSError: They cannot be written.
        """
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob("[0-9][0-9]-*.html"):
            old.unlink()
        files: dict[Asked, str] = {}
        for number, (asked, html) in enumerate(self._pages.items(), start=1):
            stem = safe_name(asked.path.strip("/").replace("/", "-") or "top")
            files[asked] = f"{number:02d}-{stem}.html"
            (folder / files[asked]).write_text(without_typed(html, typed), encoding="utf-8")
        told = {
            "pages": [{**asdict(asked), "file": name} for asked, name in files.items()],
            "leads": [{**asdict(asked), "to": to} for asked, to in self._leads.items()],
        }
        with replacing(folder / INDEX) as draft:
            draft.write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        return len(files)


def read_index(folder: Path) -> Index | None:
    """Return the index of a folder of recorded pages; None for a folder that a person put together.

    Raises:
        ValueError: The index is no index.
    """
    file = folder / INDEX
    if not file.is_file():
        return None
    try:
        told: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        files = {Asked(one["method"], one["path"]): str(one["file"]) for one in told["pages"]}
        return Index(files, {Asked(one["method"], one["path"]): str(one["to"]) for one in told["leads"]})
    except (KeyError, TypeError) as error:
        raise ValueError(str(error)) from error


def without_typed(html: str, typed: Collection[str]) -> str:
    """Return a page with everything typed taken out of its words and, where it is long enough, of its tags."""
    return "".join(_parts(html, sorted(typed, key=len, reverse=True)))


def _parts(html: str, typed: list[str]) -> Iterator[str]:
    for part in _TAG.split(html):
        in_tag = part.startswith("<")
        for value in typed:
            least = _SHORTEST_DIGITS if in_tag or value.isdigit() else _SHORTEST
            if len(value) >= least:
                part = part.replace(value, HIDDEN)
        yield part
