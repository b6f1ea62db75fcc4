"""An installation in a folder of its own, with one robot, for the measurements of robots; and how they are started.

`python3 benchmarks/robot_….py` works with any Python: it goes on in the checkout's own `.venv` by itself.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PASSWORD = "measured-with-this"


def go_on_in_checkout() -> None:
    """Go on with the interpreter of `.venv` when this one is another; the checkout becomes importable."""
    own = ROOT / ".venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if own.exists() and Path(sys.prefix).resolve() != own.parents[1].resolve():
        os.execv(own, [str(own), *sys.argv])
    if str(ROOT) not in sys.path:
        sys.path.insert(0, str(ROOT))


class RobotTown:
    """Settings, ledger and vault in a folder; parent and child processes each open it for themselves.

    Args:
        folder: The folder; made when missing.
        url: Address of the stand-in.
        robot: The robot as YAML.
    """

    def __init__(self, folder: Path, url: str, robot: str) -> None:
        from backoffice.database import open_database, upgrade
        from backoffice.ledger import Ledger
        from backoffice.settings import builtin_settings
        from backoffice.vault import Vault
        from robots.model import load_robot

        file = folder / "configs" / "robots" / "robot.yaml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(robot, encoding="utf-8")
        self.folder = folder
        self.settings = builtin_settings(folder / "var").model_copy(update={"targets": {"townoffice": url}})
        self.robot = load_robot(file)
        engine = open_database(self.settings.database_url)
        upgrade(engine)
        self.ledger = Ledger(engine)
        environ = {"HAKADORI_SECRET_TOWNOFFICE_PASSWORD": PASSWORD}
        self.vault = Vault(folder / "secrets.json", environ, use_keyring=False)

    def put(self, key: str, record: dict[str, str]) -> int:
        """Enter one item and return its number."""
        item, _ = self.ledger.put(self.robot.items.process, key, record, who="benchmark", why="measured")
        return item.id
