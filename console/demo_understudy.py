"""Plays the person's part in the demonstration: an understudy who knows the truth of the composed samples.

Nobody sits at the review page during a demonstration, so doubtful fields would never become records. The understudy
does what a verifier does, through the same code as the review page: it looks at the doubtful fields only, types what
stands on the paper (from the samples' truth files), and confirms. What the machine was sure of stays as the machine
read it, right or wrong. The last few documents are left for the visitor to try.

The summary says what the understudy did. Its time is booked at an assumed number of seconds a field and marked so.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from backoffice.document import Document, DocumentState
from backoffice.messages import text
from console.users import User
from console.web.desk import Desk
from console.web.reviewing import SOFT, Corrections, Outcome, Reviewer

LEFT_FOR_VISITOR = 3
INCOMPLETE = ("ocr.required_empty", "ocr.check_digit_wrong", "ocr.not_an_option")
SECONDS_PER_FIELD = 8.0
"""Assumed, not measured: what a person takes to compare one crop with one value. Put measured seconds here only."""


@dataclass(frozen=True)
class Played:
    """What the understudy did.

    Attributes:
        documents: Documents it confirmed.
        fields: Doubtful fields it looked at in them.
        corrected: Of these, fields whose reading was wrong.
        returned: Documents it sent back, because something required is missing or wrong on the paper itself.
    """

    documents: int = 0
    fields: int = 0
    corrected: int = 0
    returned: int = 0


class Understudy:
    """Confirms waiting documents by their truth.

    Args:
        desk: The parts of the office.
        user: The person it plays.
        truths: Folder of the truth files.
    """

    def __init__(self, desk: Desk, user: User, truths: Path) -> None:
        self._desk = desk
        self._reviewer = Reviewer(desk, user)
        self._truths = truths

    def play(self, known: int) -> Played:
        """Confirm the documents that came this time, but for the last few.

        Args:
            known: Documents up to this number were there before and are left alone.
        """
        names = {file.id: file.name for file in self._desk.documents.files()}
        waiting = [
            document
            for document in self._desk.documents.documents([DocumentState.WAITING])
            if document.id > known
        ]
        played = Played()
        for document in waiting[:-LEFT_FOR_VISITOR]:
            truth = self._truth(document, names[document.file_id])
            if truth is not None:
                played = self._confirm(document, truth, played)
        return played

    def _truth(self, document: Document, name: str) -> Mapping[str, str] | None:
        """Return the true values of a document; None when its file has no truth or holds another form there."""
        path = self._truths / f"{Path(name).stem}.json"
        if not path.is_file():
            return None
        told: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        page = document.pages[0].get("page")
        for candidate in told["documents"]:
            if candidate["form"] == document.form and page in candidate["pages"]:
                values: Mapping[str, str] = candidate["fields"]
                return values
        return None

    def _confirm(self, document: Document, truth: Mapping[str, str], played: Played) -> Played:
        looked_at = [field.name for field in document.doubtful]
        outcome = self._record(document, truth, looked_at, as_written=())
        if outcome.item is None and outcome.twin is None:
            # What the checks found in the sure fields: a person looks there too.
            flagged = list(outcome.findings)
            looked_at += [name for name in flagged if name not in looked_at]
            if self._is_incomplete(outcome, truth):
                return self._send_back(outcome.document, played, len(looked_at))
            soft = [
                name for name in flagged if all(finding.key in SOFT for finding in outcome.findings[name])
            ]
            outcome = self._record(outcome.document, truth, flagged, as_written=soft)
        self._reviewer.book(document, SECONDS_PER_FIELD * len(looked_at))
        if outcome.item is None:
            return played
        read = document.values
        wrong = sum(name in truth and truth[name] != read[name] for name in looked_at)
        return replace(
            played,
            documents=played.documents + 1,
            fields=played.fields + len(looked_at),
            corrected=played.corrected + wrong,
        )

    def _is_incomplete(self, outcome: Outcome, truth: Mapping[str, str]) -> bool:
        """Say whether the paper itself lacks or miswrites something required."""
        return any(
            finding.key in INCOMPLETE and truth.get(name) == outcome.document.values[name]
            for name, findings in outcome.findings.items()
            for finding in findings
        )

    def _send_back(self, document: Document, played: Played, looked_at: int) -> Played:
        self._reviewer.book(document, SECONDS_PER_FIELD * looked_at)
        self._reviewer.discard(document.id, document.revision, text("console.discard_incomplete"))
        return replace(played, fields=played.fields + looked_at, returned=played.returned + 1)

    def _record(
        self,
        document: Document,
        truth: Mapping[str, str],
        names: Sequence[str],
        *,
        as_written: Sequence[str],
    ) -> Outcome:
        values = {name: truth[name] for name in names if name in truth}
        given = Corrections(document.revision, values, as_written=frozenset(as_written))
        return self._reviewer.record(document.id, given)
