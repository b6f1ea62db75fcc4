"""The migrations: in one line, through a database full of rows, to exactly the tables that the program works with."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from backoffice.database import MIGRATIONS, newest_shape, open_database, present_shape, upgrade
from backoffice.ledger import Ledger
from backoffice.tables import metadata

VALUES: list[tuple[type[sa.types.TypeEngine[Any]], object]] = [
    (sa.Boolean, True), (sa.Integer, 1), (sa.Float, 1.0), (sa.DateTime, datetime(2026, 4, 1, tzinfo=UTC)),
    (sa.Date, date(2026, 4, 1)), (sa.JSON, {}), (sa.String, "new"),
]  # fmt: skip


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[sa.Engine]:
    """An empty database."""
    if request.param == "sqlite":
        made = open_database(f"sqlite:///{(tmp_path / 'm.db').as_posix()}")
    else:
        made = open_database(request.getfixturevalue("postgresql_url"))
        with made.begin() as connection:
            connection.exec_driver_sql("DROP SCHEMA public CASCADE")
            connection.exec_driver_sql("CREATE SCHEMA public")
    yield made
    made.dispose()


def fill(engine: sa.Engine) -> set[str]:
    """Put one row into every table; returns their names."""
    there = sa.MetaData()
    there.reflect(engine)
    tables = [table for table in there.sorted_tables if table.name != "alembic_version"]
    with engine.begin() as connection:
        for table in tables:
            needed = [c for c in table.columns if not c.nullable or c.foreign_keys]
            connection.execute(sa.insert(table).values({c.name: value_for(c) for c in needed}))
    return {table.name for table in tables}


def value_for(column: sa.Column[Any]) -> object:
    return next(value for kind, value in VALUES if isinstance(column.type, kind))


def test_stand_in_one_line() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_heads() == [newest_shape()]


@pytest.mark.filterwarnings("ignore:Skipped unsupported:sqlalchemy.exc.SAWarning")
@pytest.mark.filterwarnings(
    "ignore:autogenerate skipping metadata-specified expression-based index:UserWarning"
)
def test_bring_a_full_old_database_to_exactly_the_present_tables(engine: sa.Engine) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
    filled = fill(engine)
    upgrade(engine)
    assert present_shape(engine) == newest_shape()
    with engine.connect() as connection:
        rows = {name: connection.scalar(sa.text(f"SELECT count(*) FROM {name}")) for name in filled}
        assert rows == dict.fromkeys(filled, 1)
        context = MigrationContext.configure(connection, opts={"include_object": can_be_compared})
        assert compare_metadata(context, metadata) == []
    assert [item.id for item in Ledger(engine).items()] == [1]


def can_be_compared(_thing: object, name: str | None, kind: str, *_: object) -> bool:
    """Leave out the index over an expression: neither database tells it as it was written."""
    return not (kind == "index" and name == "ix_work_items_waiting")
