"""What a run leaves behind: a folder that people can read, that keeps no secret, and that never stops the work."""

from __future__ import annotations

import json
import os
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from backoffice.errors import HakadoriError
from backoffice.settings import EvidenceSettings, builtin_settings
from backoffice.work_items import State
from console.robot_show import show_run
from robots.drivers.fake_browser import FakeBrowser
from robots.errors import DialogUnexpected, TargetTrouble
from robots.ie_mode import ie_sites, refuse_ie_mode
from robots.traces import clean_trace
from robots.trail_keeping import keep_within
from robots.trail_page import moment_in_words, outcome_in_words, page_of
from robots.trail_reading import read_trail
from tests.unit.test_robots_runner import ROBOT, TURNS, Desk

SITES = """<site-list version="7"><site url="jumin.example.jp"><open-in>IE11</open-in></site>
<site url="zei.example.jp/old"><open-in>IE11</open-in></site><site url="new.example.jp"><open-in>MSEdge</open-in></site>
</site-list>"""


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def folder(desk: Desk, run_id: str = "run-1") -> Path:
    return desk.settings.folder("evidence") / run_id


def with_evidence(desk: Desk, **rules: object) -> None:
    evidence = EvidenceSettings.model_validate(rules)
    desk.settings = desk.settings.model_copy(update={"evidence": evidence})


def test_keeps_the_script_every_item_and_every_step(desk: Desk) -> None:
    desk.put(1)
    desk.put(2)
    desk.browser.reads = {"受付番号": "00000001"}
    desk.run()
    trail = read_trail(folder(desk))
    assert (trail.facts["robot"], trail.facts["script"]) == ("mihon", desk.robot.source.sha256)
    assert (folder(desk) / "script.yaml").read_text(encoding="utf-8") == ROBOT
    assert [(part.name, part.key, part.state) for part in trail.parts] == [
        ("setup", "", ""), ("1", "1", "done"), ("2", "2", "done"), ("teardown", "", ""),
    ]  # fmt: skip
    assert trail.parts[1].pictures == ("after-confirm.png", "before-commit.png")
    assert [step.action for step in trail.parts[1].steps] == [
        "fill",
        "click",
        "expect",
        "click",
        "expect",
        "read",
    ]


def test_the_page_of_a_run_asks_nobody_and_shows_no_personal_value(desk: Desk) -> None:
    desk.put()
    desk.browser.turns = {**TURNS, "確認": ["誤りがあります"]}
    desk.run()
    page = (folder(desk) / "index.html").read_text(encoding="utf-8")
    assert "見本　太郎" not in page and "内容の不備" in page and "failure.png" in page
    assert (
        "http://" not in page.replace("http://town", "") and "https://" not in page and "<script" not in page
    )
    assert "default-src &#x27;none&#x27;" in page


def test_the_page_quotes_what_a_target_says_and_never_runs_it(desk: Desk) -> None:
    desk.put()
    error = DialogUnexpected("robots.dialog_unexpected", where="alert", said="<script>alert(1)</script>")
    desk.browser.fails = {("fill", "氏名"): error}
    desk.run()
    assert "<script>" not in page_of(read_trail(folder(desk)))


def test_tells_the_time_of_the_office_and_outcomes_in_words() -> None:
    assert moment_in_words("2026-04-01T16:30:05.123+00:00") == "2026-04-02 01:30:05"
    outcomes = ("done", "skipped", "rehearsed", "robots.dialog_unexpected")
    told = ["できた", "条件に合わず省略", "試しでは行わない", "できなかった"]
    assert [outcome_in_words(one) for one in outcomes] == told


def test_a_killed_run_can_still_be_read(desk: Desk) -> None:
    desk.put()
    desk.run()
    steps = folder(desk) / "1" / "steps.jsonl"
    steps.write_text(steps.read_text(encoding="utf-8")[:-20], encoding="utf-8")
    (folder(desk) / "items.jsonl").unlink()
    part = next(part for part in read_trail(folder(desk)).parts if part.name == "1")
    assert (part.state, len(part.steps)) == ("", 5)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs the device that is always full")
def test_a_full_disk_loses_no_item_and_is_told_once(desk: Desk) -> None:
    items = [desk.put(number) for number in (1, 2)]
    for number in (1, 2):
        own = folder(desk) / str(number)
        own.mkdir(parents=True)
        for name in ("steps.jsonl", "before-commit.png", "after-confirm.png"):
            (own / name).symlink_to("/dev/full")
    counts = desk.run()
    assert [desk.state(item) for item in items] == [State.DONE, State.DONE]
    assert desk.browser.done.count(("click", "登録")) == 2
    [told] = counts.problems
    assert told.startswith("証跡を書けませんでした(") and "登録の結果には影響しません" in told


def test_a_folder_that_cannot_be_made_loses_no_item(desk: Desk) -> None:
    item = desk.put()
    desk.settings.folder("evidence")
    folder(desk).write_text("a file where the folder should be", encoding="utf-8")
    counts = desk.run()
    assert (desk.state(item), counts.done, len(counts.problems)) == (State.DONE, 1, 1)


@pytest.mark.parametrize(
    ("rule", "good", "bad"),
    [("always", 2, 1), ("failures", 0, 1), ("never", 0, 0)],
)
def test_keeps_as_many_pictures_as_the_settings_say(desk: Desk, rule: str, good: int, bad: int) -> None:
    with_evidence(desk, pictures=rule)
    desk.put(1)
    desk.run()
    assert len(list(folder(desk).rglob("*.png"))) == good
    desk.put(2)
    desk.browser.fails = {("fill", "氏名"): TargetTrouble("robots.target_trouble", where="town", status=500)}
    desk.run(run_id="run-2")
    pictures = {path.name for path in folder(desk, "run-2").rglob("failure*.png")}
    assert (len(pictures) > 0) == bool(bad)


def test_removes_old_runs_and_the_oldest_when_there_is_too_much(tmp_path: Path) -> None:
    rules = EvidenceSettings(days=10, megabytes=2)
    settings = builtin_settings(tmp_path).model_copy(update={"evidence": rules})
    now = datetime(2026, 4, 20, tzinfo=UTC)
    for name, days, megabytes in [
        ("old", 11, 0),
        ("big", 5, 1.5),
        ("small", 4, 1),
        ("busy", 0, 1),
        ("own", 0, 1),
    ]:
        run = settings.folder("evidence") / name
        run.mkdir()
        (run / "picture.png").write_bytes(b"x" * int(megabytes * 1024 * 1024))
        moment = (now - timedelta(days=days)).timestamp()
        os.utime(run, (moment, moment))
    assert keep_within(settings, "own", now) == ["old", "big", "small"]
    assert sorted(path.name for path in settings.folder("evidence").iterdir()) == ["busy", "own"]


def test_takes_cookies_bodies_and_personal_values_out_of_a_trace(tmp_path: Path) -> None:
    request = {
        "url": "http://town/menu?name=見本太郎",
        "headers": [{"name": "Cookie", "value": "S=1"}, {"name": "Accept", "value": "*/*"}],
        "cookies": [{"name": "S", "value": "1"}],
        "postData": {"text": "password=himitsu"},
    }
    raw, kept = tmp_path / "raw.zip", tmp_path / "trace.zip"
    with zipfile.ZipFile(raw, "w") as whole:
        whole.writestr("trace.network", json.dumps({"snapshot2": request}) + "\n")
        whole.writestr(
            "trace.trace", json.dumps({"method": "fill", "params": {"value": "見本　太郎"}}) + "\n"
        )
        whole.writestr("resources/page.html", "himitsu")
    clean_trace(raw, kept, ["見本太郎"])
    with zipfile.ZipFile(kept) as rest:
        told = {name: rest.read(name).decode() for name in rest.namelist()}
    assert json.loads(told["trace.network"]) == {
        "snapshot2": {"url": "http://town/menu", "headers": [{"name": "Accept", "value": "*/*"}]}
    }
    assert json.loads(told["trace.trace"]) == {"method": "fill", "params": {"value": "●●"}}
    assert (sorted(told), raw.exists()) == (["trace.network", "trace.trace"], False)


def test_renews_a_lost_session_and_repeats_the_item_at_once(desk: Desk) -> None:
    desk.write(ROBOT.replace("tries: {times: 2, wait_seconds: 0}", "tries: {times: 1, wait_seconds: 60}").replace(
        "setup:", "session_lost: {heading: ログイン}\nsetup:"))  # fmt: skip
    items = [desk.put(number) for number in range(60)]

    class Forgetful(FakeBrowser):
        def open_page(self) -> int:
            return sum(step[:2] == ("fill", "氏名") for step in self.done)

        def click(self, spot: object, timeout: float, *, wait: bool = True) -> None:
            super().click(spot, timeout, wait=wait)  # type: ignore[arg-type]
            if self.open_page() == 57 and self.starts == 1:
                self.shown = {"ログイン"}

    desk.browser = Forgetful(turns=TURNS)
    counts = desk.run()
    assert (counts.done, counts.problems, desk.browser.starts) == (60, (), 2)
    assert desk.browser.done.count(("click", "登録")) == 60
    trail = [event.to_state for event in desk.ledger.events(items[56].id)]
    assert trail == [
        State.NEW, State.IN_PROGRESS, State.RETRY, State.IN_PROGRESS, State.COMMITTING, State.DONE,
    ]  # fmt: skip


def test_leaves_an_item_in_doubt_when_the_session_is_lost_after_the_commit(desk: Desk) -> None:
    desk.write(ROBOT.replace("setup:", "session_lost: {heading: ログイン}\nsetup:"))
    item = desk.put()
    desk.browser.turns = {**TURNS, "登録": ["ログイン"]}
    desk.run()
    assert (desk.state(item), desk.browser.done.count(("click", "登録"))) == (State.IN_DOUBT, 1)


@pytest.mark.parametrize(
    ("url", "refused"),
    [
        ("https://jumin.example.jp/menu", True),
        ("https://zei.example.jp/old/menu", True),
        ("https://zei.example.jp/older", False),
        ("https://new.example.jp/", False),
        ("http://127.0.0.1:8750", False),
    ],
)
def test_refuses_a_target_that_opens_in_ie_mode(url: str, refused: bool) -> None:
    told = ""
    try:
        refuse_ie_mode({"town": url}, None, SITES)
    except HakadoriError as error:
        told = error.explain("ja").splitlines()[0]
    assert told == ("town: 相手のシステム「town」は Edge の IE モードで開かれます" if refused else "")


def test_refuses_internet_explorer_itself_and_survives_a_broken_list() -> None:
    with pytest.raises(HakadoriError, match="Internet Explorer は操作できません"):
        refuse_ie_mode({}, Path("C:/Program Files/Internet Explorer/iexplore.exe"), None)
    assert ie_sites("<site-list><site") == frozenset()


def test_a_run_without_records_says_so_and_names_the_runs_before_it(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.put()
    desk.run(run_id="0123456789abcdef")
    desk.run(run_id="run-2")
    show_run(read_trail(desk.settings.folder("evidence") / "run-2"))
    told = capsys.readouterr().out
    assert "この実行で処理した記録はありません" in told and "実行の名前 で見られます: 0123456789ab\n" in told
