"""`hakadori serve`: schedule, watched folders, daily upkeep and web pages in one process tree, until told to stop."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from types import FrameType

import uvicorn

from backoffice.database import keep_connections
from console.backup.daily import daily_backup
from console.daily import Daily
from console.errors import PortTaken
from console.inboxes import inboxes_beside
from console.monitor import Monitor
from console.notices import notices_beside
from console.web.app import create_app
from console.web.desk import Desk
from console.web.health import watch_over
from console.wiring import Office, make_desk, make_engine
from scheduler.service import Service

GRACE_SECONDS = 5


class QuietServer(uvicorn.Server):
    """Ends on SIGINT and SIGTERM with exit code 0; the signal is not raised again afterwards.

    Args:
        config: How it listens.
        ending: Called when it is asked to end: what goes on for minutes (open streams) shall end now.
    """

    def __init__(self, config: uvicorn.Config, ending: Callable[[], None]) -> None:
        super().__init__(config)
        self._end_streams = ending

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Ask the server to end; the second time at once."""
        self._end_streams()
        self.force_exit = self.should_exit
        self.should_exit = True


def serve(office: Office, *, schedule: bool = True, announce: Callable[[str], None]) -> None:
    """Serve until SIGINT or SIGTERM; running jobs finish the item in hand.

    Args:
        office: The installation.
        schedule: Fire jobs and watch folders too, not only the pages.
        announce: Told the console's address once connections are accepted.

    Raises:
        PortTaken: The address is in use.
        ServiceRunning: Another service works on this database.
    """
    with _listen(office) as listening, _kept(office) as office:
        address, port = listening.getsockname()[:2]
        host = "127.0.0.1" if address in ("0.0.0.0", "::") else address
        desk = make_desk(office)
        server = _server(office, desk)
        if not schedule:
            with _runs_ended(desk):
                announce(f"http://{host}:{port}")
                server.run(sockets=[listening])
            return
        with (
            _runs_ended(desk),
            Service(make_engine(office), office.books),
            Daily(office, backup=daily_backup),
            notices_beside(office),
            inboxes_beside(office),
        ):
            announce(f"http://{host}:{port}")
            server.run(sockets=[listening])


@contextmanager
def _kept(office: Office) -> Iterator[Office]:
    """Open the office once more, with database connections that stay open while it is served."""
    engine = keep_connections(office.engine)
    try:
        yield replace(office, engine=engine)
    finally:
        engine.dispose()


@contextmanager
def _runs_ended(desk: Desk) -> Iterator[None]:
    """Ask the runs that people began through the pages to end after the item in hand, when serving ends."""
    try:
        yield
    finally:
        desk.job_desk.stop()
        if desk.robots is not None:
            desk.robots.trials.close()


def _server(office: Office, desk: Desk) -> QuietServer:
    app = create_app(desk)
    watch_over(app, Monitor(office))
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        lifespan="off",
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    return QuietServer(config, desk.streams.end)


def _listen(office: Office) -> socket.socket:
    web = office.settings.web
    try:
        return socket.create_server((web.host, web.port))
    except OSError as error:
        detail = error.strerror or type(error).__name__
        raise PortTaken(
            "console.port_taken", where=f"{web.host}:{web.port}", port=web.port, detail=detail
        ) from error
