"""`hakadori worker`: carry out on this PC what the service on another one has fired."""

import socket
from typing import Annotated

import typer

from backoffice.messages import text
from console.calling import call_of, put_json, say, told

HELP_WORKER = text("engine.help_worker")
AsJson = Annotated[bool, typer.Option("--json", help=told("help_json"))]


def worker(
    context: typer.Context,
    queues: Annotated[str, typer.Option("--queues", help=text("engine.help_worker_queues"))] = "",
    lanes: Annotated[int, typer.Option("--lanes", min=1, max=9, help=text("engine.help_worker_lanes"))] = 1,
    as_json: AsJson = False,
) -> None:
    """Carry out runs of some queues until Ctrl+C; the item in hand is finished."""
    from console.engines import make_worker, stop_on_signals

    names = [name.strip() for name in queues.split(",") if name.strip()]
    office = call_of(context).office
    made = make_worker(office, names, lanes)
    stop_on_signals(made.stop)
    shown = ", ".join(names or [office.settings.engine.queue])
    if as_json:
        put_json({"worker": socket.gethostname(), "queues": names or [office.settings.engine.queue]})
    else:
        say(text("engine.worker_works", host=socket.gethostname(), queues=shown))
    made.run()
    if not as_json:
        say(text("engine.worker_ended"))
