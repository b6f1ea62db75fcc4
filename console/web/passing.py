"""Passing a document on instead of finishing it: skipped, commented on, sent back, taken up again, handed out ahead.

What is handed out ahead is the page picture and the crops of the document that comes next. They leave the server before
anybody sees them, so the audit trail says `document.prepare` at that moment and `document.view` when the document is
opened; nothing is ever shown of which the trail says nothing (docs/adr/0032).
"""

from typing import Any

from backoffice.comments import Comment
from backoffice.document import Document, DocumentState
from backoffice.messages import text
from console.errors import ArgumentWrong
from console.users import User
from console.web.desk import Desk
from console.web.review_view import page_views
from console.web.reviewing import Outcome, Reviewer

LONGEST_REASON = 200
PRESETS = ("return_incomplete", "return_illegible", "return_seal", "return_form", "return_attachment")
"""Reasons to choose from; the audit trail names them, and of a reason in own words only that it is one."""


class Passer:
    """One person's hands on the documents of the person's departments, as far as they pass them on."""

    def __init__(self, desk: Desk, user: User) -> None:
        self._desk = desk
        self._user = user
        self._reviewer = Reviewer(desk, user)

    def skip(self, document_id: int) -> None:
        """Put a document behind the others, for this person."""
        document = self._reviewer.get(document_id)
        self._desk.documents.turns.skip(document.id, self._user.name)
        self._note("document.skip", document)

    def comment(self, document_id: int, words: str) -> Comment:
        """Say something about a document to whoever opens it next.

        Raises:
            ArgumentWrong: Nothing was said.
        """
        document = self._reviewer.get(document_id)
        if not words.strip():
            raise ArgumentWrong("review.comment_missing")
        said = self._desk.documents.comments.add(document.id, self._user.name, words)
        self._note("document.comment", document, comment=said.id)
        return said

    def send_back(self, document_id: int, revision: int, reason: str) -> Outcome:
        """Send a document back to its department, which learns the reason from its receipt.

        Raises:
            StaleRevision: Somebody else changed or closed it.
            ArgumentWrong: No reason was given.
        """
        self._reviewer.get(document_id)
        words = " ".join(reason.split())[:LONGEST_REASON]
        if not words:
            raise ArgumentWrong("console.reason_missing")
        closed = self._desk.documents.close(
            document_id, revision, DocumentState.RETURNED, reason=words, who=self._user.name
        )
        known = next((name for name in PRESETS if text(f"review.{name}") == words), "own_words")
        self._note("document.return", closed, reason=known)
        return Outcome(closed, {})

    def take_up(self, document_id: int, revision: int) -> Outcome:
        """Let a document that was sent back wait here again.

        Raises:
            StaleRevision: It is not sent back, or not any more.
        """
        self._reviewer.get(document_id)
        taken = self._desk.documents.take_up(document_id, revision, who=self._user.name)
        self._note("document.take_up", taken)
        return Outcome(taken, {})

    def prepare(self, document_id: int) -> dict[str, Any]:
        """Hand out the pictures of the document that is opened next; returns its token and their addresses."""
        document = self._reviewer.get(document_id)
        self._desk.documents.turns.reserve(document.id, self._user.name)
        self._note("document.prepare", document)
        token = self._desk.signer.view(document.id, self._user.name, self._desk.clock())
        return {"document": document.id, "token": token, "pictures": _pictures(document, token)}

    def _note(self, what: str, document: Document, **details: object) -> None:
        self._desk.audit.note(self._user.name, what, f"document/{document.id}", **details)


def _pictures(document: Document, token: str) -> list[str]:
    """Return the pictures that the page shows at once: its pages, and the crops of the doubtful fields."""
    home = f"/documents/{document.id}"
    pages = [f"{home}/pages/{page['number']}/picture?view={token}" for page in page_views(document)]
    crops = [
        f"{home}/fields/{position}/crop?view={token}"
        for position, field in enumerate(document.fields)
        if field.crop and not field.accepted
    ]
    return pages + crops
