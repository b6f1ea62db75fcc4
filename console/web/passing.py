"""Passing a document on instead of finishing it: skipped, commented on, sent back, taken up again, handed out ahead.

What is handed out ahead is the page picture and the crops of the document that comes next. They leave the server before
anybody sees them, so the audit trail says `document.prepare` at that moment and `document.view` when the document is
opened; nothing is ever shown of which the trail says nothing (docs/adr/0032).
"""

from typing import Any

import sqlalchemy as sa

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

    def skip(self, document_id: int, seconds: float = 0.0) -> None:
        """Put a document behind the others, for this person; as each act here, with the seconds that it took."""
        document = self._reviewer.get(document_id)
        with self._desk.documents.transaction() as connection:
            self._desk.documents.turns.skip(document.id, self._user.name, connection=connection)
            self._end(connection, "document.skip", document, seconds)

    def comment(self, document_id: int, words: str, seconds: float = 0.0) -> Comment:
        """Say something about a document to whoever opens it next.

        Raises:
            ArgumentWrong: Nothing was said.
        """
        document = self._reviewer.get(document_id)
        if not words.strip():
            raise ArgumentWrong("review.comment_missing")
        with self._desk.documents.transaction() as connection:
            who, comments = self._user.name, self._desk.documents.comments
            said = comments.add(document.id, who, words, connection=connection)
            self._end(connection, "document.comment", document, seconds, comment=said.id)
        return said

    def send_back(self, document_id: int, revision: int, reason: str, seconds: float = 0.0) -> Outcome:
        """Send a document back to its department, which learns the reason from its receipt.

        Raises:
            StaleRevision: Somebody else changed or closed it.
            ArgumentWrong: No reason was given.
        """
        self._reviewer.get(document_id)
        words = " ".join(reason.split())[:LONGEST_REASON]
        if not words:
            raise ArgumentWrong("console.reason_missing")
        known = next((name for name in PRESETS if text(f"review.{name}") == words), "own_words")
        who, state = self._user.name, DocumentState.RETURNED
        with self._desk.documents.transaction() as connection:
            closed = self._desk.documents.close(
                document_id, revision, state, reason=words, who=who, connection=connection
            )
            self._end(connection, "document.return", closed, seconds, reason=known)
        return Outcome(closed, {})

    def take_up(self, document_id: int, revision: int, seconds: float = 0.0) -> Outcome:
        """Let a document that was sent back wait here again.

        Raises:
            StaleRevision: It is not sent back, or not any more.
        """
        self._reviewer.get(document_id)
        who, documents = self._user.name, self._desk.documents
        with documents.transaction() as connection:
            taken = documents.take_up(document_id, revision, who=who, connection=connection)
            self._end(connection, "document.take_up", taken, seconds)
        return Outcome(taken, {})

    def prepare(self, document_id: int) -> dict[str, Any]:
        """Hand out the pictures of the document that is opened next; returns its token and their addresses."""
        document = self._reviewer.get(document_id)
        with self._desk.documents.transaction() as connection:
            self._desk.documents.turns.reserve(document.id, self._user.name, connection=connection)
            self._end(connection, "document.prepare", document)
        token = self._desk.signer.view(document.id, self._user.name, self._desk.clock())
        return {"document": document.id, "token": token, "pictures": _pictures(document, token)}

    def _end(
        self,
        connection: sa.Connection,
        what: str,
        document: Document,
        seconds: float = 0.0,
        **details: object,
    ) -> None:
        """Finish the transaction of an act: the seconds that it took, and last its entry in the audit trail."""
        self._reviewer.book(document, seconds, connection)
        self._reviewer.note(what, document, connection, **details)


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
