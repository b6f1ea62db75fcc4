"""Puts together what tells people by mail or webhook that a job needs them."""

from datetime import timedelta

from backoffice.mail import SmtpMailer
from console.wiring import Office, lookout
from scheduler.notices import NoticeBook
from scheduler.notifier import SECONDS, Notifier
from scheduler.postman import Postman
from scheduler.pulse import Pulse

PATIENCE_SECONDS = 2.0
"""At the end nobody waits longer for a mail server; the notice at hand is tried again at the next start."""


def notice_book(office: Office) -> NoticeBook:
    """Return the book of what people are told."""
    give_up = timedelta(hours=office.settings.notices.give_up_hours)
    return NoticeBook(office.engine, office.clock, give_up=give_up)


def make_notifier(office: Office) -> Notifier:
    """Return what enters and sends the notices of all jobs."""
    settings = office.settings
    postman = Postman(
        SmtpMailer(settings.mail, office.vault),
        settings.notices.webhooks,
        office.vault,
        town=settings.town,
        zone=settings.timezone,
        timeout=settings.mail.timeout_seconds,
    )
    return Notifier(
        office.jobs,
        office.books,
        notice_book(office),
        postman,
        settings.notices,
        departments=settings.departments,
        has_files=lookout(office).has_files,
    )


def notices_beside(office: Office) -> Pulse:
    """Return the thread that tells people while the service works; a context manager."""
    return Pulse("notices", SECONDS, make_notifier(office).look_round, patience=PATIENCE_SECONDS)
