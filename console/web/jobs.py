"""ジョブ: what runs when, what is held back, and the buttons to run, rehearse, pause and resume."""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import FormData

from backoffice.department_work import Page
from backoffice.errors import HakadoriError
from backoffice.messages import text
from backoffice.runs import OPEN_STATES, Run
from console.job_desk import JobFacts
from console.web.api.shapes import Word
from console.web.desk import Desk
from console.web.doors import Entered, Visitor, desk_of
from console.web.rendering import page
from console.web.robots_reach import demand_own_rehearsal
from console.web.run_words import counted, lasted
from console.web.starting import start

router = APIRouter()
DAYS = 7
HISTORY = 20
PREFIX = "parameter "
"""Begins the names of the fields that hold the parameters of a run."""
LONGEST = 1000
Why = Annotated[str, Form(max_length=400)]
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


@router.get("/jobs")
def jobs_page(request: Request, visitor: Entered) -> Response:
    """Show the jobs of the person's departments, and what is due the next days."""
    desk = desk_of(request)
    jobs = desk.job_desk.jobs(visitor.user.scope)
    return page(
        request,
        "jobs.html",
        visitor=visitor,
        desk=desk,
        jobs=[(job, _last(desk, job.job)) for job in jobs],
        days=desk.job_desk.coming(visitor.user.scope, DAYS),
        paused={job.job for job in jobs if job.paused_by},
        counted=counted,
        waiting=lambda job: _waiting(desk, job),
    )


@router.get("/jobs/{job}")
def job_page(request: Request, visitor: Entered, job: Word) -> Response:
    """Show one job: what it does, when, what ran, what was booked."""
    return _job_page(request, visitor, job)


@router.post("/jobs/{job}/run")
async def run_job(request: Request, visitor: Entered, job: Word) -> Response:
    """Begin a run with the parameters of the form, and go to its page."""
    return await _begin(request, visitor, job, rehearse=False)


@router.post("/jobs/{job}/rehearse")
async def rehearse_job(request: Request, visitor: Entered, job: Word) -> Response:
    """Begin a rehearsal of the job's robot, and go to its page."""
    return await _begin(request, visitor, job, rehearse=True)


@router.post("/jobs/{job}/pause")
def pause_job(request: Request, visitor: Entered, job: Word, why: Why = "") -> Response:
    """Hold a job back until it is resumed."""
    try:
        desk_of(request).job_desk.pause(job, visitor.user.name, why)
    except HakadoriError as error:
        return _job_page(request, visitor, job, error)
    return RedirectResponse(request.url_for("job_page", job=job).path, 303)


@router.post("/jobs/{job}/resume")
def resume_job(request: Request, visitor: Entered, job: Word, why: Why = "") -> Response:
    """Let a paused job run again."""
    try:
        desk_of(request).job_desk.resume(job, visitor.user.name, why)
    except HakadoriError as error:
        return _job_page(request, visitor, job, error)
    return RedirectResponse(request.url_for("job_page", job=job).path, 303)


def parameter_kind(value: str) -> str:
    """Return how a parameter is typed in, told by the value that the job's file gives: date, number or text."""
    if _DATE.fullmatch(value):
        return "date"
    return "number" if value.isascii() and value.isdigit() else "text"


async def _begin(request: Request, visitor: Visitor, job: str, *, rehearse: bool) -> Response:
    given = _parameters(await request.form())
    desk = desk_of(request)
    begin = desk.job_desk.rehearse if rehearse else desk.job_desk.run
    try:
        if rehearse:
            await run_in_threadpool(demand_own_rehearsal, desk, visitor, job)
        run = await start(request, begin, job, given, visitor.user.name)
    except HakadoriError as error:
        return await run_in_threadpool(_job_page, request, visitor, job, error)
    return RedirectResponse(f"/runs/{run.id}", 303)


def _parameters(form: FormData) -> dict[str, str]:
    return {
        name.removeprefix(PREFIX)[:100]: value[:LONGEST]
        for name, value in form.items()
        if name.startswith(PREFIX) and isinstance(value, str)
    }


def _job_page(request: Request, visitor: Visitor, name: str, error: HakadoriError | None = None) -> Response:
    desk = desk_of(request)
    story = desk.job_desk.story(name)
    runs, total = desk.work.runs(visitor.user.scope, Page(HISTORY), job=name)
    parts = error.parts() if error else None
    return page(
        request,
        "job.html",
        status=409 if parts else 200,
        visitor=visitor,
        desk=desk,
        story=story,
        job=story.facts,
        bad=parts,
        runs=runs,
        total=total,
        working=[run for run in runs if run.state in OPEN_STATES],
        kinds=_kinds(story.facts),
        machine=lasted(timedelta(seconds=story.booked.machine_seconds)),
        counted=counted,
        waiting=lambda job: _waiting(desk, job),
        prefix=PREFIX,
    )


def _kinds(job: JobFacts) -> Mapping[str, Any]:
    return {name: parameter_kind(value) for name, value in job.parameters.items()}


def _waiting(desk: Desk, job: JobFacts) -> str:
    """Return the jobs that a job waits for, as people call them."""
    return text("console.comma").join(desk.jobs.get(name, name) for name in job.waits_for)


def _last(desk: Desk, job: str) -> Run | None:
    return next(iter(desk.runs.history(job, limit=1)), None)
