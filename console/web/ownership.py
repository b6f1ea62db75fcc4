"""Whose is the thing that a path names: the one place that turns a path parameter into departments."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from backoffice.document import FileMissing
from backoffice.runs import RunMissing
from backoffice.work_items import ItemMissing
from console.errors import ThingMissing
from console.web.desk import Desk

NOBODY: frozenset[str] = frozenset()
LARGEST_NUMBER = 2**31 - 1
"""Of a row in a table; PostgreSQL refuses to compare a larger one."""


def departments_of(desk: Desk, parameter: str, value: str) -> frozenset[str] | None:
    """Return the departments that a path parameter's thing belongs to.

    Returns:
        None for a parameter that names no thing of a department (a page number, say). The empty set for a thing that
        does not exist or belongs to nobody any more: only who sees every department may look further.

    Raises:
        ThingMissing: No row can have this number; the database need not be asked, and cannot be for a huge one.
    """
    find = OWNERS.get(parameter)
    return None if find is None else find(desk, value)


def _of_document(desk: Desk, value: str) -> frozenset[str]:
    department = desk.work.department_of_document(_number(value))
    return NOBODY if department is None else frozenset({department})


def _of_file(desk: Desk, value: str) -> frozenset[str]:
    try:
        return frozenset({desk.documents.file(_number(value)).department})
    except FileMissing:
        return NOBODY


def _of_item(desk: Desk, value: str) -> frozenset[str]:
    try:
        return desk.work.departments_of_item(desk.ledger.get(_number(value)))
    except ItemMissing:
        return NOBODY


def _of_run(desk: Desk, value: str) -> frozenset[str]:
    try:
        return desk.work.owners.of_run(desk.runs.get(value).job)
    except RunMissing:
        return NOBODY


def _of_job(desk: Desk, value: str) -> frozenset[str]:
    department = desk.work.owners.jobs.get(value)
    return NOBODY if department is None else frozenset({department})


def _of_robot(desk: Desk, value: str) -> frozenset[str] | None:
    """Return whose jobs run a robot; a robot that no job runs, or that is still to be written, is nobody's secret."""
    return (desk.robots.departments(value) if desk.robots is not None else None) or None


def _number(value: str) -> int:
    plain = value.isascii() and value.isdigit() and len(value) <= 10
    if not plain or not 1 <= int(value) <= LARGEST_NUMBER:
        raise ThingMissing("console.thing_missing", where=value[:40])
    return int(value)


OWNERS: Mapping[str, Callable[[Desk, str], frozenset[str] | None]] = MappingProxyType(
    {
        "document_id": _of_document,
        "returned_id": _of_document,
        "file_id": _of_file,
        "item_id": _of_item,
        "run_id": _of_run,
        "job": _of_job,
        "robot": _of_robot,
    }
)
"""Name of a path parameter → who owns what it names. A new kind of thing gets a line here."""
