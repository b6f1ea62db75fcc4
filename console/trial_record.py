"""The record a robot is tried with: one told by a person, else a copy of a real one, else values made up.

A copy of the first row of the robot's file, or of the first item that waits, passes the checks of the target system's
forms, which made-up values seldom do. It is a copy: the row is not entered, the item does not move, and what the trial
leaves is thrown away.
"""

import json
from dataclasses import dataclass
from pathlib import Path

from backoffice.clock import TOKYO
from backoffice.messages import text
from backoffice.work_items import State
from console.errors import ArgumentWrong
from console.wiring import Office
from ocr.template_fields import ChoiceField
from robots.errors import PlaceRefused, ValueUnfit
from robots.intake import read_records
from robots.model import Robot
from robots.sources import file_of
from robots.workbooks.errors import TableFileWrong

_DATES = frozenset({"wareki", "wareki_short", "era", "era_year", "year", "month", "day"})
_WORDS = "見本"


@dataclass(frozen=True)
class TrialRecord:
    """A record to try a robot with.

    Attributes:
        values: Field name → value.
        origin: Where it comes from, in words.
        made_up: Whether nobody ever wrote it, so that the target may refuse it for that alone.
    """

    values: dict[str, str]
    origin: str
    made_up: bool = False


def record_for(office: Office, robot: Robot, told: Path | None) -> TrialRecord:
    """Return the record to try a robot with.

    Args:
        office: The installation.
        robot: The robot.
        told: A file with a record, a JSON object of texts.

    Raises:
        ArgumentWrong: That file is missing, or holds something else.
    """
    if told is not None:
        return TrialRecord(read_record(told), text("trial.from_file", name=told.name))
    return _first_row(office, robot) or _first_waiting(office, robot) or made_up(robot, office)


def read_record(path: Path) -> dict[str, str]:
    """Read a record.

    Raises:
        ArgumentWrong: It is missing, or no JSON object of texts.
    """
    try:
        read = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        raise ArgumentWrong("console.trial_record", where=str(path), name=path.name) from error
    if not isinstance(read, dict) or not all(isinstance(value, str) for value in read.values()):
        raise ArgumentWrong("console.trial_record", where=str(path), name=path.name)
    return read


def made_up(robot: Robot, office: Office) -> TrialRecord:
    """Return a record with a value for every field the robot names: a declared option, a date, digits, or a word."""
    today = office.clock().astimezone(TOKYO).date().isoformat()
    options = _declared_options(office, robot.items.process)
    record: dict[str, str] = {}
    for step in robot.all_steps():
        for reference in (one for template in step.texts() for one in template.references):
            if reference.place != "item":
                continue
            names = {name for name, _ in reference.filters}
            fit = today if names & _DATES else "0000000001" if "digits" in names else ""
            value = options.get(reference.name) or fit or record.get(reference.name) or _WORDS
            record[reference.name] = value
    return TrialRecord(record, text("trial.made_up"), made_up=True)


def _first_row(office: Office, robot: Robot) -> TrialRecord | None:
    """Return the first good row of the robot's file; None when there is none to be had."""
    if not robot.items.is_table:
        return None
    try:
        path = file_of(robot.items, office.settings, office.clock().astimezone(TOKYO).date())
        rows = read_records(robot.items, path, office.ledger).records
    except (TableFileWrong, PlaceRefused, ValueUnfit):
        return None  # `robot run` tells what is wrong with the file; the steps can be tried without it
    if not rows or path is None:
        return None
    return TrialRecord(rows[0].record, text("trial.first_row", name=path.name))


def _first_waiting(office: Office, robot: Robot) -> TrialRecord | None:
    """Return a copy of the first item that waits, or of one that the robot would take over from another."""
    items, ledger = robot.items, office.ledger
    waiting = ledger.items(items.process, [State.NEW, State.RETRY])
    if waiting:
        return TrialRecord(dict(waiting[0].record), text("trial.first_waiting", key=waiting[0].key))
    taken = read_records(items, None, ledger).records if items.from_ == "done" else []
    return TrialRecord(taken[0].record, text("trial.first_waiting", key=taken[0].key)) if taken else None


def _declared_options(office: Office, process: str) -> dict[str, str]:
    """Return the first option of every choice on the forms that a process's records are read from."""
    forms = [form for form in office.forms.values() if form.process == process]
    fields = (field for form in forms for _, field in form.fields())
    return {field.name: next(iter(field.options)) for field in fields if isinstance(field, ChoiceField)}
