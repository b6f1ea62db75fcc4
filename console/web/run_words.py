"""Runs in words: how long, how fast, what was counted; for the pages and for the stream that keeps them up to date."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from backoffice.messages import has_text, text
from backoffice.run_progress import ItemTold, RunProgress
from backoffice.runs import OPEN_STATES, Run
from backoffice.work_items import State

SHOWN_STATES = (
    State.DONE,
    State.BUSINESS_FAILURE,
    State.SYSTEM_FAILURE,
    State.IN_DOUBT,
    State.RETRY,
)
_NOT_COUNTED = frozenset({"exit_code", "goes_on"})
_IN_TILES = frozenset({"finished", "waiting"})
_MINUTE = 60
_HOUR = 3600


def counted(counts: Mapping[str, Any], without: Collection[str] = ()) -> list[tuple[str, int]]:
    """Return the numbers of a run that say something, with their names as people read them."""
    return [
        (text(f"console.counted_{name}") if has_text(f"console.counted_{name}") else name, value)
        for name, value in counts.items()
        if isinstance(value, int) and value and name not in {*_NOT_COUNTED, *without}
    ]


def told(run: Run, progress: RunProgress, now: datetime, zone: ZoneInfo) -> dict[str, Any]:
    """Return a run as it stands, in words, for the page and its script: plain values that JSON can hold."""
    over = run.state not in OPEN_STATES
    tiled = _IN_TILES if progress.waiting is not None else frozenset()
    total = None if progress.waiting is None else progress.ended + progress.waiting + len(progress.in_hand)
    return {
        "state": run.state.value,
        "state_words": text(f"console.run_{run.state}"),
        "over": over,
        "states": {state.value: progress.states[state] for state in SHOWN_STATES},
        "waiting": progress.waiting,
        "ended": progress.ended,
        "total": total,
        "counted": [{"name": name, "count": count} for name, count in counted(run.counts, tiled)],
        "in_hand": [_item(item, zone) for item in progress.in_hand],
        "recent": [_item(item, zone) for item in progress.recent],
        "lasted": lasted((run.finished_at or now) - run.started_at),
        "pace": text("work.per_minute", count=f"{progress.per_minute:.1f}") if progress.per_minute else "",
        "left": _left(progress, now, zone),
        "milestone": _milestone(run, progress, total),
        "announce": announced(run, progress, total),
    }


def slot_words(slot: str, before: datetime | None, zone: ZoneInfo) -> str:
    """Return for what moment, or after which run, a run was due; empty when a person began it.

    Args:
        slot: Its name in the book of firings (`scheduler/due.py` lists the kinds).
        before: When the run began that the slot is named after (`slot_run`); None when there is none.
        zone: The town's.
    """
    kind, _, name = slot.partition("-") if slot[:1].isalpha() else ("at", "", slot)
    if kind in ("after", "retry", "continue"):
        at = before
    elif kind in ("at", "file", "queue"):
        at = _moment(name)
    else:
        return ""
    return text(f"work.slot_{kind}", at=at.astimezone(zone).strftime("%Y-%m-%d %H:%M")) if at else ""


def slot_run(slot: str) -> str:
    """Return the number of the run that a slot is named after; empty for one that is a moment."""
    kind, _, name = slot.partition("-")
    return name if kind in ("after", "retry", "continue") else ""


def _moment(name: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(name)
    except ValueError:
        return None
    return at if at.tzinfo else None


def lasted(time: timedelta) -> str:
    """Return a length of time as people say it."""
    seconds = max(0, round(time.total_seconds()))
    if seconds < _MINUTE:
        return text("work.seconds", seconds=seconds)
    if seconds < _HOUR:
        return text("work.minutes", minutes=seconds // _MINUTE, seconds=seconds % _MINUTE)
    return text("work.hours", hours=seconds // _HOUR, minutes=seconds % _HOUR // _MINUTE)


def announced(run: Run, progress: RunProgress, total: int | None) -> str:
    """Return the one sentence that a screen reader says about a run."""
    if run.state not in OPEN_STATES:
        return text(
            "work.announce_over", state=text(f"console.run_{run.state}"), done=progress.states[State.DONE]
        )
    bad = progress.ended - progress.states[State.DONE]
    key = "work.announce_of" if total else "work.announce"
    return text(key, ended=progress.ended, total=total or 0, bad=bad)


def _milestone(run: Run, progress: RunProgress, total: int | None) -> str:
    """Return a word that changes when there is something worth saying: another quarter, trouble, the end."""
    quarter = 4 * progress.ended // total if total else 0
    bad = progress.ended - progress.states[State.DONE]
    over = run.state not in OPEN_STATES
    return f"{quarter} {min(bad, 1)} {over}"


def _left(progress: RunProgress, now: datetime, zone: ZoneInfo) -> str:
    if progress.seconds_left is None:
        return ""
    ends = (now + timedelta(seconds=progress.seconds_left)).astimezone(zone)
    minutes = round(progress.seconds_left / _MINUTE)
    if minutes < 1:
        return text("work.left_soon")
    return text("work.left", minutes=minutes, at=f"{ends:%H:%M}")


def _item(item: ItemTold, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "item": item.item,
        "key": item.key,
        "state": item.state.value,
        "state_words": text(f"console.item_{item.state}"),
        "at": f"{item.at.astimezone(zone):%H:%M:%S}",
    }
