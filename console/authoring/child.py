"""The child process of a trial: `python -m console.authoring.child CONFIGS VAR FOLDER LANGUAGE` does FOLDER/task.json.

It ends with `result.json`: what was done, record by record and step by step, and what went wrong. Exit code 0 also for
a robot that did not get through: to find that out is what a trial is for.
"""

import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from threading import Event
from typing import Any

from backoffice.errors import HakadoriError
from backoffice.logs import without_words
from backoffice.messages import text, use_language
from backoffice.yaml_source import read_yaml
from console.authoring.known import Known
from console.authoring.telling import step_sentences
from console.authoring.trials import DESK, LEASH, PROGRESS, RESULT, TASK
from console.design.drafts import read_json, write_json
from console.robot_runs import Wish, run_by_hand
from console.robot_trial import try_out
from console.trial_line import end_with_the_server
from console.wiring import Office, open_office
from robots.model import Robot, robot_of
from robots.trail_reading import PartTrail, read_trail


class AskedToStop(Exception):
    """Somebody ended the trial between two records."""


def main(configs: Path, var: Path, folder: Path) -> int:
    """Do the task of a trial's folder."""
    stop = Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    if hasattr(signal, "SIGBREAK"):
        signal.signal(signal.SIGBREAK, lambda *_: stop.set())
    end_with_the_server(folder / LEASH)
    task = read_json(folder / TASK) or {}
    write_json(folder / PROGRESS, {"finished": 0})
    try:
        office = open_office(configs, var=var)
        robot = _robot(office, task)
        told = {"sentences": step_sentences(robot), **_try(office, robot, task, folder, stop)}
    except HakadoriError as error:
        told = {"good": False, "problem": error.explain(), "parts": []}
    except Exception as error:
        told = {
            "good": False,
            "problem": text("authoring.trial_broke", kind=without_words(error)),
            "parts": [],
        }
    write_json(folder / RESULT, {"state": "stopped" if stop.is_set() else "done", **told})
    return 0


def _robot(office: Office, task: dict[str, Any]) -> Robot:
    """Return the robot of the task's text, checked as its file would be."""
    data, source = read_yaml(office.configs / "robots" / Path(task["file"]).name, task["text"])
    return robot_of(data, source, Known(office.settings, office.vault, office.forms).for_text(data))


def _try(office: Office, robot: Robot, task: dict[str, Any], folder: Path, stop: Event) -> dict[str, Any]:
    """Go through the steps, and tell what was done."""
    if task["way"] == "sample":
        tried = try_out(office, robot, None, None, desk=folder / DESK)
        steps = [{"value": "", **step} for step in tried.steps]
        part = {"name": "1", "key": "", "state": "", "reason": "", "warnings": [], "steps": steps}
        return {"good": tried.good, "problem": tried.problem, "record": tried.origin, "parts": [part]}
    name = f"trial-{folder.name}"
    wish = Wish(limit=task["limit"], dry=True, name=name)
    problem = ""
    with suppress(AskedToStop):
        problem = "\n".join(run_by_hand(office, robot, _shower(folder, stop), wish).problems)
    evidence = office.settings.folder("evidence") / name
    parts = [_part(part) for part in read_trail(evidence).parts] if evidence.is_dir() else []
    return {"good": not problem, "problem": problem, "record": "", "parts": parts}


def _shower(folder: Path, stop: Event) -> Callable[[int, int], None]:
    def show(finished: int, waiting: int) -> None:
        write_json(folder / PROGRESS, {"finished": finished, "waiting": waiting})
        if stop.is_set() and finished < waiting:
            raise AskedToStop

    return show


def _part(part: PartTrail) -> dict[str, Any]:
    kept: Sequence[str] = ("name", "key", "state", "reason", "warnings", "pictures")
    steps = [asdict(step) for step in part.steps]
    return {name: getattr(part, name) for name in kept} | {"steps": steps}


if __name__ == "__main__":
    use_language(sys.argv[4])
    sys.exit(main(*(Path(one) for one in sys.argv[1:4])))
