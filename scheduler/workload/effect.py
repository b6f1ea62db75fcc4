"""Saved against surveyed hours: for every category and department of a survey, what the linked jobs have saved of it.

A job belongs to the business that somebody linked it to (`hakadori workload link`), else to the one of the same name in
the same department, if that says which category it is. What belongs to none is told apart, so that the sum is always
that of the account.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from scheduler.savings import TimeEntry
from scheduler.workload.book import Link
from scheduler.workload.shares import shares
from scheduler.workload.survey import Survey, SurveyLine, group_of, total_hours


class Tie(StrEnum):
    """How a job is tied to a business of the survey, or why it is not."""

    LINKED = "linked"
    BY_NAME = "by_name"
    NOT_FOUND = "not_found"
    SEVERAL = "several"
    TAKEN_OFF = "taken_off"
    GONE = "gone"


@dataclass(frozen=True)
class JobEffect:
    """What one job saved, and where it belongs.

    Attributes:
        job: Its name.
        business: As its entries name it.
        department: As the survey would write it.
        saved: Hours; may be negative.
        tie: How it is tied to the survey.
        target: A line of the business it belongs to; None when it belongs to none.
    """

    job: str
    business: str
    department: str
    saved: float
    tie: Tie
    target: SurveyLine | None


@dataclass(frozen=True)
class Part:
    """One category or department.

    Attributes:
        name: Of the category, with its group, or of the department.
        hours: Surveyed, a year.
        share: Of all surveyed hours, in percent; all shares together are exactly 100.
        covered: Surveyed hours of the businesses that a job serves.
        saved: Hours saved by these jobs in the span asked for; may be negative.
    """

    name: str
    hours: Decimal
    share: Decimal
    covered: Decimal
    saved: float

    @property
    def rate(self) -> float | None:
        """Saved as a part of surveyed; None when nothing was surveyed."""
        return self.saved / float(self.hours) if self.hours else None


@dataclass(frozen=True)
class Effect:
    """Saved against surveyed.

    Attributes:
        survey: The survey.
        hours: All its hours.
        groups: Groups of categories (共通業務, 個別業務); their shares are the sums of those of their categories.
        categories: In the order of the survey.
        departments: In the order of the survey.
        jobs: Every job that booked something, with its tie.
        saved: All hours saved, linked or not.
        unlinked: Those of jobs that belong to no business of the survey.
    """

    survey: Survey
    hours: Decimal
    groups: tuple[Part, ...]
    categories: tuple[Part, ...]
    departments: tuple[Part, ...]
    jobs: tuple[JobEffect, ...]
    saved: float
    unlinked: float

    @property
    def total(self) -> Part:
        """All categories together: their shares make 100, what was saved is that of the linked jobs."""
        parts = self.categories
        covered, share = (sum((getattr(p, name) for p in parts), Decimal(0)) for name in ("covered", "share"))
        return Part("", self.hours, share, covered, sum(part.saved for part in parts))


def effect(
    survey: Survey, entries: Sequence[TimeEntry], links: Mapping[str, Link], departments: Mapping[str, str]
) -> Effect:
    """Set what was saved against what was surveyed.

    Args:
        survey: The survey.
        entries: The account of the span asked for.
        links: Links in force by job (`SurveyBook.links`).
        departments: Shown name of each department of the settings: the survey uses shown names.
    """
    jobs = _jobs(survey, entries, links, departments)
    served = {_business(job.target) for job in jobs if job.target}
    categories = _parts(survey, jobs, served, lambda line: line.category)
    return Effect(
        survey=survey,
        hours=survey.hours,
        groups=_groups(categories),
        categories=categories,
        departments=_parts(survey, jobs, served, lambda line: line.department),
        jobs=jobs,
        saved=sum(job.saved for job in jobs),
        unlinked=sum(job.saved for job in jobs if job.target is None),
    )


def find_target(survey: Survey, business: str, department: str, category: str = "") -> list[SurveyLine]:
    """Return one line for every category in which a department has a business; narrowed by `category`."""
    mine = [line for line in survey.lines if (line.business, line.department) == (business, department)]
    wanted = [
        line for line in mine if not category or category in (line.category, line.category.split("/")[-1])
    ]
    return list({line.category: line for line in wanted}.values())


def _jobs(
    survey: Survey, entries: Sequence[TimeEntry], links: Mapping[str, Link], departments: Mapping[str, str]
) -> tuple[JobEffect, ...]:
    groups: dict[tuple[str, str, str], list[TimeEntry]] = {}
    for entry in entries:
        groups.setdefault((entry.job, entry.business, entry.department), []).append(entry)
    found = []
    for (job, business, code), mine in sorted(groups.items()):
        department = departments.get(code, code)
        tie, target = _tie(survey, job, business, department, links.get(job))
        saved = sum(entry.saved_minutes for entry in mine) / 60
        found.append(JobEffect(job, business, department, saved, tie, target))
    return tuple(found)


def _tie(
    survey: Survey, job: str, business: str, department: str, link: Link | None
) -> tuple[Tie, SurveyLine | None]:
    if link is not None and not link.business:
        return Tie.TAKEN_OFF, None
    if link is not None:
        linked = find_target(survey, link.business, link.department, link.category)
        return (Tie.LINKED, linked[0]) if linked else (Tie.GONE, None)
    named = find_target(survey, business, department)
    if len(named) > 1:
        return Tie.SEVERAL, None
    return (Tie.BY_NAME, named[0]) if named else (Tie.NOT_FOUND, None)


def _business(line: SurveyLine) -> tuple[str, str, str]:
    return line.department, line.category, line.business


def _parts(
    survey: Survey,
    jobs: Sequence[JobEffect],
    served: set[tuple[str, str, str]],
    key: Callable[[SurveyLine], str],
) -> tuple[Part, ...]:
    groups: dict[str, list[SurveyLine]] = {}
    for line in survey.lines:
        groups.setdefault(key(line), []).append(line)
    hours = [total_hours(lines) for lines in groups.values()]
    parts = []
    for (name, lines), whole, share in zip(groups.items(), hours, shares(hours), strict=True):
        covered = total_hours(line for line in lines if _business(line) in served)
        saved = sum(job.saved for job in jobs if job.target and key(job.target) == name)
        parts.append(Part(name, whole, share, covered, saved))
    return tuple(parts)


def _groups(categories: Sequence[Part]) -> tuple[Part, ...]:
    groups: dict[str, list[Part]] = {}
    for part in categories:
        groups.setdefault(group_of(part.name), []).append(part)
    return tuple(
        Part(
            name,
            sum((part.hours for part in parts), Decimal(0)),
            sum((part.share for part in parts), Decimal(0)),
            sum((part.covered for part in parts), Decimal(0)),
            sum(part.saved for part in parts),
        )
        for name, parts in groups.items()
    )
