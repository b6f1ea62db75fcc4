"""How much work waits: items of a process for a robot, or documents for a person.

A job with `on_queue:` is due when enough of it waits, so that a robot starts its session for twenty records rather
than for each one.
"""

from datetime import datetime
from typing import Annotated, Self

import sqlalchemy as sa
from pydantic import Field, model_validator

from backoffice.declarations import Part, refuse
from backoffice.document import DocumentState
from backoffice.tables import documents, work_items
from backoffice.waiting_items import is_ready
from backoffice.work_items import State

Name = Annotated[str, Field(min_length=1, max_length=100)]


class Queue(Part):
    """Which queue is watched, and how long it must be: exactly one of process, documents."""

    process: Name | None = Field(
        None, description="台帳の業務。登録を待つ件数を数える。Items of this process that wait for a robot."
    )
    documents: Name | None = Field(
        None,
        description="部署。確認画面で人を待つ書類を数える。Documents of this department that wait for a person.",
    )
    at_least: int = Field(1, ge=1, description="この件数から動かす。From this many on.")

    @model_validator(mode="after")
    def _one_queue(self) -> Self:
        if (self.process is None) == (self.documents is None):
            raise refuse("scheduler.queue_kinds")
        return self


def waiting(queue: Queue, database: sa.Engine, now: datetime) -> int:
    """Count what waits in a queue at this moment; items that shall rest until later do not count."""
    if queue.process is not None:
        waits = work_items.c.state.in_([State.NEW.value, State.RETRY.value])
        query = sa.select(work_items.c.id).where(work_items.c.process == queue.process, waits, is_ready(now))
    else:
        open_ = documents.c.state == DocumentState.WAITING.value
        query = sa.select(documents.c.id).where(documents.c.department == queue.documents, open_)
    count = sa.select(sa.func.count()).select_from(query.subquery())
    with database.connect().execution_options(read_only=True) as connection:
        return int(connection.execute(count).scalar_one())
