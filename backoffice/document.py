"""What a received file, a document and a field are, and which states they may stand in.

file:      claimed → read | failed | quarantined | duplicate; a person may send the last three back to claimed
document:  waiting (a person must look) → recorded | discarded | returned; a person may take a returned one up again
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from backoffice.errors import Conflict, UserError


class FileState(StrEnum):
    """Where a received file stands."""

    CLAIMED = "claimed"
    READ = "read"
    FAILED = "failed"
    QUARANTINED = "quarantined"
    DUPLICATE = "duplicate"


class DocumentState(StrEnum):
    """Where a document stands."""

    WAITING = "waiting"
    RECORDED = "recorded"
    DISCARDED = "discarded"
    RETURNED = "returned"


class StaleRevision(Conflict):
    """Somebody else changed the document since it was opened; nothing was overwritten."""


class DuplicateFile(UserError):
    """A file with the same content was received before."""


class DocumentMissing(UserError):
    """No document has this number."""


class FileMissing(UserError):
    """No received file has this number, or it lies no longer where it was put."""


class FileNotPutAside(UserError):
    """A file that was not put aside cannot be sent back to be read."""


@dataclass(frozen=True)
class ReceivedFile:
    """A file as it was claimed from the inbox.

    Attributes:
        stored: Where the original is kept, relative to the working folder.
        claim: Name of the folder in `work/` that it was renamed into; one claim, one row.
        reason: Catalogue text shown to people; empty when all is well.
    """

    id: int
    department: str
    name: str
    sha256: str
    size: int
    stored: str
    claim: str | None
    state: FileState
    reason: str
    pages: int | None
    received_at: datetime
    finished_at: datetime | None


@dataclass(frozen=True)
class Field:
    """One field of a document.

    Attributes:
        page: Page of the form, from 1.
        value: The value in force, corrected or read.
        read_value: What the machine read.
        probability: Calibrated probability that `read_value` is right, 0 to 1.
        accepted: No person needs to look (any more).
        reason: Catalogue key of why it is doubtful, or empty.
        candidates: Other readings with their probabilities, best first.
        crop: The field's picture (PNG), relative to the working folder.
        box: x, y, width, height of the field on the upright page picture, in its pixels.
        personal: Personal data: masked in logs and evidence.
        cells: (cell, probability) of every character of `read_value`; empty when they stand in no cells.
    """

    name: str
    kind: str
    page: int
    value: str
    read_value: str
    probability: float
    accepted: bool
    reason: str
    candidates: tuple[tuple[str, float], ...]
    crop: str
    box: tuple[int, int, int, int]
    personal: bool
    corrected_by: str | None = None
    corrected_at: datetime | None = None
    cells: tuple[tuple[int, float], ...] = ()


@dataclass(frozen=True)
class NewDocument:
    """A document as the reader hands it over.

    Attributes:
        position: Which document of its file, from 0.
        pages: One mapping a page: source_page, form_page, rotation, residual_mm, inliers, picture (the upright
            page as PNG or JPEG, relative to the working folder).
        reason: Catalogue key of why the document as a whole is doubtful (a missing page, say), or empty.
    """

    file_id: int
    position: int
    department: str
    form: str
    form_version: int
    pages: tuple[Mapping[str, Any], ...]
    fields: tuple[Field, ...]
    reason: str = ""


@dataclass(frozen=True)
class Document:
    """A document as it stands now."""

    id: int
    file_id: int
    position: int
    department: str
    form: str
    form_version: int
    state: DocumentState
    reason: str
    pages: tuple[Mapping[str, Any], ...]
    item_id: int | None
    revision: int
    created_at: datetime
    updated_at: datetime
    fields: tuple[Field, ...]

    @property
    def values(self) -> dict[str, str]:
        """Field name → value in force."""
        return {field.name: field.value for field in self.fields}

    @property
    def doubtful(self) -> tuple[Field, ...]:
        """The fields that a person must still look at."""
        return tuple(field for field in self.fields if not field.accepted)
