"""What happens to a document under a person's hands: opened, corrected, made into a record, or discarded.

A document becomes a record only when every field was looked at or accepted, nothing is illegible and the checks find
nothing. Nothing is ever overwritten: each write carries the revision that the person saw.

Each act is one transaction, whatever belongs to it: what changes, the seconds that it took, and its entries in the
audit trail. So nothing is ever kept of which the trail says nothing, and the disk is waited for once.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

import sqlalchemy as sa

from backoffice.document import Document, DocumentMissing, DocumentState
from backoffice.double_entry import Entries
from backoffice.messages import text
from backoffice.recording import record_document
from backoffice.work_items import WorkItem
from console.errors import ArgumentWrong
from console.users import User
from console.web.desk import Desk
from console.web.typed import to_record_form
from ocr.reading import ILLEGIBLE, Finding
from ocr.template import Form, form_of

ILLEGIBLE_REASON = "console.field_illegible"

SOFT = frozenset(
    {
        "ocr.required_empty",
        "ocr.check_digit_wrong",
        "ocr.postal_unknown",
        "ocr.address_not_at_postal",
        "ocr.bank_unknown",
        "ocr.branch_unknown",
        "ocr.sum_wrong",
        "ocr.product_wrong",
        "ocr.order_wrong",
        "ocr.not_the_same",
        "ocr.not_different",
        "ocr.required_when",
        "ocr.empty_when",
        "ocr.not_one_of",
        "ocr.none_of",
        "ocr.rule_message",
        "ocr.row_left_out",
        "ocr.too_few_rows",
        "ocr.too_few_options",
        "ocr.too_many_options",
        "ocr.below_range",
        "ocr.above_range",
        "ocr.in_the_future",
        "ocr.pattern_unmatched",
    }
)
"""Findings about what the citizen wrote, not about how it is spelt: a person may say "it is written so"."""


@dataclass(frozen=True)
class Corrections:
    """What a person leaves behind.

    Attributes:
        revision: The document's revision as the person saw it.
        values: Field name → value of every field that was looked at or changed.
        illegible: Names of the fields that nobody can read.
        as_written: Names of the fields that stand on the paper just so, whatever the soft checks find.
    """

    revision: int
    values: Mapping[str, str]
    illegible: Collection[str] = ()
    as_written: Collection[str] = ()


@dataclass(frozen=True)
class Outcome:
    """How a document stands after a write.

    Attributes:
        findings: What the checks still find, by field name.
        item: The work item, when it became a record.
        twin: The work item of another document that already has this key.
        who: Who looks at it.
        entries: What people typed into fields that two must type, by field name.
    """

    document: Document
    findings: Mapping[str, tuple[Finding, ...]]
    item: WorkItem | None = None
    twin: WorkItem | None = None
    who: str = ""
    entries: Mapping[str, Entries] = field(default_factory=dict, repr=False)


class Reviewer:
    """One person's hands on the documents of the person's departments."""

    def __init__(self, desk: Desk, user: User) -> None:
        self._desk = desk
        self._user = user

    def get(self, document_id: int) -> Document:
        """Return a document of the person's departments.

        Raises:
            DocumentMissing: There is none, or it is another department's: both look the same.
        """
        document = self._desk.documents.get(document_id)
        if not self._user.sees(document.department):
            raise DocumentMissing("backoffice.document_missing", where=str(document_id), document=document_id)
        return document

    def open(self, document_id: int) -> Outcome:
        """Return a document to be shown, and note the view in the audit trail."""
        document = self.get(document_id)
        self.note("document.view", document)
        return self._outcome(document, self._findings(document))

    def take(self, document_id: int) -> Outcome:
        """Open a document to work on it: as `open`, and others see who has it in hand while it waits."""
        document = self.get(document_id)
        with self._desk.documents.transaction() as connection:
            if document.state is DocumentState.WAITING:
                self._desk.documents.turns.take(document.id, self._user.name, connection=connection)
            self.note("document.view", document, connection)
        return self._outcome(document, self._findings(document))

    def save(self, document_id: int, given: Corrections, seconds: float = 0.0) -> Outcome:
        """Write corrections; the document goes on waiting.

        Args:
            document_id: The document.
            given: The corrections.
            seconds: How long the person worked on it.

        Raises:
            StaleRevision: Somebody else changed or closed it.
            ArgumentWrong: A field that the document does not have.
            NotTheThird: A field on which the person and another one differ.
        """
        work = self._prepared(self.get(document_id), given)
        with self._desk.documents.transaction() as connection:
            saved = self._write(connection, work, given)
            self.book(saved.document, seconds, connection)
            self._note_correction(connection, work, saved.document)
        return saved

    def record(self, document_id: int, given: Corrections, seconds: float = 0.0) -> Outcome:
        """Write corrections and, when nothing is left to doubt, make the document a work item.

        Args:
            document_id: The document.
            given: The corrections.
            seconds: How long the person worked on it.

        Raises:
            StaleRevision: Somebody else changed or closed it.
        """
        work = self._prepared(self.get(document_id), given)
        with self._desk.documents.transaction() as connection:
            saved = self._write(connection, work, given)
            done = saved
            if not saved.document.doubtful and not saved.findings:
                done = self._record(connection, saved)
            self.book(saved.document, seconds, connection)
            self._note_correction(connection, work, saved.document)
            if done.item is not None:
                self.note("document.record", done.document, connection, item=done.item.id)
        return done

    def discard(self, document_id: int, revision: int, reason: str, seconds: float = 0.0) -> Outcome:
        """Take a document out of the work, with the reason.

        Args:
            document_id: The document.
            revision: Its revision as the person saw it.
            reason: Why.
            seconds: How long the person worked on it.

        Raises:
            StaleRevision: Somebody else changed or closed it.
            ArgumentWrong: No reason was given.
        """
        self.get(document_id)
        if not reason.strip():
            raise ArgumentWrong("console.reason_missing")
        words, state = reason.strip()[:200], DocumentState.DISCARDED
        with self._desk.documents.transaction() as connection:
            closed = self._desk.documents.close(
                document_id, revision, state, reason=words, who=self._user.name, connection=connection
            )
            self.book(closed, seconds, connection)
            self.note("document.discard", closed, connection)
        return Outcome(closed, {})

    def book(self, document: Document, seconds: float, connection: sa.Connection | None = None) -> None:
        """Book the seconds that the person worked on a document, as part of a transaction or in one of its own.

        Without its form nobody knows whose work it was, and nothing is booked.
        """
        form = form_of(self._desk.forms, document.form, document.form_version)
        if seconds > 0 and form is not None:
            who, process = self._user.name, form.process
            self._desk.documents.book_review(
                document.id, process, who=who, seconds=seconds, connection=connection
            )

    def note(
        self, what: str, document: Document, connection: sa.Connection | None = None, **details: object
    ) -> None:
        """Note in the audit trail what the person does, at the end of the transaction that does it."""
        subject = f"document/{document.id}"
        self._desk.audit.note(self._user.name, what, subject, connection, **details)

    def _prepared(self, document: Document, given: Corrections) -> "_Prepared":
        """Check corrections before the transaction that writes them; the document is as the person saw it, or stale."""
        values = _in_record_form(document, given.values)
        after = {**document.values, **values}
        found = _by_field(self._check(document, after), given.as_written)
        reasons = {name: found[name][0].key for name in values if name in found}
        reasons |= {name: ILLEGIBLE_REASON for name in values if _unreadable(name, values[name], given)}
        as_written = sorted(set(given.as_written) & set(after))
        return _Prepared(document, values, found, reasons, self._twice(document), as_written)

    def _write(self, connection: sa.Connection, work: "_Prepared", given: Corrections) -> Outcome:
        saved = self._desk.documents.correct(
            work.document.id,
            given.revision,
            work.values,
            who=self._user.name,
            reasons=work.reasons,
            twice=work.twice,
            known=work.document,
            connection=connection,
        )
        return self._outcome(saved, work.findings, connection)

    def _record(self, connection: sa.Connection, saved: Outcome) -> Outcome:
        """Enter the record of a document of which nothing is left to doubt, unless its key is taken."""
        document, form = saved.document, self._form(saved.document)
        key, record = self._desk.checker.record(form, document.values)
        done = record_document(
            self._desk.documents,
            self._desk.ledger,
            document,
            process=form.process,
            key=key,
            record=record,
            who=self._user.name,
            why=text("console.why_confirmed"),
            connection=connection,
        )
        if done.item is None:
            return replace(saved, twin=done.twin)
        return Outcome(done.document, {}, item=done.item)

    def _note_correction(self, connection: sa.Connection, work: "_Prepared", saved: Document) -> None:
        names = {"fields": sorted(work.values), "as_written": work.as_written}
        self.note("document.correct", saved, connection, **names)

    def _outcome(
        self,
        document: Document,
        findings: Mapping[str, tuple[Finding, ...]],
        connection: sa.Connection | None = None,
    ) -> Outcome:
        twice = self._twice(document)
        entries = self._desk.documents.entries(document.id, connection) if twice else {}
        return Outcome(document, findings, who=self._user.name, entries=entries)

    def _twice(self, document: Document) -> frozenset[str]:
        """Return the names of the fields that two people must type."""
        form = form_of(self._desk.forms, document.form, document.form_version)
        known = form.fields() if form is not None else ()
        return frozenset(one.name for _, one in known if one.verify == "double")

    def _findings(self, document: Document) -> Mapping[str, tuple[Finding, ...]]:
        return _by_field(self._check(document, document.values))

    def _check(self, document: Document, values: Mapping[str, str]) -> list[Finding]:
        return list(self._desk.checker.findings(self._form(document), values))

    def _form(self, document: Document) -> Form:
        form = form_of(self._desk.forms, document.form, document.form_version)
        if form is None:
            values = {"form": document.form, "version": document.form_version}
            raise ArgumentWrong("console.form_gone", where=str(document.id), **values)
        return form


@dataclass(frozen=True)
class _Prepared:
    """Corrections that were checked and can be written.

    Attributes:
        document: As it was when they were checked.
        values: In record form, by field name.
        findings: What the checks find once they are written, by field name.
        reasons: Field name → why it still cannot be accepted.
        twice: Fields that two people must type.
        as_written: Fields that stay as the paper has them.
    """

    document: Document
    values: Mapping[str, str] = field(repr=False)
    findings: Mapping[str, tuple[Finding, ...]]
    reasons: Mapping[str, str]
    twice: Collection[str]
    as_written: Sequence[str]


def _in_record_form(document: Document, values: Mapping[str, str]) -> dict[str, str]:
    kinds = {field.name: field.kind for field in document.fields}
    for name in values:
        if name not in kinds:
            raise ArgumentWrong("console.field_unknown", where=str(document.id))
    return {name: to_record_form(kinds[name], value) for name, value in values.items()}


def _unreadable(name: str, value: str, given: Corrections) -> bool:
    return name in given.illegible or ILLEGIBLE in value


def _by_field(findings: list[Finding], as_written: Collection[str] = ()) -> dict[str, tuple[Finding, ...]]:
    found: dict[str, tuple[Finding, ...]] = {}
    for finding in findings:
        if finding.key not in SOFT or finding.field not in as_written:
            found[finding.field] = (*found.get(finding.field, ()), finding)
    return found
