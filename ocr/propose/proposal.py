"""Propose a template for a blank form: look at every page, name what was found, write it down.

What comes out is a beginning: boxes are found to a tenth of a millimetre where lines are printed, kinds are guessed
from labels, and every guess that rests on little says so. A person corrects it and runs `hakadori form check`.
"""

import os
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from backoffice.declarations import load
from ocr.errors import NothingToFill
from ocr.intake import Limits, read_pages
from ocr.propose.fields import find_fields
from ocr.propose.finding import Found
from ocr.propose.paper import DPI, Paper, lay_out
from ocr.propose.parts import Parts, find_parts
from ocr.propose.prints import plain
from ocr.propose.template_text import ProposedPage, field_name, name_fields, template_yaml
from ocr.template import Form
from ocr.textpage.lines import LineFinder


@dataclass(frozen=True)
class Proposal:
    """A proposed template.

    Attributes:
        path: The template.
        form: Its name.
        title: The title as printed, or the name when none was read.
        pages: Number of pages.
        fields: Number of fields.
        unsure: Number of fields with something to look at.
        office: Labels of places left out because the office fills them in.
        straightened: Pictures of pages that stood crooked and were written anew.
    """

    path: Path
    form: str
    title: str
    pages: int
    fields: int
    unsure: int
    office: tuple[str, ...]
    straightened: tuple[Path, ...]


@dataclass(frozen=True)
class SeenPage:
    """A page that was looked at: what is printed on it, and which fields that makes."""

    parts: Parts
    fields: tuple[Found, ...]
    office: tuple[str, ...]


def see_page(paper: Paper, finder: LineFinder) -> SeenPage:
    """Look at one page of a blank."""
    parts = find_parts(paper, finder)
    fields, office = find_fields(parts)
    names = dict.fromkeys(field_name(label) for label in office)
    return SeenPage(parts, tuple(fields), tuple(name for name in names if name))


def propose_form(
    blank: Path,
    out: Path,
    *,
    name: str,
    finder: LineFinder,
    limits: Limits | None = None,
    progress: Callable[[int], None] = lambda page: None,
) -> Proposal:
    """Write a template for a blank form.

    Args:
        blank: The blank: PDF or picture, one or several pages.
        out: The template to write; an older one is replaced.
        name: Name of the form.
        finder: Finds and reads printed words.
        limits: What is too large to take in.
        progress: Told the number of each page when it is begun.

    Raises:
        FileRefused: The blank cannot be read.
        NothingToFill: It shows no place to write.
    """
    seen = []
    for source in read_pages(blank, limits):
        progress(source.number)
        seen.append(see_page(lay_out(source), finder))
    if not any(page.fields for page in seen):
        raise NothingToFill("ocr.propose_nothing", where=blank.name, name=blank.name)
    title = find_title(seen[0].parts) or name
    named = name_fields([page.fields for page in seen])
    straightened = [_straightened(page.parts.paper, out, name) for page in seen]
    pages = [
        ProposedPage(
            _relative(picture or blank, out),
            1 if picture else page.parts.paper.number,
            page.parts.paper.size_mm,
            page.parts.corner_marks,
            tuple(fields),
            page.office,
        )
        for page, fields, picture in zip(seen, named, straightened, strict=True)
    ]
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(template_yaml(name, title, pages), encoding="utf-8")
    load(out, Form)
    found = [field for page in seen for field in page.fields]
    return Proposal(
        out,
        name,
        title,
        len(pages),
        len(found),
        sum(bool(field.unsure) for field in found),
        tuple(label for page in seen for label in page.office),
        tuple(path for path in straightened if path),
    )


def find_title(parts: Parts) -> str:
    """Return the largest line in the upper quarter of a page."""
    top = [p for p in parts.prints if p.rect.bottom < 0.25 * parts.paper.size_mm[1] and not p.vertical]
    largest = max((p.rect.height for p in top), default=0.0)
    found = [p for p in top if p.rect.height > 0.92 * largest and len(plain(p.text)) > 2]
    return plain(min(found, key=lambda p: p.rect.top).text) if found else ""


def form_name(path: Path) -> str:
    """Return a file's name as the name of a form: small Latin letters, digits and _; "form" when none are left."""
    stem = unicodedata.normalize("NFKC", path.stem).lower()
    name = re.sub(r"[^a-z0-9]+", "_", stem).strip("_")
    return name if name[:1].isalpha() else "form" + (f"_{name}" if name else "")


def _straightened(paper: Paper, out: Path, name: str) -> Path | None:
    """Write the page anew when it stood crooked: boxes are upright, so the blank must be too."""
    if paper.turned == 0.0:
        return None
    path = out.with_name(f"{name}_{paper.number}.png")
    out.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(paper.gray).save(path, dpi=(DPI, DPI), optimize=True)
    return path


def _relative(blank: Path, out: Path) -> str:
    """Return the blank as seen from the template; whole where they lie on different drives."""
    try:
        return Path(os.path.relpath(blank.resolve(), out.resolve().parent)).as_posix()
    except ValueError:
        return blank.resolve().as_posix()
