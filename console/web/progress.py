"""How a run goes, told to an open page: line by line (server-sent events), or once to a page that asks.

Runs work in child processes or on another PC, so everything is read from the book of runs and the ledger, and a
console that was restarted simply goes on telling. At each beat the person is asked anew: who was locked out, lost the
right or left the department hears nothing more.
"""

import json
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from loguru import logger
from sqlalchemy.exc import DBAPIError

from backoffice.errors import HakadoriError
from backoffice.messages import text
from console.users import User
from console.web.api.shapes import Word
from console.web.desk import Desk
from console.web.doors import Entered, NotSignedIn, desk_of, still_welcome
from console.web.run_sight import seen_progress
from console.web.run_words import told
from console.web.streams import Beat

router = APIRouter()


@router.get("/runs/{run_id}/progress")
def progress(request: Request, visitor: Entered, run_id: Word) -> Response:
    """Tell once how a run goes, to a page that got no stream; asking does not keep the session alive."""
    request.state.session = None
    now = _now(desk_of(request), visitor.user, run_id)
    return JSONResponse(now, headers={"Cache-Control": "no-store"})


@router.get("/runs/{run_id}/events")
async def events(request: Request, visitor: Entered, run_id: Word) -> Response:
    """Tell a page how a run goes, a beat a second, until it ends, the page is closed or the person may not look."""
    request.state.session = None
    look = looking(request, f"run {run_id}", lambda: _now(desk_of(request), visitor.user, run_id))
    return desk_of(request).streams.open(visitor.user.name, look)


def looking(request: Request, what: str, read: Callable[[], dict[str, Any]]) -> Callable[[], Beat]:
    """Return what reads the next beat; it runs on a thread for streams.

    Args:
        request: The page's; its person is asked for anew at each beat.
        what: Named in the log when the books cannot be read.
        read: Returns how it goes, with `over` at the end.
    """

    def look() -> Beat:
        try:
            still_welcome(request)
            now = read()
        except NotSignedIn:
            return _goodbye(text("console.signed_out"))
        except HakadoriError as error:
            parts = error.parts()
            return _goodbye(f"{parts.what} {parts.do}")
        except DBAPIError as error:
            logger.warning("progress of {} not read: {}", what, type(error).__name__)
            return Beat("")
        return Beat("progress", json.dumps(now, ensure_ascii=False), last=now["over"])

    return look


def _goodbye(message: str) -> Beat:
    return Beat("goodbye", json.dumps({"message": message}, ensure_ascii=False), last=True)


def _now(desk: Desk, user: User, run_id: str) -> dict[str, Any]:
    run, now = desk.runs.get(run_id), desk.clock()
    return told(run, seen_progress(desk, user, run, now), now, ZoneInfo(desk.settings.timezone))
