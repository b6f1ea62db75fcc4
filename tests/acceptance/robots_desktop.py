"""A desktop office for tests: a real Xvfb screen, the stand-in program, a robot on it, a real ledger."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from backoffice.database import open_database, upgrade
from backoffice.ledger import Ledger
from backoffice.settings import Settings, builtin_settings
from backoffice.vault import Vault
from backoffice.work_items import WorkItem
from robots.drivers.desktop import FindText
from robots.drivers.pyautogui_desktop import PyAutoGuiDesktop
from robots.model import Robot, load_robot
from robots.runner import RunCounts, run_robot
from robots.screen import Screen
from samples.desktop.store import Registration, Store

ROOT = Path(__file__).parents[2]
PASSWORD = "machi-No.1"

RECORD = {
    "台帳番号": "0012345678",
    "氏名": "髙橋　﨑子",
    "氏名カナ": "タカハシ　サキコ",
    "住所": "みほん市中央一丁目２－３",
    "区分": "変更",
}

ROBOT = """\
robot: fukushi
title: 福祉システムへの登録
items: {from: queue, process: fukushi, personal: [氏名, 氏名カナ, 住所]}
tries: {times: 2, wait_seconds: 0}
screen: {width: 800, height: 600}
setup:
  - start_program:
      program: PYTHON
      arguments: [-m, samples.desktop, --database, DATABASE]
      window: 福祉システム ログイン
  - click_words: {words: パスワード, down: 30}
  - type_words: {}
    secret: welfare_password
  - click_words: {words: ログイン, nth: NTH}
  - focus_window: {title: 福祉システム}
each:
  - click_words: {words: 台帳番号, nth: 2, right: 150}
  - type_words: {value: "${item.台帳番号}"}
  - press_keys: {keys: tab}
  - type_words: {value: "${item.氏名}"}
  - press_keys: {keys: tab}
  - type_words: {value: "${item.氏名カナ}"}
  - press_keys: {keys: tab}
  - type_words: {value: "${item.住所}"}
  - press_keys: {keys: tab}
  - type_words: {value: "${item.区分}"}
  - wait_image: {image: touroku.png}
  - screenshot: {name: filled}
  - click_image: {image: touroku.png}
  - focus_window: {title: 登録の確認}
  - wait_words: {words: この内容で登録しますか}
  - click_words: {words: はい}
    commit: true
  - wait_window: {title: 登録完了}
    confirm: true
  - focus_window: {title: 登録完了}
  - read_words: {after: 登録しました 受付番号, into: 受付番号}
  - click_words: {words: 閉じる}
  - wait_window: {title: 登録完了, visible: false}
resolve:
  steps:
    - click_words: {words: 検索する番号, right: 150}
    - type_words: {value: "${item.台帳番号}"}
    - click_words: {words: 検索, nth: 1}
  found: {text: 件見つかりました}
  not_found: {text: 該当する登録はありません}
  not_before_seconds: 0
"""


@dataclass
class DesktopOffice:
    """One installation whose robot works on a screen."""

    folder: Path
    display: str
    reader: FindText
    robot: Robot = field(init=False)
    settings: Settings = field(init=False)
    ledger: Ledger = field(init=False)
    vault: Vault = field(init=False)

    def __post_init__(self) -> None:
        defaults = builtin_settings(self.folder / "var")
        browser = defaults.browser.model_copy(update={"timeout_seconds": 60.0})
        self.settings = defaults.model_copy(update={"browser": browser})
        engine = open_database(self.settings.database_url)
        upgrade(engine)
        self.ledger = Ledger(engine)
        environ = {"HAKADORI_SECRET_WELFARE_PASSWORD": PASSWORD}
        self.vault = Vault(self.folder / "secrets.json", environ, use_keyring=False)
        (self.folder / "images").mkdir()
        (self.folder / "images" / "touroku.png").write_bytes(
            b""
        )  # a test that clicks it puts the real one here

    @property
    def database(self) -> Path:
        return self.folder / "welfare.db"

    def use_robot(self, written: str = ROBOT, **changes: str) -> Robot:
        facts = {"PYTHON": sys.executable, "DATABASE": str(self.database), "NTH": "1", **changes}
        for name, value in facts.items():
            written = written.replace(name, value)
        path = self.folder / "fukushi.yaml"
        path.write_text(written, encoding="utf-8")
        self.robot = load_robot(path)
        return self.robot

    def desktop(self) -> PyAutoGuiDesktop:
        environ = {**os.environ, "DISPLAY": self.display, "PYTHONPATH": str(ROOT)}
        return PyAutoGuiDesktop(environ, {"WELFARE_PASSWORD": PASSWORD})

    def screen(self, desktop: PyAutoGuiDesktop | None = None) -> Screen:
        least = (800, 600)
        locks = self.settings.folder("locks")
        return Screen(desktop or self.desktop(), self.reader, self.folder / "images", locks, least)

    def put(self, **changes: str) -> WorkItem:
        record = {**RECORD, **changes}
        item, _ = self.ledger.put("fukushi", record["台帳番号"], record, who="test", why="test")
        return item

    def run(self, run_id: str = "run-1", **options: Any) -> RunCounts:
        options = {"screen": self.screen(), **options}
        return run_robot(
            self.robot, ledger=self.ledger, vault=self.vault, settings=self.settings, run_id=run_id, **options
        )

    def registered(self) -> list[Registration]:
        return Store(self.database).all()
