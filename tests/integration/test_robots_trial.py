"""`hakadori robot test`: a robot is tried on saved pages, up to the commit step, and nothing is kept."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.request import urlopen

import pytest

from backoffice.messages import use_language
from console.cli import main
from console.saved_pages import serving
from console.wiring import open_office
from robots.recording.pages import VisitedPages

ROBOT = """\
robot: tameshi
title: 試しの登録
items: {from: queue, process: tameshi, personal: [氏名]}
setup:
  - open: ${target.townoffice}/login
  - fill: {field: パスワード}
    secret: townoffice_password
  - click: {button: ログイン}
each:
  - open: ${target.townoffice}/shinki
  - fill: {field: 氏名, value: "${item.氏名}"}
  - fill: {field: 届出日, value: "${item.届出日 | wareki}"}
  - click: {button: 登録}
    commit: true
  - expect: {text: 登録しました}
    confirm: true
"""
LOGIN = (
    '<form method="post" action="/menu">'
    '<label>パスワード<input type="password"></label><button>ログイン</button></form>'
)
FORM = (
    '<label>氏名<input></label><label>届出日<input></label><button onclick="document.title=1">登録</button>'
)


@pytest.fixture
def configs(tmp_path: Path) -> Path:
    use_language("ja")
    folder = tmp_path / "configs"
    (folder / "robots").mkdir(parents=True)
    (folder / "robots" / "tameshi.yaml").write_text(ROBOT, encoding="utf-8")
    (folder / "hakadori.yaml").write_text("targets: {townoffice: 'http://127.0.0.1:9'}\n", encoding="utf-8")
    pages = tmp_path / "pages"
    pages.mkdir()
    for name, body in (("login", LOGIN), ("menu", "<h1>業務メニュー</h1>"), ("shinki", FORM)):
        (pages / f"{name}.html").write_text(f"<!doctype html><meta charset=utf-8>{body}", encoding="utf-8")
    return folder


def test_goes_through_all_steps_before_the_commit_on_saved_pages(
    configs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["robot", "test", "tameshi", "--pages", str(configs.parent / "pages"), "--json"]
    assert main(["--configs", str(configs), "--var", str(configs.parent / "var"), *words]) == 0
    told = json.loads(capsys.readouterr().out)
    done = [(one["action"], one["outcome"]) for one in told["steps"]]
    assert done[:6] == [(action, "done") for action in ("open", "fill", "click", "open", "fill", "fill")]
    assert ("click", "done") not in done[6:]
    assert told["good"] is True


def test_says_which_step_does_not_fit_the_page(configs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    robot = configs / "robots" / "tameshi.yaml"
    changed = robot.read_text(encoding="utf-8").replace(
        '{field: 氏名, value: "${item.氏名}"}', "{field: 氏名(漢字), value: a}\n    timeout: 1"
    )
    robot.write_text(changed, encoding="utf-8")
    words = ["robot", "test", "tameshi", "--pages", str(configs.parent / "pages")]
    assert main(["--configs", str(configs), "--var", str(configs.parent / "var"), *words]) == 3
    told = capsys.readouterr().out
    assert "入力欄「氏名(漢字)」は見つかりません。画面には「氏名」「届出日」があります。" in told


def test_is_tried_with_the_first_row_of_its_file(configs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    robot, town = configs / "robots" / "tameshi.yaml", configs / "hakadori.yaml"
    source = (
        'items: {from: csv, file: "${folder.zeimu}/a.csv", key: 番号, process: tameshi, personal: [氏名]}'
    )
    written = robot.read_text(encoding="utf-8").replace(ROBOT.splitlines()[2], source)
    robot.write_text(written, encoding="utf-8")
    town.write_text(town.read_text(encoding="utf-8") + f"folders: {{zeimu: '{configs.parent}'}}\n", "utf-8")
    rows = "番号,氏名,届出日\n1,見本　太郎,2026-04-01\n2,見本　花子,2026-04-02\n"
    (configs.parent / "a.csv").write_text(rows, encoding="utf-8")
    words = ["robot", "test", "tameshi", "--pages", str(configs.parent / "pages"), "--json"]
    call = ["--configs", str(configs), "--var", str(configs.parent / "var"), *words]
    assert main(call) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["record"], told["good"], len(told["steps"])) == ("a.csv の最初の行の写し", True, 6)
    (configs.parent / "a.csv").unlink()
    assert main(call) == 0
    assert json.loads(capsys.readouterr().out)["record"] == "作り物の値"
    office = open_office(configs, var=configs.parent / "var")
    assert sum(office.ledger.counts("tameshi").values()) == 0


def test_serves_pages_of_an_earlier_recording_with_buttons_that_their_scripts_would_enable(
    tmp_path: Path,
) -> None:
    pages = VisitedPages()
    html = '<fieldset disabled=""><button class="disabled" disabled="" aria-disabled="true">登録</button></fieldset>'
    pages.add("GET", "http://town.example/shinki", None, html)
    pages.write(tmp_path, ())
    with serving(tmp_path) as url, urlopen(f"{url}/shinki") as answer:
        assert answer.read().decode() == '<fieldset><button class="disabled">登録</button></fieldset>'
