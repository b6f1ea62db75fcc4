"""Keep the pictures of a reading beside the database, and the original file where it belongs.

Crops and upright pages lie under `crops/<file>/<document>/`; originals under `originals/<department>/`; files that
could not be read under `failed/<department>/`, those about which somebody must decide under `quarantine/<department>/`,
each with a reason file that its department understands.
"""

import glob
from collections.abc import Callable, Sequence
from itertools import chain, count
from pathlib import Path

import cv2
import numpy as np

from backoffice.clock import local_time
from backoffice.document import Field, NewDocument, ReceivedFile
from backoffice.files import move_file, safe_name, sha256_of, write_atomically
from backoffice.messages import text
from backoffice.retention import REASON_ENDING
from backoffice.settings import Settings
from ocr.claims import drop_claim
from ocr.reading import DocumentReading, FieldReading, Gray, PageRefusal


def store_pictures(
    settings: Settings, file: ReceivedFile, position: int, reading: DocumentReading, form_version: int
) -> NewDocument:
    """Write the crops and upright pages of a document and return the document for the database.

    Args:
        settings: Where the folders are.
        file: The file it came from.
        position: Which document of the file, from 0.
        reading: The document.
        form_version: Version of its form.
    """
    folder = settings.folder("crops") / str(file.id) / str(position)
    pages = []
    for page in reading.pages:
        picture = folder / f"page-{page.form_page}.jpg"
        write_atomically(picture, page.picture)
        pages.append(page.as_json() | {"picture": _relative(settings, picture), "dpi": page.dpi})
    fields = [
        _keep_field(settings, folder / f"field-{number}.png", field)
        for number, field in enumerate(reading.fields)
    ]
    return NewDocument(
        file_id=file.id,
        position=position,
        department=file.department,
        form=reading.form,
        form_version=form_version,
        pages=tuple(pages),
        fields=tuple(fields),
        reason="" if reading.complete else "inbox.page_missing",
    )


def keep_original(settings: Settings, file: ReceivedFile, path: Path, lines: Sequence[str] = ()) -> str:
    """Move a file that was read to `originals/`; returns its place relative to the working folder.

    Args:
        settings: Where the folders are.
        file: The file.
        path: Where it lies now.
        lines: What is wrong with some of its pages; a reason file in `failed/` tells it.
    """
    if lines:
        received = text("inbox.reason_received", at=local_time(file.received_at, settings.timezone))
        place = _free_place(settings.folder("failed"), file)
        write_reason(place, text("inbox.reason_title_partly"), file.name, [received, "", *lines])
    return _move(settings, path, _free_place(settings.folder("originals"), file))


def keep_aside(
    settings: Settings, file: ReceivedFile, path: Path, lines: Sequence[str], folder: str = "failed"
) -> str:
    """Move a file to `failed/` or `quarantine/` with a reason file beside it; returns its place.

    The reason is written first: a reader killed in between leaves no file that nobody can explain.

    Args:
        settings: Where the folders are.
        file: The file.
        path: Where it lies now.
        lines: What is wrong and what to do, for its department.
        folder: "failed" for what can be sent again, "quarantine" for what somebody must decide about.
    """
    place = _free_place(settings.folder(folder), file)
    title = text("inbox.reason_title" if folder == "failed" else "inbox.reason_title_quarantine")
    received = text("inbox.reason_received", at=local_time(file.received_at, settings.timezone))
    write_reason(place, title, file.name, [received, "", *lines])
    return _move(settings, path, place)


def tell_stuck(settings: Settings, department: str, name: str, folder: str, lines: Sequence[str]) -> None:
    """Write a reason file about a file that stays in the inbox because it cannot or must not be taken.

    Args:
        settings: Where the folders are.
        department: Whose inbox.
        name: Its name there.
        folder: "failed" or "quarantine".
        lines: What is wrong and what to do.
    """
    place = settings.folder(folder) / department / safe_name(Path(name).name)
    write_reason(place, text("inbox.reason_title_stuck"), name, ["", *lines])


def write_reason(place: Path, title: str, name: str, lines: Sequence[str]) -> None:
    """Write the reason file `<place>.reason.txt` (UTF-8 with BOM, for Notepad)."""
    told = [title, text("inbox.reason_file", name=name), *lines]
    path = place.with_name(f"{place.name}{REASON_ENDING}")
    write_atomically(path, "\r\n".join(told).encode("utf-8-sig") + b"\r\n")


def find_kept(
    settings: Settings, file: ReceivedFile, folders: Sequence[str], is_free: Callable[[str], bool]
) -> str | None:
    """Return where a file lies that was put away when its reader was killed; None when it is nowhere.

    Args:
        settings: Where the folders are.
        file: The file.
        folders: Where it may have been put.
        is_free: Says whether a place belongs to no other file of the books.
    """
    stem = Path(safe_name(Path(file.name).name)).stem
    for folder in folders:
        for path in sorted((settings.folder(folder) / file.department).glob(f"{glob.escape(stem)}*")):
            place = _relative(settings, path)
            if path.stat().st_size == file.size and is_free(place) and sha256_of(path) == file.sha256:
                return place
    return None


def explain_pages(pages: Sequence[PageRefusal]) -> list[str]:
    """Return one line for each page that was not read."""
    return [text("inbox.reason_page", page=page.source_page, message=page.explain()) for page in pages]


def _keep_field(settings: Settings, crop: Path, field: FieldReading) -> Field:
    if field.crop.size:
        _write_picture(crop, field.crop)
    return Field(
        name=field.name,
        kind=field.kind,
        page=field.page,
        value=field.value,
        read_value=field.value,
        probability=field.probability,
        accepted=field.accepted,
        reason=field.reason,
        candidates=field.candidates,
        crop=_relative(settings, crop) if field.crop.size else "",
        box=field.box_px,
        personal=field.personal,
        cells=field.cells,
    )


def _write_picture(path: Path, picture: Gray) -> None:
    ok, content = cv2.imencode(path.suffix, picture)
    if not ok:
        raise OSError(f"cannot encode {path.name}")
    write_atomically(path, np.asarray(content).tobytes())


def _free_place(folder: Path, file: ReceivedFile) -> Path:
    """Return where a file may lie in its department's folder without taking the place of another."""
    name = Path(safe_name(Path(file.name).name))
    more = (f"-{file.id}" + (f"-{again}" if again else "") for again in count())
    names = chain([name.name], (f"{name.stem}{end}{name.suffix}" for end in more))
    return next(place for one in names if not (place := folder / file.department / one).exists())


def _move(settings: Settings, path: Path, place: Path) -> str:
    move_file(path, place)
    drop_claim(path.parent)
    return _relative(settings, place)


def _relative(settings: Settings, path: Path) -> str:
    return path.relative_to(settings.var).as_posix()
