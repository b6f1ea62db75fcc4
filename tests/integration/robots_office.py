"""A small office for the tests of the robots: the real stand-in, a real ledger, a real Chromium."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from backoffice.database import open_database, upgrade
from backoffice.ledger import Ledger
from backoffice.settings import Settings, builtin_settings
from backoffice.vault import Vault
from backoffice.work_items import State, WorkItem
from robots.drivers.playwright_browser import PlaywrightBrowser
from robots.model import Robot, load_robot
from robots.runner import RunCounts, run_robot
from samples.townoffice.checks import corporate_check_digit, mynumber_check_digit

ROBOTS = Path(__file__).parents[2] / "configs" / "robots"
PASSWORD = "まちの-合言葉"

KOUZA = {
    "通知書番号": "0012345678",
    "届出日": "2026-04-01",
    "納税者氏名カナ": "ミホン　タロウ",
    "納税者氏名": "見本　太郎",
    "郵便番号": "0600042",
    "住所": "みほん市中央一丁目２－３",
    "電話番号": "0112345678",
    "金融機関コード": "0001",
    "支店コード": "001",
    "預金種別": "普通",
    "口座番号": "0012345",
    "口座名義カナ": "ミホン　タロウ",
    "対象税目": "市県民税、固定資産税",
    "振替方法": "期別",
    "届出印": "present",
}
IDOU = {
    "指定番号": "00123456",
    "受給者番号": "0000000017",
    "法人番号": f"{corporate_check_digit('000012050002')}000012050002",
    "事業者名": "見本商事株式会社",
    "個人番号": f"12345678901{mynumber_check_digit('12345678901')}",
    "氏名カナ": "ミホン　ハナコ",
    "氏名": "見本　花子",
    "生年月日": "1975-01-31",
    "異動年月日": "2026-03-31",
    "異動事由": "退職",
    "特別徴収税額": "120000",
    "徴収済額": "100000",
    "未徴収税額": "20000",
    "徴収方法": "一括徴収",
    "電話番号": "0312345678",
}
YOBOU = {
    "接種券番号": "0000000042",
    "ふりがな": "みほん　じろう",
    "氏名": "見本　次郎",
    "生年月日": "2020-02-29",
    "性別": "男",
    "郵便番号": "0600042",
    "住所": "みほん市中央一丁目２－３",
    "電話番号": "09012345678",
    "体温": "36.5",
    **{f"質問{n}": "いいえ" for n in range(1, 11)},
    "接種希望": "希望します",
    "医師判定": "可",
    "接種日": "2026-04-02",
    "ロット番号": "AB12CD34",
    "署名": "present",
}


class KeptBrowser(PlaywrightBrowser):
    """A browser that outlives its runs: a new run begins with an empty session in the same program."""

    def start(self) -> None:
        self.renew()

    def close(self) -> None:
        """Stay open for the next run."""

    def end(self) -> None:
        super().close()


@dataclass
class RobotOffice:
    """One installation with one robot and the stand-in it works on.

    Attributes:
        browser: One that is there already; None: each run starts its own, as in real life.
        standin: The database of the stand-in.
    """

    folder: Path
    url: str
    browser: KeptBrowser | None = None
    standin: Path | None = None
    robot: Robot = field(init=False)
    settings: Settings = field(init=False)
    ledger: Ledger = field(init=False)
    vault: Vault = field(init=False)
    engine: sa.Engine = field(init=False)

    def __post_init__(self) -> None:
        defaults = builtin_settings(self.folder / "var")
        self.settings = defaults.model_copy(update={"targets": {"townoffice": self.url}})
        self.use_patience(60)
        self.engine = open_database(self.settings.database_url)
        upgrade(self.engine)
        self.ledger = Ledger(self.engine)
        self.use_password(PASSWORD)
        self.use_robot("kouza_touroku")

    def registered(self) -> list[dict[str, str]]:
        """What the stand-in's own database holds of the robot's process."""
        return registrations(self.standin or self.folder / "town.db", self.robot.items.process)

    def use_patience(self, seconds: float) -> None:
        """Wait so long for what does not come; what comes is waited for no longer than that takes."""
        browser = self.settings.browser.model_copy(update={"timeout_seconds": seconds})
        self.settings = self.settings.model_copy(update={"browser": browser})

    def use_password(self, password: str) -> None:
        environ = {"HAKADORI_SECRET_TOWNOFFICE_PASSWORD": password}
        self.vault = Vault(self.folder / "secrets.json", environ, use_keyring=False)

    def use_robot(self, name: str, **changes: str) -> None:
        """Take a shipped robot, with texts replaced; tries again at once and believes 'not found' at once."""
        written = (ROBOTS / f"{name}.yaml").read_text(encoding="utf-8")
        quick = {
            "wait_seconds: 30": "wait_seconds: 0",
            "not_before_seconds: 300": "not_before_seconds: 0",
            **changes,
        }
        for old, new in quick.items():
            assert old in written, old
            written = written.replace(old, new)
        path = self.folder / f"{name}.yaml"
        path.write_text(written, encoding="utf-8")
        self.robot = load_robot(path)

    def put(self, record: dict[str, str], key: str) -> WorkItem:
        item, _ = self.ledger.put(self.robot.items.process, key, record, who="test", why="test")
        return item

    def put_kouza(self, number: str, **changes: str) -> WorkItem:
        return self.put({**KOUZA, "通知書番号": number, **changes}, number)

    def run(self, run_id: str = "run-1", **options: Any) -> RunCounts:
        return run_robot(
            self.robot,
            ledger=self.ledger,
            vault=self.vault,
            settings=self.settings,
            run_id=run_id,
            **({"driver": self.browser} | options if self.browser is not None else options),
        )

    def state(self, item: WorkItem) -> State:
        return self.ledger.get(item.id).state

    def last_why(self, item: WorkItem) -> str:
        return self.ledger.events(item.id)[-1].why

    def trail(self, item: WorkItem) -> list[State]:
        return [event.to_state for event in self.ledger.events(item.id)]

    def evidence(self, item: WorkItem | str, run_id: str = "run-1") -> Path:
        name = item if isinstance(item, str) else str(item.id)
        return self.settings.folder("evidence") / run_id / name

    def steps(self, item: WorkItem | str, run_id: str = "run-1") -> list[dict[str, Any]]:
        lines = (self.evidence(item, run_id) / "steps.jsonl").read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines]


def registrations(database: Path, business: str) -> list[dict[str, str]]:
    """What the stand-in's own database holds."""
    with sqlite3.connect(database) as connection:
        query = "SELECT fields FROM registrations WHERE business = ? ORDER BY number"
        rows = connection.execute(query, (business,)).fetchall()
    connection.close()
    return [json.loads(row[0]) for row in rows]
