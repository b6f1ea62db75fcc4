"""実行: what ran, how it goes now, and what it left: items, steps, problems, warnings, script and log."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from backoffice.department_work import Page
from backoffice.errors import HakadoriError
from backoffice.messages import has_text, text
from backoffice.runs import OPEN_STATES, Run, RunMissing, RunState
from backoffice.work_items import ItemMissing, State, WorkItem
from console.authoring.telling import step_sentences
from console.rehearsals import KIND as REHEARSAL
from console.rights import Right
from console.run_files import RunFiles
from console.web.api.shapes import Word
from console.web.desk import Desk
from console.web.doors import Entered, Visitor, desk_of
from console.web.lists import PageNumber, Part, rows_of
from console.web.rendering import page
from console.web.robots_view import step_number
from console.web.run_sight import seen_files, seen_progress
from console.web.run_words import counted, slot_run, slot_words, told

router = APIRouter()
GROUPS = {
    "open": tuple(OPEN_STATES),
    "good": (RunState.DONE,),
    "bad": (RunState.FAILED, RunState.DIED),
    "stopped": (RunState.STOPPED,),
}
"""What the list can be narrowed to."""


@router.get("/runs")
def runs_page(
    request: Request, visitor: Entered, job: Word = "", state: Word = "", number: PageNumber = 1
) -> Response:
    """List runs, newest first, of one job or all."""
    desk, scope = desk_of(request), visitor.user.scope
    states = GROUPS.get(state)
    runs, total = desk.work.runs(scope, rows_of(number), job=job or None, states=states)
    jobs = desk.work.owners.jobs if scope is None else desk.work.owners.jobs_of(scope)
    return page(
        request,
        "runs.html",
        visitor=visitor,
        desk=desk,
        runs=runs,
        part=Part(number, total, "/runs", {"job": job, "state": state if states else ""}),
        jobs=sorted(jobs),
        groups=list(GROUPS),
        counted=counted,
        title=lambda run: title_of(desk, run),
    )


@router.get("/runs/{run_id}")
def run_page(request: Request, visitor: Entered, run_id: Word, number: PageNumber = 1) -> Response:
    """Show a run as it stands; the page's script keeps it up to date."""
    return _run_page(request, visitor, run_id, number)


@router.get("/runs/{run_id}/parts/{part}")
def part_page(request: Request, visitor: Entered, run_id: Word, part: Word) -> Response:
    """Show the steps of one item in a run; pictures and words of pages only to who may review."""
    desk = desk_of(request)
    run, files = desk.runs.get(run_id), seen_files(desk, visitor.user, run_id)
    found = files.part(part)
    reviews = visitor.user.may(Right.REVIEW)
    return page(
        request,
        "run_part.html",
        visitor=visitor,
        desk=desk,
        run=run,
        part=found,
        item=_item_of(desk, part),
        title=title_of(desk, run),
        sentences=_sentences(desk, run),
        step_name=step_number,
        reviews=reviews,
        page_text=_page_text(desk, visitor, run, files, part) if reviews else "",
        clock=lambda at: _clock(at, ZoneInfo(desk.settings.timezone)),
        picture_name=_picture_name,
    )


@router.post("/runs/{run_id}/stop")
def stop_run(
    request: Request,
    visitor: Entered,
    run_id: Word,
    why: Annotated[str, Form(max_length=400)] = "",
    hold: Annotated[str, Form(max_length=10)] = "",
) -> Response:
    """Ask a run to end after the item in hand and, where wanted, hold its job back."""
    desk = desk_of(request)
    try:
        desk.job_desk.end(run_id, visitor.user.name, why)
        job = desk.runs.get(run_id).job
        if hold and job in desk.work.owners.jobs:
            desk.job_desk.pause(job, visitor.user.name, why)
    except HakadoriError as error:
        return _run_page(request, visitor, run_id, 1, error)
    return RedirectResponse(f"/runs/{run_id}", 303)


def title_of(desk: Desk, run: Run) -> str:
    """Return what people call the job of a run."""
    return desk.jobs.get(run.job, run.job)


def _run_page(
    request: Request, visitor: Visitor, run_id: str, number: int, error: HakadoriError | None = None
) -> Response:
    desk, now = desk_of(request), desk_of(request).clock()
    run, files = desk.runs.get(run_id), seen_files(desk, visitor.user, run_id)
    items, total = desk.work.items(visitor.user.scope, rows_of(number), run=run_id)
    parts, kept = error.parts() if error else None, files.parts
    zone = ZoneInfo(desk.settings.timezone)
    return page(
        request,
        "run.html",
        status=409 if parts else 200,
        visitor=visitor,
        desk=desk,
        run=run,
        title=title_of(desk, run),
        slot=_slot(desk, run, zone),
        bad=parts,
        going=told(run, seen_progress(desk, visitor.user, run, now), now, zone),
        lanes=[lane for lane in desk.runs.lanes_of(run) if lane.id != run.id],
        items=items,
        reasons=desk.work.reasons(items),
        rows=Part(number, total, f"/runs/{run_id}", {}),
        kept=frozenset(kept),
        hidden=bool(files.hidden),
        others=[name for name in kept if not name.isdigit() and name != "downloads"],
        sent=files.part("downloads").files if "downloads" in kept else (),
        warnings=files.warnings(),
        log=files.log_lines(),
        rehearsal=run.kind == REHEARSAL,
        may_stop=run.state in OPEN_STATES and _can_stop(desk, run),
        is_job=run.job in desk.work.owners.jobs,
        counted=counted,
        **_failed(desk, visitor, run),
    )


def _slot(desk: Desk, run: Run, zone: ZoneInfo) -> str:
    """Return for what a run was due, in words."""
    name = slot_run(run.slot)
    try:
        before = desk.runs.get(name).started_at if name else None
    except RunMissing:
        before = None  # it was let go when its time had passed
    return slot_words(run.slot, before, zone)


def _failed(desk: Desk, visitor: Visitor, run: Run) -> dict[str, Any]:
    """Return how many items of the run a person can help on now: retry, or settle."""

    def count(*states: State) -> int:
        return desk.work.items(visitor.user.scope, Page(1), run=run.id, states=states)[1]

    return {
        "failed": count(State.SYSTEM_FAILURE, State.BUSINESS_FAILURE),
        "doubtful": count(State.IN_DOUBT),
    }


def _can_stop(desk: Desk, run: Run) -> bool:
    """Say whether the run hears a request to end: all do but those that somebody began at a terminal."""
    return run.job in desk.work.owners.jobs or run.kind == REHEARSAL


def _page_text(desk: Desk, visitor: Visitor, run: Run, files: RunFiles, part: str) -> str:
    """Return the words of the page on which an item failed; the view goes into the audit trail."""
    if "failure.txt" not in files.part(part).files:
        return ""
    desk.audit.note(visitor.user.name, "evidence.view", f"run/{run.id}", part=part, file="failure.txt")
    return files.file(part, "failure.txt").read_text(encoding="utf-8", errors="replace")


def _item_of(desk: Desk, part: str) -> WorkItem | None:
    """Return the item that a part of the evidence is about; None for "setup" and the like."""
    if not (part.isascii() and part.isdigit() and len(part) <= 9):
        return None
    try:
        return desk.ledger.get(int(part))
    except ItemMissing:
        return None


def _sentences(desk: Desk, run: Run) -> Mapping[str, str]:
    """Return the steps of the script as it ran, as sentences; none when it can no longer be read."""
    if desk.robots is None or not run.script:
        return {}
    robot = desk.robots.shelf.check(run.job, run.script).robot
    return step_sentences(robot) if robot is not None else {}


def _clock(at: str, zone: ZoneInfo) -> str:
    """Return a moment of the evidence (ISO 8601) as the clock on the wall showed it."""
    return f"{datetime.fromisoformat(at).astimezone(zone):%H:%M:%S}" if at else ""


def _picture_name(name: str) -> str:
    """Return what a picture shows, in words; a second one of the same kind bears its number."""
    stem = name.rpartition(".")[0]
    base, _, number = stem.rpartition("-")
    if base and number.isdigit() and has_text(f"work.picture_{base}"):
        return f"{text(f'work.picture_{base}')} ({number})"
    return text(f"work.picture_{stem}") if has_text(f"work.picture_{stem}") else stem
