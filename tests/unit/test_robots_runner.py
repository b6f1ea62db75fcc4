"""The runner's rules on a fake browser: where an item goes for every way an attempt can end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from backoffice.database import open_database, upgrade
from backoffice.errors import HakadoriError
from backoffice.ledger import Ledger
from backoffice.settings import builtin_settings
from backoffice.vault import Vault
from backoffice.work_items import State, WorkItem
from robots.drivers.fake_browser import FakeBrowser
from robots.errors import NotFoundOnPage, StepFailed, TargetTrouble, TargetUnreachable
from robots.explain import explain
from robots.lane import TOO_MANY_FAILURES, Progress
from robots.model import load_robot
from robots.runner import RunCounts, run_robot

ROBOT = """
robot: mihon
title: 見本の登録
items: {from: queue, process: mihon, personal: [氏名]}
tries: {times: 2, wait_seconds: 0}
fails_when:
  - {text: 誤りがあります, messages: {css: li}}
  - {text: 期限が切れました, after_commit: true}
  - {text: 混み合っています, as: system}
setup:
  - open: ${target.town}/login
  - fill: {field: パスワード}
    secret: mihon
each:
  - fill: {field: 氏名, value: "${item.氏名}"}
  - click: {button: 確認}
  - expect: {heading: 確認}
  - click: {button: 登録}
    commit: true
  - expect: {text: 登録しました}
    confirm: true
  - read: {cell: 受付番号, into: 受付番号}
resolve:
  steps:
    - open: ${target.town}/search
  found: {row: "${item.番号}"}
  not_found: {text: ありません}
  not_before_seconds: 0
"""
TURNS = {"確認": ["確認"], "登録": ["登録しました"]}
TROUBLE = TargetTrouble("robots.target_trouble", where="town", status=500)
GONE = NotFoundOnPage("robots.not_found_on_page", where="x", wanted="x", hint="-")


class Desk:
    """A ledger, a robot and a fake browser."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        settings = builtin_settings(folder / "var")
        self.settings = settings.model_copy(update={"targets": {"town": "http://town"}})
        engine = open_database(self.settings.database_url)
        upgrade(engine)
        self.ledger = Ledger(engine)
        self.vault = Vault(folder / "s.json", {"HAKADORI_SECRET_MIHON": "himitsu"}, use_keyring=False)
        self.browser = FakeBrowser(turns=TURNS)
        self.write(ROBOT)

    def write(self, text: str) -> None:
        path = self.folder / "mihon.yaml"
        path.write_text(text, encoding="utf-8")
        self.robot = load_robot(path)

    def put(self, number: int = 1) -> WorkItem:
        record = {"番号": f"{number:03d}", "氏名": "見本　太郎"}
        return self.ledger.put("mihon", str(number), record, who="test", why="test")[0]

    def run(self, **options: Any) -> RunCounts:
        parts: dict[str, Any] = {
            "ledger": self.ledger, "vault": self.vault, "settings": self.settings, "driver": self.browser,
        }  # fmt: skip
        return run_robot(self.robot, run_id=options.pop("run_id", "run-1"), **parts, **options)

    def state(self, item: WorkItem) -> State:
        return self.ledger.get(item.id).state

    def why(self, item: WorkItem) -> str:
        return self.ledger.events(item.id)[-1].why


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.mark.parametrize(
    ("fails", "state", "tries"),
    [
        (("click", "確認"), State.SYSTEM_FAILURE, 2),
        (("find", "登録"), State.SYSTEM_FAILURE, 2),
        (("click", "登録"), State.IN_DOUBT, 1),
        (("read", "受付番号"), State.DONE, 1),
    ],
)
def test_moves_the_item_by_how_far_it_had_come(
    desk: Desk, fails: tuple[str, str], state: State, tries: int
) -> None:
    item = desk.put()
    desk.browser.fails = {fails: TROUBLE}
    desk.run()
    assert (desk.state(item), desk.ledger.get(item.id).attempts) == (state, tries)


@pytest.mark.parametrize(
    ("button", "shows", "state"),
    [
        ("確認", "誤りがあります", State.BUSINESS_FAILURE),
        ("確認", "混み合っています", State.SYSTEM_FAILURE),
        ("登録", "誤りがあります", State.IN_DOUBT),
        ("登録", "期限が切れました", State.BUSINESS_FAILURE),
        ("登録", "別の画面", State.IN_DOUBT),
    ],
)
def test_believes_a_refusal_after_the_commit_only_when_the_robot_says_so(
    desk: Desk, button: str, shows: str, state: State
) -> None:
    item = desk.put()
    desk.browser.turns = {**TURNS, button: [shows]}
    desk.run()
    assert desk.state(item) is state


def test_writes_committing_before_the_button_and_done_after_the_confirmation(desk: Desk) -> None:
    item = desk.put()
    seen: list[State] = []
    click = desk.browser.click

    def watched(spot: Any, timeout: float, *, wait: bool = True) -> None:
        seen.append(desk.state(item))
        click(spot, timeout, wait=wait)

    desk.browser.click = watched  # type: ignore[method-assign]
    desk.run()
    assert (seen, desk.state(item)) == ([State.IN_PROGRESS, State.COMMITTING], State.DONE)


def test_tells_the_targets_messages_without_personal_values(desk: Desk) -> None:
    item = desk.put()
    desk.browser.turns = {"確認": ["誤りがあります"]}
    desk.browser.reads = {"li": "見本　太郎 は登録できません。番号 1234567890"}
    desk.run()
    assert desk.why(item) == (
        "mihon/1: 相手のシステムがこの記録を受け付けませんでした"
        ": 文字「誤りがあります」(表示: ●● は登録できません。番号 «10桁»)"
    )


def test_begins_a_fresh_session_after_trouble_and_only_then(desk: Desk) -> None:
    for number in range(3):
        desk.put(number)
    desk.run()
    assert desk.browser.starts == 1
    item = desk.put(9)
    desk.browser.fails = {("click", "登録"): TROUBLE}
    desk.put(10)
    desk.browser.starts = 0
    desk.run(run_id="run-2")
    assert (desk.state(item), desk.browser.starts) == (State.IN_DOUBT, 2)


def test_stops_when_the_target_fails_again_and_again(desk: Desk) -> None:
    for number in range(10):
        desk.put(number)
    desk.write(ROBOT.replace("times: 2", "times: 20"))
    desk.browser.fails = {("fill", "氏名"): TROUBLE}
    counts = desk.run()
    assert (len(counts.times), counts.left, counts.exit_code) == (TOO_MANY_FAILURES, 10, 3)
    assert counts.problems == ("相手のシステムの不調が 5 件続いたため、処理を止めました。",)


def test_touches_no_item_when_the_session_cannot_be_opened(desk: Desk) -> None:
    item = desk.put()
    error = TargetUnreachable("robots.target_unreachable", where="town", host="town", reason="timeout")
    desk.browser.fails = {("open", "http://town/login"): error}
    with pytest.raises(TargetUnreachable):
        desk.run()
    assert [event.to_state for event in desk.ledger.events(item.id)] == [State.NEW]


def test_puts_its_items_right_when_the_run_itself_breaks(desk: Desk) -> None:
    item = desk.put()
    desk.browser.fails = {("click", "登録"): ZeroDivisionError()}  # type: ignore[dict-item]
    with pytest.raises(ZeroDivisionError):
        desk.run()
    assert desk.state(item) is State.IN_DOUBT


def test_stops_between_items_when_asked(desk: Desk) -> None:
    stop, told = Event(), list[Progress]()
    for number in range(3):
        desk.put(number)

    def progress(news: Progress) -> None:
        told.append(news)
        stop.set()

    counts = desk.run(stop=stop, progress=progress)
    assert (counts.done, counts.left, told) == (1, 2, [Progress(1, 3, "0")])


def test_does_not_start_a_browser_when_nothing_waits(desk: Desk) -> None:
    assert (desk.run(), desk.browser.starts) == (RunCounts(0, 0, 0, 0, 0), 0)


@pytest.mark.parametrize(
    ("shown", "state"),
    [(["001"], State.DONE), (["ありません"], State.DONE), (["別の画面"], State.IN_DOUBT)],
)
def test_settles_doubt_only_by_a_clear_answer(desk: Desk, shown: list[str], state: State) -> None:
    item = desk.put()
    desk.browser.fails = {("click", "登録"): TROUBLE}
    desk.run()
    desk.browser.fails, desk.browser.shown = {}, set(shown)
    desk.browser.done.clear()
    counts = desk.run(run_id="run-2")
    assert desk.state(item) is state
    pressed = desk.browser.done.count(("click", "登録"))
    assert (counts.settled, pressed) == {"001": (1, 0), "ありません": (1, 1), "別の画面": (0, 0)}[shown[0]]


def test_a_page_that_says_found_and_not_found_at_once_settles_nothing(desk: Desk) -> None:
    item = desk.put()
    desk.browser.fails = {("click", "登録"): TROUBLE}
    desk.run()
    desk.browser.fails, desk.browser.shown = {}, {"001", "ありません"}
    desk.browser.done.clear()
    desk.run(run_id="run-2")
    assert (desk.state(item), ("click", "登録") in desk.browser.done) == (State.IN_DOUBT, False)


def test_each_doubt_is_looked_up_where_the_login_ended(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A window or a frame that the look-up before left behind is not where the next one begins."""
    for number in (1, 2):
        desk.put(number)
    desk.browser.fails = {("click", "登録"): TROUBLE}
    desk.run()
    desk.browser.fails, desk.browser.shown = {}, {"別の画面"}
    monkeypatch.setattr(desk.browser, "begin_item", lambda: desk.browser.done.append(("begin",)))
    desk.browser.done.clear()
    desk.run(run_id="run-2")
    searches = [at for at, one in enumerate(desk.browser.done) if one == ("open", "http://town/search")]
    assert [desk.browser.done[at - 1] for at in searches] == [("begin",), ("begin",)]


@pytest.mark.parametrize(
    ("passed", "boot", "believed"), [(299.0, "a", 0), (301.0, "a", 1), (299.0, "b", 0), (301.0, "b", 1)]
)
def test_does_not_believe_a_clock_that_was_set_forward(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, passed: float, boot: str, believed: int
) -> None:
    """So long after the commit by the clock that nobody sets: of the same start of the PC, or since another."""
    now, boots = [0.0 if boot == "b" else 5000.0], ["a"]
    monkeypatch.setattr("backoffice.steady.steady", lambda: now[0])
    monkeypatch.setattr("backoffice.steady._boot", lambda: boots[0])
    desk.write(ROBOT.replace("not_before_seconds: 0", "not_before_seconds: 300"))
    item = desk.put()
    desk.browser.fails = {("click", "登録"): TROUBLE}
    desk.run()
    desk.browser.fails, desk.browser.shown = {}, {"ありません"}
    now[0] += passed
    boots[0] = boot
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    assert desk.run(run_id="run-2", clock=lambda: tomorrow).settled == believed
    assert desk.state(item) is (State.DONE if believed else State.IN_DOUBT)


@pytest.mark.parametrize("written", [False, True])
@pytest.mark.parametrize("to", [State.COMMITTING, State.RETRY, State.BUSINESS_FAILURE])
def test_a_database_that_is_restarted_ends_no_run(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, to: State, written: bool
) -> None:
    """Whether the move was written and only its answer lost, or it never came: it is made once."""
    move, away = Ledger.move, [OperationalError("UPDATE", {}, Exception("terminating connection"))]

    def moved(self: Ledger, item: WorkItem, towards: State, **told: Any) -> WorkItem:
        if towards is not to or not away:
            return move(self, item, towards, **told)
        if written:
            move(self, item, towards, **told)
        raise away.pop()

    monkeypatch.setattr(Ledger, "move", moved)
    item = desk.put()
    if to is State.RETRY:
        desk.browser.fails = {("click", "確認"): TROUBLE}
        monkeypatch.setattr(desk.browser, "renew", desk.browser.fails.clear)
    if to is State.BUSINESS_FAILURE:
        desk.browser.turns = {"確認": ["誤りがあります"]}
    desk.run()
    states = [event.to_state for event in desk.ledger.events(item.id)]
    assert (states.count(to), away) == (1, [])
    assert desk.state(item) is (to if to is State.BUSINESS_FAILURE else State.DONE)


def test_repeats_loops_and_skips_steps_as_written(desk: Desk) -> None:
    desk.write(
        """
robot: mihon
title: 見本
items: {process: mihon}
each:
  - set: {name: 科目, to: 市県民税、固定資産税}
  - check: {field: "${each}"}
    for_each: ${set.科目}
  - press: Tab
    when: {value: "${item.番号}", is: ["001", "002"]}
  - press: Enter
    when: {value: "${item.番号}", is_not: "001"}
  - press: Escape
    when: {value: "${item.ない | default: ''}", empty: false}
  - click: {button: 押す}
    retry: 2
"""
    )
    item = desk.put()
    failures = iter([GONE, StepFailed("robots.browser_gone", where="x")])

    class Stumbling(FakeBrowser):
        def click(self, spot: Any, timeout: float, *, wait: bool = True) -> None:
            error: HakadoriError | None = next(failures, None)
            if error is not None:
                raise error
            super().click(spot, timeout)

    desk.browser = Stumbling()
    assert desk.run().done == 1
    assert [step for step in desk.browser.done if step[0] != "screenshot"] == [
        ("check", "市県民税"), ("check", "固定資産税"), ("press", "Tab"), ("press", "Escape"), ("click", "押す"),
    ]  # fmt: skip
    assert desk.state(item) is State.DONE


def test_explains_a_robot_in_plain_sentences(desk: Desk) -> None:
    lines = explain(desk.robot, "ja").splitlines()
    assert lines[0] == "見本の登録(ロボット mihon 第 1 版、業務 mihon)"
    begin = lines.index("はじめに一度")
    assert lines[begin - 1 : begin + 3] == [
        "",
        "はじめに一度",
        "  1. 「〈town〉/login」 を開く",
        "  2. 入力欄「パスワード」に 秘密 mihon を入力する",
    ]
    assert "  4. 【取り消せない手順】ボタン「登録」を押す" in lines
    assert '  4. [cannot be undone] Press button "登録"' in explain(desk.robot, "en").splitlines()


WHOLE = """\
robot: meibo
title: 名簿の登録
items:
  from: excel
  file: ${folder.zeimu}/名簿.xlsx
  key: 番号
  process: meibo
  personal: [氏名]
lanes: 2
tries: {times: 2}
session_lost: {heading: ログイン}
setup:
  - call: {routine: hairu}
each:
  - fill: {field: 氏名, value: "${item.氏名}"}
  - click: {button: 登録}
    commit: true
  - expect: {text: 登録しました}
    confirm: true
"""


def test_tells_an_approver_what_it_needs_and_how_it_goes_on(tmp_path: Path) -> None:
    (tmp_path / "routines").mkdir()
    routine = "routine: hairu\ntitle: 入口\nsteps:\n  - open: ${target.town}/login\n"
    routine += "  - fill: {field: 暗証}\n    secret: ansho\n"
    (tmp_path / "routines" / "hairu.yaml").write_text(routine, encoding="utf-8")
    (tmp_path / "meibo.yaml").write_text(WHOLE, encoding="utf-8")
    robot = load_robot(tmp_path / "meibo.yaml")
    told = explain(robot, "ja")
    before, _, after = told.partition("はじめに一度")
    assert [line[4:] for line in before.splitlines() if line.startswith("  - ")] == [
        "Excel ファイル フォルダー〈zeimu〉/名簿.xlsx の行",
        "番号 が同じ記録は、二度処理しない",
        "個人情報として、記録に残さず、画面の写しでは塗りつぶす項目: 氏名",
        "ブラウザー(Edge、Chrome、Chromium のどれか)がある",
        "相手のシステム town につながる",
        "フォルダー zeimu が設定にある",
        "秘密 ansho が登録されている",
        "ブラウザーを 2 台並べ、それぞれがログインして記録を取り合う",
        "見出し「ログイン」が出たら、ログアウトされたとみて、ログインからやり直す",
        "登録の前にうまくいかなければ、1 件を 2 回まで試す",
        "登録を押した後に分からなくなった記録は、二度押さずに人の判断を待つ",
    ]
    assert after.endswith(
        "手順集 hairu(入口)\n  1. 「〈town〉/login」 を開く\n  2. 入力欄「暗証」に 秘密 ansho を入力する\n"
    )
    assert "2 browsers side by side" in explain(robot, "en")
