"""Saved pages in the place of the target systems: served on this machine alone, while a trial lasts.

A folder that `robot record` wrote has an index that says which file answers which request. In a folder that a person
put together, the address /menu/list is answered by menu/list.html.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

from console.errors import ArgumentWrong
from robots.recording.pages import Asked, Index, read_index

_UNUSABLE = re.compile(r'\s(?:aria-)?disabled="[^"]*"')
"""As a browser writes it into a page that it hands over."""


@contextmanager
def serving(pages: Path) -> Iterator[str]:
    """Serve a folder of pages on 127.0.0.1 and yield the address.

    Raises:
        ArgumentWrong: There is no such folder, or its index cannot be read.
    """
    if not pages.is_dir():
        raise ArgumentWrong("console.trial_pages", where=str(pages), name=str(pages))
    try:
        index = read_index(pages)
    except ValueError as error:
        raise ArgumentWrong("console.trial_pages", where=str(pages), name=str(pages)) from error
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Pages, directory=str(pages), index=index))
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


class _Pages(SimpleHTTPRequestHandler):
    """Answers with the saved page, whatever is sent to it."""

    def __init__(self, *arguments: Any, index: Index | None, **options: Any) -> None:
        self._index = index or Index()
        super().__init__(*arguments, **options)

    def do_GET(self) -> None:
        asked = Asked(self.command, urlsplit(self.path).path)
        file = self._index.files.get(asked)
        lead = self._index.leads.get(asked)
        if file is None and lead is not None:
            self.send_response(303)
            self.send_header("Location", lead)
            self.end_headers()
            return
        if file is not None:
            self._answer(Path(self.translate_path(f"/{file}")))
        else:
            super().do_GET()

    def _answer(self, file: Path) -> None:
        """Answer with a recorded page as `robot record` writes it now; older ones kept what their scripts enable."""
        try:
            page = _UNUSABLE.sub("", file.read_text(encoding="utf-8")).encode()
        except (OSError, UnicodeDecodeError):
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", "0")))
        self.do_GET()

    def translate_path(self, path: str) -> str:
        found = super().translate_path(path)
        return f"{found}.html" if not Path(found).exists() and Path(f"{found}.html").is_file() else found

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: addresses may hold personal data."""
