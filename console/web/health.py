"""`/health`, `/health/ready` and `/metrics`: for programs that watch, without signing in.

`/health` answers as long as the pages are served. `/health/ready` says well or not of database, service and disk.
`/metrics` is for this PC only, or for whoever sends the bearer token of the settings; a request that came through a
proxy is not taken for one of this PC.
"""

import hmac
from ipaddress import ip_address

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST

from backoffice.errors import SecretMissing
from console.monitor import Monitor

router = APIRouter()
FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip", "via")


def watch_over(app: FastAPI, monitor: Monitor) -> None:
    """Add the pages of monitoring to the console."""
    app.state.monitor = monitor
    app.include_router(router)


@router.get("/health")
def health() -> Response:
    """Say that the pages are served."""
    return JSONResponse({"status": "ok"})


@router.get("/health/ready")
def ready(request: Request) -> Response:
    """Say whether work can go on; 503 when it cannot."""
    parts = _monitor(request).readiness()
    good = all(parts.values())
    told = {name: "ok" if fine else "bad" for name, fine in parts.items()}
    return JSONResponse({"status": "ok" if good else "bad", **told}, 200 if good else 503)


@router.get("/metrics")
def metrics(request: Request) -> Response:
    """Give the numbers to those who may have them."""
    monitor = _monitor(request)
    settings = monitor.office.settings.monitor
    if not settings.metrics:
        return PlainTextResponse("", 404)
    if not (_is_here(request) or _knows_token(request, monitor)):
        return PlainTextResponse("", 403)
    return Response(monitor.metrics(), media_type=CONTENT_TYPE_LATEST)


def _monitor(request: Request) -> Monitor:
    monitor: Monitor = request.app.state.monitor
    return monitor


def _is_here(request: Request) -> bool:
    if request.client is None or any(name in request.headers for name in FORWARDED):
        return False
    try:
        address = ip_address(request.client.host)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback


def _knows_token(request: Request, monitor: Monitor) -> bool:
    name = monitor.office.settings.monitor.secret
    scheme, _, sent = request.headers.get("authorization", "").partition(" ")
    if not name or scheme.lower() != "bearer":
        return False
    try:
        token = monitor.office.vault.get(name).reveal()
    except SecretMissing:
        return False
    return hmac.compare_digest(sent.strip().encode(), token.encode())
