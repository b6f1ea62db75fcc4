"""Documents of the made-up office: pages composed as for the sample scans, readings with planted doubts."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np
from PIL import Image

from backoffice.document import Field, FileState, NewDocument
from console.wiring import Office
from ocr.cell_places import CROP_MARGIN_MM, around
from ocr.template_fields import BoxField
from samples.scans.compose.page import Hands, compose_page
from samples.scans.compose.records import compose_record
from samples.scans.compose.sheet import DPI
from samples.scans.compose.writer import invent_writer

SHOWN_DPI = 150
SIMILAR = str.maketrans("0123456789ハユタロミ子田太郎花見本", "6742513098ノコクコシ了由大朗芯貝木")
"""What a reader takes a character for; made up."""

Values = dict[str, str]


@dataclass(frozen=True)
class Paper:
    """One sheet that came in.

    Attributes:
        form: Name of its form.
        department: Whose it is.
        number: Makes it another one.
        doubts: Fields that a person must look at.
    """

    form: str
    department: str
    number: int
    doubts: tuple[str, ...]


def values_of(paper: Paper) -> Values:
    """Return what is written on a sheet."""
    return dict(compose_record(paper.form, np.random.default_rng([paper.number, 2026])))


def add_paper(office: Office, paper: Paper) -> int:
    """Enter a document that waits for a person, with its pictures; returns its number."""
    form = office.forms[paper.form]
    values = values_of(paper)
    name = f"{paper.form}-{paper.number:03d}.pdf"
    content = sha256(name.encode()).hexdigest()
    file = office.documents.claim_file(paper.department, name, content, 240_000, f"originals/{name}")
    folder = office.settings.folder("crops")
    pictures = [_draw(paper, values, page, folder) for page in range(1, len(form.pages) + 1)]
    fields = tuple(_fields(office, paper, values, pictures))
    rows = tuple(
        {
            "source_page": page,
            "form_page": page,
            "rotation": 0,
            "residual_mm": 0.2,
            "picture": _kept(office, folder / f"{paper.form}-{paper.number}-{page}.png"),
        }
        for page in range(1, len(pictures) + 1)
    )
    made = office.documents.add_document(
        NewDocument(file.id, 0, paper.department, form.form, form.version, rows, fields)
    )
    office.documents.finish_file(file.id, FileState.READ, pages=len(rows))
    return made


def _draw(paper: Paper, values: Mapping[str, str], page: int, folder: Path) -> Image.Image:
    """Compose a page, keep the picture that people see, and return it at the resolution of the crops."""
    hands = Hands(invent_writer(paper.number), invent_writer(paper.number + 500_000))
    pixels = compose_page(paper.form, page, values, hands, paper.number).pixels
    picture = Image.fromarray(np.round(np.clip(pixels, 0, 1) * 255).astype(np.uint8))
    scale = SHOWN_DPI / DPI
    small = picture.resize(
        (round(picture.width * scale), round(picture.height * scale)), Image.Resampling.BOX
    )
    small.save(folder / f"{paper.form}-{paper.number}-{page}.png")
    return picture


def _fields(office: Office, paper: Paper, values: Values, pictures: list[Image.Image]) -> Iterator[Field]:
    folder = office.settings.folder("crops")
    for position, (page, declared) in enumerate(office.forms[paper.form].fields()):
        x, y, width, height = around(declared.boxes())
        crop = folder / f"{paper.form}-{paper.number}-field-{position}.png"
        edges = (
            x - CROP_MARGIN_MM,
            y - CROP_MARGIN_MM,
            x + width + CROP_MARGIN_MM,
            y + height + CROP_MARGIN_MM,
        )
        left, top, right, bottom = (round(max(0.0, mm) / 25.4 * DPI) for mm in edges)
        pictures[page - 1].crop((left, top, right, bottom)).save(crop)
        right_value = values.get(declared.name, "")
        doubtful = declared.name in paper.doubts
        read = mistaken(right_value) if doubtful else right_value
        yield Field(
            name=declared.name,
            kind=declared.kind,
            page=page,
            value=read,
            read_value=read,
            probability=0.62 if doubtful else 0.9996,
            accepted=not doubtful,
            reason="",
            candidates=((read, 0.62), (right_value, 0.29)) if doubtful and read != right_value else (),
            crop=_kept(office, crop),
            box=(_shown(x), _shown(y), _shown(width), _shown(height)),
            personal=declared.personal,
            cells=tuple((cell, 0.6 if doubtful else 0.9999) for cell in range(len(read)))
            if isinstance(declared, BoxField) and declared.cell_count > 1
            else (),
        )


def _shown(mm: float) -> int:
    return round(mm / 25.4 * SHOWN_DPI)


def mistaken(value: str) -> str:
    """Return a value as a reader that is not sure may have read it: two characters are others, or one is unread."""
    other = value[:-2] + value[-2:].translate(SIMILAR)
    return other if other != value else value[:-1] + "●"


def _kept(office: Office, path: Path) -> str:
    return path.relative_to(office.settings.var).as_posix()
