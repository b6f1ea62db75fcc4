"""A stand-in for the mail server (`backoffice.mail.Mailer`), for tests of a town's own robots."""

from dataclasses import dataclass, field
from email.message import EmailMessage


@dataclass
class FakeMailer:
    """Keeps what would have been sent, for tests of a town's own robots."""

    sender: str = "robot@example.jp"
    sent: list[EmailMessage] = field(default_factory=list)

    def send(self, message: EmailMessage, timeout: float) -> None:
        """Keep it."""
        self.sent.append(message)
