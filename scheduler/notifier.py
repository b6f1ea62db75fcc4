"""Sees that people are told: enters what has happened into the book of notices, and sends what waits there.

It works beside the engine on a thread of its own, so that a mail server that does not answer holds up no job.
"""

from collections.abc import Callable, Mapping

from loguru import logger
from sqlalchemy.exc import DBAPIError

from backoffice.errors import HakadoriError
from backoffice.settings_notices import NoticeSettings
from scheduler.job import Job
from scheduler.notices import Channel, Notice, NoticeBook, NoticeState, Target
from scheduler.notify import Notify
from scheduler.occasions import TELL_WITHIN, occasions
from scheduler.office import Office
from scheduler.postman import Postman

SECONDS = 20.0
"""Pause between two rounds."""
_MARGIN = 2
"""Keys are remembered for longer than occasions are looked for."""


class Notifier:
    """Enters and sends the notices of all jobs.

    Args:
        jobs: All jobs by name.
        office: The books.
        book: The book of notices.
        postman: Sends one notice.
        settings: Addresses of the departments.
        departments: Titles of the departments by name.
        has_files: Says whether files wait in an inbox that were not taken yet.
    """

    def __init__(
        self,
        jobs: Mapping[str, Job],
        office: Office,
        book: NoticeBook,
        postman: Postman,
        settings: NoticeSettings,
        *,
        departments: Mapping[str, str],
        has_files: Callable[[str], bool] | None = None,
    ) -> None:
        self._jobs = jobs
        self._office = office
        self._book = book
        self._postman = postman
        self._settings = settings
        self._departments = departments
        self._has_files = has_files

    def look_round(self) -> None:
        """Enter what is new and send what waits; trouble is logged, and the next round meets the same books again."""
        try:
            self.enter_new()
            self.send_waiting()
        except HakadoriError as error:
            logger.error("notices failed: {}", error.key)
        except (DBAPIError, OSError) as error:
            logger.error("notices failed: {}", type(error).__name__)

    def enter_new(self) -> int:
        """Enter a notice for every occasion that was not told yet; returns how many were entered."""
        now, entered = self._office.clock(), 0
        known = self._book.known(now - TELL_WITHIN * _MARGIN)
        for job in self._jobs.values():
            notify = job.notify or Notify()
            targets = self._targets(job, notify)
            if not targets:
                continue
            for occasion in occasions(job, self._office, now, self._has_files):
                if occasion.event not in notify.events or occasion.key in known:
                    continue
                department = self._departments.get(job.department, job.department)
                facts = {"title": job.title, "department": department, **occasion.facts}
                entered += sum(
                    self._book.enter(occasion.key, job.job, job.department, occasion.event, target, facts)
                    for target in targets
                )
        return entered

    def send_waiting(self) -> int:
        """Send every notice whose time has come; returns how many were sent."""
        sent = 0
        while (notice := self._book.take()) is not None:
            sent += self._send(notice)
        return sent

    def _send(self, notice: Notice) -> bool:
        try:
            self._postman.send(notice)
        except HakadoriError as error:
            state = self._book.not_sent(notice, error.parts().what)
            level = "ERROR" if state is NoticeState.GIVEN_UP else "WARNING"
            logger.log(level, "notice {} of job {} not sent: {}", notice.id, notice.job, error.key)
            return False
        self._book.sent(notice)
        return True

    def _targets(self, job: Job, notify: Notify) -> tuple[Target, ...]:
        mail = self._settings.mail.get(job.department, ()) if notify.mail is None else notify.mail
        by_mail = [Target(Channel.MAIL, address) for address in mail]
        return (*by_mail, *(Target(Channel.WEBHOOK, name) for name in notify.webhooks))
