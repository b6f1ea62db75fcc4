"""Why a piece of work stands where it stands in the ranking, each factor, its source, what would move it."""

from typing import Any

from backoffice.messages import text
from scheduler.workload.ranking import Candidate, Missing, Ranking, Work
from scheduler.workload.rules import FILE


def reasons(candidate: Candidate, ranking: Ranking, language: str | None = None) -> list[str]:
    """Return the reasons of one place, a sentence each: the product, hours, routine, volume, the way."""

    def say(name: str, **values: object) -> str:
        return text(f"workload.{name}", language=language, **values)

    work, half = candidate.work, ranking.half_volume
    hours, score = f"{work.hours:,.1f}", f"{candidate.score:,.1f}"
    factors = {
        "hours": hours,
        "routine": f"{candidate.routine:.2f}",
        "volume": f"{candidate.volume_factor:.2f}",
    }
    told = [say("reason_product", score=score, **factors)]
    told.append(
        say("reason_hours", hours=hours, count=len(work.departments), departments=_few(work.departments))
    )
    routine = {"routine": factors["routine"], "kind": work.task_kind}
    told.append(
        say(
            "reason_routine_survey" if work.routine_surveyed else "reason_routine_rules", file=FILE, **routine
        )
    )
    told.append(say("reason_volume", volume=f"{work.volume or 0:,}", half=half, factor=factors["volume"]))
    if work.unknown_volume:
        told.append(say("reason_volume_unknown", departments=_few(work.unknown_volume)))
    if work.minutes_per_item is not None:
        told.append(say("reason_each", minutes=f"{work.minutes_per_item:,.1f}"))
    told.append(say(f"way_{work.way.value}_long"))
    return told


def changes(candidate: Candidate, language: str | None = None) -> list[str]:
    """Return what would move a place, a sentence per factor."""
    told = []
    for change in candidate.changes:
        value = f"{change.value:.2f}" if change.factor == "routine" else f"{change.value:,.0f}"
        values: dict[str, Any] = {"value": value, "score": f"{change.score:,.1f}", "rank": change.rank}
        told.append(text(f"workload.change_{change.factor}", language=language, **values))
    return told


def way_word(work: Work, language: str | None = None) -> str:
    """Return what would do the work, in a word or two."""
    return text(f"workload.way_{work.way.value}", language=language)


def missing_word(missing: Missing, work: Work, language: str | None = None) -> str:
    """Return why a piece of work is not ranked."""
    return text(f"workload.missing_{missing.value}", language=language, kind=work.task_kind, file=FILE)


def _few(names: tuple[str, ...]) -> str:
    shown = "、".join(names[:4])
    return shown if len(names) <= 4 else f"{shown}、…"
