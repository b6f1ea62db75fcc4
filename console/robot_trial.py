"""Trying a robot without consequences: one made-up record, a ledger of its own that is thrown away, no commit step.

It works against the stand-in or test system that the settings name, or against a folder of saved pages, which is then
served on this machine in the place of every target system.
"""

import json
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from backoffice.clock import TOKYO
from backoffice.database import open_database, upgrade
from backoffice.errors import HakadoriError
from backoffice.ledger import Ledger
from backoffice.settings import Settings
from backoffice.vault import Vault
from console.errors import ArgumentWrong
from console.wiring import Office, robot_screen
from robots.model import Robot
from robots.runner import run_robot

_DATES = frozenset({"wareki", "wareki_short", "era", "era_year", "year", "month", "day"})
_KEY = "trial"


@dataclass(frozen=True)
class Trial:
    """How a trial went.

    Attributes:
        steps: What was done, in order: step, action, target, outcome, seconds.
        problem: What went wrong, in words; empty when nothing did.
    """

    steps: list[dict[str, Any]]
    problem: str = ""

    @property
    def good(self) -> bool:
        """Whether every step but those left out could be done."""
        return not self.problem


def try_out(office: Office, robot: Robot, record_file: Path | None, pages: Path | None) -> Trial:
    """Go through a robot's steps once, all but the commit step and what follows it.

    Args:
        office: The installation; its database is not touched.
        robot: The robot.
        record_file: The record to try it with, a JSON object of texts; made up when None.
        pages: Folder of saved pages to use in place of the target systems.

    Raises:
        ArgumentWrong: The record or the folder cannot be used.
    """
    record = made_up(robot, office) if record_file is None else read_record(record_file)
    with tempfile.TemporaryDirectory(prefix="hakadori-trial-") as folder, _served(pages) as url:
        settings = _settings(office.settings, Path(folder), url)
        engine = open_database(settings.database_url)
        try:
            upgrade(engine)
            ledger = Ledger(engine)
            ledger.put(robot.items.process, _KEY, record, who="trial", why="trial")
            problem = _run(office, robot, settings, ledger, stand_in=url is not None)
        finally:
            engine.dispose()
        return Trial(list(_steps(settings.folder("evidence"))), problem)


def made_up(robot: Robot, office: Office) -> dict[str, str]:
    """Return a record with a value for every field the robot names, fit for the filters it goes through."""
    today = office.clock().astimezone(TOKYO).date().isoformat()
    record: dict[str, str] = {}
    for step in robot.all_steps():
        for reference in (one for template in step.texts() for one in template.references):
            if reference.place != "item":
                continue
            names = {name for name, _ in reference.filters}
            value = today if names & _DATES else "0000000001" if "digits" in names else "見本"
            record[reference.name] = value if value != "見本" else record.get(reference.name, value)
    return record


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


def _settings(settings: Settings, folder: Path, url: str | None) -> Settings:
    targets = settings.targets if url is None else dict.fromkeys(settings.targets, url)
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


@contextmanager
def _served(pages: Path | None) -> Iterator[str | None]:
    """Serve a folder of pages on 127.0.0.1 while the trial lasts."""
    if pages is None:
        yield None
        return
    if not pages.is_dir():
        raise ArgumentWrong("console.trial_pages", where=str(pages), name=str(pages))
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Pages, directory=str(pages)))
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


class _Pages(SimpleHTTPRequestHandler):
    """Serves `menu/list.html` for the address /menu/list, whatever is sent to it."""

    def translate_path(self, path: str) -> str:
        found = super().translate_path(path)
        return f"{found}.html" if not Path(found).exists() and Path(f"{found}.html").is_file() else found

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", "0")))
        self.do_GET()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: addresses may hold personal data."""


def facts_of(trial: Trial) -> Mapping[str, Any]:
    """Return a trial for programs."""
    return {"good": trial.good, "steps": trial.steps, "problem": trial.problem}
