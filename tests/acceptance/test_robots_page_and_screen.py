"""One robot with two hands: it reads in a real Chromium, registers in a real program, and goes on in the browser."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from robots_desktop import DesktopOffice

from backoffice.work_items import State
from console.screen_text import screen_reader
from robots.stage import uses_page, uses_screen
from samples.desktop.testing import virtual_screen
from samples.townoffice.testing import running_townoffice

ROUTINE = """\
routine: dai
title: 福祉システムの一行
arguments: {台帳番号: 台帳番号, 氏名: 氏名}
steps:
  - click_words: {words: 台帳番号, nth: 2, right: 150}
  - type_words: {value: "${argument.台帳番号}"}
  - press_keys: {keys: tab}
  - type_words: {value: "${argument.氏名}"}
  - press_keys: {keys: tab}
  - type_words: {value: ミホン　タロウ}
  - press_keys: {keys: tab}
  - type_words: {value: みほん市中央一丁目}
  - press_keys: {keys: tab}
  - type_words: {value: 新規}
"""
ROBOT = """\
robot: futatsu
title: 受付から福祉システムへ
items: {from: queue, process: fukushi}
tries: {times: 1}
setup:
  - start_program:
      program: PYTHON
      arguments: [-m, samples.desktop, --database, DATABASE]
      window: 福祉システム
each:
  - open: ${target.townoffice}/renshu/ichiran
  - read: {cell: 氏名, row: "${item.台帳番号}", into: 氏名}
  - call: {routine: dai, arguments: {台帳番号: "${item.台帳番号}", 氏名: "${result.氏名}"}}
  - click_words: {words: 登録}
  - wait_words: {words: この内容で登録しますか}
  - click_words: {words: はい}
    commit: true
  - wait_window: {title: 登録完了}
    confirm: true
  - read_words: {after: 登録しました 受付番号, into: 受付番号}
  - click_words: {words: 閉じる}
  - open: ${target.townoffice}/renshu/uketsuke
  - fill: {field: 町名検索, value: "${result.受付番号}"}
  - expect: {field: 町名検索, value: "00000001"}
"""


@pytest.fixture
def office(tmp_path: Path) -> Iterator[DesktopOffice]:
    with (
        virtual_screen() as display,
        running_townoffice(tmp_path / "town.db", "x") as url,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setenv("DISPLAY", display)
        office = DesktopOffice(tmp_path, display, screen_reader(tmp_path / "models", 1))
        office.settings = office.settings.model_copy(update={"targets": {"townoffice": url}})
        yield office


def test_a_robot_works_in_a_browser_and_on_the_screen(office: DesktopOffice) -> None:
    (office.folder / "routines").mkdir()
    (office.folder / "routines" / "dai.yaml").write_text(ROUTINE, encoding="utf-8")
    robot = office.use_robot(ROBOT, PYTHON=sys.executable)
    assert uses_screen(robot) and uses_page(robot)
    desktop = office.desktop()
    desktop._added.clear()  # no login window this time
    item = office.put(台帳番号="00002")
    counts = office.run(screen=office.screen(desktop))
    done = office.ledger.get(item.id)
    assert (counts.problems, done.state) == ((), State.DONE), office.ledger.events(item.id)[-1].why
    assert done.result == {"氏名": "見本二郎", "受付番号": "00000001"}
    (registered,) = office.registered()
    assert (registered.values["台帳番号"], registered.values["氏名"]) == ("00002", "見本二郎")
