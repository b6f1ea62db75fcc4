"""Group review: what a person says of many tiles, kept, and the fields and documents that are done by it.

A field whose characters have all been confirmed or typed is written as one correction, with the revision that the
person saw; its checks are run as on the page of the document, and a document of which nothing is left to doubt becomes
a record. A document that somebody else changed meanwhile is told, and nothing of it is overwritten.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from backoffice.cell_book import WHOLE, Choice, OpenField
from backoffice.document import Document, DocumentMissing, DocumentState, StaleRevision
from console.users import User
from console.web.desk import Desk
from console.web.reviewing import Corrections, Outcome, Reviewer
from console.web.tiles import Kind, Tile, TileFinder
from console.web.typed import to_record_form
from ocr.reading import ILLEGIBLE


@dataclass(frozen=True)
class Decided:
    """What a person says of a tile: `now` is the right character, the one that was read when that is right."""

    document: int
    revision: int
    position: int
    place: int
    read: str = field(repr=False)
    now: str = field(repr=False)


@dataclass
class Result:
    """What became of decisions.

    Attributes:
        stale: Those of documents that somebody else changed or closed meanwhile; nothing of them was overwritten.
        wrong: Those whose character cannot stand there; nothing of them was kept.
        kept: How many were kept.
        fields: How many fields are confirmed by them.
        recorded: The documents that became records.
        refused: Documents with a field that a check still objects to.
        revisions: Document → its revision now.
        documents: Those that were worked on, to book the seconds on.
    """

    stale: list[Decided] = field(default_factory=list)
    wrong: list[Decided] = field(default_factory=list)
    kept: int = 0
    fields: int = 0
    recorded: list[int] = field(default_factory=list)
    refused: list[int] = field(default_factory=list)
    revisions: dict[int, int] = field(default_factory=dict)
    documents: list[Document] = field(default_factory=list, repr=False)


ByField = dict[tuple[int, int], dict[int, Decided]]
"""(document, field) → place → what was said of it."""


class Grouping:
    """One person's hands on many documents of the person's departments."""

    def __init__(self, desk: Desk, user: User) -> None:
        self._desk = desk
        self._user = user
        self._finder = TileFinder(desk)
        self._reviewer = Reviewer(desk, user)

    def show(self, tiles: Sequence[Tile], kind: Kind) -> None:
        """Note in the audit trail that parts of these documents are shown: one entry for each document."""
        subjects = [f"document/{number}" for number in sorted({tile.document for tile in tiles})]
        self._desk.audit.note_all(self._user.name, "document.view", subjects, group=kind.sort)

    def confirm(self, decided: Sequence[Decided]) -> Result:
        """Keep decisions, write the fields that are complete, and make records of the documents that are done."""
        result, own = Result(), self._own({one.document for one in decided})
        fields = {(one.document, one.position): one for one in self._desk.documents.cells.fields_of(own)}
        given = self._sort(decided, fields, result)
        choices = [_choice(fields[key], places) for key, places in given.items()]
        chosen = self._desk.documents.cells.choose(choices, self._user.name)
        final: dict[int, dict[str, str]] = defaultdict(dict)
        for key, kept in zip(given, chosen, strict=True):
            if kept is None:
                result.stale += given[key].values()
                continue
            result.kept += len(given[key])
            done = replace(fields[key], chosen=kept)
            values = final[done.document]
            if not self._finder.missing(done):
                values[done.name] = _composed(done)
        result.documents = [own[number] for number in final]
        self._note_parts([number for number, values in final.items() if not values])
        for number, values in final.items():
            self._write(own[number], values, given, result)
        return result

    def book(self, documents: Sequence[Document], seconds: float) -> None:
        """Book the seconds that the person worked, shared evenly among the documents."""
        for document in documents:
            self._reviewer.book(document, seconds / len(documents))

    def _own(self, numbers: set[int]) -> dict[int, Document]:
        """Return those of some documents that wait and belong to the person's departments."""
        own = {}
        for number in sorted(numbers):
            try:
                document = self._reviewer.get(number)
            except DocumentMissing:
                continue
            if document.state is DocumentState.WAITING:
                own[number] = document
        return own

    def _sort(
        self, decided: Sequence[Decided], fields: Mapping[tuple[int, int], OpenField], result: Result
    ) -> ByField:
        given: ByField = defaultdict(dict)
        for one in decided:
            known = fields.get((one.document, one.position))
            if known is None or known.revision != one.revision or not self._shows(known, one):
                result.stale.append(one)
            elif not _may_stand(known, one):
                result.wrong.append(one)
            else:
                given[one.document, one.position][one.place] = one
        return given

    def _shows(self, known: OpenField, one: Decided) -> bool:
        """Whether the field may be shown and still has, at this place, what the person saw."""
        if not self._finder.may_show(known) or one.place not in self._finder.needed(known):
            return False
        return one.read == (known.value if one.place == WHOLE else known.value[one.place])

    def _write(self, document: Document, values: Mapping[str, str], given: ByField, result: Result) -> None:
        result.revisions[document.id] = document.revision
        if not values:
            return
        corrections = Corrections(document.revision, values)
        try:
            # A document that is doubtful as a whole (a page is missing, say) is never closed from here.
            write = self._reviewer.save if document.reason else self._reviewer.record
            _count(write(document.id, corrections), values, result)
        except StaleRevision:
            of = [
                one
                for (number, _), places in given.items()
                if number == document.id
                for one in places.values()
            ]
            result.stale += of
            result.kept -= len(of)

    def _note_parts(self, numbers: Sequence[int]) -> None:
        subjects = [f"document/{number}" for number in numbers]
        self._desk.audit.note_all(self._user.name, "document.cells", subjects)


def _may_stand(known: OpenField, one: Decided) -> bool:
    if one.place == WHOLE:
        return one.now == one.read
    now = to_record_form(known.kind, one.now)
    return len(now) == 1 and now != ILLEGIBLE


def _choice(known: OpenField, places: Mapping[int, Decided]) -> Choice:
    chosen = {
        place: one.now if place == WHOLE else to_record_form(known.kind, one.now)
        for place, one in places.items()
    }
    return Choice(known.document, known.revision, known.name, known.value, chosen)


def _composed(one: OpenField) -> str:
    if WHOLE in one.chosen:
        return one.chosen[WHOLE]
    return "".join(one.chosen.get(place, character) for place, character in enumerate(one.value))


def _count(outcome: Outcome, values: Mapping[str, str], result: Result) -> None:
    document = outcome.document
    result.revisions[document.id] = document.revision
    result.fields += len(values)
    if outcome.item is not None:
        result.recorded.append(document.id)
    elif outcome.twin is not None or any(name in outcome.findings for name in values):
        result.refused.append(document.id)
