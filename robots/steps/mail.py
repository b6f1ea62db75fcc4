"""Mail: a message to people, through the town's own mail server, with files from the robots' folders."""

import mimetypes
from email.message import EmailMessage

from backoffice.addresses import is_address
from backoffice.mail import MailNotSetUp, new_message
from robots.bench import Bench
from robots.errors import FileTrouble, ValueUnfit
from robots.registry import Function, Texts, lasting, once

LARGEST_ATTACHMENTS_BYTES = 20 * 1024**2
"""Many mail servers take no more."""
_NO_FILES = Texts([])


@once
@lasting
def send_mail(
    bench: Bench,
    to: str,
    subject: str,
    text: str,
    cc: str = "",
    attach: Texts = _NO_FILES,
) -> None:
    """Send a mail; in `each` it is the commit step and confirms itself, or stands behind the confirmation.

    Server, sender and the name of the password's secret stand in configs/hakadori.yaml (mail:).

    Args:
        to: The addresses, with commas between them.
        subject: The subject.
        text: The text.
        cc: Further addresses.
        attach: Files, such as outbox/一覧.xlsx.
    """
    if bench.mailer is None:
        raise MailNotSetUp("mail.not_set_up", where="mail")
    message = new_message(bench.mailer.sender, _addresses(to), subject)
    if cc:
        message["Cc"] = _addresses(cc)
    message.set_content(text)
    _attach(bench, message, attach)
    bench.mailer.send(message, bench.timeout)


def _addresses(written: str) -> str:
    found = [one.strip() for one in written.replace("、", ",").split(",") if one.strip()]
    if not found or not all(is_address(one) for one in found):
        raise ValueUnfit("robots.mail_address_wrong", where="send_mail")
    return ", ".join(found)


def _attach(bench: Bench, message: EmailMessage, files: Texts) -> None:
    size = 0
    for written in files:
        path = bench.places.resolve(written)
        try:
            content = path.read_bytes()
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise FileTrouble("robots.file_trouble", where=path.name, reason=reason) from error
        size += len(content)
        if size > LARGEST_ATTACHMENTS_BYTES:
            limit = LARGEST_ATTACHMENTS_BYTES // 1024**2
            raise FileTrouble("robots.mail_too_large", where=path.name, limit=limit)
        kind, _ = mimetypes.guess_type(path.name)
        main, _, sub = (kind or "application/octet-stream").partition("/")
        message.add_attachment(content, maintype=main, subtype=sub, filename=path.name)


ACTIONS: tuple[Function, ...] = (send_mail,)
"""The actions of this file."""
