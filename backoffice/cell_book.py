"""Characters of many documents, confirmed side by side (group review): what is open, and what people chose so far.

A choice is a character at a place of a field's value. It changes no document by itself: only when every place that
needs a person has its choice is the field written, as one correction with the document's revision. Choices hold for the
value that was shown; when the field has another value meanwhile, they are forgotten.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from backoffice.clock import Clock, utc_now
from backoffice.document import DocumentState
from backoffice.review_tables import cell_choices
from backoffice.tables import document_fields, documents
from backoffice.turns import Line

WHOLE = -1
"""The place of a value that is confirmed as a whole: a mark, a seal, a choice."""

Places = Mapping[int, str]
"""Place in the value, from 0 → the character chosen for it."""


@dataclass(frozen=True)
class OpenField:
    """A doubtful field of a document that waits.

    Attributes:
        position: Which field of the document, from 0.
        cells: (cell, probability) of every character that was read.
        value: The value as it stands; hidden in logs.
        read_value: What the machine read.
        chosen: What people chose for its places so far, for this very value.
    """

    document: int
    revision: int
    form: str
    version: int
    position: int
    name: str
    kind: str
    value: str = field(repr=False)
    read_value: str = field(repr=False)
    cells: tuple[tuple[int, float], ...] = ()
    crop: str = ""
    chosen: Places = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Choice:
    """What a person chose for places of one field.

    Attributes:
        seen: The value that was shown.
    """

    document: int
    revision: int
    name: str
    seen: str = field(repr=False)
    chosen: Places = field(repr=False)


class CellBook:
    """The choices of a database."""

    def __init__(self, engine: sa.Engine, clock: Clock = utc_now) -> None:
        self._engine = engine
        self._clock = clock

    def open_fields(self, line: Line, kinds: Collection[str], most: int) -> list[OpenField]:
        """Return the doubtful fields of the documents that wait, oldest document first, at most so many."""
        chosen = [documents.c.state == DocumentState.WAITING.value, sa.not_(document_fields.c.accepted)]
        chosen += [document_fields.c.kind.in_(list(kinds)), document_fields.c.crop != ""]
        if line.scope is not None:
            chosen.append(documents.c.department.in_(list(line.scope)))
        if line.form:
            chosen.append(documents.c.form == line.form)
        if line.department:
            chosen.append(documents.c.department == line.department)
        return self._fields(sa.and_(*chosen), most)

    def fields_of(self, document_ids: Collection[int]) -> list[OpenField]:
        """Return every field of some documents, whatever became of it."""
        return self._fields(documents.c.id.in_(list(document_ids)), None)

    def choose(self, choices: Sequence[Choice], who: str) -> list[Places | None]:
        """Keep what a person chose, all in one transaction.

        Returns:
            For each, everything that is chosen for its field now; None where the document was changed or closed since
            it was shown, where the field has another value, or where somebody chose another character for one of the
            places meanwhile: nothing is kept of that one.
        """
        with self._engine.begin() as connection:
            still = self._unchanged(connection, choices)
            return [self._keep(connection, choice, who) if choice in still else None for choice in choices]

    def _unchanged(self, connection: sa.Connection, choices: Iterable[Choice]) -> list[Choice]:
        query = (
            sa.select(documents.c.id, documents.c.revision)
            .where(documents.c.id.in_([choice.document for choice in choices]))
            .where(documents.c.state == DocumentState.WAITING.value)
            .order_by(documents.c.id)  # two people who lock the same documents lock them in one order
            .with_for_update()
        )
        revisions = {row.id: row.revision for row in connection.execute(query)}
        values = sa.select(document_fields.c.document_id, document_fields.c.name, document_fields.c.value)
        open_ = values.where(
            document_fields.c.document_id.in_(list(revisions)), sa.not_(document_fields.c.accepted)
        )
        shown = {(row.document_id, row.name): row.value for row in connection.execute(open_)}
        return [
            choice
            for choice in choices
            if revisions.get(choice.document) == choice.revision
            and shown.get((choice.document, choice.name)) == choice.seen
        ]

    def _keep(self, connection: sa.Connection, choice: Choice, who: str) -> Places | None:
        mine = (cell_choices.c.document_id == choice.document) & (cell_choices.c.name == choice.name)
        row = connection.execute(sa.select(cell_choices).where(mine)).one_or_none()
        before = _places(row.chosen) if row is not None and row.seen == choice.seen else {}
        if any(before.get(place, character) != character for place, character in choice.chosen.items()):
            return None
        after = {**before, **choice.chosen}
        kept: dict[str, Any] = {"seen": choice.seen, "chosen": {str(place): c for place, c in after.items()}}
        kept |= {"who": who, "at": self._clock()}
        if row is not None:
            connection.execute(sa.update(cell_choices).where(mine).values(kept))
        else:
            kept |= {"document_id": choice.document, "name": choice.name}
            connection.execute(sa.insert(cell_choices).values(kept))
        return after

    def _fields(self, chosen: sa.ColumnElement[bool], most: int | None) -> list[OpenField]:
        of = documents.c.id == document_fields.c.document_id
        made = (cell_choices.c.document_id == documents.c.id) & (
            cell_choices.c.name == document_fields.c.name
        )
        query = (
            sa.select(
                documents.c.id.label("document"),
                documents.c.revision,
                documents.c.form,
                documents.c.form_version.label("version"),
                *(document_fields.c[name] for name in _COLUMNS),
                cell_choices.c.seen,
                cell_choices.c.chosen,
            )
            .select_from(document_fields.join(documents, of).outerjoin(cell_choices, made))
            .where(chosen)
            .order_by(documents.c.id, document_fields.c.position)
            .limit(most)
        )
        with self._engine.connect().execution_options(read_only=True) as connection:
            return [_open_field(row) for row in connection.execute(query).mappings()]


_COLUMNS = ("position", "name", "kind", "value", "read_value", "cells", "crop")


def _open_field(row: sa.RowMapping) -> OpenField:
    values: dict[str, Any] = dict(row)
    seen, chosen = values.pop("seen"), values.pop("chosen")
    values["cells"] = tuple((int(cell), float(p)) for cell, p in values["cells"])
    return OpenField(**values, chosen=_places(chosen) if seen == values["value"] else {})


def _places(chosen: Mapping[str, str]) -> dict[int, str]:
    return {int(place): character for place, character in chosen.items()}
