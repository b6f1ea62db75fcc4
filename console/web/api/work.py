"""Runs and jobs through the API: list, show, run now, pause and resume."""

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Depends, Request

from backoffice.department_work import Page
from console.web.access import API
from console.web.api.shapes import Done, JobShown, Listing, Pause, Resume, RunFacts, Start, Word, page_of
from console.web.doors import Entered, desk_of
from console.web.problems import answers
from console.web.starting import start

router = APIRouter(prefix=API, tags=["work"])


@router.get("/runs", responses=answers())
def list_runs(
    request: Request, visitor: Entered, page: Annotated[Page, Depends(page_of)], job: Word | None = None
) -> Listing[RunFacts]:
    """List runs, newest first."""
    runs, total = desk_of(request).work.runs(visitor.user.scope, page, job=job)
    return Listing[RunFacts].of([RunFacts.of(run) for run in runs], total, page)


@router.get("/runs/{run_id}", responses=answers(404))
def show_run(request: Request, visitor: Entered, run_id: Word) -> RunFacts:
    """Show a run as it stands."""
    return RunFacts.of(desk_of(request).runs.get(run_id))


@router.get("/jobs", responses=answers())
def list_jobs(request: Request, visitor: Entered) -> list[JobShown]:
    """List jobs as they stand."""
    return [JobShown(**asdict(job)) for job in desk_of(request).job_desk.jobs(visitor.user.scope)]


@router.post("/jobs/{job}/run", status_code=202, responses=answers(404, 409))
async def run_job(request: Request, visitor: Entered, job: Word, given: Start) -> RunFacts:
    """Begin a run of a job; ask `runs` how it goes on."""
    begin = desk_of(request).job_desk.run
    return RunFacts.of(await start(request, begin, job, given.parameters, visitor.user.name))


@router.post("/jobs/{job}/pause", responses=answers(404, 409))
def pause_job(request: Request, visitor: Entered, job: Word, given: Pause) -> Done:
    """Hold a job back until it is resumed; a run at work goes on to its end."""
    desk_of(request).job_desk.pause(job, visitor.user.name, given.why)
    return Done()


@router.post("/jobs/{job}/resume", responses=answers(404, 409))
def resume_job(request: Request, visitor: Entered, job: Word, given: Resume) -> Done:
    """Let a paused job run again."""
    desk_of(request).job_desk.resume(job, visitor.user.name, given.why)
    return Done()
