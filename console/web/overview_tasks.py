"""What is a person's to do, for the first page: each task with how much of it, and where it is done."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time
from urllib.parse import quote

from backoffice.document import DocumentState
from backoffice.work_items import State
from console.rights import Right
from console.web.overview_looker import Looker


@dataclass(frozen=True)
class Task:
    """Something that is a person's to do.

    Attributes:
        key: "waiting", "in_doubt" …; "overview.task_<key>" says it.
        count: How much of it.
        href: Where it is done.
        since: Since when the oldest of it waits; None when that says nothing.
        urgent: It stops work until somebody does it.
    """

    key: str
    count: int
    href: str
    since: datetime | None = None
    urgent: bool = False


def tasks(looker: Looker) -> list[Task]:
    """Return what is this person's to do, what stops work first."""
    found = [task for task in _tasks(looker) if task.count]
    return sorted(found, key=lambda task: not task.urgent)


def _tasks(looker: Looker) -> Iterator[Task]:
    may = looker.user.may
    if may(Right.REVIEW):
        waiting = looker.standing.documents(looker.scope)
        turns = looker.standing.turns(looker.scope, looker.user.name)
        oldest = min((heap.oldest for heap in waiting), default=None)
        yield Task("third", turns.third, "/documents")
        yield Task("second", turns.second, "/documents")
        yield Task("waiting", sum(heap.count for heap in waiting), "/documents", oldest)
    if may(Right.SUBMIT):
        back = looker.standing.documents(looker.scope, DocumentState.RETURNED)
        oldest = min((heap.oldest for heap in back), default=None)
        yield Task("returned", sum(heap.count for heap in back), looker.to("/submit", "/submit"), oldest)
        yield Task("aside", looker.standing.aside(looker.scope, 0)[1], looker.to("/submit", "/submit"))
    if may(Right.WORK):
        counts = looker.desk.work.item_counts(looker.scope)
        mine = may(Right.SETTLE)
        key = "in_doubt" if mine else "in_doubt_others"
        yield Task(key, counts[State.IN_DOUBT], looker.to("/items", "/items?state=in_doubt"), urgent=mine)
    if may(Right.JOBS):
        yield Task("runs", len(looker.broken), looker.to("/runs", "/runs?state=bad"), urgent=True)
        paused = sum(job.paused_by is not None for job in looker.jobs)
        yield Task("paused", paused, looker.to("/jobs", "/jobs"))
    yield from _of_robots(looker)
    if may(Right.MEASURE) and looker.desk.baselines is not None:
        known = looker.desk.baselines.all(looker.scope)
        assumed = sum(one.basis is None or one.basis.assumption for one in known)
        yield Task("baselines", assumed, "/baselines")
    if may(Right.AUDIT):
        begin = datetime.combine(looker.today, time(), looker.zone)
        yield Task("audit", looker.standing.audited(begin), "/audit")
    if may(Right.USERS):
        now = looker.desk.clock()
        locked = sum(
            user.locked_until is not None and user.locked_until > now for user in looker.desk.users.all()
        )
        yield Task("locked", locked, "/users", urgent=True)


def _of_robots(looker: Looker) -> Iterator[Task]:
    writes, approves = looker.user.may(Right.ROBOTS), looker.user.may(Right.APPROVE)
    if looker.desk.robots is None or not (writes or approves):
        return
    sights = looker.desk.robots.sights(looker.scope)
    asked = [one for one in sights if one.standing is not None and one.jobs]
    if approves:
        mine = [
            one
            for one in asked
            if one.standing
            and one.standing.word in ("unapproved", "changed")
            and one.standing.may_decide(looker.user.name)
        ]
        named = quote(mine[0].script.name) if mine else ""
        one = looker.to("/robots/{robot}/approval", f"/robots/{named}/approval")
        yield Task("approve", len(mine), one if len(mine) == 1 else "/robots", urgent=True)
    if writes:
        wrong = sum(sight.standing is None for sight in sights)
        refused = sum(one.standing is not None and one.standing.word == "refused" for one in asked)
        yield Task("robots_wrong", wrong, "/robots", urgent=True)
        yield Task("robots_refused", refused, "/robots")
