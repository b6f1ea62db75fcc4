"""What becomes of a claimed file, in the books and in the folders.

    enter documents → certain ones become work items → put the original away → receipt

The order of the steps makes each of them repeatable: a reader killed at any moment leaves its file in `work/`, and the
next one reads it again without entering anything twice.

What the sender can mend goes to `failed/` (broken, locked by a password, half-written, sent twice); what somebody in
the office must decide about goes to `quarantine/` (it kills its readers, it broke our program, it holds a form that
this department may not send). Both with a reason: what, why, what to do.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

from backoffice.document import Document, DocumentState, DuplicateFile, FileState, ReceivedFile
from backoffice.documents import DocumentStore
from backoffice.errors import HakadoriError
from backoffice.files import sha256_of
from backoffice.ledger import Ledger
from backoffice.messages import text
from backoffice.receipts import Receipts
from backoffice.recording import record_document
from backoffice.settings import Settings
from ocr.claims import Claimed
from ocr.errors import FileRefused
from ocr.keeping import explain_pages, find_kept, keep_aside, keep_original, store_pictures, tell_stuck
from ocr.reading import DocumentReading, FileReading, PageRefusal
from ocr.record import make_record
from ocr.template import Form, form_of
from ocr.watch import Inbox

WHO = "ocr"
COUNTED = (
    "files", "pages", "documents", "fields", "accepted", "recorded", "waiting", "duplicates", "failed", "refused",
)  # fmt: skip
"""What a run counts: files taken, pages and documents read, fields read and accepted, documents that became records
and that wait for a person, files received twice, files that failed as a whole, pages refused in other files."""
FOREIGN = "inbox.form_not_allowed"
ELSEWHERE = "inbox.form_elsewhere"


@dataclass
class ReadCounts:
    """What a run has done so far; every number of COUNTED starts at 0."""

    numbers: dict[str, int] = field(default_factory=lambda: dict.fromkeys(COUNTED, 0))

    def add(self, **more: int) -> None:
        """Add to some of the numbers."""
        for name, number in more.items():
            self.numbers[name] += number


@dataclass(frozen=True)
class Booking:
    """Books what became of one department's files.

    Attributes:
        settings: Folders and limits.
        documents: Files and documents.
        ledger: Work items.
        forms: Form templates by name.
        department: Whose files.
        counts: What was done so far.
    """

    settings: Settings
    documents: DocumentStore
    ledger: Ledger
    forms: Mapping[str, Form]
    department: str
    counts: ReadCounts

    def settle_moved(self) -> None:
        """Close the files that an earlier reader had already put away when it was killed."""
        for file in self.documents.in_work(self.department):
            if not (self.settings.var / file.stored).exists():
                self._settle(file)

    def _settle(self, file: ReceivedFile) -> None:
        read = bool(self.documents.documents(file=file.id))
        folders = ("originals",) if read else ("failed", "quarantine")
        stored = find_kept(self.settings, file, folders, lambda place: self.documents.file_at(place) is None)
        state, reason = file.state, file.reason
        if state is FileState.CLAIMED:
            aside = FileState.QUARANTINED if str(stored).startswith("quarantine/") else FileState.FAILED
            state = FileState.READ if read else aside
            reason = "" if read else text("inbox.put_away_interrupted")
        self.documents.finish_file(file.id, state, reason=reason, stored=stored or "")
        self._receipt(file.id)

    def enter(self, claimed: Claimed) -> ReceivedFile | None:
        """Enter a claimed file in the books; None when nothing of it is to be read."""
        known = self.documents.file_claimed_as(claimed.claim)
        if known is not None and known.state is FileState.CLAIMED:
            file = known
        else:
            self.counts.add(files=1)
            try:
                file = self._claim(claimed)
            except DuplicateFile as error:
                self._refuse_twin(claimed, error)
                return None
            self._receipt(file.id)
        if claimed.trouble:
            hours = self.settings.inbox.give_up_hours
            self.put_aside(file, claimed, FileRefused(f"inbox.gave_up_{claimed.trouble}", hours=f"{hours:g}"))
            return None
        return file

    def put_aside(
        self,
        file: ReceivedFile,
        claimed: Claimed,
        error: HakadoriError,
        more: Sequence[str] = (),
        state: FileState = FileState.FAILED,
    ) -> None:
        """Move a file to failed/ or quarantine/ with its reason, and close it."""
        lines = [error.explain(), *more]
        folder = "failed" if state is FileState.FAILED else "quarantine"
        kept = keep_aside(self.settings, file, claimed.path, lines, folder)
        self.documents.finish_file(file.id, state, reason="\n".join(lines), stored=kept)
        self.counts.add(failed=1, pages=len(more))
        self._receipt(file.id)

    def keep(self, file: ReceivedFile, claimed: Claimed, reading: FileReading) -> None:
        """Enter what was read of a file and put it away, or put it aside when nothing of it may be used."""
        allowed, foreign = self._sort(claimed, reading)
        pages = explain_pages(allowed.refused)
        if not allowed.documents:
            key = foreign[0] if foreign else "inbox.no_page_read"
            state = FileState.QUARANTINED if foreign else FileState.FAILED
            self.put_aside(file, claimed, FileRefused(key, **self._rule(claimed)), pages, state)
            return
        for position, document in enumerate(allowed.documents):
            self._enter_document(file, position, document)
        count = sum(len(document.pages) for document in allowed.documents) + len(allowed.refused)
        told = [*pages, "", text("inbox.reason_rest")] if pages else []
        kept = keep_original(self.settings, file, claimed.path, told)
        self.documents.finish_file(file.id, FileState.READ, reason="\n".join(pages), pages=count, stored=kept)
        self.counts.add(pages=count, refused=len(allowed.refused))
        self._receipt(file.id)

    def tell_stuck(self, inbox: Inbox) -> None:
        """Tell the department of files that stay in its inbox because they cannot or must not be taken."""
        for stuck in list(inbox.stuck):
            dangerous = stuck.reason in ("link", "special")
            error = FileRefused(f"inbox.stuck_{stuck.reason}", hours=f"{self.settings.inbox.give_up_hours:g}")
            folder = "quarantine" if dangerous else "failed"
            tell_stuck(self.settings, self.department, stuck.name, folder, [error.explain()])
            inbox.note_told(stuck)
            self.counts.add(failed=1)

    def _claim(self, claimed: Claimed) -> ReceivedFile:
        return self.documents.claim_file(
            self.department,
            claimed.name,
            sha256_of(claimed.path),
            claimed.path.stat().st_size,
            claimed.path.relative_to(self.settings.var).as_posix(),
            claim=claimed.claim,
            seen_at=claimed.seen_at,
            duplicates=self.settings.duplicates_of(self.department),
        )

    def _refuse_twin(self, claimed: Claimed, error: DuplicateFile) -> None:
        twin = self.documents.file_claimed_as(claimed.claim)
        if twin is None:
            raise error
        kept = keep_aside(self.settings, twin, claimed.path, [error.explain()])
        self.documents.finish_file(twin.id, FileState.DUPLICATE, reason=error.explain(), stored=kept)
        self.counts.add(duplicates=1)
        self._receipt(twin.id)

    def _sort(self, claimed: Claimed, reading: FileReading) -> tuple[FileReading, list[str]]:
        """Part the documents that may be used from those of forms that do not belong here."""
        may, want = self.settings.inbox_of(self.department).forms, self._form_folder(claimed)
        good, refused, foreign = [], list(reading.refused), []
        for document in reading.documents:
            outside = may and document.form not in may
            if not outside and want in ("", document.form):
                good.append(document)
                continue
            foreign.append(FOREIGN if outside else ELSEWHERE)
            values = {"form": document.form} | self._rule(claimed)
            refused += [PageRefusal(page.source_page, foreign[-1], values) for page in document.pages]
        return replace(reading, documents=tuple(good), refused=tuple(refused)), foreign

    def _form_folder(self, claimed: Claimed) -> str:
        """Return the form whose sub-folder the file lay in, or "" when it lay in none."""
        first = PurePosixPath(claimed.name).parts[0]
        inside = len(PurePosixPath(claimed.name).parts) > 1
        known = {form.form: form.form for form in self.forms.values()}
        known |= {form.title: form.form for form in self.forms.values()}
        return known.get(first, "") if inside else ""

    def _rule(self, claimed: Claimed) -> dict[str, str]:
        department = self.settings.departments.get(self.department, self.department)
        forms = self.settings.inbox_of(self.department).forms
        form = self._form_folder(claimed)
        return {"department": department, "allowed": "、".join(forms), "folder": form, "form": ""}

    def _enter_document(self, file: ReceivedFile, position: int, reading: DocumentReading) -> None:
        form = form_of(self.forms, reading.form, reading.version)
        if form is None:
            raise KeyError(f"{reading.form}@{reading.version}")
        new = store_pictures(self.settings, file, position, reading, form.version)
        document = self.documents.get(self.documents.add_document(new))
        self.counts.add(
            documents=1, fields=len(reading.fields), accepted=sum(found.accepted for found in reading.fields)
        )
        if document.state is DocumentState.WAITING and reading.accepted:
            document = self._record(form, document)
        recorded = document.state is DocumentState.RECORDED
        self.counts.add(recorded=int(recorded), waiting=int(document.state is DocumentState.WAITING))

    def _record(self, form: Form, document: Document) -> Document:
        """Make a certain document a work item; it waits with a reason when another one already has its key."""
        key, record = make_record(form, document.values)
        done = record_document(
            self.documents,
            self.ledger,
            document,
            process=form.process,
            key=key,
            record=record,
            who=WHO,
            why=text("inbox.why_read"),
        )
        if done.twin is not None:
            waiting, reason = DocumentState.WAITING, "inbox.record_exists"
            return self.documents.close(document.id, document.revision, waiting, reason=reason)
        return self.documents.get(document.id)

    def _receipt(self, file_id: int) -> None:
        Receipts(self.settings, self.documents).write(self.documents.file(file_id))
