"""What is worth automating: hours × routine × volume, every factor open, with its source and what would change it.

    score = hours a year × share that follows rules × items ÷ (items + half_volume)

The score is the part of the surveyed hours worth a closer look, in hours a year. It is no promise: what is really
saved is measured afterwards, by the account of time saved. Lines of the same business and kind of task are taken
together over all departments, since one form or robot serves them all. What misses a factor is listed, not ranked.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from scheduler.workload.rules import WorkloadRules
from scheduler.workload.survey import Medium, SurveyLine, total_hours

JUDGEMENT = 0.2
"""By so much the routine is lowered in the question "what if more judgement is in it than we think"."""


class Missing(StrEnum):
    """Why a piece of work is not ranked."""

    VOLUME = "volume"
    ROUTINE = "routine"
    MEDIUM = "medium"


@dataclass(frozen=True)
class Work:
    """A business and kind of task over all departments, with its factors.

    Attributes:
        category: Of its lines.
        business: 業務名.
        task_kind: 作業の種類.
        departments: Who does it.
        hours: Hours a year, all together.
        volume: Items a year of the lines that say so; None when none does.
        unknown_volume: Departments that did not say how many items they have.
        routine: Share that follows rules; weighted by hours where the survey says it per line; None when unknown.
        routine_surveyed: The survey says the routine; otherwise the town's rules do.
        media: On what it is done.
    """

    category: str
    business: str
    task_kind: str
    departments: tuple[str, ...]
    hours: Decimal
    volume: int | None
    unknown_volume: tuple[str, ...]
    routine: float | None
    routine_surveyed: bool
    media: frozenset[Medium]

    @property
    def way(self) -> Medium:
        """What would do it: a form to read (paper), a robot (system), or both."""
        paper = bool(self.media & {Medium.PAPER, Medium.BOTH})
        system = bool(self.media & {Medium.SYSTEM, Medium.BOTH})
        if paper and system:
            return Medium.BOTH
        return Medium.PAPER if paper else Medium.SYSTEM if system else Medium.NONE

    @property
    def minutes_per_item(self) -> float | None:
        """Minutes of an item, as far as the survey lets it be told."""
        return float(self.hours) * 60 / self.volume if self.volume and not self.unknown_volume else None


@dataclass(frozen=True)
class Change:
    """What would become of a candidate if one factor were otherwise.

    Attributes:
        factor: "routine", "volume" or "hours".
        value: What the factor is then.
        score: The score it has then.
        rank: The place it has then, if nothing else changes.
    """

    factor: str
    value: float
    score: float
    rank: int


@dataclass(frozen=True)
class Candidate:
    """A ranked piece of work.

    Attributes:
        rank: Its place, from 1; equal scores share a place.
        work: What it is.
        routine: The factor routine.
        volume_factor: The factor volume.
        score: The product, in hours a year.
        changes: What would change its place.
    """

    rank: int
    work: Work
    routine: float
    volume_factor: float
    score: float
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class Ranking:
    """The ranked work, and what could not be ranked.

    Attributes:
        candidates: Highest score first.
        unranked: Work with what it misses; first what a better survey would rank, most hours first.
        half_volume: Items a year that count one half.
    """

    candidates: tuple[Candidate, ...]
    unranked: tuple[tuple[Work, Missing], ...]
    half_volume: int


def rank(lines: Sequence[SurveyLine], rules: WorkloadRules) -> Ranking:
    """Rank the work of a survey."""
    groups: dict[tuple[str, str, str], list[SurveyLine]] = {}
    for line in lines:
        groups.setdefault((line.category, line.business, line.task_kind), []).append(line)
    works = [_work(group, rules) for group in groups.values()]
    missing = [(work, why) for work in works if (why := _missing(work)) is not None]
    scored = [(work, _score(work, rules)) for work in works if _missing(work) is None]
    scored.sort(key=lambda one: (-one[1], one[0].business, one[0].task_kind))
    scores = sorted(score for _, score in scored)
    return Ranking(
        tuple(_candidate(work, score, scores, rules) for work, score in scored),
        tuple(sorted(missing, key=lambda one: (one[1] is Missing.MEDIUM, -one[0].hours, one[0].business))),
        rules.half_volume,
    )


def volume_factor(volume: int, half_volume: int) -> float:
    """Return how much a number of items counts: 0 for none, one half at `half_volume`, towards 1 for many."""
    return volume / (volume + half_volume)


def _work(group: Sequence[SurveyLine], rules: WorkloadRules) -> Work:
    volumes = [line.volume for line in group if line.volume is not None]
    surveyed = any(line.routine is not None for line in group)
    first = group[0]
    return Work(
        category=first.category,
        business=first.business,
        task_kind=first.task_kind,
        departments=tuple(dict.fromkeys(line.department for line in group)),
        hours=total_hours(group),
        volume=sum(volumes) if volumes else None,
        unknown_volume=tuple(dict.fromkeys(line.department for line in group if line.volume is None)),
        routine=_routine(group, rules),
        routine_surveyed=surveyed,
        media=frozenset(line.medium for line in group),
    )


def _routine(group: Sequence[SurveyLine], rules: WorkloadRules) -> float | None:
    usual = rules.routine.get(group[0].task_kind)
    known = [(line.hours, usual if line.routine is None else line.routine) for line in group]
    told = [(hours, share) for hours, share in known if share is not None]
    weight = sum((hours for hours, _ in told), Decimal(0))
    if len({share for _, share in told}) == 1:
        return told[0][1]
    if not weight:
        return None
    return sum(float(hours) * share for hours, share in told) / float(weight)


def _missing(work: Work) -> Missing | None:
    if work.way is Medium.NONE:
        return Missing.MEDIUM
    if work.volume is None:
        return Missing.VOLUME
    return Missing.ROUTINE if work.routine is None else None


def _score(
    work: Work,
    rules: WorkloadRules,
    *,
    hours: float | None = None,
    routine: float | None = None,
    volume: float = 1,
) -> float:
    items = int((work.volume or 0) * volume)
    share = (work.routine or 0.0) if routine is None else routine
    return (float(work.hours) if hours is None else hours) * share * volume_factor(items, rules.half_volume)


def _candidate(work: Work, score: float, scores: Sequence[float], rules: WorkloadRules) -> Candidate:
    routine, volume, hours = work.routine or 0.0, work.volume or 0, float(work.hours)
    lower = max(0.0, round(routine - JUDGEMENT, 4))
    changed = [
        ("routine", lower, _score(work, rules, routine=lower)),
        ("volume", float(volume // 2), _score(work, rules, volume=0.5)),
        ("hours", hours / 2, _score(work, rules, hours=hours / 2)),
    ]
    changes = tuple(Change(name, value, new, _place(new, score, scores)) for name, value, new in changed)
    factor = volume_factor(volume, rules.half_volume)
    return Candidate(_place(score, score, scores), work, routine, factor, score, changes)


def _place(score: float, own: float, scores: Sequence[float]) -> int:
    """Return the place of a score among all (ascending), from which the candidate's own one is taken out."""
    above = len(scores) - bisect_right(scores, score)
    return 1 + above - (own > score)
