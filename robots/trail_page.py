"""The page of a run: everything kept of it, for a browser that may be anywhere. It asks nobody for anything."""

from collections.abc import Iterator
from datetime import datetime
from html import escape
from pathlib import Path
from urllib.parse import quote

from backoffice.clock import TOKYO
from backoffice.files import write_atomically
from backoffice.messages import current_language, text
from robots.trail_reading import GOOD_OUTCOMES, PartTrail, RunTrail, StepLine, read_trail

_STYLE = """
body{font:15px/1.6 "Noto Sans CJK JP","Meiryo",sans-serif;margin:2rem auto;max-width:72rem;padding:0 1rem;color:#222}
table{border-collapse:collapse;width:100%;margin:.5rem 0 1.5rem}
th,td{border:1px solid #c8ced6;padding:.25rem .6rem;text-align:left}
th{background:#eef2f6}td.n{text-align:right;font-variant-numeric:tabular-nums}.bad{color:#a40000;font-weight:bold}
.warn{background:#fff4d6;border-left:4px solid #b57600;padding:.3rem .8rem;margin:.4rem 0}
img{max-width:100%;border:1px solid #c8ced6}
figure{margin:1rem 0}summary{cursor:pointer;padding:.4rem 0}
"""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' file:"


def write_page(folder: Path) -> Path:
    """Write index.html into the folder of a run and return it; nothing is written where no run was.

    Raises:
        OSError: It cannot be written.
    """
    file = folder / "index.html"
    if folder.is_dir():
        write_atomically(file, page_of(read_trail(folder)).encode())
    return file


def page_of(trail: RunTrail) -> str:
    """Return the page of a run as HTML."""
    title = str(trail.facts.get("title") or trail.folder.name)
    body = "\n".join(
        [*_head(trail, title), *_overview(trail), *(one for p in trail.parts for one in _part(p))]
    )
    return (
        f'<!DOCTYPE html>\n<html lang="{current_language()}"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(_POLICY)}">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>\n<body>\n{body}\n</body></html>\n"
    )


def state_in_words(state: str) -> str:
    """Return a state of an item as people read it."""
    return text(f"robots.trail_state_{state}") if state else text("robots.trail_cut_off")


def outcome_in_words(outcome: str) -> str:
    """Return how a step ended as people read it; what went wrong is told with the item."""
    return text(f"trial.outcome_{outcome if outcome in GOOD_OUTCOMES else 'failed'}")


def moment_in_words(at: str) -> str:
    """Return a moment written by the trail (ISO 8601, UTC) as the clock on the wall in Tokyo showed it."""
    if not at:
        return ""
    return f"{datetime.fromisoformat(at).astimezone(TOKYO):%Y-%m-%d %H:%M:%S}"


def facts_in_words(trail: RunTrail) -> list[tuple[str, str]]:
    """Return what is known of a run as (name, value)."""
    told = {name: str(trail.facts[name]) for name in _FACTS if trail.facts.get(name)}
    if "begun" in told:
        told["begun"] = moment_in_words(told["begun"])
    return [(text(f"robots.trail_{name}"), value) for name, value in told.items()]


def _head(trail: RunTrail, title: str) -> Iterator[str]:
    yield f"<h1>{escape(title)}</h1>"
    facts = facts_in_words(trail)
    cells = "".join(f"<tr><th>{escape(name)}</th><td>{escape(value)}</td></tr>" for name, value in facts)
    yield f'<table>{cells}</table><p><a href="script.yaml">script.yaml</a></p>'
    for name in trail.downloads:
        yield f'<p>{escape(text("robots.trail_download"))}: <a href="downloads/{quote(name)}">{escape(name)}</a></p>'


_FACTS = ("robot", "version", "script", "process", "run", "begun", "browser")


def _overview(trail: RunTrail) -> Iterator[str]:
    items = [part for part in trail.parts if part.is_item]
    names = ("key", "state", "seconds", "warnings", "reason")
    yield "<table><tr>" + "".join(f"<th>{escape(text(f'robots.trail_{n}'))}</th>" for n in names) + "</tr>"
    for part in items:
        bad = "" if part.state == "done" else ' class="bad"'
        yield (
            f'<tr><td><a href="#p{quote(part.name)}">{escape(part.key or part.name)}</a></td>'
            f"<td{bad}>{escape(state_in_words(part.state))}</td><td class=n>{part.seconds:.1f}</td>"
            f"<td class=n>{len(part.warnings) or ''}</td><td>{escape(part.reason)}</td></tr>"
        )
    yield "</table>"


def _part(part: PartTrail) -> Iterator[str]:
    good = part.state in ("done", "") and not part.warnings
    title = escape(part.key or part.name)
    yield f'<details id="p{quote(part.name)}"{"" if good else " open"}><summary>{title}</summary>'
    yield from (f'<p class="warn">{escape(words)}</p>' for words in part.warnings)
    yield "<table>" + "".join(_step(step) for step in part.steps) + "</table>"
    for name in part.pictures:
        place = f"{quote(part.name)}/{quote(name)}"
        yield (
            f'<figure><a href="{place}"><img loading="lazy" src="{place}" alt="{escape(name)}"></a>'
            f"<figcaption>{escape(name)}</figcaption></figure>"
        )
    for name in part.files:
        yield f'<p><a href="{quote(part.name)}/{quote(name)}">{escape(name)}</a></p>'
    yield "</details>"


def _step(step: StepLine) -> str:
    bad = "" if step.outcome in GOOD_OUTCOMES else ' class="bad"'
    words = (moment_in_words(step.at)[11:], step.step, step.action, step.target, step.value)
    cells = "".join(f"<td>{escape(str(word))}</td>" for word in words)
    return f'<tr>{cells}<td class="n">{step.seconds:.2f}</td><td{bad}>{escape(_outcome(step))}</td></tr>'


def _outcome(step: StepLine) -> str:
    """Return a step's outcome in words; of a failure also its name in the catalogue, which a maintainer looks up."""
    words = outcome_in_words(step.outcome)
    return words if step.outcome in GOOD_OUTCOMES else f"{words} ({step.outcome})"
