"""What the API takes and gives: one model for each resource, from which the OpenAPI description is made."""

from datetime import datetime
from typing import Annotated, Any, Generic, Literal, Self, TypeVar

import sqlalchemy as sa
from fastapi import Path, Query
from pydantic import BaseModel, Field, StringConstraints

from backoffice.department_work import Page
from backoffice.document import Document, DocumentState
from backoffice.runs import Run, RunState
from backoffice.work_items import ItemEvent, State, WorkItem
from console.web.ownership import LARGEST_NUMBER

Entry = TypeVar("Entry")
Number = Annotated[int, Path(ge=1, le=LARGEST_NUMBER)]
Word = Annotated[str, StringConstraints(max_length=100, pattern=r"^[^\x00-\x1f]*$")]
Reason = Annotated[
    str, StringConstraints(min_length=1, max_length=400, pattern=r"^[^\x00-\x1f]*\S[^\x00-\x1f]*$")
]


def page_of(
    limit: Annotated[int, Query(ge=1, le=200, description="At most so many.")] = 50,
    offset: Annotated[int, Query(ge=0, le=LARGEST_NUMBER, description="So many are left out before.")] = 0,
) -> Page:
    """Return the part of a list that a request asks for."""
    return Page(limit, offset)


class Listing(BaseModel, Generic[Entry]):
    """A part of a list."""

    items: list[Entry]
    total: int = Field(description="How many there are in all.")
    limit: int
    offset: int

    @classmethod
    def of(cls, items: list[Entry], total: int, page: Page) -> Self:
        """Put a part of a list together."""
        return cls(items=items, total=total, limit=page.limit, offset=page.offset)


class DocumentFacts(BaseModel):
    """A document without its values."""

    id: int
    file: int = Field(description="The received file that it came from.")
    department: str
    form: str
    form_version: int
    state: DocumentState
    item: int | None = Field(description="The item that it became.")
    revision: int
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, row: "sa.Row[Any] | Document") -> Self:
        """Take what is told of a document."""
        named = {name: getattr(row, name) for name in cls.model_fields if name not in ("file", "item")}
        return cls(**named, file=row.file_id, item=row.item_id)


class FieldFacts(BaseModel):
    """One field of a document."""

    name: str
    kind: str
    page: int
    value: str = Field(description="Empty while two people must type it (`verify: double`).")
    read_value: str = Field(description="What the machine read; empty as above.")
    probability: float = Field(description="That read_value is right, 0 to 1.")
    accepted: bool = Field(description="No person needs to look any more.")
    personal: bool
    corrected_by: str | None


class DocumentShown(DocumentFacts):
    """A document with its values; the view stands in the audit trail."""

    fields: list[FieldFacts]


class FileFacts(BaseModel):
    """A received file: the receipt of what was handed in."""

    id: int
    department: str
    name: str
    sha256: str
    size: int
    state: str = Field(description="claimed, read, failed, quarantined or duplicate.")
    reason: str = Field(description="Why it was put aside; empty when all is well.")
    pages: int | None
    received_at: datetime
    finished_at: datetime | None

    @classmethod
    def of(cls, row: Any) -> Self:
        """Take what is told of a file."""
        return cls(**{name: getattr(row, name) for name in cls.model_fields})


class Submitted(BaseModel):
    """A scan that was taken in; `files` says what becomes of it."""

    file: int = Field(description="Number of its receipt, to follow it under `files`.")
    department: str
    name: str
    sha256: str
    size: int
    pages: int | None = Field(description="Pages, where they could be counted before reading.")


class ItemFacts(BaseModel):
    """A work item without its record."""

    id: int
    process: str
    key: str
    state: State
    attempts: int
    run: str | None
    document: int | None
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, item: WorkItem) -> Self:
        """Take what is told of an item."""
        return cls(**{name: getattr(item, name) for name in cls.model_fields})


class MoveFacts(BaseModel):
    """One move of an item."""

    at: datetime
    from_state: State | None
    to_state: State
    who: str
    why: str
    run: str | None

    @classmethod
    def of(cls, event: ItemEvent) -> Self:
        """Take what is told of a move."""
        return cls(**{name: getattr(event, name) for name in cls.model_fields})


class ItemShown(ItemFacts):
    """A work item with its moves, and with its record for who may review; that view stands in the audit trail."""

    result: dict[str, str]
    record: dict[str, str] | None = Field(description="Null without the right `review`.")
    moves: list[MoveFacts]


class Settle(BaseModel):
    """The decision about an item in doubt, after it was looked up in the target system."""

    to: Literal["done", "retry", "failed"] = Field(
        description="done: it is registered; retry: it is not; failed: it shall not be."
    )
    why: Reason


class RunFacts(BaseModel):
    """One run of one job."""

    id: str
    job: str
    kind: str
    state: RunState
    trigger: str
    slot: str
    lane: int
    parameters: dict[str, str]
    counts: dict[str, Any]
    cause: str = Field(description="Key of the error that ended it; empty when none did.")
    started_at: datetime
    finished_at: datetime | None

    @classmethod
    def of(cls, run: Run) -> Self:
        """Take what is told of a run."""
        return cls(**{name: getattr(run, name) for name in cls.model_fields})


class JobShown(BaseModel):
    """A job as it stands."""

    job: str
    title: str
    department: str
    kind: str
    next: datetime | None = Field(description="When it is due next by its timetable.")
    waits_for: list[str]
    paused_by: str | None
    paused_why: str | None
    paused_at: datetime | None


class Start(BaseModel):
    """Values for one run in place of those that the job declares."""

    parameters: dict[Word, Annotated[str, StringConstraints(max_length=1000)]] = Field(
        default_factory=dict, max_length=50
    )


class Pause(BaseModel):
    """Why a job is held back."""

    why: Reason


class Resume(BaseModel):
    """Why a job may run again."""

    why: Word = ""


class Done(BaseModel):
    """It was done."""

    status: Literal["ok"] = "ok"


class Health(Done):
    """The console answers and reaches its database."""

    version: str
