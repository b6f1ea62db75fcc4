"""Robots for the tests of the pages: a folder of their own with one robot of each department, and trials that rest."""

from __future__ import annotations

import hashlib
import secrets
from pathlib import Path

import sqlalchemy as sa

from backoffice.clock import Clock
from backoffice.runs import RunBook
from backoffice.settings import Settings
from backoffice.vault import Vault
from console.authoring.approvals import Approvals
from console.authoring.drafts import DraftBook
from console.authoring.known import Known
from console.authoring.room import RobotJob, RobotRoom
from console.authoring.shelf import RobotShelf
from console.authoring.trials import RESULT, TASK, ChildBench, Trial, TrialRoom
from console.authoring.versions import VersionBook, digest_of
from console.design.drafts import write_json
from ocr.template import Form
from robots.model import Robot, load_robot

DEPARTMENTS = ("nouzei", "kenkou")


def robot_name(department: str) -> str:
    """Return the name of a department's robot."""
    return f"{department}_robo"


def robot_text(department: str) -> str:
    """Return the text of a department's robot."""
    return (
        f"robot: {robot_name(department)}\n"
        "title: 見本の登録\n"
        "items: {from: queue, process: mihon}\n"
        "each:\n"
        '  - open: "${target.townoffice}/shinki"\n'
        '  - fill: {field: 氏名, value: "${item.氏名}"}\n'
        "  - click: {button: 登録}\n"
        "    commit: true\n"
        "  - expect: {text: 登録しました}\n"
        "    confirm: true\n"
    )


class RestingTrials(TrialRoom):
    """Trials that are over as soon as they are begun, and did nothing."""

    def begin(self, name: str, robot: Robot, who: str, *, way: str, limit: int, saved: bool) -> Trial:
        folder = self._folder / secrets.token_hex(8)
        folder.mkdir(parents=True)
        task = {"robot": name, "who": who, "at": self._clock().isoformat(), "way": way}
        write_json(folder / TASK, task | {"limit": limit, "saved": saved})
        write_json(folder / RESULT, {"state": "done", "good": True, "problem": "", "record": "", "parts": []})
        return self._read(folder)


def make_robots(
    folder: Path, settings: Settings, engine: sa.Engine, forms: dict[str, Form], runs: RunBook, clock: Clock
) -> RobotRoom:
    """Return the robots of a test office; the town of the settings is not asked."""
    robots = folder / "configs" / "robots"
    robots.mkdir(parents=True, exist_ok=True)
    for department in DEPARTMENTS:
        (robots / f"{robot_name(department)}.yaml").write_text(robot_text(department), encoding="utf-8")
    settings = settings.model_copy(update={"targets": {"townoffice": "http://127.0.0.1:9"}})
    known = Known(settings, Vault(settings.var / "secrets.json", {}, use_keyring=False), forms)
    jobs = [
        RobotJob(f"{department}_yomitori", "見本のジョブ", department, robot_name(department))
        for department in DEPARTMENTS
    ]
    versions = VersionBook(engine, clock)
    return RobotRoom(
        shelf=RobotShelf(robots, engine, known, versions, prove=lambda *_: None, saved=lambda: None),
        approvals=Approvals(engine, demanded=False, clock=clock),
        trials=RestingTrials(settings.var / "trials", ChildBench(robots.parent, settings.var), clock),
        drafts=DraftBook(engine, clock),
        runs=runs,
        jobs=lambda: jobs,
    )


def quiet_trial(room: RobotRoom, department: str, who: str) -> str:
    """Begin a trial of a department's robot and return its number."""
    name = robot_name(department)
    robot = load_robot(room.shelf.names()[name])
    return room.trials.begin(name, robot, who, way="sample", limit=1, saved=True).id


def quiet_script(department: str) -> dict[str, object]:
    """Return what a page sends that saves a department's robot as it is."""
    text = robot_text(department)
    return {"text": text, "revision": digest_of(text)}


def quiet_hash(department: str) -> str:
    """Return the hash of the content of a department's robot: it takes in nothing but its own text."""
    return hashlib.sha256(digest_of(robot_text(department)).encode()).hexdigest()


def quiet_draft(room: RobotRoom, department: str, who: str) -> int:
    """Keep a draft of a department's robot, unless it is kept already, and return its number."""
    name = robot_name(department)
    kept = room.drafts.of(name, who) or room.drafts.keep(name, who, "title: 下書き\n", rests_on="", known="")
    return kept.id
