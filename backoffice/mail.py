"""Mail through the town's own server by SMTP, for robots and for notices of the schedule.

The password is looked up when it is needed and kept nowhere.
"""

import smtplib
import ssl
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import Protocol

from backoffice.errors import SystemFailure, UserError
from backoffice.settings import MailSettings
from backoffice.vault import Vault


class MailNotSetUp(UserError):
    """The settings name no mail server or no sender."""


class MailNotSent(SystemFailure):
    """The mail server did not take a message: nobody got it."""


class MailUnclear(MailNotSent):
    """Somebody may have got it: the line broke while it was sent, or only some of the people on it were taken."""


class Mailer(Protocol):
    """Sends mail."""

    def send(self, message: EmailMessage, timeout: float) -> None:
        """Hand a message to the server.

        Args:
            message: With From, To, Subject, text and attachments.
            timeout: Longest wait in seconds.

        Raises:
            MailNotSent: The server does not answer or did not take the message for anybody.
            MailUnclear: It may have taken the message, or has for some of the people on it.
            MailNotSetUp: The settings name no server or sender.
        """

    @property
    def sender(self) -> str:
        """The address that mail is sent from."""


class SmtpMailer:
    """Sends mail by SMTP.

    Args:
        settings: Server, port, encryption, user, sender.
        vault: Gives the password.
    """

    def __init__(self, settings: MailSettings, vault: Vault) -> None:
        self._settings = settings
        self._vault = vault

    @property
    def sender(self) -> str:
        """The address in the settings.

        Raises:
            MailNotSetUp: There is none, or no server.
        """
        if not self._settings.host or not self._settings.sender:
            raise MailNotSetUp("mail.not_set_up", where="mail")
        return self._settings.sender

    def send(self, message: EmailMessage, timeout: float) -> None:
        """Hand a message to the server; either everybody on it is taken, or it counts as not sent."""
        server = self._enter(timeout)
        try:
            refused = server.send_message(message)
        except smtplib.SMTPRecipientsRefused as error:
            raise self._failed(f"{len(error.recipients)} × 5xx") from error
        except smtplib.SMTPResponseException as error:
            raise self._failed(str(error.smtp_code)) from error
        except (smtplib.SMTPException, OSError) as error:  # it may have been taken before the line broke
            raise MailUnclear("mail.unclear", where=self._where, reason=_reason(error)) from error
        finally:
            _leave(server)
        if refused:
            raise MailUnclear("mail.partly_sent", where="mail", count=len(refused))

    def _enter(self, timeout: float) -> smtplib.SMTP:
        """Connect and log in; as long as this fails, nothing was sent."""
        try:
            server = self._connect(timeout)
            try:
                if self._settings.user:
                    server.login(self._settings.user, self._vault.get(self._settings.secret).reveal())
            except BaseException:
                _leave(server)
                raise
        except smtplib.SMTPResponseException as error:
            raise self._failed(str(error.smtp_code)) from error
        except (smtplib.SMTPException, OSError) as error:
            raise self._failed(_reason(error)) from error
        return server

    def _connect(self, timeout: float) -> smtplib.SMTP:
        host, port = self._settings.host, self._settings.port
        if self._settings.security == "tls":
            return smtplib.SMTP_SSL(host, port, timeout=timeout, context=ssl.create_default_context())
        server = smtplib.SMTP(host, port, timeout=timeout)
        if self._settings.security == "starttls":
            server.starttls(context=ssl.create_default_context())
        return server

    @property
    def _where(self) -> str:
        return f"{self._settings.host}:{self._settings.port}"

    def _failed(self, reason: str) -> MailNotSent:
        return MailNotSent("mail.not_sent", where=self._where, reason=reason)


def _leave(server: smtplib.SMTP) -> None:
    """Say goodbye; a server that does not answer to that has still taken what it has taken."""
    try:
        server.quit()
    except (smtplib.SMTPException, OSError):
        server.close()


def _reason(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or type(error).__name__)


def new_message(sender: str, to: str, subject: str) -> EmailMessage:
    """Begin a message: sender, addresses, subject on one line, date and a number of its own."""
    message = EmailMessage()
    message["From"] = sender
    message["To"] = to
    message["Subject"] = " ".join(subject.split())
    message["Date"] = formatdate(localtime=True)
    message["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2] or "localhost")
    return message
