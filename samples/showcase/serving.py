"""Serves the pages of an office on a free port of this machine, in a thread of this process."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from console.web.app import create_app
from console.web.desk import Desk

PATIENCE_SECONDS = 30


@contextmanager
def serving(desk: Desk) -> Iterator[str]:
    """Serve until the block ends.

    Yields:
        The address, such as ``http://127.0.0.1:41234``.
    """
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(uvicorn.Config(create_app(desk), log_level="error", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            desk.streams.end()
            server.should_exit = True
            thread.join(PATIENCE_SECONDS)
