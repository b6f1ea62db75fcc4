"""Turning a recording into a robot: what was typed becomes places to fill in, passwords become names of secrets.

Nothing that was typed is in the result, so it may be shown to anybody. What only a person can decide (which step
cannot be undone, which fields are personal) is proposed on the safe side and said in comments.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from backoffice.messages import text
from robots.recording.events import Came, Done, Event, Spotted

_COMMIT = re.compile("登録|申請|送信|確定|保存|更新|削除|実行|submit|save|register|send", re.IGNORECASE)
_NO_COMMIT = re.compile("確認|検索|ログイン|次へ|戻る|search|login|next|back", re.IGNORECASE)
_PLAIN = re.compile(r"[^\s\-?:,\[\]{}#&*!|>'\"%@`$0-9~=.+][^:#{}\[\],\"'\n&*]*$")
_WORDS = re.compile(r"[^\w・ー]+")


@dataclass(frozen=True)
class Wanted:
    """What the new robot is to be called.

    Attributes:
        name: Its name.
        title: What it does.
        process: The process of its items.
    """

    name: str
    title: str
    process: str


def write_script(events: Sequence[Event], wanted: Wanted, targets: Mapping[str, str]) -> str:
    """Return the robot that does what was recorded, as YAML.

    Args:
        events: The recording.
        wanted: Names.
        targets: Name → URL of the target systems; addresses are written by these names.
    """
    tidy = _without_repeats(events)
    split = _end_of_login(tidy)
    login, work = tidy[:split], tidy[split:]
    system = _system_of(tidy, targets)
    fields = [name for name in dict.fromkeys(map(_item, work)) if name]
    lines = [
        f"# {text('robots.record_head')}",
        f"robot: {wanted.name}",
        f"title: {_scalar(wanted.title)}",
        "version: 1",
        "items:",
        "  from: queue",
        f"  process: {wanted.process}",
        f"  # {text('robots.record_personal')}",
        f"  personal: [{', '.join(map(_scalar, fields))}]",
    ]
    if login:
        lines += ["setup:", *_opening(login, targets), *_steps(login, system, None)]
    commit = _commit_of(work)
    lines += [
        "each:",
        *_opening(tidy[split - 1 :] if login else work, targets),
        *_steps(work, system, commit),
    ]
    if commit is None:
        lines.append(f"  # {text('robots.record_no_commit')}")
    else:
        lines.append(f"# {text('robots.record_resolve')}")
    return "\n".join(lines) + "\n"


def _without_repeats(events: Sequence[Event]) -> list[Event]:
    """Drop what was corrected at once: of two inputs into one field in a row the last one counts."""
    kept: list[Event] = []
    for event in events:
        last = kept[-1] if kept else None
        same = isinstance(event, Done) and isinstance(last, Done) and event.target == last.target
        if same and isinstance(event, Done) and isinstance(last, Done) and event.action != "click":
            kept.pop()
        kept.append(event)
    return kept


def _end_of_login(events: Sequence[Event]) -> int:
    """Return how many events belong to the login: up to the page that came after the last password."""
    secret = max(
        (at for at, event in enumerate(events) if isinstance(event, Done) and event.secret), default=-1
    )
    if secret < 0:
        return 0
    after = (at for at, event in enumerate(events) if at > secret and isinstance(event, Came))
    return next(after, len(events) - 1) + 1


def _commit_of(work: Sequence[Event]) -> int | None:
    """Return the place of the click that registers: the last one with such words that brought a page."""
    for at in range(len(work) - 1, -1, -1):
        event = work[at]
        if not isinstance(event, Done) or event.action != "click" or event.target is None:
            continue
        came = next((later for later in work[at + 1 :] if isinstance(later, Came)), None)
        says = _COMMIT.search(event.target.name) and not _NO_COMMIT.search(event.target.name)
        if event.target.kind == "button" and says and came is not None and (came.done or came.headings):
            return at
    return None


def _opening(events: Sequence[Event], targets: Mapping[str, str]) -> Iterator[str]:
    first = next((event.url for event in events if event.url), "")
    yield f"  - open: {_scalar(_address(first, targets))}"


def _steps(events: Sequence[Event], system: str, commit: int | None) -> Iterator[str]:
    login = any(isinstance(event, Done) and event.secret for event in events)
    for at, event in enumerate(events):
        if isinstance(event, Came):
            before = events[at - 1] if at else None
            if isinstance(before, Done) and before.action == "click" and at - 1 != commit:
                yield from _arrival(event)
            continue
        if at == commit:
            came = next(later for later in events[at + 1 :] if isinstance(later, Came))
            yield f"  # {text('robots.record_commit')}"
            yield from _act(event, system, login)
            yield "    commit: true"
            yield from _confirmation(came)
            continue
        yield from _act(event, system, login)


def _act(event: Done, system: str, login: bool) -> Iterator[str]:
    if event.target is None:
        yield "  - dialog: accept"
        return
    place = _target(event.target)
    if event.action == "upload":
        yield f"  # {text('robots.record_upload', name=event.target.name)}"
    elif event.action == "fill" and (event.secret or login):
        name = "password" if event.secret else "user"
        yield f"  - fill: {{{place}}}"
        yield f"    secret: {system}_{name}"
    elif event.action == "fill":
        yield f'  - fill: {{{place}, value: "${{item.{_item(event)}}}"}}'
    elif event.action in ("select", "choose"):
        yield f'  - {event.action}: {{{place}, option: "${{item.{_item(event)}}}"}}'
    elif event.action == "check" and event.options:
        yield f'  - check: {{{place}, options: "${{item.{_item(event)}}}"}}'
    else:
        if event.target.kind == "css":
            yield f"  # {text('robots.record_css')}"
        yield f"  - {event.action}: {{{place}}}"


def _arrival(came: Came) -> Iterator[str]:
    if came.headings:
        yield f"  - expect: {{heading: {_scalar(came.headings[0])}}}"


def _confirmation(came: Came) -> Iterator[str]:
    sign = f"text: {_scalar(came.done)}" if came.done else f"heading: {_scalar(came.headings[0])}"
    yield f"  - expect: {{{sign}}}"
    yield "    confirm: true"


def _item(event: Event) -> str:
    """Return the name of the record's field that an input becomes, empty for what is no input."""
    if not isinstance(event, Done) or event.target is None or event.secret:
        return ""
    if event.action in ("fill", "select", "choose") or (event.action == "check" and event.options):
        name = _WORDS.sub("_", event.target.name).strip("_")
        return name if event.target.nth in (None, 1) else f"{name}_{event.target.nth}"
    return ""


def _target(spot: Spotted) -> str:
    nth = f", nth: {spot.nth}" if spot.nth is not None else ""
    return f"{spot.kind}: {_scalar(spot.name)}{nth}"


def _system_of(events: Sequence[Event], targets: Mapping[str, str]) -> str:
    """Return the name of the target system that was worked on, for the names of the secrets."""
    found = (
        name
        for event in events
        for name, url in targets.items()
        if url and event.url.startswith(url.rstrip("/"))
    )
    return next(found, "system")


def _address(url: str, targets: Mapping[str, str]) -> str:
    """Write an address by the name of its target; what follows a question mark may be personal and is dropped."""
    bare = url.partition("#")[0].partition("?")[0]
    for name, root in targets.items():
        stem = root.rstrip("/")
        if stem and bare.startswith(stem):
            return f"${{target.{name}}}{bare[len(stem) :]}"
    return bare


def _scalar(words: str) -> str:
    """Write words so that YAML reads exactly them."""
    plain = (
        _PLAIN.match(words) and words == words.strip() and words.lower() not in ("true", "false", "null", "")
    )
    return words if plain else json.dumps(words, ensure_ascii=False)
