"""What the review page sends and gets: the bodies of its writes, the seconds to book, and which document comes next."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends
from pydantic import BaseModel, Field, StringConstraints

from backoffice.turns import Line
from console.web.desk import Desk
from console.web.doors import Visitor
from console.web.ownership import LARGEST_NUMBER
from console.web.review_view import after_write
from console.web.reviewing import Corrections, Outcome
from ocr.template import form_of

Value = Annotated[str, StringConstraints(max_length=400, pattern=r"^[^\x00]*$")]
Values = Annotated[dict[str, Value], Field(max_length=500)]
Revision = Annotated[int, Field(ge=0, le=LARGEST_NUMBER)]


class Spent(BaseModel):
    """Seconds of work since the last write, and the view that they belong to."""

    seconds: float = Field(0, ge=0, allow_inf_nan=False)
    view: str = Field("", max_length=400)


class Write(Spent):
    """Corrections of a document."""

    revision: Revision
    values: Values = Field(default_factory=dict)
    illegible: list[Value] = Field(default_factory=list, max_length=500)
    as_written: list[Value] = Field(default_factory=list, max_length=500)

    def corrections(self) -> Corrections:
        """Return the corrections alone."""
        return Corrections(self.revision, self.values, frozenset(self.illegible), frozenset(self.as_written))


class Closing(Spent):
    """A document taken out of the work, or put into it again."""

    revision: Revision
    reason: str = Field("", max_length=400)


@dataclass(frozen=True)
class Within:
    """The part of the queue that a person works through, as the address of the page names it."""

    form: Annotated[str, StringConstraints(max_length=100)] = ""
    department: Annotated[str, StringConstraints(max_length=100)] = ""


Narrowed = Annotated[Within, Depends()]


def next_of(desk: Desk, visitor: Visitor, within: Within, document_id: int) -> int | None:
    """Return the document that the person gets after this one."""
    line = Line(visitor.user.scope, within.form, within.department)
    return desk.documents.turns.next(visitor.user.name, line, document_id)


@contextmanager
def spent(desk: Desk, visitor: Visitor, document_id: int, given: Spent) -> Iterator[float]:
    """Give an act the seconds that the page measured, none twice and never more than passed since its last token.

    When the act fails nothing was booked: the page sends these seconds again, and then they count.
    """
    now = desk.clock()
    view = desk.signer.read_view(given.view, now)
    if view is None or view.document != document_id or view.user != visitor.user.name:
        yield 0.0
        return
    with desk.timesheet.taken(visitor.user.name, given.seconds, view.since, now) as seconds:
        yield seconds


def answer(desk: Desk, visitor: Visitor, outcome: Outcome) -> dict[str, Any]:
    """Return how the document stands after a write, with a fresh token for the next seconds."""
    document = outcome.document
    told = after_write(outcome, form_of(desk.forms, document.form, document.form_version))
    return told | {"view": desk.signer.view(document.id, visitor.user.name, desk.clock())}
