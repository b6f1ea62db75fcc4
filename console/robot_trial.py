"""Trying a robot without consequences: one made-up record, a ledger of its own that is thrown away, no commit step.

It works against the stand-in or test system that the settings name, or against a folder of saved pages, which is then
served on this machine in the place of every target system.
"""

import json
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from backoffice.database import open_database, upgrade
from backoffice.errors import HakadoriError
from backoffice.ledger import Ledger
from backoffice.settings import Settings
from backoffice.vault import Vault
from console.saved_pages import serving
from console.trial_record import record_for
from console.wiring import Office, robot_screen
from robots.model import Robot
from robots.runner import run_robot

_KEY = "trial"


@dataclass(frozen=True)
class Trial:
    """How a trial went.

    Attributes:
        steps: What was done, in order: step, action, target, outcome, seconds.
        problem: What went wrong, in words; empty when nothing did.
        origin: Where the record comes from that it was tried with, in words.
        made_up: Whether that record was made up.
    """

    steps: list[dict[str, Any]]
    problem: str = ""
    origin: str = ""
    made_up: bool = False

    @property
    def good(self) -> bool:
        """Whether every step but those left out could be done."""
        return not self.problem


def try_out(
    office: Office, robot: Robot, record_file: Path | None, pages: Path | None, desk: Path | None = None
) -> Trial:
    """Go through a robot's steps once, all but the commit step and what follows it.

    Args:
        office: The installation; its database is not touched.
        robot: The robot.
        record_file: The record to try it with, a JSON object of texts; see `record_for` when None.
        pages: Folder of saved pages to use in place of the target systems.
        desk: Where the copy of the record lies meanwhile: a folder whose name begins so; one of the system's when None.

    Raises:
        ArgumentWrong: The record or the folder cannot be used.
    """
    record = record_for(office, robot, record_file)
    with _desk(desk) as folder, _stand_in(pages) as url:
        settings = _settings(office.settings, Path(folder), url)
        engine = open_database(settings.database_url)
        try:
            upgrade(engine)
            ledger = Ledger(engine)
            ledger.put(robot.items.process, _KEY, record.values, who="trial", why="trial")
            problem = _run(office, _from_queue(robot), settings, ledger, stand_in=url is not None)
        finally:
            engine.dispose()
        steps = list(_steps(settings.folder("evidence")))
        return Trial(steps, problem, record.origin, record.made_up)


def _desk(desk: Path | None) -> tempfile.TemporaryDirectory[str]:
    if desk is None:
        return tempfile.TemporaryDirectory(prefix="hakadori-trial-")
    return tempfile.TemporaryDirectory(prefix=f"{desk.name}-", dir=desk.parent)


def _from_queue(robot: Robot) -> Robot:
    """Return the robot working on its one trial record instead of a file or another robot's items."""
    return robot.model_copy(update={"items": robot.items.model_copy(update={"from_": "queue"})})


def _stand_in(pages: Path | None) -> AbstractContextManager[str | None]:
    return nullcontext() if pages is None else serving(pages)


def _settings(settings: Settings, folder: Path, url: str | None) -> Settings:
    targets = settings.targets
    if url is not None:  # each target keeps the path below which its pages were recorded
        targets = {name: f"{url}{urlsplit(one).path}".rstrip("/") for name, one in targets.items()}
    return settings.model_copy(update={"var": folder, "database": "", "targets": targets})


def _run(office: Office, robot: Robot, settings: Settings, ledger: Ledger, *, stand_in: bool) -> str:
    vault = office.vault
    if stand_in:  # saved pages take any password, and must not get a real one
        named = {f"HAKADORI_SECRET_{name.upper()}": "mihon-himitsu" for name in robot.secrets()}
        vault = Vault(settings.var / "secrets.json", named, use_keyring=False)
    personal = office.personal_fields(robot.items.process)
    try:
        counts = run_robot(
            robot,
            ledger=ledger,
            vault=vault,
            settings=settings,
            run_id=_KEY,
            personal=personal,
            screen=robot_screen(office, robot),
            dry=True,
            limit=1,
        )
    except HakadoriError as error:
        return error.explain()
    return "\n".join(counts.problems)


def _steps(evidence: Path) -> Iterator[dict[str, Any]]:
    lines = [
        json.loads(line)
        for path in evidence.rglob("steps.jsonl")
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    told = ("step", "action", "target", "outcome", "seconds")
    for line in sorted((line for line in lines if "action" in line), key=lambda line: str(line["at"])):
        yield {name: line[name] for name in told}


def facts_of(trial: Trial) -> Mapping[str, Any]:
    """Return a trial for programs."""
    return {"good": trial.good, "steps": trial.steps, "problem": trial.problem, "record": trial.origin}
