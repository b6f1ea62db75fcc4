"""What became of a file, as its department reads it: the receipt of one, and the lines of the list."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any

from backoffice.clock import local_time
from backoffice.document import FileState
from backoffice.messages import text
from backoffice.receipt_book import DocumentStanding, FileStanding, Stage
from backoffice.receipts import state_words
from console.web.desk import Desk

DIGEST_DIGITS = 12
TAGS = {
    Stage.RECEIVED: "",
    Stage.WAITING: "doubt",
    Stage.RETURNED: "bad",
    Stage.RECORDED: "run-running",
    Stage.REGISTERED: "confirmed",
    Stage.TROUBLE: "bad",
    Stage.REFUSED: "bad",
}


@dataclass(frozen=True)
class Result:
    """One document of a file, in words.

    Attributes:
        form: Title of its form.
        fields: How many of its fields are settled.
        state: Where it stands.
        reason: Why it was sent back, in the words of who did.
    """

    form: str
    fields: str
    state: str
    reason: str


@dataclass(frozen=True)
class Receipt:
    """A receipt.

    Attributes:
        name: Of the file, without folders.
        form: Title of the form that the sender said it is, or empty.
        pages: How many; None while that is not known.
        digest: The first digits of the content's SHA-256.
        by: Who handed it in; empty for the watched folder.
        stage: How far it is, in words.
        next: What comes next.
        tag: How the stage is coloured.
        reason: Why it was put aside; empty when all is well.
    """

    number: int
    department: str
    name: str
    form: str
    at: datetime
    pages: int | None
    kilobytes: int
    digest: str
    by: str
    stage: str
    next: str
    tag: str
    reason: str
    results: tuple[Result, ...]

    @property
    def why(self) -> list[str]:
        """Everything that somebody was told about why it is not done."""
        return [line for line in (self.reason, *(one.reason for one in self.results)) if line]

    def as_json(self, zone: str) -> dict[str, Any]:
        """Return it for the page's script, its time as people of this zone read it."""
        told = {
            name: getattr(self, name) for name in ("number", "name", "form", "pages", "digest", "department")
        }
        return told | {
            "when": local_time(self.at, zone),
            "stage": self.stage,
            "url": f"/submit/{self.number}",
        }


def receipts_of(desk: Desk, numbers: Collection[int]) -> list[Receipt]:
    """Return the receipts of some files, newest first, without who handed them in."""
    return [_receipt(desk, standing, "") for standing in desk.documents.receipts.standings(numbers)]


def receipt_of(desk: Desk, standing: FileStanding) -> Receipt:
    """Return the receipt of one file."""
    who = desk.documents.receipts.handed_in_by(standing.file.id)
    return _receipt(desk, standing, "" if who == standing.file.department else who)


def _receipt(desk: Desk, standing: FileStanding, by: str) -> Receipt:
    file, stage = standing.file, standing.stage
    path = PurePosixPath(file.name)
    return Receipt(
        number=file.id,
        department=desk.department(file.department),
        name=path.name,
        form=desk.title(path.parts[0]) if len(path.parts) > 1 else "",
        at=file.received_at,
        pages=file.pages,
        kilobytes=max(1, round(file.size / 1000)),
        digest=file.sha256[:DIGEST_DIGITS],
        by=by,
        stage=text(f"inbox.stage_{stage}"),
        next=text(f"inbox.next_{stage}"),
        tag=TAGS[stage],
        reason=_reason(standing),
        results=tuple(_result(desk, one) for one in standing.documents),
    )


def _reason(standing: FileStanding) -> str:
    """Return why a file was put aside; a duplicate that no reader has explained yet bears the bare key."""
    file = standing.file
    if file.state is FileState.CLAIMED:
        return ""
    return text("inbox.reason_duplicate") if file.reason == "backoffice.duplicate_file" else file.reason


def _result(desk: Desk, one: DocumentStanding) -> Result:
    settled = text("submit.document_fields", accepted=one.accepted, fields=one.fields)
    return Result(desk.title(one.form), settled, state_words(one), one.reason)
