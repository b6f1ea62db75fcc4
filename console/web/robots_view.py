"""What the pages for robots show: words, the versions to compare with, and the facts that the editor's script needs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fastapi import Request

from backoffice.messages import current_language, room_catalogue, text
from backoffice.runs import Run
from console.authoring.errors import RobotMissing
from console.authoring.hints import hints, names_of
from console.authoring.remarks import Remark
from console.authoring.room import RobotRoom, Sight
from console.authoring.shelf import Script
from console.authoring.telling import Section, sections_of
from console.authoring.trials import Trial
from console.web.doors import Visitor, desk_of
from robots.model import SECTIONS, Robot
from robots.trail_reading import GOOD_OUTCOMES

PRESENT = "present"
"""Names the text that lies there now, where two versions are compared."""


@dataclass(frozen=True)
class VersionRow:
    """A text that a robot once had.

    Attributes:
        name: Under which it can be compared: "version-12", "run-<number>".
        at: When it was saved, or when it ran.
        who: Who saved it; empty for a run, and for a text from outside the console.
        run: The run that used it; None for a saved version.
        why: What the author said.
        same: It is the present text.
    """

    name: str
    at: datetime
    who: str
    run: Run | None
    why: str
    same: bool


def word(key: str, /, **values: Any) -> str:
    """Return a text of the room authoring."""
    return text(f"authoring.{key}", **values)


def script_words() -> dict[str, str]:
    """Return every text that the editor's script shows, by its name without `js_`, placeholders as they stand."""
    texts = room_catalogue("authoring")["texts"]
    return {name[3:]: str(told[current_language()]) for name, told in texts.items() if name.startswith("js_")}


def room_of(request: Request) -> RobotRoom:
    """Return what the pages for robots work with.

    Raises:
        RobotMissing: No folder of robots is at hand.
    """
    room = desk_of(request).robots
    if room is None:
        raise RobotMissing("authoring.robot_missing", where="robots", name="robots")
    return room


def remarks_by_line(remarks: Sequence[Remark]) -> Mapping[int, list[Remark]]:
    """Return remarks by the line that they are about; under 0 those about no line of the text."""
    found: dict[int, list[Remark]] = {}
    for remark in remarks:
        found.setdefault(remark.line, []).append(remark)
    return found


def sections(robot: Robot | None) -> list[Section]:
    """Return a robot's explanation; nothing for one with errors."""
    return sections_of(robot) if robot is not None else []


def version_rows(room: RobotRoom, sight: Sight) -> list[VersionRow]:
    """Return the saved versions of a robot and the runs that used it, newest first."""
    present = sight.script.revision
    saved = [
        VersionRow(f"version-{one.id}", one.at, one.who, None, one.why, one.sha256 == present)
        for one in room.shelf.versions.of(sight.script.path.name, 50)
    ]
    used = [
        VersionRow(f"run-{run.id}", run.started_at, "", run, "", run.script_sha256 == present)
        for run in room.past(sight.jobs)
        if run.script
    ]
    return sorted([*saved, *used], key=lambda row: row.at, reverse=True)


def version_text(room: RobotRoom, sight: Sight, name: str) -> str:
    """Return the text of a version by the name that `version_rows` gave it.

    Raises:
        RobotMissing: This robot has no such version.
    """
    kind, _, number = name.partition("-")
    if name == PRESENT:
        return sight.script.text
    if name == "approved" and sight.standing is not None and sight.standing.state.last is not None:
        return sight.standing.state.last.script
    if kind == "version" and number.isascii() and number.isdigit() and len(number) < 10:
        version = room.shelf.versions.get(sight.script.path.name, int(number))
        if version is not None:
            return version.script
    if kind == "run":
        found = [run for run in room.past(sight.jobs) if run.id == number]
        if found:
            return found[0].script
    raise RobotMissing("authoring.version_missing", where=name[:60])


def version_title(rows: Sequence[VersionRow], name: str, moment: Any) -> str:
    """Return what a version is called above its text."""
    if name == PRESENT:
        return word("present")
    if name == "approved":
        return word("run_before_approval")
    row = next((row for row in rows if row.name == name), None)
    if row is None:
        return name
    who = word("run_of", job=row.run.job) if row.run else row.who or word("outside")
    return word("by_whom", who=who, at=moment(row.at))


def editor_facts(
    room: RobotRoom, script: Script | None, name: str, given: str, visitor: Visitor
) -> dict[str, Any]:
    """Return what the editor's script begins with; nothing is checked here, however long the text is.

    Args:
        room: The robots.
        script: The robot as it lies there; None for a new one.
        name: Its name in addresses.
        given: The text to begin with.
        visitor: Who edits.
    """
    return {
        "robot": name,
        "user": visitor.user.name,
        "csrf": visitor.csrf,
        "revision": script.revision if script is not None else "",
        "text": given.replace("\r\n", "\n"),
        "approved": script is not None and room.loses_approval(script),
        "types": hints(),
        "names": names_of(room.shelf),
        "words": script_words(),
    }


def trial_parts(trial: Trial) -> list[dict[str, Any]]:
    """Return what a trial did, part by part, with a title and whether all went well."""
    parts, sentences = [], trial.result.get("sentences", {})
    for part in _grouped(trial):
        name = str(part["name"])
        number = name.removeprefix("rehearsal").removeprefix("-")  # a row of a file has a negative one
        known = {"setup": word("part_setup"), "teardown": word("part_teardown")}
        good = all(step["outcome"] in GOOD_OUTCOMES for step in part["steps"])
        title = known.get(name) or word("part_record", number=number)
        steps = [_step(one, sentences) for one in part["steps"]]
        parts.append({**part, "title": title, "good": good, "steps": steps})
    return parts


def _grouped(trial: Trial) -> list[dict[str, Any]]:
    """Return the parts of a trial; the steps of one with a sample record come in one row and are told apart here."""
    found = trial.result.get("parts", [])
    if trial.way != "sample" or len(found) != 1:
        return list(found)
    groups: dict[str, list[dict[str, Any]]] = {}
    section = "each"
    for step in found[0]["steps"]:
        named = str(step["step"]).partition(" ")[0]
        section = named if named in SECTIONS else section
        groups.setdefault("1" if section == "each" else section, []).append(step)
    return [{**found[0], "name": name, "steps": steps} for name, steps in groups.items()]


def _step(step: Mapping[str, Any], sentences: Mapping[str, str]) -> dict[str, Any]:
    outcome = str(step["outcome"])
    good = outcome in GOOD_OUTCOMES
    return {
        **step,
        "step": step_number(str(step["step"])),
        "sentence": sentences.get(str(step["step"]), ""),
        "good": good,
        "told": word(f"outcome_{outcome}" if good else "outcome_failed"),
    }


def step_number(name: str) -> str:
    """Return a step's number within its part for what the evidence calls it ("each 3"); its own name stays."""
    section, _, number = name.rpartition(" ")
    return number if section in SECTIONS and number.isdigit() else name
