"""A town with robots that work on files: its configs, its shared folder, and a way to run a robot as written."""

from __future__ import annotations

import json
from pathlib import Path
from textwrap import dedent
from typing import Any

from backoffice.database import open_database, upgrade
from backoffice.ledger import Ledger
from backoffice.settings import load_settings
from backoffice.vault import Vault
from robots.model import load_robot
from robots.runner import RunCounts, run_robot


class RobotTown:
    """An installation in a folder of a test.

    Args:
        home: The folder.
        settings: More lines for hakadori.yaml.
    """

    def __init__(self, home: Path, settings: str = "") -> None:
        self.home = home
        self.share = home / "share"
        for folder in ("configs/robots/routines", "configs/python", "share"):
            (home / folder).mkdir(parents=True)
        written = "town: 試験市\nfolders: {zeimu: share}\n" + dedent(settings)
        (home / "configs" / "hakadori.yaml").write_text(written, encoding="utf-8")
        self.settings = load_settings(home / "configs")
        engine = open_database(self.settings.database_url)
        upgrade(engine)
        self.ledger = Ledger(engine)
        self.outbox = self.settings.folder("outbox")
        self.secrets: dict[str, str] = {}

    def write(self, name: str, text: str) -> None:
        """Write a file of the town's configs."""
        (self.home / "configs" / name).write_text(dedent(text), encoding="utf-8")

    def run(self, script: str, **options: Any) -> RunCounts:
        """Run a robot as written; `each:` and the like start at the margin."""
        self.write("robots/mihon.yaml", script)
        environ = {Vault.variable(name): value for name, value in self.secrets.items()}
        vault = Vault(self.home / "secrets.json", environ, use_keyring=False)
        robot = load_robot(self.home / "configs" / "robots" / "mihon.yaml")
        self.ledger.counts()
        return run_robot(
            robot, ledger=self.ledger, vault=vault, settings=self.settings, run_id="run", **options
        )

    def do(self, steps: str, **record: str) -> RunCounts:
        """Run steps once, for one item."""
        self.ledger.put("p", "k", record, who="test", why="test")
        head = "robot: mihon\ntitle: 見本\nitems: {process: p}\ntries: {times: 1}\neach:\n"
        return self.run(head + dedent(steps))

    def result(self) -> dict[str, Any]:
        """Return what the evidence tells of the steps: label → outcome."""
        lines = [
            json.loads(line)
            for file in sorted((self.settings.folder("evidence") / "run").rglob("steps.jsonl"))
            for line in file.read_text(encoding="utf-8").splitlines()
        ]
        return {line["step"]: line["outcome"] for line in lines if "step" in line}

    def why(self) -> str:
        """Return why the one item ended as it did."""
        item = self.ledger.find("p", "k")
        assert item is not None
        return self.ledger.events(item.id)[-1].why
