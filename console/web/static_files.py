"""Scripts, styles and pictures of the pages: kept by browsers for good, and fetched afresh after every update.

Without a word about it a browser keeps a file for a tenth of its age and asks nobody: after an update, pages of the new
version would run with scripts of the old one, for days. So the address of a file bears a mark of the content of all of
them (`/static/3f9c…/review.js`); modules that import each other stay below the same mark. A file asked for without the
mark is sent too, to be asked about every time.
"""

from functools import cache
from hashlib import sha256
from pathlib import Path

from jinja2.ext import Extension
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

STATIC = Path(__file__).parent / "static"
FOR_GOOD = "public, max-age=31536000, immutable"
DIGITS = 12


@cache
def mark() -> str:
    """Return the mark of the files as they were when this process first asked."""
    return mark_of(STATIC)


def mark_of(folder: Path) -> str:
    """Return what changes when a name or a content in a folder does: the first digits of a SHA-256."""
    told = sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        told.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return told.hexdigest()[:DIGITS]


class MarkedFiles(StaticFiles):
    """The files of a folder below their mark, to be kept for good; without it, to be asked about each time."""

    def __init__(self, folder: Path, mark: str) -> None:
        super().__init__(directory=folder)
        self._mark = mark

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Answer a request for one file."""
        first, _, rest = Path(path).as_posix().partition("/")
        marked = first == self._mark
        answer = await super().get_response(rest if marked else path, scope)
        answer.headers["Cache-Control"] = FOR_GOOD if marked else "no-cache"
        return answer


class MarkedAddresses(Extension):
    """Puts the mark into the addresses of files when a template is read, so that templates need not know it."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        """Return the text of a template with its addresses marked."""
        return source.replace('"/static/', f'"/static/{mark()}/')
