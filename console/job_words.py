"""When a job runs, in words: what its file says, for the page of the job and for `hakadori job next`."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from backoffice.messages import text
from console.day_words import days_in_words, interval_in_words
from scheduler.job import Job, Trigger

_NO_TITLES: Mapping[str, str] = MappingProxyType({})


def when_in_words(job: Job, titles: Mapping[str, str] = _NO_TITLES) -> list[str]:
    """Return everything that makes a job due, a sentence each; a job without a timetable says so.

    Args:
        job: The job.
        titles: Names of jobs → what people call them.
    """
    timed = [words for trigger in job.when for words in _timed(trigger)]
    return timed + list(untimed(job, titles))


def untimed(job: Job, titles: Mapping[str, str] = _NO_TITLES) -> Iterator[str]:
    """Yield what makes a job due beside times of day."""
    for trigger in job.when:
        if trigger.after is not None:
            yield text("console.agenda_after", job=titles.get(trigger.after, trigger.after))
        if trigger.on_file:
            yield text("console.agenda_on_file", inbox=job.read)
        if trigger.on_queue is not None:
            queue = trigger.on_queue
            watched = queue.process or queue.documents
            yield text("console.agenda_on_queue", queue=watched, count=queue.at_least)
    if not job.when:
        yield text("console.agenda_by_hand")


def rules_in_words(job: Job, titles: Mapping[str, str]) -> list[str]:
    """Return the rules that hold for every run of a job: window, time limit, tries, lanes, what it waits for."""
    told = [text("work.rule_timeout", minutes=f"{job.timeout:g}")]
    if job.window is not None:
        told.insert(0, text("work.rule_window", window=job.window))
    if job.retries:
        told.append(text("work.rule_retries", times=job.retries, minutes=f"{job.retry_minutes:g}"))
    if job.workers > 1:
        told.append(text("work.rule_workers", count=job.workers))
    if job.items_per_run:
        told.append(text("work.rule_items", count=job.items_per_run))
    if job.depends_on:
        told.append(
            text(
                "work.rule_depends",
                jobs=text("console.comma").join(titles.get(name, name) for name in job.depends_on),
            )
        )
    told.append(text(f"work.rule_missed_{job.missed}"))
    return told


def _timed(trigger: Trigger) -> Iterator[str]:
    if trigger.at is not None:
        yield text(
            "work.when_at", days=days_in_words(trigger.days), times=text("console.comma").join(trigger.at)
        )
    if trigger.every is not None:
        yield text(
            "work.when_every", days=days_in_words(trigger.days), every=interval_in_words(trigger.every)
        )
    if trigger.cron is not None:
        yield text("work.when_cron", cron=trigger.cron)
