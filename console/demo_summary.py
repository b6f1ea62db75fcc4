"""What a demonstration came to: counted in the databases, written as `summary.json`, told in words."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from backoffice.document import DocumentState, FileState
from backoffice.files import write_atomically
from backoffice.messages import text
from backoffice.work_items import State
from console.demo_standin import Rows
from console.demo_understudy import SECONDS_PER_FIELD, Played
from console.wiring import Office


@dataclass(frozen=True)
class Registered:
    """Records in the stand-in's own database.

    Attributes:
        total: Rows now.
        new: Rows that this demonstration added.
        twice: Rows whose key stands there more than once.
        by_ledger: Items that our ledger says are done; equals `total` when all is well.
    """

    total: int
    new: int
    twice: int
    by_ledger: int


@dataclass(frozen=True)
class Summary:
    """One demonstration; numbers are those of the whole folder unless they say otherwise.

    Attributes:
        files: Scans dropped this time.
        documents: Documents read.
        fields: Fields read, of which `accepted` needed nobody.
        sent_to_review: Documents that the machine did not decide alone, whoever has looked at them since.
        waiting: Of these, documents that still wait for a person.
        discarded: Documents taken out of the work, such as those returned to their sender.
        records: Documents that became records.
        records_automatic: Of these, documents that nobody touched.
        understudy: What the understudy did in the person's place this time, and the seconds assumed for it.
        duplicates_refused: Scans refused this time because their content had been received before.
        failures: File, department and reason of every scan that could not be read, wholly or in part.
        in_doubt: Items of which nobody knows whether they are registered.
        items_failed: Items that the target refused or that were given up.
        minutes: Minutes of this time by stage.
        hours_saved: The account of time saved, all runs of the folder.
    """

    files: int
    documents: int
    documents_new: int
    pages: int
    fields: int
    accepted: int
    sent_to_review: int
    waiting: int
    discarded: int
    records: int
    records_automatic: int
    understudy: Mapping[str, float]
    registered: Registered
    duplicates_refused: int
    failures: Sequence[Mapping[str, str]]
    in_doubt: int
    items_failed: int
    runs_failed: Sequence[Mapping[str, str]]
    minutes: Mapping[str, float]
    hours_saved: float
    hours_saved_assumed: bool
    browser: str
    lists: Sequence[str]
    report: str

    @property
    def comes_out_even(self) -> bool:
        """What we say is registered is registered, nothing twice, nothing in doubt, and every run ended."""
        counted = self.registered
        even = counted.total == counted.by_ledger and counted.twice == 0
        return even and self.in_doubt == 0 and not self.runs_failed

    def write(self, path: Path) -> None:
        """Write it as JSON."""
        told = asdict(self) | {"ok": self.comes_out_even}
        write_atomically(path, json.dumps(told, ensure_ascii=False, indent=2).encode() + b"\n")

    def show(self, console: Console) -> None:
        """Tell it as a table that a clerk understands."""
        table = Table(title=_t("demo_title"), title_justify="left", show_header=False, title_style="bold")
        table.add_column()
        table.add_column(justify="right")
        for name, value in self._lines():
            table.add_row(_t(f"demo_{name}"), value)
        console.print(table)
        if self.failures:
            wrong = Table(_t("what"), _t("reason"), title=_t("demo_failures_title"), title_justify="left")
            for failure in self.failures:
                wrong.add_row(failure["file"], failure["reason"].splitlines()[0])
            console.print(wrong)

    def _lines(self) -> list[tuple[str, str]]:
        share = f" ({self.accepted / self.fields:.1%})" if self.fields else ""
        stages = "  ".join(f"{_t(f'stage_{name}')} {value:.1f}" for name, value in self.minutes.items())
        return [
            ("files", str(self.files)),
            ("documents", f"{self.documents} / {self.pages}"),
            ("fields", str(self.fields)),
            ("accepted", f"{self.accepted}{share}"),
            ("sent_to_review", str(self.sent_to_review)),
            ("waiting", str(self.waiting)),
            ("records", f"{self.records}" + _t("demo_automatic", count=self.records_automatic)),
            ("understudy", _t("demo_played", **self.understudy)),
            ("registered", _t("demo_rows", total=self.registered.total, new=self.registered.new)),
            ("twice", str(self.registered.twice)),
            ("duplicates", str(self.duplicates_refused)),
            ("failures", str(len(self.failures))),
            ("items_failed", str(self.items_failed)),
            ("in_doubt", str(self.in_doubt)),
            ("hours", f"{self.hours_saved:.2f}" + (_t("demo_assumed") if self.hours_saved_assumed else "")),
            ("minutes", stages),
            ("browser", self.browser),
        ]


def summarise(
    office: Office,
    *,
    files: int,
    before: Rows,
    after: Rows,
    known: int,
    played: Played,
    duplicates: int,
    runs_failed: Sequence[Mapping[str, str]],
    minutes: Mapping[str, float],
    browser: str,
    report: Path,
) -> Summary:
    """Count what stands in the databases.

    Args:
        office: The demonstration's own installation.
        files: Scans dropped this time.
        before: The stand-in's rows before.
        after: Its rows now.
        known: Documents that were there before.
        played: What the understudy did.
        duplicates: Duplicate files that were refused this time.
        runs_failed: Runs that failed as a whole, with their reasons.
        minutes: Minutes by stage.
        browser: The browser that the robots drove.
        report: The report workbook.
    """
    documents = office.documents.documents()
    fields = [field for document in documents for field in document.fields]
    automatic = sum(
        document.state is DocumentState.RECORDED and not any(field.corrected_by for field in document.fields)
        for document in documents
    )
    items = office.ledger.counts()
    entries = office.books.savings.entries()
    failures = [
        {"file": file.name, "department": file.department, "reason": file.reason}
        for file in office.documents.files([FileState.FAILED, FileState.READ])
        if file.reason
    ]
    return Summary(
        files=files,
        documents=len(documents),
        documents_new=len(documents) - known,
        pages=sum(len(document.pages) for document in documents),
        fields=len(fields),
        accepted=sum(field.accepted and field.corrected_by is None for field in fields),
        sent_to_review=len(documents) - automatic,
        waiting=sum(document.state is DocumentState.WAITING for document in documents),
        discarded=sum(document.state is DocumentState.DISCARDED for document in documents),
        records=sum(document.state is DocumentState.RECORDED for document in documents),
        records_automatic=automatic,
        understudy=asdict(played) | {"seconds_per_field_assumed": SECONDS_PER_FIELD},
        registered=Registered(
            total=after.total,
            new=after.total - before.total,
            twice=after.total - after.keys,
            by_ledger=items[State.DONE],
        ),
        duplicates_refused=duplicates,
        failures=failures,
        in_doubt=items[State.IN_DOUBT],
        items_failed=items[State.BUSINESS_FAILURE] + items[State.SYSTEM_FAILURE],
        runs_failed=runs_failed,
        minutes={name: round(value, 2) for name, value in minutes.items()},
        hours_saved=round(sum(entry.saved_minutes for entry in entries) / 60, 2),
        hours_saved_assumed=any(entry.basis.get("assumption") for entry in entries),
        browser=browser,
        lists=sorted(path.name for path in office.settings.folder("outbox").glob("*.xlsx")),
        report=str(report),
    )


def _t(name: str, **values: object) -> str:
    return text(f"console.{name}", language=None, **values)
