"""The seam to a mail server: what robots ask of it, and a fake for tests."""

from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Protocol


class Mailer(Protocol):
    """Sends mail."""

    def send(self, message: EmailMessage, timeout: float) -> None:
        """Hand a message to the server.

        Args:
            message: With From, To, Subject, text and attachments.
            timeout: Longest wait in seconds.

        Raises:
            MailNotSent: The server does not answer or did not take the message for anybody.
            MailNotSetUp: The settings name no server or sender.
        """

    @property
    def sender(self) -> str:
        """The address that mail is sent from."""


@dataclass
class FakeMailer:
    """Keeps what would have been sent, for tests of a town's own robots."""

    sender: str = "robot@example.jp"
    sent: list[EmailMessage] = field(default_factory=list)

    def send(self, message: EmailMessage, timeout: float) -> None:
        """Keep it."""
        self.sent.append(message)
