"""Files that are made for one person: written to a folder of their own, sent, and kept nowhere."""

import tempfile
from collections.abc import Callable
from pathlib import Path

from fastapi.responses import FileResponse, Response
from starlette.background import BackgroundTask

WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def send_made(write: Callable[[Path], None], name: str, kind: str) -> Response:
    """Write a file and send it; it is removed once it was sent.

    Args:
        write: Writes it to a path.
        name: Under which the browser saves it.
        kind: Its media type.
    """
    folder = tempfile.TemporaryDirectory(prefix="hakadori-made-")
    path = Path(folder.name) / "made"
    try:
        write(path)
    except BaseException:
        folder.cleanup()
        raise
    headers = {"Cache-Control": "no-store"}
    return FileResponse(
        path, media_type=kind, filename=name, headers=headers, background=BackgroundTask(folder.cleanup)
    )
