"""A target system with a commit that can be pressed twice: it only adds to its list, and the list is the truth.

POST /register?key=…    adds a row, whatever is there already, and answers with a receipt
GET  /find?key=…        says whether the key was registered

It runs in the drill's own process, which nothing kills.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

ANSWER_SECONDS = 0.02
"""Between the row and its answer: time for something to go wrong."""


class Target:
    """The list of registrations.

    Attributes:
        url: Its address while it runs.
    """

    def __init__(self) -> None:
        self.url = ""
        self._rows: list[str] = []
        self._lock = threading.Lock()
        self._before_answer: Callable[[], None] | None = None

    def rows(self) -> list[str]:
        """Return all registrations so far, in order."""
        with self._lock:
            return list(self._rows)

    def across_next_finish(self, happen: Callable[[], None]) -> None:
        """Let something happen between the next registration and its answer."""
        with self._lock:
            self._before_answer = happen

    def register(self, key: str) -> str:
        """Add a row and return its receipt."""
        with self._lock:
            self._rows.append(key)
            receipt, happen = f"R{len(self._rows):06}", self._before_answer
            self._before_answer = None
        time.sleep(ANSWER_SECONDS)
        if happen is not None:
            happen()
        return receipt

    @contextmanager
    def running(self) -> Iterator[Target]:
        """Serve on 127.0.0.1 until the block ends."""
        target = self

        class Handler(BaseHTTPRequestHandler):
            """Answers one request."""

            def do_POST(self) -> None:
                """Register."""
                self._answer({"receipt": target.register(self._key())})

            def do_GET(self) -> None:
                """Find."""
                self._answer({"found": self._key() in target.rows()})

            def log_message(self, *_: object) -> None:
                """Say nothing."""

            def _key(self) -> str:
                return parse_qs(urlsplit(self.path).query)["key"][0]

            def _answer(self, told: dict[str, object]) -> None:
                body = json.dumps(told).encode()
                try:
                    self.send_response(200)
                    self.send_header("Content-Length", str(len(body)))
                    self.end_headers()
                    self.wfile.write(body)
                except OSError:
                    return  # whoever asked was killed; the row stands

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        self.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            server.shutdown()
            server.server_close()
