"""Serves the application on 127.0.0.1 and tells the starter where, once connections are really accepted."""

from __future__ import annotations

import asyncio
import json
import os
import socket
from pathlib import Path
from types import FrameType

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from samples.townoffice.app import create_app

HOST = "127.0.0.1"


class Connections:
    """The open connections by client address, so that a fault can hang up on one."""

    def __init__(self) -> None:
        """Start with none."""
        self._open: dict[tuple[str, int], asyncio.Transport] = {}

    def add(self, client: tuple[str, int], transport: asyncio.Transport) -> None:
        """Remember a new connection."""
        self._open[client] = transport

    def remove(self, client: tuple[str, int]) -> None:
        """Forget a closed one."""
        self._open.pop(client, None)

    def hang_up(self, client: tuple[str, int]) -> bool:
        """Close the connection at once without an answer; False when there is none of this client."""
        transport = self._open.pop(client, None)
        if transport is None:
            return False
        transport.abort()
        return True


def _protocol(connections: Connections) -> type[H11Protocol]:
    class WatchedProtocol(H11Protocol):
        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            if self.client is not None:
                connections.add(self.client, transport)

        def connection_lost(self, exc: Exception | None) -> None:
            if self.client is not None:
                connections.remove(self.client)
            super().connection_lost(exc)

    return WatchedProtocol


class AnnouncingServer(uvicorn.Server):
    """Prints one JSON line when it accepts connections, and ends with exit code 0 on SIGTERM."""

    def __init__(self, config: uvicorn.Config, url: str) -> None:
        """Take the address to announce."""
        super().__init__(config)
        self._url = url

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start accepting, then announce."""
        await super().startup(sockets)
        if self.started:
            print(json.dumps({"url": self._url, "pid": os.getpid()}), flush=True)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Ask the server to end; the signal is not raised again afterwards."""
        self.should_exit = True


def serve(database: Path, password: str, port: int) -> None:
    """Serve until SIGTERM or Ctrl+C.

    Args:
        database: SQLite file for the registrations.
        password: The password of ``robot01``.
        port: TCP port on 127.0.0.1; 0 takes a free one.

    Raises:
        OSError: The port is taken.
    """
    connections = Connections()
    app = create_app(database, password, hang_up=connections.hang_up)
    with socket.create_server((HOST, port)) as listening:
        url = f"http://{HOST}:{listening.getsockname()[1]}"
        config = uvicorn.Config(
            app,
            http=_protocol(connections),
            ws="none",
            lifespan="off",
            log_level="warning",
            access_log=False,
            timeout_graceful_shutdown=1,
        )
        AnnouncingServer(config, url).run(sockets=[listening])
