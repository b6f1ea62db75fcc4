"""The evidence of a run as files: one picture or text, or everything in a zip. Each look goes into the audit trail.

Pictures have personal values covered; still only who may review documents sees them, and of a run that worked on items
of several departments each sees its own (`run_sight.py`).
"""

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, Response

from console.run_files import MEDIA, SHOWN
from console.web.api.shapes import Word
from console.web.doors import Entered, desk_of
from console.web.run_sight import seen_files
from console.web.sending import send_made

router = APIRouter()


@router.get("/runs/{run_id}/evidence/{part}/{name}")
def evidence_file(request: Request, visitor: Entered, run_id: Word, part: Word, name: Word) -> Response:
    """Send one file of the evidence."""
    desk = desk_of(request)
    path = seen_files(desk, visitor.user, run_id).file(part, name)
    desk.audit.note(
        visitor.user.name, "evidence.view", f"run/{run_id}", part=part[:100], file=path.name[:100]
    )
    kind = path.suffix.lower()
    how = "inline" if kind in SHOWN else "attachment"
    return FileResponse(
        path,
        media_type=MEDIA.get(kind, "application/octet-stream"),
        filename=path.name,
        content_disposition_type=how,
        headers={"Cache-Control": "no-store"},
    )


@router.get("/runs/{run_id}/evidence.zip")
def evidence_archive(request: Request, visitor: Entered, run_id: Word) -> Response:
    """Send all evidence of a run that the person may see; the archive is made for this person and kept nowhere."""
    desk = desk_of(request)
    files = seen_files(desk, visitor.user, run_id)
    desk.audit.note(visitor.user.name, "evidence.download", f"run/{run_id}")
    return send_made(files.pack, f"evidence-{run_id}.zip", "application/zip")
