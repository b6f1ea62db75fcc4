"""What the service does for watched folders beside reading them: receipts, and telling when a folder is away.

Both are read from the books again and again, so that neither a restart nor a mail server that was off hides anything:
a receipt that could not be given is given later, and a folder that went away or came back is told once.
"""

import json
from collections.abc import Sequence
from pathlib import Path

from loguru import logger
from sqlalchemy.exc import SQLAlchemyError

from backoffice.errors import HakadoriError
from backoffice.files import write_atomically
from backoffice.inbox_book import InboxState
from backoffice.mail import Mailer, SmtpMailer, new_message
from backoffice.messages import text
from backoffice.receipts import Receipts
from console.wiring import Office
from ocr.inboxes import in_words
from scheduler.pulse import Pulse

SECONDS = 30.0
MEMORY = "inboxes.json"
PATIENCE_SECONDS = 2.0


class InboxClerk:
    """Gives receipts and tells of inboxes.

    Args:
        office: The installation.
        mailer: Sends mail; the town's own server by default.
    """

    def __init__(self, office: Office, mailer: Mailer | None = None) -> None:
        self._office = office
        self._mailer = mailer or SmtpMailer(office.settings.mail, office.vault)
        self._receipts = Receipts(office.settings, office.documents, self.post)

    def look_round(self) -> None:
        """Give the receipts that are due, and tell of inboxes that went away or came back."""
        try:
            self._receipts.refresh()
            self._tell_changes()
        except (HakadoriError, OSError, SQLAlchemyError) as error:
            what = error.key if isinstance(error, HakadoriError) else type(error).__name__
            logger.warning("receipts and inboxes: {}; tried again", what)

    def post(self, addresses: Sequence[str], subject: str, words: str) -> None:
        """Send a mail.

        Raises:
            MailNotSent: The server did not take it.
            MailNotSetUp: The settings name no server or sender.
        """
        message = new_message(self._mailer.sender, ", ".join(addresses), subject)
        message.set_content(words)
        self._mailer.send(message, self._office.settings.mail.timeout_seconds)

    def _tell_changes(self) -> None:
        told = _remembered(self._place)
        for state in self._office.documents.inboxes.states():
            since = state.away_since.isoformat() if state.away_since else ""
            if told.get(state.department, "") != since and self._told(state):
                told[state.department] = since
                write_atomically(self._place, json.dumps(told).encode())

    def _told(self, state: InboxState) -> bool:
        """Tell the people of a department; True when nobody is left to tell."""
        settings = self._office.settings
        addresses = settings.notices.mail.get(state.department, ())
        if not addresses or not settings.mail.host:
            return True  # the log and `hakadori document inboxes` tell it
        words = text("inbox.back", department=state.department)
        if state.away_since:
            words = in_words(state.department, state.away_reason)
        try:
            self.post(addresses, text("inbox.notice_subject", department=state.department), words)
        except HakadoriError as error:
            logger.warning("inbox {}: nobody told ({})", state.department, error.key)
            return False
        return True

    @property
    def _place(self) -> Path:
        return self._office.settings.var / MEMORY


def inboxes_beside(office: Office) -> Pulse:
    """Return the thread that looks after receipts and inboxes while the service works; a context manager."""
    return Pulse("inboxes", SECONDS, InboxClerk(office).look_round, patience=PATIENCE_SECONDS)


def _remembered(place: Path) -> dict[str, str]:
    try:
        told = json.loads(place.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}
