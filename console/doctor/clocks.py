"""The clock: deadlines, slots and the order of events hang on it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import sqlalchemy as sa

from backoffice.tables import audit, item_events, runs
from console.doctor.finding import Finding, fine, warn, wrong
from console.wiring import Office

APART = timedelta(seconds=5)
"""A file server or database that differs by more makes files look too young, and heartbeats dead."""
AHEAD = timedelta(minutes=1)
"""Events of the books may not lie further in the future than this."""


def clock(office: Office) -> Iterator[Finding]:
    """Compare this PC's clock with the file system's, the database's and the last event in the books."""
    settings, now = office.settings, office.clock()
    try:
        zone = ZoneInfo(settings.timezone)
    except (ZoneInfoNotFoundError, ValueError):
        yield wrong("clock", "zone_unknown", zone=settings.timezone)
        return
    troubles = [*_last_event(office, now, zone), *_file_system(office), *_database(office)]
    yield from troubles
    here = datetime.now().astimezone()
    if here.utcoffset() != now.astimezone(zone).utcoffset():
        yield warn("clock", "zone_differs", zone=settings.timezone, here=here.tzname() or "-")
    if not troubles:
        yield fine("clock", f"{now.astimezone(zone):%Y-%m-%d %H:%M:%S} {settings.timezone}")


def _last_event(office: Office, now: datetime, zone: ZoneInfo) -> Iterator[Finding]:
    moments = (item_events.c.at, audit.c.at, runs.c.started_at)
    with office.engine.connect().execution_options(read_only=True) as connection:
        found = [connection.execute(sa.select(sa.func.max(moment))).scalar() for moment in moments]
    last = max((moment for moment in found if moment is not None), default=None)
    if last is not None and last > now + AHEAD:
        at, present = f"{last.astimezone(zone):%Y-%m-%d %H:%M}", f"{now.astimezone(zone):%Y-%m-%d %H:%M}"
        yield wrong("clock", "clock_back", last=at, now=present)


def _file_system(office: Office) -> Iterator[Finding]:
    probe = office.settings.folder("work") / f".doctor-{uuid4().hex}"
    before = datetime.now(UTC)
    probe.write_bytes(b"x")
    written = datetime.fromtimestamp(probe.stat().st_mtime, UTC)
    after = datetime.now(UTC)
    probe.unlink()
    apart = max(before - written, written - after)
    if apart > APART:
        yield warn("clock", "clock_of_files", seconds=round(apart.total_seconds()))


def _database(office: Office) -> Iterator[Finding]:
    if office.engine.dialect.name != "postgresql":
        return
    before = datetime.now(UTC)
    with office.engine.connect().execution_options(read_only=True) as connection:
        told: datetime = connection.execute(sa.text("SELECT clock_timestamp()")).scalar_one()
    apart = max(before - told, told - datetime.now(UTC))
    if apart > APART:
        yield wrong("clock", "clock_of_database", seconds=round(apart.total_seconds()))
