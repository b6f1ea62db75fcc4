"""`hakadori robot show RUN`: what a run did, on the terminal: every item, what failed, what people should know."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from console.calling import put_table, say, told
from console.errors import ArgumentWrong

if TYPE_CHECKING:
    from robots.trail_reading import PartTrail, RunTrail


def find_run(evidence: Path, name: str) -> Path:
    """Return the folder of a run by its name, by the beginning of it, or "last" for the newest.

    Raises:
        ArgumentWrong: There is none, or several begin so.
    """
    runs = sorted((one for one in evidence.iterdir() if one.is_dir()), key=lambda one: one.stat().st_mtime)
    if name == "last" and runs:
        return runs[-1]
    exact = [one for one in runs if one.name == name]
    near = exact or [one for one in runs if name and one.name.startswith(name)]
    if len(near) != 1:
        known = ", ".join(one.name for one in reversed(runs[-5:])) or "-"
        raise ArgumentWrong("console.run_evidence_missing", where=name, name=name, known=known)
    return near[0]


def show_run(trail: "RunTrail") -> None:
    """Print a run for people."""
    from robots.trail_page import facts_in_words, state_in_words

    for name, value in facts_in_words(trail):
        say(f"{name}: {value}")
    items = [part for part in trail.parts if part.is_item]
    headings = [
        told("show_record"), told("show_state"), told("show_seconds"), told("show_warnings"), told("show_reason"),
    ]  # fmt: skip
    rows = [
        [p.key or p.name, state_in_words(p.state), f"{p.seconds:.1f}", str(len(p.warnings) or ""), p.reason]
        for p in items
    ]
    if rows:
        put_table(headings, rows)
    else:
        say(told("show_nothing", runs=_earlier(trail.folder)))
    for part in trail.parts:
        _show_trouble(part)
    for name in trail.downloads:
        say(told("show_download", name=name))
    say(told("show_page", path=str(trail.folder / "index.html")))


def _earlier(run: Path) -> str:
    """Return the names of the runs before one, the newest first, as short as `find_run` takes them."""
    runs = [one for one in run.parent.iterdir() if one.is_dir()]
    newest = sorted(runs, key=lambda one: one.stat().st_mtime, reverse=True)
    shorts = [one.name[:12] for one in runs]
    others = [one.name for one in newest if one != run]
    names = [name if shorts.count(name[:12]) > 1 else name[:12] for name in others]
    return ", ".join(names[:3]) or "-"


def run_as_json(trail: "RunTrail") -> dict[str, Any]:
    """Return a run for programs."""
    return {**asdict(trail), "folder": str(trail.folder)}


def _show_trouble(part: "PartTrail") -> None:
    """Print what people should know of one item: warnings, and the step that failed."""
    from robots.trail_reading import GOOD_OUTCOMES

    name = part.key or part.name
    for words in part.warnings:
        say(told("show_warning", name=name, words=words))
    for step in part.steps:
        if step.outcome not in GOOD_OUTCOMES:
            say(
                told(
                    "show_failed",
                    name=name,
                    step=step.step,
                    action=step.action,
                    target=step.target,
                    why=step.outcome,
                )
            )
