"""Beginning a run for a page or a program: a few at a time, and none of them takes a thread that answers pages.

Whoever starts a run is answered when the run stands in the books. That is at once, but while the books are held up (a
database that hangs, another PC that is entering the same job) it may take minutes; those who wait meanwhile stand in a
line of their own, and everybody else's pages are answered as ever.
"""

from collections.abc import Callable, Mapping

from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from fastapi import Request

from backoffice.runs import Run

AT_ONCE = 4
"""Runs that are entered at the same time."""
Begin = Callable[[str, Mapping[str, str], str], Run]


def starting_line() -> CapacityLimiter:
    """Return what lets so many begin at a time; the application keeps one."""
    return CapacityLimiter(AT_ONCE)


async def start(request: Request, begin: Begin, job: str, parameters: Mapping[str, str], who: str) -> Run:
    """Begin a run and return it as soon as it stands in the books.

    Args:
        request: Of the page or program.
        begin: `JobDesk.run` or `JobDesk.rehearse`.
        job: The job's name.
        parameters: What the run is given.
        who: Who asks.

    Raises:
        HakadoriError: As `begin`.
    """
    return await run_sync(begin, job, parameters, who, limiter=request.app.state.starts)
