"""The tables (SQLAlchemy Core), with `inbox_tables.py`, `people_tables.py` and `workload_tables.py`.

Alembic migrations build exactly these; `database.py` imports all four files.

Times are stored in UTC. JSON columns hold only text, numbers and lists.
"""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.types import TypeDecorator


class UtcTime(TypeDecorator[datetime]):
    """An aware datetime, kept in UTC also on SQLite, which has no time zones."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        """Turn an aware time into UTC.

        Raises:
            ValueError: For a time without a zone.
        """
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a stored time must know its zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        """Give back an aware time in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

WAITING = "state IN ('new', 'retry')"
"""Items that may be claimed, as the index and the claim write it; both must say it in the same words."""
BY_AGE = "id + 0"
"""The order of claims. Were it `id` alone, PostgreSQL would walk the primary key past everything that is done: it takes
the waiting items for evenly spread, but they stand at the end (measured: 100,000 done items made a claim nine times
slower)."""

work_items = sa.Table(
    "work_items",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("process", sa.String(100), nullable=False),
    sa.Column("key", sa.String(200), nullable=False),
    sa.Column("state", sa.String(20), nullable=False),
    sa.Column("record", sa.JSON, nullable=False),
    sa.Column("result", sa.JSON, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False, default=0),
    sa.Column("revision", sa.Integer, nullable=False, default=0),
    sa.Column("run", sa.String(40)),
    sa.Column("document", sa.Integer),
    sa.Column("not_before", UtcTime),
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Column("updated_at", UtcTime, nullable=False),
    sa.Column("mark", sa.String(80)),
    sa.UniqueConstraint("process", "key"),
    sa.Index(None, "process", "state", "id"),
    sa.Index(
        "ix_work_items_waiting",
        "process",
        sa.text(f"({BY_AGE})"),
        sqlite_where=sa.text(WAITING),
        postgresql_where=sa.text(WAITING),
    ),
    sa.Index(None, "run", "state"),
)

item_events = sa.Table(
    "item_events",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("item_id", sa.ForeignKey("work_items.id"), nullable=False, index=True),
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("from_state", sa.String(20)),
    sa.Column("to_state", sa.String(20), nullable=False),
    sa.Column("who", sa.String(100), nullable=False),
    sa.Column("why", sa.Text, nullable=False),
    sa.Column("run", sa.String(40)),
)

received_files = sa.Table(
    "received_files",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("department", sa.String(100), nullable=False),
    sa.Column("name", sa.String(400), nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False, index=True),
    sa.Column("size", sa.Integer, nullable=False),
    sa.Column("stored", sa.Text, nullable=False),
    sa.Column("claim", sa.String(40), unique=True, index=True),
    sa.Column("state", sa.String(20), nullable=False),
    sa.Column("reason", sa.Text, nullable=False, default=""),
    sa.Column("pages", sa.Integer),
    sa.Column("received_at", UtcTime, nullable=False),
    sa.Column("finished_at", UtcTime),
)
"""`claim` is the name of the folder in `work/` that the file was renamed into: one claim, one row, whatever crashes."""

documents = sa.Table(
    "documents",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("file_id", sa.ForeignKey("received_files.id"), nullable=False, index=True),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("department", sa.String(100), nullable=False),
    sa.Column("form", sa.String(100), nullable=False),
    sa.Column("form_version", sa.Integer, nullable=False),
    sa.Column("state", sa.String(20), nullable=False),
    sa.Column("reason", sa.Text, nullable=False, default=""),
    sa.Column("pages", sa.JSON, nullable=False),
    sa.Column("item_id", sa.ForeignKey("work_items.id")),
    sa.Column("revision", sa.Integer, nullable=False, default=0),
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Column("updated_at", UtcTime, nullable=False),
    sa.UniqueConstraint("file_id", "position"),
    sa.Index(None, "state", "department"),
)

document_fields = sa.Table(
    "document_fields",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("document_id", sa.ForeignKey("documents.id"), nullable=False, index=True),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("name", sa.String(100), nullable=False),
    sa.Column("kind", sa.String(40), nullable=False),
    sa.Column("page", sa.Integer, nullable=False),
    sa.Column("value", sa.Text, nullable=False),
    sa.Column("read_value", sa.Text, nullable=False),
    sa.Column("probability", sa.Float, nullable=False),
    sa.Column("accepted", sa.Boolean, nullable=False),
    sa.Column("reason", sa.Text, nullable=False, default=""),
    sa.Column("candidates", sa.JSON, nullable=False),
    sa.Column("crop", sa.Text, nullable=False, default=""),
    sa.Column("box", sa.JSON, nullable=False),
    sa.Column("personal", sa.Boolean, nullable=False),
    sa.Column("corrected_by", sa.String(100)),
    sa.Column("corrected_at", UtcTime),
    sa.Column("cells", sa.JSON, nullable=False, default=list, server_default="[]"),
    sa.UniqueConstraint("document_id", "name"),
)

field_entries = sa.Table(
    "field_entries",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("document_id", sa.ForeignKey("documents.id"), nullable=False, index=True),
    sa.Column("name", sa.String(100), nullable=False),
    sa.Column("value", sa.Text, nullable=False),
    sa.Column("who", sa.String(100), nullable=False),
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("round", sa.Integer, nullable=False, default=0, server_default="0"),
)
"""What each person typed into a field that two people must type (`verify: double`); only added to, never changed. A
change of a value that stood already begins a new round."""

review_times = sa.Table(
    "review_times",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("document_id", sa.ForeignKey("documents.id"), nullable=False),
    sa.Column("process", sa.String(100), nullable=False, index=True),
    sa.Column("who", sa.String(100), nullable=False),
    sa.Column("seconds", sa.Float, nullable=False),
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("booked_run", sa.String(40)),
)

runs = sa.Table(
    "runs",
    metadata,
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("job", sa.String(100), nullable=False, index=True),
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("slot", sa.String(40), nullable=False),
    sa.Column("trigger", sa.String(20), nullable=False),
    sa.Column("state", sa.String(20), nullable=False),
    sa.Column("reason", sa.Text, nullable=False, default=""),
    sa.Column("counts", sa.JSON, nullable=False),
    sa.Column("host", sa.String(200), nullable=False),
    sa.Column("pid", sa.Integer),
    sa.Column("script_sha256", sa.String(64), nullable=False, default=""),
    sa.Column("script", sa.Text, nullable=False, default=""),
    sa.Column("started_at", UtcTime, nullable=False),
    sa.Column("finished_at", UtcTime, index=True),
    sa.Column("parameters", sa.JSON, nullable=False, default=dict, server_default="{}"),
    sa.Column("cause", sa.String(100), nullable=False, default="", server_default=""),
    sa.Column("lane", sa.Integer, nullable=False, default=1, server_default="1"),
    sa.Column("queue", sa.String(100), nullable=False, default="", server_default=""),
    sa.Column("beat_at", UtcTime),
    sa.Index(None, "job", "slot"),
    sa.Index(None, "state"),
)

job_pauses = sa.Table(
    "job_pauses",
    metadata,
    sa.Column("job", sa.String(100), primary_key=True),
    sa.Column("who", sa.String(100), nullable=False),
    sa.Column("why", sa.Text, nullable=False),
    sa.Column("at", UtcTime, nullable=False),
)

notices = sa.Table(
    "notices",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("key", sa.String(200), nullable=False),
    sa.Column("job", sa.String(100), nullable=False),
    sa.Column("department", sa.String(100), nullable=False),
    sa.Column("event", sa.String(40), nullable=False),
    sa.Column("channel", sa.String(20), nullable=False),
    sa.Column("target", sa.String(200), nullable=False),
    sa.Column("facts", sa.JSON, nullable=False),
    sa.Column("state", sa.String(20), nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False, default=0),
    sa.Column("trouble", sa.Text, nullable=False, default=""),
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Column("not_before", UtcTime, nullable=False),
    sa.Column("closed_at", UtcTime),
    sa.UniqueConstraint("key", "channel", "target"),
    sa.Index(None, "state", "not_before"),
)
"""What people shall be told by mail or webhook; a row stays, whatever becomes of the sending."""

firings = sa.Table(
    "firings",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("job", sa.String(100), nullable=False),
    sa.Column("slot", sa.String(40), nullable=False),
    sa.Column("run", sa.String(40)),
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("outcome", sa.String(20), nullable=False),
    sa.UniqueConstraint("job", "slot"),
)

time_entries = sa.Table(
    "time_entries",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("run", sa.String(40), nullable=False, unique=True),
    sa.Column("job", sa.String(100), nullable=False, index=True),
    sa.Column("department", sa.String(100), nullable=False),
    sa.Column("business", sa.String(200), nullable=False),
    sa.Column("worked_on", sa.Date, nullable=False, index=True),
    sa.Column("items_done", sa.Integer, nullable=False),
    sa.Column("manual_minutes_per_item", sa.Float, nullable=False),
    sa.Column("manual_minutes", sa.Float, nullable=False),
    sa.Column("people_minutes", sa.Float, nullable=False),
    sa.Column("preparation_minutes", sa.Float, nullable=False),
    sa.Column("rework_minutes", sa.Float, nullable=False),
    sa.Column("saved_minutes", sa.Float, nullable=False),
    sa.Column("machine_seconds", sa.Float, nullable=False),
    sa.Column("basis", sa.JSON, nullable=False),
    sa.Column("booked_at", UtcTime, nullable=False),
)

audit = sa.Table(
    "audit",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("who", sa.String(100), nullable=False),
    sa.Column("what", sa.String(100), nullable=False),
    sa.Column("subject", sa.String(200), nullable=False),
    sa.Column("details", sa.JSON, nullable=False),
    sa.Column("previous", sa.String(64), nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False),
)

robot_approvals = sa.Table(
    "robot_approvals",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("robot", sa.String(100), nullable=False, index=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("script", sa.Text, nullable=False),
    sa.Column("who", sa.String(100), nullable=False),
    sa.Column("at", UtcTime, nullable=False),
)

service_heartbeats = sa.Table(
    "service_heartbeats",
    metadata,
    sa.Column("service", sa.String(100), primary_key=True),
    sa.Column("host", sa.String(200), nullable=False),
    sa.Column("pid", sa.Integer, nullable=False),
    sa.Column("started_at", UtcTime, nullable=False),
    sa.Column("beat_at", UtcTime, nullable=False),
)
